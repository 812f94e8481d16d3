"""One message's way through the trees of `botkit.language.index`: which template wins, whatever its slots take."""

from collections.abc import Collection
from typing import Final

from botkit.language.slots import BUILT_IN, SlotType
from botkit.language.spellings import NO_LIST, Spelling
from botkit.language.takes import Spelled, Takes
from botkit.language.tree import WORST, Leaf, Node, Rank, Shapes

#: The shape of a node, where it is looked at, and which lists were read before.
Place = tuple[int, ...]

#: Up to so many slot types behind a node are tried one by one.
_FEW: Final = 16
#: More than any path weighs: where no leaf is reached.
_NEVER: Final = 1 << 60


class Walk:
    """Finds the best leaf; every shape of nodes is looked at once at a position, every slot type too."""

    def __init__(self, takes: Takes, shapes: Shapes) -> None:
        self._takes = takes
        self._words = takes.words
        self._said = takes.said
        self._shapes = shapes
        #: From a shape of nodes, at a place, to its best leaf: what the way weighs at least; below the node that was
        #: looked at no leaf of that weight is of an earlier order.
        self._known: dict[Place, tuple[int, int, Node]] = {}

    def best(self, node: Node, at: int, of: Spelling = NO_LIST, limit: Rank = WORST) -> Leaf | None:
        """The best leaf below *node* for the tokens from *at* on.

        *of* is the spelling of the list that was read before, which is to be one that the leaf is for. There is none
        where nothing is better than *limit*.
        """
        words = self._words
        if not node.least <= len(words) - at <= node.most or self._hope(node) >= limit:
            return None
        while at < len(words) and not node.has_slots:
            # Literal words alone: one lookup each, and nothing to remember.
            following = node.words.get(words[at])
            if following is None:
                return None
            node, at = following, at + 1
        if at == len(words):
            leaf = node.leaf(of.lists) if node.leaves else None
            return leaf if leaf and leaf.rank < limit else None
        place = (node.shape or self._shapes.of(node), at, of.key)
        if self._least(node, place) >= limit:
            return None
        best = self._branch(node, at, of, limit)
        self._know(node, place, best, limit)
        return best

    def _branch(self, node: Node, at: int, of: Spelling, limit: Rank) -> Leaf | None:
        following, left = node.words.get(self._words[at]), len(self._words) - at
        best = self.best(following, at + 1, of, limit) if following else None
        limit = best.rank if best else limit
        slots = node.slots.values() if len(node.slots) <= _FEW else _crowded(node, self._takes.spelled_from(at))
        for slot_type, after in slots:
            limit = best.rank if best else limit
            if after.least < left:
                best = self._typed(slot_type, after, at, of, limit) or best
        if node.listed is not None and node.listed.least < left:
            best = self._listed(node.listed, at, best.rank if best else limit) or best
        if node.tail is not None:
            best = self._text(node.tail, at, of, best.rank if best else limit) or best
        return best

    def _typed(self, slot_type: SlotType, after: Node, at: int, of: Spelling, limit: Rank) -> Leaf | None:
        best: Leaf | None = None
        for end, _ in self._takes.values(slot_type, at):
            if below := self.best(after, end, of, limit):
                best, limit = below, below.rank
        return best

    def _listed(self, after: Node, at: int, limit: Rank) -> Leaf | None:
        best: Leaf | None = None
        for length, spelling in self._takes.spelled_from(at):
            if below := self.best(after, at + length, spelling, limit):
                best, limit = below, below.rank
        return best

    def _text(self, root: Node, at: int, of: Spelling, limit: Rank) -> Leaf | None:
        """The best behind a slot of type text that starts at a token."""
        # In a message so long that nothing behind the text reaches back to it, all such slots share one walk.
        length = len(self._words)
        first = at + 1 if length - root.most <= at else 0
        needs = [needs for _, needs in root.hopes if needs <= self._said]
        if not needs or self._takes.lacks(frozenset.intersection(*needs), max(at + 1, length - root.most)):
            return None
        return self._tail(root, length, first, of, limit)

    def _tail(self, node: Node, end: int, first: int, of: Spelling, limit: Rank) -> Leaf | None:
        """The best leaf below *node* that takes the tokens up to *end*, and none before *first*."""
        if end - node.least < first or self._hope(node) >= limit:
            return None
        while end > first and not node.has_slots and not node.leaves:
            following = node.words.get(self._words[end - 1])
            if following is None:
                return None
            node, end = following, end - 1
        place = (node.shape or self._shapes.of(node), end, first, of.key)
        if self._least(node, place) >= limit:
            return None
        best = self._tail_branch(node, end, first, of, limit)
        self._know(node, place, best, limit)
        return best

    def _tail_branch(self, node: Node, end: int, first: int, of: Spelling, limit: Rank) -> Leaf | None:
        best = node.leaf(of.lists) if node.leaves else None
        if best is not None and best.rank >= limit:
            best = None
        if end == first:
            return best
        if following := node.words.get(self._words[end - 1]):
            best = self._tail(following, end - 1, first, of, best.rank if best else limit) or best
        slots = node.slots.values() if len(node.slots) <= _FEW else _crowded(node, self._takes.spelled_to(end))
        for slot_type, after in slots:
            limit = best.rank if best else limit
            if end - after.least > first:
                best = self._tail_slot(slot_type, after, end, first, of, limit) or best
        if node.listed is not None and end - node.listed.least > first:
            best = self._tail_listed(node.listed, end, first, best.rank if best else limit) or best
        return best

    def _tail_slot(
        self, slot_type: SlotType, after: Node, end: int, first: int, of: Spelling, limit: Rank
    ) -> Leaf | None:
        best: Leaf | None = None
        for start in self._takes.starts(slot_type, end):
            if start >= first and (below := self._tail(after, start, first, of, limit)):
                best, limit = below, below.rank
        return best

    def _tail_listed(self, after: Node, end: int, first: int, limit: Rank) -> Leaf | None:
        best: Leaf | None = None
        for length, spelling in self._takes.spelled_to(end):
            if end - length >= first and (below := self._tail(after, end - length, first, spelling, limit)):
                best, limit = below, below.rank
        return best

    def _hope(self, node: Node) -> Rank:
        """No leaf below *node* is better whose words are all said."""
        said = self._said
        for rank, needs in node.hopes:
            if needs <= said:
                return rank
        return WORST

    def _least(self, node: Node, place: Place) -> Rank:
        """No leaf below *node* is better."""
        known = self._known.get(place)
        if known is None:
            return self._hope(node)
        weight, order, other = known
        return node.before + weight, order if other is node else node.first

    def _know(self, node: Node, place: Place, best: Leaf | None, limit: Rank) -> None:
        """Remember what was found below *node*, where all that is better than *limit* was looked at."""
        weight, order = best.rank if best else (_NEVER, 0) if limit is WORST else limit
        self._known[place] = weight - node.before, order, node


def _crowded(node: Node, spelled: Spelled) -> Collection[tuple[SlotType, Node]]:
    """The slots behind *node*; of the lists only those that have a value there."""
    names = {name for _, spelling in spelled for name in spelling.lists}
    return [node.slots[name] for name in (*BUILT_IN, *names) if name in node.slots]
