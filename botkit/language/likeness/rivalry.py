"""Learning the weights of many intents: each against those most like it and a few others, in linear time.

It is the logistic regression of `botkit.language.likeness.head`, with two things left out: of all intents that a phrase
is not taken for, only the closest to its own are weighed and a few strangers that stand for all others; and an intent
has weights for the features of its own phrases and for the most common ones only.
"""

import math
from typing import Final

import numpy as np
from attrs import frozen

from botkit.language.likeness.cells import Cells, Rivals
from botkit.language.likeness.descent import lowest
from botkit.language.likeness.encoding import Floats, Numbers
from botkit.language.likeness.rows import Rows
from botkit.language.likeness.wide import Supported, Wide, ranges

_CLOSE: Final = 8
_STRANGERS: Final = 24
#: If a few strangers stood for each of thousands, chance would decide.
_HIGHEST_LIFT: Final = 2.0
_STEPS: Final = 12
#: So many features of all phrases have weights for every intent.
_COMMON: Final = 200
#: Features of more intents than that do not tell who is like whom.
_TELLING: Final = 64


def wide(rows: Rows, own: Numbers, width: int) -> Wide:
    """The head for phrases that are *rows* of *width* features, each of its *own* intent, of two at least."""
    portraits = _Portraits.of(rows, own, width)
    close = np.stack([portraits.closest(intent) for intent in range(portraits.count)])
    supported = _supported(portraits, np.bincount(rows.features, minlength=width))
    cells = Cells.of(rows.by_row(), own, _rivals(close), supported)
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
        values = np.bincount(which, rows.values).astype(np.float32)
        values /= np.sqrt(np.bincount(intents, values * values, count))[intents]
        order = np.argsort(features, kind="stable")
        starts = np.concatenate([[0], np.cumsum(np.bincount(intents, minlength=count))])
        list_starts = np.concatenate([[0], np.cumsum(np.bincount(features, minlength=width))])
        return cls(count, starts, features, values, list_starts, intents[order], values[order])

    def own(self, intent: int) -> slice:
        """Where the entries of *intent* are."""
        return slice(self.starts[intent], self.starts[intent + 1])

    def closest(self, intent: int) -> Numbers:
        """The intents most like *intent*, the most alike first."""
        features, values = self.features[self.own(intent)], self.values[self.own(intent)]
        firsts, ends = self.list_starts[features], self.list_starts[features + 1]
        telling = np.flatnonzero(ends - firsts <= _TELLING)
        firsts, ends = firsts[telling], ends[telling]
        entries = ranges(firsts, ends)
        shared = self.listed_values[entries] * np.repeat(values[telling], ends - firsts)
        alike = np.bincount(self.listed[entries], shared, self.count).astype(np.float32)
        alike[intent] = -1.0
        taken = min(_CLOSE, self.count - 1)
        found = np.sort(np.argpartition(-alike, taken)[:taken])
        return found[np.argsort(-alike[found], kind="stable")]


def _rivals(close: Numbers) -> Rivals:
    count, taken = close.shape
    others = count - 1 - taken
    strangers = min(_STRANGERS, others)
    if not strangers:
        return Rivals(close, 0.0, taken)
    # Evenly spread over all intents; one that is close, too, is weighed twice, which does no harm.
    steps = np.arange(1, strangers + 1) * count // (strangers + 1)
    spread = (np.arange(count)[:, None] + np.maximum(steps, 1)) % count
    return Rivals(np.hstack([close, spread]), min(_HIGHEST_LIFT, math.log(others / strangers)), taken)


def _supported(portraits: _Portraits, phrases: Numbers) -> Supported:
    """For which features each intent gets weights; *phrases* says how many have each feature."""
    count, width = portraits.count, len(phrases)
    intents = np.repeat(np.arange(count), np.diff(portraits.starts))
    common = np.argsort(-phrases, kind="stable")[:_COMMON]
    everywhere = (np.arange(count)[:, None] * width + common).ravel()
    owners, features = np.divmod(np.unique(np.concatenate([intents * width + portraits.features, everywhere])), width)
    starts = np.concatenate([[0], np.cumsum(np.bincount(owners, minlength=count))])
    return Supported(starts, features, width)
