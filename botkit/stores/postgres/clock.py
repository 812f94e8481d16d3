"""The database's clock, which all processes on it share."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from time import monotonic
from typing import Final

#: How long the machine's monotonic clock is trusted to go on from what the database has said.
TRUSTED_SECONDS: Final = 5.0


class DatabaseClock:
    """Tells the database's time: what it said last, and how long ago by this machine's monotonic clock.

    A machine whose own clock is wrong, or is set, does not matter. *seconds* is the monotonic clock.

    >>> ticks = iter([10.0, 12.5])
    >>> clock = DatabaseClock(lambda: next(ticks))
    >>> clock.set(datetime(2026, 11, 23, 12, tzinfo=UTC), asked_at=9.0)
    >>> clock.now().isoformat()
    '2026-11-23T12:00:03+00:00'
    """

    def __init__(self, seconds: Callable[[], float] = monotonic) -> None:
        self._seconds = seconds
        self._said = datetime.fromtimestamp(0, UTC)
        self._at = float("-inf")

    def now(self) -> datetime:
        """The present moment by the database's clock, in UTC."""
        return self._said + timedelta(seconds=self._seconds() - self._at)

    @property
    def is_stale(self) -> bool:
        """Whether the database should be asked again."""
        return self._seconds() - self._at > TRUSTED_SECONDS

    def started(self) -> float:
        """When asking the database begins; to be given to `set`."""
        return self._seconds()

    def set(self, said: datetime, *, asked_at: float) -> None:
        """Go on from what the database *said* when it was asked at *asked_at*."""
        now = self._seconds()
        # It answered somewhere between then and now.
        self._said, self._at = said + timedelta(seconds=(now - asked_at) / 2), now
