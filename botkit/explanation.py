"""Why a text was understood as it was: a verdict on every phrase, for people and as JSON."""

from attrs import asdict, frozen

from botkit.errors import Place
from botkit.language import Context, Template, Tokens
from botkit.language.templates import Hole, Variant


@frozen(kw_only=True)
class Verdict:
    """Whether a phrase alone *matches* a text, *why* not, and how many of the text's words it *reached*."""

    matched: bool
    why: str
    reached: int


@frozen(kw_only=True)
class Candidate:
    """One phrase and what became of it: *won*, or *matched* and was beaten, or neither; *why* in words."""

    intent: str
    phrase: str
    place: Place | None
    won: bool
    matched: bool
    why: str
    reached: int


@frozen(kw_only=True)
class Explanation:
    """Everything about one routing: what was compared, what won and how, and every candidate, the winner first."""

    text: str
    words: tuple[str, ...]
    choice: str | None
    intent: str | None
    how: str | None
    score: float
    slots: dict[str, object]
    candidates: tuple[Candidate, ...]

    def lines(self, most: int = 10) -> list[str]:
        """The explanation for a terminal, with at most *most* candidates, those that came furthest first."""
        shown = sorted(self.candidates, key=lambda one: (-one.won, -one.matched, -one.reached))[:most]
        lines = [f'"{self.text}" is compared as: {" ".join(self.words) or "nothing"}']
        if self.choice is not None:
            lines.append(f'It takes the choice "{self.choice}" of the last reply.')
        lines.append(self._winner())
        lines += [f"  {_mark(one)} {one.intent}: {one.phrase}\n      {one.why}" for one in shown]
        if len(self.candidates) > most:
            lines.append(f"  … and {len(self.candidates) - most} more phrases that fit less.")
        return lines

    def _winner(self) -> str:
        if self.intent is None:
            return "No intent matches: the fallback answers."
        slots = ", ".join(f"{name} = {value!r}" for name, value in self.slots.items())
        return f"Intent {self.intent!r} answers ({self.how})" + (f" with {slots}." if slots else ".")

    def __str__(self) -> str:
        return "\n".join(self.lines())

    def to_json(self) -> dict[str, object]:
        """The explanation as JSON values; slots that JSON cannot hold are text, places file:line:column."""
        plain = asdict(self, recurse=False)
        plain["words"] = list(self.words)
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
    matched = [verdict for verdict in verdicts if verdict.matched]
    furthest = max(verdicts, key=lambda verdict: verdict.reached, default=None)
    return (matched or [furthest or Verdict(matched=False, why="nothing of it is left to match", reached=0)])[0]


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
        return Verdict(matched=True, why="matches", reached=len(said))
    at = max(places)
    return Verdict(
        matched=False, why=f'ends, but the text goes on with "{said.original(at, at + 1)}" as word {at + 1}', reached=at
    )


def _ends(item: str | Hole, said: Tokens, at: int, context: Context) -> list[int]:
    if isinstance(item, str):
        return [at + 1] if said.words[at] == item else []
    return [end for end, _ in item.type.find(said, at, context) if end > at]


def _wanted(item: str | Hole) -> str:
    return f'"{item}"' if isinstance(item, str) else f"{{{item.name}}} ({item.type.name})"
