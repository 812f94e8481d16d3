"""The phrasebook: every phrase of every intent, found by a text that it is word for word, or that its template fits."""

from attrs import frozen

from botkit.errors import Place
from botkit.intents import Intent, Match, Phrase, Read
from botkit.language import Context, Template, Tokens
from botkit.language.index import Index


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


class Phrasebook:
    """The phrases that were declared, in order; ties are won by what was declared first.

    The cost of a text does not depend on the number of phrases.
    """

    def __init__(self) -> None:
        #: Every phrase, in the order of declaration.
        self.declared: list[Declared] = []
        #: What runs but is hardly meant.
        self.warnings: list[Warning] = []
        self._exact: dict[str, Declared] = {}
        self._index = Index()

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
                self._claim(self._exact.setdefault(" ".join(map(str, variant)), declared), declared)
            elif (leaf := self._index.add(variant, number)) is not None:
                self._claim(self.declared[leaf.number], declared)

    def _claim(self, first: Declared, declared: Declared) -> None:
        if first.intent is not declared.intent:
            where = f" at {first.phrase.place}" if first.phrase.place else ""
            self._warn(
                declared.phrase,
                f"intent {declared.intent.name!r} says what intent {first.intent.name!r}{where} says already with "
                f'"{first.phrase.text}": the first declared answers',
            )

    def _warn(self, phrase: Phrase, text: str) -> None:
        self.warnings.append(Warning(f'"{phrase.text}": {text}', phrase.place))

    def match(self, said: Tokens, context: Context) -> Match | None:
        """The phrase that *said* is: one without slots that it is word for word, else the most literal template."""
        exact = self._exact.get(said.key)
        if exact is not None:
            return Match(intent=exact.intent, how="exact", phrase=exact.phrase)
        found = self._index.match(said, context)
        if found is None:
            return None
        leaf, slots = found
        declared = self.declared[leaf.number]
        score = min(1.0, leaf.words / len(said))
        return Match(intent=declared.intent, slots=slots, how="template", score=score, phrase=declared.phrase)
