"""Likeness for more intents than each feature can have a weight for."""

import itertools
import random
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from botkit.language.likeness import Cache, Example, Model, learned
from botkit.language.likeness.descent import lowest
from botkit.language.likeness.encoding import Vector
from botkit.language.likeness.learning import INTENTS_LIMIT, learn_dense, learn_wide
from botkit.language.likeness.model import Learned
from botkit.language.likeness.wide import Supported, Wide, ranges

COUNT = INTENTS_LIMIT + 100


class Shelf:
    """A cache in memory."""

    def __init__(self) -> None:
        self.kept: dict[str, bytes] = {}

    def load(self, key: str) -> bytes | None:
        return self.kept.get(key)

    def save(self, key: str, content: bytes) -> None:
        self.kept[key] = content


def made_up(count: int, phrases: int, seed: int = 5) -> list[Example]:
    """Phrases of made-up words for *count* intents: each of a few words that are the intent's, among some of all."""
    chance = random.Random(seed)
    sounds = ["".join(one) for one in itertools.product("bdfgklmnprst", "aeiou", ["", "n", "r", "s"])]
    words = ["".join(chance.choices(sounds, k=chance.choice((1, 2, 2, 3)))) for _ in range(5 * count)]
    examples: list[Example] = []
    for intent in range(count):
        own = chance.sample(words, 3)
        for _ in range(phrases):
            said = chance.sample(own, chance.choice((2, 3))) + chance.choices(words[:60], k=chance.choice((2, 3, 4)))
            chance.shuffle(said)
            examples.append(Example(f"i{intent}", " ".join(said), len(examples)))
    return examples


def parted(examples: Sequence[Example], apart: int) -> tuple[list[Example], list[Example]]:
    """All examples but each one of so many, and those."""
    return [one for one in examples if one.number % apart], [one for one in examples if not one.number % apart]


def rightly(model: Model, asked: Sequence[Example]) -> float:
    """The share of those *asked* that are taken for their own intent."""
    return sum(model.rank(one.text)[0][0] == one.intent for one in asked) / len(asked)


@pytest.fixture(scope="module")
def few() -> tuple[list[Example], list[Example]]:
    return parted(made_up(COUNT, 6), 3)


@pytest.fixture(scope="module")
def wide(few: tuple[list[Example], list[Example]]) -> Learned:
    return learn_wide(few[0])


def test_rivals_and_an_index_cost_no_point(few: tuple[list[Example], list[Example]], wide: Learned) -> None:
    """Of hundreds of intents as many messages are understood as with a weight for each feature and each intent."""
    taught, asked = few
    dense = learn_dense(taught)

    assert 0.5 < rightly(dense, asked) < 1
    assert rightly(wide, asked) >= rightly(dense, asked) - 0.01


def test_the_index_leaves_out_none_that_is_best(few: tuple[list[Example], list[Example]], wide: Learned) -> None:
    """Whoever is best by all weights is among the few dozen that are scored in full."""
    table = np.stack([wide.head.weights(intent) for intent in range(COUNT)])
    vectors = [wide.encoder.vector(one.text) for one in few[1][:300]]
    narrowed = [vector for vector in vectors if len(vector.features) > 20]
    best = [wide.names[int((table[:, one.features] @ one.values).argmax())] for one in narrowed]

    assert len(narrowed) > 100
    assert [wide.ranked(vector)[0][0] for vector in narrowed] == best


def test_so_many_intents_are_learned_with_limits_and_kept(few: tuple[list[Example], list[Example]]) -> None:
    """What comes from the cache gives the same limits and the same answers as what was built."""
    taught, asked = few
    shelf: Cache = Shelf()

    built = learned(taught, cache=shelf)
    kept = learned(taught, cache=shelf)

    assert isinstance(kept.model, Learned)
    assert isinstance(kept.model.head, Wide)
    assert kept.limits == built.limits
    assert [kept.guess(one.text) for one in asked[:50]] == [built.guess(one.text) for one in asked[:50]]
    assert built.accuracy is not None
    assert 0.5 < built.accuracy < 1


def test_strangers_are_declined_among_many_intents(few: tuple[list[Example], list[Example]]) -> None:
    """A threshold is found with one look at the phrases."""
    likeness = learned(few[0])

    assert likeness.guess("who won the football match last night").answers is None
    assert likeness.guess(few[0][7].text).answers is not None


def test_words_add_up_to_the_score(few: tuple[list[Example], list[Example]], wide: Learned) -> None:
    """A score of the index is the sum of what the words said."""
    text = few[1][11].text
    intent, score = wide.rank(text)[0]

    assert sum(one.weight for one in wide.words(text, intent)) == pytest.approx(score, abs=1e-4)


def test_phrases_of_one_intent_beyond_every_limit_are_learned() -> None:
    """An intent that is alone needs no rivals."""
    model = learn_wide([Example("only", f"phrase number {number} of many", number) for number in range(5_000)])

    assert [intent for intent, _ in model.rank("a phrase")] == ["only"]


HEAD = Wide(Supported(np.array([0, 3, 5]), np.array([0, 1, 4, 1, 2]), 5), np.array([1, 2, 3, 5, 7], np.float32))


@given(st.dictionaries(st.integers(0, 4), st.floats(-4, 4, width=32), min_size=1))
def test_a_score_is_the_sum_of_the_weights_that_are_there(said: dict[int, float]) -> None:
    """What is looked up in the index is what the weights say."""
    vector = Vector(np.array(list(said), np.intp), np.array(list(said.values()), np.float32))
    intents, scores = HEAD.scores(vector)
    expected = [sum(said.get(one, 0.0) * float(HEAD.weights(intent)[one]) for one in range(5)) for intent in intents]

    assert scores.tolist() == pytest.approx(expected, abs=1e-3)
    for intent in {0, 1} - set(intents):
        assert sum(said.get(one, 0.0) * float(HEAD.weights(intent)[one]) for one in range(5)) == pytest.approx(
            0, abs=1e-3
        )


@given(st.lists(st.tuples(st.integers(0, 20), st.integers(0, 5)), max_size=8))
def test_ranges_are_those_of_python(pairs: list[tuple[int, int]]) -> None:
    """Empty ranges too."""
    starts = np.array([start for start, _ in pairs], np.intp)
    ends = np.array([start + length for start, length in pairs], np.intp)

    assert ranges(starts, ends).tolist() == [at for start, length in pairs for at in range(start, start + length)]


@example(bottom=[4.0, 3.0835686936856384e-156, 0.0, 0.0, 2.0], bends=[0.109375, 0.125, 1.0, 1.0, 0.25, 1.0])
@given(st.lists(st.floats(-5, 5), min_size=1, max_size=6), st.lists(st.floats(0.1, 10), min_size=6, max_size=6))
def test_the_lowest_point_of_a_bowl_is_found(bottom: list[float], bends: list[float]) -> None:
    """However differently it is bent in each direction."""
    there, bent = np.array(bottom), np.array(bends[: len(bottom)])

    found = lowest(lambda at: (float((bent * (at - there) ** 2).sum()), 2 * bent * (at - there)), len(bottom), 60)

    assert found == pytest.approx(there, abs=1e-2)
