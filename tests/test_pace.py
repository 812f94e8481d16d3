"""A page's rate limit."""

from bisect import bisect_left
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from botkit.pace import Pace

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


def sent_at(pace: Pace, seconds: float) -> list[datetime]:
    """Send greedily for *seconds*: whenever the pace lets something out, it goes."""
    now, sent = NOON, []
    while now < NOON + timedelta(seconds=seconds):
        count = pace.free(now)
        pace.take(now, count)
        sent += [now] * count
        now = max(pace.next_at(now), now + timedelta(microseconds=1))
    return sent


def test_a_page_of_the_sandbox_sends_one_message_a_second() -> None:
    """One a second means exactly one second between POSTs."""
    sent = sent_at(Pace(1), 5)

    assert sent == [NOON + timedelta(seconds=second) for second in range(5)]


@given(st.integers(1, 400))
def test_no_second_holds_more_than_the_limit(per_second: int) -> None:
    """Whatever the limit, every window of one second holds at most that many POSTs, and nearly that many are used."""
    sent = sent_at(Pace(per_second), 3)

    busiest = max(bisect_left(sent, start + timedelta(seconds=1)) - bisect_left(sent, start) for start in set(sent))
    assert busiest <= per_second
    assert len(sent) >= 0.9 * 3 * per_second


def test_a_held_page_sends_nothing_until_it_is_let() -> None:
    """A page that was told to wait waits, even if it has not sent for long."""
    pace = Pace(30)
    pace.hold(NOON + timedelta(seconds=15))

    assert (pace.free(NOON), pace.next_at(NOON)) == (0, NOON + timedelta(seconds=15))
    assert pace.free(NOON + timedelta(seconds=15)) == 1


@pytest.mark.parametrize("per_second", [1, 30, 200])
def test_a_clock_that_goes_back_does_not_silence_a_page(per_second: float) -> None:
    """It sends as fast as ever, and no faster."""
    pace, earlier = Pace(per_second), NOON - timedelta(hours=1)
    sent_at(pace, 1)
    burst = pace.free(earlier)
    pace.take(earlier, burst)

    assert (burst, pace.free(earlier)) == (Pace(per_second).free(NOON), 0)
    assert pace.next_at(earlier) - earlier <= timedelta(seconds=1)
