"""Text as it is compared: words without case, accents, punctuation and decoration, each with its place in the original.

`tokens` splits any script. Scripts that are written without spaces (Chinese, Japanese, Thai, Lao, Khmer, Burmese) give
a token for each character, so that phrases in them match wherever the writer's words lie. Emoji are tokens of their
own, without skin tone and variation. All of it takes time linear in the text.
"""

import re
import unicodedata
from functools import lru_cache
from typing import Final

from attrs import frozen

#: What lies beyond in a message is not matched: nobody asks a question in 2,000 characters.
TEXT_LIMIT: Final = 2_000

_ASCII_WORD: Final = re.compile(r"[0-9a-z]+(?:'[0-9a-z]+)*")
_APOSTROPHES: Final = frozenset("'’ʼ＇")
_UNSPACED: Final = (
    (0x0E00, 0x0EFF),  # Thai, Lao
    (0x1000, 0x109F),  # Burmese
    (0x1780, 0x17FF),  # Khmer
    (0x3040, 0x30FF),  # Hiragana, Katakana
    (0x3400, 0x9FFF),  # Chinese
    (0xF900, 0xFAFF),
    (0x20000, 0x3FFFF),
)
_ACCENTS: Final = range(0x0300, 0x0370)
_SKIN_TONES: Final = range(0x1F3FB, 0x1F400)


@frozen
class Tokens:
    """A text's *words* for comparison, and where each starts and ends in *surface*, the original."""

    surface: str
    words: tuple[str, ...]
    starts: tuple[int, ...]
    ends: tuple[int, ...]

    def __len__(self) -> int:
        return len(self.words)

    @property
    def key(self) -> str:
        """The words as one string: equal for texts that mean the same to an exact match."""
        return " ".join(self.words)

    def original(self, first: int, end: int) -> str:
        """The original spelling of the tokens from *first* up to, not including, *end*."""
        return self.surface[self.starts[first] : self.ends[end - 1]]


def tokens(text: str) -> Tokens:
    """Split *text* into comparable words; what lies beyond `TEXT_LIMIT` characters is left out.

    >>> tokens("What's the PRICE, please?").words
    ('whats', 'the', 'price', 'please')
    >>> tokens("Crème brûlée!").key == tokens("creme brulee").key
    True
    """
    surface = text[:TEXT_LIMIT]
    if surface.isascii():
        found = list(_ASCII_WORD.finditer(surface.lower()))
        return Tokens(
            surface,
            tuple([one.group().replace("'", "") for one in found]),
            tuple([one.start() for one in found]),
            tuple([one.end() for one in found]),
        )
    return _any_script(surface)


@lru_cache(maxsize=4_096)
def normalise(text: str) -> str:
    """*text* as an exact match compares it: the words of `tokens`, joined with spaces.

    >>> normalise("  Ｈｅｌｌｏ — ＷＯＲＬＤ ")
    'hello world'
    """
    return tokens(text).key


def _any_script(surface: str) -> Tokens:
    words: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    growing = False
    for at, char in enumerate(surface):
        kind, plain = _read(char)
        if kind == "ignored" or (kind == "apostrophe" and growing and surface[at + 1 : at + 2].isalnum()):
            continue
        if kind == "word" and growing:
            words[-1] += plain
            ends[-1] = at + 1
        elif kind in ("word", "single"):
            words.append(plain)
            starts.append(at)
            ends.append(at + 1)
        growing = kind == "word"
    return Tokens(surface, tuple(words), tuple(starts), tuple(ends))


@lru_cache(maxsize=4_096)
def _read(char: str) -> tuple[str, str]:
    """What *char* is for a token (word, single, apostrophe, ignored, gap) and how it is compared."""
    if char in _APOSTROPHES:
        return "apostrophe", ""
    code = ord(char)
    category = unicodedata.category(char)
    if category in ("Cf", "Mn", "Me") or code in _SKIN_TONES:
        kept = category == "Mn" and code not in _ACCENTS and not 0xFE00 <= code <= 0xFE0F
        return ("single" if _unspaced(code) else "word", char) if kept else ("ignored", "")
    if category == "So":
        return "single", char
    if category[0] not in "LNM":
        return "gap", ""
    plain = _plain(char)
    return ("single" if _unspaced(code) else "word", plain) if plain else ("gap", "")


def _plain(char: str) -> str:
    """*char* without case, width and accents; empty where nothing is left to compare."""
    folded = unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", char).casefold())
    spelled = unicodedata.normalize("NFD", folded)
    kept = [one for one in spelled if one.isalnum() or (unicodedata.category(one)[0] == "M" and not _is_accent(one))]
    return unicodedata.normalize("NFC", "".join(kept))


def _is_accent(char: str) -> bool:
    return ord(char) in _ACCENTS


def _unspaced(code: int) -> bool:
    return any(first <= code <= last for first, last in _UNSPACED)
