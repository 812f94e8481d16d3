"""The turn and time: when an event is run again, and how long a handler may take."""

import asyncio
import threading
from collections.abc import Callable
from datetime import timedelta

import pytest

from botkit.chat import Chat
from botkit.errors import RetryLater
from botkit.events import Message
from botkit.replies import Choice, Text
from botkit.work import Queued, Work
from turns import ANNA, NOON, SORRY, Outbox, bot_with, error_of, line_of, queued, turn, work

HERE = "tests/test_turn_retries.py"


async def raising(chat: Chat) -> str:
    chat.session["visits"] = 2
    raise ValueError("Anna's secret")


# Running again


def later(seconds: float) -> Callable[..., object]:
    async def wait(chat: Chat) -> str:
        await chat.send(Text("One moment.", choices=["Hurry"]))
        chat.session["visits"] = 2
        raise RetryLater(seconds)

    return wait


async def test_retry_later_runs_the_event_again() -> None:
    """Nothing is kept but what was sent, and the user is told nothing of it."""
    outcome = await turn(bot_with(later(90)))

    assert outcome.failure is not None
    assert outcome.failure.retry_at == NOON + timedelta(seconds=90)
    assert outcome.failure.error.endswith("asks to run this event later")
    assert (outcome.deliveries, outcome.session, outcome.choices) == ((), None, None)


@pytest.mark.parametrize(
    ("accepted_ago", "again"),
    [(timedelta(hours=24), True), (timedelta(hours=24, seconds=1), False)],
)
async def test_retry_later_is_heeded_for_a_day(accepted_ago: timedelta, again: bool) -> None:
    """After 24 hours the event is set aside like any that failed."""
    outcome = await turn(bot_with(later(90)), work(accepted_ago=accepted_ago))

    assert outcome.failure is not None
    assert (outcome.failure.retry_at is not None) == again
    assert outcome.deliveries == (() if again else SORRY)
    assert ("more than 24 hours ago" in outcome.failure.error) != again


@pytest.mark.parametrize(
    ("failures", "wait_seconds"),
    [(0, 1), (1, 2), (2, 4), (5, 32), (6, 60), (7, 60), (8, None)],
)
async def test_retries_run_the_event_again_ever_later(failures: int, wait_seconds: int | None) -> None:
    """The waits double up to a minute, and after the last retry the event is set aside."""
    outcome = await turn(bot_with(raising, retries=8), work(failures=failures))

    assert outcome.failure is not None
    assert outcome.failure.retry_at == (None if wait_seconds is None else NOON + timedelta(seconds=wait_seconds))
    assert outcome.deliveries == (SORRY if wait_seconds is None else ())


async def test_retries_of_an_intent_hold_for_its_choice_too() -> None:
    """However the intent was reached, its handler is run again."""
    menu = Work(
        address=ANNA,
        event=Message(id="m-1", address=ANNA, kind="text", text="1"),
        sequence=1,
        epoch=1,
        now=NOON,
        accepted_at=NOON,
        choices=(Choice("Go", intent="go"),),
    )

    outcome = await turn(bot_with(raising, retries=1), menu)

    assert outcome.failure is not None
    assert outcome.failure.retry_at == NOON + timedelta(seconds=1)


# Deadlines


async def hanging(chat: Chat) -> str:
    await asyncio.Event().wait()
    return "never"


async def test_a_handler_that_takes_too_long_fails_the_turn() -> None:
    """It is stopped, and the error names it and the deadline."""
    outcome = await turn(bot_with(hanging, handler_timeout_seconds=0.01))

    assert error_of(outcome) == f"handler 'go' at {HERE}:{line_of(hanging, 0)}: took longer than 0.01 s"
    assert outcome.deliveries == SORRY


async def test_a_thread_that_takes_too_long_fails_the_turn() -> None:
    """The turn ends although the thread cannot be stopped, and what it does afterwards is not kept."""
    go, gone = threading.Event(), threading.Event()

    def block(chat: Chat) -> str:
        go.wait(timeout=20)
        chat.session["visits"] = 99
        gone.set()
        return "too late"

    outcome = await turn(bot_with(block, handler_timeout_seconds=0.01))
    go.set()

    assert error_of(outcome).endswith(": took longer than 0.01 s")
    assert (outcome.session, outcome.deliveries) == (None, SORRY)
    assert gone.wait(timeout=20)


async def test_a_handler_that_does_not_let_itself_be_stopped_has_failed_all_the_same() -> None:
    """Swallowing the cancellation does not beat the deadline."""

    async def stubborn(chat: Chat) -> str:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            return "still here"
        return "never"

    outcome = await turn(bot_with(stubborn, handler_timeout_seconds=0.01))

    assert error_of(outcome).endswith(": took longer than 0.01 s, and did not let itself be stopped")


async def test_a_deadline_of_the_handlers_own_is_an_error_like_any() -> None:
    """The TimeoutError of a library is not the bot's deadline."""

    async def impatient(chat: Chat) -> str:
        async with asyncio.timeout(0):
            await asyncio.Event().wait()
        return "never"

    assert error_of(await turn(bot_with(impatient))).startswith(f"handler 'go' raised TimeoutError at {HERE}:")


async def test_a_missed_deadline_may_be_retried() -> None:
    """It counts as raising."""
    outcome = await turn(bot_with(hanging, retries=1, handler_timeout_seconds=0.01))

    assert outcome.failure is not None
    assert outcome.failure.retry_at == NOON + timedelta(seconds=1)


async def test_waiting_for_the_store_is_no_time_of_the_handlers() -> None:
    """A store that stumbles for longer than the deadline neither fails the handler nor ends the deadline."""
    pause_seconds = 0.4

    class Slow(Outbox):
        async def __call__(self, deliveries: tuple[Queued, ...], flow: str | None) -> None:
            done = asyncio.Event()
            asyncio.get_running_loop().call_later(pause_seconds, done.set)
            await done.wait()
            await super().__call__(deliveries, flow)

    async def talk(chat: Chat) -> str:
        await asyncio.gather(chat.send("one"), chat.send("two"))
        return "three"

    async def talk_and_hang(chat: Chat) -> str:
        await talk(chat)
        return await hanging(chat)

    outbox = Slow()
    patient = await turn(bot_with(talk, handler_timeout_seconds=pause_seconds / 2), outbox=outbox)
    hung = await turn(bot_with(talk_and_hang, handler_timeout_seconds=pause_seconds / 2), outbox=Slow())

    assert outbox.kept == [queued("one", "send.0"), queued("two", "send.1")]
    assert patient.deliveries == (queued("three", "return.0"),)
    assert error_of(hung).endswith(f": took longer than {pause_seconds / 2:g} s")
