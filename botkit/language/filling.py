"""What the slots of a template take that fits a message: of all the ways it can be, the one that is preferred."""

from collections.abc import Sequence
from itertools import repeat
from typing import Final

from botkit.language.spots import Spots, highest, lowest
from botkit.language.takes import Takes
from botkit.language.templates import Hole, Item, Variant

Slots = dict[str, object]

#: So often a slot is tried with less than it would take, before all ways are looked at together.
_TRIES: Final = 8


def filled(variant: Variant, takes: Takes, ended: Spots) -> Slots:
    """The slots of *variant*, which fits the message, by name.

    The first slot decides, then the second: one of type text takes as few words as it can, any other as many. *ended*
    is where such a text may end, 0 if that is not known.
    """
    end = len(takes.words)
    for number, item in enumerate(variant):
        if isinstance(item, Hole) and item.type.is_text:
            head, tail = variant[:number], variant[number + 1 :]
            ended = ended or _back(tail, 1 << end, takes)[0]
            # The text has a word at least.
            before, slots = _preferred(head, 0, (1 << highest(ended)) - 1, takes) if head else (0, {})
            stop = before + 1 + lowest(ended >> (before + 1))
            text = takes.tokens.original(before, stop)
            return {**slots, item.name: text, **_preferred(tail, stop, 1 << end, takes)[1]}
    return _preferred(variant, 0, 1 << end, takes)[1]


def _preferred(items: Sequence[Item], at: int, stops: Spots, takes: Takes) -> tuple[int, Slots]:
    """Where *items* end that start at a token, one of *stops*, and what their slots take."""
    found = _along(items, at, [*repeat(-1, len(items)), stops], takes)
    return found if found[0] >= 0 else _along(items, at, _ways(items, at, stops, takes), takes)


def _along(items: Sequence[Item], at: int, ways: Sequence[Spots], takes: Takes) -> tuple[int, Slots]:
    """The same, by *ways*: what may be before each of *items*, and behind the last; -1 after too many tries."""
    words, number, tries = takes.words, 0, _TRIES
    #: The slots so far, where they start, and where they may end, the last of which is tried.
    taken: list[tuple[int, int, Spots]] = []
    while number < len(items):
        item = items[number]
        if isinstance(item, str):
            ends = 2 << at if at < len(words) and words[at] == item else 0
        else:
            ends = takes.ends(item.type, 1 << at)
        ends &= ways[number + 1]
        while not ends:
            if not taken or not tries:
                return -1, {}
            number, at, ends = taken.pop()
            ends ^= 1 << highest(ends)
            tries -= 1
        if not isinstance(items[number], str):
            taken.append((number, at, ends))
        at, number = ends.bit_length() - 1, number + 1
    slots: Slots = {}
    for number, start, ends in taken:
        item = items[number]
        if isinstance(item, Hole):
            slots[item.name] = takes.value(item.type, start, highest(ends))
    return at, slots


def _ways(items: Sequence[Item], at: int, stops: Spots, takes: Takes) -> list[Spots]:
    """Before each of *items* that start at a token, and behind the last: where the way to one of *stops* leads by."""
    spots = 1 << at
    for item in items:
        if isinstance(item, str):
            spots = (spots & takes.places(spots).get(item, 0)) << 1
        else:
            spots = takes.ends(item.type, spots)
    return _back(items, spots & stops, takes)


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
