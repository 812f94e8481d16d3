"""Understanding: what a text means that is no phrase, learned from the phrases of all intents."""

from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Final

from attrs import field, frozen

from botkit.language import Context, Template, Tokens
from botkit.language.lessons import Carried, carried, taught
from botkit.language.likeness import Build, Cache, Example, Guess, Likeness, ReadWord, learned
from botkit.language.likeness.likeness import SUGGESTED
from botkit.language.vocabulary import small_words
from botkit.matching.intents import Intent, Match, Phrase, Read
from botkit.matching.telling import Telling
from botkit.matching.weighing import Weighed, why_declined, why_unknown

if TYPE_CHECKING:
    from botkit.language.likeness.meanings import Meanings


@frozen
class Understood:
    """What a text was taken for: the *guess*, and the *match* or the intents that are *near*, the nearest first."""

    guess: Guess
    match: Match | None = None
    near: tuple[Intent, ...] = ()


#: Nothing was learned, so that nothing is known.
NOTHING: Final = Understood(Guess())


@frozen(eq=False)
class Understanding:
    """What was learned, *likeness*, of the *intents* by name, with the *templates* of each and its *required* slots.

    *language* is that of the *phrases*, each of which is here with its intent. Where these are few, *telling* says
    which of their words a text must have.
    """

    likeness: Likeness
    intents: Mapping[str, Intent]
    templates: Mapping[str, Sequence[Template]]
    required: Mapping[str, frozenset[str]]
    language: str
    phrases: Sequence[tuple[Intent, Phrase]]
    telling: Telling | None
    #: The intents that have phrases in this language, and no others here: whoever means one of them speaks it.
    spoken: frozenset[str] = field(init=False)

    @spoken.default
    def _spoken(self) -> frozenset[str]:
        every = {intent.name for intent, _ in self.phrases}
        return frozenset(every - {intent.name for intent, phrase in self.phrases if phrase.language is None})

    def judge(self, said: Tokens, context: Context) -> Understood:
        """What *said* is taken for; an intent never answers without a slot that its handler relies on."""
        guess = self.likeness.guess(said.surface)
        if (best := guess.answers) is not None:
            words = self._words(said, best.intent)
            slots = self._slots(best.intent, said, words, context)
            if self._is_known(best.intent, words, slots.values()) and self.required[best.intent] <= slots.keys():
                values = {name: one.value for name, one in slots.items()}
                intent = self.intents[best.intent]
                spoken = self.language if intent.name in self.spoken else None
                match = Match(intent=intent, slots=values, how="likeness", score=best.sure, language=spoken)
                return Understood(guess, match)
        return Understood(guess, near=self._near(guess, said))

    def weigh(self, said: Tokens, context: Context) -> Weighed:
        """What *said* is taken for, and why; slower than `judge`."""
        understood = self.judge(said, context)
        guess = understood.guess
        best = guess.candidates[0].intent if guess.candidates else None
        words = tuple(self.likeness.words(said.surface, best)) if best is not None else ()
        return Weighed(
            guess=guess,
            likeness=self.likeness,
            words=words,
            why=self._why(understood, said, words, context),
            answers=understood.match is not None,
            near=tuple(intent.name for intent in understood.near),
        )

    def _why(self, understood: Understood, said: Tokens, words: Sequence[ReadWord], context: Context) -> str:
        guess = understood.guess
        if guess.answers is None:
            return why_declined(guess, self.likeness)
        name = guess.answers.intent
        if understood.match is not None:
            return f"{name} is surely enough what was meant"
        slots = self._slots(name, said, words, context)
        if not self._is_known(name, words, slots.values()):
            return why_unknown(words)
        missing = ", ".join(sorted(self.required[name] - slots.keys()))
        return f"{name} is surely enough meant, but cannot answer without {missing}; give the slot an ask"

    def _near(self, guess: Guess, said: Tokens) -> tuple[Intent, ...]:
        """The intents that can be run without any slot and may have been meant, the nearest first."""
        near = [one.intent for one in guess.candidates[:SUGGESTED] if one.score >= self.likeness.limits.near]
        near = [name for name in near if not self.required[name]]
        if near and self.telling is not None:
            words = self.likeness.words(said.surface, near[0])
            near = [name for name in near if self.telling.is_near(name, words)]
        return tuple(self.intents[name] for name in near)

    def _words(self, said: Tokens, intent: str) -> Sequence[ReadWord]:
        """How the words were read; none where nobody asks, because it takes as long as everything else."""
        if self.telling is None and not any(one.named for one in self.templates[intent]):
            return ()
        return self.likeness.words(said.surface, intent)

    def _is_known(self, intent: str, words: Sequence[ReadWord], slots: Collection[Carried]) -> bool:
        """Whether enough of a text is known to be taken for *intent*; where phrases are many, its score says so."""
        filled = {at for slot in slots for at in range(slot.first, slot.end)}
        return self.telling is None or self.telling.knows(intent, words, filled)

    def _slots(self, name: str, said: Tokens, words: Sequence[ReadWord], context: Context) -> Mapping[str, Carried]:
        templates = [one for one in self.templates[name] if one.named]
        if not templates:
            return {}
        read = [one.read or one.said for one in words] if len(words) == len(said) else said.words
        return carried(templates, said, read, context)


def understanding_of(
    reads: Sequence[Read],
    *,
    language: str = "en",
    own: str = "en",
    build: Build | None = None,
    cache: Cache | None = None,
    meanings: "Meanings | None" = None,
) -> Understanding | None:
    """What the phrases of all intents teach in *language* that are not strict; None where that is nothing.

    Phrases that do not say in which language they are count as the bot's *own*. It takes about a second for 1,500
    phrases: call it off the event loop. *build*, *cache* and *meanings* are those of `learned`.
    """
    lenient = [read for read in reads if not read.intent.strict]
    said = [
        (read.intent, phrase, template)
        for read in lenient
        for phrase, template in zip(read.intent.phrases, read.templates, strict=True)
        if (phrase.language or own) == language
    ]
    examples = [
        Example(intent.name, text, number)
        for number, (intent, _, template) in enumerate(said)
        for text in taught(template)
    ]
    if not examples:
        return None
    templates: dict[str, list[Template]] = {read.intent.name: [] for read in lenient}
    for intent, _, template in said:
        templates[intent.name].append(template)
    return Understanding(
        learned(examples, build=build, cache=cache, meanings=meanings),
        {read.intent.name: read.intent for read in lenient},
        templates,
        {read.intent.name: read.filled - read.intent.asked.keys() for read in lenient},
        language,
        [(intent, phrase) for intent, phrase, _ in said],
        Telling.of(examples, small_words(language)),
    )
