"""Likeness of anything that can be typed, pasted or made to break it."""

import time
from collections.abc import Callable
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from botkit.language.likeness import Example, Likeness, learned

SAID = {
    "ticket": ["I need a ticket", "two tickets for tonight", "buy a ticket 🎟️", "tickets please"],
    "seat": ["where is my seat", "can I change my seat", "a seat near the aisle", "which row is my seat in"],
    "refund": ["I want my money back", "the show was cancelled", "refund my ticket", "how do refunds work"],
    "билет": ["купить билет", "сколько стоит билет", "билет на завтра"],
    "座席": ["座席を変えたい", "席はどこですか", "通路側の席"],
    "كرسي": ["أين مقعدي", "أريد تغيير المقعد", "مقعد قرب الممر"],
}
EXAMPLES = [
    Example(intent, text, 10 * place + number)
    for place, (intent, texts) in enumerate(SAID.items())
    for number, text in enumerate(texts)
]

PIECES = [
    "\U0001f39f\ufe0f", "\U0001f469\u200d\U0001f469\u200d\U0001f467", "\u200d", "\u200f", "\u202e", "\ufeff",
    "ｔｉｃｋｅｔ", "ticket", "e\u0301", "билет", "席", "مقعد", " ", "١٢", "\x00", "\u0300" * 30,
]  # fmt: skip
strange = st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=5)), max_size=30).map("".join)

#: What changes nothing of what a text says.
HARMLESS: dict[str, Callable[[str], str]] = {
    "capitals": str.upper,
    "full-width": lambda text: "".join(chr(ord(one) + 0xFEE0) if "!" <= one <= "~" else one for one in text),
    "right-to-left marks": lambda text: "\u200f" + text.replace(" ", " \u202b") + "\u202c",
    "zero-width joiners": "\u200d".join,
    "byte order mark": lambda text: "\ufeff" + text,
    "white space": lambda text: "\n\t " + text.replace(" ", "\u00a0\u2003") + "\r\n",
    "punctuation": lambda text: "¿¡«" + text + "»!?…",
    "decorated letters": lambda text: text.replace("e", "e\u0301").replace("a", "a\u0308"),
}


@pytest.fixture(scope="module")
def theatre() -> Likeness:
    return learned(EXAMPLES)


@given(strange)
def test_whatever_is_typed_is_ranked(theatre: Likeness, text: str) -> None:
    """Each intent at most once, the best first, with numbers that are numbers, and twice the same."""
    ranked = theatre.model.rank(text)
    scores = [score for _, score in ranked]

    assert {intent for intent, _ in ranked} <= set(SAID)
    assert len({intent for intent, _ in ranked}) == len(ranked)
    assert scores == sorted(scores, reverse=True)
    assert all(-100 < score < 100 for score in scores)
    assert theatre.model.rank(text) == ranked


@given(strange, st.sampled_from(sorted(SAID)))
def test_words_of_anything_add_up_to_the_score(theatre: Likeness, text: str, intent: str) -> None:
    """What is explained is what was counted."""
    words = theatre.words(text, intent)

    assert sum(one.weight for one in words) == pytest.approx(dict(theatre.model.rank(text)).get(intent, 0.0), abs=1e-4)


@given(st.lists(strange, min_size=1, max_size=8))
def test_anything_can_be_a_phrase(phrases: list[str]) -> None:
    """And what was learned from it ranks it again."""
    likeness = learned([Example(str(number % 3), text, number) for number, text in enumerate(phrases)])

    for text in phrases:
        assert {intent for intent, _ in likeness.model.rank(text)} <= {"0", "1", "2"}


@pytest.mark.parametrize("change", HARMLESS.values(), ids=HARMLESS)
@pytest.mark.parametrize(
    "text", ["can i have two tickets", "change seat", "money back", "билет завтра", "我的席はどこ"]
)
def test_what_says_the_same_has_the_same_score(theatre: Likeness, text: str, change: Callable[[str], str]) -> None:
    """Capitals, widths, marks, spaces and punctuation are no words."""
    assert theatre.model.rank(change(text)) == theatre.model.rank(text)


@pytest.mark.parametrize("text", ["", " ", "?!", "\u200d", "\u200f\u202e", "\ufeff", "\u0301", "…"])
def test_a_text_of_no_words_is_like_nothing(theatre: Likeness, text: str) -> None:
    """Nothing is left of it when it is compared."""
    assert theatre.model.rank(text) == []
    assert theatre.guess(text).candidates == ()
    assert theatre.words(text, "seat") == []


@pytest.mark.parametrize("letter", ["a", "t", "席", "ж", "🎟", "م", "e\u0301", "1"])
def test_two_thousand_letters_cost_little(theatre: Likeness, letter: str) -> None:
    """Less than a hundred short messages, where nothing else disturbed either."""
    short = min(seconds(partial(theatre.guess, "where is seat 12 " + letter), times=100) for _ in range(5))
    long = min(seconds(partial(theatre.guess, letter * 2_000)) for _ in range(5))

    assert long < short


def seconds(act: Callable[[], object], times: int = 1) -> float:
    """The processor's time that *act* takes when it is done so often."""
    started = time.process_time()
    for _ in range(times):
        act()
    return time.process_time() - started


@pytest.mark.parametrize("letter", ["a", "t", "ж", "م", "e\u0301", "1"])
def test_two_thousand_letters_of_one_word_are_declined(theatre: Likeness, letter: str) -> None:
    """They are no word."""
    assert theatre.guess(letter * 2_000).answers is None


def test_what_stands_behind_a_hundred_words_is_not_read(theatre: Likeness) -> None:
    """A pasted page costs no more than its beginning, and says no more."""
    beginning = "blah " * 100

    assert theatre.model.rank(beginning + "refund") == theatre.model.rank(beginning)
