"""The words of the phrases, and which of them an unknown word was meant to be.

A word is repaired where one edit (a letter too many, too few, wrong, or two swapped) makes it a word of the phrases, or
where the two are spellings of one another, as *fuer* and *für*. Of several words the one that stands next to the same
neighbours in a phrase is taken, then the more frequent one; the start and the end of a text are neighbours too. A word
of three letters is repaired only next to a neighbour that it has in a phrase, and a shorter one never: too much is one
edit away from them.

What was a word of the phrases is found among the words that lack one of its letters (Garbe's symmetric deletion), so
that the cost does not grow with the vocabulary.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Final

from attrs import frozen

from botkit.language.likeness.features import Pair, pairs

_SHORTEST: Final = 3
_SAFE: Final = 4
_LONGEST: Final = 24
#: Latin keyboards without umlauts and the like.
_SPELLINGS: Final = (("ae", "a"), ("oe", "o"), ("ue", "u"), ("aa", "a"))


def _spelling(word: str) -> str:
    for written, letter in _SPELLINGS:
        word = word.replace(written, letter)
    return word


def _without_a_letter(word: str) -> list[str]:
    return [word, *{word[:at] + word[at + 1 :]: None for at in range(len(word))}]


def is_one_edit(first: str, second: str) -> bool:
    """Whether one letter more, less or other, or two swapped, make *first* into *second*.

    >>> is_one_edit("oepn", "open"), is_one_edit("ope", "open"), is_one_edit("pone", "open")
    (True, True, False)
    """
    if len(first) > len(second):
        first, second = second, first
    if len(second) - len(first) > 1:
        return False
    same = 0
    while same < len(first) and first[same] == second[same]:
        same += 1
    rest, other = first[same:], second[same:]
    if len(first) < len(second):
        return rest == other[1:]
    return rest[1:] == other[1:] or (rest[:2] == other[1::-1] and rest[2:] == other[2:])


@frozen(kw_only=True, eq=False)
class Vocabulary:
    """How often each word stands in the phrases (*counts*), and which *pairs* stand next to one another."""

    counts: Mapping[str, int]
    pairs: frozenset[Pair]
    _lacking: Mapping[str, str | Sequence[str]]
    _spelled: Mapping[str, Sequence[str]]

    @classmethod
    def of(cls, phrases: Iterable[Sequence[str]]) -> "Vocabulary":
        """The vocabulary of *phrases*, each given as its words."""
        counts: Counter[str] = Counter()
        found: set[Pair] = set()
        for words in phrases:
            counts.update(dict.fromkeys(words).keys())
            found.update(pairs(words))
        return cls.counted(counts, found)

    @classmethod
    def counted(cls, counts: Mapping[str, int], pairs: Iterable[Pair]) -> "Vocabulary":
        """The vocabulary of words that are counted already."""
        lacking: dict[str, str | list[str]] = {}
        spelled: dict[str, list[str]] = {}
        for word in counts:
            if _SHORTEST <= len(word) <= _LONGEST:
                spelled.setdefault(_spelling(word), []).append(word)
                for key in _without_a_letter(word):
                    # Nearly all are one word's alone, and thousands of lists take their time.
                    if (before := lacking.get(key)) is None:
                        lacking[key] = word
                    elif isinstance(before, str):
                        lacking[key] = [before, word]
                    else:
                        before.append(word)
        return cls(counts=counts, pairs=frozenset(pairs), lacking=lacking, spelled=spelled)

    def read(self, words: Sequence[str], is_word: Callable[[str], bool] | None = None) -> list[str]:
        """Each of *words* as itself, or as the word of the phrases that it was meant to be.

        What *is_word* is meant as it is written, though no phrase has it.

        >>> Vocabulary.of([["are", "you", "open"], ["fur", "zwei"]]).read(["aer", "you", "opn", "fuer"])
        ['are', 'you', 'open', 'fur']
        """
        if self.counts.keys() >= set(words):
            return list(words)
        read = list(words)
        for at, word in enumerate(words):
            if word in self.counts or (is_word is not None and is_word(word)):
                continue
            if _SHORTEST <= len(word) <= _LONGEST:
                read[at] = self._repaired(
                    word, read[at - 1] if at else "", words[at + 1] if at + 1 < len(words) else ""
                )
        return read

    def _repaired(self, word: str, before: str, after: str) -> str:
        best, best_rank = word, (0 if len(word) >= _SAFE else 1, 0)
        for meant in self._candidates(word):
            neighbours = ((before, meant) in self.pairs) + ((meant, after) in self.pairs)
            rank = (neighbours, self.counts[meant])
            if rank > best_rank:
                best, best_rank = meant, rank
        return best

    def _candidates(self, word: str) -> Iterable[str]:
        yield from self._spelled.get(_spelling(word), ())
        for key in _without_a_letter(word):
            found = self._lacking.get(key, ())
            for meant in (found,) if isinstance(found, str) else found:
                if is_one_edit(word, meant):
                    yield meant
