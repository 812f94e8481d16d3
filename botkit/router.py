"""The router: from a user's words to an intent and its slots, or to nothing."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Final, TypeVar
from zoneinfo import ZoneInfo

from attrs import evolve

from botkit.errors import DefinitionError, PhraseError, Place
from botkit.language import Context, Template, Tokens, normalise, parse, tokens
from botkit.language.likeness import Build, Cache, Likeness
from botkit.language.resemblance import resembling
from botkit.language.slots import SlotType
from botkit.language.templates import slot_type_of, slot_types
from botkit.language.wordlists import contradictions
from botkit.matching.explanation import NOT_REACHED, Candidate, Explanation, Verdict, judge, why_beaten
from botkit.matching.intents import How, Intent, Match, Phrase, Read
from botkit.matching.patterns import Patterns, read_pattern
from botkit.matching.phrasebook import Claim, Declared, Phrasebook, Warning  # noqa: A004 - it is botkit's own
from botkit.matching.tongues import Failed, Tongues
from botkit.matching.understanding import Understanding
from botkit.replies import Choice
from botkit.translated import said_in, spellings

if TYPE_CHECKING:
    from botkit.language.likeness.meanings import Meanings

__all__ = ["How", "Intent", "Lists", "Match", "Phrase", "Read", "Router", "Warning", "choice_of", "no_meanings"]

T = TypeVar("T")
Lists = Mapping[str, Mapping[str, Sequence[str]]]

_UTC: Final = ZoneInfo("UTC")
_NO_SLOTS: Final = (frozenset[str](), frozenset[str]())
_NUMBERING: Final = frozenset({"number", "option", "nr", "no", "nummer"})


def no_meanings(language: str) -> None:
    """Nothing is known of a language but its phrases."""


class Router:
    """Finds the intent for a text: the last reply's choices, phrases, templates, regular expressions, likeness.

    Ties are won by what was declared first. The cost of a message does not depend on the number of intents, but for
    likeness, which is learned when it is told to.

    >>> router = Router()
    >>> router.add(Intent(name="track", phrases=(Phrase("track {number:int}"),), handler=print))
    >>> router.route("Track 42!", now=datetime.now(_UTC)).slots
    {'number': 42}
    """

    def __init__(
        self,
        *,
        lists: Lists | None = None,
        timezone: ZoneInfo = _UTC,
        language: str = "en",
        places: Mapping[str, Place] | None = None,
    ) -> None:
        self._language = language
        self.timezone = timezone
        self.lists = lists or {}
        #: Every slot type by name, the built-in ones and the bot's own lists.
        self.types = slot_types(self.lists)
        self._read: dict[str, Read] = {}
        #: The slots that every phrase of an intent fills, and those that some phrase has.
        self._slots: dict[str, tuple[frozenset[str], frozenset[str]]] = {}
        self._phrases = Phrasebook()
        self._phrases.warnings += [
            Warning(f"list {name!r}: {text}", (places or {}).get(f"lists.{name}"))
            for name, values in self.lists.items()
            for text in contradictions(values)
        ]
        self._patterns = Patterns()
        self._tongues = Tongues()
        #: The languages that some phrase is in, and no other.
        self._languages: tuple[str, ...] = ()
        self._is_learned = False

    @property
    def intents(self) -> tuple[Intent, ...]:
        """The intents in the order they were declared."""
        return tuple(read.intent for read in self._read.values())

    @property
    def warnings(self) -> Sequence[Warning]:
        """What runs but is hardly meant."""
        return self._phrases.warnings

    @property
    def claimed(self) -> Collection[Claim]:
        """The phrases of which it is warned that another intent says them already."""
        return self._phrases.claimed

    def add(self, intent: Intent) -> None:
        """Register *intent*, whole or not at all.

        Raises PhraseError for a phrase that cannot be built, and DefinitionError for a name that is taken.
        """
        self.keep(self.read(intent))

    def read(self, intent: Intent) -> Read:
        """Read the phrases of *intent* as `add` does, raising what it raises, and register nothing yet."""
        if intent.name in self._read:
            raise DefinitionError(f"There are two intents {intent.name!r}; rename one.")
        patterns = tuple(_placed(phrase, partial(read_pattern, phrase)) for phrase in intent.regexes)
        return Read(intent, tuple(self._parsed(phrase, intent) for phrase in intent.phrases), patterns)

    def keep(self, read: Read) -> None:
        """Register an intent that this router has read."""
        self._read[read.intent.name] = read
        self._slots[read.intent.name] = (read.filled, read.named)
        self._phrases.add(read)
        if read.patterns:
            self._patterns.add(read.intent, read.patterns, self._types_of(read.intent))
        languages = (one.language for one in read.intent.phrases if one.language is not None)
        self._languages = tuple(dict.fromkeys([*self._languages, *languages]))
        self._tongues, self._is_learned = Tongues(), False

    def learn(
        self,
        *,
        build: Build | None = None,
        cache: Cache | None = None,
        meanings: "Callable[[str], Meanings | None]" = no_meanings,
        failed: Failed | None = None,
    ) -> None:
        """Learn from the phrases what other words mean; until then likeness says nothing.

        It is done once, and anew after an intent was added. It takes about a second for 1,500 phrases, so call it off
        the event loop; routing goes on meanwhile as before. *build* is another model than the built-in one, which is
        kept in *cache* and knows the *meanings* of a language's words too. Each language is learned by itself. Where
        that model cannot judge a text later, *failed* is told and nothing is understood of it; by default that raises
        BackendError.
        """
        self.settle()
        if not self._is_learned:
            self._tongues = Tongues.of(
                tuple(self._read.values()),
                own=self._language,
                build=build,
                cache=cache,
                meanings=meanings,
                failed=failed,
            )
            self._is_learned = True

    def settle(self) -> None:
        """Find out what phrases have in common, which `learn` does too, and else the first text: 15 us a phrase."""
        self._phrases.settle()

    def forgo(self, error: DefinitionError) -> None:
        """Do without likeness because of *error*, which `explain` tells."""
        self._tongues = Tongues(failure=str(error))

    @property
    def likeness(self) -> Likeness | None:
        """What was learned of its first language; None before `learn`, and where there is nothing to learn from."""
        return self.understandings[0].likeness if self.understandings else None

    @property
    def understandings(self) -> Sequence[Understanding]:
        """What was learned of each language, the bot's own first."""
        return self._tongues.learned

    def _parsed(self, phrase: Phrase, intent: Intent) -> Template:
        return _placed(phrase, lambda: parse(phrase.text, intent.slots, self.types))

    def _types_of(self, intent: Intent) -> Mapping[str, SlotType]:
        """The types of its slots; a choice is one of its own."""
        return {name: slot_type_of(slot, self.types) for name, slot in intent.slots.items()}

    def filled(self, intent: Intent) -> frozenset[str]:
        """The slots that every phrase of *intent* fills, and those that are asked for; none if it was not added."""
        return self._slots.get(intent.name, _NO_SLOTS)[0]

    def named(self, intent: Intent) -> frozenset[str]:
        """The slots that some phrase of *intent* has; none for an intent that was not added."""
        return self._slots.get(intent.name, _NO_SLOTS)[1]

    def route(
        self,
        text: str | Tokens,
        *,
        now: datetime,
        choices: Sequence[Choice] = (),
        language: str = "",
        likeness: bool = True,
    ) -> Match | None:
        """Find the intent for *text*, or its words, None if there is none; *now* gives dates their meaning.

        *choices* are those of the last reply: the title or the number of one takes it. *language* is that of the
        conversation, by default the bot's, and decides what is said alike in several. Without *likeness* what no phrase
        fits is not weighed, which takes longer than all the rest.
        """
        said, language = text if isinstance(text, Tokens) else tokens(text), language or self._language
        if choices and (choice := self._choice(said, choices, now, language)) is not None:
            return self._taken(choice, now, language, likeness=likeness)
        return self._routed(said, now, language, likeness=likeness)

    def taken(self, text: str, choices: Sequence[Choice], *, now: datetime, language: str = "") -> Choice | None:
        """Which of *choices* `route` takes *text* for: by title, number, or, if no phrase fits, by likeness."""
        return self._choice(tokens(text), choices, now, language or self._language) if choices else None

    def _choice(self, said: Tokens, choices: Sequence[Choice], now: datetime, language: str) -> Choice | None:
        if (choice := choice_of(said, choices)) is not None:
            return choice
        found = resembling(said, [said_in(one.title, (language, self._language)) for one in choices])
        if found is None:
            return None
        number, part = found
        match = self._routed(said, now, language)
        is_meant = match is None or (match.how == "likeness" and match.score <= part)
        return choices[number] if is_meant else None

    def chosen(self, text: str, choices: Sequence[Choice]) -> Choice | None:
        """Which of *choices* the user took, by title or number; None if none."""
        return choice_of(tokens(text), choices) if choices else None

    def _taken(self, choice: Choice, now: datetime, language: str, *, likeness: bool) -> Match | None:
        if choice.intent is None:
            match = self._routed(tokens(choice.title), now, language, likeness=likeness)
            # He takes what was offered, and need not speak the language of a phrase that is like it.
            return match and evolve(match, how="choice", language=None)
        read = self._read.get(choice.intent)
        return None if read is None else Match(intent=read.intent, how="choice")

    def _routed(self, said: Tokens, now: datetime, language: str, *, likeness: bool = True) -> Match | None:
        if not said.words:
            return None
        context = self._context(now, language)
        fits = self._phrases.match(said, context, language) or self._patterns.match(said.surface, context)
        return self._tongues.judge(said, context, language).match if fits is None and likeness else fits

    def near(self, text: str, *, now: datetime, language: str = "") -> tuple[Intent, ...]:
        """The intents that *text*, which none answers, may have meant: the nearest first, at most three.

        Each can be run without anything that the text would have to carry.
        """
        language = language or self._language
        return self._tongues.judge(tokens(text), self._context(now, language), language).near

    def _context(self, now: datetime, language: str) -> Context:
        """Days are understood in *language*, and in those that some phrase is in."""
        return Context(now, self.timezone, (language, *self._languages))

    def explain(self, text: str, *, now: datetime, choices: Sequence[Choice] = (), language: str = "") -> Explanation:
        """Say for every phrase why it won or lost, the winner first; for people, and as slow as there are phrases."""
        said, language = tokens(text), language or self._language
        choice = self._choice(said, choices, now, language)
        match = self.route(text, now=now, choices=choices, language=language)
        words = tokens(choice.title) if choice is not None and choice.intent is None else said
        context = self._context(now, language)
        weighed, failure = self._tongues.weigh(words, context, language)
        phrases = self._candidates(words, match, context, is_choice=choice is not None)
        candidates = [*phrases, *self._searched(words, match, context)]
        return Explanation(
            text=text,
            words=words.words,
            choice=None if choice is None else choice.title,
            intent=match.intent.name if match else None,
            how=match.how if match else None,
            score=match.score if match else 0.0,
            slots=dict(match.slots) if match else {},
            candidates=tuple(sorted(candidates, key=lambda one: not one.won)),
            likeness=weighed,
            failure=failure,
            language=match.language if match else None,
        )

    def _searched(self, said: Tokens, match: Match | None, context: Context) -> Iterator[Candidate]:
        for intent, pattern, why in self._patterns.judged(said.surface, context):
            won = match is not None and match.phrase is pattern.phrase
            beaten = "fits, but something else goes before regular expressions, or was declared first"
            yield Candidate(
                intent=intent.name,
                phrase=pattern.text,
                place=pattern.phrase.place,
                won=won,
                matched=not why,
                why=why or ("is found in the text" if won else beaten),
                reached=0 if why else len(said),
                is_regex=True,
            )

    def _candidates(
        self, said: Tokens, match: Match | None, context: Context, *, is_choice: bool
    ) -> Iterator[Candidate]:
        judged = [(one, judge(one.template, said, context), _is_match(one, match)) for one in self._phrases.declared]
        winner = next(((one, verdict) for one, verdict, won in judged if won), None)
        is_earlier = True
        for declared, verdict, won in judged:
            is_earlier = is_earlier and not won
            if won or not verdict.matched:
                why = verdict.why
            elif winner is None:
                why = "matches, but a choice of the last reply was taken" if is_choice else NOT_REACHED
            else:
                why = _beaten(declared, verdict, *winner, is_earlier=is_earlier)
            yield Candidate(
                intent=declared.intent.name,
                phrase=declared.phrase.text,
                place=declared.phrase.place,
                won=won,
                matched=verdict.matched,
                why=why,
                reached=verdict.reached,
            )


def _placed(phrase: Phrase, read: Callable[[], T]) -> T:
    """What *read* makes of a phrase; a mistake in it is told with its place."""
    try:
        return read()
    except PhraseError as error:
        if phrase.place is None:
            raise
        raise PhraseError(f"{phrase.place}: {error}") from None


def _is_match(declared: Declared, match: Match | None) -> bool:
    return match is not None and declared.phrase is match.phrase and declared.intent is match.intent


def _beaten(declared: Declared, verdict: Verdict, winner: Declared, best: Verdict, *, is_earlier: bool) -> str:
    name = f'"{winner.phrase.text}" of intent {winner.intent.name!r}'
    if is_earlier and verdict.literal == best.literal:
        is_foreign = declared.phrase.language not in (winner.phrase.language, None)
        return f"matches as well as {name}, which goes first in this language" if is_foreign else NOT_REACHED
    return why_beaten(verdict, best, name)


def choice_of(said: Tokens, choices: Sequence[Choice]) -> Choice | None:
    """The choice that *said* takes by its title as it is shown, else as it is compared, else by its number."""
    shown, key = said.surface.strip().casefold(), said.key
    titles = [(choice, title) for choice in choices for title in spellings(choice.title)]
    by_title = [choice for choice, title in titles if title.strip().casefold() == shown]
    by_words = [choice for choice, title in titles if key and normalise(title) == key]
    if by_title or by_words:
        return (by_title or by_words)[0]
    words = said.words[1:] if len(said) == 2 and said.words[0] in _NUMBERING else said.words
    if len(words) == 1 and words[0].isdecimal() and len(words[0]) < 4 and 1 <= int(words[0]) <= len(choices):
        return choices[int(words[0]) - 1]
    return None
