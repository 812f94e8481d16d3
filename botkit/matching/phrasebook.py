"""The phrasebook: every phrase of every intent, found by a text that it is word for word, or that its template fits."""

from collections.abc import Sequence

from attrs import frozen

from botkit.errors import Place
from botkit.language import Context, Template, Tokens
from botkit.language.index import Index
from botkit.language.templates import Hole
from botkit.language.tree import Rank
from botkit.matching.intents import Intent, Match, Phrase, Read


@frozen
class Warning:  # noqa: A001 - the word for it, and the built-in is never meant here
    """Something about the phrases that runs but is hardly meant, with its place."""

    text: str
    place: Place | None

    def __str__(self) -> str:
        return self.text if self.place is None else f"{self.place}: {self.text}"


@frozen
class Declared:
    """A phrase with its intent, in the order of declaration."""

    intent: Intent
    phrase: Phrase
    template: Template


@frozen
class Claim:
    """A *phrase* of *intent* that would have *other* answer, all of them by name."""

    intent: str
    phrase: Phrase
    other: str


@frozen
class _Way:
    """A way to say a phrase, with the names of its slots."""

    declared: Declared
    names: tuple[str, ...] = ()

    @property
    def language(self) -> str | None:
        return self.declared.phrase.language


class Phrasebook:
    """The phrases that were declared, in order; ties are won by what was declared first.

    What is said alike in several languages means what it does in that of the conversation. The cost of a text does not
    depend on the number of phrases.
    """

    def __init__(self) -> None:
        #: Every phrase, in the order of declaration.
        self.declared: list[Declared] = []
        #: What runs but is hardly meant.
        self.warnings: list[Warning] = []
        #: The phrases of which it is warned that another intent says them already.
        self.claimed: set[Claim] = set()
        self._exact: dict[str, list[_Way]] = {}
        #: How many words the longest of those has.
        self._longest = 0
        self._index = Index()
        #: By the rank of the first: phrases of the same words, and slots of the same types.
        self._alike: dict[Rank, list[_Way]] = {}

    def add(self, read: Read) -> None:
        """Take in the phrases of an intent."""
        for phrase, template in zip(read.intent.phrases, read.templates, strict=True):
            self._declare(Declared(read.intent, phrase, template))

    def _declare(self, declared: Declared) -> None:
        number = len(self.declared)
        self.declared.append(declared)
        if not declared.template.variants:
            self._warn(declared.phrase, "nothing of this phrase is left to match, so it is skipped")
            return
        for variant in declared.template.variants:
            if all(isinstance(item, str) for item in variant):
                self._longest = max(self._longest, len(variant))
                self._claim(self._exact.setdefault(" ".join(map(str, variant)), []), _Way(declared))
            elif (leaf := self._index.add(variant, number)) is not None:
                names = tuple(item.name for item in variant if isinstance(item, Hole))
                first = _Way(self.declared[leaf.number], leaf.names)
                self._claim(self._alike.setdefault(leaf.rank, [first]), _Way(declared, names))

    def _claim(self, alike: list[_Way], way: _Way) -> None:
        declared = way.declared
        first = next((one.declared for one in alike if _is_rival(one, way)), None)
        if first is None:
            if not any(one.declared.intent is declared.intent and one.language == way.language for one in alike):
                alike.append(way)
        else:
            self.claimed.add(Claim(declared.intent.name, declared.phrase, first.intent.name))
            where = f" at {first.phrase.place}" if first.phrase.place else ""
            self._warn(
                declared.phrase,
                f"intent {declared.intent.name!r} says what intent {first.intent.name!r}{where} says already with "
                f'"{first.phrase.text}": the first declared answers',
            )

    def settle(self) -> None:
        """Find out what the first text would, which takes about as long as a tenth of the phrases took to add."""
        self._index.settle()

    def _warn(self, phrase: Phrase, text: str) -> None:
        warning = Warning(f'"{phrase.text}": {text}', phrase.place)
        # A phrase that can be said in several ways has made one mistake.
        if warning not in self.warnings:
            self.warnings.append(warning)

    def match(self, said: Tokens, context: Context, language: str) -> Match | None:
        """The phrase that *said* is: one without slots that it is word for word, else the most literal template."""
        exact = self._exact.get(said.key) if len(said.words) <= self._longest else None
        if exact is not None:
            way, spoken = _meant(exact, language)
            return Match(intent=way.declared.intent, how="exact", phrase=way.declared.phrase, language=spoken)
        found = self._index.match(said, context)
        if found is None:
            return None
        leaf, slots = found
        declared, spoken = self.declared[leaf.number], self.declared[leaf.number].phrase.language
        if leaf.rank in self._alike:
            way, spoken = _meant(self._alike[leaf.rank], language)
            declared, slots = way.declared, dict(zip(way.names, slots.values(), strict=True))
        score = min(1.0, leaf.words / len(said))
        return Match(
            intent=declared.intent, slots=slots, how="template", score=score, phrase=declared.phrase, language=spoken
        )


def _is_rival(one: _Way, other: _Way) -> bool:
    """Whether two phrases that are said alike mean different things in some language."""
    languages = {one.language, other.language}
    return one.declared.intent is not other.declared.intent and (len(languages) == 1 or None in languages)


def _meant(alike: Sequence[_Way], language: str) -> tuple[_Way, str | None]:
    """Which of phrases that are said alike is meant in a conversation in *language*, and which language that tells."""
    if len(alike) == 1:
        return alike[0], alike[0].language
    first = next((one for one in alike if one.language in (language, None)), alike[0])
    languages = {one.language for one in alike if one.declared.intent is first.declared.intent}
    return first, first.language if len(languages) == 1 else None
