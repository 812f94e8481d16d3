"""The figures of an evaluation, against values worked out by hand."""

import math
from datetime import UTC, datetime
from itertools import count

import pytest
from hypothesis import given
from hypothesis import strategies as st

from botkit.review.evaluation import (
    Confusion,
    Evaluation,
    Judged,
    Labelled,
    Tally,
    auroc,
    judged,
    quantile,
    unknown_intents,
)
from botkit.router import Intent, Phrase, Router

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
SCORES = st.lists(st.integers(-3, 3).map(float), max_size=12)


def one(meant: str | None, best: str | None, answered: str | None, score: float, seconds: float = 1e-6) -> Judged:
    """A text that was judged."""
    return Judged(labelled=Labelled("x", meant), best=best, answered=answered, score=score, seconds=seconds)


FOUND = Evaluation(
    (
        one("a", "a", "a", 9.0, 1e-6),
        one("a", "a", None, 3.0, 2e-6),  # declined, though the best was right
        one("a", "b", "b", 5.0, 3e-6),
        one("b", "b", "b", 7.0, 4e-6),
        one(None, "a", None, 1.0, 5e-6),
        one(None, "b", "b", 4.0, 6e-6),
        one(None, None, None, -math.inf, 7e-6),
    ),
    build_seconds=0.5,
)


def test_the_figures_are_those_worked_out_by_hand() -> None:
    """Three of four best; two of three declined, of three that were; eleven of twelve pairs in the right order."""
    assert FOUND.to_json() == {
        "n": 7,
        "accuracy": 3 / 4,
        "oos_recall": 2 / 3,
        "oos_precision": 2 / 3,
        "oos_f1": 2 / 3,
        "auroc": 11 / 12,
        "joint_accuracy": 4 / 7,
        "build_seconds": 0.5,
        "p50_microseconds": 4.0,
        "p99_microseconds": 7.0,
    }


def test_without_anything_out_of_scope_those_figures_are_undefined() -> None:
    """None, and no zero that looks like a result."""
    found = Evaluation(FOUND.judged[:4]).to_json()

    assert [found[name] for name in ("oos_recall", "oos_precision", "oos_f1", "auroc")] == [None] * 4
    assert (found["accuracy"], found["joint_accuracy"]) == (0.75, 0.5)


def test_with_nothing_in_scope_accuracy_is_undefined() -> None:
    """And precision where nothing was declined."""
    found = Evaluation((one(None, "a", "a", 1.0),)).to_json()

    assert (found["accuracy"], found["oos_recall"], found["oos_precision"], found["oos_f1"]) == (None, 0.0, None, 0.0)


def test_intents_and_confusions_are_counted() -> None:
    """The least understood first; what was taken for what, the most frequent first."""
    assert FOUND.tallies() == [Tally(intent="a", n=3, right=1, answered=1), Tally(intent="b", n=1, right=1, answered=3)]
    assert FOUND.confusions() == [
        Confusion(meant="a", answered=None, count=1),
        Confusion(meant="a", answered="b", count=1),
        Confusion(meant=None, answered="b", count=1),
    ]
    assert [(tally.recall, tally.precision) for tally in FOUND.tallies()] == [(1 / 3, 1.0), (1.0, 1 / 3)]


@given(SCORES, SCORES)
def test_auroc_is_the_share_of_pairs_in_the_right_order(inside: list[float], outside: list[float]) -> None:
    """A tie counts half; as a comparison of every pair says."""
    pairs = [(a > b) + (a == b) / 2 for a in inside for b in outside]

    assert auroc(inside, outside) == (pytest.approx(sum(pairs) / len(pairs)) if pairs else None)


@pytest.mark.parametrize(
    ("values", "part", "expected"), [([], 0.5, None), ([3.0], 0.99, 3.0), ([1.0, 2.0, 3.0], 0.5, 2.0)]
)
def test_quantiles_are_values_that_were_measured(values: list[float], part: float, expected: float | None) -> None:
    """The smallest that at least that part does not exceed."""
    assert quantile(values, part) == expected


def test_a_router_is_judged_by_what_it_answers() -> None:
    """A phrase is certain; what is like one is judged by its best intent, also where it declines; nothing is none."""
    router = Router()
    for name, phrases in {
        "hours": ["when do you open", "opening hours please"],
        "cake": ["order a cake", "a big cake"],
    }.items():
        router.add(Intent(name=name, phrases=tuple(map(Phrase, phrases)), handler=print))
    router.learn()
    ticks = count()
    texts = [Labelled("when do you open", "hours"), Labelled("a cake", "cake"), Labelled("", None)]
    found = list(judged(router, texts, now=NOON, timer=lambda: float(next(ticks))))

    assert [(each.best, each.answered is None or each.answered == each.best) for each in found] == [
        ("hours", True), ("cake", True), (None, True),
    ]  # fmt: skip
    assert (found[0].score, found[2].score) == (math.inf, -math.inf)
    assert [each.seconds for each in found] == [1.0, 1.0, 1.0]


def test_intents_that_a_bot_lacks_are_counted() -> None:
    """Whatever means them is wrong, and somebody should know."""
    labelled = [Labelled("x", "a"), Labelled("y", "gone"), Labelled("z", "gone"), Labelled("?", None)]

    assert unknown_intents(labelled, ["a", "b"]) == {"gone": 2}
