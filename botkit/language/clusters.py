"""Clusters: texts that ask about the same thing, found by the words and runs of letters they share.

Words that many texts have say little (their weight is the logarithm of how rare they are, as in TF-IDF). Each text, the
most frequent first, joins the cluster that it is most alike, if it is alike enough, and begins one otherwise.
"""

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from attrs import Factory, define, frozen

from botkit.language.likeness.features import grams, shapes
from botkit.language.text import tokens

#: The cosine from which on two texts are about the same thing.
ALIKE: Final = 0.28
#: How much a run of letters counts beside a word.
_GRAM_WEIGHT: Final = 0.6
#: Among few texts a word that two of them have is not frequent yet: so many others are taken for granted.
_TAKEN_FOR_GRANTED: Final = 20
#: More different texts are not compared; the rarest are left out.
TEXTS_LIMIT: Final = 5_000

Weights = Mapping[str, float]


@frozen
class Cluster:
    """Different *texts* about one thing, the most frequent first, and how often they were said in all."""

    texts: tuple[str, ...]
    count: int


@define
class _Growing:
    number: int
    texts: list[str] = Factory(list)
    count: int = 0
    sums: defaultdict[str, float] = Factory(lambda: defaultdict(float))
    square: float = 0.0


def clustered(texts: Iterable[str], *, known: Iterable[str] = ()) -> list[Cluster]:
    """*texts* in clusters, the most frequent first; texts that are compared alike count as one.

    *known* are other texts of the same language, such as a bot's phrases, which tell frequent words from rare ones.

    >>> asked = ["do you repair bikes?", "Do you repair bikes", "can you repair my bike", "is there vegan cake"]
    >>> [(cluster.count, cluster.texts[0]) for cluster in clustered(asked)]
    [(3, 'do you repair bikes?'), (1, 'is there vegan cake')]
    """
    first: dict[str, str] = {}
    counts: Counter[str] = Counter()
    for text in texts:
        key = tokens(text).key
        first.setdefault(key, text)
        counts[key] += 1
    common = [key for key, _ in counts.most_common(TEXTS_LIMIT)]
    rarity = _rarity([*common, *(tokens(text).key for text in known)])
    growing, found = list[_Growing](), defaultdict[str, set[int]](set)
    for key in common:
        weights = _weights(key, rarity)
        cluster = _best(growing, found, weights)
        if cluster is None:
            cluster = _Growing(len(growing))
            growing.append(cluster)
        _join(cluster, first[key], counts[key], weights)
        for feature in weights:
            found[feature].add(cluster.number)
    done = [Cluster(tuple(one.texts), one.count) for one in growing]
    return sorted(done, key=lambda one: -one.count)


def _rarity(keys: Sequence[str]) -> Weights:
    spread = Counter(feature for key in keys for feature in set(_features(key)))
    return {feature: math.log((_TAKEN_FOR_GRANTED + len(keys)) / count) for feature, count in spread.items()}


def _features(key: str) -> list[str]:
    words = shapes(key.split())
    # A word has one space before it, so that it differs from the runs of letters in it.
    return [f" {word}" for word in words] + [f"~{run}" for word in words for run in grams(word)]


def _weights(key: str, rarity: Weights) -> Weights:
    """How much each feature of a text counts; of the length 1 in all."""
    raw = {one: rarity[one] * (1 if one[0] == " " else _GRAM_WEIGHT) for one in _features(key)}
    length = math.sqrt(sum(weight * weight for weight in raw.values())) or 1.0
    return {one: weight / length for one, weight in raw.items()}


def _best(growing: Sequence[_Growing], found: Mapping[str, set[int]], weights: Weights) -> _Growing | None:
    """The cluster that a text is most alike, of those that are alike enough."""
    near = {number for feature in weights for number in found.get(feature, ())}
    score, number = max(((_cosine(growing[number], weights), -number) for number in near), default=(0.0, 0))
    return growing[-number] if score >= ALIKE else None


def _cosine(cluster: _Growing, weights: Weights) -> float:
    sums = cluster.sums
    return sum(weight * sums[one] for one, weight in weights.items() if one in sums) / math.sqrt(cluster.square or 1.0)


def _join(cluster: _Growing, text: str, count: int, weights: Weights) -> None:
    cluster.texts.append(text)
    cluster.count += count
    for one, weight in weights.items():
        before = cluster.sums[one]
        cluster.sums[one] = before + weight
        cluster.square += weight * (2 * before + weight)
