"""A clock that runs, but shows another time than the machine's: so that a bot can be asked on Christmas Eve."""

from datetime import UTC, datetime, timedelta
from typing import Final

from attrs import define

#: Dates beyond this would run out of the calendar.
_FURTHEST: Final = timedelta(days=3660)


@define
class ShiftedClock:
    """The machine's clock, moved by *offset*.

    >>> ShiftedClock(timedelta(days=1)).now() > datetime.now(UTC)
    True
    """

    offset: timedelta = timedelta(0)

    def now(self) -> datetime:
        """The moment that it shows, in UTC."""
        return datetime.now(UTC) + self.offset

    def shift(self, seconds: float) -> None:
        """Show the time that is *seconds* away from the machine's; raises ValueError beyond ten years."""
        if not abs(seconds) <= _FURTHEST.total_seconds():
            raise ValueError("The clock can be moved by at most ten years.")
        self.offset = timedelta(seconds=seconds)
