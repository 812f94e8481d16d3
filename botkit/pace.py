"""How fast a page may send, so that no second holds more POSTs than the channel allows.

This is the generic cell rate algorithm. A page's *due* time moves on by one interval with every POST, and a POST may
go out while that time is less than the burst ahead. A slow page is spaced exactly; a fast one may be given a
twentieth of a second's worth at once, and is refilled that much more slowly, so that burst and refill together stay
within the limit. A due time further ahead than that was taken from a clock that has gone back since, and counts for
nothing: who sets a clock right must not silence a page.
"""

from datetime import UTC, datetime, timedelta
from math import ceil
from typing import Final

_BURST_SECONDS: Final = 0.05
_EVER: Final = datetime.min.replace(tzinfo=UTC)


class Pace:
    """One page's rate limit: at most *per_second* POSTs in any second, and none before `hold` lets it.

    *due* is where another process has left it.
    """

    def __init__(self, per_second: float, *, due: datetime = _EVER) -> None:
        self._burst = max(1, int(per_second * _BURST_SECONDS))
        self._interval = timedelta(microseconds=ceil(1_000_000 / (per_second - self._burst + 1)))
        self.due = due
        self._held_until = _EVER

    def free(self, now: datetime) -> int:
        """How many POSTs may go out now."""
        if now < self._held_until:
            return 0
        ahead = max(timedelta(0), self._due(now) - now)
        return max(0, self._burst - -(-ahead // self._interval))

    def take(self, now: datetime, count: int = 1) -> None:
        """Count *count* POSTs that go out now."""
        self.due = max(now, self._due(now)) + count * self._interval

    def hold(self, until: datetime) -> None:
        """Let nothing out before *until*."""
        self._held_until = max(self._held_until, until)

    def next_at(self, now: datetime) -> datetime:
        """When the next POST may go out: *now* if at once."""
        return max(now, self._held_until, self._due(now) - (self._burst - 1) * self._interval)

    def _due(self, now: datetime) -> datetime:
        return self.due if self.due - now <= (self._burst + 1) * self._interval else now
