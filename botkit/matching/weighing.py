"""Weighing: why likeness answered or declined, for people and as JSON."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from attrs import frozen

from botkit.language.likeness import Guess, Likeness, ReadWord

#: How many candidates, and how many words that counted, are told.
_TOLD: Final = 5


@frozen(kw_only=True)
class Weighed:
    """What likeness made of a text: its *guess* under the limits of *likeness*, each of the *words*, and *why*.

    *answers* says whether it was enough, *near* which intents could be suggested.
    """

    guess: Guess
    likeness: Likeness
    words: tuple[ReadWord, ...]
    why: str
    answers: bool
    near: tuple[str, ...] = ()

    @property
    def best(self) -> str | None:
        """The intent that the text is most like, None where nothing of it is known."""
        return self.guess.candidates[0].intent if self.guess.candidates else None

    def brief(self) -> str:
        """The same in one line, for where it was not asked."""
        if self.answers:
            best = self.guess.candidates[0]
            enough = f"{best.score:.2f}, and {self.likeness.limits.threshold:.2f} is enough"
            return f"Likeness, which was not asked, would have taken it for {best.intent}: {enough}."
        return f"Likeness, which was not asked, would have declined it: {self.why}."

    def lines(self) -> Iterator[str]:
        """What it made of the text, for a terminal."""
        limits, yet = self.likeness.limits, "=" if self.answers else "-"
        lead = f", and {limits.margin:.2f} more than the next" if limits.margin >= 0.01 else ""
        yield f"By likeness, of which {limits.threshold:.2f} is enough{lead}:"
        for number, one in enumerate(self.guess.candidates[:_TOLD]):
            if number and one.score <= 0:
                break
            yield f"  {yet if number == 0 else '-'} {one.intent}: {one.score:.2f}"
        yield f"      {self.why}"
        yield from self._words()
        if self.near:
            yield f"      near enough to be suggested (did_you_mean): {', '.join(self.near)}"

    def _words(self) -> Iterator[str]:
        counted = sorted((one for one in self.words if one.weight >= 0.01 and one.read), key=lambda one: -one.weight)
        if counted:
            told = ", ".join(f"{one.said} {one.weight:.2f}" for one in counted[:_TOLD])
            yield f"      words that speak for {self.guess.candidates[0].intent}: {told}"
        meant = sorted((one for one in self.words if one.meaning >= 0.01), key=lambda one: -one.meaning)
        if meant:
            told = ", ".join(f"{one.said} {one.meaning:.2f}" for one in meant[:_TOLD])
            yield f"      by what they mean in English, as part of that: {told}"
        if repaired := dict.fromkeys(f"{one.said} as {one.read}" for one in self.words if one.is_repaired):
            yield f"      read with another spelling: {', '.join(repaired)}"
        if unknown := dict.fromkeys(one.said for one in self.words if one.read is None):
            yield f"      in no phrase: {', '.join(unknown)}"

    def to_json(self) -> Mapping[str, object]:
        """The same as JSON values, in full."""
        limits = self.likeness.limits
        return {
            "answers": self.answers,
            "why": self.why,
            "candidates": [
                {"intent": one.intent, "score": one.score, "sure": one.sure} for one in self.guess.candidates
            ],
            "threshold": limits.threshold,
            "margin": limits.margin,
            "near": limits.near,
            "suggested": list(self.near),
            "words": [
                {"said": one.said, "read": one.read, "weight": one.weight, "meaning": one.meaning} for one in self.words
            ],
        }


def why_declined(guess: Guess, likeness: Likeness) -> str:
    """Why no candidate of *guess* is surely enough what was meant."""
    if not guess.candidates:
        return "nothing of it is in any phrase"
    limits, best = likeness.limits, guess.candidates[0]
    if best.score < limits.threshold:
        return f"{best.intent} is the most like it, but {best.score:.2f} is not enough"
    next_one = guess.candidates[1]
    lead = best.score - next_one.score
    told = f"{best.intent} and {next_one.intent} are too close to one another, {lead:.2f} apart"
    return f"{told}: give each phrases with words of its own"


def why_unknown(words: Sequence[ReadWord]) -> str:
    """Why a text is declined although its score is enough."""
    unknown = ", ".join(dict.fromkeys(one.said for one in words if one.read is None))
    beside = f", beside what is in no phrase ({unknown})" if unknown else ""
    return f"what it has in common with a phrase says too little by itself{beside}"
