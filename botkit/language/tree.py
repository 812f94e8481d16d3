"""The nodes of the trees in which templates are found, and how literal each template is."""

from collections.abc import Callable, Collection, Iterable, Iterator
from collections.abc import Set as AbstractSet
from itertools import count
from typing import Final

from attrs import define, field, frozen

from botkit.language.effort import LOOKED_UP, TAKEN_DOWN
from botkit.language.signs import last_sign
from botkit.language.slots import BUILT_IN, UNLIMITED, SlotType
from botkit.language.spellings import Spelling
from botkit.language.templates import Hole, Item, Variant

#: How many kinds of templates below a node are told apart by the words they need.
_HOPES: Final = 8
#: How literal a template is as one number, the lower the better, and its order, which decides between equals.
Rank = tuple[int, int]
#: The better first: words (negated); slots of type text, word, decimal (what takes more is worse); slots.
Literalness = tuple[int, int, int, int, int]
#: Takes so many steps, and tells whether there were so many.
Spend = Callable[[int], bool]

#: Up to so many slot types behind a node are tried one by one.
FEW: Final = 16
#: Where so many times more lists end than a word is a value of, each of the word's lists is looked up.
_SCANNED: Final = 8
#: What is found is better than this.
WORST: Final[Rank] = (1 << 40, 0)
#: An order behind all others.
LAST: Final = 1 << 40
#: More than a template has of anything that is counted: so its literalness is the sum of what its items weigh.
_MANY: Final = 64
_WORD: Final = _MANY**4
_SLOTS: Final = {"text": _MANY**3 + 1, "word": _MANY**2 + 1, "decimal": _MANY + 1}

#: The best rank of some templates, and the words and signs that all of them need.
Hope = tuple[Rank, frozenset[str]]


@frozen
class Leaf:
    """The end of a *variant*: its *rank*, and the *number* it was added under.

    *list* is the first list on the way to it, "" if there is none.
    """

    rank: Rank
    variant: Variant
    number: int
    list: str = ""

    @property
    def names(self) -> tuple[str, ...]:
        """The names of its slots, in order."""
        return tuple(item.name for item in self.variant if isinstance(item, Hole))

    @property
    def words(self) -> int:
        """How many words of its own the variant has."""
        return -(self.rank[0] // _WORD)


@define(eq=False)
class Node:
    """A node of a tree: what follows by *words* and by *slots*, and the *leaves* of the variants that end here.

    The first list on a variant's way is an edge that all lists share, *listed*; which of them it was, its leaf knows.
    *tail* is the root of what follows a slot of type text here, its last word first. Of the variants below, *least* and
    *most* are how many tokens they take, *plain* is the most of those without an address, *loose* the same where no two
    words are joined, *best* the best of their ranks, *needs* the words and signs that those of that rank have, *first*
    the order of the one added first, and *hopes* are all of them by what they need. *before* is what the items on the
    way here weigh, *shape* is the same for nodes that are followed by the same (0 as long as nobody asked), and where
    one *is_fork* there is something to choose: an end, a text, a list, slots of several types, or slots and words.
    `Shapes` tells both.
    """

    before: int = 0
    needs: frozenset[str] = frozenset()
    best: Rank = WORST
    hopes: tuple[Hope, ...] = ()
    words: dict[str, "Node"] = field(factory=dict)
    slots: dict[str, tuple[SlotType, "Node"]] = field(factory=dict)
    listed: "Node | None" = None
    tail: "Node | None" = None
    leaves: dict[str, Leaf] = field(factory=dict)
    has_slots: bool = False
    least: int = UNLIMITED
    most: int = 0
    plain: int = 0
    loose: int = 0
    first: int = 0
    shape: int = 0
    is_fork: bool = True

    def following(self, item: Item, *, first_list: bool = False) -> "Node":
        """The node behind *item*, made if there is none."""
        behind = self.before + _weight(item)
        if isinstance(item, str):
            return self.words.setdefault(item, Node(behind))
        self.has_slots = True
        if item.type.is_text:
            self.tail = self.tail or Node(behind)
            return self.tail
        if first_list:
            self.listed = self.listed or Node(behind)
            return self.listed
        if item.type.name not in self.slots:
            self.slots[item.type.name] = item.type, Node(behind)
            for loose in ("decimal", "word"):
                if loose in self.slots:
                    # What takes less is tried first: it is better.
                    self.slots[loose] = self.slots.pop(loose)
        return self.slots[item.type.name][1]

    def leaf(self, lists: Collection[str], spend: Spend) -> Leaf | None:
        """The best leaf of those that end here with one of *lists*, as far as steps are left to *spend* on it."""
        leaves, best = self.leaves, None
        is_scanned = len(leaves) <= _SCANNED * len(lists)
        for number, name in enumerate(leaves if is_scanned else lists, 1):
            if name in leaves and name in lists:
                leaf = leaves[name]
                # Leaves of one node are equally literal, so that the first added is the best.
                if is_scanned:
                    return leaf
                best = leaf if best is None or leaf.rank < best.rank else best
            if not number % LOOKED_UP and not spend(1):
                break
        return best

    def hope(self, said: AbstractSet[str]) -> Rank:
        """No leaf is better that needs what is *said* alone."""
        for rank, needs in self.hopes:
            if needs <= said:
                return rank
        return WORST

    def crowded(self, spelled: Iterable[tuple[Spelling, object]], spend: Spend) -> Iterator[tuple[SlotType, "Node"]]:
        """The slots that follow; of the lists only those that have a value that is *spelled* there.

        As far as steps are left to *spend* on it.
        """
        yield from (self.slots[name] for name in BUILT_IN if name in self.slots)
        seen: set[str] = set()
        for number, name in enumerate((name for spelling, _ in spelled for name in spelling.lists), 1):
            if name in self.slots and name not in seen:
                seen.add(name)
                yield self.slots[name]
            if not number % TAKEN_DOWN and not spend(1):
                break

    def widen(self, rest: "Rest", rank: Rank) -> None:
        """Know of one more variant, of which *rest* is still to be read here."""
        self.hopes = _hopes(self.hopes, (rank, rest.words))
        self.best, self.needs = self.hopes[0]
        if not rest.has_address:
            self.plain, self.loose = max(self.plain, rest.most), max(self.loose, rest.loose)
        self.least, self.most = min(self.least, rest.least), max(self.most, rest.most)
        self.first = self.first or rank[1]
        self.shape = 0


def _hopes(known: tuple[Hope, ...], new: Hope) -> tuple[Hope, ...]:
    """What is *known* and the *new*, without those that another promises with fewer words."""
    rank, needs = new
    if any(better <= rank and other <= needs for better, other in known):
        return known
    kept = [one for one in known if one[0] < rank or not needs <= one[1]]
    hopes = sorted([*kept, new], key=lambda one: one[0])
    if len(hopes) > _HOPES:
        (rank, needs), (_, others) = hopes[-2:]
        hopes[-2:] = [(rank, needs & others)]
    return tuple(hopes)


class Shapes:
    """Tells nodes apart by what follows them alone: what one is worth at a token, others of its shape are worth too.

    Without it a message would cost what there are ways through a phrase, which double with each ``(this|that)``.
    """

    def __init__(self) -> None:
        self._known: dict[object, int] = {}
        self._numbers = count(1)

    def of(self, node: Node) -> int:
        """The number of the shape of *node*."""
        if not node.shape:
            # Looked up from as many threads as there are; one of them has its number taken, for all.
            node.is_fork = bool(node.leaves or node.tail or node.listed or len(node.slots) + bool(node.words) > 1)
            node.shape = self._known.setdefault(self._followed(node), next(self._numbers))
        return node.shape

    def _followed(self, node: Node) -> object:
        return (
            frozenset((word, self.of(after)) for word, after in node.words.items()),
            frozenset((name, self.of(after)) for name, (_, after) in node.slots.items()),
            node.listed and self.of(node.listed),
            node.tail and self.of(node.tail),
            frozenset(node.leaves),
        )


@frozen
class Rest:
    """What is left of a variant: how many tokens it takes, at least and at most, and its words and its slots' signs."""

    least: int = 0
    most: int = 0
    loose: int = 0
    words: frozenset[str] = frozenset()
    has_address: bool = False

    def and_before(self, item: Item, *, is_last: bool) -> "Rest":
        """The rest before *item* has been read; a word that *is_last* is no word of those before the last."""
        if isinstance(item, str):
            most, loose, needs = 1, 1, "" if is_last else item
        else:
            most, loose, needs = item.type.most, 1 if item.type.is_tight else item.type.most, item.type.sign
        return Rest(
            self.least + 1,
            min(UNLIMITED, self.most + most),
            min(UNLIMITED, self.loose + loose),
            self.words | {needs} if needs else self.words,
            self.has_address or (isinstance(item, Hole) and item.type.is_unbroken),
        )


def rests(items: Variant) -> list[Rest]:
    """What is left before the first of *items*, as they are read, and after each."""
    last = _last(items)
    left = [Rest(words=_ending(items[last]))]
    for at in range(len(items) - 1, -1, -1):
        left.append(left[-1].and_before(items[at], is_last=at == last))
    return left[::-1]


def _last(items: Variant) -> int:
    """The number of the item that the message is to end with: what follows a text is read from its end."""
    text = next((at for at, item in enumerate(items) if isinstance(item, Hole) and item.type.is_text), len(items))
    return text + 1 if text + 1 < len(items) else len(items) - 1


def _ending(last: Item) -> frozenset[str]:
    """What tells that a message may end with *last*; nothing where that is what many a slot takes."""
    if isinstance(last, str):
        return frozenset({last_sign(last)})
    told = last.type.endings or last.type.spellings is not None
    return frozenset({last_sign(last.type.sign)}) if told else frozenset[str]()


def in_reading_order(variant: Variant) -> Variant:
    """The items up to a slot of type text, then those behind it, the last first."""
    for at, item in enumerate(variant, 1):
        if isinstance(item, Hole) and item.type.is_text:
            return variant[:at] + variant[at:][::-1]
    return variant


def rank(variant: Variant, order: int) -> Rank:
    """How literal *variant* is, and then its *order*."""
    return sum(map(_weight, variant)), order


def _weight(item: Item) -> int:
    return -_WORD if isinstance(item, str) else _SLOTS.get(item.type.name, 1)


def literalness(variant: Variant) -> Literalness:
    """How literal *variant* is: the more words of its own the better, then the less its slots take."""
    types = [item.type.name for item in variant if isinstance(item, Hole)]
    free = (types.count("text"), types.count("word"), types.count("decimal"))
    return (len(types) - len(variant), *free, len(types))
