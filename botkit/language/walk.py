"""One message's way through the trees of `botkit.language.index`: which template wins, whatever its slots take."""

from typing import Final

from botkit.language.back import Back
from botkit.language.known import Known, at_least, worth
from botkit.language.spellings import NO_LIST, Spelling
from botkit.language.takes import Takes
from botkit.language.tree import FEW, WORST, Leaf, Node, Rank, Shapes

#: How many words most messages have at most.
_LONG: Final = 16


class Walk:
    """Finds the best leaf; every shape of nodes is looked at once at a position, every slot type too."""

    def __init__(self, takes: Takes, shapes: Shapes) -> None:
        self._takes = takes
        self._words = takes.words
        self._length = len(takes.words)
        self._said = takes.said
        self._shapes = shapes
        self._known: Known = {}
        #: By the first token that what follows a text may take, and the one from which on it is to have what it needs.
        self._backs: dict[tuple[int, int], Back] = {}

    def best(self, node: Node, at: int, of: Spelling = NO_LIST, limit: Rank = WORST) -> Leaf | None:
        """The best leaf below *node* for the tokens from *at* on.

        *of* is the spelling of the list that was read before, which is to be one that the leaf is for. There is none
        where nothing is better than *limit*.
        """
        said, left = self._said, self._length - at
        if not node.least <= left <= node.most or (node.best if node.needs <= said else node.hope(said)) >= limit:
            return None
        return self._best(node, at, of, limit)

    def _best(self, node: Node, at: int, of: Spelling, limit: Rank) -> Leaf | None:
        words, length = self._words, self._length
        left = length - at
        # In a long message it is worth a look whether what is tight may take several words.
        if left > node.loose and length > _LONG and left > node.loose + self._takes.joined:
            return None
        while at < length and not node.has_slots:
            # Literal words alone: one lookup each, and nothing to remember.
            following = node.words.get(words[at])
            if following is None:
                return None
            node, at = following, at + 1
        if at == length:
            leaf = node.leaf(of.lists) if node.leaves else None
            return leaf if leaf and leaf.rank < limit else None
        place = (node.shape or self._shapes.of(node), at, of.key)
        known = self._known.get(place)
        if known is not None and at_least(known, node) >= limit:
            return None
        best = self._branch(node, at, of, limit)
        self._known[place] = worth(node, best, limit)
        return best

    def _branch(self, node: Node, at: int, of: Spelling, limit: Rank) -> Leaf | None:
        following, tail = node.words.get(self._words[at]), node.tail
        best: Leaf | None = None
        if following is not None:
            if tail is not None and tail.hope(self._said) < following.hope(self._said):
                # What promises more is tried first: it may spare the other.
                best, tail = self._text(tail, at, of, limit), None
            best = self.best(following, at + 1, of, best.rank if best else limit) or best
        if node.slots:
            best = self._slots(node, at, of, best.rank if best else limit) or best
        if node.listed is not None:
            best = self._listed(node.listed, at, best.rank if best else limit) or best
        if tail is not None:
            best = self._text(tail, at, of, best.rank if best else limit) or best
        return best

    def _slots(self, node: Node, at: int, of: Spelling, limit: Rank) -> Leaf | None:
        best, length, said = None, self._length, self._said
        slots = node.slots.values() if len(node.slots) <= FEW else node.crowded(self._takes.spelled_from(at))
        for slot_type, after in slots:
            soonest, last = length - after.most, length - after.least
            # What is promised is asked once, wherever the slot may end.
            if at >= last or (promised := after.best if after.needs <= said else after.hope(said)) >= limit:
                continue
            for end, _ in self._takes.values(slot_type, at):
                if soonest <= end <= last and (below := self._best(after, end, of, limit)):
                    best, limit = below, below.rank
                    if limit == promised:
                        break
        return best

    def _listed(self, after: Node, at: int, limit: Rank) -> Leaf | None:
        best: Leaf | None = None
        soonest, last = self._length - after.most, self._length - after.least
        if at < last and (promised := after.hope(self._said)) < limit:
            for length, spelling in self._takes.spelled_from(at):
                if soonest <= at + length <= last and (below := self._best(after, at + length, spelling, limit)):
                    best, limit = below, below.rank
                    if limit == promised:
                        break
        return best

    def _text(self, root: Node, at: int, of: Spelling, limit: Rank) -> Leaf | None:
        """The best behind a slot of type text that starts at a token."""
        length = self._length
        if root.least >= length - at or root.best >= limit:
            return None
        if not root.has_slots and not root.leaves and self._words[-1] not in root.words:
            return None
        late = max(at + 1, length - root.most)
        # In a message so long that nothing behind the text reaches back to it, all such slots share one walk.
        first = at + 1 if late == at + 1 else 0
        back = self._backs.get((first, late))
        if back is None:
            back = Back(self._takes, self._shapes, self._known, first, late)
            self._backs[first, late] = back
        return back.from_end(root, of, limit)
