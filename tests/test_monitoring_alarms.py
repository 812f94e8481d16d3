"""Alarms that are alike, once a minute."""

import pytest

from botkit.monitoring import Metrics, RareAlarms, observers
from botkit.monitoring.alarms import _KINDS
from botkit.observe import Alarm, Happening, Lifecycle
from botkit.testing import FakeClock

EMPTY = Alarm("account_low_balance", "The account abcd has no credit left: top it up.")
BARRED = Alarm("account_low_balance", "The account efgh has no credit left: top it up.")


class Watch:
    """What an observer behind RareAlarms hears, by a clock set by hand."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.heard: list[Happening] = []
        self.observer = RareAlarms(self.heard.append, self.clock)

    def every(self, seconds: float, *happenings: Happening) -> None:
        """Let *happenings* happen, *seconds* after one another."""
        for happening in happenings:
            self.observer(happening)
            self.clock.advance(seconds)


@pytest.fixture
def watch() -> Watch:
    """Nothing has happened yet."""
    return Watch()


def test_the_first_is_told_at_once(watch: Watch) -> None:
    """Whoever must act learns of it now; the next within the minute tell nothing new."""
    watch.every(19, EMPTY, EMPTY, EMPTY, EMPTY)

    assert watch.heard == [EMPTY]


def test_what_was_counted_is_told_after_the_minute(watch: Watch) -> None:
    """As one alarm that says how often it came, whatever happens next, and a minute later again."""
    watch.every(20, EMPTY, EMPTY, EMPTY, Lifecycle("ready"), EMPTY, EMPTY, Lifecycle("draining"))

    twice = Alarm(EMPTY.name, EMPTY.text, times=2)
    assert watch.heard == [EMPTY, twice, Lifecycle("ready"), twice, Lifecycle("draining")]


def test_what_came_no_more_is_told_no_more(watch: Watch) -> None:
    """One that comes after a quiet minute is a first one."""
    watch.every(61, EMPTY, Lifecycle("ready"), EMPTY, EMPTY)

    assert watch.heard == [EMPTY, Lifecycle("ready"), EMPTY, EMPTY]


def test_every_subject_is_told_apart(watch: Watch) -> None:
    """An alarm about another account does not wait for this one's minute."""
    watch.every(1, EMPTY, BARRED, EMPTY, BARRED)

    assert watch.heard == [EMPTY, BARRED]


def test_none_is_lost_however_many_there_are(watch: Watch) -> None:
    """Beyond those that are told apart each is passed on."""
    many = [Alarm("webhook_bad_signature", f"subject {number}") for number in range(_KINDS + 2)]
    watch.every(0, *many, many[-1], many[0])

    assert watch.heard == [*many, many[-1]]


def test_metrics_count_each_of_them(watch: Watch) -> None:
    """Only the log is calmed."""
    metrics = Metrics()
    observer = observers(watch.observer, metrics)
    for _ in range(5):
        observer(EMPTY)

    assert b'botkit_alarms_total{name="account_low_balance"} 5.0' in metrics.exposition()[0]
