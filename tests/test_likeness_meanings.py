"""Likeness with a table of meanings: what other words mean, where the table has the words."""

from collections.abc import Mapping, Sequence

import numpy as np
import pytest

from botkit.language.likeness import Example, Likeness, learned
from botkit.language.likeness.kept import key_of
from botkit.language.likeness.learning import learn_dense
from botkit.language.likeness.meanings import Meanings, packed

HARBOUR: Mapping[str, Sequence[str]] = {
    "berth": ["where can I moor my boat", "a mooring for the night", "is there a free mooring", "moor two boats"],
    "fuel": ["do you sell diesel", "where is the diesel pump", "diesel for my boat", "fill up with diesel please"],
    "weather": ["will it be windy", "how windy is it today", "is it going to be windy tonight", "windy or calm"],
    "wash": ["where are the showers", "are the showers free", "a hot shower please", "shower for two"],
}
EXAMPLES = [Example(intent, text, number) for intent, texts in HARBOUR.items() for number, text in enumerate(texts)]
#: Words that mean alike point alike, and words that say little hardly anywhere.
POINTING: Mapping[str, tuple[int, str]] = {
    "moor": (0, "moor mooring boat boats anchor anchorage dock yacht"),
    "fuel": (1, "diesel pump fill petrol gasoline"),
    "wind": (2, "windy calm storm gale breeze gusts"),
    "bath": (3, "shower showers hot bathe bathroom"),
}
LITTLE = (
    "a the is are it my for in be do you i where can there free will how today going to tonight or with up sell please "
    "two night want need any have we our me"
)


def table(scale: float = 1.0) -> Meanings:
    """A small table of a harbour's words."""
    words = {word: place for place, said in POINTING.values() for word in said.split()}
    directions = {word: np.eye(6, dtype=np.float32)[place] * scale for word, place in words.items()}
    directions |= {word: np.full(6, 0.05, np.float32) for word in LITTLE.split()}
    ordered = sorted(directions)
    return Meanings.read(packed("en", ordered, np.stack([directions[word] for word in ordered])))


@pytest.fixture(scope="module")
def likeness() -> Likeness:
    return learned(EXAMPLES, meanings=table())


class Memory:
    """A cache in memory."""

    def __init__(self) -> None:
        self.kept: dict[str, bytes] = {}

    def load(self, key: str) -> bytes | None:
        return self.kept.get(key)

    def save(self, key: str, content: bytes) -> None:
        self.kept[key] = content


def best(likeness: Likeness, text: str) -> str | None:
    """The first candidate."""
    candidates = likeness.guess(text).candidates
    return candidates[0].intent if candidates else None


@pytest.mark.parametrize(
    ("text", "intent"),
    [("anchor our yacht", "berth"), ("petrol", "fuel"), ("any gale or storm", "weather"), ("bathroom", "wash")],
)
def test_words_that_no_phrase_has_are_understood_by_their_meaning(likeness: Likeness, text: str, intent: str) -> None:
    """They point where the words of the right phrases do."""
    assert best(likeness, text) == intent


def test_a_word_of_the_table_is_not_taken_for_a_misspelled_one(likeness: Likeness) -> None:
    """It is a word, so that it was meant, though a word of the phrases is one letter away."""
    (alone,) = learned(EXAMPLES).words("dock", "berth")
    assert alone.read is None
    (near,) = learned([*EXAMPLES, Example("gate", "is the lock open"), Example("gate", "open the lock")]).words(
        "dock", "gate"
    )
    assert near.read == "lock"
    with_table = learned(
        [*EXAMPLES, Example("gate", "is the lock open"), Example("gate", "open the lock")], meanings=table()
    )
    assert [one.read for one in with_table.words("dock", "gate")] == [None]
    assert [one.read for one in likeness.words("disel", "fuel")] == ["diesel"]


@pytest.mark.parametrize("text", ["anchor my boat please", "a hto shower", "diesel", "dock dock", "xyzzy shower"])
def test_words_add_up_to_the_score(likeness: Likeness, text: str) -> None:
    """What each word said, its meaning included, is all there is."""
    for one in likeness.guess(text).candidates:
        words = likeness.words(text, one.intent)
        assert sum(word.weight for word in words) == pytest.approx(one.score, abs=1e-4)


def test_what_a_meaning_said_is_told(likeness: Likeness) -> None:
    """A word of no phrase counts by its meaning nearly alone; one that nobody knows by none."""
    anchor, xyzzy = likeness.words("anchor xyzzy", "berth")
    assert anchor.read is None
    assert anchor.weight > anchor.meaning > 0.9 * anchor.weight > 0.1
    assert xyzzy.meaning == 0
    assert all(word.meaning == 0 for word in learned(EXAMPLES).words("diesel pump", "fuel"))


def test_another_language_is_left_as_it_is() -> None:
    """Where the table lacks most words of the phrases, the model is the same as without it, to the last digit."""
    said = {
        "platz": ["wo kann ich anlegen", "ein Liegeplatz bitte", "noch ein Platz in der Marina free"],
        "sprit": ["gibt es hier Diesel", "ich brauche Diesel", "wo tanke ich Diesel"],
    }
    examples = [Example(intent, text, number) for intent, texts in said.items() for number, text in enumerate(texts)]
    asked = ["Liegeplatz frei", "Diesel", "hot showers", "anchor"]
    with_table, without = learned(examples, meanings=table()), learned(examples)
    assert [with_table.guess(text) for text in asked] == [without.guess(text) for text in asked]
    assert with_table.limits == without.limits


def test_a_text_of_which_the_table_has_no_word_points_nowhere(likeness: Likeness) -> None:
    """It is judged by the phrases alone, and what no phrase has either is like nothing."""
    assert likeness.guess("你好").candidates == ()
    assert likeness.guess("").candidates == ()


def test_what_was_kept_answers_as_what_was_built(likeness: Likeness) -> None:
    """Not a digit of a score differs after a cache."""
    memory = Memory()
    learned(EXAMPLES, cache=memory, meanings=table())
    kept = learned(EXAMPLES, cache=memory, meanings=table())
    asked = ["anchor our yacht", "petrol pump", "a shwoer", "nothing of it"]
    assert [kept.guess(text) for text in asked] == [likeness.guess(text) for text in asked]
    assert [kept.words(text, "fuel") for text in asked] == [likeness.words(text, "fuel") for text in asked]


def test_models_of_another_table_are_not_taken_from_the_cache() -> None:
    """The key tells tables apart, and none from any."""
    other = table(scale=0.5)
    keys = {key_of(EXAMPLES), key_of(EXAMPLES, table()), key_of(EXAMPLES, other)}
    assert len(keys) == 3
    assert key_of(EXAMPLES, table()) == key_of(EXAMPLES, table())


def test_an_intent_that_was_not_learned_is_spoken_for_by_no_word() -> None:
    """Neither by what the words are nor by what they mean."""
    model = learn_dense(EXAMPLES, table())
    assert [word.weight for word in model.words("anchor my boat", "sell")] == [0.0, 0.0, 0.0]
