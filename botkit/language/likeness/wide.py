"""The head for many intents: weights only where an intent's own phrases have something to say, and an index of them.

Each intent has weights for the features of its own phrases and a few hundred common ones, so that all weights together
grow with the number of phrases. A message is looked up in lists of intents by feature, the shortest list first, up to a
fixed number of entries; the best few dozen intents are then scored by all their weights. Where all lists are short
enough, that is the same as scoring every intent.
"""

from collections.abc import Sequence
from typing import Final

import numpy as np
from attrs import field, frozen
from numpy.typing import NDArray

from botkit.language.likeness.encoding import Floats, Numbers, Vector

#: How many entries of the lists are looked at.
_LOOKED_UP: Final = 3_000
#: How many intents are then scored in full.
_CANDIDATES: Final = 20


def ranges(starts: Numbers, ends: Numbers) -> Numbers:
    """All numbers from each start up to its end, one range after the other.

    >>> ranges(np.array([2, 7]), np.array([5, 9])).tolist()
    [2, 3, 4, 7, 8]
    """
    lengths = ends - starts
    before = np.cumsum(lengths) - lengths
    return np.repeat(starts - before, lengths) + np.arange(int(lengths.sum()))


@frozen(eq=False)
class Supported:
    """Which *features*, of *width*, each intent has weights for: intent after intent, from its start to the next."""

    starts: Numbers
    features: Numbers
    width: int

    def of(self, intent: int) -> slice:
        """Where those of *intent* are."""
        return slice(int(self.starts[intent]), int(self.starts[intent + 1]))


@frozen(eq=False)
class Wide:
    """A head that has weights where they are *supported* only, and the same weights in lists by feature."""

    supported: Supported
    own_weights: Floats
    _starts: Numbers = field(init=False)
    _listed: NDArray[np.int32] = field(init=False)
    _listed_weights: Floats = field(init=False)

    def __attrs_post_init__(self) -> None:
        starts, features, width = self.supported.starts, self.supported.features, self.supported.width
        order = np.argsort(features, kind="stable")
        intents = np.repeat(np.arange(len(starts) - 1, dtype=np.int32), np.diff(starts))[order]
        ends = np.cumsum(np.bincount(features, minlength=width))
        object.__setattr__(self, "_starts", np.concatenate([[0], ends]))
        object.__setattr__(self, "_listed", intents)
        object.__setattr__(self, "_listed_weights", self.own_weights[order])

    def scores(self, vector: Vector) -> tuple[Sequence[int], Floats]:
        """The intents that may be meant, and the score of each."""
        firsts, ends = self._starts[vector.features], self._starts[vector.features + 1]
        order = np.argsort(ends - firsts, kind="stable")
        looked_up = np.cumsum((ends - firsts)[order])
        within = max(1, int(np.searchsorted(looked_up, _LOOKED_UP, "right")))
        kept = order[:within]
        entries = ranges(firsts[kept], ends[kept])
        values = np.repeat(vector.values[kept], (ends - firsts)[kept])
        count = len(self.supported.starts) - 1
        found = np.bincount(self._listed[entries], self._listed_weights[entries] * values, count).astype(np.float32)
        # Only those that were found: partitioning thousands of zeros takes many times as long.
        best = np.flatnonzero(found != 0)
        if len(best) > _CANDIDATES:
            best = best[np.argpartition(found[best], -_CANDIDATES)[-_CANDIDATES:]]
            best.sort()
        if len(kept) == len(order) or not len(best):
            return best.tolist(), found[best]
        return best.tolist(), self._in_full(best, vector)

    def _in_full(self, intents: Numbers, vector: Vector) -> Floats:
        said = np.zeros(self.supported.width, np.float32)
        said[vector.features] = vector.values
        firsts, ends = self.supported.starts[intents], self.supported.starts[intents + 1]
        entries = ranges(firsts, ends)
        products = said[self.supported.features[entries]]
        products *= self.own_weights[entries]
        # Every intent has at least one feature, so that no range is empty.
        scores: Floats = np.add.reduceat(products, np.cumsum(ends - firsts) - (ends - firsts))
        return scores

    def weights(self, intent: int) -> Floats:
        """How much each feature speaks for *intent*."""
        own = self.supported.of(intent)
        weights = np.zeros(self.supported.width, np.float32)
        weights[self.supported.features[own]] = self.own_weights[own]
        return weights

    def turned_to(self, intent: int) -> Floats:
        """Nothing: directions are not looked at among so many intents."""
        return np.zeros(0, np.float32)

    def arrays(self) -> Sequence[Floats | Numbers]:
        """What it is made of."""
        return self.supported.starts, self.supported.features, np.array([self.supported.width]), self.own_weights
