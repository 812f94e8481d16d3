"""Opening hours: when somebody is there, by the clock on his wall."""

import datetime as dt
import re
from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import Final, Self

from attrs import field, frozen

from botkit.errors import DefinitionError, Place

WEEKDAYS: Final = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
#: How far ahead the next opening is looked for, and how many days an exception may span.
HORIZON_DAYS: Final = 400
CLOSED: Final = "closed"

_DAY_MINUTES: Final = 24 * 60
_DATE: Final = re.compile(r"\d{4}-\d{2}-\d{2}")
_RANGE: Final = re.compile(r"\s+to\s+|\s*(?:–|\.\.)\s*")
_SHIFT: Final = re.compile(r"(\d{1,2})(?:[:.](\d{2}))?\s*(?:-|–|\bto\b)\s*(\d{1,2})(?:[:.](\d{2}))?")


@frozen(order=True)
class Shift:
    """From when until when, in minutes since midnight; *closes* is beyond 1,440 where it ends on the next day."""

    opens: int
    closes: int


Shifts = tuple[Shift, ...]


def shifts_of(text: str) -> Shifts:
    """The shifts of a day: ``8-12, 13:00-18:30``, or ``closed``.

    >>> shifts_of("18-2")
    (Shift(opens=1080, closes=1560),)

    Raises DefinitionError for what are none, and for shifts that overlap.
    """
    if text.strip().casefold() == CLOSED:
        return ()
    shifts = tuple(sorted(map(_shift, text.split(","))))
    for earlier, later in pairwise(shifts):
        if later.opens < earlier.closes:
            raise DefinitionError(f'the shifts of "{text.strip():.60}" overlap; write each time once')
    return shifts


def _shift(text: str) -> Shift:
    found = _SHIFT.fullmatch(text.strip())
    if found is None:
        raise DefinitionError(f'"{text.strip():.40}" is no shift; write 8-18, 8:30-12:00, 13-18, or closed')
    opens, closes = _minutes(found[1], found[2], text), _minutes(found[3], found[4], text)
    if opens in (closes, _DAY_MINUTES):
        raise DefinitionError(f'"{text.strip():.40}" has no length; a whole day is 0-24')
    return Shift(opens, closes if closes > opens else closes + _DAY_MINUTES)


def _minutes(hour: str, minute: str | None, text: str) -> int:
    minutes = int(hour) * 60 + int(minute or 0)
    if minutes > _DAY_MINUTES or int(minute or 0) >= 60:
        raise DefinitionError(f'there is no such time as in "{text.strip():.40}"; a day goes from 0:00 to 24:00')
    return minutes


def days_of(text: str) -> tuple[int, ...] | tuple[dt.date, ...]:
    """The days that a name means: weekdays, counted from Monday as 0, or dates.

    >>> days_of("fri-mon"), days_of("2026-12-24 to 2026-12-25")[-1]
    ((4, 5, 6, 0), datetime.date(2026, 12, 25))

    Raises DefinitionError for what are none.
    """
    text = text.strip()
    if text[:1].isdigit():
        return _dates(text)
    first, *rest = (part.strip() for part in re.split(r"\s+to\s+|-|–", text))
    last = rest[0] if rest else first
    start, end = _weekday(first), _weekday(last)
    if start is None or end is None or len(rest) > 1:
        raise DefinitionError(f'"{text:.40}" is no day; write mon, mon-fri, 2026-12-24, or 2026-12-24 to 2026-12-26')
    return tuple((start + number) % 7 for number in range((end - start) % 7 + 1))


def _weekday(name: str) -> int | None:
    name = name.casefold().rstrip(".")
    found = [number for number, full in enumerate(WEEKDAYS) if len(name) >= 2 and full.startswith(name)]
    return found[0] if found else None


def _dates(text: str) -> tuple[dt.date, ...]:
    names = _RANGE.split(text)
    try:
        days = [dt.date.fromisoformat(name) for name in names if _DATE.fullmatch(name)]
    except ValueError:
        days = []
    if len(days) != len(names) or len(days) > 2:
        raise DefinitionError(f'"{text:.40}" is no date; write 2026-12-24, or 2026-12-24 to 2026-12-26')
    count = (days[-1] - days[0]).days + 1
    if not 1 <= count <= HORIZON_DAYS:
        raise DefinitionError(f'"{text:.40}" has {max(count, 0)} days; the earlier date comes first')
    return tuple(days[0] + dt.timedelta(days=number) for number in range(count))


@frozen(kw_only=True)
class Hours:
    """The shifts of each day of the *week*, Monday first, and of the dates that are *exceptions*.

    *place* is where the last of these is written, where that is known.

    Times are those of the clock on the wall: whatever is asked about is a moment in the time zone of whoever opens, as
    `Chat.now` gives it. What an earlier day's shift goes on with after midnight belongs to that day.

    >>> bakery = Hours.of({"mon-fri": "8-12, 13-18", "sat": "8-13", "2026-12-25": "closed"})
    >>> monday = dt.datetime(2026, 12, 21, 12, 30, tzinfo=dt.UTC)
    >>> bakery.open_at(monday), bakery.next_opening(monday).hour
    (False, 13)
    """

    week: tuple[Shifts, ...] = field(default=((),) * 7)
    exceptions: Mapping[dt.date, Shifts] = field(factory=dict)
    place: Place | None = field(default=None, eq=False, repr=False)

    @classmethod
    def of(cls, table: Mapping[str, str]) -> Self:
        """The hours in *table*: days (`days_of`) and their shifts (`shifts_of`); days that are not there are closed.

        Raises DefinitionError for what cannot be read, and for a day that is there twice.
        """
        week: dict[int, Shifts] = {}
        exceptions: dict[dt.date, Shifts] = {}
        for name, text in table.items():
            shifts = shifts_of(text)
            for day in days_of(name):
                known: dict[int, Shifts] | dict[dt.date, Shifts] = week if isinstance(day, int) else exceptions
                if day in known:
                    raise DefinitionError(f'"{name:.40}" is there twice: {named(day)} has its hours already')
                known[day] = shifts  # type: ignore[index]  # each kind of day has a table of its own
        return cls(week=tuple(week.get(number, ()) for number in range(7)), exceptions=exceptions)

    def on(self, day: dt.date) -> Shifts:
        """The shifts that begin on *day*."""
        return self.exceptions.get(day, self.week[day.weekday()])

    def open_at(self, moment: dt.datetime) -> bool:
        """Whether somebody is there at *moment*."""
        return self._is_open(moment.replace(tzinfo=None))

    def next_opening(self, moment: dt.datetime) -> dt.datetime | None:
        """When somebody comes after *moment* while nobody is there; None within the next 400 days."""
        local = moment.replace(tzinfo=None)
        for opening in self._openings(local.date()):
            if opening > local and not self._is_open(opening - dt.timedelta(minutes=1)):
                return opening.replace(tzinfo=moment.tzinfo)
        return None

    def _openings(self, first: dt.date) -> Iterator[dt.datetime]:
        for number in range(HORIZON_DAYS):
            day = first + dt.timedelta(days=number)
            yield from (_at(day, shift.opens) for shift in self.on(day))

    def _is_open(self, local: dt.datetime) -> bool:
        days = (local.date(), local.date() - dt.timedelta(days=1))
        return any(_at(day, shift.opens) <= local < _at(day, shift.closes) for day in days for shift in self.on(day))


def _at(day: dt.date, minutes: int) -> dt.datetime:
    return dt.datetime.combine(day, dt.time()) + dt.timedelta(minutes=minutes)


def named(day: int | dt.date) -> str:
    """A day in a word: its weekday, or its date."""
    return WEEKDAYS[day].capitalize() if isinstance(day, int) else day.isoformat()
