"""The lens: bots live in another time, the store does not, and a developer sees whole turns."""

from collections.abc import AsyncIterator, Sequence
from datetime import timedelta

import pytest
from attrs import define, field

from botkit.cli.lens import Lens, through
from botkit.events import Address, Message
from botkit.replies import Text
from botkit.simulator.clock import ShiftedClock
from botkit.stores import Engine, open_store
from botkit.testing import FakeClock
from botkit.work import Failure, Mute, Outcome, Queued, Work

ANN = Address("messenger", "41", "ann")
MONTH = timedelta(days=30)


@define
class Notes:
    """Remembers what it is shown."""

    seen: list[tuple[str, Work, object]] = field(factory=list)

    def began(self, work: Work) -> None:
        self.seen.append(("began", work, None))

    def sent(self, work: Work, deliveries: Sequence[Queued]) -> None:
        self.seen.append(("sent", work, deliveries))

    def ended(self, work: Work, outcome: Outcome) -> None:
        self.seen.append(("ended", work, outcome))


@define
class Seen:
    """A store, as it is and through a lens."""

    clock: FakeClock
    shifted: ShiftedClock
    store: Engine
    notes: Notes
    lens: Engine

    async def work(self) -> Work:
        """Something to do, claimed through the lens."""
        await self.lens.accept(Message(id="m1", address=ANN, kind="text", text="hi"))
        (work,) = await self.lens.claim(1)
        return work


@pytest.fixture
async def seen() -> AsyncIterator[Seen]:
    """A store in memory, looked at through a month."""
    clock, shifted, notes = FakeClock(), ShiftedClock(MONTH), Notes()
    store = open_store(":memory:", clock=clock)
    await store.open()
    yield Seen(clock, shifted, store, notes, through(store, shifted, notes))
    await store.close()


async def test_a_turn_lives_in_the_moved_time(seen: Seen) -> None:
    """And has waited no longer for it."""
    work = await seen.work()

    assert (work.now - seen.clock.now(), work.now - work.accepted_at) == (MONTH, timedelta(0))


async def test_what_a_turn_asks_for_later_comes_in_real_time(seen: Seen) -> None:
    """A retry in a minute is in a minute, whatever the clock is set to."""
    work = await seen.work()
    await seen.lens.commit(work, Outcome(failure=Failure("again", work.now + timedelta(seconds=60))))
    early = await seen.store.claim(1)
    seen.clock.advance(61)
    (again,) = await seen.store.claim(1)

    assert list(early) == []
    assert (again.event.id, again.failures) == ("m1", 1)


async def test_a_wake_up_comes_in_real_time(seen: Seen) -> None:
    """As a retry does."""
    work = await seen.work()
    await seen.lens.commit(work, Outcome(flow="[]", wake_at=work.now + timedelta(seconds=60)))
    kept = await seen.store.conversation(ANN)

    assert kept is not None
    assert kept.wake_at == seen.clock.now() + timedelta(seconds=60)


async def test_a_handover_ends_in_real_time(seen: Seen) -> None:
    """It is kept by the store's time, and seen by the bot's."""
    work = await seen.work()
    mute = Mute(id="m", reason="billing", at=work.now, until=work.now + timedelta(hours=1))
    await seen.lens.commit(work, Outcome(mute=mute))
    await seen.lens.accept(Message(id="m2", address=ANN, kind="text", text="hi"))
    (later,) = await seen.lens.claim(1)
    seen.clock.advance(31)
    (kept,) = await seen.store.claim(1)

    assert later.mute == mute
    assert kept.mute is not None
    assert kept.mute.until == mute.until - MONTH


async def test_whole_turns_are_shown(seen: Seen) -> None:
    """From their beginning to what they made, in the time that the bot saw."""
    work = await seen.work()
    queued, outcome = Queued("a" * 32, Text("wait")), Outcome(session={"n": 1}, wake_at=None)
    await seen.lens.checkpoint(work, (queued,))
    await seen.lens.commit(work, outcome)

    assert seen.notes.seen == [("began", work, None), ("sent", work, (queued,)), ("ended", work, outcome)]


async def test_everything_else_is_the_stores_own(seen: Seen) -> None:
    """The lens is before the store, not in place of it."""
    assert isinstance(seen.lens, Lens)
    assert await seen.lens.secret() == await seen.store.secret()
    assert (await seen.lens.backlog()).events == 0
