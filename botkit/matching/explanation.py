"""Why a text was understood as it was: a verdict on every phrase, for people and as JSON."""

from collections.abc import Iterator, Sequence
from typing import Final

from attrs import asdict, evolve, frozen

from botkit.errors import Place
from botkit.language import Context, Template, Tokens
from botkit.language.templates import Hole, Variant
from botkit.language.tree import literalness
from botkit.matching.weighing import Weighed

#: Why a phrase that matches is left out: see `botkit.language.effort`.
NOT_REACHED: Final = (
    "matches, but was not reached: a text of this length is followed through what fits its words for so many steps only"
)


@frozen(kw_only=True)
class Verdict:
    """Whether a phrase alone *matches* a text, *why* not, and how many of the text's words it *reached*.

    *literal* is how literally it matches, in the order of `botkit.language.tree.Literalness`.
    """

    matched: bool
    why: str
    reached: int
    literal: tuple[int, ...] = ()


@frozen(kw_only=True)
class Candidate:
    """One phrase and what became of it: *won*, or *matched* and was beaten, or neither; *why* in words.

    *is_regex* says that it is a regular expression, and no phrase.
    """

    intent: str
    phrase: str
    place: Place | None
    won: bool
    matched: bool
    why: str
    reached: int
    is_regex: bool = False


@frozen(kw_only=True)
class Explanation:
    """Everything about one routing: what was compared, what won and how, and every candidate, the winner first.

    *likeness* is what likeness makes of it, where something was learned, whether or not it came to that. *language* is
    the one that it was said in, where that can be told. *failure* is why likeness could make nothing of it.
    """

    text: str
    words: tuple[str, ...]
    choice: str | None
    intent: str | None
    how: str | None
    score: float
    slots: dict[str, object]
    candidates: tuple[Candidate, ...]
    likeness: Weighed | None = None
    language: str | None = None
    failure: str | None = None

    def lines(self, most: int = 10) -> list[str]:
        """The explanation for a terminal, with at most *most* candidates, those that came furthest first."""
        by_phrases = sorted(self.candidates, key=lambda one: (-one.won, -one.matched, -one.reached))
        # Where likeness decides, a phrase of which no word was said explains nothing.
        is_open = self.likeness is not None and self.how in (None, "likeness")
        best = self.likeness.best if self.likeness is not None else None
        shown = [one for one in by_phrases if not is_open or one.reached or one.intent == best][:most]
        lines = [f'"{self.text}" is compared as: {" ".join(self.words) or "nothing"}']
        if self.choice is not None:
            lines.append(f'It takes the choice "{self.choice}" of the last reply.')
        lines.append(self._winner())
        if self.failure is not None:
            lines.append(f"Likeness has failed, so that only phrases are understood. {self.failure}")
        if is_open and self.likeness is not None:
            lines += [*self.likeness.lines(), "By phrases:" if shown else "No phrase begins like it."]
        for one in shown:
            lines += [f"  {_mark(one)} {one.intent}: {one.phrase}", f"      {one.why}"]
        if (left := len(self.candidates) - len(shown)) > 0 and shown:
            lines.append(f"  … and {left} more {'phrase that fits' if left == 1 else 'phrases that fit'} less.")
        lines += self._regexes(shown)
        if not is_open and self.likeness is not None and self.how != "choice":
            lines.append(self.likeness.brief())
        return lines

    def _regexes(self, shown: Sequence[Candidate]) -> Iterator[str]:
        """That no regular expression is found, where nothing that is *shown* says so."""
        regexes = [one for one in self.candidates if one.is_regex]
        if regexes and not any(one.matched for one in regexes) and not any(one.is_regex for one in shown):
            yield f"Regular expressions: none of {len(regexes)} is found."

    def _winner(self) -> str:
        if self.intent is None:
            return "No intent matches: the fallback answers."
        slots = ", ".join(f"{name} = {value!r}" for name, value in self.slots.items())
        how = f"{self.how}, in {self.language}" if self.language else self.how
        return f"Intent {self.intent!r} answers ({how})" + (f" with {slots}." if slots else ".")

    def __str__(self) -> str:
        return "\n".join(self.lines())

    def to_json(self) -> dict[str, object]:
        """The explanation as JSON values; slots that JSON cannot hold are text, places file:line:column."""
        plain = asdict(self, recurse=False)
        plain["words"] = list(self.words)
        plain["likeness"] = self.likeness and self.likeness.to_json()
        plain["slots"] = {name: _json_value(value) for name, value in self.slots.items()}
        plain["candidates"] = [
            {**asdict(one, recurse=False), "place": one.place and str(one.place)} for one in self.candidates
        ]
        return plain


def _mark(candidate: Candidate) -> str:
    return "=" if candidate.won else "~" if candidate.matched else "-"


def _json_value(value: object) -> object:
    return value if isinstance(value, (int, float, str, bool)) or value is None else str(value)


def judge(template: Template, said: Tokens, context: Context) -> Verdict:
    """Say whether *template* alone matches *said*, and if not, where the variant that came furthest failed."""
    verdicts = [_judge_variant(variant, said, context) for variant in template.variants]
    if matched := [verdict for verdict in verdicts if verdict.matched]:
        return min(matched, key=lambda verdict: verdict.literal)
    nothing = Verdict(matched=False, why="nothing of it is left to match", reached=0)
    return max(verdicts, key=lambda verdict: verdict.reached, default=nothing)


def why_beaten(verdict: Verdict, winner: Verdict, name: str) -> str:
    """Say why a phrase that matches lost against the *winner*, which is called *name*."""
    if verdict.literal < winner.literal:
        return NOT_REACHED
    behind = [
        number for number, pair in enumerate(zip(verdict.literal, winner.literal, strict=True)) if len({*pair}) > 1
    ]
    if not behind:
        return f"matches as well as {name}, which was declared first"
    if behind[0] == 0:
        return f"matches with {_words(verdict)} of its own, but {name} has {-winner.literal[0]}"
    return f"matches, but the slots of {name} take less"


def _words(verdict: Verdict) -> str:
    words = -verdict.literal[0]
    return f"{words} word" if words == 1 else f"{words or 'no'} words"


def _judge_variant(variant: Variant, said: Tokens, context: Context) -> Verdict:
    places = {0}
    for item in variant:
        following = {end for at in places if at < len(said) for end in _ends(item, said, at, context)}
        if not following:
            at = max(places)
            found = f'"{said.original(at, at + 1)}"' if at < len(said) else "the end"
            return Verdict(matched=False, why=f"expected {_wanted(item)} as word {at + 1}, found {found}", reached=at)
        places = following
    if len(said) in places:
        return _matching(variant, said)
    at = max(places)
    return Verdict(
        matched=False, why=f'ends, but the text goes on with "{said.original(at, at + 1)}" as word {at + 1}', reached=at
    )


def _matching(variant: Variant, said: Tokens) -> Verdict:
    verdict = Verdict(matched=True, why="matches word for word", reached=len(said), literal=literalness(variant))
    if all(isinstance(item, str) for item in variant):
        return verdict
    return evolve(verdict, why=f"matches with {_words(verdict)} of its own")


def _ends(item: str | Hole, said: Tokens, at: int, context: Context) -> list[int]:
    if isinstance(item, str):
        return [at + 1] if said.words[at] == item else []
    return [end for end, _ in item.type.values(said, at, context)]


def _wanted(item: str | Hole) -> str:
    return f'"{item}"' if isinstance(item, str) else f"{{{item.name}}} ({item.type.name})"
