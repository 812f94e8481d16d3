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
#: A figure does not end where another goes on.
_END: Final = r"(?![.,:/-]\d)"
_WHOLE: Final = re.compile(rf"(?>{_GROUPED}|\d{{1,{_LONGEST}}}){_END}")
_FRACTION: Final = re.compile(rf"(?>{_GROUPED}(?:\.\d{{1,40}})?|\d{{1,40}}(?:[.,]\d{{1,40}})?){_END}")
_GROUPS: Final = re.compile(rf"{_GROUPED}(?:\.\d+)?")
_PHONE: Final = re.compile(r"\d[\d ()./-]{3,28}\d")
#: How many digits a telephone number has at most: https://www.itu.int/rec/T-REC-E.164
_PHONE_DIGITS: Final = 15
_PHONE_LEAST: Final = 5
_SIGNS: Final = "-−"


def whole_numbers(tokens: Tokens, first: int) -> Iterator[tuple[int, int]]:
    """The whole number of at most 40 digits that starts at a token."""
    if len(tokens) == 1 and tokens.surface.isdecimal() and len(tokens.surface) <= _LONGEST:
        # So most people answer who are asked for a number.
        yield 1, int(tokens.surface)
        return
    if found := _number(tokens, first, _WHOLE):
        end, number = found
        yield end, int(number.replace(",", ""))


def decimals(tokens: Tokens, first: int) -> Iterator[tuple[int, Decimal]]:
    """The number that starts at a token; a comma followed by three digits groups them, any other is a point."""
    if found := _number(tokens, first, _FRACTION):
        end, number = found
        yield end, Decimal(number.replace(",", "" if _GROUPS.fullmatch(number.lstrip("-")) else "."))


def phones(tokens: Tokens, first: int) -> Iterator[tuple[int, str]]:
    """The telephone numbers of 5 to 15 digits that start at a token, the longest first, with + if it stands there."""
    start = tokens.spans.start(first)
    for end, digits in reversed(_phones(tokens, first)):
        before = tokens.surface[max(0, start - 2) : start].rstrip("( ")
        yield end, f"+{digits}" if before.endswith(("+", "＋")) else digits


def all_phones(tokens: Tokens, first: int, end: int) -> Iterator[tuple[int, Spots]]:
    """How many tokens telephone numbers take that start at one from *first* up to *end*, and where they start."""
    for at, word in enumerate(tokens.words[first:end], first):
        if word[0].isdecimal():
            for stop, _ in _phones(tokens, at):
                yield stop - at, 1 << at


def _phones(tokens: Tokens, first: int) -> list[tuple[int, str]]:
    """Where the telephone numbers end that start at a token, and their digits, the shortest first."""
    start = tokens.spans.start(first)
    found = _PHONE.match(tokens.surface, start)
    if found is None or _is_inside(tokens.surface, start):
        return []
    until, ending, digits, numbers = found.end(), tokens.spans.end, "", []
    for end, word in enumerate(tokens.words[first : first + _PHONE_DIGITS], first + 1):
        digits += word
        if len(digits) > _PHONE_DIGITS or ending(end - 1) > until:
            break
        if len(digits) >= _PHONE_LEAST:
            numbers.append((end, digits))
    return numbers


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


def _number(tokens: Tokens, first: int, pattern: re.Pattern[str]) -> tuple[int, str] | None:
    """Where the number ends that starts at a token, and the number with its sign, in ASCII."""
    spans, start = tokens.spans, tokens.spans.start(first)
    found = _found(tokens.surface, start, pattern)
    if found is None:
        return None
    stop, written = found.end(), found.group()
    end = first + 1 if stop == spans.end(first) else spans.ending(stop)
    return end, _sign(tokens.surface, start) + (written if written.isascii() else "".join(map(_ascii, written)))


def _found(surface: str, start: int, pattern: re.Pattern[str]) -> re.Match[str] | None:
    """The number that starts at a place; none where a longer figure goes on."""
    return None if _is_inside(surface, start) else pattern.match(surface, start)


def _is_inside(surface: str, start: int) -> bool:
    return start > 1 and surface[start - 1] in ".,:/" and surface[start - 2].isdecimal()


def _sign(surface: str, start: int) -> str:
    signed = start and surface[start - 1] in _SIGNS and (start == 1 or surface[start - 2].isspace())
    return "-" if signed else ""


def _ascii(char: str) -> str:
    return str(unicodedata.decimal(char, char))
