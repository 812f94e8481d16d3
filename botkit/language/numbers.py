"""Numbers as people write them, in the digits of any script: 42, -5, 1,234, 3.5, 3,50 and telephone numbers."""

import re
import unicodedata
from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from botkit.language.spots import Spots
from botkit.language.text import Tokens

#: How many digits a number has at most.
_LONGEST: Final = 40
_GROUPED: Final = r"\d{1,3}(?:,\d{3}){1,12}"
_WHOLE: Final = re.compile(rf"{_GROUPED}|\d{{1,{_LONGEST}}}")
_FRACTION: Final = re.compile(rf"{_GROUPED}(?:\.\d{{1,40}})?|\d{{1,40}}(?:[.,]\d{{1,40}})?")
_GROUPS: Final = re.compile(rf"{_GROUPED}(?:\.\d+)?")
_PHONE: Final = re.compile(r"\d[\d ()./-]{3,28}\d")
#: How many digits a telephone number has at most: https://www.itu.int/rec/T-REC-E.164
_PHONE_DIGITS: Final = 15
_GOES_ON: Final = re.compile(r"[.,:/-]\d")
_SIGNS: Final = "-−"


def whole_numbers(tokens: Tokens, first: int) -> Iterator[tuple[int, int]]:
    """The whole number of at most 40 digits that starts at a token."""
    if len(tokens) == 1 and tokens.surface.isdecimal() and len(tokens.surface) <= _LONGEST:
        # So most people answer who are asked for a number.
        yield 1, int(tokens.surface)
        return
    for end, number in _number(tokens, first, _WHOLE):
        yield end, int(number.replace(",", ""))


def decimals(tokens: Tokens, first: int) -> Iterator[tuple[int, Decimal]]:
    """The number that starts at a token; a comma followed by three digits groups them, any other is a point."""
    for end, number in _number(tokens, first, _FRACTION):
        yield end, Decimal(number.replace(",", "" if _GROUPS.fullmatch(number.lstrip("-")) else "."))


def phones(tokens: Tokens, first: int) -> Iterator[tuple[int, str]]:
    """The telephone numbers of 5 to 15 digits that start at a token, the longest first, with + if it stands there."""
    surface, start = tokens.surface, tokens.spans.start(first)
    found = _PHONE.match(surface, start)
    if found is None or _is_inside(surface, start):
        return
    plus = "+" if surface[max(0, start - 2) : start].rstrip("( ").endswith(("+", "＋")) else ""
    for end in range(tokens.spans.behind(found.end()), first, -1):
        digits = "".join(tokens.words[first:end])
        if 5 <= len(digits) <= _PHONE_DIGITS and tokens.spans.end(end - 1) <= found.end():
            yield end, plus + digits


def all_phones(tokens: Tokens, first: int, end: int) -> Iterator[tuple[int, Spots]]:
    """How many tokens telephone numbers take that start at one from *first* up to *end*, and where they start."""
    surface, words, spans = tokens.surface, tokens.words, tokens.spans
    for at, word in enumerate(words[first:end], first):
        if not word[0].isdecimal() or _is_inside(surface, spans.start(at)):
            continue
        if found := _PHONE.match(surface, spans.start(at)):
            digits, until = 0, found.end()
            for behind in range(at, min(at + _PHONE_DIGITS, len(words))):
                digits += len(words[behind])
                if digits > _PHONE_DIGITS or spans.end(behind) > until:
                    break
                if digits >= 5:
                    yield behind - at + 1, 1 << at


def all_whole_numbers(tokens: Tokens, first: int, end: int) -> Iterator[tuple[int, Spots]]:
    """How many tokens whole numbers take that start at one from *first* up to *end*, and where they start."""
    return _all_numbers(tokens, first, end, _WHOLE)


def all_decimals(tokens: Tokens, first: int, end: int) -> Iterator[tuple[int, Spots]]:
    """The same for numbers."""
    return _all_numbers(tokens, first, end, _FRACTION)


def _all_numbers(tokens: Tokens, first: int, end: int, pattern: re.Pattern[str]) -> Iterator[tuple[int, Spots]]:
    surface, spans = tokens.surface, tokens.spans
    for at, word in enumerate(tokens.words[first:end], first):
        if word[0].isdecimal() and (found := _found(surface, spans.start(at), pattern)):
            stop = found.end()
            yield 1 if stop == spans.end(at) else spans.ending(stop) - at, 1 << at


def _number(tokens: Tokens, first: int, pattern: re.Pattern[str]) -> Iterator[tuple[int, str]]:
    """The number that starts at a token, with its sign, in ASCII."""
    if found := _found(tokens.surface, tokens.spans.start(first), pattern):
        sign, written = _sign(tokens.surface, found.start()), found.group()
        yield tokens.spans.ending(found.end()), sign + (written if written.isascii() else "".join(map(_ascii, written)))


def _found(surface: str, start: int, pattern: re.Pattern[str]) -> re.Match[str] | None:
    """The number that starts at a place; none where a word or a longer figure goes on."""
    if not surface[start].isdecimal() or _is_inside(surface, start):
        return None
    found = pattern.match(surface, start)
    return None if found is None or _GOES_ON.match(surface, found.end()) else found


def _is_inside(surface: str, start: int) -> bool:
    return start > 1 and surface[start - 1] in ".,:/" and surface[start - 2].isdecimal()


def _sign(surface: str, start: int) -> str:
    signed = start and surface[start - 1] in _SIGNS and (start == 1 or surface[start - 2].isspace())
    return "-" if signed else ""


def _ascii(char: str) -> str:
    return str(unicodedata.decimal(char, char))
