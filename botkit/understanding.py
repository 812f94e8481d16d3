"""Understanding: what a text means that is no phrase, learned from the phrases of all intents."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Final

from attrs import field, frozen

from botkit.intents import Intent, Match, Phrase, Read
from botkit.language import Context, Template, Tokens
from botkit.language.lessons import Carried, carried, taught
from botkit.language.likeness import Build, Cache, Example, Guess, Likeness, ReadWord, learned
from botkit.language.likeness.features import NUMBER
from botkit.language.likeness.likeness import SUGGESTED
from botkit.language.vocabulary import small_words
from botkit.weighing import Weighed, why_declined, why_unknown

if TYPE_CHECKING:
    from botkit.language.likeness.meanings import Meanings


@frozen
class Understood:
    """What a text was taken for: the *guess*, and the *match* or the intents that are *near*, the nearest first."""

    guess: Guess
    match: Match | None = None
    near: tuple[Intent, ...] = ()


#: So many examples tell which words say little.
MANY: Final = 200
#: With fewer, a text must have a word of the phrases that is no small one, and that part of its letters in known words;
#: or any word of theirs, and that larger part. Found on the validation files of CLINC150, for bots of up to twenty
#: intents.
LEAST_SHARE: Final = 0.3
KNOWN_SHARE: Final = 0.7
#: A word that no phrase has is known all the same if its meaning adds as much to the score. Found like those;
#: with less, a few more are answered that should be, and more that should not.
MEANT: Final = 0.2
#: Nothing was learned, so that nothing is known.
NOTHING: Final = Understood(Guess())


@frozen(eq=False)
class Understanding:
    """What was learned, *likeness*, of the *intents* by name, with the *templates* of each and its *required* slots.

    *language* is that of the *phrases*, each of which is here with its intent. *taught* is how many examples there
    were, *small* are the words that say little by themselves.
    """

    likeness: Likeness
    intents: Mapping[str, Intent]
    templates: Mapping[str, Sequence[Template]]
    required: Mapping[str, frozenset[str]]
    language: str
    phrases: Sequence[tuple[Intent, Phrase]]
    taught: int
    small: frozenset[str]
    #: The intents that have phrases in this language, and no others here: whoever means one of them speaks it.
    telling: frozenset[str] = field(init=False)

    @telling.default
    def _telling(self) -> frozenset[str]:
        every = {intent.name for intent, _ in self.phrases}
        return frozenset(every - {intent.name for intent, phrase in self.phrases if phrase.language is None})

    def judge(self, said: Tokens, context: Context) -> Understood:
        """What *said* is taken for; an intent never answers without a slot that its handler relies on."""
        guess = self.likeness.guess(said.surface)
        if (best := guess.answers) is not None:
            words = self._words(said, best.intent)
            slots = self._slots(best.intent, said, words, context)
            if self._is_known(words, slots.values()) and self.required[best.intent] <= slots.keys():
                values = {name: one.value for name, one in slots.items()}
                intent = self.intents[best.intent]
                spoken = self.language if intent.name in self.telling else None
                match = Match(intent=intent, slots=values, how="likeness", score=best.sure, language=spoken)
                return Understood(guess, match)
        return Understood(guess, near=tuple(self._near(guess)))

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
        if not self._is_known(words, slots.values()):
            return why_unknown(words)
        missing = ", ".join(sorted(self.required[name] - slots.keys()))
        return f"{name} is surely enough meant, but cannot answer without {missing}; give the slot an ask"

    def _near(self, guess: Guess) -> Iterator[Intent]:
        """The intents that can be run without any slot, the nearest first."""
        for one in guess.candidates[:SUGGESTED]:
            if one.score >= self.likeness.limits.near and not self.required[one.intent]:
                yield self.intents[one.intent]

    def _words(self, said: Tokens, intent: str) -> Sequence[ReadWord]:
        """How the words were read; none where nobody asks, because it takes as long as everything else."""
        if self.taught >= MANY and not any(one.named for one in self.templates[intent]):
            return ()
        return self.likeness.words(said.surface, intent)

    def _is_known(self, words: Sequence[ReadWord], slots: Iterable[Carried]) -> bool:
        """Whether enough of a text, apart from what fills slots, is made of words of the phrases, where these are few.

        Which words say little, as *what* and *is*, is learned only from many phrases. With few a text that shares such
        words alone with one of them would be taken for it, whatever else it says.
        """
        taken = {at for slot in slots for at in range(slot.first, slot.end)}
        rest = [one for at, one in enumerate(words) if at not in taken]
        if self.taught >= MANY or not rest:
            return True
        own = [one.read for one in rest if one.read is not None]
        if not own:
            return False
        known = sum(len(one.said) for one in rest if one.read is not None or one.meaning >= MEANT)
        share = known / sum(len(one.said) for one in rest)
        tells = any(word not in self.small and word != NUMBER for word in own)
        return share > (LEAST_SHARE if tells else KNOWN_SHARE)

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
        len(examples),
        small_words(language),
    )
