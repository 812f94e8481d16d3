"""The turn when something goes wrong: what is kept, what the error says, and what passes."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import datetime

import pytest

from botkit.bot import Bot
from botkit.chat import Chat
from botkit.errors import SessionError
from botkit.replies import Choice, Limits, Text
from botkit.turn import run_turn
from turns import NOON, SORRY, Outbox, bot_with, error_of, line_of, queued, turn, work

HERE = "tests/test_turn_failures.py"


# Handlers that raise


async def raising(chat: Chat) -> str:
    chat.session["visits"] = 2
    raise ValueError("Anna's secret")


def raising_sync(chat: Chat) -> str:
    chat.session["visits"] = 2
    raise ValueError("Anna's secret")


def raising_generator(chat: Chat) -> Iterator[str]:
    yield "never seen"
    raise ValueError("Anna's secret")


async def raising_stream(chat: Chat) -> AsyncIterator[str]:
    chat.session["visits"] = 2
    raise ValueError("Anna's secret")
    yield "never seen"


@pytest.mark.parametrize("handler", [raising, raising_sync, raising_generator, raising_stream])
async def test_a_handler_that_raises_changes_nothing_and_the_user_is_told(handler: Callable[..., object]) -> None:
    """The session stays, nothing it returned leaves, the event is set aside, and the error reply is sent with it."""
    outcome = await turn(bot_with(handler))

    assert (outcome.session, outcome.deliveries, outcome.choices, outcome.intent) == (None, SORRY, (), "go")
    assert outcome.failure is not None
    assert outcome.failure.retry_at is None
    assert outcome.failure.error == f"handler 'go' raised ValueError at {HERE}:{line_of(handler, 2)}"


async def test_the_words_of_the_exception_stay_in_the_detail() -> None:
    """They may be a user's, and the error is logged; the traceback is kept for the developer."""
    outcome = await turn(bot_with(raising))

    assert "secret" not in error_of(outcome)
    assert "secret" not in repr(outcome)
    assert outcome.failure is not None
    assert outcome.failure.detail.endswith("ValueError: Anna's secret\n")
    assert "in raising" in outcome.failure.detail


async def test_what_was_sent_before_stays_sent() -> None:
    """chat.send and yield leave at once, whatever happens afterwards."""
    outbox = Outbox()

    async def half(chat: Chat) -> AsyncIterator[str]:
        yield "One moment."
        raise LookupError("gone")

    outcome = await turn(bot_with(half), outbox=outbox)

    assert outbox.kept == [queued("One moment.", "send.0")]
    assert outcome.deliveries == SORRY


async def test_the_bots_own_error_reply_is_sent() -> None:
    """error_reply is what the user gets."""
    bot = bot_with(raising, error_reply="Oh dear.")  # type: ignore[arg-type]  # a text among the numbers

    assert (await turn(bot)).deliveries == (queued("Oh dear.", "error.0"),)


async def test_the_failing_line_is_the_bots_own() -> None:
    """What a library raises is placed where the bot called it."""

    async def parse(chat: Chat) -> str:
        return str(datetime.fromisoformat("half past ten")) + str(asyncio.Queue(maxsize="x"))  # type: ignore[arg-type]

    assert error_of(await turn(bot_with(parse))) == f"handler 'go' raised ValueError at {HERE}:{line_of(parse, 1)}"


async def test_a_handler_without_source_is_named_by_its_declaration() -> None:
    """What is built in has no line of its own."""
    bot = Bot()
    bot.intent("go", name="go")(int.__call__)

    assert error_of(await turn(bot)) == "handler 'go' raised TypeError"


async def test_what_is_no_reply_fails_the_turn() -> None:
    """The error names the handler, and what came."""
    outcome = await turn(bot_with(returning_a_dict))

    assert error_of(outcome) == (
        f"handler 'go' at {HERE}:{line_of(returning_a_dict, 0)}: returned what is no reply: "
        "it is dict, not None, a str, a Reply, or an iterable of those"
    )
    assert outcome.deliveries == SORRY


async def returning_a_dict(chat: Chat) -> dict[str, str]:
    return {"text": "Anna's secret"}


async def test_what_is_no_reply_cannot_be_sent() -> None:
    """chat.send says so where it is called."""

    async def send(chat: Chat) -> None:
        await chat.send(7)  # type: ignore[arg-type]  # the mistake under test

    assert error_of(await turn(bot_with(send))) == (
        f"handler 'go' raised HandlerError at {HERE}:{line_of(send, 1)}: chat.send was given what is no reply: "
        "it is int, not None, a str, a Reply, or an iterable of those"
    )


async def test_a_session_error_names_line_and_key() -> None:
    """What JSON cannot hold is refused where it is set."""

    async def spoil(chat: Chat) -> None:
        chat.session["at"] = NOON

    assert error_of(await turn(bot_with(spoil))).startswith(
        f"handler 'go' raised SessionError at {HERE}:{line_of(spoil, 1)}: session['at'] is of type datetime"
    )


async def test_a_session_error_may_be_caught() -> None:
    """It is an ordinary exception to the handler."""

    async def careful(chat: Chat) -> str:
        try:
            chat.session["at"] = NOON
        except SessionError:
            return "No."
        return "Yes."

    assert (await turn(bot_with(careful))).deliveries == (queued("No.", "return.0"),)


# Choices that nobody can take


def offering(intent: str) -> Callable[..., object]:
    async def offer(chat: Chat) -> Text:
        return Text("What next?", choices=[Choice("That", intent=intent), "Nothing"])

    return offer


async def test_a_choice_for_an_unknown_intent_fails_the_turn() -> None:
    """The error names the intent and a likely one."""
    assert error_of(await turn(bot_with(offering("goo")))).endswith(
        ": offers a choice for the intent 'goo', which bot 'shop' does not have; did you mean 'go'?"
    )


async def test_a_choice_for_an_intent_that_needs_a_slot_fails_the_turn() -> None:
    """A choice brings no slots, and the error names the one that would be missing."""
    bot = bot_with(offering("track"))

    @bot.intent("track {number:int}")
    async def track(chat: Chat, number: int) -> None: ...

    assert error_of(await turn(bot)).endswith("which needs 'number', and a choice fills no slot")


async def test_a_choice_for_an_intent_that_needs_only_resources_is_fine() -> None:
    """Resources are there for every turn."""
    bot = bot_with(offering("stored"))

    @bot.resource
    async def database() -> str:
        return "opened"

    @bot.intent("stored")
    async def stored(chat: Chat, database: str) -> None: ...

    assert (await turn(bot)).failure is None


async def test_an_impossible_choice_is_not_sent_either() -> None:
    """It is refused before it leaves."""
    outbox = Outbox()

    async def send(chat: Chat) -> None:
        await chat.send(Text("What next?", choices=[Choice("That", intent="nothing")]))

    assert "offers a choice for the intent 'nothing'" in error_of(await turn(bot_with(send), outbox=outbox))
    assert outbox.kept == []


# What passes, and what does not end the process


async def hanging(chat: Chat) -> str:
    await asyncio.Event().wait()
    return "never"


async def test_cancelling_a_turn_cancels_it() -> None:
    """A turn whose lease is lost is given up without an outcome."""
    started = asyncio.Event()

    async def wait(chat: Chat) -> str:
        started.set()
        return await hanging(chat)

    running = asyncio.create_task(turn(bot_with(wait)))
    await started.wait()
    running.cancel()

    with pytest.raises(asyncio.CancelledError):
        await running


async def test_a_cancelled_task_of_the_handlers_own_is_an_error_like_any() -> None:
    """Nobody cancelled the turn, so that it has an outcome."""

    async def impatient(chat: Chat) -> str:
        own = asyncio.create_task(hanging(chat))
        own.cancel()
        return await own

    assert error_of(await turn(bot_with(impatient))).startswith(f"handler 'go' raised CancelledError at {HERE}:")


@pytest.mark.parametrize("sync", [True, False])
async def test_a_handler_cannot_end_the_process(sync: bool) -> None:
    """sys.exit in a handler, or in a library it calls, is an error like any."""

    def leave(chat: Chat) -> str:
        raise SystemExit(3)

    async def leave_too(chat: Chat) -> str:
        raise SystemExit(3)

    outcome = await turn(bot_with(leave if sync else leave_too))

    assert error_of(outcome).startswith(f"handler 'go' raised SystemExit at {HERE}:")
    assert outcome.deliveries == SORRY


async def test_the_operators_interrupt_passes() -> None:
    """Ctrl-C is for the process and not for the handler that happens to run."""

    async def interrupted(chat: Chat) -> str:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        await turn(bot_with(interrupted))


async def test_a_fault_of_the_observer_is_not_the_handlers() -> None:
    """What is no fault of the bot's author passes to whoever runs the turn."""

    async def hello(chat: Chat) -> str:
        return "Hello!"

    def broken(happening: object) -> None:
        raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        await run_turn(bot_with(hello), work(), Outbox(), limits=Limits(), observer=broken)


# Sending without await


def sending_sync(chat: Chat) -> str:
    chat.send("One moment.")  # type: ignore[unused-coroutine]  # that is the mistake
    return "Done."


async def sending_unawaited(chat: Chat) -> str:
    chat.send("One moment.")  # type: ignore[unused-coroutine]  # that is the mistake
    return "Done."


@pytest.mark.parametrize("handler", [sending_sync, sending_unawaited])
async def test_a_send_that_nobody_awaits_fails_its_handler(handler: Callable[..., object]) -> None:
    """Nothing was sent, and but for this nobody would know."""
    outbox = Outbox()
    outcome = await turn(bot_with(handler), outbox=outbox)

    assert (outbox.kept, outcome.deliveries) == ([], SORRY)
    assert error_of(outcome) == (
        f"handler 'go' at {HERE}:{line_of(handler, 0)}: called chat.send without await, so that nothing was sent: await"
        " it, with async def"
    )


async def test_a_send_that_is_awaited_later_is_as_good() -> None:
    """Two may be on their way at once."""

    async def both(chat: Chat) -> None:
        await asyncio.gather(chat.send("one"), chat.send("two"))

    outcome = await turn(bot_with(both))

    assert outcome.failure is None


async def test_a_middleware_that_does_not_await_is_named() -> None:
    """It has the same chat as the handler."""
    bot = bot_with(lambda chat: "Done.")

    @bot.middleware
    async def careless(chat: Chat, proceed: Callable[[], object]) -> object:
        chat.send("One moment.")  # type: ignore[unused-coroutine]  # that is the mistake
        return ()

    assert error_of(await turn(bot)).startswith("middleware 'careless' at")
