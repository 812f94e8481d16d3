"""Likeness from a cache: as if it had been built anew, or built anew."""

from collections.abc import Mapping, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from botkit.language.likeness import Example, Likeness, learned
from botkit.language.likeness.kept import key_of, unpacked

GARDEN: Mapping[str, Sequence[str]] = {
    "water": ["how often do I water tomatoes", "do tomatoes need much water", "watering the beds", "is it too dry"],
    "snails": ["snails eat my salad", "what helps against snails", "slugs in the garden", "something ate the salad"],
    "sow": ["when do I sow carrots", "is it too late to sow beans", "what can I sow in may", "sowing dates"],
    "compost": ["what goes on the compost", "may I compost lemon peel", "my compost smells", "turn the compost"],
    "frost": ["will the roses survive frost", "how to protect plants from cold", "frost damage", "cold nights"],
    "ÄÖÜ 你好": ["schöne Grüße", "你好吗", "привет", "🌻🌻"],
}
EXAMPLES = [
    Example(intent, text, 10 * place + number)
    for place, (intent, texts) in enumerate(GARDEN.items())
    for number, text in enumerate(texts)
]
ASKED = ["my tomaotes are dry", "snail", "compost lemons?", "roses in the cold", "你好", "who are you", ""]


class Shelf:
    """A cache in memory that counts what is saved."""

    def __init__(self) -> None:
        self.kept: dict[str, bytes] = {}
        self.saved = 0

    def load(self, key: str) -> bytes | None:
        return self.kept.get(key)

    def save(self, key: str, content: bytes) -> None:
        self.kept[key] = content
        self.saved += 1


@pytest.fixture(scope="module")
def shelf() -> Shelf:
    shelf = Shelf()
    learned(EXAMPLES, cache=shelf)
    return shelf


def judged(likeness: Likeness) -> list[object]:
    """All that can be seen of a likeness."""
    seen = [(likeness.guess(text), likeness.words(text, "water")) for text in ASKED]
    return [seen, likeness.limits, likeness.trials]


def test_what_was_kept_is_as_if_built_anew(shelf: Shelf) -> None:
    """Not a digit of a score differs, nor what the words said, nor the trials."""
    kept = learned(EXAMPLES, cache=shelf)

    assert judged(kept) == judged(learned(EXAMPLES))
    assert shelf.saved == 1


@given(st.data())
def test_a_damaged_model_is_not_taken(shelf: Shelf, data: st.DataObject) -> None:
    """Whichever byte is another, or wherever it is cut off."""
    (content,) = shelf.kept.values()
    place = data.draw(st.integers(0, len(content) - 1))
    changed = bytearray(content)
    changed[place] ^= data.draw(st.integers(1, 255))

    assert unpacked(bytes(changed)) is None
    assert unpacked(content[:place]) is None
    assert unpacked(content + b"\0") is None


def test_what_was_damaged_is_built_again(shelf: Shelf) -> None:
    """And kept in its place."""
    damaged = Shelf()
    damaged.kept = {key_of(EXAMPLES): b"no model"}

    assert judged(learned(EXAMPLES, cache=damaged)) == judged(learned(EXAMPLES))
    assert damaged.kept == shelf.kept


@pytest.mark.parametrize(
    "others",
    [EXAMPLES[1:], [*EXAMPLES, EXAMPLES[0]], EXAMPLES[::-1], [Example("x", "y"), *EXAMPLES], []],
    ids=["fewer", "more", "another order", "other", "none"],
)
def test_other_examples_have_another_key(others: Sequence[Example]) -> None:
    """Their order too makes a model."""
    assert key_of(others) != key_of(EXAMPLES)


def test_no_examples_are_kept_too() -> None:
    """A bot without phrases has a model that knows nothing."""
    shelf = Shelf()
    learned([], cache=shelf)

    assert learned([], cache=shelf).guess("hello").candidates == ()
