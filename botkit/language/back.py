"""One message's way from its end backwards, through what follows a slot of type text."""

from collections.abc import Set as AbstractSet

from botkit.language.known import Known, at_least, worth
from botkit.language.spellings import Spelling
from botkit.language.takes import Takes
from botkit.language.tree import FEW, Leaf, Node, Rank, Shapes


class Back:
    """Finds the best leaf that takes the last tokens, and none before *first*; *said* is what is said that late."""

    def __init__(self, takes: Takes, shapes: Shapes, known: Known, first: int, said: AbstractSet[str]) -> None:
        self._takes = takes
        self._words = takes.words
        self._shapes = shapes
        self._known = known
        self._first = first
        self._said = said

    def best(self, node: Node, end: int, of: Spelling, limit: Rank) -> Leaf | None:
        """The best leaf below *node* that takes the tokens up to *end*.

        *of* and *limit* are those of `botkit.language.walk.Walk.best`.
        """
        first, words, said = self._first, self._words, self._said
        if end - node.least < first or (node.best if node.needs <= said else node.hope(said)) >= limit:
            return None
        while end > first and not node.has_slots and not node.leaves:
            following = node.words.get(words[end - 1])
            if following is None:
                return None
            node, end = following, end - 1
        place = (node.shape or self._shapes.of(node), end, first, of.key)
        known = self._known.get(place)
        if known is not None and at_least(known, node) >= limit:
            return None
        best = self._branch(node, end, of, limit)
        self._known[place] = worth(node, best, limit)
        return best

    def _branch(self, node: Node, end: int, of: Spelling, limit: Rank) -> Leaf | None:
        best = node.leaf(of.lists) if node.leaves else None
        if best is not None and best.rank >= limit:
            best = None
        if end == self._first:
            return best
        if following := node.words.get(self._words[end - 1]):
            best = self.best(following, end - 1, of, best.rank if best else limit) or best
        if node.slots:
            best = self._slots(node, end, of, best.rank if best else limit) or best
        if node.listed is not None:
            best = self._listed(node.listed, end, best.rank if best else limit) or best
        return best

    def _slots(self, node: Node, end: int, of: Spelling, limit: Rank) -> Leaf | None:
        best, first = None, self._first
        slots = node.slots.values() if len(node.slots) <= FEW else node.crowded(self._takes.spelled_to(end))
        for slot_type, after in slots:
            if end - after.least > first and after.best < limit:
                for start in self._takes.starts(slot_type)[end]:
                    if start >= first and (below := self.best(after, start, of, limit)):
                        best, limit = below, below.rank
        return best

    def _listed(self, after: Node, end: int, limit: Rank) -> Leaf | None:
        best: Leaf | None = None
        if end - after.least > self._first and after.best < limit:
            for length, spelling in self._takes.spelled_to(end):
                if end - length >= self._first and (below := self.best(after, end - length, spelling, limit)):
                    best, limit = below, below.rank
        return best
