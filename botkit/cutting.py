"""Cutting: a text that is too long for one message into several, where a reader would take breath."""

from collections.abc import Iterable, Sequence
from typing import Final

#: Spaces at which no line may end.
NO_BREAK: Final = frozenset("\u00a0\u2007\u202f")


def split(text: str, length: int) -> tuple[str, ...]:
    """Split *text* into pieces of at most *length* code points, in order; one that fits stays as it is.

    A piece ends at the last line break in its second half, else at the last space (but a no-break space is none), else
    between two graphemes; only a single grapheme longer than *length* is cut inside. White space at cuts is dropped.

    >>> split("One word after another.", 10)
    ('One word', 'after', 'another.')
    """
    if len(text) <= length:
        return (text,)
    units = _units(text, length)
    pieces = []
    start = _after_space(units, 0)
    while start < len(units):
        end = _end(units, start, length)
        pieces.append("".join(units[start : _before_space(units, end)]))
        start = _after_space(units, end)
    return tuple(pieces)


def _units(text: str, length: int) -> Sequence[str]:
    """What must not be cut: the graphemes of *text*, and of one longer than *length* its pieces."""
    if text.isascii():
        return text
    # The tables of graphemes take a while to load, and few texts are so long.
    from wcwidth import iter_graphemes  # noqa: PLC0415 - see above

    graphemes: Iterable[str] = iter_graphemes(text)
    return [unit[at : at + length] for unit in graphemes for at in range(0, len(unit), length)]


def _end(units: Sequence[str], start: int, length: int) -> int:
    """Where the piece that begins at *start*, which is no space, ends."""
    size = space = line = 0
    for at in range(start, len(units)):
        if _is_space(units[at]):
            space = at
            line = at if "\n" in units[at] and size >= length // 2 else line
        size += len(units[at])
        if size > length:
            return line or space or at
    return len(units)


def _is_space(unit: str) -> bool:
    return unit.isspace() and unit not in NO_BREAK


def _after_space(units: Sequence[str], at: int) -> int:
    while at < len(units) and _is_space(units[at]):
        at += 1
    return at


def _before_space(units: Sequence[str], at: int) -> int:
    while _is_space(units[at - 1]):
        at -= 1
    return at
