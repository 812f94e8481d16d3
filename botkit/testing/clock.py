"""A clock that stands still until it is moved."""

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
