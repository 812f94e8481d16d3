"""What one look at the words of a message tells of what it may have, so that nobody looks for what is not there.

Signs and words are looked up together: a sign is written as no word is.
"""

import re
from collections.abc import Set as AbstractSet
from typing import Final

from botkit.language.slots import AT, BUILT_IN, FIGURE

#: A word of a key that begins with a figure.
_FIRST_FIGURE: Final = re.compile(r" \d")


def last_sign(word: str) -> str:
    """That a message ends with *word*, or with something of the type of which that is the sign."""
    return f"{word} {{last}}"


_SIGNED: Final = [one for one in BUILT_IN.values() if one.signs]
#: By what tells of them, the signs of types that a message may have.
_SIGNS: Final = {
    sign: frozenset(one.sign for one in _SIGNED if sign in one.signs)
    for sign in frozenset[str]().union(*(one.signs for one in _SIGNED))
}
#: By its last word, what a message may end with.
_ENDINGS: Final = {
    word: frozenset(last_sign(one.sign) for one in _SIGNED if word in one.endings)
    for word in frozenset[str]().union(*(one.endings for one in _SIGNED))
}
#: The signs of what goes on to the next white space.
ADDRESSES: Final = frozenset(one.sign for one in _SIGNED if one.is_unbroken)


def signs_of(surface: str, words: AbstractSet[str], last: str) -> set[str]:
    """What tells that a text of these *words*, and of the *last*, may have something of a type, or end with it."""
    signs = {last_sign(last)}
    for word in _SIGNS.keys() & words:
        signs |= _SIGNS[word]
    if last in _SIGNS:
        signs |= _SIGNS[last]
    if last[0].isdecimal():
        signs |= _SIGNS[FIGURE] | _ENDINGS[FIGURE]
    else:
        if last in _ENDINGS:
            signs |= _ENDINGS[last]
        if _FIRST_FIGURE.search(" " + " ".join(words)):
            signs |= _SIGNS[FIGURE]
    if AT in surface:
        signs |= _SIGNS[AT]
    return signs
