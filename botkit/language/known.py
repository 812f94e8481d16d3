"""What one message's way through the trees has found out: what the nodes of a shape are worth at some places."""

from typing import Final

from botkit.language.spots import Spots
from botkit.language.tree import WORST, Leaf, Node, Rank

#: The shape of a node, and which lists were read before.
Place = tuple[int, int]
#: Where it was looked at; what the way weighs at least from there to a leaf, below the node that was looked at. No leaf
#: there that weighs as much is of an earlier order.
Worth = tuple[Spots, int, int, Node | None]
Known = dict[Place, Worth]

#: More than any path weighs: where no leaf is reached.
_NEVER: Final = 1 << 60


def worth(node: Node, spots: Spots, best: Leaf | None, limit: Rank) -> Worth:
    """What was found below *node*, where all that is better than *limit* was looked at from *spots* on."""
    weight, order = best.rank if best else (_NEVER, 0) if limit is WORST else limit
    return spots, weight - node.before, order, node


def at_least(known: Worth, node: Node) -> Rank:
    """No leaf below *node* is better, by what is *known* of a node of its shape."""
    _, weight, order, other = known
    return node.before + weight, order if other is node else node.first


def together(known: Worth, found: Worth) -> Worth:
    """Both in one: of all their places what is true of each."""
    spots = known[0] | found[0]
    if known[3] is found[3]:
        return spots, *min(known[1:3], found[1:3]), known[3]
    return spots, min(known[1], found[1]), 0, None
