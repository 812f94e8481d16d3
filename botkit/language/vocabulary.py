"""The words that botkit itself understands while a question is open, and what it says, in eight languages.

Words are compared as phrases are: without case, accents and punctuation. A bot adds and replaces words and texts with
`Bot(words=…, texts=…)`, or with ``words:`` and ``texts:`` in bots.yaml.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import cache, lru_cache
from importlib.resources import files
from typing import Final

from attrs import evolve, field, frozen

from botkit.language.text import normalise
from botkit.translated import Translated

#: What can be said in words of one's own, and what in texts.
WORDS: Final = ("cancel", "help", "handover", "resume", "yes", "no", "same", "language")
TEXTS: Final = (
    "retry", "gave_up", "timeout", "cancelled", "help", "handover", "resumed", "changed", "gone", "same", "which",
    "did_you_mean", "language",
)  # fmt: skip
#: How many words a number may have, as in quatre-vingt-dix-neuf.
LONGEST_NUMBER: Final = 4
#: What means the same in whichever language of a bot it is said.
SHARED: Final = ("cancel", "help", "handover", "resume")
LANGUAGES: Final = ("en", "de", "fr", "es", "it", "pt", "nl", "pl")


def _normalised(given: Mapping[str, Collection[str]]) -> Mapping[str, frozenset[str]]:
    return {name: frozenset(map(normalise, words)) - {""} for name, words in given.items()}


@frozen(kw_only=True)
class Vocabulary:
    """Words by what they mean (`WORDS`), texts by what they are for (`TEXTS`), and number words.

    >>> german = vocabulary("de")
    >>> german.means("cancel", "Abbrechen!"), german.number("zwölf"), vocabulary("xx").text("cancelled")
    (True, 12, 'All right, I have stopped.')
    """

    words: Mapping[str, frozenset[str]] = field(converter=_normalised)
    texts: Mapping[str, str]
    numbers: Mapping[str, int] = field(repr=False)
    _meanings: Mapping[str, Collection[str]] = field(init=False, eq=False, repr=False)

    @_meanings.default
    def _by_word(self) -> Mapping[str, Collection[str]]:
        words = frozenset[str]().union(*self.words.values())
        return {word: [meaning for meaning, said in self.words.items() if word in said] for word in words}

    def means(self, meaning: str, said: str) -> bool:
        """Whether *said*, all of it, is one of the words for *meaning*."""
        return normalise(said) in self.words[meaning]

    def meanings(self, said: str) -> Collection[str]:
        """All that *said*, all of it, means."""
        return self._meanings.get(normalise(said), ())

    def text(self, name: str) -> str:
        """The text *name*."""
        return self.texts[name]

    def also(self, others: Iterable["Vocabulary"]) -> "Vocabulary":
        """This vocabulary, with what can be said in any language (`SHARED`) in the words of *others*, too."""
        shared = {name: self.words[name].union(*(one.words[name] for one in others)) for name in SHARED}
        return evolve(self, words={**self.words, **shared})

    def number(self, word: str) -> int | None:
        """The number that *word* names, None if it names none."""
        return self.numbers.get(normalise(word))

    def numbers_in(self, words: Sequence[str]) -> Iterator[int]:
        """The numbers that are named by *words*, which are normalised: at each place the longest name."""
        at = 0
        while at < len(words):
            ends = range(min(len(words), at + LONGEST_NUMBER), at, -1)
            end = next((end for end in ends if " ".join(words[at:end]) in self.numbers), None)
            if end is not None:
                yield self.numbers[" ".join(words[at:end])]
            at = end or at + 1

    def with_own(self, words: Mapping[str, Collection[str]], texts: Mapping[str, str]) -> "Vocabulary":
        """This vocabulary, with the words and texts that are given instead of its own."""
        merged: dict[str, Collection[str]] = {**self.words, **words}
        return evolve(self, words=merged, texts={**self.texts, **texts})


@cache
def _lines(language: str) -> Mapping[str, str]:
    """The lines of a language's file: a name, a colon and what it stands for."""
    text = (files("botkit.language") / "words" / f"{language}.txt").read_text("utf-8")
    lines = (line.partition(": ") for line in text.splitlines() if not line.startswith("#"))
    return {name: rest for name, colon, rest in lines if colon}


@cache
def small_words(language: str) -> Mapping[str, str]:
    """The words of *language* that say little by themselves, as *what* and *is*; English ones where there are none.

    Each comes with its usual spelling.

    >>> small_words("en")["what"], small_words("en")["u"], "open" in small_words("en")
    ('what', 'you', False)
    """
    words = [[normalise(word) for word in one.split("/")] for one in _lines(_short(language))["small"].split(", ")]
    return {word: usual for usual, *others in words for word in (usual, *others)}


def phrase(language: str, name: str) -> str:
    """What *name* stands for in the file of *language*, or in the English one.

    >>> phrase("de-AT", "hours.closed")
    'geschlossen'
    """
    return _lines(_short(language))[name]


def phrases(language: str, name: str) -> tuple[str, ...]:
    """The same for what is a list, such as the days of the week."""
    return tuple(phrase(language, name).split(", "))


def _short(language: str) -> str:
    return known_language((language,))


@lru_cache(maxsize=256)
def known_language(languages: tuple[str, ...]) -> str:
    """The first of *languages* that there are words in; English where there are none in any.

    >>> known_language(("tr", "de-AT")), known_language(("tr",))
    ('de', 'en')
    """
    return next((short for short in map(_without_region, languages) if short in LANGUAGES), "en")


def has_words(language: str) -> bool:
    """Whether botkit has words and texts of its own in *language*."""
    return _without_region(language) in LANGUAGES


def _without_region(language: str) -> str:
    return language.replace("_", "-").partition("-")[0].lower()


@cache
def in_all_languages(name: str) -> Translated:
    """The text *name* of the files, in every language that there are words in."""
    return Translated({language: phrase(language, name) for language in LANGUAGES})


@cache
def vocabulary(language: str) -> Vocabulary:
    """The vocabulary of *language* ("de", "pt-BR"); English where there is none."""
    lines = _lines(_short(language))
    return Vocabulary(
        words={name: lines[f"words.{name}"].split(", ") for name in WORDS},
        texts={name: lines[f"texts.{name}"] for name in TEXTS},
        numbers=dict(_numbers(lines["numbers"], lines["tens"], lines["compounds"])),
    )


def _numbers(ones: str, tens: str, compounds: str) -> Iterator[tuple[str, int]]:
    """Number words with their numbers; a slash divides spellings.

    They are 0, 1, 2, … of *ones*, then 30, 40, … of *tens*, and of *compounds* those that are between these.
    """
    between = (number for number in range(21, 100) if number % 10)
    for spelled, numbers in ((ones, range(21)), (tens, range(30, 101, 10)), (compounds, between)):
        for number, spellings in zip(numbers, spelled.split(", "), strict=True):
            yield from ((normalise(word), number) for word in spellings.split("/"))
