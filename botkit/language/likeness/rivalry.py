"""Learning the weights of many intents: each against those that are most like it, in time linear in the phrases.

It is the logistic regression of `botkit.language.likeness.head`, with two things left out: of all intents a phrase may
be taken for, only the closest rivals of its own are weighed; and an intent has no weights for features that neither its
own phrases have nor those of an intent whose closest rival it is.
"""

from collections.abc import Iterator
from typing import Final

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from botkit.language.likeness.descent import Doubles, lowest
from botkit.language.likeness.encoding import Floats, Numbers
from botkit.language.likeness.head import RIDGE
from botkit.language.likeness.rows import ByRow, Rows
from botkit.language.likeness.wide import Supported, Wide, ranges

_RIVALS: Final = 24
_STEPS: Final = 12
#: Features of more intents than that do not tell who is like whom.
_TELLING: Final = 64


def wide(rows: Rows, own: Numbers, width: int) -> Wide:
    """The head for phrases that are *rows* of *width* features, each of its *own* intent."""
    portraits = _Portraits.of(rows, own, width)
    rivals = [portraits.rivals(intent) for intent in range(portraits.count)]
    supported = _supported(portraits, rows, rivals)
    cells = _Cells.of(rows.by_row(), own, rivals, supported)
    weights = lowest(cells.slope, len(supported.features), _STEPS)
    return Wide(supported, weights.astype(np.float32))


@frozen(eq=False)
class _Portraits:
    """The intents as the sums of their phrases, of length 1: feature by feature, and the same listed by feature."""

    count: int
    starts: Numbers
    features: Numbers
    values: Floats
    list_starts: Numbers
    listed: Numbers
    listed_values: Floats

    @classmethod
    def of(cls, rows: Rows, own: Numbers, width: int) -> "_Portraits":
        count = int(own.max()) + 1
        keys, which = np.unique(own[rows.rows] * width + rows.features, return_inverse=True)
        intents, features = np.divmod(keys, width)
        values = np.bincount(which, rows.values)
        values /= np.sqrt(np.bincount(intents, values * values, count))[intents]
        order = np.argsort(features, kind="stable")
        starts = np.concatenate([[0], np.cumsum(np.bincount(intents, minlength=count))])
        list_starts = np.concatenate([[0], np.cumsum(np.bincount(features, minlength=width))])
        single = values.astype(np.float32)
        return cls(count, starts, features, single, list_starts, intents[order], single[order])

    def own(self, intent: int) -> slice:
        """Where the entries of *intent* are."""
        return slice(self.starts[intent], self.starts[intent + 1])

    def rivals(self, intent: int) -> Numbers:
        """The intents most like *intent*, the most alike first."""
        features, values = self.features[self.own(intent)], self.values[self.own(intent)]
        firsts, ends = self.list_starts[features], self.list_starts[features + 1]
        telling = np.flatnonzero(ends - firsts <= _TELLING)
        firsts, ends = firsts[telling], ends[telling]
        entries = ranges(firsts, ends)
        shared = self.listed_values[entries] * np.repeat(values[telling], ends - firsts)
        alike = np.bincount(self.listed[entries], shared, self.count)
        alike[intent] = -1.0
        closest = np.argsort(-alike, kind="stable")[: min(_RIVALS, self.count - 1)]
        return closest.astype(np.intp)


def _supported(portraits: _Portraits, rows: Rows, rivals: list[Numbers]) -> Supported:
    """For which features each intent gets weights."""
    width = len(portraits.list_starts) - 1
    is_shared = np.bincount(rows.features, minlength=width) > 1
    keys = [np.repeat(np.arange(portraits.count), np.diff(portraits.starts)) * width + portraits.features]
    for intent, closest in enumerate(rivals):
        if len(closest):
            features = portraits.features[portraits.own(intent)]
            keys.append(closest[0] * width + features[is_shared[features]])
    intents, features = np.divmod(np.unique(np.concatenate(keys)), width)
    starts = np.concatenate([[0], np.cumsum(np.bincount(intents, minlength=portraits.count))])
    return Supported(starts, features, width)


@frozen(eq=False)
class _Cells:
    """Each phrase with each intent that it may be taken for is a cell, with its hits: weights and what they count.

    Hits are ordered by cell, *lengths* of them in each, and cells by intent. *by_phrase* is the order of the cells by
    phrase, each phrase from its place in *firsts*. There are many hits, so that they are held in few bytes.
    """

    weights: NDArray[np.int32]
    values: Floats
    lengths: Numbers
    is_own: Doubles
    by_phrase: Numbers
    firsts: Numbers

    @classmethod
    def of(cls, rows: ByRow, own: Numbers, rivals: list[Numbers], supported: Supported) -> "_Cells":
        """The cells of phrases that are *rows*, each of its *own* intent, with the weights that are *supported*."""
        place = np.full(supported.width, -1, np.int32)
        hits, values, lengths, phrases = [], [], [], []
        for intent, held in enumerate(_weighed(own, rivals)):
            mine = supported.of(intent)
            place[supported.features[mine]] = np.arange(mine.start, mine.stop)
            entries = ranges(rows.starts[held], rows.starts[held + 1])
            found = place[rows.features[entries]]
            place[supported.features[mine]] = -1
            is_hit = found >= 0
            ends = np.cumsum(rows.starts[held + 1] - rows.starts[held])
            lengths.append(np.diff(np.concatenate([[0], np.cumsum(is_hit)])[ends], prepend=0))
            hits.append(found[is_hit])
            values.append(rows.values[entries[is_hit]])
            phrases.append(held)
        of_phrase = np.concatenate(phrases)
        intents = np.repeat(np.arange(len(phrases)), [len(held) for held in phrases])
        by_phrase = np.argsort(of_phrase, kind="stable")
        firsts = np.flatnonzero(np.diff(of_phrase[by_phrase], prepend=-1))
        is_own = (own[of_phrase] == intents).astype(float)
        return cls(np.concatenate(hits), np.concatenate(values), np.concatenate(lengths), is_own, by_phrase, firsts)

    def slope(self, weights: Doubles) -> tuple[float, Doubles]:
        """The loss with these *weights*, and its gradient."""
        products = self.values * weights.astype(np.float32)[self.weights]
        is_hit = self.lengths > 0
        scores = np.zeros(len(self.lengths))
        scores[is_hit] = np.add.reduceat(products, (np.cumsum(self.lengths) - self.lengths)[is_hit])
        ordered, is_own = scores[self.by_phrase], self.is_own[self.by_phrase]
        sizes = np.diff(np.append(self.firsts, len(ordered)))
        highest = np.repeat(np.maximum.reduceat(ordered, self.firsts), sizes)
        raised = np.exp(ordered - highest)
        sums = np.add.reduceat(raised, self.firsts)
        loss = float(np.log(sums).sum() - ((ordered - highest) * is_own).sum() + RIDGE / 2 * (weights @ weights))
        errors = np.empty(len(scores), np.float32)
        errors[self.by_phrase] = raised / np.repeat(sums, sizes) - is_own
        products = np.repeat(errors, self.lengths)
        products *= self.values
        return loss, np.bincount(self.weights, products, len(weights)) + RIDGE * weights


def _weighed(own: Numbers, rivals: list[Numbers]) -> Iterator[Numbers]:
    """For each intent the phrases that are weighed against it: its own, and those of the intents that it rivals."""
    order = np.argsort(own, kind="stable")
    starts = np.searchsorted(own[order], np.arange(len(rivals) + 1))
    rivalled: list[list[int]] = [[intent] for intent in range(len(rivals))]
    for intent, closest in enumerate(rivals):
        for rival in closest.tolist():
            rivalled[rival].append(intent)
    for intents in rivalled:
        yield order[ranges(starts[intents], starts[np.array(intents) + 1])]
