"""The nodes of the trees in which templates are found, and how literal each template is."""

from collections.abc import Collection
from typing import Final

from attrs import define, field, frozen

from botkit.language.slots import UNLIMITED, SlotType
from botkit.language.templates import Hole, Item, Variant

#: The better first: words (negated); slots of type text, word, decimal (what takes more is worse); slots; order.
Rank = tuple[int, int, int, int, int, int]

#: Where so many times more lists end than a word is a value of, each of the word's lists is looked up.
_SCANNED: Final = 8
#: What is found is better than this.
WORST: Final[Rank] = (1, 0, 0, 0, 0, 0)


@frozen
class Leaf:
    """The end of a variant: its *rank*, its slots' *names* in order, and the *number* it was added under.

    *list* is the first list on the way to it, "" if there is none.
    """

    rank: Rank
    names: tuple[str, ...]
    number: int
    list: str = ""


@define(eq=False)
class Node:
    """A node of a tree: what follows by *words* and by *slots*, and the *leaves* of the variants that end here.

    The first list on a variant's way is an edge that all lists share, *listed*; which of them it was, its leaf knows.
    *tail* is the root of what follows a slot of type text here, its last word first. Of the variants below, *needs*
    are the words that all of them have, *least* and *most* how many tokens they take, *best* is the best of their
    ranks.
    """

    needs: frozenset[str] | None = None
    best: Rank = WORST
    words: dict[str, "Node"] = field(factory=dict)
    slots: dict[str, tuple[SlotType, "Node"]] = field(factory=dict)
    listed: "Node | None" = None
    tail: "Node | None" = None
    leaves: dict[str, Leaf] = field(factory=dict)
    has_slots: bool = False
    least: int = UNLIMITED
    most: int = 0

    def following(self, item: Item, *, first_list: bool = False) -> "Node":
        """The node behind *item*, made if there is none."""
        if isinstance(item, str):
            return self.words.setdefault(item, Node())
        self.has_slots = True
        if item.type.is_text:
            self.tail = self.tail or Node()
            return self.tail
        if first_list:
            self.listed = self.listed or Node()
            return self.listed
        return self.slots.setdefault(item.type.name, (item.type, Node()))[1]

    def leaf(self, lists: Collection[str]) -> Leaf | None:
        """The best leaf of those that end here with one of *lists*."""
        leaves = self.leaves
        if _SCANNED * len(lists) < len(leaves):
            return min((leaves[name] for name in lists if name in leaves), key=lambda leaf: leaf.rank, default=None)
        # Leaves of one node are equally literal, so that the first added is the best.
        return next((leaf for name, leaf in leaves.items() if name in lists), None)

    def widen(self, rest: "Rest", rank: Rank) -> None:
        """Know of one more variant, of which *rest* is still to be read here."""
        if self.needs is None or not self.needs <= rest.words:
            self.needs = rest.words if self.needs is None else self.needs & rest.words
        self.least, self.most = min(self.least, rest.least), max(self.most, rest.most)
        self.best = min(self.best, rank)


@frozen
class Rest:
    """What is left of a variant: how many tokens it takes, at least and at most, and its words."""

    least: int = 0
    most: int = 0
    words: frozenset[str] = frozenset()

    def and_before(self, item: Item) -> "Rest":
        """The rest before *item* has been read."""
        if isinstance(item, str):
            return Rest(self.least + 1, min(UNLIMITED, self.most + 1), self.words | {item})
        return Rest(self.least + 1, min(UNLIMITED, self.most + item.type.most), self.words)


def rests(items: Variant) -> list[Rest]:
    """What is left before the first of *items*, and after each."""
    left = [Rest()]
    for item in reversed(items):
        left.append(left[-1].and_before(item))
    return left[::-1]


def in_reading_order(variant: Variant) -> Variant:
    """The items up to a slot of type text, then those behind it, the last first."""
    for at, item in enumerate(variant, 1):
        if isinstance(item, Hole) and item.type.is_text:
            return variant[:at] + variant[at:][::-1]
    return variant


def rank(variant: Variant, order: int) -> Rank:
    """How literal *variant* is: the more words of its own the better, then the less its slots take."""
    types = [item.type.name for item in variant if isinstance(item, Hole)]
    free = (types.count("text"), types.count("word"), types.count("decimal"))
    return (len(types) - len(variant), *free, len(types), order)
