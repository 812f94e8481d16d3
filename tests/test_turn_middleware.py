"""The turn and its middleware: in which order it wraps, what it may do, and who answers for what it raises."""

import asyncio

from botkit.bot import Bot
from botkit.chat import Chat
from botkit.replies import Limits, Reply, Text
from botkit.turn import run_turn
from botkit.work import Outcome, Work
from turns import REJECTED, SORRY, Outbox, Proceed, bot_with, error_of, line_of, turn, work

HERE = "tests/test_turn_middleware.py"


async def raising(chat: Chat) -> str:
    await chat.send("One moment.")
    chat.session["visits"] = 2
    raise ValueError("Anna's secret")


async def hello(chat: Chat) -> str:
    return "Hello!"


async def answers(bot: Bot, given: Work, **resources: object) -> list[str]:
    """The texts that leave at the end of the turn, which must not fail."""
    outcome = await run_turn(bot, given, Outbox(), limits=Limits(), resources=resources)
    assert outcome.failure is None
    return [one.reply.text for one in outcome.deliveries if isinstance(one.reply, Text)]


async def test_middleware_wraps_the_handler_from_the_outside_in() -> None:
    """The first registered is the outermost, and what it returns is what leaves."""
    bot, seen = bot_with(hello), []

    @bot.middleware
    async def outer(chat: Chat, proceed: Proceed) -> list[str | Reply]:
        seen.append("outer in")
        replies = await proceed()
        seen.append(f"outer out {[type(reply).__name__ for reply in replies]}")
        return ["First:", *replies]

    @bot.middleware
    async def inner(chat: Chat, proceed: Proceed) -> tuple[Reply, ...]:
        seen.append(f"inner in {chat.match and chat.match.intent.name}")
        return await proceed()

    assert await answers(bot, work()) == ["First:", "Hello!"]
    assert seen == ["outer in", "inner in go", "outer out ['Text']"]


async def test_middleware_may_answer_by_itself() -> None:
    """Where it does not proceed, the handler does not run."""
    bot = bot_with(hello)

    @bot.middleware
    async def closed(chat: Chat, proceed: Proceed) -> str:
        return "We are on holiday."

    assert await answers(bot, work()) == ["We are on holiday."]


async def test_middleware_that_returns_nothing_silences() -> None:
    """What it returns replaces the replies, also by none."""
    bot = bot_with(hello)

    @bot.middleware
    async def silent(chat: Chat, proceed: Proceed) -> None:
        await proceed()

    assert await answers(bot, work()) == []


async def test_middleware_may_catch_what_a_handler_raises() -> None:
    """An error that a middleware answers is no failure."""
    bot = bot_with(raising)

    @bot.middleware
    async def catching(chat: Chat, proceed: Proceed) -> object:
        try:
            return await proceed()
        except ValueError:
            return "That is sold out."

    assert await answers(bot, work()) == ["That is sold out."]


async def test_middleware_sees_events_that_nobody_answers() -> None:
    """It wraps every turn, once."""
    bot, seen = Bot(), []

    @bot.middleware
    async def counted(chat: Chat, proceed: Proceed) -> tuple[Reply, ...]:
        seen.append(await proceed())
        return seen[0]

    assert await turn(bot, work(REJECTED)) == Outcome(choices=None)
    assert seen == [()]


async def test_middleware_gets_resources() -> None:
    """It names them like a handler."""
    bot = bot_with(hello)

    @bot.resource
    async def database() -> str:
        return "opened"

    @bot.middleware
    async def stored(chat: Chat, proceed: Proceed, database: str) -> str:
        return database

    assert await answers(bot, work(), database="given") == ["given"]


async def test_a_middleware_that_raises_fails_the_turn() -> None:
    """The failure names the middleware, and what the handler returned does not leave."""
    bot = bot_with(hello)

    @bot.middleware
    async def broken(chat: Chat, proceed: Proceed) -> object:
        await proceed()
        raise LookupError("Anna's secret")

    outcome = await turn(bot)

    assert error_of(outcome) == f"middleware 'broken' raised LookupError at {HERE}:{line_of(broken, 3)}"
    assert outcome.deliveries == SORRY


async def test_what_passes_through_a_middleware_is_the_handlers() -> None:
    """The failure names who raised, and not who let it pass."""
    bot = bot_with(raising)

    @bot.middleware
    async def passing(chat: Chat, proceed: Proceed) -> object:
        try:
            return await proceed()
        finally:
            chat.session["seen"] = True

    assert error_of(await turn(bot)) == f"handler 'go' raised ValueError at {HERE}:{line_of(raising, 3)}"


async def test_what_a_middleware_makes_of_an_error_is_its_own() -> None:
    """An error raised from another names the middleware, and the detail has both."""
    bot = bot_with(raising)

    @bot.middleware
    async def translating(chat: Chat, proceed: Proceed) -> object:
        try:
            return await proceed()
        except ValueError as error:
            raise LookupError("in other words") from error

    outcome = await turn(bot)

    assert error_of(outcome) == f"middleware 'translating' raised LookupError at {HERE}:{line_of(translating, 5)}"
    assert outcome.failure is not None
    assert "Anna's secret" in outcome.failure.detail


async def test_a_middleware_may_proceed_once() -> None:
    """A handler runs once for an event, and the failure names the middleware."""
    bot = bot_with(hello)

    @bot.middleware
    async def twice(chat: Chat, proceed: Proceed) -> object:
        return [*await proceed(), *await proceed()]

    assert error_of(await turn(bot)) == (
        f"middleware 'twice' raised HandlerError at {HERE}:{line_of(twice, 2)}: "
        "proceed() was called twice, and a handler runs once for an event"
    )


async def test_a_middleware_that_returns_no_replies_fails_the_turn() -> None:
    """What it returns is read like a handler's."""
    bot = bot_with(hello)

    @bot.middleware
    async def counting(chat: Chat, proceed: Proceed) -> int:
        return len(await proceed())

    assert error_of(await turn(bot)).startswith(f"middleware 'counting' at {HERE}:")


async def test_a_middleware_that_fails_heeds_the_handlers_retries() -> None:
    """How often an event may be run again is the handler's to say."""
    bot = bot_with(hello, retries=1)

    @bot.middleware
    async def broken(chat: Chat, proceed: Proceed) -> object:
        raise LookupError("gone")

    outcome = await turn(bot)

    assert outcome.failure is not None
    assert outcome.failure.retry_at is not None


async def test_the_deadline_is_the_whole_turns() -> None:
    """A middleware that hangs is stopped and named."""
    bot = bot_with(hello, handler_timeout_seconds=0.01)

    @bot.middleware
    async def hanging(chat: Chat, proceed: Proceed) -> None:
        await proceed()
        await asyncio.Event().wait()

    assert error_of(await turn(bot)).startswith(f"middleware 'hanging' at {HERE}:")
