"""Likeness: a model and its limits, which together say what a text means, what it might mean, or that nobody knows."""

import math
from collections.abc import Collection, Sequence
from typing import Final

from attrs import field, frozen

from botkit.language.likeness.protocol import Explains, Limits, Model, ReadWord, Trial

#: How many of the best are suggested.
SUGGESTED: Final = 3
#: What is farther away is as sure, or as unsure.
_FARTHEST: Final = 30.0
#: How many are kept to show.
_SHOWN: Final = 5


@frozen
class Candidate:
    """An *intent* that a text is like: its *score* as the model gives it, and how *sure* that is, 0.5 being enough."""

    intent: str
    score: float
    sure: float


@frozen(kw_only=True)
class Guess:
    """What a text was taken for: the best five *candidates* in order, and which of them *answers* or is *suggested*."""

    candidates: tuple[Candidate, ...] = ()
    answers: Candidate | None = None
    suggested: tuple[Candidate, ...] = ()


@frozen(eq=False)
class Likeness:
    """What was learned from all phrases: a *model*, its *limits*, and the *trials* that they were found in."""

    model: Model
    limits: Limits
    trials: tuple[Trial, ...] = field(default=(), repr=False)

    def guess(self, text: str, among: Collection[str] | None = None) -> Guess:
        """What *text* is taken for, of all intents or those *among*.

        The best answers if it reaches the threshold and is ahead by the margin; else, if it is near, the best three
        that are near are suggested.
        """
        ranked = self.model.rank(text)
        if among is not None:
            ranked = [one for one in ranked if one[0] in among]
        candidates = tuple([Candidate(intent, score, self.surety(score)) for intent, score in ranked[:_SHOWN]])
        if not candidates:
            return Guess()
        best = candidates[0]
        lead = best.score - candidates[1].score if len(candidates) > 1 else math.inf
        if best.score >= self.limits.threshold and lead >= self.limits.margin:
            return Guess(candidates=candidates, answers=best)
        near = tuple(one for one in candidates[:SUGGESTED] if one.score >= self.limits.near)
        return Guess(candidates=candidates, suggested=near)

    def surety(self, score: float) -> float:
        """How sure a *score* is, between 0 and 1; at the threshold it is 0.5."""
        far = (score - self.limits.threshold) / self.limits.spread
        if not -_FARTHEST < far < _FARTHEST:
            far = math.copysign(_FARTHEST, far)
        return 1 / (1 + math.exp(-far))

    def words(self, text: str, intent: str) -> Sequence[ReadWord]:
        """The words of *text*, how each was read and what it said for *intent*; none from a model that cannot tell."""
        return self.model.words(text, intent) if isinstance(self.model, Explains) else ()

    @property
    def accuracy(self) -> float | None:
        """The share of phrases that are taken for their intent when they were not learned; None where none was tried.

        Users put things in other words than phrases do: expect a lower share of them.
        """
        known = [one.is_right for one in self.trials if not one.is_hidden]
        return sum(known) / len(known) if known else None
