"""The lens of `botkit run --dev`: bots see the store by another clock, and a developer sees what they made of it."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Protocol, cast

from attrs import evolve

from botkit.stores import Engine
from botkit.work import Failure, Mute, Outcome, Queued, Work


class Witness(Protocol):
    """Is shown whole turns, with the user's words and the session: for a developer's eyes, never for logs."""

    def began(self, work: Work) -> None:
        """A turn begins."""
        ...

    def sent(self, work: Work, deliveries: Sequence[Queued]) -> None:
        """Deliveries were kept in the middle of it."""
        ...

    def ended(self, work: Work, outcome: Outcome) -> None:
        """What it made of its work is kept."""
        ...


class Offset(Protocol):
    """A clock that shows another time than the machine's."""

    offset: timedelta


class Lens:
    """A store, seen through *clock* and watched by *witness*.

    Only a turn lives in the moved time: what it asks for later is kept by the machine's time, and so are leases, the
    24-hour window and what has been sent. Whatever the clock is set to, nothing gets stuck and nothing is forgotten.
    """

    def __init__(self, store: Engine, clock: Offset, witness: Witness) -> None:
        self._store = store
        self._clock = clock
        self._witness = witness

    def __getattr__(self, name: str) -> object:
        return getattr(self._store, name)

    async def claim(self, limit: int, *, suspects: int | None = None) -> Sequence[Work]:
        """Claim as the store does; the works are dated by the moved clock."""
        offset = self._clock.offset
        works = [_dated(work, offset) for work in await self._store.claim(limit, suspects=suspects)]
        for work in works:
            self._witness.began(work)
        return works

    async def checkpoint(self, work: Work, deliveries: Sequence[Queued], flow: str | None = None) -> None:
        """Keep as the store does, and tell."""
        await self._store.checkpoint(work, deliveries, flow)
        self._witness.sent(work, deliveries)

    async def commit(self, work: Work, outcome: Outcome) -> None:
        """Keep as the store does, and tell; what the turn asked for later is dated back."""
        await self._store.commit(work, _dated_back(outcome, self._clock.offset))
        self._witness.ended(work, outcome)


def through(store: Engine, clock: Offset, witness: Witness) -> Engine:
    """*store* seen through a `Lens`."""
    # The lens passes on whatever it does not name.
    return cast("Engine", Lens(store, clock, witness))


def _dated(work: Work, offset: timedelta) -> Work:
    return evolve(work, now=work.now + offset, accepted_at=work.accepted_at + offset, mute=_moved(work.mute, offset))


def _moved(mute: Mute | None, offset: timedelta) -> Mute | None:
    return None if mute is None else evolve(mute, at=mute.at + offset, until=mute.until + offset)


def _dated_back(outcome: Outcome, offset: timedelta) -> Outcome:
    failure = outcome.failure
    if failure is not None and failure.retry_at is not None:
        failure = Failure(failure.error, failure.retry_at - offset, failure.detail)
    gap = outcome.gap and evolve(outcome.gap, at=outcome.gap.at - offset, until=outcome.gap.until - offset)
    wake_at = None if outcome.wake_at is None else outcome.wake_at - offset
    return evolve(outcome, failure=failure, wake_at=wake_at, mute=_moved(outcome.mute, -offset), gap=gap)
