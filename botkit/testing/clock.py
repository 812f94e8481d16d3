"""Clocks that can be set: one that stands still, and one that goes on."""

from datetime import UTC, datetime, timedelta


class FakeClock:
    """A clock set by hand, so that no test ever waits.

    >>> clock = FakeClock()
    >>> clock.advance(90)
    >>> clock.now().isoformat()
    '2026-11-23T12:01:30+00:00'
    """

    def __init__(self, now: datetime = datetime(2026, 11, 23, 12, tzinfo=UTC)) -> None:
        self._now = now

    def now(self) -> datetime:
        """The moment it is set to."""
        return self._now

    def advance(self, seconds: float) -> None:
        """Move the clock on by *seconds*."""
        self._now += timedelta(seconds=seconds)

    def set(self, now: datetime) -> None:
        """Set the clock to *now*, aware and in UTC."""
        self._now = now


class ShiftedClock:
    """The machine's clock, which goes on from wherever it is set."""

    def __init__(self) -> None:
        self._ahead = timedelta()

    def now(self) -> datetime:
        """The moment it shows."""
        return datetime.now(UTC) + self._ahead

    def set(self, now: datetime) -> None:
        """Let it go on from *now*, aware and in UTC."""
        self._ahead = now - datetime.now(UTC)
