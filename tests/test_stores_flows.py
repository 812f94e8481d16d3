"""Every engine keeps where a conversation's flow stands, and wakes it when its time has come."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from botkit.errors import LeaseLost
from botkit.events import Address, Message, Signal, WakeUp
from botkit.replies import Text
from botkit.stores import Engine, open_store
from botkit.testing import FakeClock
from botkit.work import Failure, Outcome, Queued, Work

ANN = Address("messenger", "1070", "ann")
HOUR = timedelta(hours=1)


@pytest.fixture
def clock() -> FakeClock:
    """A clock set by hand."""
    return FakeClock()


@pytest.fixture(params=["file", "memory"])
async def store(request: pytest.FixtureRequest, tmp_path: Path, clock: FakeClock) -> AsyncIterator[Engine]:
    """An open, empty store of each engine."""
    url = str(tmp_path / "botkit.db") if request.param == "file" else ":memory:"
    engine = open_store(url, clock=clock)
    await engine.open()
    yield engine
    await engine.close()


async def claimed(store: Engine, number: int = 1) -> Work:
    """Accept a message and claim the one conversation that is ready."""
    await store.accept(Message(id=f"m{number}", address=ANN, kind="text", text="hello"))
    (work,) = await store.claim(10)
    return work


async def asking(store: Engine, clock: FakeClock, flow: str = "[1]") -> None:
    """Have a turn end at a question that times out in an hour."""
    await store.commit(await claimed(store), Outcome(flow=flow, wake_at=clock.now() + HOUR))


async def test_a_flow_comes_back_with_the_next_event(store: Engine, clock: FakeClock) -> None:
    """What a turn leaves of its flow is what the next one finds; one that says nothing of it changes nothing."""
    await asking(store, clock, '["\u2603"]')
    second = await claimed(store, 2)
    await store.commit(second, Outcome())
    third = await claimed(store, 3)
    await store.commit(third, Outcome(flow=""))

    assert [second.flow, third.flow, (await claimed(store, 4)).flow] == ['["\u2603"]', '["\u2603"]', ""]


async def test_a_signal_is_an_event_of_its_conversation_once(store: Engine) -> None:
    """It comes out as it went in, in the order of acceptance, and opens no window."""
    signal = Signal(id="signal:7", address=ANN, name="paid", data={"amount": [12, "\ud800"]})
    accepted = [await store.accept(signal), await store.accept(signal)]
    (work,) = await store.claim(10)
    conversation = await store.conversation(ANN)

    assert accepted == [True, False]
    assert work.event == signal
    assert conversation is not None
    assert conversation.opened_at is None


async def test_nobody_is_woken_before_time(store: Engine, clock: FakeClock) -> None:
    """A conversation that only waits is not handed out."""
    await asking(store, clock)
    clock.advance(3599)

    assert await store.claim(10) == []


async def test_a_wake_up_is_an_event_of_its_conversation(store: Engine, clock: FakeClock) -> None:
    """When its time has come, the conversation is handed out with a wake-up, once."""
    await asking(store, clock)
    clock.advance(3600)
    due = clock.now()
    (work,) = await store.claim(10)
    assert isinstance(work.event, WakeUp)
    await store.commit(work, Outcome())
    clock.advance(3600)

    assert (work.event.at, work.flow, work.accepted_at, work.claims) == (due, "[1]", due, 1)
    assert await store.claim(10) == []


async def test_a_message_does_not_wait_for_the_wake_up(store: Engine, clock: FakeClock) -> None:
    """Who answers before the time-out is heard at once, and the time-out stays where the turn leaves it."""
    await asking(store, clock)
    clock.advance(60)
    work = await claimed(store, 2)
    await store.commit(work, Outcome())
    clock.advance(3540)
    (woken,) = await store.claim(10)

    assert work.event.id == "m2"
    assert isinstance(woken.event, WakeUp)


async def test_a_message_that_came_before_the_time_out_was_handled_wins(store: Engine, clock: FakeClock) -> None:
    """Both are due: the message is handed out, and a turn that answers takes the wake-up away."""
    await asking(store, clock)
    clock.advance(7200)
    work = await claimed(store, 2)
    await store.commit(work, Outcome(flow=""))

    assert work.event.id == "m2"
    assert await store.claim(10) == []


async def test_a_wake_up_is_handed_out_again_when_its_worker_dies(store: Engine, clock: FakeClock) -> None:
    """It is one event, claimed twice, and set aside after five claims like any other."""
    await asking(store, clock)
    clock.advance(3600)
    ids = []
    for _ in range(5):
        (work,) = await store.claim(10)
        ids.append((work.event.id, work.claims))
        clock.advance(31)

    assert ids == [(ids[0][0], number) for number in range(1, 6)]
    assert await store.claim(10) == []
    assert len(await store.dead_letters()) == 1


async def test_a_wake_up_may_be_asked_for_again(store: Engine, clock: FakeClock) -> None:
    """A turn about a wake-up may ask for the next one: a reminder, then the time-out."""
    await asking(store, clock)
    ids = set()
    for _ in range(3):
        clock.advance(3600)
        (work,) = await store.claim(10)
        ids.add(work.event.id)
        await store.commit(work, Outcome(flow="[2]", wake_at=clock.now() + HOUR))

    assert len(ids) == 3


async def test_a_journal_is_kept_in_the_middle_of_a_turn(store: Engine, clock: FakeClock) -> None:
    """Deliveries and journal are kept; event, session and wake-up are as they were when the worker dies."""
    await asking(store, clock)
    work = await claimed(store, 2)
    await store.checkpoint(work, (Queued("a", Text("a")),), "[2]")
    clock.advance(31)
    (again,) = await store.claim(10)
    await store.commit(again, Outcome())
    clock.advance(3600)
    (woken,) = await store.claim(10)

    assert (again.event, again.flow, again.session) == (work.event, "[2]", {})
    assert isinstance(woken.event, WakeUp)


async def test_a_lost_lease_keeps_no_journal(store: Engine, clock: FakeClock) -> None:
    """A worker that has been overtaken changes nothing of the flow."""
    zombie = await claimed(store)
    clock.advance(31)
    (work,) = await store.claim(10)
    with pytest.raises(LeaseLost):
        await store.checkpoint(zombie, (), "[666]")
    await store.commit(work, Outcome())

    assert (await claimed(store, 2)).flow == ""


@pytest.mark.parametrize("retried", [True, False])
async def test_a_failed_turn_says_where_its_flow_stands(store: Engine, clock: FakeClock, *, retried: bool) -> None:
    """The flow and its wake-up are kept with the failure, whether the event is run again or set aside."""
    await asking(store, clock)
    work = await claimed(store, 2)
    failure = Failure("broken", retry_at=clock.now() + HOUR / 60 if retried else None)
    await store.commit(work, Outcome(flow="[3]", wake_at=clock.now() + HOUR / 2, failure=failure))
    clock.advance(60 if retried else 1800)
    (again,) = await store.claim(10)

    assert again.flow == "[3]"
    assert isinstance(again.event, Message if retried else WakeUp)


async def test_an_operator_sees_the_flow(store: Engine, clock: FakeClock) -> None:
    """The desk shows where the flow stands and when it is looked at."""
    await asking(store, clock)
    conversation = await store.conversation(ANN)

    assert conversation is not None
    assert (conversation.flow, conversation.wake_at) == ("[1]", clock.now() + HOUR)


async def test_who_waits_is_still_woken_after_a_crash(tmp_path: Path, clock: FakeClock) -> None:
    """A lease that its process took with it does not cost the wake-up."""
    path = str(tmp_path / "botkit.db")
    first = open_store(path, clock=clock)
    await first.open()
    await asking(first, clock)
    clock.advance(3600)
    await first.claim(10)
    await first.close()
    second = open_store(path, clock=clock)
    await second.open()
    (work,) = await second.claim(10)
    await second.close()

    assert isinstance(work.event, WakeUp)
