"""Fitting: directions for words, so that those of a sentence add up to where the teacher points for it.

The teacher's directions are turned to the numbers that tell most (principal components). Each word starts where the
teacher points for it alone, the more common ones shorter; then all are moved, a batch of texts at a time, until texts
point where they should (the cosine, by Adam: Kingma and Ba 2015, for the words of the batch only).
"""

from collections.abc import Sequence
from typing import Final

import numpy as np
from attrs import frozen
from numpy.typing import NDArray

from tools.words.sources import Floats

DIMENSIONS: Final = 128
_EPOCHS: Final = 12
_BATCH: Final = 1_024
_RATE: Final = 3e-3
_MEMORY, _SQUARE_MEMORY = 0.9, 0.999
#: Words of more than that share of all count less at the start (Arora et al. 2017).
_COMMON: Final = 1e-3


@frozen(eq=False)
class Texts:
    """The numbers of the words of many texts, *said*, those of each text from its place in *starts* to the next."""

    said: NDArray[np.intp]
    starts: NDArray[np.intp]

    @classmethod
    def of(cls, texts: Sequence[Sequence[int]]) -> "Texts":
        """Those of *texts*, of which each has a word at least."""
        starts = np.concatenate([[0], np.cumsum([len(one) for one in texts])])
        return cls(np.concatenate([np.array(one, np.intp) for one in texts]), starts)

    def some(self, chosen: NDArray[np.intp]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """The words of the *chosen* texts one after the other, and how many each has."""
        lengths = self.starts[chosen + 1] - self.starts[chosen]
        firsts = np.cumsum(lengths) - lengths
        places = np.repeat(self.starts[chosen] - firsts, lengths) + np.arange(int(lengths.sum()))
        return self.said[places], lengths


def reduced(directions: Floats) -> Floats:
    """The numbers of *directions* that tell most, of length 1 for each text."""
    apart = directions - directions.mean(axis=0)
    _, turned = np.linalg.eigh((apart.T @ apart).astype(np.float64))
    found = apart @ turned[:, ::-1][:, :DIMENSIONS].astype(np.float32)
    lengths: Floats = np.linalg.norm(found, axis=1, keepdims=True)
    result: Floats = found / np.maximum(lengths, 1e-6)
    return result


def fitted(texts: Texts, wanted: Floats, alone: Floats) -> Floats:
    """Directions of words whose sums point where *wanted* for *texts*; *alone*: where each points by itself."""
    counts = 1 + np.bincount(texts.said, minlength=len(alone))
    words = alone * (_COMMON / (_COMMON + counts / counts.sum())).astype(np.float32)[:, None]
    mean, square = np.zeros_like(words), np.zeros_like(words)
    chance = np.random.default_rng(0)
    batches = len(wanted) // _BATCH
    for step in range(1, _EPOCHS * batches + 1):
        place = (step - 1) % batches
        if place == 0:
            order = chance.permutation(len(wanted))
        chosen = order[place * _BATCH : (place + 1) * _BATCH]
        said, lengths = texts.some(chosen)
        moved, slopes = _slopes(words, said, lengths, wanted[chosen])
        mean[moved] += (1 - _MEMORY) * (slopes - mean[moved])
        square[moved] += (1 - _SQUARE_MEMORY) * (slopes * slopes - square[moved])
        rate = _RATE * (1 - step / (_EPOCHS * batches))
        rate *= float(np.sqrt(1 - _SQUARE_MEMORY**step) / (1 - _MEMORY**step))
        words[moved] -= np.float32(rate) * mean[moved] / (np.sqrt(square[moved]) + np.float32(1e-8))
    moved_to: Floats = words
    return moved_to


def _slopes(
    words: Floats, said: NDArray[np.intp], lengths: NDArray[np.intp], wanted: Floats
) -> tuple[NDArray[np.intp], Floats]:
    """Which words are said, and which way each is to be moved."""
    sums = np.add.reduceat(words[said], np.cumsum(lengths) - lengths, axis=0)
    sizes = np.linalg.norm(sums, axis=1, keepdims=True) + np.float32(1e-6)
    sums /= sizes
    towards = ((wanted * sums).sum(axis=1, keepdims=True) * sums - wanted) / sizes
    order = np.argsort(said, kind="stable")
    firsts = np.flatnonzero(np.diff(said[order], prepend=-1))
    texts = np.repeat(np.arange(len(lengths)), lengths)[order]
    slopes: Floats = np.add.reduceat(towards[texts], firsts, axis=0)
    return said[order][firsts], slopes
