"""A message read from its first word on, or from its last word backwards, each step from all places at once."""

from collections.abc import Iterable, Sequence
from typing import Final, Protocol

from botkit.language.slots import SlotType
from botkit.language.spellings import Spelling
from botkit.language.spots import Spots, between, lowest
from botkit.language.takes import Lengths, Takes
from botkit.language.tree import Node

#: What is behind an item, and where it is read on.
Way = tuple[Node, Spots]
Ways = Sequence[Way]
#: How many words most messages have at most.
_LONG: Final = 16


class Reading(Protocol):
    """How a message is read; nowhere on below a node that takes more tokens than are left, or less."""

    def within(self, node: Node, spots: Spots) -> Spots:
        """Those of *spots* from which on what is below *node* has as many tokens as it takes."""
        ...

    def ended(self, spots: Spots) -> Spots:
        """Those of *spots* at which a variant may end."""
        ...

    def straight(self, node: Node, spots: Spots) -> Way:
        """What is behind literal words alone that are read from one spot, and where; nowhere if they are not said."""
        ...

    def words(self, node: Node, spots: Spots) -> Ways:
        """What is behind the words at *spots*."""
        ...

    def behind(self, slot_type: SlotType, after: Node, spots: Spots) -> Spots:
        """Where it is read on below *after*, which is behind a slot at *spots*."""
        ...

    def lists(self, spots: Spots) -> Iterable[tuple[Spelling, Lengths]]:
        """The values of lists at *spots*, and perhaps at others: one spelling of those of the same lists."""
        ...

    def spelled(self, after: Node, spots: Spots) -> Iterable[tuple[Spelling, Spots]]:
        """The values of lists at *spots*, those of the same lists at once, and where it is read on below *after*."""
        ...


class Onwards:
    """From the first word on, to the last."""

    def __init__(self, takes: Takes) -> None:
        self._takes = takes
        self._length = len(takes.words)
        self._has_address = takes.has_address
        self._is_long = self._length > _LONG and not takes.has_address

    def within(self, node: Node, spots: Spots) -> Spots:
        """As `Reading.within`."""
        length, last = self._length, self._length - node.least
        if last < 0:
            return 0
        spots &= (2 << last) - 1
        soonest = length - (node.most if self._has_address else node.plain)
        if soonest > 0:
            spots = spots >> soonest << soonest
        if self._is_long and spots and lowest(spots) < length - node.loose:
            # It is worth a look whether what is tight may take several words.
            soonest = max(0, length - node.loose - self._takes.joined)
            return spots >> soonest << soonest
        return spots

    def ended(self, spots: Spots) -> Spots:
        """As `Reading.ended`: at the end of the message."""
        return spots & 1 << self._length

    def straight(self, node: Node, spots: Spots) -> Way:
        """As `Reading.straight`."""
        words = self._takes.words
        while not (node.has_slots or node.leaves):
            at = spots.bit_length() - 1
            after = node.words.get(words[at]) if at < self._length else None
            if after is None:
                return node, 0
            node, spots = after, spots << 1
        return node, spots

    def words(self, node: Node, spots: Spots) -> Ways:
        """As `Reading.words`."""
        takes, edges = self._takes, node.words
        if not spots & (spots - 1):
            at = spots.bit_length() - 1
            after = edges.get(takes.words[at]) if at < self._length else None
            return () if after is None or not self.within(after, spots << 1) else ((after, spots << 1),)
        places, ways = takes.places(spots), []
        for word in takes.shared(edges, places):
            there = spots & places.get(word, 0)
            if there and (behind := self.within(edges[word], there << 1)):
                ways.append((edges[word], behind))
        return ways

    def behind(self, slot_type: SlotType, after: Node, spots: Spots) -> Spots:
        """As `Reading.behind`."""
        return self.within(after, self._takes.ends(slot_type, spots))

    def lists(self, spots: Spots) -> Iterable[tuple[Spelling, Lengths]]:
        """As `Reading.lists`."""
        return self._takes.spelled(spots)

    def spelled(self, after: Node, spots: Spots) -> Iterable[tuple[Spelling, Spots]]:
        """As `Reading.spelled`."""
        ways = []
        for spelling, lengths in self.lists(spots):
            ends = 0
            for length, starts in lengths.items():
                ends |= (spots & starts) << length
            if ends := self.within(after, ends):
                ways.append((spelling, ends))
        return ways


class Backwards:
    """From the last word backwards, to no token before *first*; any may be the last that is read."""

    def __init__(self, takes: Takes, first: int) -> None:
        self._takes = takes
        self._first = first

    def within(self, node: Node, spots: Spots) -> Spots:
        """As `Reading.within`."""
        soonest = self._first + node.least
        return spots >> soonest << soonest

    def ended(self, spots: Spots) -> Spots:
        """As `Reading.ended`: anywhere."""
        return spots

    def straight(self, node: Node, spots: Spots) -> Way:
        """As `Reading.straight`."""
        words, first = self._takes.words, self._first
        while not (node.has_slots or node.leaves):
            at = spots.bit_length() - 2
            after = node.words.get(words[at]) if at >= first else None
            if after is None:
                return node, 0
            node, spots = after, spots >> 1
        return node, spots

    def words(self, node: Node, spots: Spots) -> Ways:
        """As `Reading.words`."""
        takes, edges, before = self._takes, node.words, spots >> 1
        if not before & (before - 1):
            after = edges.get(takes.words[before.bit_length() - 1]) if before else None
            return () if after is None or not self.within(after, before) else ((after, before),)
        places, ways = takes.places(before), []
        for word in takes.shared(edges, places):
            there = before & places.get(word, 0)
            if there and (behind := self.within(edges[word], there)):
                ways.append((edges[word], behind))
        return ways

    def behind(self, slot_type: SlotType, after: Node, spots: Spots) -> Spots:
        """As `Reading.behind`."""
        soonest = self._first + after.least
        return self._takes.starts(slot_type, spots, soonest) if spots >> soonest else 0

    def lists(self, spots: Spots) -> Iterable[tuple[Spelling, Lengths]]:
        """As `Reading.lists`."""
        soonest = max(0, lowest(spots) - self._takes.longest)
        return self._takes.spelled(between(soonest, spots.bit_length() - 1))

    def spelled(self, after: Node, spots: Spots) -> Iterable[tuple[Spelling, Spots]]:
        """As `Reading.spelled`."""
        ways = []
        for spelling, lengths in self.lists(spots):
            starts = 0
            for length, found in lengths.items():
                starts |= (spots >> length) & found
            if starts := self.within(after, starts):
                ways.append((spelling, starts))
        return ways
