"""Text as it is compared: words without case, accents, punctuation and decoration, each with its place in the original.

`tokens` splits any script. Scripts that are written without spaces (Chinese, Japanese, Thai, Lao, Khmer, Burmese) give
a token for each letter, so that phrases in them match wherever the writer's words lie. Emoji are tokens of their own,
without skin tone and variation. All of it takes time linear in the text.
"""

import re
import unicodedata
from collections.abc import Callable
from functools import cached_property, lru_cache, partial
from typing import Final

from attrs import field, frozen

from botkit.language.letters import compared, kind
from botkit.language.spans import Spans

#: What lies beyond in a message is not matched: nobody asks a question in 2,000 characters.
TEXT_LIMIT: Final = 2_000
#: Composing a longer "word", all of marks, would take time that grows with its square.
_COMPOSED_LIMIT: Final = 100

_ASCII_WORD: Final = re.compile(r"[0-9a-z]+(?:['`][0-9a-z]+)*")
_APOSTROPHES: Final = str.maketrans("", "", "'`")
#: A longer text is split in a way that takes a quarter of the time. A short one would gain 4 of 30 microseconds; but
#: a long message is to cost 20 times a short one at most, also where that is a phrase, and costs hardly more than this.
_SHORT: Final = 256
#: ASCII as it is compared: small letters, figures, an apostrophe for both, and a space for all else.
_SPACED: Final = bytes(
    ord(char.lower()) if char.isalnum() else ord("'" if char in "'`" else " ") for char in map(chr, range(128))
).ljust(256)
#: A token by the kinds of its letters (`botkit.language.letters`): a word, or a letter that is one, with its marks.
_TOKEN: Final = re.compile(r"w(?:i*[wmd])*(?:i*ai*w(?:i*[wmd])*)*|s(?:i*[md])*")

_SPACE: Final = re.compile(r"\s")


@frozen
class Tokens:
    """A text's *words* for comparison, and where they stand in *surface*, the original.

    The places are found only when asked for: most messages are matched, or not, by their words alone.
    """

    surface: str
    words: tuple[str, ...]
    _find_spans: Callable[[], Spans] = field(eq=False, repr=False)

    def __len__(self) -> int:
        return len(self.words)

    @cached_property
    def spans(self) -> Spans:
        """Where in *surface* each word starts, and where each ends."""
        return self._find_spans()

    @property
    def key(self) -> str:
        """The words as one string: equal for texts that mean the same to an exact match."""
        return " ".join(self.words)

    def original(self, first: int, end: int) -> str:
        """The original spelling of the tokens from *first* up to, not including, *end*."""
        spans = self.spans
        return self.surface[spans.start(first) : spans.end(end - 1)]

    @cached_property
    def _chunk(self) -> list[int]:
        """From where to where there is no white space, where somebody asked last."""
        return [0, 0]

    def chunk(self, place: int) -> list[int]:
        """From where to where in the surface there is no white space around a character, which is none."""
        first, end = self._chunk
        if not first <= place < end:
            found = _SPACE.search(self.surface, place)
            first = place + 1 - len(self.surface[: place + 1].rsplit(None, 1)[-1])
            self._chunk[:] = first, found.start() if found else len(self.surface)
        return self._chunk

    def unbroken(self, end: int) -> int:
        """The number of the first token from which on to the one before *end* there is no white space."""
        first, _ = self.chunk(self.spans.start(end - 1))
        return self.spans.behind(first) if first else 0


def tokens(text: str) -> Tokens:
    """Split *text* into comparable words; what lies beyond `TEXT_LIMIT` characters is left out.

    >>> tokens("What's the PRICE, please?").words
    ('whats', 'the', 'price', 'please')
    >>> tokens("Crème brûlée!").key == tokens("creme brulee").key
    True
    """
    surface = text[:TEXT_LIMIT]
    if not surface.isascii():
        return _any_script(surface)
    return _ascii(surface) if len(surface) <= _SHORT else _long_ascii(surface)


def _ascii(surface: str) -> Tokens:
    letters = surface.lower()
    spelled = words = _ASCII_WORD.findall(letters)
    if "'" in letters or "`" in letters:
        words = [one.translate(_APOSTROPHES) for one in words]
    return Tokens(surface, tuple(words), partial(Spans, letters, spelled))


def _long_ascii(surface: str) -> Tokens:
    spaced = surface.encode().translate(_SPACED).decode()
    spelled = words = spaced.split()
    if "'" in spaced:
        # An apostrophe is part of a word where it stands alone between two letters.
        spaced = f" {spaced} ".replace("''", "  ").replace(" '", "  ").replace("' ", "  ")[1:-1]
        spelled, words = spaced.split(), spaced.replace("'", "").split()
    return Tokens(surface, tuple(words), partial(Spans, spaced, spelled))


def _any_script(surface: str) -> Tokens:
    found = [one.span() for one in _TOKEN.finditer("".join(map(kind, surface)))]
    words = ["".join(map(compared, surface[start:end])) for start, end in found]
    starts, ends = [start for start, _ in found], [end for _, end in found]
    return Tokens(surface, tuple([_composed(one) for one in words]), partial(Spans.found, starts, ends))


def _composed(word: str) -> str:
    return word if len(word) > _COMPOSED_LIMIT else unicodedata.normalize("NFC", word)


@lru_cache(maxsize=4_096)
def normalise(text: str) -> str:
    """*text* as an exact match compares it: the words of `tokens`, joined with spaces.

    >>> normalise("  Ｈｅｌｌｏ — ＷＯＲＬＤ ")
    'hello world'
    """
    return tokens(text).key
