"""What of a word is compared: itself, and its grams, which are the runs of two to four letters in it.

Grams make words alike that are spelled alike: *delivery* and *delivered*, *Lieferung* and *geliefert*, in any script.
"""

import itertools
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Final

#: Two words that stand next to one another.
Pair = tuple[str, str]

_SIZES: Final = (2, 3, 4)
#: Whatever is longer is no word, and its end says nothing.
_LETTERS_LIMIT: Final = 30
#: What a user asks is said in so many words. What lies beyond is not looked at.
WORDS_LIMIT: Final = 100
#: All whole numbers are one word: nobody can give each of them in a phrase.
NUMBER: Final = "0"


def shapes(words: Iterable[str]) -> list[str]:
    """The words that are compared, numbers as one and the same.

    >>> shapes(["order", "4711"])
    ['order', '0']
    """
    return [NUMBER if word.isdecimal() else word for word in words][:WORDS_LIMIT]


def pairs(words: Sequence[str]) -> dict[Pair, None]:
    """The words that stand next to one another, the first and the last of all next to nothing; each once.

    >>> list(pairs(["no", "cake"]))
    [('', 'no'), ('no', 'cake'), ('cake', '')]
    """
    return dict.fromkeys(itertools.pairwise(("", *words, "")))


@lru_cache(maxsize=2_048)
def grams(word: str) -> tuple[str, ...]:
    """The runs of letters in *word* and its two ends, one that comes twice twice.

    >>> grams("cake")
    (' c', 'ca', 'ak', 'ke', 'e ', ' ca', 'cak', 'ake', 'ke ', ' cak', 'cake', 'ake ')
    """
    framed = f" {word[:_LETTERS_LIMIT]} "
    length = len(framed)
    return tuple([framed[at : at + size] for size in _SIZES for at in range(length - size + 1)])
