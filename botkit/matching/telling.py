"""Telling words: what a text must have in common with phrases where these are few.

Which words say little, as *what* and *is*, is learned only from many phrases. With few, a text that shares such words
alone with one of them would be taken for it, whatever it says, and something is nearest to everything.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import takewhile
from typing import Final, Self

from attrs import frozen

from botkit.language.likeness import Example, ReadWord
from botkit.language.likeness.features import shapes
from botkit.language.text import tokens

#: So many examples tell which words say little.
MANY: Final = 200
#: With fewer, that part of a text's letters must be in known words, if what it has in common with phrases tells
#: something; or that larger part, if only what its words mean does, or a slot that it fills. Small words that are in
#: no phrase do not count. Found on the validation files of CLINC150 and HWU64, for bots of up to twenty intents.
LEAST_SHARE: Final = 0.3
KNOWN_SHARE: Final = 0.75
#: A word that no phrase has is known all the same if its meaning adds as much to the score. Found like those;
#: with less, a few more are answered that should be, and more that should not.
MEANT: Final = 0.2
#: Where no word of a phrase was said, one must be like one in its letters too, which add as much, as "price" is like
#: "prices": among few intents something is nearest in meaning to every word, as a greeting is to any interjection.
SPELT: Final = 0.1
#: Of so many words of a phrase that has small ones alone, as "how do I get to you", one may be left out.
SPARED: Final = 5
#: Or only its beginning is said, "how much" for "how much is it", if that is so much of the letters of both.
BEGUN_SHARE: Final = 0.7


@frozen(eq=False)
class Telling:
    """The *words* of each intent's phrases that tell something, and those *bare* phrases of it that have none.

    Numbers tell nothing, as nobody can give each of them in a phrase; nor do *small* words, each of which is here with
    its usual spelling.
    """

    small: Mapping[str, str]
    words: Mapping[str, Collection[str]]
    bare: Mapping[str, Sequence[Sequence[str]]]

    @classmethod
    def of(cls, examples: Sequence[Example], small: Mapping[str, str]) -> Self | None:
        """What tells in *examples*; None where they are so many that it is learned."""
        if len(examples) >= MANY:
            return None
        words: dict[str, set[str]] = {}
        bare: dict[str, list[Sequence[str]]] = {}
        for one in examples:
            said = shapes(tokens(one.text).words)
            tells = {word for word in said if _is_telling(word, small)}
            words.setdefault(one.intent, set()).update(tells)
            if not tells:
                bare.setdefault(one.intent, []).append([small.get(word, word) for word in said])
        return cls(small, words, bare)

    def knows(self, intent: str, words: Sequence[ReadWord], carried: Collection[int]) -> bool:
        """Whether enough of a text is known to be taken for *intent*; *words* are how a model read it that can tell.

        *carried* are the places of words that fill slots: what is said there need not be in any phrase.
        """
        if not words:
            return True
        own = self._own(words)
        bare = self.bare.get(intent, ())
        share = self._share([one for at, one in enumerate(words) if at not in carried])
        if any(map(self._tells, own)) or any(_is_said(phrase, own) for phrase in bare):
            return share > LEAST_SHARE
        length = _letters(one.said for one in words)
        if any(_is_begun(phrase, own, length) for phrase in bare):
            return True
        return (bool(carried and _is_read(words)) or self._is_meant(words)) and share > KNOWN_SHARE

    def is_near(self, intent: str, words: Sequence[ReadWord]) -> bool:
        """Whether a text of these *words* has one that tells in common with *intent*."""
        return not words or not self._own(words).isdisjoint(self.words[intent])

    def _own(self, words: Sequence[ReadWord]) -> frozenset[str]:
        """The words of a text that may be in phrases, the small ones as they are usually spelled."""
        read = shapes(one.read or one.said for one in words if one.read is not None or one.said in self.small)
        return frozenset(self.small.get(word, word) for word in read)

    def _share(self, words: Sequence[ReadWord]) -> float:
        """What part of the letters is in known words; small ones that are in no phrase say nothing of that."""
        known = [one.said for one in words if one.read is not None or one.meaning >= MEANT]
        unknown = [one.said for one in words if one.read is None and one.meaning < MEANT and one.said not in self.small]
        return _letters(known) / (_letters(known) + _letters(unknown)) if known or unknown else 1.0

    def _is_meant(self, words: Sequence[ReadWord]) -> bool:
        """Whether a word that tells means what phrases say."""
        telling = [one for one in words if one.meaning >= MEANT and self._tells(one.said)]
        return bool(telling) and (_is_read(words) or any(one.weight - one.meaning >= SPELT for one in telling))

    def _tells(self, word: str) -> bool:
        return _is_telling(word, self.small)


def _is_telling(word: str, small: Collection[str]) -> bool:
    return word not in small and not word.isdecimal()


def _is_read(words: Sequence[ReadWord]) -> bool:
    return any(one.read is not None for one in words)


def _is_said(phrase: Collection[str], own: Collection[str]) -> bool:
    return SPARED * sum(word not in own for word in phrase) <= len(phrase)


def _is_begun(phrase: Sequence[str], own: Collection[str], length: int) -> bool:
    """Whether a text of *length* letters says little but how *phrase* begins."""
    begun = takewhile(own.__contains__, phrase)
    return 2 * _letters(begun) > BEGUN_SHARE * (_letters(phrase) + length)


def _letters(words: Iterable[str]) -> int:
    """How many there are; a number counts as one."""
    return sum(1 if word.isdecimal() else len(word) for word in words)
