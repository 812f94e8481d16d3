"""Dates and times as people write them in English, and in the figures of any language."""

import datetime as dt
import re
from collections.abc import Iterator
from typing import Final

from botkit.language.text import Tokens

MONTHS: Final = {
    name: number
    for number, names in enumerate(
        (
            "january jan", "february feb", "march mar", "april apr", "may", "june jun", "july jul", "august aug",
            "september sep sept", "october oct", "november nov", "december dec",
        ),
        1,
    )
    for name in names.split()
}  # fmt: skip
WEEKDAYS: Final = {
    name: number
    for number, names in enumerate(
        (
            "monday mon", "tuesday tue tues", "wednesday wed", "thursday thu thurs", "friday fri", "saturday sat",
            "sunday sun",
        )
    )
    for name in names.split()
}  # fmt: skip
NEAR_DAYS: Final = {"yesterday": -1, "today": 0, "tomorrow": 1}
NAMED_TIMES: Final = {"noon": dt.time(12), "midday": dt.time(12), "midnight": dt.time(0)}

_ISO: Final = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})")
_FIGURES: Final = re.compile(r"(\d{1,2})([./])(\d{1,2})\2(\d{4}|\d{2})?")
_DAY: Final = re.compile(r"(\d{1,2})(?:st|nd|rd|th)?")
_CLOCK: Final = re.compile(r"(\d{1,2})(?:[:.](\d{2}))?\s*([ap])\.?m\b\.?|(\d{1,2})[:.](\d{2})", re.IGNORECASE)


def dates(tokens: Tokens, first: int, today: dt.date) -> Iterator[tuple[int, dt.date]]:
    """Every date that starts at a token, the nearest end first; a date without a year is the next such day."""
    found = [*_near(tokens, first, today), *_in_figures(tokens, first, today), *_in_words(tokens, first, today)]
    yield from sorted(set(found))


def times(tokens: Tokens, first: int) -> Iterator[tuple[int, dt.time]]:
    """The time of day that starts at a token: 8:30, 8.30, 8pm, 8:30 p.m., noon."""
    named = NAMED_TIMES.get(tokens.words[first])
    if named is not None:
        yield first + 1, named
    start = tokens.starts[first]
    found = _CLOCK.match(tokens.surface, start)
    if found is None or tokens.surface[found.end() : found.end() + 1].isalnum():
        return
    hour, minute = int(found[1] or found[4]), int(found[2] or found[5] or 0)
    if found[3] and not 1 <= hour <= 12:
        return
    if found[3]:
        hour = hour % 12 + (12 if found[3].lower() == "p" else 0)
    if hour < 24 and minute < 60:
        yield _end(tokens, first, found.end()), dt.time(hour, minute)


def _end(tokens: Tokens, first: int, position: int) -> int:
    """The number of the first token that does not start before *position*."""
    end = first
    while end < len(tokens) and tokens.starts[end] < position:
        end += 1
    return end


def _near(tokens: Tokens, first: int, today: dt.date) -> Iterator[tuple[int, dt.date]]:
    word = tokens.words[first]
    if word in NEAR_DAYS:
        yield first + 1, today + dt.timedelta(days=NEAR_DAYS[word])
    elif word in WEEKDAYS:
        yield first + 1, today + dt.timedelta(days=(WEEKDAYS[word] - today.weekday() - 1) % 7 + 1)


def _in_figures(tokens: Tokens, first: int, today: dt.date) -> Iterator[tuple[int, dt.date]]:
    start = tokens.starts[first]
    if iso := _ISO.match(tokens.surface, start):
        yield from _dated(_end(tokens, first, iso.end()), int(iso[3]), int(iso[2]), int(iso[1]), today)
    elif figures := _FIGURES.match(tokens.surface, start):
        year = int(figures[4]) if figures[4] else None
        yield from _dated(_end(tokens, first, figures.end()), int(figures[1]), int(figures[3]), year, today)


def _in_words(tokens: Tokens, first: int, today: dt.date) -> Iterator[tuple[int, dt.date]]:
    """24 December, the 24th of December (the slot starts at the figure), December 24, each with a year or without."""
    words = tokens.words
    rest = list(words[first + 1 : first + 3])
    if words[first] in MONTHS and rest and (day := _DAY.fullmatch(rest[0])):
        yield from _with_year(tokens, first + 2, int(day[1]), MONTHS[words[first]], today)
    if day := _DAY.fullmatch(words[first]):
        at = 1 if rest[:1] == ["of"] else 0
        if rest[at : at + 1] and rest[at] in MONTHS:
            yield from _with_year(tokens, first + at + 2, int(day[1]), MONTHS[rest[at]], today)


def _with_year(tokens: Tokens, end: int, day: int, month: int, today: dt.date) -> Iterator[tuple[int, dt.date]]:
    yield from _dated(end, day, month, None, today)
    year = tokens.words[end] if end < len(tokens) else ""
    if len(year) == 4 and year.isascii() and year.isdigit():
        yield from _dated(end + 1, day, month, int(year), today)


def _dated(end: int, day: int, month: int, year: int | None, today: dt.date) -> Iterator[tuple[int, dt.date]]:
    """The date, if there is one; without a year the next one from today, 29 February included."""
    years = range(today.year, today.year + 9) if year is None else [year + 2000 if year < 100 else year]
    for candidate in years:
        try:
            found = dt.date(candidate, month, day)
        except ValueError:
            continue
        if year is not None or found >= today:
            yield end, found
            return
