"""A text as numbers: which features of the phrases it has, and how much each weighs.

Features are words, pairs of words that stand next to one another, and grams. The rarer one is in the phrases, the more
it weighs. Words with pairs, and grams, are two halves that weigh alike, whatever the length of the text. What no phrase
has weighs too, though it speaks for no intent: a text of strange words is unlike everything. Where there is a table of
meanings, the direction that the words point to is a third part.
"""

import math
from collections.abc import Callable, Container, Mapping, Sequence
from typing import Final

import numpy as np
from attrs import field, frozen
from numpy.typing import NDArray

from botkit.language.likeness.features import Pair, grams, pairs, shapes
from botkit.language.likeness.meanings import Meanings
from botkit.language.likeness.vocabulary import Vocabulary
from botkit.language.text import tokens

Numbers = NDArray[np.intp]
Floats = NDArray[np.float32]

#: How many times the square of the rarest feature's weight an unknown one counts.
_UNKNOWN: Final = 4.0
#: How much features and the direction count where there is one, against 1 for features alone: together less, as what
#: points the same way needs no large weights. Found on the same files.
_OF_FEATURES: Final = 0.3
_OF_DIRECTION: Final = 0.13
_DIRECTED: Final = math.sqrt(_OF_DIRECTION)
_NOWHERE: Final = np.zeros(0, np.float32)
#: How much pairs weigh against words, and grams from within a word against those at its ends; like the number above
#: found on the validation files of CLINC150 and HWU64.
_OF_PAIRS: Final = 0.7
_OF_INNER: Final = 0.85
#: How much a feature that all phrases have weighs against one that hardly any has.
_OF_COMMON: Final = 1 / 7


@frozen(eq=False)
class Vector:
    """The features of a text by number, and their values: together of length 1 if all were known, else shorter.

    *direction* is where the words point together, empty where that is not known of any text.
    """

    features: Numbers
    values: Floats
    direction: Floats = field(default=_NOWHERE)


@frozen(eq=False)
class Encoder:
    """Turns texts into vectors. *weights* has one number for each feature: words, then pairs, then grams.

    *meanings* say where words point, None: nobody knows.
    """

    vocabulary: Vocabulary
    words: dict[str, int]
    pairs: dict[Pair, int]
    grams: dict[str, int]
    weights: Floats
    meanings: Meanings | None = None
    _grams_of: "_GramsOf" = field(init=False)
    _unknown: tuple[float, float] = field(init=False)
    _half: float = field(init=False)
    _is_word: Callable[[str], bool] | None = field(init=False)

    @_grams_of.default
    def _each_words_grams(self) -> "_GramsOf":
        return _GramsOf(self.words, self.grams)

    @_unknown.default
    def _heaviest(self) -> tuple[float, float]:
        first = len(self.words) + len(self.pairs)
        halves = self.weights[:first], self.weights[first:]
        heaviest, rarest = (_UNKNOWN * float(half.max()) ** 2 if len(half) else 1.0 for half in halves)
        return heaviest, rarest

    @_is_word.default
    def _covered(self) -> Callable[[str], bool] | None:
        return None if self.meanings is None else self.meanings.covers

    @_half.default
    def _sparse_half(self) -> float:
        return math.sqrt(0.5 if self.meanings is None else _OF_FEATURES / 2)

    @classmethod
    def of(cls, texts: Sequence[Sequence[str]], meanings: Meanings | None = None) -> "Encoder":
        """The encoder for what was learned from *texts*, each given as its words."""
        vocabulary = Vocabulary.of(texts)
        counts = _Counts()
        for words in texts:
            counts.add(words)
        total = 1 + len(texts)
        numbered = [number for part in (counts.words, counts.pairs, counts.grams) for number in part.values()]
        common = _OF_COMMON * math.log(total)
        weights = np.array([math.log(total / (1 + number)) + common for number in numbered], np.float32)
        first, second = len(counts.words), len(counts.words) + len(counts.pairs)
        weights[first:second] *= _OF_PAIRS
        weights[second:] *= [1.0 if gram[0] == " " or gram[-1] == " " else _OF_INNER for gram in counts.grams]
        return cls.numbered(vocabulary, list(counts.words), list(counts.pairs), list(counts.grams), weights, meanings)

    @classmethod
    def numbered(
        cls,
        vocabulary: Vocabulary,
        words: list[str],
        all_pairs: list[Pair],
        all_grams: list[str],
        weights: Floats,
        meanings: Meanings | None = None,
    ) -> "Encoder":
        """The encoder whose features are numbered in this order."""
        first, second = len(words), len(words) + len(all_pairs)
        return cls(
            vocabulary,
            {word: number for number, word in enumerate(words)},
            {pair: number for number, pair in enumerate(all_pairs, first)},
            {gram: number for number, gram in enumerate(all_grams, second)},
            weights,
            meanings,
        )

    def vector(self, text: str) -> Vector:
        """The features of *text* that some phrase has; none at all for a text of which nothing is known."""
        return self.of_words(self.read(shapes(tokens(text).words)))

    def read(self, words: Sequence[str]) -> list[str]:
        """Each of *words* as itself, or, where nobody knows it, as the word of the phrases it was meant to be."""
        return self.vocabulary.read(words, self._is_word)

    def of_words(self, words: Sequence[str]) -> Vector:
        """The features of a text whose *words* have been read."""
        wholes, unknown_wholes = self._wholes(words)
        parts, unknown_parts = self._parts(words)
        features = np.fromiter([*wholes, *parts], np.intp, len(wholes) + len(parts))
        values = self.weights[features]
        of_wholes, of_parts = values[: len(wholes)], values[len(wholes) :]
        of_wholes *= self._half / math.sqrt(float(of_wholes.dot(of_wholes)) + unknown_wholes * self._unknown[0] or 1.0)
        of_parts *= self._half / math.sqrt(float(of_parts.dot(of_parts)) + unknown_parts * self._unknown[1] or 1.0)
        return Vector(features, values, self._direction(words))

    def _direction(self, words: Sequence[str]) -> Floats:
        """Where *words* point together: the less far, the fewer of them are in the table."""
        if self.meanings is None:
            return _NOWHERE
        together, covered = self.meanings.together(words)
        if not covered:
            return together
        length = math.sqrt(float(together.dot(together))) or 1.0
        together *= _DIRECTED * covered / len(words) / length
        return together

    def shares_of(self, words: Sequence[str]) -> Floats:
        """What each of *words* adds to the direction of the text, a row each."""
        if self.meanings is None:
            return np.zeros((len(words), 0), np.float32)
        together, covered = self.meanings.together(words)
        length = math.sqrt(float(together.dot(together))) or 1.0
        shares = np.stack([self.meanings.together([word])[0] for word in words])
        shares *= _DIRECTED * covered / len(words) / length
        return shares

    def features_at(self, words: Sequence[str], at: int) -> list[int]:
        """The features that the word at *at* brings: itself, the pair it begins, and its grams."""
        word, following = words[at], words[at + 1] if at + 1 < len(words) else ""
        found = [self.words.get(word), self.pairs.get((word, following)), None if at else self.pairs.get(("", word))]
        return [one for one in dict.fromkeys((*found, *map(self.grams.get, grams(word)))) if one is not None]

    def _wholes(self, words: Sequence[str]) -> tuple[list[int], int]:
        single, following = dict.fromkeys(words), pairs(words)
        known = [*map(self.words.get, single), *map(self.pairs.get, following)]
        found = [one for one in known if one is not None]
        return found, len(known) - len(found)

    def _parts(self, words: Sequence[str]) -> tuple[set[int], int]:
        known = [*map(self._grams_of.__getitem__, words)]
        # Sets of numbers are in the same order in every process, as those of texts are not.
        found: set[int] = set().union(*filter(None, known))
        strange = 0
        if None in known:
            for gram in dict.fromkeys([gram for word in words if word not in self.words for gram in grams(word)]):
                if (number := self.grams.get(gram)) is None:
                    strange += 1
                else:
                    found.add(number)
        return found, strange


class _GramsOf(dict[str, frozenset[int] | None]):
    """The numbers of the grams of each of *words*, None for others; found when first asked for.

    Several threads may find the same at once, which does no harm.
    """

    def __init__(self, words: Container[str], numbers: Mapping[str, int]) -> None:
        super().__init__()
        self._words = words
        self._numbers = numbers

    def __missing__(self, word: str) -> frozenset[int] | None:
        if word not in self._words:
            return None
        found = self[word] = frozenset(map(self._numbers.__getitem__, grams(word)))
        return found


class _Counts:
    """In how many texts each feature is."""

    def __init__(self) -> None:
        self.words: dict[str, int] = {}
        self.pairs: dict[Pair, int] = {}
        self.grams: dict[str, int] = {}
        self._grams_of: dict[str, Sequence[str]] = {}

    def add(self, words: Sequence[str]) -> None:
        """Count the features of one text, each once."""
        parts: dict[str, None] = {}
        for word in dict.fromkeys(words):
            self.words[word] = self.words.get(word, 0) + 1
            if word not in self._grams_of:
                self._grams_of[word] = grams(word)
            parts.update(dict.fromkeys(self._grams_of[word]))
        for pair in pairs(words):
            self.pairs[pair] = self.pairs.get(pair, 0) + 1
        for part in parts:
            self.grams[part] = self.grams.get(part, 0) + 1
