"""Two trees of words for all templates: a message costs what its own length costs, not what their number costs.

Templates that begin alike share their nodes. Edges are words or slot types (not slot names), so that ten thousand
templates beginning with ``{name}`` share one edge. The first list of a template (or choice) is an edge that all lists
share, looked up in all their values together: which list it was matters only where the template ends. A slot of type
text, of which a template has one at most, takes whatever lies between what stands before it and what stands after it.
So what stands after it is a tree of its own, read from the end of the message backwards, and nobody tries where the
text might end.

What wins: the template with the most words of its own; of equals the one whose slots take less, which is the one with
fewer slots of type text, then of type word, then of type decimal (all other types are as narrow as one another); then
the one with fewer slots; then the one added first.

What it costs: besides its text a template takes at most `botkit.language.templates.WORD_LIMIT` words and slots, and a
slot takes at most `botkit.language.slots.SPAN_LIMIT` words (a list as many as its longest value, an address goes on to
the next white space). So only that much at either end of a message is looked at, however long the message is. What a
slot type takes at a position is found once, and a node is left from all positions at once that it may be read from, as
the bits of one number (`botkit.language.spots`): the places where the values of slots in a row may end cost little.
What one node is worth at a position tells what all nodes are worth there that are followed by the same: the ways
through a phrase's brackets, which multiply, cost what its items cost. A node is entered only where some template below
it promises more than what is found: what it promises is the best rank of those of which the message has every word
there, the last word at its end, and a sign of every slot. That is told apart by what they need, so that words that may
be left out promise nothing where they are not said. No node is entered either that takes too many tokens or too few.
What the slots take is asked of the winner alone (`botkit.language.filling`), so that nobody compares the ways in which
a template fits.

What remains is the number of templates that are unlike one another and fit the same words at once. Those are followed
for a number of steps that is the smaller the longer the message (`botkit.language.effort`). The tests count what the
worst sets and texts cost that we know, and benchmarks/routing.py times them and searches for worse.
"""

from botkit.language.filling import filled
from botkit.language.slots import UNLIMITED, Context
from botkit.language.spellings import Spellings
from botkit.language.spots import Spots
from botkit.language.takes import Takes
from botkit.language.templates import Hole, Variant
from botkit.language.text import Tokens
from botkit.language.tree import Leaf, Node, Shapes, in_reading_order, rank, rests
from botkit.language.walk import walked


class Index:
    """The trees. `add` while building; `match` afterwards, from as many threads as you like."""

    def __init__(self) -> None:
        self._root = Node()
        self._added = 0
        self._spellings = Spellings()
        self._shapes = Shapes()

    def add(self, variant: Variant, number: int) -> Leaf | None:
        """Add one variant under *number*; returns the leaf that stands in its place already, if any."""
        self._added += 1
        own = rank(variant, self._added)
        items = in_reading_order(variant)
        left = rests(items)
        node, first = self._root, ""
        node.widen(left[0], own)
        for item, rest in zip(items, left[1:], strict=True):
            name = item.type.name if isinstance(item, Hole) and self._spellings.know(item.type) else ""
            node = node.following(item, first_list=bool(name) and not first)
            node.widen(rest, own)
            first = first or name
        if first in node.leaves:
            return node.leaves[first]
        node.leaves[first] = Leaf(own, variant, number, first)
        return None

    def settle(self) -> None:
        """Tell all nodes apart by their shapes, which else the first message does that comes to them."""
        self._shapes.of(self._root)

    def match(self, tokens: Tokens, context: Context) -> tuple[Leaf, dict[str, object]] | None:
        """The most literal variant that is all of *tokens*, of which there is one at least, with its slots.

        Of those that are reached: see `botkit.language.effort`.
        """
        root = self._root
        if not root.has_slots and tokens.words[0] not in root.words:
            return None
        leaf, ended, takes = self.followed(tokens, context)
        if leaf is None:
            return None
        # What it takes is found, whatever that costs: it is for one.
        takes.steps = UNLIMITED
        # A list was found by one spelling, and the text may end elsewhere too where another of its values is said.
        return leaf, filled(leaf.variant, takes, 0 if leaf.list else ended)

    def followed(self, tokens: Tokens, context: Context) -> tuple[Leaf | None, Spots, Takes]:
        """The same leaf, where its text may end, and what was found out on the way, and how many steps were left."""
        takes = Takes(tokens, context, self._spellings)
        return *walked(self._root, takes, self._shapes), takes
