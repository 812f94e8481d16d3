"""What the slots of a template take that fits a message: of all the ways it can be, the one that is preferred."""

from collections.abc import Collection, Iterator, Mapping, Sequence

from botkit.language.slots import UNLIMITED
from botkit.language.takes import Takes
from botkit.language.templates import Hole, Item, Variant

#: For each slot, or some words in a row: from where it may start, where it ends then, if all behind it is to fit.
Ways = Sequence[tuple[Hole | None, Mapping[int, int]]]
Slots = dict[str, object]


def filled(variant: Variant, takes: Takes) -> Slots:
    """The slots of *variant*, which fits the message, by name.

    The first slot decides, then the second: one of type text takes as few words as it can, any other as many.
    """
    end = len(takes.words)
    for number, item in enumerate(variant):
        if isinstance(item, Hole) and item.type.is_text:
            head, tail = variant[:number], variant[number + 1 :]
            before, stop, behind = _at_once(head, tail, takes) or _around(head, tail, takes)
            return {**before.slots, item.name: takes.tokens.original(before.end, stop), **behind}
    return _Onwards(variant, range(end, end + 1), takes).slots


class _Onwards:
    """The slots of *items* from the first token on to one of *stops*, as they are preferred, and their *end*."""

    def __init__(self, items: Sequence[Item], stops: range, takes: Takes) -> None:
        self._items = items
        self._stops = stops
        self._last = stops.stop - 1
        self._takes = takes
        self._in_vain: set[tuple[int, int]] = set()
        self.slots: Slots = {}
        self.end = self._leading_on(0, 0)

    def _leading_on(self, number: int, at: int) -> int:
        """Where the items from one on end that start at a token; -1 if nowhere."""
        items, words, last = self._items, self._takes.words, self._last
        while number < len(items):
            item = items[number]
            if isinstance(item, Hole):
                return self._taking(item, number, at)
            if at >= last or words[at] != item:
                return -1
            number, at = number + 1, at + 1
        return at if at in self._stops else -1

    def _taking(self, hole: Hole, number: int, at: int) -> int:
        if self._last - at < len(self._items) - number or (number, at) in self._in_vain:
            return -1
        for end, value in self._takes.values(hole.type, at):
            self.slots[hole.name] = value
            if (reached := self._leading_on(number + 1, end)) >= 0:
                return reached
        self._in_vain.add((number, at))
        return -1


def _at_once(head: Variant, tail: Variant, takes: Takes) -> tuple[_Onwards, int, Slots] | None:
    """What is before a text, where that stops, and what is behind it; None if it takes a closer look, which is rare."""
    if (behind := _longest_way(tail, takes)) is None:
        return None
    before = _Onwards(head, range(len(takes.words)), takes)
    return (before, *behind) if before.end < behind[0] else None


def _longest_way(items: Sequence[Item], takes: Takes) -> tuple[int, Slots] | None:
    """Where *items* start that end with the message, at the soonest, and their slots; None if it takes a closer look.

    It takes none where they can be read in one way alone, and where each takes as much as it ever does.
    """
    words, at = takes.words, len(takes.words)
    spans: list[tuple[Hole, int, int]] = []
    is_only = True
    for item in reversed(items):
        if isinstance(item, str):
            if not at or words[at - 1] != item:
                return None
            at -= 1
        else:
            starts = takes.starts(item.type, at)
            if not starts:
                return None
            is_only = is_only and len(starts) == 1
            spans.append((item, starts[0], at))
            at = starts[0]
    if not is_only and len(words) - at < takes.room(items):
        return None
    return at, {hole.name: takes.value(hole.type, start, end) for hole, start, end in reversed(spans)}


def _around(head: Variant, tail: Variant, takes: Takes) -> tuple[_Onwards, int, Slots]:
    end = len(takes.words)
    behind = _back_from(end, tail, takes, soonest=not head)
    starts: Collection[int] = behind[0][1] if tail else (end,)
    # The text has a word at least.
    before = _Onwards(head, range(max(starts)), takes)
    stop = min(place for place in starts if place > before.end)
    return before, stop, _along(behind, stop, takes)


def _back_from(end: int, items: Sequence[Item], takes: Takes, *, soonest: bool) -> Ways:
    """The ways of *items* to the end of the message, from wherever they may start, or at least from the *soonest*."""
    words, reached, ways = takes.words, {end: end}, []
    for item, run in _runs_back(items):
        if item is None:
            size = len(run)
            reached = {at - size: at for at in reached if words[at - size : at] == run and at >= size}
        elif soonest and item is items[0]:
            reached = _soonest(item, reached, takes)
        else:
            # Of several ends the last counts.
            reached = {start: at for at in sorted(reached) if at for start in takes.starts(item.type, at)}
        ways.append((item, reached))
    return ways[::-1]


def _soonest(hole: Hole, ends: Collection[int], takes: Takes) -> dict[int, int]:
    """Where *hole* may start behind the first token that ends at one of *ends*, the soonest among others."""
    reached, latest = dict[int, int](), UNLIMITED
    for end in sorted(end for end in ends if end):
        if end - hole.type.most > latest:
            break
        for start in takes.starts(hole.type, end):
            if start > 0:
                reached[start] = end
                latest = min(latest, start)
    return reached


def _runs_back(items: Sequence[Item]) -> Iterator[tuple[Hole | None, Sequence[Item]]]:
    """The slots, the last first, and the words between them, as many at once as there are."""
    end = len(items)
    for at in range(end - 1, -1, -1):
        item = items[at]
        if isinstance(item, Hole):
            if at + 1 < end:
                yield None, items[at + 1 : end]
            yield item, ()
            end = at
    if end:
        yield None, items[:end]


def _along(ways: Ways, at: int, takes: Takes) -> Slots:
    """The slots on *ways* that start at a token."""
    slots: Slots = {}
    for hole, way in ways:
        start, at = at, way[at]
        if hole is not None:
            slots[hole.name] = takes.value(hole.type, start, at)
    return slots
