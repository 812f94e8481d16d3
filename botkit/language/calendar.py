"""Dates as people write them, in eight languages and in the figures of any."""

import datetime as dt
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Final

from attrs import field, frozen

from botkit.language.text import Tokens, normalise
from botkit.language.vocabulary import LANGUAGES, phrases

#: What stands between a day and its month, or a month and its year.
_OF: Final = frozenset({"of", "de", "di"})
#: How many words the name of a day may have, as in day after tomorrow.
_LONGEST: Final = 3

#: A figure does not end where another goes on.
_END: Final = r"(?![.:/]?\d)"
_ISO: Final = re.compile(rf"(\d{{4}})([-/.])(\d{{1,2}})\2(\d{{1,2}}){_END}")
_FIGURES: Final = re.compile(rf"(\d{{1,2}})([-./])(\d{{1,2}})\2(\d{{4}}|\d{{2}}){_END}")
_NO_YEAR: Final = re.compile(rf"(\d{{1,2}})[./](\d{{1,2}}){_END}")
_DAY: Final = re.compile(r"(\d{1,2})(?:st|nd|rd|th|er|o|ste|de|e)?")

Names = Mapping[str, int]


@frozen
class Calendar:
    """The names of one language: *near* days by how far they are from today, *weekdays* and *months* by number."""

    near: Names
    weekdays: Names
    months: Names
    #: What a date begins with that does not begin with a figure.
    starts: frozenset[str] = field(init=False, repr=False)

    @starts.default
    def _first_words(self) -> frozenset[str]:
        names = {*self.near, *self.weekdays, *self.months}
        return frozenset(name.partition(" ")[0] for name in names) | {"the"}


@cache
def calendar(*languages: str) -> Calendar:
    """The names in *languages*, the first before the others, and the English ones written out, which always do.

    >>> german = calendar("de")
    >>> german.near["morgen"], german.months["dezember"], german.weekdays["friday"]
    (1, 12, 4)
    """
    return Calendar(
        near=_names(languages, "date.near", -1),
        weekdays=_names(languages, "date.weekdays", 0),
        months=_names(languages, "date.months", 1),
    )


def date_words() -> frozenset[str]:
    """What a date may begin with in some language that does not begin with a figure."""
    return frozenset[str]().union(*(calendar(language).starts for language in LANGUAGES))


def _names(languages: Sequence[str], name: str, first: int) -> Names:
    names = {normalise(one.partition("/")[0]): number for number, one in enumerate(phrases("en", name), first)}
    for language in reversed(languages):
        own = enumerate(phrases(language, name), first)
        names |= {normalise(spelled): number for number, one in own for spelled in one.split("/")}
    return names


def dates(
    tokens: Tokens, first: int, today: dt.date, languages: Sequence[str] = ("en",)
) -> Iterator[tuple[int, dt.date]]:
    """Every date that starts at a token, the longest first; a date without a year is the next such day."""
    word, names = tokens.words[first], calendar(*languages)
    first += word == "the"
    if first < len(tokens) and (word[:1].isdecimal() or word in names.starts):
        found = [
            *_near(tokens.words, first, today, names),
            *_in_figures(tokens, first, today),
            *_in_words(tokens, first, today, names.months),
        ]
        yield from sorted(found, reverse=True)


def _near(words: Sequence[str], first: int, today: dt.date, names: Calendar) -> Iterator[tuple[int, dt.date]]:
    for end in range(first + 1, min(len(words), first + _LONGEST) + 1):
        name = " ".join(words[first:end])
        if name in names.near:
            yield end, today + dt.timedelta(days=names.near[name])
        elif name in names.weekdays:
            yield end, today + dt.timedelta(days=(names.weekdays[name] - today.weekday() - 1) % 7 + 1)


def _in_figures(tokens: Tokens, first: int, today: dt.date) -> Iterator[tuple[int, dt.date]]:
    surface, start = tokens.surface, tokens.starts[first]
    if iso := _ISO.match(surface, start):
        yield from _dated(tokens.ending(iso.end()), int(iso[4]), int(iso[3]), int(iso[1]), today)
    elif figures := _FIGURES.match(surface, start):
        end, year = tokens.ending(figures.end()), int(figures[4])
        yield from _dated(end, int(figures[1]), int(figures[3]), year + 2000 if year < 100 else year, today)
    elif short := _NO_YEAR.match(surface, start):
        yield from _dated(tokens.ending(short.end()), int(short[1]), int(short[2]), None, today)


def _in_words(tokens: Tokens, first: int, today: dt.date, months: Names) -> Iterator[tuple[int, dt.date]]:
    """24 December, the 24th of December, December 24, each with a year or without."""
    words = (*tokens.words[first : first + 3], "", "", "")
    if words[0] in months and (day := _DAY.fullmatch(words[1])):
        yield from _with_year(tokens, first + 2, int(day[1]), months[words[0]], today)
    elif day := _DAY.fullmatch(words[0]):
        at = 2 if words[1] in _OF else 1
        if words[at] in months:
            yield from _with_year(tokens, first + at + 1, int(day[1]), months[words[at]], today)


def _with_year(tokens: Tokens, end: int, day: int, month: int, today: dt.date) -> Iterator[tuple[int, dt.date]]:
    yield from _dated(end, day, month, None, today)
    at = end + 1 if end < len(tokens) and tokens.words[end] in _OF else end
    year = tokens.words[at] if at < len(tokens) else ""
    if len(year) == 4 and year.isdecimal():
        yield from _dated(at + 1, day, month, int(year), today)


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
