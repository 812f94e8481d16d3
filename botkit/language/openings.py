"""Opening hours in the words of eight languages."""

import datetime as dt
from collections.abc import Iterable

from botkit.language.vocabulary import phrase, phrases


def clock(minutes: int) -> str:
    """A time of day as everybody reads it.

    >>> clock(8 * 60), clock(24 * 60), clock(26 * 60)
    ('8:00', '24:00', '2:00')
    """
    if minutes > 24 * 60:
        minutes -= 24 * 60
    return f"{minutes // 60}:{minutes % 60:02}"


def day_in_words(shifts: Iterable[tuple[int, int]], language: str) -> str:
    """From when until when, in minutes of the day, or that it is closed.

    >>> day_in_words([(480, 720), (780, 1080)], "en"), day_in_words([], "de")
    ('8:00–12:00, 13:00–18:00', 'geschlossen')
    """
    told = ", ".join(f"{clock(opens)}–{clock(closes)}" for opens, closes in shifts)
    return told or phrase(language, "hours.closed")


def moment_in_words(moment: dt.datetime, now: dt.datetime, language: str) -> str:
    """When *moment* is, as seen from *now*.

    >>> moment_in_words(dt.datetime(2026, 12, 25, 8), dt.datetime(2026, 12, 24, 9), "en")
    'tomorrow at 8:00'
    """
    days = (moment.date() - now.date()).days
    form = "date" if days > 6 else "weekday" if days > 1 else "tomorrow" if days else "today"
    return phrase(language, f"hours.{form}").format(
        time=clock(moment.hour * 60 + moment.minute),
        weekday=phrases(language, "hours.weekdays")[moment.weekday()],
        day=moment.day,
        month=phrases(language, "hours.months")[moment.month - 1],
    )
