"""The router: from a user's words to an intent and its slots, or to nothing."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Final, Literal
from zoneinfo import ZoneInfo

from attrs import evolve, field, frozen

from botkit.errors import DefinitionError, PhraseError, Place
from botkit.explanation import Candidate, Explanation, Verdict, judge, why_beaten
from botkit.handlers import OnChange
from botkit.language import Context, Slot, Template, Tokens, normalise, parse, tokens
from botkit.language.index import Index
from botkit.language.templates import slot_types
from botkit.language.wordlists import contradictions
from botkit.replies import Choice

How = Literal["choice", "exact", "template"]

Lists = Mapping[str, Mapping[str, Sequence[str]]]

_UTC: Final = ZoneInfo("UTC")
_NO_SLOTS: Final = (frozenset[str](), frozenset[str]())
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


@frozen
class Read:
    """An *intent* whose phrases have been read, each into its template."""

    intent: Intent
    templates: tuple[Template, ...] = ()

    @property
    def filled(self) -> frozenset[str]:
        """The slots that every phrase fills, and those that are asked for."""
        filled = [template.filled for template in self.templates]
        return frozenset.intersection(*filled).union(self.intent.asked) if filled else frozenset(self.intent.asked)

    @property
    def named(self) -> frozenset[str]:
        """The slots that some phrase has."""
        return frozenset[str]().union(*(template.named for template in self.templates))


class Router:
    """Finds the intent for a text: the last reply's choices, then exact phrases, then the most literal template.

    Ties are won by what was declared first. The cost of a message does not depend on the number of intents.

    >>> router = Router()
    >>> router.add(Intent(name="track", phrases=(Phrase("track {number:int}"),), handler=print))
    >>> router.route("Track 42!", now=datetime.now(_UTC)).slots
    {'number': 42}
    """

    def __init__(self, *, lists: Lists | None = None, timezone: ZoneInfo = _UTC) -> None:
        self.timezone = timezone
        self.lists = lists or {}
        #: Every slot type by name, the built-in ones and the bot's own lists.
        self.types = slot_types(self.lists)
        self._by_name: dict[str, Intent] = {}
        self._declared: list[_Declared] = []
        #: The slots that every phrase of an intent fills, and those that some phrase has.
        self._slots: dict[str, tuple[frozenset[str], frozenset[str]]] = {}
        self._exact: dict[str, _Declared] = {}
        self._index = Index()
        self.warnings: list[Warning] = [
            Warning(f"list {name!r}: {text}", None)
            for name, values in self.lists.items()
            for text in contradictions(values)
        ]

    @property
    def intents(self) -> tuple[Intent, ...]:
        """The intents in the order they were declared."""
        return tuple(self._by_name.values())

    def add(self, intent: Intent) -> None:
        """Register *intent*, whole or not at all.

        Raises PhraseError for a phrase that cannot be built, and DefinitionError for a name that is taken.
        """
        self.keep(self.read(intent))

    def read(self, intent: Intent) -> Read:
        """Read the phrases of *intent* as `add` does, raising what it raises, and register nothing yet."""
        if intent.name in self._by_name:
            raise DefinitionError(f"There are two intents {intent.name!r}; rename one.")
        return Read(intent, tuple(self._parsed(phrase, intent) for phrase in intent.phrases))

    def keep(self, read: Read) -> None:
        """Register an intent that this router has read."""
        intent = read.intent
        self._by_name[intent.name] = intent
        self._slots[intent.name] = (read.filled, read.named)
        for phrase, template in zip(intent.phrases, read.templates, strict=True):
            self._declare(_Declared(intent, phrase, template))

    def _parsed(self, phrase: Phrase, intent: Intent) -> Template:
        try:
            return parse(phrase.text, intent.slots, self.types)
        except PhraseError as error:
            if phrase.place is None:
                raise
            raise PhraseError(f"{phrase.place}: {error}") from None

    def _declare(self, declared: _Declared) -> None:
        number = len(self._declared)
        self._declared.append(declared)
        if not declared.template.variants:
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
        """The slots that every phrase of *intent* fills, and those that are asked for; none if it was not added."""
        return self._slots.get(intent.name, _NO_SLOTS)[0]

    def named(self, intent: Intent) -> frozenset[str]:
        """The slots that some phrase of *intent* has; none for an intent that was not added."""
        return self._slots.get(intent.name, _NO_SLOTS)[1]

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
        candidates = self._candidates(words, match, Context(now, self.timezone))
        return Explanation(
            text=text,
            words=words.words,
            choice=None if choice is None else choice.title,
            intent=match.intent.name if match else None,
            how=match.how if match else None,
            score=match.score if match else 0.0,
            slots=dict(match.slots) if match else {},
            candidates=tuple(sorted(candidates, key=lambda one: not one.won)),
        )

    def _candidates(self, said: Tokens, match: Match | None, context: Context) -> Iterator[Candidate]:
        judged = [(one, judge(one.template, said, context), _is_match(one, match)) for one in self._declared]
        winner = next(((one, verdict) for one, verdict, won in judged if won), None)
        for declared, verdict, won in judged:
            yield Candidate(
                intent=declared.intent.name,
                phrase=declared.phrase.text,
                place=declared.phrase.place,
                won=won,
                matched=verdict.matched,
                why=verdict.why if won or not verdict.matched else _beaten(verdict, winner),
                reached=verdict.reached,
            )


def _is_match(declared: _Declared, match: Match | None) -> bool:
    return match is not None and declared.phrase is match.phrase and declared.intent is match.intent


def _beaten(verdict: Verdict, winner: tuple[_Declared, Verdict] | None) -> str:
    if winner is None:
        return "matches, but a choice of the last reply was taken"
    declared, best = winner
    return why_beaten(verdict, best, f'"{declared.phrase.text}" of intent {declared.intent.name!r}')


def choice_of(said: Tokens, choices: Sequence[Choice]) -> Choice | None:
    """The choice that *said* takes by its title as it is shown, else as it is compared, else by its number."""
    shown, key = said.surface.strip().casefold(), said.key
    by_title = [choice for choice in choices if choice.title.strip().casefold() == shown]
    by_words = [choice for choice in choices if key and normalise(choice.title) == key]
    if by_title or by_words:
        return (by_title or by_words)[0]
    words = said.words[1:] if len(said) == 2 and said.words[0] in _NUMBERING else said.words
    if len(words) == 1 and words[0].isdecimal() and len(words[0]) < 4 and 1 <= int(words[0]) <= len(choices):
        return choices[int(words[0]) - 1]
    return None
