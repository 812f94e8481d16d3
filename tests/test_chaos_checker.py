"""The checker: from what was seen at the edges alone it tells what a bot has broken of its promises."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chaos.checker import Verdict, check
from chaos.history import Death, History, Taken, Told

START = datetime(2026, 1, 1, tzinfo=UTC)
DOUBT = timedelta(seconds=2)
EXPECTED = ("one", "two", "three")


def at(seconds: float) -> datetime:
    """A moment of the run."""
    return START + timedelta(seconds=seconds)


def history(*taken: tuple[float, str], told: float | None = None, died: float | None = None) -> History:
    """What one user was shown and when, each text a reply of its own; *told* is when a status of "two" was taken."""
    return History(
        taken=[Taken(at(seconds), "ann", f"ref {text}", text) for seconds, text in taken],
        told=[] if told is None else [Told(at(told), "ref two")],
        deaths=[] if died is None else [Death(at(died), "after POST")],
        payments={},
    )


def judged(seen: History) -> tuple[int, int, int, int]:
    """How much was lost, duplicated, disordered, and in doubt."""
    verdict = check(seen, {"ann": EXPECTED}, doubt=DOUBT)
    return len(verdict.lost), len(verdict.duplicated), len(verdict.disordered), len(verdict.doubted)


def test_everything_once_and_in_order_is_kept() -> None:
    """Also where somebody died."""
    assert judged(history((1, "one"), (2, "two"), (3, "three"), died=2)) == (0, 0, 0, 0)


@pytest.mark.parametrize(
    ("seen", "expected"),
    [
        (history((1, "one"), (3, "three")), (1, 0, 0, 0)),
        (history((1, "one"), (2, "two"), (3, "three"), (4, "four")), (0, 1, 0, 0)),
        (history((1, "two"), (2, "one"), (3, "three")), (0, 0, 1, 0)),
        (history(), (3, 0, 0, 0)),
    ],
    ids=["lost", "shown what was not to be", "out of order", "silent"],
)
def test_what_is_missing_or_too_much_is_told(seen: History, expected: tuple[int, int, int, int]) -> None:
    """What was shown is compared with what was to be."""
    assert judged(seen) == expected


AGAIN = ((1, "one"), (2, "two"), (5, "two"), (6, "three"))


def test_a_repetition_after_a_death_was_in_doubt() -> None:
    """Where the bot waited for a status, and none came."""
    assert judged(history(*AGAIN, died=2.5)) == (0, 0, 0, 1)


def test_what_was_taken_just_after_the_death_was_sent_before_it() -> None:
    """The dead do not wait for their letters to be opened."""
    assert judged(history(*AGAIN, died=1.9)) == (0, 0, 0, 1)


@pytest.mark.parametrize(
    "seen",
    [
        history(*AGAIN),
        history(*AGAIN, died=1.5),
        history(*AGAIN, died=5.5),
        history(*AGAIN, died=3.5),
        history(*AGAIN, died=2.5, told=2.2),
    ],
    ids=["nobody died", "died before", "died after", "did not wait", "was told"],
)
def test_any_other_repetition_is_a_duplicate(seen: History) -> None:
    """A death alone is no excuse."""
    assert judged(seen) == (0, 1, 0, 0)


def test_an_effect_under_two_keys_is_a_duplicate() -> None:
    """Under one key it may be asked for as often as it takes."""
    payments = {"ann": ["key", "key"], "ben": ["key", "another"]}
    verdict = check(History(taken=(), told=(), deaths=(), payments=payments), {}, doubt=DOUBT)

    assert verdict == Verdict(duplicated=["ben paid 2 times: another, key"])


@given(st.permutations(EXPECTED), st.lists(st.sampled_from(EXPECTED), max_size=3))
def test_only_the_expected_transcript_is_kept(order: list[str], more: list[str]) -> None:
    """No permutation, and nothing added."""
    texts = [*order, *more]
    seen = History(
        taken=[Taken(at(number), "ann", f"ref {number}", text) for number, text in enumerate(texts)],
        told=(),
        deaths=(),
        payments={},
    )

    assert check(seen, {"ann": EXPECTED}, doubt=DOUBT).is_kept == (texts == list(EXPECTED))
