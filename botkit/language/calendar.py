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
#: What a date begins with that does not begin with a figure.
DATE_WORDS: Final = frozenset({"the", *NEAR_DAYS, *WEEKDAYS, *MONTHS})
NAMED_TIMES: Final = {"noon": dt.time(12), "midday": dt.time(12), "midnight": dt.time(0)}

#: A figure does not end where another goes on.
_END: Final = r"(?![.:/]?\d)"
_ISO: Final = re.compile(rf"(\d{{4}})([-/.])(\d{{1,2}})\2(\d{{1,2}}){_END}")
_FIGURES: Final = re.compile(rf"(\d{{1,2}})([-./])(\d{{1,2}})\2(\d{{4}}|\d{{2}}){_END}")
_NO_YEAR: Final = re.compile(rf"(\d{{1,2}})[./](\d{{1,2}}){_END}")
_DAY: Final = re.compile(r"(\d{1,2})(?:st|nd|rd|th)?")
_CLOCK: Final = re.compile(rf"(\d{{1,2}})[:.](\d{{2}}){_END}")
_HALVES: Final = re.compile(r"(\d{1,2})(?:[:.](\d{2}))?\s*([ap])\.?m", re.IGNORECASE)


def dates(tokens: Tokens, first: int, today: dt.date) -> Iterator[tuple[int, dt.date]]:
    """Every date that starts at a token, the longest first; a date without a year is the next such day."""
    word = tokens.words[first]
    if word[:1].isdecimal() or word in DATE_WORDS:
        found = [*_near(tokens, first, today), *_in_figures(tokens, first, today), *_in_words(tokens, first, today)]
        yield from sorted(found, reverse=True)


def times(tokens: Tokens, first: int) -> Iterator[tuple[int, dt.time]]:
    """The time of day that starts at a token: 8:30, 8.30, 8pm, 8:30 p.m., noon."""
    named = NAMED_TIMES.get(tokens.words[first])
    if named is not None:
        yield first + 1, named
    surface, start = tokens.surface, tokens.starts[first]
    if not surface[start].isdecimal():
        return
    if halves := _HALVES.match(surface, start):
        hour, minute = int(halves[1]), int(halves[2] or 0)
        if 1 <= hour <= 12 and minute < 60:
            half = 12 if halves[3].lower() == "p" else 0
            yield tokens.ending(halves.end()), dt.time(hour % 12 + half, minute)
    elif (clock := _CLOCK.match(surface, start)) and int(clock[1]) < 24 and int(clock[2]) < 60:
        yield tokens.ending(clock.end()), dt.time(int(clock[1]), int(clock[2]))


def _near(tokens: Tokens, first: int, today: dt.date) -> Iterator[tuple[int, dt.date]]:
    word = tokens.words[first]
    if word in NEAR_DAYS:
        yield first + 1, today + dt.timedelta(days=NEAR_DAYS[word])
    elif word in WEEKDAYS:
        yield first + 1, today + dt.timedelta(days=(WEEKDAYS[word] - today.weekday() - 1) % 7 + 1)


def _in_figures(tokens: Tokens, first: int, today: dt.date) -> Iterator[tuple[int, dt.date]]:
    surface, start = tokens.surface, tokens.starts[first]
    if iso := _ISO.match(surface, start):
        yield from _dated(tokens.ending(iso.end()), int(iso[4]), int(iso[3]), int(iso[1]), today)
    elif figures := _FIGURES.match(surface, start):
        end, year = tokens.ending(figures.end()), int(figures[4])
        yield from _dated(end, int(figures[1]), int(figures[3]), year + 2000 if year < 100 else year, today)
    elif short := _NO_YEAR.match(surface, start):
        yield from _dated(tokens.ending(short.end()), int(short[1]), int(short[2]), None, today)


def _in_words(tokens: Tokens, first: int, today: dt.date) -> Iterator[tuple[int, dt.date]]:
    """24 December, the 24th of December, December 24, each with a year or without."""
    first += tokens.words[first] == "the"
    words = (*tokens.words[first : first + 3], "", "", "")
    if words[0] in MONTHS and (day := _DAY.fullmatch(words[1])):
        yield from _with_year(tokens, first + 2, int(day[1]), MONTHS[words[0]], today)
    elif day := _DAY.fullmatch(words[0]):
        at = 2 if words[1] == "of" else 1
        if words[at] in MONTHS:
            yield from _with_year(tokens, first + at + 1, int(day[1]), MONTHS[words[at]], today)


def _with_year(tokens: Tokens, end: int, day: int, month: int, today: dt.date) -> Iterator[tuple[int, dt.date]]:
    yield from _dated(end, day, month, None, today)
    year = tokens.words[end] if end < len(tokens) else ""
    if len(year) == 4 and year.isdecimal():
        yield from _dated(end + 1, day, month, int(year), today)


def _dated(end: int, day: int, month: int, year: int | None, today: dt.date) -> Iterator[tuple[int, dt.date]]:
    """The date, if there is one; without a year the next one from today, 29 February included."""
    years = range(today.year, today.year + 9) if year is None else [year]
    for candidate in years:
        try:
            found = dt.date(candidate, month, day)
        except ValueError:
            continue
        if year is not None or found >= today:
            yield end, found
            return
