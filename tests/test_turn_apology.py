"""The turn that has failed: what the error handler and the middleware make of it, and what the user hears."""

import asyncio
from collections.abc import AsyncIterator, Callable

import pytest

from botkit.bot import Bot
from botkit.chat import Chat
from botkit.errors import HandlerError, HandlerTimeout, LeaseLost
from botkit.replies import Choice, Limits, Text
from botkit.turn import run_turn
from turns import REJECTED, SORRY, Outbox, bot_with, error_of, line_of, queued, turn, work

HERE = "tests/test_turn_apology.py"


async def raising(chat: Chat) -> str:
    await chat.send("One moment.")
    chat.session["visits"] = 2
    raise ValueError("Anna's secret")


# The error handler


async def test_the_error_handler_answers_in_place_of_the_error_reply() -> None:
    """It gets the chat and what was raised, and what it returns leaves with the failure."""
    bot, outbox = bot_with(raising), Outbox()

    @bot.error
    def oops(chat: Chat, error: BaseException) -> Text:
        return Text(f"{type(error).__name__}: {error}", choices=["Again"])

    outcome = await turn(bot, outbox=outbox)

    assert outbox.kept == [queued("One moment.", "send.0")]
    assert outcome.deliveries == (queued("ValueError: Anna's secret\n1. Again", "error.0"),)
    assert outcome.choices == (Choice("Again"),)
    assert error_of(outcome) == f"handler 'go' raised ValueError at {HERE}:{line_of(raising, 3)}"


async def test_the_error_handler_sees_the_session_as_it_was() -> None:
    """What the failed handler wrote is gone, and what the error handler writes is not kept."""
    bot = bot_with(raising)

    @bot.error
    async def oops(chat: Chat, error: BaseException) -> str:
        seen = dict(chat.session)
        chat.session["visits"] = 3
        return str(seen)

    outcome = await turn(bot)

    assert (outcome.deliveries, outcome.session) == ((queued("{'visits': 1}", "error.0"),), None)


async def test_what_the_error_handler_sends_has_ids_of_its_own() -> None:
    """When the event is replayed, and the handler comes further, its sends are not taken for the apology."""
    bot, outbox = bot_with(raising), Outbox()

    @bot.error
    async def oops(chat: Chat, error: BaseException) -> AsyncIterator[str]:
        yield "Oh dear."

    outcome = await turn(bot, outbox=outbox)

    assert outbox.kept == [queued("One moment.", "send.0"), queued("Oh dear.", "error.0")]
    assert outcome.deliveries == ()


async def test_an_error_handler_that_returns_nothing_leaves_the_error_reply() -> None:
    """It may be there to tell somebody else."""
    bot, told = bot_with(raising), []

    @bot.error
    async def tell(chat: Chat, error: BaseException) -> None:
        told.append(error)

    outcome = await turn(bot)

    assert [str(error) for error in told] == ["Anna's secret"]
    assert outcome.deliveries == SORRY


async def test_an_error_handler_may_be_silent() -> None:
    """An empty list is no reply, on purpose."""
    bot = bot_with(raising)

    @bot.error
    async def hush(chat: Chat, error: BaseException) -> list[str]:
        return []

    assert (await turn(bot)).deliveries == ()


async def test_the_error_handler_gets_resources() -> None:
    """It names them like a handler."""
    bot = bot_with(raising)

    @bot.resource
    async def database() -> str:
        return "opened"

    @bot.error
    async def oops(chat: Chat, error: BaseException, database: str) -> str:
        return database

    outcome = await run_turn(bot, work(), Outbox(), limits=Limits(), resources={"database": "given"})

    assert outcome.deliveries == (queued("given", "error.0"),)


def wrong(chat: Chat, error: BaseException) -> str:
    raise LookupError("Anna's second secret")


async def wrong_reply(chat: Chat, error: BaseException) -> int:
    return 7


async def wrong_choice(chat: Chat, error: BaseException) -> Text:
    return Text("Well?", choices=[Choice("Go on", intent="nowhere")])


async def too_long(chat: Chat, error: BaseException) -> None:
    await asyncio.Event().wait()


@pytest.mark.parametrize(
    ("handler", "timeout_seconds", "complaint"),
    [
        (wrong, 60, f"; then the error handler 'wrong' raised LookupError at {HERE}:{line_of(wrong, 1)}"),
        (wrong_reply, 60, ": returned what is no reply: it is int, not None, a str, a Reply, or an iterable of those"),
        (wrong_choice, 60, ": offers a choice for the intent 'nowhere', which bot 'shop' does not have"),
        (too_long, 0.01, ": took longer than 0.01 s"),
    ],
)
async def test_an_error_handler_that_fails_leaves_the_error_reply(
    handler: Callable[..., object], timeout_seconds: float, complaint: str
) -> None:
    """The user is told all the same, and the failure names both."""
    bot = bot_with(raising, handler_timeout_seconds=timeout_seconds)
    bot.error(handler)

    outcome = await turn(bot)

    assert outcome.deliveries == SORRY
    assert error_of(outcome).startswith("handler 'go' raised ValueError at ")
    assert f"; then the error handler {handler.__name__!r} " in error_of(outcome)
    assert error_of(outcome).endswith(complaint)


async def test_a_lost_lease_in_the_error_handler_passes() -> None:
    """The turn is somebody else's now."""
    bot = bot_with(returning)
    lost = LeaseLost("taken over")

    @bot.error
    async def oops(chat: Chat, error: BaseException) -> None:
        await chat.send("Oh dear.")

    with pytest.raises(LeaseLost) as caught:
        await turn(bot, outbox=Outbox(lost))
    assert caught.value is lost


async def returning(chat: Chat) -> int:
    return 7


async def test_no_error_handler_is_called_while_the_event_will_be_run_again() -> None:
    """The user hears of it only when the event is set aside."""
    bot, told = bot_with(raising, retries=1), []

    @bot.error
    async def tell(chat: Chat, error: BaseException) -> None:
        told.append(error)

    await turn(bot)

    assert told == []


@pytest.mark.parametrize(
    ("handler", "kind"),
    [(returning, HandlerError), (lambda chat: asyncio.Event().wait(), HandlerTimeout)],
)
async def test_the_error_handler_can_tell_what_went_wrong(handler: Callable[..., object], kind: type) -> None:
    """A wrong reply and a missed deadline have types of their own."""
    bot, told = bot_with(handler, handler_timeout_seconds=0.05), []

    @bot.error
    async def tell(chat: Chat, error: BaseException) -> None:
        told.append(type(error))

    await turn(bot)

    assert told == [kind]


# Statuses


async def test_the_user_hears_nothing_of_a_status_handler_that_fails() -> None:
    """Whoever did nothing is told nothing, and a rejected apology does not bring on the next one."""
    bot = Bot()
    bot.on_status("rejected")(failing)

    outcome = await turn(bot, work(REJECTED))

    assert (outcome.deliveries, outcome.choices) == ((), None)
    assert error_of(outcome) == f"handler 'failing' raised LookupError at {HERE}:{line_of(failing, 1)}"


async def failing(chat: Chat) -> None:
    raise LookupError("Anna's secret")


async def test_the_error_handler_may_answer_for_a_status() -> None:
    """It is the bot's author who decides then."""
    bot = Bot()
    bot.on_status("rejected")(failing)

    @bot.error
    async def oops(chat: Chat, error: BaseException) -> str:
        return f"{chat.status and chat.status.state}"

    outcome = await turn(bot, work(REJECTED))

    assert [one.reply for one in outcome.deliveries] == [Text("rejected")]
