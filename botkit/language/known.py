"""What one message's way through the trees has found out: what the nodes of a shape are worth at a place."""

from typing import Final

from botkit.language.tree import WORST, Leaf, Node, Rank

#: The shape of a node, where it is looked at, and which lists were read before.
Place = tuple[int, ...]
#: What the way weighs at least from a place to a leaf, below the node that was looked at. No leaf there that weighs as
#: much is of an earlier order.
Worth = tuple[int, int, Node]
Known = dict[Place, Worth]

#: More than any path weighs: where no leaf is reached.
_NEVER: Final = 1 << 60


def worth(node: Node, best: Leaf | None, limit: Rank) -> Worth:
    """What was found below *node*, where all that is better than *limit* was looked at."""
    weight, order = best.rank if best else (_NEVER, 0) if limit is WORST else limit
    return weight - node.before, order, node


def at_least(known: Worth, node: Node) -> Rank:
    """No leaf below *node* is better, by what is *known* of a node of its shape."""
    weight, order, other = known
    return node.before + weight, order if other is node else node.first
