"""One message's way from its end backwards, through what follows a slot of type text."""

from collections.abc import Sequence

from botkit.language.known import Known, at_least, worth
from botkit.language.spellings import Spelling
from botkit.language.takes import Takes
from botkit.language.tree import FEW, Leaf, Node, Rank, Shapes


class Back:
    """Finds the best leaf that takes the last tokens, none of them before *late*, and no slot one before *first*."""

    def __init__(self, takes: Takes, shapes: Shapes, known: Known, first: int, late: int) -> None:
        self._takes = takes
        self._words = takes.words
        self._shapes = shapes
        self._known = known
        self._first = first
        self._late = late
        self._said = takes.said_from(late)
        self._figures: Sequence[int] = ()

    def from_end(self, root: Node, of: Spelling, limit: Rank) -> Leaf | None:
        """The best leaf below *root* that takes the last tokens; *of* and *limit* as in `botkit.language.walk`."""
        if root.hope(self._said) >= limit:
            return None
        self._figures = self._figures or self._takes.figures_from(self._late)
        return self._better(root, len(self._words), of, limit)

    def _better(self, node: Node, end: int, of: Spelling, limit: Rank) -> Leaf | None:
        said, figures = self._said, self._figures[end]
        if (
            end - node.least < self._first
            or (node.best if node.figures <= figures and node.needs <= said else node.hope(said, figures)) >= limit
        ):
            return None
        return self._best(node, end, of, limit)

    def _best(self, node: Node, end: int, of: Spelling, limit: Rank) -> Leaf | None:
        first, words = self._first, self._words
        while not node.has_slots and end > first and not node.leaves:
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
            best = self._better(following, end - 1, of, best.rank if best else limit) or best
        if node.slots:
            best = self._slots(node, end, of, best.rank if best else limit) or best
        if node.listed is not None:
            best = self._listed(node.listed, end, best.rank if best else limit) or best
        return best

    def _slots(self, node: Node, end: int, of: Spelling, limit: Rank) -> Leaf | None:
        best, takes, said, figures = None, self._takes, self._said, self._figures[end - 1]
        slots = node.slots.values() if len(node.slots) <= FEW else node.crowded(takes.spelled_to(end))
        for slot_type, after in slots:
            soonest = self._first + after.least
            if end <= soonest or after.best >= limit or (slot_type.is_figures and self._figures[end] == figures):
                continue
            # What is promised is asked once, wherever the slot may start.
            is_best = after.figures <= figures and after.needs <= said
            if (promised := after.best if is_best else after.hope(said, figures)) < limit:
                for start in reversed(takes.starts(slot_type, end)):
                    if start >= soonest and (below := self._best(after, start, of, limit)):
                        best, limit = below, below.rank
                        if limit == promised:
                            break
        return best

    def _listed(self, after: Node, end: int, limit: Rank) -> Leaf | None:
        best, soonest = None, self._first + after.least
        if end > soonest and (promised := after.hope(self._said, self._figures[end - 1])) < limit:
            for length, spelling in self._takes.spelled_to(end):
                if end - length >= soonest and (below := self._best(after, end - length, spelling, limit)):
                    best, limit = below, below.rank
                    if limit == promised:
                        break
        return best
