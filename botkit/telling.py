"""Telling words: what a text must have in common with phrases where these are few.

Which words say little, as *what* and *is*, is learned only from many phrases. With few, a text that shares such words
alone with one of them would be taken for it, whatever it says, and something is nearest to everything.
"""

from collections.abc import Collection, Mapping, Sequence
from typing import Final, Self

from attrs import frozen

from botkit.language.likeness import Example, ReadWord
from botkit.language.likeness.features import shapes
from botkit.language.text import tokens

#: So many examples tell which words say little.
MANY: Final = 200
#: With fewer, that part of a text's letters must be in known words, if what it has in common with phrases tells
#: something; or that larger part, if only what its words mean does, or a slot that it fills. Found on the validation
#: files of CLINC150, for bots of up to twenty intents.
LEAST_SHARE: Final = 0.3
KNOWN_SHARE: Final = 0.7
#: A word that no phrase has is known all the same if its meaning adds as much to the score. Found like those;
#: with less, a few more are answered that should be, and more that should not.
MEANT: Final = 0.2
#: Of so many words of a phrase that has small ones alone, as "how do I get to you", one may be left out.
SPARED: Final = 5


@frozen(eq=False)
class Telling:
    """The *words* of each intent's phrases that tell something, and those *bare* phrases of it that have none.

    Numbers tell nothing, as nobody can give each of them in a phrase; nor do *small* words.
    """

    small: frozenset[str]
    words: Mapping[str, Collection[str]]
    bare: Mapping[str, Sequence[Collection[str]]]

    @classmethod
    def of(cls, examples: Sequence[Example], small: frozenset[str]) -> Self | None:
        """What tells in *examples*; None where they are so many that it is learned."""
        if len(examples) >= MANY:
            return None
        words: dict[str, set[str]] = {}
        bare: dict[str, list[frozenset[str]]] = {}
        for one in examples:
            said = frozenset(shapes(tokens(one.text).words))
            tells = {word for word in said if _is_telling(word, small)}
            words.setdefault(one.intent, set()).update(tells)
            if not tells:
                bare.setdefault(one.intent, []).append(said)
        return cls(small, words, bare)

    def knows(self, intent: str, words: Sequence[ReadWord], carried: Collection[int]) -> bool:
        """Whether enough of a text is known to be taken for *intent*; *words* are how a model read it that can tell.

        *carried* are the places of words that fill slots: what is said there need not be in any phrase.
        """
        if not words:
            return True
        own = _read(words)
        share = _share([one for at, one in enumerate(words) if at not in carried])
        if any(map(self._tells, own)) or any(_is_said(phrase, own) for phrase in self.bare.get(intent, ())):
            return share > LEAST_SHARE
        is_meant = any(one.meaning >= MEANT and self._tells(one.said) for one in words)
        return bool(own) and (is_meant or bool(carried)) and share > KNOWN_SHARE

    def is_near(self, intent: str, words: Sequence[ReadWord]) -> bool:
        """Whether a text of these *words* has one that tells in common with *intent*."""
        return not words or not _read(words).isdisjoint(self.words[intent])

    def _tells(self, word: str) -> bool:
        return _is_telling(word, self.small)


def _is_telling(word: str, small: frozenset[str]) -> bool:
    return word not in small and not word.isdecimal()


def _is_said(phrase: Collection[str], own: Collection[str]) -> bool:
    return SPARED * sum(word not in own for word in phrase) <= len(phrase)


def _read(words: Sequence[ReadWord]) -> frozenset[str]:
    return frozenset(shapes(one.read for one in words if one.read is not None))


def _share(words: Sequence[ReadWord]) -> float:
    """What part of the letters is in known words; a number counts as one letter."""
    letters = [(1 if one.said.isdecimal() else len(one.said), one) for one in words]
    known = sum(length for length, one in letters if one.read is not None or one.meaning >= MEANT)
    return known / sum(length for length, _ in letters) if letters else 1.0
