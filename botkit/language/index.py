"""One tree of words for all templates: a message costs what its own length costs, not what their number costs.

Templates that begin alike share their nodes. Edges are words or slot types (not slot names), so that ten thousand
templates beginning with ``{name}`` share one edge. Every pair of node and position is looked at once a message, and a
slot type's values at a position are found once: whatever the builder accepts is matched in time linear in the text.
"""

from collections.abc import Sequence
from typing import Final

from attrs import define, field, frozen

from botkit.language.slots import Context, Found, SlotType
from botkit.language.templates import Hole, Variant
from botkit.language.text import Tokens

#: How literal a variant is, the best first: words (negated), slots of type text, slots, order of declaration.
Rank = tuple[int, int, int, int]


@frozen
class Leaf:
    """The end of a variant: its *rank*, its slots' *names* in order, and the number it was declared under."""

    rank: Rank
    names: tuple[str, ...]
    number: int


@define
class _Node:
    words: dict[str, "_Node"] = field(factory=dict)
    slots: dict[str, tuple[SlotType, "_Node"]] = field(factory=dict)
    leaf: Leaf | None = None


_Path = tuple[object, "_Path | None"] | None
_Best = tuple[Leaf, _Path] | None
_UNSEEN: Final = object()


def rank(variant: Variant, number: int) -> Rank:
    """How literal *variant* is: fewer free words first, then the order of declaration."""
    holes = [item for item in variant if isinstance(item, Hole)]
    texts = sum(hole.type.name == "text" for hole in holes)
    return len(holes) - len(variant), texts, len(holes), number


class Index:
    """The tree. `add` while building; `match` afterwards, from as many threads as you like."""

    def __init__(self) -> None:
        self._root = _Node()

    def add(self, variant: Variant, number: int) -> Leaf | None:
        """Add one variant, declared as *number*; returns the leaf that stands in its place already, if any."""
        node = self._root
        for item in variant:
            if isinstance(item, Hole):
                node = node.slots.setdefault(item.type.name, (item.type, _Node()))[1]
            else:
                node = node.words.setdefault(item, _Node())
        if node.leaf is not None:
            return node.leaf
        names = tuple(item.name for item in variant if isinstance(item, Hole))
        node.leaf = Leaf(rank(variant, number), names, number)
        return None

    def match(self, tokens: Tokens, context: Context) -> tuple[Leaf, dict[str, object]] | None:
        """The most literal variant that is all of *tokens*, with its slots; a slot takes as few words as it can."""
        best = _Walk(tokens, context).best(self._root, 0)
        if best is None:
            return None
        leaf, path = best
        values: list[object] = []
        while path is not None:
            value, path = path
            values.append(value)
        return leaf, dict(zip(leaf.names, values, strict=True))


class _Walk:
    """One message's way through the tree."""

    def __init__(self, tokens: Tokens, context: Context) -> None:
        self._tokens = tokens
        self._context = context
        self._seen: dict[tuple[int, int], _Best] = {}
        self._found: dict[tuple[str, int], Sequence[Found]] = {}

    def best(self, node: _Node, at: int) -> _Best:
        """The best leaf below *node* for the tokens from *at* on, with the values of the slots on the way."""
        words = self._tokens.words
        while at < len(words) and not node.slots:
            # Literal words alone: one lookup each, and nothing to remember.
            following = node.words.get(words[at])
            if following is None:
                return None
            node, at = following, at + 1
        if at == len(words):
            return (node.leaf, None) if node.leaf else None
        key = (id(node), at)
        seen = self._seen.get(key, _UNSEEN)
        if seen is _UNSEEN:
            seen = self._seen[key] = self._branch(node, at)
        return seen  # type: ignore[return-value]  # _UNSEEN is replaced above

    def _branch(self, node: _Node, at: int) -> _Best:
        following = node.words.get(self._tokens.words[at])
        best = self.best(following, at + 1) if following else None
        for slot_type, after in node.slots.values():
            for end, value in self._values(slot_type, at):
                below = self.best(after, end)
                if below is not None and (best is None or below[0].rank < best[0].rank):
                    best = (below[0], (value, below[1]))
        return best

    def _values(self, slot_type: SlotType, at: int) -> Sequence[Found]:
        key = (slot_type.name, at)
        if key not in self._found:
            self._found[key] = [one for one in slot_type.find(self._tokens, at, self._context) if one[0] > at]
        return self._found[key]
