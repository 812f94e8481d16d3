"""Times as people write them in tests: how long to wait, and when it is."""

import re
from datetime import UTC, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

_UNITS: Final = {"s": "seconds", "min": "minutes", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_PART: Final = re.compile(r"(\d{1,6})[ ]?(s|min|m|h|d|w)(?:[ ]|$)")
_LONGEST: Final = timedelta(days=36_500)


def duration(text: str) -> timedelta:
    """How long ``2h``, ``90 min`` or ``1d 12h`` is; units are s, min (or m), h, d and w.

    >>> duration("1h 30min")
    datetime.timedelta(seconds=5400)

    Raises ValueError for anything else, and for more than a hundred years.
    """
    length, at = timedelta(), 0
    while found := _PART.match(text, at):
        length += timedelta(**{_UNITS[found[2]]: int(found[1])})
        at = found.end()
    if at == 0 or at != len(text) or length > _LONGEST:
        raise ValueError(f'"{text}" is no length of time; write one such as 20s, 90min, 2h or 1d 12h')
    return length


def moment(text: str, zone: ZoneInfo) -> datetime:
    """When ``2026-12-24 09:00`` is in *zone*, in UTC; raises ValueError for what is no date with a time.

    >>> moment("2026-12-24 09:00", ZoneInfo("Europe/Berlin")).isoformat()
    '2026-12-24T08:00:00+00:00'
    """
    try:
        return datetime.strptime(text, "%Y-%m-%d %H:%M").replace(tzinfo=zone).astimezone(UTC)
    except (ValueError, OverflowError):
        raise ValueError(f'"{text}" is no date with a time; write one such as 2026-12-24 09:00') from None
