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

#: What stands between the figures of a date.
_BETWEEN: Final = frozenset("-/.")

Names = Mapping[str, int]
Dates = list[tuple[int, dt.date]]


@frozen
class Calendar:
    """The names of one language: *near* days by how far they are from today, *weekdays* and *months* by number."""

    near: Names
    weekdays: Names
    months: Names
    #: What the names of days begin with.
    days: frozenset[str] = field(init=False, repr=False)
    #: What a date begins with that does not begin with a figure.
    starts: frozenset[str] = field(init=False, repr=False)

    @days.default
    def _first_words(self) -> frozenset[str]:
        return frozenset(name.partition(" ")[0] for name in (*self.near, *self.weekdays))

    @starts.default
    def _all_first_words(self) -> frozenset[str]:
        return self.days.union((name.partition(" ")[0] for name in self.months), ("the",))


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


def date_endings() -> frozenset[str]:
    """What a date may end with in some language that does not begin with a figure."""
    every = [calendar(language) for language in LANGUAGES]
    return frozenset(name.split()[-1] for one in every for name in (*one.near, *one.weekdays, *one.months))


def _names(languages: Sequence[str], name: str, first: int) -> Names:
    names = {normalise(one.partition("/")[0]): number for number, one in enumerate(phrases("en", name), first)}
    for language in reversed(languages):
        own = enumerate(phrases(language, name), first)
        names |= {normalise(spelled): number for number, one in own for spelled in one.split("/")}
    return names


def dates(
    tokens: Tokens, first: int, today: dt.date, languages: Sequence[str] = ("en",)
) -> Sequence[tuple[int, dt.date]]:
    """Every date that starts at a token, the longest first; a date without a year is the next such day."""
    words, names = tokens.words, calendar(*languages)
    word = words[first]
    if word == "the" and first + 1 < len(words):
        first += 1
        word = words[first]
    elif not word[:1].isdecimal() and word not in names.starts:
        return ()
    found = _in_words(words, first, today, names.months)
    if word[:1].isdecimal():
        found += _in_figures(tokens, first, today)
    if word in names.days:
        found += _near(words, first, today, names)
    return sorted(found, reverse=True)


def _near(words: Sequence[str], first: int, today: dt.date, names: Calendar) -> Iterator[tuple[int, dt.date]]:
    for end in range(first + 1, min(len(words), first + _LONGEST) + 1):
        name = " ".join(words[first:end])
        if name in names.near:
            yield end, today + dt.timedelta(days=names.near[name])
        elif name in names.weekdays:
            yield end, today + dt.timedelta(days=(names.weekdays[name] - today.weekday() - 1) % 7 + 1)


def _in_figures(tokens: Tokens, first: int, today: dt.date) -> Dates:
    surface, behind = tokens.surface, tokens.spans.end(first)
    if surface[behind : behind + 1] not in _BETWEEN or not surface[behind + 1 : behind + 2].isdecimal():
        # As most figures: nothing of the like needs to be looked for.
        return []
    start = tokens.spans.start(first)
    if iso := _ISO.match(surface, start):
        return _dated(tokens.spans.ending(iso.end()), int(iso[4]), int(iso[3]), int(iso[1]), today)
    if figures := _FIGURES.match(surface, start):
        end, year = tokens.spans.ending(figures.end()), int(figures[4])
        return _dated(end, int(figures[1]), int(figures[3]), year + 2000 if year < 100 else year, today)
    if short := _NO_YEAR.match(surface, start):
        return _dated(tokens.spans.ending(short.end()), int(short[1]), int(short[2]), None, today)
    return []


def _in_words(words: Sequence[str], first: int, today: dt.date, months: Names) -> Dates:
    """24 December, the 24th of December, December 24, each with a year or without."""
    at = first + 1
    if at == len(words):
        return []
    if (month := months.get(words[first])) is not None:
        day = _DAY.fullmatch(words[at])
    else:
        at += words[at] in _OF
        month = months.get(words[at]) if at < len(words) else None
        day = None if month is None else _DAY.fullmatch(words[first])
    return [] if month is None or day is None else _with_year(words, at + 1, int(day[1]), month, today)


def _with_year(words: Sequence[str], end: int, day: int, month: int, today: dt.date) -> Dates:
    at = end + 1 if end < len(words) and words[end] in _OF else end
    year = words[at] if at < len(words) else ""
    found = _dated(end, day, month, None, today)
    return found + _dated(at + 1, day, month, int(year), today) if len(year) == 4 and year.isdecimal() else found


def _dated(end: int, day: int, month: int, year: int | None, today: dt.date) -> Dates:
    """The date, if there is one; without a year the next one from today, 29 February included."""
    for candidate in range(today.year, today.year + 9) if year is None else (year,):
        try:
            found = dt.date(candidate, month, day)
        except ValueError:
            continue
        if year is not None or found >= today:
            return [(end, found)]
    return []
