"""Meanings: a table of words, each with a direction, so that words that mean alike point alike.

What phrases do not teach is in such a table: that *refund* has to do with *money back*. A text points where its words
point together. The table is one block of bytes that is read in place: a digest of the rest, the length of a header, the
header as JSON, the words in order, a scale for each word, and its direction in numbers of four bits.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import numpy as np
from attrs import field, frozen
from numpy.typing import NDArray

Floats = NDArray[np.float32]

MAGIC: Final = b"botkit words 1\n"
_DIGEST_BYTES: Final = 32
_LENGTH_BYTES: Final = 4
#: Numbers of four bits are from -7 to 7, written with 8 added.
LEVELS: Final = 7
_ZERO: Final = 8
#: So many words are kept unpacked.
_REMEMBERED: Final = 20_000


class MeaningsError(Exception):
    """Bytes that are no table of words, or a damaged one."""


@frozen(eq=False)
class Meanings:
    """The directions of the words of one *language*, each of *dimensions* numbers; *version* tells tables apart.

    >>> table = Meanings.read(packed("en", ["cash", "money"], np.array([[1, 0.5], [1, 0.4]], np.float32)))
    >>> table.covers("cash"), table.covers("tyre")
    (True, False)
    >>> direction, covered = table.together(["cash", "tyre"])
    >>> [round(one, 1) for one in direction.tolist()], covered
    ([1.0, 0.6], 1)
    """

    language: str
    dimensions: int
    version: str
    _places: Mapping[str, int]
    _scales: NDArray[np.float16]
    _halves: NDArray[np.uint8]
    _unpacked: dict[str, Floats] = field(factory=dict, init=False)

    @classmethod
    def read(cls, content: bytes) -> "Meanings":
        """The table in *content*; raises MeaningsError for anything else, and for a table that was changed."""
        start = len(MAGIC) + _DIGEST_BYTES
        body = memoryview(content)[start:]
        if content[: len(MAGIC)] != MAGIC:
            raise MeaningsError("it is no table of words")
        digest = hashlib.sha256(body).digest()
        if digest != content[len(MAGIC) : start]:
            raise MeaningsError("it is cut off or was changed")
        length = int.from_bytes(body[:_LENGTH_BYTES], "little")
        header = json.loads(bytes(body[_LENGTH_BYTES : _LENGTH_BYTES + length]))
        at = _LENGTH_BYTES + length + header["letters"]
        words = str(body[_LENGTH_BYTES + length : at], "utf-8").split("\n")
        dimensions = int(header["dimensions"])
        scales = np.frombuffer(body, "<f2", len(words), at)
        halves = np.frombuffer(body, np.uint8, len(words) * dimensions // 2, at + 2 * len(words))
        places = dict(zip(words, range(len(words)), strict=True))
        return cls(header["language"], dimensions, digest.hex(), places, scales, halves.reshape(len(words), -1))

    def covers(self, word: str) -> bool:
        """Whether *word* has a direction."""
        return word in self._places

    def together(self, words: Iterable[str]) -> tuple[Floats, int]:
        """Where *words* point together, and how many of them are in the table; nowhere if none is."""
        found, covered = np.zeros(self.dimensions, np.float32), 0
        for word in words:
            direction = self._unpacked.get(word)
            if direction is None:
                direction = self._unpack(word)
            if direction is not None:
                found += direction
                covered += 1
        return found, covered

    def _unpack(self, word: str) -> Floats | None:
        place = self._places.get(word)
        if place is None:
            return None
        halves = self._halves[place]
        found = np.empty(self.dimensions, np.float32)
        found[0::2] = halves >> 4
        found[1::2] = halves & 15
        found -= _ZERO
        found *= np.float32(self._scales[place])
        if len(self._unpacked) >= _REMEMBERED:
            self._unpacked.clear()
        self._unpacked[word] = found
        return found


def packed(language: str, words: Sequence[str], directions: Floats) -> bytes:
    """The bytes that `Meanings.read` reads: the *directions* of *words*, a row each of an even length."""
    largest = np.maximum(np.abs(directions).max(axis=1), np.float32(1e-4))
    scales = (largest / LEVELS).astype("<f2")
    steps = np.clip(np.rint(directions / scales.astype(np.float32)[:, None]), -LEVELS, LEVELS)
    halves = (steps + _ZERO).astype(np.uint8)
    letters = "\n".join(words).encode()
    header = {"language": language, "dimensions": directions.shape[1], "letters": len(letters)}
    told = json.dumps(header).encode()
    body = b"".join(
        [
            len(told).to_bytes(_LENGTH_BYTES, "little"), told, letters, scales.tobytes(),
            (halves[:, 0::2] << 4 | halves[:, 1::2]).tobytes(),
        ]
    )  # fmt: skip
    return MAGIC + hashlib.sha256(body).digest() + body
