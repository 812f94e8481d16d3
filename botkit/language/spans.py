"""Where the words of a text stand in it: found from either end, as far as somebody asks.

Most messages are matched, or not, by their words alone, and of a long one only what lies near its ends is looked at.
"""

from bisect import bisect_left
from collections.abc import Sequence
from operator import add, sub
from typing import Final

#: So many are found at least where one is asked for.
_AT_ONCE: Final = 16


class Spans:
    """Where each word starts, and where it ends: the place of the first character behind it.

    *spelled* are all the words of *text* as they stand there, so that none stands between one and the next.
    """

    __slots__ = ("_end", "_ends", "_first", "_spelled", "_starts", "_text")

    def __init__(self, text: str, spelled: Sequence[str]) -> None:
        self._text = text
        self._spelled = spelled
        count = len(spelled)
        #: What is not found yet: the words from the first number up to the second.
        self._first, self._end = 0, count
        if count <= _AT_ONCE:
            self._starts, self._ends = _onwards(text, spelled, 0)
            self._first = count
        else:
            self._starts, self._ends = [0] * count, [0] * count

    @classmethod
    def found(cls, starts: Sequence[int], ends: Sequence[int]) -> "Spans":
        """Those that are known already."""
        spans = cls("", ())
        spans._starts, spans._ends = [*starts], [*ends]
        return spans

    def start(self, at: int) -> int:
        """Where a word starts."""
        if self._first <= at < self._end:
            self._find(at, at + 1)
        return self._starts[at]

    def end(self, at: int) -> int:
        """Where a word ends."""
        if self._first <= at < self._end:
            self._find(at, at + 1)
        return self._ends[at]

    def of(self, first: int, end: int) -> tuple[list[int], list[int]]:
        """Where the words start from *first* up to, not including, *end*, and where they end."""
        if first < self._end and end > self._first:
            self._find(first, min(end, len(self._starts)))
        return self._starts[first:end], self._ends[first:end]

    def behind(self, place: int) -> int:
        """The number of the first word that starts at *place*, or later."""
        starts = self._starts
        while self._first < self._end:
            before = self._starts[self._first - 1] if self._first else -1
            behind = starts[self._end] if self._end < len(starts) else len(self._text)
            if before >= place:
                return bisect_left(starts, place, 0, self._first)
            if behind <= place:
                break
            if place - before <= behind - place:
                self._find_onwards(self._first + _AT_ONCE)
            else:
                self._find_backwards(self._end - _AT_ONCE)
        return bisect_left(starts, place, self._end if self._first < self._end else 0)

    def ending(self, place: int) -> int:
        """The number of the word behind the one that ends at *place*; 0 if none ends there."""
        behind = self.behind(place)
        return behind if behind and self.end(behind - 1) == place else 0

    def _find(self, first: int, end: int) -> None:
        if end - self._first <= self._end - first:
            self._find_onwards(max(end, self._first + _AT_ONCE))
        else:
            self._find_backwards(min(first, self._end - _AT_ONCE))

    def _find_onwards(self, until: int) -> None:
        first, until = self._first, min(until, self._end)
        found = _onwards(self._text, self._spelled[first:until], self._ends[first - 1] if first else 0)
        self._starts[first:until], self._ends[first:until] = found
        self._first = until

    def _find_backwards(self, until: int) -> None:
        until, end = max(until, self._first), self._end
        spelled, rindex = self._spelled[until:end], self._text.rindex
        place = self._starts[end] if end < len(self._starts) else len(self._text)
        starts = [place := rindex(word, 0, place) for word in reversed(spelled)]
        starts.reverse()
        self._starts[until:end], self._ends[until:end] = starts, map(add, starts, map(len, spelled))
        self._end = until


def _onwards(text: str, spelled: Sequence[str], place: int) -> tuple[list[int], list[int]]:
    """Where words start and end of which the first stands at *place* or behind it."""
    index, lengths = text.index, [*map(len, spelled)]
    ends = [place := index(word, place) + length for word, length in zip(spelled, lengths, strict=True)]
    return [*map(sub, ends, lengths)], ends
