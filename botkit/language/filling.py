"""What the slots of a template take that fits a message: of all the ways it can be, the one that is preferred."""

from collections.abc import Sequence

from botkit.language.spots import Spots, highest, lowest
from botkit.language.takes import Takes
from botkit.language.templates import Hole, Item, Variant

Slots = dict[str, object]


def filled(variant: Variant, takes: Takes) -> Slots:
    """The slots of *variant*, which fits the message, by name.

    The first slot decides, then the second: one of type text takes as few words as it can, any other as many.
    """
    end = len(takes.words)
    for number, item in enumerate(variant):
        if isinstance(item, Hole) and item.type.is_text:
            head, tail = variant[:number], variant[number + 1 :]
            ways = _back(tail, 1 << end, takes)
            # The text has a word at least.
            before, slots = _onwards(head, (1 << highest(ways[0])) - 1, takes) if head else (0, {})
            stop = before + 1 + lowest(ways[0] >> (before + 1))
            text = takes.tokens.original(before, stop)
            return {**slots, item.name: text, **_along(tail, stop, ways, takes)[1]}
    reached, slots = _along(variant, 0, (), takes)
    return slots if reached == end else _along(variant, 0, _back(variant, 1 << end, takes), takes)[1]


def _onwards(items: Sequence[Item], stops: Spots, takes: Takes) -> tuple[int, Slots]:
    """Where *items* end that begin with the message, one of *stops*, and what their slots take."""
    end, slots = _along(items, 0, (), takes)
    if end >= 0 and stops >> end & 1:
        return end, slots
    spots = 1
    for item in items:
        if isinstance(item, str):
            spots = (spots & takes.places(spots).get(item, 0)) << 1
        else:
            spots = takes.ends(item.type, spots)
    return _along(items, 0, _back(items, spots & stops, takes), takes)


def _back(items: Sequence[Item], ends: Spots, takes: Takes) -> list[Spots]:
    """Before each of *items*, and behind the last: where what follows may start, if it is to end at one of *ends*."""
    ways = [ends]
    for item in reversed(items):
        if not isinstance(item, str):
            ends = takes.starts(item.type, ends, 0)
        elif ends & (ends - 1):
            ends = ends >> 1 & takes.places(ends >> 1).get(item, 0)
        else:
            # The variant fits, so this is the word.
            ends >>= 1
        ways.append(ends)
    ways.reverse()
    return ways


def _along(items: Sequence[Item], at: int, ways: Sequence[Spots], takes: Takes) -> tuple[int, Slots]:
    """Where *items* end if each takes what it prefers, which is most, and the slots; -1 if that leads nowhere.

    With *ways* nothing is taken that leads away from them.
    """
    slots: Slots = {}
    words = takes.words
    for number, item in enumerate(items, 1):
        if isinstance(item, str):
            if not ways and (at >= len(words) or words[at] != item):
                return -1, slots
            at += 1
        else:
            start, ends = at, takes.ends(item.type, 1 << at)
            at = highest(ends & ways[number] if ways else ends)
            if at < 0:
                return -1, slots
            slots[item.name] = takes.value(item.type, start, at)
    return at, slots
