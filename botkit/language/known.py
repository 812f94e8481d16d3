"""What one message's way through the trees has found out: what the nodes of a shape are worth at a place."""

from typing import Final

from botkit.language.tree import WORST, Leaf, Node, Rank

#: The shape of a node, where it is looked at, and which lists were read before.
Place = tuple[int, ...]

#: More than any path weighs: where no leaf is reached.
_NEVER: Final = 1 << 60


class Known(dict[Place, tuple[int, int, Node]]):
    """By place what the way weighs at least from there to a leaf.

    Below the node that was looked at no leaf that weighs as much is of an earlier order.
    """

    def is_barred(self, node: Node, place: Place, limit: Rank) -> bool:
        """Whether it is known that no leaf below *node* is better than *limit*."""
        known = self.get(place)
        if known is None:
            return False
        weight, order, other = known
        return (node.before + weight, order if other is node else node.first) >= limit

    def learn(self, node: Node, place: Place, best: Leaf | None, limit: Rank) -> None:
        """Remember what was found below *node*, where all that is better than *limit* was looked at."""
        weight, order = best.rank if best else (_NEVER, 0) if limit is WORST else limit
        self[place] = weight - node.before, order, node
