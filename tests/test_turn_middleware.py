"""The turn and its middleware: in which order it wraps, what it may do, and who answers for what it raises."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

from botkit.bot import ERROR_REPLY, Bot
from botkit.chat import Chat
from botkit.events import Address, Event, Message, Status
from botkit.replies import Limits, Reply, Text
from botkit.turn import run_turn
from botkit.work import Outcome, Queued, Work, delivery_id

NOON = datetime(2031, 5, 6, 12, 0, tzinfo=UTC)
ANNA = Address("messenger", "page-1", "anna")
HELLO = Message(id="m-1", address=ANNA, kind="text", text="go")
HERE = "tests/test_turn_middleware.py"

Proceed = Callable[[], Awaitable[tuple[Reply, ...]]]


class Outbox:
    """Keeps what a turn commits on its way, or refuses it."""

    def __init__(self, refusal: BaseException | None = None) -> None:
        self.kept: list[Queued] = []
        self.refusal = refusal

    async def __call__(self, deliveries: tuple[Queued, ...]) -> None:
        if self.refusal is not None:
            raise self.refusal
        self.kept += deliveries


def work(event: Event = HELLO, *, failures: int = 0, accepted_ago: timedelta = timedelta(seconds=1)) -> Work:
    return Work(
        address=ANNA,
        event=event,
        sequence=1,
        epoch=1,
        now=NOON,
        accepted_at=NOON - accepted_ago,
        failures=failures,
        session={"visits": 1},
        session_at=NOON,
    )


def bot_with(handler: Callable[..., object], retries: int = 0, **options: float) -> Bot:
    bot = Bot("shop", **options)  # type: ignore[arg-type]  # a setting of the one test
    bot.intent("go", name="go", retries=retries)(handler)
    return bot


async def turn(bot: Bot, given: Work | None = None, outbox: Outbox | None = None) -> Outcome:
    return await run_turn(bot, given or work(), outbox or Outbox(), limits=Limits())


def error_of(outcome: Outcome) -> str:
    assert outcome.failure is not None
    return outcome.failure.error


def queued(text: str, ordinal: str) -> Queued:
    return Queued(delivery_id(ANNA, "m-1", ordinal, 0), Text(text))


SORRY = (queued(ERROR_REPLY, "error.0"),)


def line_of(function: Callable[..., object], offset: int) -> int:
    return function.__code__.co_firstlineno + offset


REJECTED = Status(message_id="m-9", address=ANNA, state="rejected")


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
