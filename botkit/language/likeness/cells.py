"""The loss of the wide head: each phrase, weighed for each intent that it may be taken for, is a cell."""

from collections.abc import Iterator
from typing import Final

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from botkit.language.likeness.descent import Doubles
from botkit.language.likeness.encoding import Floats, Numbers
from botkit.language.likeness.head import DOUBT, RIDGE
from botkit.language.likeness.rows import ByRow
from botkit.language.likeness.wide import Supported, ranges

#: How many hits are looked at in one go, so that what is computed from them is small, however many there are.
_AT_ONCE: Final = 1_000_000


@frozen(eq=False)
class Rivals:
    """The *intents* that each intent is weighed against, a row for each intent.

    In each row those from *close* on are strangers. They stand for all other intents, so that their scores are raised
    by *lift*, the logarithm of how many others each stands for.
    """

    intents: Numbers
    lift: float
    close: int


@frozen(eq=False)
class _Block:
    """The cells of some intents, *cells* of them all: their *hits*, each a weight from *first* on and its value.

    *lengths* says how many hits each cell has, and *is_hit* which has any.
    """

    first: int
    count: int
    cells: slice
    hits: NDArray[np.int32]
    values: Floats
    lengths: Numbers

    def scores(self, weights: Floats) -> Doubles:
        """What each cell's hits add up to."""
        products = weights[self.first : self.first + self.count][self.hits]
        products *= self.values
        is_hit = self.lengths > 0
        scores = np.zeros(len(self.lengths))
        if len(products):
            scores[is_hit] = np.add.reduceat(products, (np.cumsum(self.lengths) - self.lengths)[is_hit])
        return scores

    def gradient(self, errors: Floats) -> Doubles:
        """What each weight adds to the loss, from the error of each cell."""
        products = np.repeat(errors, self.lengths)
        products *= self.values
        return np.bincount(self.hits, products, self.count).astype(np.float64, copy=False)


@frozen(eq=False)
class Cells:
    """All cells in *blocks*, ordered by intent.

    *lifts* is what is added to each score. *by_phrase* is the order of the cells by phrase, each phrase from its place
    in *firsts*; in that order *wanted* says how probable each is to be: together 1 for each phrase, nearly all of it
    for its own intent.
    """

    blocks: tuple[_Block, ...]
    lifts: Doubles
    by_phrase: Numbers
    firsts: Numbers
    wanted: Doubles

    @classmethod
    def of(cls, rows: ByRow, own: Numbers, rivals: Rivals, supported: Supported) -> "Cells":
        """The cells of phrases that are *rows*, each of its *own* intent, with the weights that are *supported*."""
        weighed = list(_weighed(own, rivals))
        phrases = np.concatenate([held for held, _ in weighed])
        intents = np.repeat(np.arange(len(weighed)), [len(held) for held, _ in weighed])
        by_phrase = np.argsort(phrases, kind="stable")
        firsts = np.flatnonzero(np.diff(phrases[by_phrase], prepend=-1))
        lifts = np.concatenate([lift for _, lift in weighed])
        stood_for = np.exp(lifts)[by_phrase]
        doubted = stood_for / np.repeat(np.add.reduceat(stood_for, firsts), np.diff(np.append(firsts, len(phrases))))
        wanted = (1 - DOUBT) * (own[phrases] == intents)[by_phrase] + DOUBT * doubted
        blocks = tuple(_blocks(rows, [held for held, _ in weighed], supported))
        return cls(blocks, lifts, by_phrase, firsts, wanted)

    def slope(self, weights: Doubles) -> tuple[float, Doubles]:
        """The loss with these *weights*, and its gradient."""
        single = weights.astype(np.float32)
        scores = np.concatenate([block.scores(single) for block in self.blocks])
        scores += self.lifts
        ordered = scores[self.by_phrase]
        sizes = np.diff(np.append(self.firsts, len(ordered)))
        ordered -= np.repeat(np.maximum.reduceat(ordered, self.firsts), sizes)
        raised = np.exp(ordered)
        sums = np.add.reduceat(raised, self.firsts)
        loss = float(np.log(sums).sum() - ordered @ self.wanted + RIDGE / 2 * (weights @ weights))
        errors = np.empty(len(scores), np.float32)
        errors[self.by_phrase] = raised / np.repeat(sums, sizes) - self.wanted
        gradient = np.concatenate([block.gradient(errors[block.cells]) for block in self.blocks])
        return loss, gradient + RIDGE * weights


def _blocks(rows: ByRow, weighed: list[Numbers], supported: Supported) -> Iterator[_Block]:
    """Blocks of as many intents each as are looked at in one go."""
    place = np.full(supported.width, -1, np.int32)
    hits: list[NDArray[np.int32]] = []
    values: list[Floats] = []
    lengths: list[Numbers] = []
    first, cells, held_hits = 0, 0, 0
    for intent, held in enumerate(weighed):
        mine = supported.of(intent)
        place[supported.features[mine]] = np.arange(mine.start - first, mine.stop - first)
        entries = ranges(rows.starts[held], rows.starts[held + 1])
        found = place[rows.features[entries]]
        place[supported.features[mine]] = -1
        is_hit = found >= 0
        ends = np.cumsum(rows.starts[held + 1] - rows.starts[held])
        lengths.append(np.diff(np.concatenate([[0], np.cumsum(is_hit)])[ends], prepend=0))
        hits.append(found[is_hit])
        values.append(rows.values[entries[is_hit]])
        held_hits += len(hits[-1])
        if held_hits > _AT_ONCE or intent == len(weighed) - 1:
            all_lengths = np.concatenate(lengths)
            part = slice(cells, cells + len(all_lengths))
            yield _Block(first, mine.stop - first, part, np.concatenate(hits), np.concatenate(values), all_lengths)
            first, cells, held_hits = mine.stop, part.stop, 0
            hits, values, lengths = [], [], []


def _weighed(own: Numbers, rivals: Rivals) -> Iterator[tuple[Numbers, Doubles]]:
    """For each intent the phrases that are weighed for it, and by what the score of each is raised.

    They are its own, and those of the intents whose rival it is.
    """
    order = np.argsort(own, kind="stable")
    count, taken = rivals.intents.shape
    starts = np.searchsorted(own[order], np.arange(count + 1))
    others = np.argsort(rivals.intents.ravel(), kind="stable")
    ends = np.cumsum(np.bincount(rivals.intents.ravel(), minlength=count))
    for intent, end in enumerate(ends.tolist()):
        places = others[ends[intent - 1] if intent else 0 : end]
        intents = np.concatenate([[intent], places // taken])
        lifts = np.concatenate([[0.0], np.where(places % taken < rivals.close, 0.0, rivals.lift)])
        lengths = starts[intents + 1] - starts[intents]
        yield order[ranges(starts[intents], starts[intents + 1])], np.repeat(lifts, lengths)
