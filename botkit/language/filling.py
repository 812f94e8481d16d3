"""What the slots of a template take that fits a message: of all the ways it can be, the one that is preferred."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from botkit.language.takes import Takes
from botkit.language.templates import Hole, Item, Variant

#: For each slot, or some words in a row: from where it may start, where it ends then, if all behind it is to fit.
Ways = Sequence[tuple[Hole | None, Mapping[int, int]]]
Slots = dict[str, object]


def filled(variant: Variant, takes: Takes) -> Slots:
    """The slots of *variant*, which fits the message, by name.

    The first slot decides, then the second: one of type text takes as few words as it can, any other as many.
    """
    return _at_once(variant, takes) or _preferred(variant, takes)


def _at_once(variant: Variant, takes: Takes) -> Slots | None:
    """The slots where each can take what it prefers, as nearly always; None where that leads nowhere."""
    words, at, end = takes.words, 0, len(takes.words)
    slots: Slots = {}
    for number, item in enumerate(variant, 1):
        if at == end:
            return None
        if isinstance(item, str):
            if words[at] != item:
                return None
            at += 1
        elif item.type.is_text:
            behind = _longest_way(variant[number:], takes)
            if behind is None or behind[0] <= at:
                return None
            return {**slots, item.name: takes.tokens.original(at, behind[0]), **behind[1]}
        else:
            found = takes.values(item.type, at)
            if not found:
                return None
            at, slots[item.name] = found[0]
    return slots if at == end else None


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
            starts = takes.starts(item.type)[at]
            if not starts:
                return None
            is_only = is_only and len(starts) == 1
            spans.append((item, starts[0], at))
            at = starts[0]
    if not is_only and len(words) - at < takes.room(items):
        return None
    return at, {hole.name: takes.value(hole.type, start, end) for hole, start, end in reversed(spans)}


def _preferred(variant: Variant, takes: Takes) -> Slots:
    end = len(takes.words)
    for number, item in enumerate(variant):
        if isinstance(item, Hole) and item.type.is_text:
            head, tail = variant[:number], variant[number + 1 :]
            behind = _back_from(end, tail, takes)
            starts: Collection[int] = behind[0][1] if tail else (end,)
            # The text has a word at least.
            start, before = _along(_leading_to(range(max(starts)), head, takes), 0, takes)
            stop = min(place for place in starts if place > start)
            said = {item.name: takes.tokens.original(start, stop)}
            return before | said | _along(behind, stop, takes)[1]
    return _along(_back_from(end, variant, takes), 0, takes)[1]


def _back_from(end: int, items: Sequence[Item], takes: Takes) -> Ways:
    """The ways of *items* to the end of the message, from wherever they may start."""
    words, reached, ways = takes.words, {end: end}, []
    for item, run in _runs_back(items):
        if item is None:
            size = len(run)
            reached = {at - size: at for at in reached if words[at - size : at] == run and at >= size}
        else:
            starts = takes.starts(item.type)
            # Of several ends the last counts.
            reached = {start: at for at in sorted(reached) for start in starts[at]}
        ways.append((item, reached))
    return ways[::-1]


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


def _leading_to(stops: Collection[int], items: Sequence[Item], takes: Takes) -> Ways:
    """The ways of *items* from the first token on to one of *stops*."""
    places: Collection[int] = (0,)
    found = []
    for item in items:
        found.append(_ends(item, places, takes))
        places = {end for ends in found[-1].values() for end in ends}
    reached: Mapping[int, int] = {place: place for place in places if place in stops}
    ways = []
    for item, starts in zip(reversed(items), reversed(found), strict=True):
        reached = {at: end for at, ends in starts.items() for end in reversed(ends) if end in reached}
        ways.append((item if isinstance(item, Hole) else None, reached))
    return ways[::-1]


def _along(ways: Ways, at: int, takes: Takes) -> tuple[int, Slots]:
    """Where *ways* end that start at a token, and the slots on them."""
    slots: Slots = {}
    for hole, way in ways:
        start, at = at, way[at]
        if hole is not None:
            slots[hole.name] = takes.value(hole.type, start, at)
    return at, slots


def _ends(item: Item, places: Iterable[int], takes: Takes) -> Mapping[int, Sequence[int]]:
    """Where *item* ends that starts at one of *places*, the end to be preferred first."""
    words, length = takes.words, len(takes.words)
    if isinstance(item, str):
        return {at: (at + 1,) for at in places if at < length and words[at] == item}
    return {at: [end for end, _ in takes.values(item.type, at)] for at in places if at < length}
