"""What the slots of a template take that fits a message: of all the ways it can be, the one that is preferred."""

from collections.abc import Iterable, Sequence

from botkit.language.takes import Takes
from botkit.language.templates import Hole, Item, Variant

#: Where each of some items may start, and, last, where they may end.
Ways = list[set[int]]
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
            behind = _only_way(variant[number:], takes)
            if behind is None or behind[0] <= at:
                return None
            return {**slots, item.name: takes.tokens.original(at, behind[0]), **behind[1]}
        else:
            found = takes.values(item.type, at)
            if not found:
                return None
            at, slots[item.name] = found[0]
    return slots if at == end else None


def _only_way(items: Sequence[Item], takes: Takes) -> tuple[int, Slots] | None:
    """Where *items* start that end with the message, and their slots; None where they can be read in several ways."""
    words, stop = takes.words, len(takes.words)
    slots: list[tuple[str, object]] = []
    for item in reversed(items):
        if isinstance(item, str):
            if not stop or words[stop - 1] != item:
                return None
            stop -= 1
        else:
            starts = takes.starts(item.type, stop)
            if len(starts) != 1:
                return None
            slots.append((item.name, next(value for end, value in takes.values(item.type, starts[0]) if end == stop)))
            stop = starts[0]
    return stop, dict(reversed(slots))


def _preferred(variant: Variant, takes: Takes) -> Slots:
    end = len(takes.words)
    for number, item in enumerate(variant):
        if isinstance(item, Hole) and item.type.is_text:
            head, tail = variant[:number], variant[number + 1 :]
            behind = _back_from(end, tail, takes)
            # The text has a word at least.
            start, before = _along(head, _leading_to(range(max(behind[0])), head, takes), 0, takes)
            stop = min(place for place in behind[0] if place > start)
            said = {item.name: takes.tokens.original(start, stop)}
            return before | said | _along(tail, behind, stop, takes)[1]
    return _along(variant, _leading_to({end}, variant, takes), 0, takes)[1]


def _leading_to(ends: Iterable[int], items: Sequence[Item], takes: Takes) -> Ways:
    """The ways of *items* from the first token on to one of *ends*."""
    ways = [{0}]
    for item in items:
        ways.append(_ends(item, ways[-1], takes))
    ways[-1].intersection_update(ends)
    for number in range(len(items) - 1, 0, -1):
        if len(ways[number]) > 1:
            ways[number] = {
                at for at in ways[number] if not ways[number + 1].isdisjoint(_ends(items[number], (at,), takes))
            }
    return ways


def _back_from(end: int, items: Sequence[Item], takes: Takes) -> Ways:
    """The ways of *items* to the end of the message, from wherever they may start."""
    words, ways = takes.words, [{end}]
    for item in reversed(items):
        if isinstance(item, str):
            ways.append({place - 1 for place in ways[-1] if place and words[place - 1] == item})
        else:
            ways.append({start for place in ways[-1] for start in takes.starts(item.type, place)})
    return ways[::-1]


def _along(items: Sequence[Item], ways: Ways, at: int, takes: Takes) -> tuple[int, Slots]:
    """Where *items* end that start at a token, and their slots, each taking what it prefers of its *ways*."""
    slots: Slots = {}
    for item, places in zip(items, ways[1:], strict=True):
        if isinstance(item, str):
            at += 1
        else:
            at, slots[item.name] = next(one for one in takes.values(item.type, at) if one[0] in places)
    return at, slots


def _ends(item: Item, places: Iterable[int], takes: Takes) -> set[int]:
    """Where *item* ends that starts at one of *places*."""
    words, length = takes.words, len(takes.words)
    if isinstance(item, str):
        return {at + 1 for at in places if at < length and words[at] == item}
    return {end for at in places if at < length for end, _ in takes.values(item.type, at)}
