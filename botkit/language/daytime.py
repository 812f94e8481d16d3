"""Times of day as people write them, in eight languages and in the figures of any."""

import datetime as dt
import re
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Final

from attrs import frozen

from botkit.language.text import Tokens, normalise
from botkit.language.vocabulary import LANGUAGES, phrases

#: How many words the name of a time may have, as in meia noite.
_LONGEST: Final = 2
#: The hours that have names, in the order of the files.
_NAMED: Final = (12, 0)

# A figure does not end where another goes on.
_CLOCK: Final = re.compile(r"(\d{1,2})[:.](\d{2})(?![.:/]?\d)")
_HALVES: Final = re.compile(r"(\d{1,2})(?:[:.](\d{2}))?\s*([ap])\.?m", re.IGNORECASE)

#: How halves of a day end: pm, p.m.
_HALF_DAYS: Final = ("am", "pm", "m")


@frozen
class _Clock:
    """How some languages say the time: the hours that have *names*, and *hours*, what says that a figure is one."""

    names: Mapping[str, dt.time]
    hours: re.Pattern[str]


@cache
def _clock(*languages: str) -> _Clock:
    """As in *languages*; noon, midnight and o'clock are understood everywhere."""
    spoken = ("en", *languages)
    names = {
        normalise(name): dt.time(hour)
        for language in spoken
        for hour, spelled in zip(_NAMED, phrases(language, "time.named"), strict=True)
        for name in spelled.split("/")
    }
    words = {re.escape(word) for language in spoken for word in phrases(language, "time.hours")}
    after = "|".join(sorted(words, key=len, reverse=True))
    hours = rf"(\d{{1,2}})(?:[:.](\d{{2}}))?\s?({after})(?:\s?(\d{{2}}))?(?!\w)"
    return _Clock(names, re.compile(hours, re.IGNORECASE))


def time_words() -> frozenset[str]:
    """What a time may begin with in some language that does not begin with a figure."""
    return frozenset(name.partition(" ")[0] for name in _clock(*LANGUAGES).names)


def time_endings() -> frozenset[str]:
    """What a time may end with in some language that does not begin with a figure."""
    hours = (normalise(word).split()[-1] for language in LANGUAGES for word in phrases(language, "time.hours"))
    return frozenset(name.split()[-1] for name in _clock(*LANGUAGES).names).union(hours, _HALF_DAYS)


def times(tokens: Tokens, first: int, languages: Sequence[str] = ("en",)) -> Iterator[tuple[int, dt.time]]:
    """Every time of day that starts at a token, the longest first: 8:30, 8.30 Uhr, 18h30, 8pm, 8:30 p.m., noon."""
    clock, start = _clock(*languages), tokens.spans.start(first)
    if tokens.surface[start].isdecimal():
        yield from sorted(_in_figures(tokens, start, clock), reverse=True)
        return
    for end in range(min(len(tokens), first + _LONGEST), first, -1):
        named = clock.names.get(" ".join(tokens.words[first:end]))
        if named is not None:
            yield end, named


def _in_figures(tokens: Tokens, start: int, clock: _Clock) -> Iterator[tuple[int, dt.time]]:
    surface = tokens.surface
    if halves := _HALVES.match(surface, start):
        hour, minute = int(halves[1]), int(halves[2] or 0)
        if 1 <= hour <= 12 and minute < 60:
            half = 12 if halves[3].lower() == "p" else 0
            yield tokens.spans.ending(halves.end()), dt.time(hour % 12 + half, minute)
        return
    if figures := _CLOCK.match(surface, start):
        yield from _timed(tokens.spans.ending(figures.end()), figures[1], figures[2])
    if hours := clock.hours.match(surface, start):
        # What follows may be counted: 8 Uhr 30 is half past, and 8 Uhr 30 Personen is not.
        yield from _timed(tokens.spans.ending(hours.end(3)), hours[1], hours[2] or "0")
        if hours[4] and not hours[2]:
            yield from _timed(tokens.spans.ending(hours.end()), hours[1], hours[4])


def _timed(end: int, hour: str, minute: str) -> Iterator[tuple[int, dt.time]]:
    if int(hour) < 24 and int(minute) < 60:
        yield end, dt.time(int(hour), int(minute))
