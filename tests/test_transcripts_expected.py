"""What was answered beside what was expected."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from botkit.testing.transcripts.expected import fits, holds, in_words, paired, value_at
from botkit.testing.transcripts.steps import Answered

PIECES = st.text("ab…\n ", max_size=8)


@pytest.mark.parametrize(
    ("expected", "shown", "fit"),
    [
        ("Which day?", "Which day?", True),
        ("Which day?", "Which day? ", True),
        ("a\nb", "a\n   b", True),
        ("Which day?", "which day?", False),
        ("…", "", True),
        ("…", "anything\nat all", True),
        ("Which … today", "Which day, if not today", True),
        ("Which … today", "Which today", True),
        ("a…b…a", "aba", True),
        ("a…b…a", "aa", False),
        ("ab…ba", "aba", False),
        ("…b…", "aaa", False),
    ],
)
def test_three_dots_in_one_are_anything(expected: str, shown: str, fit: bool) -> None:
    """Everything else is itself, but for the space around its lines."""
    assert fits(expected, shown) is fit


@given(PIECES, PIECES.map(lambda text: text.replace("…", "")))
def test_it_fits_where_a_pattern_would(expected: str, shown: str) -> None:
    """Without a pattern, which could take for ever."""
    lines = [line.strip() for line in expected.strip().split("\n")]
    parts = ["\n".join(line.strip() for line in part.strip().split("\n")) for part in "\n".join(lines).split("…")]
    text = "\n".join(line.strip() for line in shown.strip().split("\n"))

    assert fits(expected, shown) is (re.fullmatch(".*".join(map(re.escape, parts)), text, re.DOTALL) is not None)


@given(st.lists(st.sampled_from("abc")), st.lists(st.sampled_from("abc")))
def test_pairs_lose_nothing_and_keep_the_order(expected: list[str], shown: list[str]) -> None:
    """And where both are the same, each fits."""
    pairs = paired([Answered(text=text) for text in expected], shown)

    assert [pair.expected.text for pair in pairs if pair.expected] == expected
    assert [pair.shown for pair in pairs if pair.shown] == shown
    assert all(pair.fits for pair in pairs) is (expected == shown)


def test_one_answer_too_few_does_not_shift_the_others() -> None:
    """What fits is laid beside what it fits."""
    pairs = paired([Answered(text=text) for text in "abcd"], ["a", "c", "x"])

    assert [(pair.expected and pair.expected.text, pair.shown) for pair in pairs] == [
        ("a", "a"),
        ("b", None),
        ("c", "c"),
        ("d", "x"),
    ]


@pytest.mark.parametrize(
    ("found", "expected", "true"),
    [
        (42, "42", True),
        (42, "43", False),
        ("42", "42", True),
        ("large", "large", True),
        (True, "true", True),
        (None, "nothing", True),
        (None, "…", False),
        ([1, {"a": None}], '[1, {"a": null}]', True),
        ({"a": 1}, "…", True),
        ("x", "[" * 100_000, False),
    ],
)
def test_a_value_is_what_is_written(found: object, expected: str, true: bool) -> None:
    """As JSON, or as it is shown; nothing is what is not there."""
    assert holds(found, expected) is true


def test_a_path_leads_into_lists_and_mappings() -> None:
    """Where it leads nowhere there is nothing."""
    session = {"basket": [{"size": "large"}], "open": True}

    assert [value_at(session, path) for path in ("basket.0.size", "open", "basket.1", "basket.x", "open.0", "")] == [
        "large",
        True,
        None,
        None,
        None,
        None,
    ]
    assert [in_words(found) for found in (None, True, [1], "x", 4)] == ["nothing", "true", "[1]", "x", "4"]
