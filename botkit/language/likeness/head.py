"""The head: a multinomial logistic regression over the phrases, learned from how alike they are to one another.

It is learned in the dual: one number for each phrase and intent, so that its cost does not depend on the number of
features. Each step minimises a quadratic that is as curved as the loss is at most (Böhning 1992), which needs one
inverse for all steps, and steps are accelerated (Nesterov).
"""

import math
from typing import Final

import numpy as np

from botkit.language.likeness.encoding import Floats

#: How much large weights are held against the fit.
RIDGE: Final = 1 / 30
#: The loss is curved by a half at most, and far less nearly everywhere: what is tried first, and what always works.
_HOPEFUL, _SAFE = (1 / 4, 20), (1 / 2, 60)
#: What share of a phrase's certainty is spread over all intents, so that the surest phrases do not outweigh the others.
DOUBT: Final = 0.1
#: The regression never lets go of a phrase that it gets right. That part of the mean weight of phrases is taken from
#: each, so that those weigh more which are hard to tell apart; found on the validation files of CLINC150 and HWU64.
_LET_GO: Final = 0.1
#: Up to that size a matrix is inverted by the solver.
_SOLVED: Final = 128
#: How far from what it was a vector may come back through the matrix and its inverse.
_EXACT: Final = 0.01
#: How far from the optimum a hopeful solution may be, as the largest error of a probability.
_TOLERANCE: Final = 0.25


def dual(kernel: Floats, wanted: Floats) -> Floats:
    """The numbers of each phrase and intent: *kernel* times them are the scores.

    *kernel* says how alike each two phrases are, *wanted* has a 1 where a phrase is the intent's, else 0.
    """
    own = wanted
    wanted = (1 - DOUBT) * own + np.float32(DOUBT / max(1, own.shape[1]))
    for curvature, steps in (_HOPEFUL, _SAFE):
        found = _descended(kernel, wanted, curvature, steps)
        error = np.abs(wanted - _probabilities(kernel @ found) - RIDGE * found)
        if error.max(initial=0.0) < _TOLERANCE:
            break
    return found - np.float32(_LET_GO * float((found * own).sum()) / max(1, len(own))) * own


def _descended(kernel: Floats, wanted: Floats, curvature: float, steps: int) -> Floats:
    ridge = np.float32(RIDGE / curvature)
    inverse = _inverted(kernel + ridge * np.eye(len(kernel), dtype=np.float32))
    scores = ahead = np.zeros_like(wanted)
    found, speed = scores, 1.0
    for _ in range(steps):
        target = ahead + (wanted - _probabilities(ahead)) / np.float32(curvature)
        found = inverse @ target
        last, scores = scores, target - ridge * found
        faster = (1 + math.sqrt(1 + 4 * speed * speed)) / 2
        ahead = scores + np.float32((speed - 1) / faster) * (scores - last)
        speed = faster
    return found


def _probabilities(scores: Floats) -> Floats:
    raised = np.exp(scores - scores.max(axis=1, keepdims=True, initial=-np.inf))
    shares: Floats = raised / raised.sum(axis=1, keepdims=True)
    return shares


def _inverted(matrix: Floats) -> Floats:
    """The inverse of a symmetric, positive *matrix*.

    By halves it is found several times as fast, but not where hundreds of phrases are alike, as those that differ in a
    number only: their rows nearly cancel one another out.
    """
    probes = np.random.default_rng(0).standard_normal((len(matrix), 4)).astype(np.float32)
    with np.errstate(all="ignore"):
        found = _by_halves(matrix)
        if np.abs(matrix @ (found @ probes) - probes).max(initial=0.0) < _EXACT:
            return found
    solved: Floats = np.linalg.inv(matrix)
    return solved


def _by_halves(matrix: Floats) -> Floats:
    if len(matrix) <= _SOLVED:
        solved: Floats = np.linalg.inv(matrix)
        return solved
    half = len(matrix) // 2
    first = _by_halves(matrix[:half, :half])
    across = first @ matrix[:half, half:]
    second = _by_halves(matrix[half:, half:] - matrix[half:, :half] @ across)
    corner = -across @ second
    return np.block([[first - corner @ across.T, corner], [corner.T, second]])
