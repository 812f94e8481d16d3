"""One message's way through the trees of `botkit.language.index`: which template wins, whatever its slots take."""

from collections.abc import Iterable
from collections.abc import Set as AbstractSet

from botkit.language.known import Known, at_least, together, worth
from botkit.language.reading import Backwards, Onwards, Reading, Way
from botkit.language.slots import SlotType
from botkit.language.spellings import NO_LIST, Spelling
from botkit.language.spots import Spots, highest, lowest
from botkit.language.takes import Takes
from botkit.language.tree import FEW, WORST, Leaf, Node, Rank, Shapes


def walked(root: Node, takes: Takes, shapes: Shapes) -> tuple[Leaf | None, Spots]:
    """The best leaf below *root* for a whole message, and where its slot of type text may end, or the message does."""
    words, node, at = takes.words, root, 0
    while not node.has_slots and at < len(words):
        # Literal words alone: one lookup each, and nothing to remember.
        following = node.words.get(words[at])
        if following is None:
            return None, 0
        node, at = following, at + 1
    walk = Walk(Onwards(takes), takes, shapes, takes.said)
    return walk.best(node, 1 << at), walk.ended


class Walk:
    """Finds the best leaf; every shape of nodes is looked at once, from all places where it may be read at a time."""

    def __init__(self, reading: Reading, takes: Takes, shapes: Shapes, said: AbstractSet[str]) -> None:
        self._reading = reading
        self._takes = takes
        self._shapes = shapes
        self._said = said
        self._known: Known = {}
        #: The ways through what follows a text, by the first token that it may take.
        self._backs: dict[int, Walk] = {}
        #: Where the leaf ends that was found last, or a text that it has.
        self.ended: Spots = 0

    def best(self, node: Node, spots: Spots, of: Spelling = NO_LIST, limit: Rank = WORST) -> Leaf | None:
        """The best leaf below *node* for the tokens from any of *spots* on.

        *of* is the spelling of the list that was read before, which is to be one that the leaf is for. There is none
        where nothing is better than *limit*.
        """
        spots = self._reading.within(node, spots)
        return self._best(node, spots, of, limit) if spots and node.hope(self._said) < limit else None

    def _first(self, ways: Iterable[Way], of: Spelling, limit: Rank) -> Leaf | None:
        """The best leaf of all *ways* that promise one."""
        best, said = None, self._said
        for node, spots in ways:
            if spots and (node.best if node.needs <= said else node.hope(said)) < limit:
                below = self._best(node, spots, of, limit)
                if below is not None:
                    best, limit = below, below.rank
        return best

    def _straight(self, node: Node, spots: Spots) -> Way:
        """What is behind words and slots that follow one another alone: there is nothing to choose, and to keep."""
        reading, takes = self._reading, self._takes
        while spots and not node.is_fork:
            if takes.steps <= 0:
                return node, 0
            takes.steps -= 1
            if node.slots:
                ((slot_type, node),) = node.slots.values()
                spots = reading.behind(slot_type, node, spots)
            elif not spots & (spots - 1):
                node, spots = reading.straight(node, spots)
            else:
                ways = reading.words(node, spots)
                if len(ways) > 1:
                    break
                node, spots = ways[0] if ways else (node, 0)
        return node, spots

    def _best(self, node: Node, spots: Spots, of: Spelling, limit: Rank) -> Leaf | None:
        if not node.most:
            return self._leaf(node, spots, of, limit)
        if self._takes.steps <= 0:
            return None
        shape = node.shape or self._shapes.of(node)
        if not node.is_fork:
            node, spots = self._straight(node, spots)
            if not spots:
                return None
            if not node.most:
                return self._leaf(node, spots, of, limit)
            shape = node.shape
        place = (shape, of.key)
        known = self._known.get(place)
        if known is not None and known[0] & spots and at_least(known, node) >= limit:
            spots &= ~known[0]
            if not spots:
                return None
        best = self._branch(node, spots, of, limit)
        found = worth(node, spots, best, limit)
        self._known[place] = together(known, found) if known and known[0] & ~spots else found
        return best

    def _branch(self, node: Node, spots: Spots, of: Spelling, limit: Rank) -> Leaf | None:
        best = self._leaf(node, spots, of, limit) if node.leaves else None
        ways, tail = self._reading.words(node, spots) if node.words else (), node.tail
        takes = self._takes
        takes.steps -= len(ways)
        if takes.steps < 0:
            return best
        if tail is not None and ways and self._promises_more(tail, ways):
            # It may spare the other.
            best = self._text(tail, spots, of, best.rank if best else limit) or best
            tail = None
        if ways:
            best = self._first(ways, of, best.rank if best else limit) or best
        if node.slots and takes.steps > 0:
            best = self._slots(node, spots, of, best.rank if best else limit) or best
        if node.listed is not None and takes.steps > 0:
            best = self._listed(node.listed, spots, best.rank if best else limit) or best
        if tail is not None and takes.steps > 0:
            best = self._text(tail, spots, of, best.rank if best else limit) or best
        return best

    def _promises_more(self, tail: Node, ways: Iterable[Way]) -> bool:
        said = self._said
        return tail.hope(said) < min(after.hope(said) for after, _ in ways)

    def _leaf(self, node: Node, spots: Spots, of: Spelling, limit: Rank) -> Leaf | None:
        ended = self._reading.ended(spots)
        if not ended:
            return None
        leaf = node.leaves.get("") if of is NO_LIST else node.leaf(of.lists, self._takes.spend)
        if leaf is None or leaf.rank >= limit:
            return None
        self.ended = ended
        return leaf

    def _slots(self, node: Node, spots: Spots, of: Spelling, limit: Rank) -> Leaf | None:
        best, said, behind, takes = None, self._said, self._reading.behind, self._takes
        slots: Iterable[tuple[SlotType, Node]] = node.slots.values()
        if len(node.slots) > FEW:
            slots = node.crowded(self._reading.lists(spots), takes.spend)
        for slot_type, after in slots:
            # Nobody asks where a slot may be that promises nothing.
            if (after.best if after.needs <= said else after.hope(said)) < limit:
                if takes.steps <= 0:
                    break
                takes.steps -= 1
                below = (reached := behind(slot_type, after, spots)) and self._best(after, reached, of, limit)
                if below:
                    best, limit = below, below.rank
        return best

    def _listed(self, after: Node, spots: Spots, limit: Rank) -> Leaf | None:
        best: Leaf | None = None
        self._takes.steps -= 1
        if (promised := after.hope(self._said)) < limit:
            for spelling, behind in self._reading.spelled(after, spots):
                if self._takes.steps < 0:
                    break
                if below := self._best(after, behind, spelling, limit):
                    best, limit = below, below.rank
                    if limit == promised:
                        break
        return best

    def _text(self, root: Node, spots: Spots, of: Spelling, limit: Rank) -> Leaf | None:
        """The best behind a slot of type text that starts at a token: at the first, for then it may end anywhere."""
        self._takes.steps -= 1
        words, first = self._takes.words, lowest(spots) + 1
        length = len(words)
        if root.least > length - first or root.best >= limit:
            return None
        if not root.has_slots and not root.leaves and words[-1] not in root.words:
            return None
        # All such slots share one walk, wherever they start, unless what is best for it reaches back to one of them.
        soonest = max(1, length - (root.most if self._takes.has_address else root.plain))
        back = self._back(soonest)
        best = back.best(root, 1 << length, of, limit)
        if best is not None and soonest < first and highest(back.ended) < first:
            back = self._back(first)
            best = back.best(root, 1 << length, of, limit)
        if best is not None:
            self.ended = back.ended
        return best

    def _back(self, first: int) -> "Walk":
        back = self._backs.get(first)
        if back is None:
            takes = self._takes
            back = Walk(Backwards(takes, first), takes, self._shapes, takes.said_from(first))
            self._backs[first] = back
        return back
