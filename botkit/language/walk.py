"""One message's way through the trees of `botkit.language.index`."""

from collections.abc import Collection, Sequence
from typing import Final

from botkit.language.slots import BUILT_IN, Context, Found, SlotType, signs_of
from botkit.language.spellings import NO_LIST, Spelling, Spellings
from botkit.language.text import Tokens
from botkit.language.tree import LAST, WORST, Leaf, Node, Rank, Shapes
from botkit.language.wordlists import SPELLING_LIMIT, Claims, meant

#: The values of slots, the next one outside.
Path = tuple[object, "Path | None"] | None
Best = tuple[Leaf, Path] | None
#: A leaf read backwards: where its first item starts and its slots end (negated: later is better), and their values.
Read = tuple[Leaf, tuple[int, ...], tuple[object, ...]]
Tail = Read | None

#: What values of lists begin, or end, at a token: how many words each has, and who has it.
Spelled = list[tuple[int, Spelling]]

#: The shape of a node, where it is looked at, and which lists were read before.
Place = tuple[int, ...]

#: Up to so many slot types behind a node are tried one by one.
_FEW: Final = 16
#: No path weighs so much.
_UNKNOWN: Final = 1 << 40


class Walk:
    """Finds the best leaf; every shape of nodes is looked at once at a position, every slot type too."""

    def __init__(self, tokens: Tokens, context: Context, spellings: Spellings, shapes: Shapes) -> None:
        self._tokens = tokens
        self._words = tokens.words
        self._said = signs_of(tokens)
        self._context = context
        self._spellings = spellings
        self._shapes = shapes
        self._seen: dict[tuple[int, Place], Best] = {}
        self._tails: dict[tuple[int, Place], Tail] = {}
        #: What leads from a shape of nodes, at a place, to its best leaf weighs so much; None: no leaf is reached.
        self._weights: dict[Place, int | None] = {}
        self._found: dict[tuple[str, int], Sequence[Found]] = {}
        self._ends: dict[tuple[str, int], Sequence[Found]] = {}
        self._beginning: dict[int, Spelled] = {}
        self._closing: dict[int, Spelled] = {}

    def best(self, node: Node, at: int, of: Spelling = NO_LIST, limit: Rank = WORST) -> Best:
        """The best leaf below *node* for the tokens from *at* on, with the values of the slots on the way.

        *of* is the spelling of the list that was read before, which is to be one that the leaf is for. There is none
        where nothing is better than *limit*.
        """
        words = self._words
        if not node.least <= len(words) - at <= node.most or (node.needs and not node.needs <= self._said):
            return None
        while at < len(words) and not node.has_slots:
            # Literal words alone: one lookup each, and nothing to remember.
            following = node.words.get(words[at])
            if following is None:
                return None
            node, at = following, at + 1
        if at == len(words):
            leaf = node.leaf(of.lists) if node.leaves else None
            return (leaf, None) if leaf and leaf.rank < limit else None
        place = (node.shape or self._shapes.of(node), at, of.key)
        weight = self._weights.get(place, _UNKNOWN)
        if weight is None or _least(node, weight) >= limit:
            return None
        key = (id(node), place)
        if key not in self._seen:
            best = self._seen[key] = self._branch(node, at, of, _most(node, weight))
            self._weights[place] = best and best[0].rank[0] - node.before
        best = self._seen[key]
        return best if best and best[0].rank < limit else None

    def _branch(self, node: Node, at: int, of: Spelling, limit: Rank) -> Best:
        following, left = node.words.get(self._words[at]), len(self._words) - at
        best = self.best(following, at + 1, of, limit) if following else None
        slots = node.slots.values() if len(node.slots) <= _FEW else _crowded(node, self._spelled_from(at))
        for slot_type, after in slots:
            limit = best[0].rank if best else limit
            if after.least < left and after.best < limit:
                best = self._typed((slot_type, after), at, of, limit) or best
        if node.listed is not None and node.listed.least < left:
            best = self._listed(node.listed, at, best[0].rank if best else limit) or best
        if node.tail is not None:
            best = self._text(node.tail, at, of, best[0].rank if best else limit) or best
        return best

    def _typed(self, slot: tuple[SlotType, Node], at: int, of: Spelling, limit: Rank) -> Best:
        slot_type, after = slot
        best: Best = None
        for end, value in self._values(slot_type, at):
            if below := self.best(after, end, of, limit):
                best, limit = (below[0], (value, below[1])), below[0].rank
        return best

    def _listed(self, after: Node, at: int, limit: Rank) -> Best:
        best: Best = None
        for length, spelling in self._spelled_from(at):
            if below := self.best(after, at + length, spelling, limit):
                value = self._meant(spelling, below[0], at, at + length)
                best, limit = (below[0], (value, below[1])), below[0].rank
        return best

    def _text(self, root: Node, at: int, of: Spelling, limit: Rank) -> Best:
        """The best behind a slot of type text that starts at a token."""
        # In a message so long that nothing behind the text reaches back to it, all such slots share one walk.
        length = len(self._words)
        found = self._tail(root, length, max(at + 1, length - root.most), of, limit)
        if found is None or not found[0].rank < limit:
            return None
        leaf, places, values = found
        path: Path = None
        for value in reversed(values):
            path = (value, path)
        return leaf, (self._tokens.original(at, places[0]), path)

    def _tail(self, node: Node, end: int, first: int, of: Spelling, limit: Rank) -> Tail:
        """The best leaf below *node* that takes the tokens up to *end*, and none before *first*.

        There is none where everything is worse than *limit*: what is as good may be the same leaf at better places.
        """
        if end - node.least < first or (node.needs and not node.needs <= self._said):
            return None
        while end > first and not node.has_slots and not node.leaves:
            following = node.words.get(self._words[end - 1])
            if following is None:
                return None
            node, end = following, end - 1
        place = (node.shape or self._shapes.of(node), end, first, of.key)
        weight = self._weights.get(place, _UNKNOWN)
        if weight is None:
            return None
        key = (id(node), place)
        if key in self._tails:
            return self._tails[key]
        if _least(node, weight) > limit:
            return None
        tail = self._tails[key] = self._tail_branch(node, end, first, of, _most(node, weight))
        self._weights[place] = tail and tail[0].rank[0] - node.before
        return tail

    def _tail_branch(self, node: Node, end: int, first: int, of: Spelling, limit: Rank) -> Tail:
        leaf = node.leaf(of.lists) if node.leaves else None
        best: Tail = (leaf, (end,), ()) if leaf else None
        if end == first:
            return best
        if following := node.words.get(self._words[end - 1]):
            best = _earlier(best, self._tail(following, end - 1, first, of, best[0].rank if best else limit))
        slots = node.slots.values() if len(node.slots) <= _FEW else _crowded(node, self._spelled_to(end))
        for slot_type, after in slots:
            limit = best[0].rank if best else limit
            if end - after.least > first and after.best < limit:
                best = _earlier(best, self._tail_slot((slot_type, after), end, first, of, limit))
        if node.listed is not None and end - node.listed.least > first:
            best = _earlier(best, self._tail_listed(node.listed, end, first, best[0].rank if best else limit))
        return best

    def _tail_slot(self, slot: tuple[SlotType, Node], end: int, first: int, of: Spelling, limit: Rank) -> Tail:
        slot_type, after = slot
        if slot_type.spellings is not None:
            return self._tail_list(slot, end, first, of, limit)
        best: Tail = None
        taken: object = None
        for start, value in self._ending(slot_type, end):
            below = self._tail(after, start, first, of, limit) if start >= first else None
            if below and _is_earlier(below, best):
                best, taken = below, value
        return best and (best[0], (*best[1], -end), (*best[2], taken))

    def _tail_list(self, slot: tuple[SlotType, Node], end: int, first: int, of: Spelling, limit: Rank) -> Tail:
        slot_type, after = slot
        best: Tail = None
        taken: tuple[int, Claims] = (0, {})
        for length, spelling in self._spelled_to(end):
            start, claims = end - length, spelling.lists.get(slot_type.name)
            below = self._tail(after, start, first, of, limit) if claims is not None and start >= first else None
            if below and claims and _is_earlier(below, best):
                best, taken = below, (start, claims)
        return best and (best[0], (*best[1], -end), (*best[2], meant(taken[1], self._tokens, taken[0], end)))

    def _tail_listed(self, after: Node, end: int, first: int, limit: Rank) -> Tail:
        best: Tail = None
        taken: tuple[int, Spelling] = (0, NO_LIST)
        for length, spelling in self._spelled_to(end):
            start = end - length
            below = self._tail(after, start, first, spelling, limit) if start >= first else None
            if below and _is_earlier(below, best):
                best, taken = below, (start, spelling)
        return best and (best[0], (*best[1], -end), (*best[2], self._meant(taken[1], best[0], taken[0], end)))

    def _meant(self, spelling: Spelling, leaf: Leaf, first: int, end: int) -> str:
        return meant(spelling.lists[leaf.list], self._tokens, first, end)

    def _spelled_from(self, at: int) -> Spelled:
        if at not in self._beginning:
            self._beginning[at] = self._spellings.forwards.longest_first(self._words[at : at + SPELLING_LIMIT])
        return self._beginning[at]

    def _spelled_to(self, end: int) -> Spelled:
        if end not in self._closing:
            words = self._words[max(0, end - SPELLING_LIMIT) : end][::-1]
            self._closing[end] = self._spellings.backwards.longest_first(words)
        return self._closing[end]

    def _ending(self, slot_type: SlotType, end: int) -> Sequence[Found]:
        """Where a slot starts that ends at a token, and its value."""
        key = (slot_type.name, end)
        found = self._ends.get(key)
        if found is None:
            found = self._ends[key] = [
                (start, value)
                for start in self._starts(slot_type, end)
                for place, value in self._values(slot_type, start)
                if place == end
            ]
        return found

    def _starts(self, slot_type: SlotType, end: int) -> range:
        furthest = max(0, end - slot_type.most)
        if slot_type.signs and slot_type.sign not in self._said:
            return range(0)
        if slot_type.is_tight:
            starts, ends, first = self._tokens.starts, self._tokens.ends, end - 1
            while first > furthest and starts[first] - ends[first - 1] <= 1:
                first -= 1
            furthest = first
        if slot_type.is_unbroken:
            goes_on = end < len(self._words) and self._tokens.unbroken(end + 1) < end
            furthest = end if goes_on else max(furthest, self._tokens.unbroken(end))
        return range(furthest, end)

    def _values(self, slot_type: SlotType, at: int) -> Sequence[Found]:
        key = (slot_type.name, at)
        found = self._found.get(key)
        if found is None:
            found = self._found[key] = slot_type.values(self._tokens, at, self._context)
        return found


def _least(node: Node, weight: int) -> Rank:
    """No leaf below *node* is better, if the best one of its shape weighs so much besides what is before it."""
    return node.best if weight == _UNKNOWN else (node.before + weight, node.first)


def _most(node: Node, weight: int) -> Rank:
    """The best leaf below *node* is better, likewise."""
    return WORST if weight == _UNKNOWN else (node.before + weight, LAST)


def _crowded(node: Node, spelled: Spelled) -> Collection[tuple[SlotType, Node]]:
    """The slots behind *node*; of the lists only those that have a value there."""
    names = {name for _, spelling in spelled for name in spelling.lists}
    return [node.slots[name] for name in (*BUILT_IN, *names) if name in node.slots]


def _earlier(one: Tail, other: Tail) -> Tail:
    """The better leaf; of two ways to the same leaf the one whose first slot decides."""
    return other if other is not None and _is_earlier(other, one) else one


def _is_earlier(one: Read, other: Tail) -> bool:
    return other is None or (one[0].rank, one[1]) < (other[0].rank, other[1])
