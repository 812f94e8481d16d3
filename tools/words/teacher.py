"""The teacher: the sentence model all-MiniLM-L6-v2, a BERT of six layers, in numpy.

Its answer to a sentence is a direction of 384 numbers; sentences that mean alike point alike (Reimers and Gurevych
2019). Texts of the same number of pieces are read together, so that nothing is padded.
"""

import re
from collections.abc import Sequence
from typing import Final

import numpy as np
from attrs import field, frozen

from tools.words.sources import Floats, Weights

_TOKEN: Final = re.compile(r"[a-z0-9]+|[^\sa-z0-9]")
_HEADS: Final = 12
_LAYERS: Final = 6
_PIECES_LIMIT: Final = 48
#: So many pieces are read in one go.
_AT_ONCE: Final = 2_048


@frozen(eq=False)
class Teacher:
    """The sentence model of these *weights*."""

    weights: Weights
    _numbers: dict[str, int] = field(init=False)

    @_numbers.default
    def _numbered(self) -> dict[str, int]:
        return {piece: number for number, piece in enumerate(self.weights.pieces)}

    def directions(self, texts: Sequence[str]) -> Floats:
        """The direction of each text, of length 1."""
        read = [self._pieces(text) for text in texts]
        order = sorted(range(len(read)), key=lambda one: len(read[one]))
        found = np.zeros((len(texts), self._array("embeddings.LayerNorm.bias").shape[0]), np.float32)
        first = 0
        while first < len(order):
            length = len(read[order[first]])
            end = first + 1
            while end < len(order) and len(read[order[end]]) == length and (end - first + 1) * length <= _AT_ONCE:
                end += 1
            found[order[first:end]] = self._read(np.array([read[one] for one in order[first:end]]))
            first = end
        return found

    def _pieces(self, text: str) -> list[int]:
        found = [self._numbers["[CLS]"]]
        for word in _TOKEN.findall(text.lower()):
            found += self._of_word(word)
        return [*found[:_PIECES_LIMIT], self._numbers["[SEP]"]]

    def _of_word(self, word: str) -> list[int]:
        """The longest piece that the word starts with, then the longest of the rest, and so on."""
        found, at = [], 0
        while at < len(word):
            end = len(word)
            while end > at and ("##" * (at > 0) + word[at:end]) not in self._numbers:
                end -= 1
            if end == at:
                return [self._numbers["[UNK]"]]
            found.append(self._numbers["##" * (at > 0) + word[at:end]])
            at = end
        return found

    def _read(self, pieces: np.ndarray[tuple[int, int], np.dtype[np.intp]]) -> Floats:
        said = self._array("embeddings.word_embeddings.weight")[pieces]
        said = said + self._array("embeddings.position_embeddings.weight")[: pieces.shape[1]]
        said = self._levelled(said + self._array("embeddings.token_type_embeddings.weight")[0], "embeddings")
        for layer in range(_LAYERS):
            said = self._layer(said, f"encoder.layer.{layer}")
        mean = said.mean(axis=1)
        directions: Floats = mean / np.linalg.norm(mean, axis=1, keepdims=True)
        return directions

    def _layer(self, said: Floats, name: str) -> Floats:
        texts, length, width = said.shape
        parts = [
            self._linear(said, f"{name}.attention.self.{one}").reshape(texts, length, _HEADS, -1).swapaxes(1, 2)
            for one in ("query", "key", "value")
        ]
        likeness = parts[0] @ parts[1].swapaxes(2, 3) / np.float32(np.sqrt(width // _HEADS))
        shares = np.exp(likeness - likeness.max(axis=-1, keepdims=True))
        shares /= shares.sum(axis=-1, keepdims=True)
        heard = (shares @ parts[2]).swapaxes(1, 2).reshape(texts, length, width)
        said = self._levelled(said + self._linear(heard, f"{name}.attention.output.dense"), f"{name}.attention.output")
        inner = _gelu(self._linear(said, f"{name}.intermediate.dense"))
        return self._levelled(said + self._linear(inner, f"{name}.output.dense"), f"{name}.output")

    def _array(self, name: str) -> Floats:
        return self.weights.arrays[name]

    def _linear(self, said: Floats, name: str) -> Floats:
        product: Floats = said.reshape(-1, said.shape[-1]) @ self._array(f"{name}.weight").T
        product += self._array(f"{name}.bias")
        return product.reshape(*said.shape[:-1], -1)

    def _levelled(self, said: Floats, name: str) -> Floats:
        apart = said - said.mean(axis=-1, keepdims=True)
        apart /= np.sqrt((apart * apart).mean(axis=-1, keepdims=True) + np.float32(1e-12))
        levelled: Floats = apart * self._array(f"{name}.LayerNorm.weight") + self._array(f"{name}.LayerNorm.bias")
        return levelled


def _gelu(values: Floats) -> Floats:
    """The values times how probable less is in a normal distribution, by Abramowitz and Stegun 7.1.26."""
    far = np.abs(values) * np.float32(np.sqrt(0.5))
    near = 1 / (1 + np.float32(0.3275911) * far)
    series = np.zeros_like(near)
    for factor in (1.061405429, -1.453152027, 1.421413741, -0.284496736, 0.254829592):
        series += np.float32(factor)
        series *= near
    tail = series * np.exp(-far * far) / 2
    result: Floats = values * np.where(values < 0, tail, 1 - tail)
    return result
