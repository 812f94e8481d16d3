"""The router: from a user's words to an intent and its slots, or to nothing."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Final, Literal
from zoneinfo import ZoneInfo

from attrs import evolve, field, frozen

from botkit.errors import DefinitionError, Place
from botkit.explanation import Candidate, Explanation, judge
from botkit.handlers import OnChange
from botkit.language import Context, Slot, Template, Tokens, normalise, parse, tokens
from botkit.language.index import Index
from botkit.language.templates import slot_types
from botkit.replies import Choice

How = Literal["choice", "exact", "template"]

_UTC: Final = ZoneInfo("UTC")
_NUMBERING: Final = frozenset({"number", "option", "nr", "no", "nummer"})


@frozen
class Phrase:
    """Something a user might say, perhaps with slots, and where it is written."""

    text: str
    place: Place | None = None


@frozen(kw_only=True)
class Intent:
    """Something a user may want: a *name*, the *phrases* that say it, and the *handler* that answers.

    *slots* gives the phrases' slots their types. *strict* keeps likeness from it. *retries* is how often the handler is
    run again when it raises. *version* counts changes of what the handler asks, and *on_change* ("restart" or "park")
    says what becomes of users who are in the middle of it. *confirm* is asked once all asked slots are filled.
    Decorators and bots.yaml build the same value.
    """

    name: str
    phrases: tuple[Phrase, ...]
    handler: Callable[..., object]
    slots: Mapping[str, Slot] = field(factory=dict)
    strict: bool = False
    retries: int = 0
    version: int = 0
    on_change: OnChange = "restart"
    confirm: str | None = None
    place: Place | None = None

    @property
    def asked(self) -> dict[str, Slot]:
        """The slots that are asked for where a phrase does not fill them."""
        return {name: slot for name, slot in self.slots.items() if slot.ask is not None}


@frozen(kw_only=True)
class Match:
    """What was understood: the intent, its slots by name, *how*, and how surely (1 is certain)."""

    intent: Intent
    slots: Mapping[str, object] = field(factory=dict)
    how: How
    score: float = 1.0
    phrase: Phrase | None = None


@frozen
class Warning:  # noqa: A001 - the word for it, and the built-in is never meant here
    """Something about the phrases that runs but is hardly meant, with its place."""

    text: str
    place: Place | None

    def __str__(self) -> str:
        return self.text if self.place is None else f"{self.place}: {self.text}"


@frozen
class _Declared:
    """A phrase with its intent, in the order of declaration."""

    intent: Intent
    phrase: Phrase
    template: Template


class Router:
    """Finds the intent for a text: the last reply's choices, then exact phrases, then the most literal template.

    Ties are won by what was declared first. The cost of a message does not depend on the number of intents.

    >>> router = Router()
    >>> router.add(Intent(name="track", phrases=(Phrase("track {number:int}"),), handler=print))
    >>> router.route("Track 42!", now=datetime.now(_UTC)).slots
    {'number': 42}
    """

    def __init__(
        self, *, lists: Mapping[str, Mapping[str, Sequence[str]]] | None = None, timezone: ZoneInfo = _UTC
    ) -> None:
        self.timezone = timezone
        self.lists = lists or {}
        #: Every slot type by name, the built-in ones and the bot's own lists.
        self.types = slot_types(self.lists)
        self._by_name: dict[str, Intent] = {}
        self._declared: list[_Declared] = []
        self._exact: dict[str, _Declared] = {}
        self._index = Index()
        self.warnings: list[Warning] = []

    @property
    def intents(self) -> tuple[Intent, ...]:
        """The intents in the order they were declared."""
        return tuple(self._by_name.values())

    def add(self, intent: Intent) -> None:
        """Register *intent*; raises PhraseError for a phrase that cannot be built, and for a name that is taken."""
        if intent.name in self._by_name:
            raise DefinitionError(f"There are two intents {intent.name!r}; rename one.")
        parsed = [(phrase, parse(phrase.text, intent.slots, self.types)) for phrase in intent.phrases]
        self._by_name[intent.name] = intent
        for phrase, template in parsed:
            self._declare(_Declared(intent, phrase, template))

    def _declare(self, declared: _Declared) -> None:
        number = len(self._declared)
        self._declared.append(declared)
        if not any(declared.template.variants):
            self._warn(declared.phrase, "nothing of this phrase is left to match, so it is skipped")
            return
        for variant in declared.template.variants:
            if all(isinstance(item, str) for item in variant):
                self._claim(self._exact.setdefault(" ".join(map(str, variant)), declared), declared)
            elif (leaf := self._index.add(variant, number)) is not None:
                self._claim(self._declared[leaf.number], declared)

    def _claim(self, first: _Declared, declared: _Declared) -> None:
        if first.intent is not declared.intent:
            where = f" at {first.phrase.place}" if first.phrase.place else ""
            self._warn(
                declared.phrase,
                f"intent {declared.intent.name!r} says what intent {first.intent.name!r}{where} says already with "
                f'"{first.phrase.text}": the first declared answers',
            )

    def _warn(self, phrase: Phrase, text: str) -> None:
        self.warnings.append(Warning(f'"{phrase.text}": {text}', phrase.place))

    def filled(self, intent: Intent) -> frozenset[str]:
        """The slots that every phrase of *intent* fills, and those that are asked for."""
        filled = [one.template.filled for one in self._declared if one.intent is intent]
        return frozenset.intersection(*filled).union(intent.asked) if filled else frozenset(intent.asked)

    def route(self, text: str, *, now: datetime, choices: Sequence[Choice] = ()) -> Match | None:
        """Find the intent for *text*, None if there is none; *now* gives dates their meaning.

        *choices* are those of the last reply: the title or the number of one takes it.
        """
        said = tokens(text)
        if choices and (choice := choice_of(said, choices)) is not None:
            return self._taken(choice, now)
        return self._routed(said, now)

    def chosen(self, text: str, choices: Sequence[Choice]) -> Choice | None:
        """Which of *choices* the user took, by title or number; None if none."""
        return choice_of(tokens(text), choices) if choices else None

    def _taken(self, choice: Choice, now: datetime) -> Match | None:
        if choice.intent is None:
            match = self._routed(tokens(choice.title), now)
            return match and evolve(match, how="choice")
        intent = self._by_name.get(choice.intent)
        return None if intent is None else Match(intent=intent, how="choice")

    def _routed(self, said: Tokens, now: datetime) -> Match | None:
        if not said.words:
            return None
        exact = self._exact.get(said.key)
        if exact is not None:
            return Match(intent=exact.intent, how="exact", phrase=exact.phrase)
        found = self._index.match(said, Context(now, self.timezone))
        if found is None:
            return None
        leaf, slots = found
        declared = self._declared[leaf.number]
        score = min(1.0, -leaf.rank[0] / len(said))
        return Match(intent=declared.intent, slots=slots, how="template", score=score, phrase=declared.phrase)

    def explain(self, text: str, *, now: datetime, choices: Sequence[Choice] = ()) -> Explanation:
        """Say for every phrase why it won or lost, the winner first; for people, and as slow as there are phrases."""
        said = tokens(text)
        choice = choice_of(said, choices)
        match = self.route(text, now=now, choices=choices)
        words = tokens(choice.title) if choice is not None and choice.intent is None else said
        candidates = tuple(self._candidates(words, match, Context(now, self.timezone)))
        winners = [one for one in candidates if one.won]
        return Explanation(
            text=text,
            words=words.words,
            choice=None if choice is None else choice.title,
            intent=match.intent.name if match else None,
            how=match.how if match else None,
            score=match.score if match else 0.0,
            slots=dict(match.slots) if match else {},
            candidates=(*winners, *(one for one in candidates if not one.won)),
        )

    def _candidates(self, said: Tokens, match: Match | None, context: Context) -> Iterator[Candidate]:
        for declared in self._declared:
            won = match is not None and declared.phrase is match.phrase and declared.intent is match.intent
            verdict = judge(declared.template, said, context)
            why = verdict.why if won or not verdict.matched else self._beaten(match)
            yield Candidate(
                intent=declared.intent.name,
                phrase=declared.phrase.text,
                place=declared.phrase.place,
                won=won,
                matched=verdict.matched,
                why=why,
                reached=verdict.reached,
            )

    @staticmethod
    def _beaten(match: Match | None) -> str:
        if match is None or match.phrase is None:
            return "matches, but a choice of the last reply was taken"
        kind = {"exact": "an exact phrase", "template": "more literal, or declared first", "choice": "a choice"}[
            match.how
        ]
        return f'matches, but "{match.phrase.text}" of intent {match.intent.name!r} wins: {kind}'


def choice_of(said: Tokens, choices: Sequence[Choice]) -> Choice | None:
    """The choice that *said* takes by its title, else by its number ("2", "2.", "number 2")."""
    for choice in choices:
        if normalise(choice.title) == said.key:
            return choice
    words = said.words[1:] if said.words[:1] and said.words[0] in _NUMBERING else said.words
    if len(words) == 1 and words[0].isdecimal() and len(words[0]) < 4 and 1 <= int(words[0]) <= len(choices):
        return choices[int(words[0]) - 1]
    return None
