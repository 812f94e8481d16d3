"""Letters: what one character of a message is for matching, and how it is compared.

A character is decomposed (NFKD) and its case folded. So full-width, half-width, ligature, composed and decomposed
spellings come to the same letters, whichever keyboard wrote them.
"""

import re
import unicodedata
from functools import lru_cache
from typing import Final

#: What a character does: a word grows by it, it is a token alone, it belongs to the letter before it.
WORD: Final = "w"
SINGLE: Final = "s"
MARK: Final = "m"
#: It is not compared, and stands in the original spelling (accents, skin tones), or not even there (zero width).
DECORATION: Final = "d"
IGNORED: Final = "i"
#: It joins two halves of a word, or ends one.
APOSTROPHE: Final = "a"
GAP: Final = "g"
_NOT_COMPARED: Final = frozenset({DECORATION, IGNORED, APOSTROPHE, GAP})

#: Written without spaces between words, so that each letter is a token.
_UNSPACED: Final = (
    (0x0E00, 0x0EFF),  # Thai, Lao
    (0x1000, 0x109F),  # Burmese
    (0x1780, 0x17FF),  # Khmer
    (0x1950, 0x19DF),  # Tai Le, New Tai Lue
    (0x1A20, 0x1AAF),  # Tai Tham
    (0x2E80, 0x2FDF),  # radicals
    (0x3005, 0x3007),
    (0x3040, 0x312F),  # Hiragana, Katakana, Bopomofo
    (0x31A0, 0x31FF),
    (0x3400, 0x9FFF),  # Chinese
    (0xA9E0, 0xA9FF),
    (0xAA60, 0xAA7F),
    (0xF900, 0xFAFF),
    (0x1B000, 0x1B16F),
    (0x20000, 0x3FFFF),
)
#: Accents, which readers of the script do without: Latin, Greek, Cyrillic, Hebrew points, Arabic vowels; and selectors.
_ACCENTS: Final = (
    (0x0300, 0x036F),
    (0x0483, 0x0489),
    (0x0591, 0x05C7),
    (0x0610, 0x061A),
    (0x064B, 0x065F),
    (0x0670, 0x0670),
    (0x06D6, 0x06ED),
    (0x1AB0, 0x1AFF),
    (0x1DC0, 0x1DFF),
    (0x20D0, 0x20FF),
    (0xFE00, 0xFE0F),
    (0xFE20, 0xFE2F),
    (0x1F3FB, 0x1F3FF),  # skin tones
    (0xE0020, 0xE007F),  # the tags of flags
    (0xE0100, 0xE01EF),
)
#: Letters with a stroke or joined to another, which Unicode does not decompose.
_PLAIN: Final = str.maketrans(
    {"ø": "o", "ł": "l", "đ": "d", "ð": "d", "ħ": "h", "ŧ": "t", "ı": "i", "æ": "ae", "œ": "oe", "þ": "th"}
)
_APOSTROPHES: Final = frozenset("'’ʼ`´\u1ffd")
_TRADE_MARKS: Final = frozenset("™®©℠")
_IOTA_BELOW: Final = "\u0345"  # an accent that would become a letter where the case is folded
_TATWEEL: Final = "ـ"  # stretches Arabic words
_KINDS: Final = {"Mn": MARK, "Mc": MARK, "Me": MARK, "So": SINGLE, "Cf": IGNORED}


@lru_cache(maxsize=16_384)
def kind(char: str) -> str:
    """What *char* does: one of the letters above, so that a text's kinds can be searched like a text."""
    return _read(char)[0]


@lru_cache(maxsize=16_384)
def compared(char: str) -> str:
    """How *char* is compared: its letters without case, accents and width; empty for what is not compared.

    >>> [compared(char) for char in "ÄßǄ４!"]
    ['a', 'ss', 'dz', '4', '']
    """
    return _read(char)[1]


def _read(char: str) -> tuple[str, str]:
    if char in _APOSTROPHES:
        return APOSTROPHE, ""
    if char in _TRADE_MARKS:
        return IGNORED, ""
    spelled = unicodedata.normalize("NFKD", char).replace(_IOTA_BELOW, "")
    folded = unicodedata.normalize("NFKD", spelled.casefold()).translate(_PLAIN)
    kinds = "".join(map(_kind, folded)).strip(DECORATION) or DECORATION
    if len(set(kinds)) == 1 and (kinds == SINGLE or kinds[0] != SINGLE):
        return kinds[0], "" if kinds[0] in _NOT_COMPARED else _letters(folded)
    if re.fullmatch("w[wmd]*", kinds):
        return WORD, _letters(folded)
    if re.fullmatch("g*(w[wmd]*|s[md]*)g*", kinds):
        return SINGLE, _letters(folded)
    # Several in one, such as ½, which is not to be taken for 12.
    return SINGLE, char


def _letters(folded: str) -> str:
    return "".join(str(unicodedata.decimal(one, one)) for one in folded if _kind(one) not in _NOT_COMPARED)


def _kind(letter: str) -> str:
    if letter in _APOSTROPHES:
        return APOSTROPHE
    if letter == _TATWEEL:
        return IGNORED
    category, code = unicodedata.category(letter), ord(letter)
    if _among(code, _ACCENTS):
        return DECORATION
    if category[0] in "LN":
        return SINGLE if category != "Nd" and _among(code, _UNSPACED) else WORD
    return _KINDS.get(category, GAP)


def _among(code: int, ranges: tuple[tuple[int, int], ...]) -> bool:
    return any(first <= code <= last for first, last in ranges)
