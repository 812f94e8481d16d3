"""Logs and metrics: every step is told, and nobody's words or ids are."""

import io
import json
import logging
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from botkit.events import Address
from botkit.monitoring import LogObserver, Metrics, configure_logging, observers
from botkit.monitoring.logs import LOGGER, NAMES
from botkit.monitoring.metrics import LABELS_KEPT
from botkit.observe import (
    Alarm,
    DeliveryMoved,
    EventKept,
    EventRead,
    Handled,
    Happening,
    Lifecycle,
    NoticeTold,
    Routed,
    StatusNoted,
    TurnFailed,
    TurnFinished,
    TurnLeft,
    TurnStarted,
    UserForgotten,
    WebhookAnswered,
)
from botkit.work import Backlog

ANN = Address("messenger", "107083064136738", "2519283798")
SECRET = b"a secret of the store"
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)

EVERYTHING: tuple[Happening, ...] = (
    WebhookAnswered(route="inbound", status=200, reason="kept", seconds=0.0012),
    WebhookAnswered(route="inbound", status=503, reason="bad_signature", seconds=0.0012),
    EventRead(address=ANN, event_id="m1", kind="text"),
    EventKept(address=ANN, event_id="m1"),
    EventKept(address=ANN, event_id="m1", duplicate=True),
    EventKept(address=ANN, event_id="m1", set_aside="no bot claims it"),
    TurnStarted(address=ANN, event_id="m1", bot="shop", claims=1, waited_seconds=0.5),
    Routed(address=ANN, event_id="m1", intent="hours", how="exact", score=1.0),
    Handled(address=ANN, event_id="m1", handler="hours", replies=1, parts=2),
    TurnFinished(address=ANN, event_id="m1", bot="shop", intent="hours", deliveries=2, seconds=0.003),
    TurnFailed(address=ANN, event_id="m1", bot="shop", error="'hours' raised", retry_at=None, detail=f"\n{ANN.user}"),
    TurnFailed(address=ANN, event_id="m1", bot="shop", error="later", retry_at=NOON),
    TurnFailed(address=ANN, event_id="m1", bot="shop", error="", retry_at=None, lease_lost=True),
    TurnLeft(address=ANN, event_id="m1", bot="shop"),
    DeliveryMoved(address=ANN, delivery_id="d1", state="sent", attempts=1, reason=None, seconds=0.1),
    DeliveryMoved(address=ANN, delivery_id="d1", state="dead", attempts=1, reason="window_closed: late", seconds=0.0),
    StatusNoted(address=ANN, state="rejected", code=1340, moved_to="rejected"),
    StatusNoted(address=ANN, state="delivered", code=None, moved_to=None),
    UserForgotten(address=ANN, events=3, deliveries=2),
    Alarm("account_low_balance", "Top up the account."),
    Lifecycle("ready"),
    NoticeTold(address=ANN, notice_id="n1", taken=True, attempts=2, reason=None, seconds=0.1),
    NoticeTold(address=ANN, notice_id="n1", taken=False, attempts=1, reason="it answered 500", seconds=0.1),
)


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    """Where botkit's log goes, from DEBUG on."""
    stream = io.StringIO()
    logger = logging.getLogger(LOGGER)
    handlers, level, propagate = logger.handlers[:], logger.level, logger.propagate
    configure_logging("DEBUG", "json")
    handler = logger.handlers[0]
    assert isinstance(handler, logging.StreamHandler)
    handler.setStream(stream)
    yield stream
    logger.handlers[:], logger.propagate = handlers, propagate
    logger.setLevel(level)


def lines(log: io.StringIO) -> list[dict[str, object]]:
    """What was logged, without the time."""
    return [
        {key: value for key, value in json.loads(line).items() if key != "at"} for line in log.getvalue().splitlines()
    ]


def test_what_others_log_has_the_same_form(log: io.StringIO, monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine that reads the log meets no line of another form."""
    monkeypatch.setattr(logging.root, "handlers", [])
    configure_logging("INFO", "json")
    (handler,) = logging.root.handlers
    assert isinstance(handler, logging.StreamHandler)
    handler.setStream(log)
    logging.getLogger("asyncio").warning("slow %s", "callback")

    assert lines(log) == [{"level": "WARNING", "event": "slow callback"}]


@pytest.mark.parametrize(
    ("event_id", "shown"),
    [
        ("aaaa-bbbb", "aaaa-bbbb"),
        ("two words", '"two words"'),
        ("m\n12:00:00.000 INFO    botkit.alarm", r'"m\n12:00:00.000 INFO    botkit.alarm"'),
        ("m\x1b[31m\u2028", r'"m\u001b[31m\u2028"'),
        ("für …", '"für …"'),
        ("m duplicate=true", '"m duplicate=true"'),
    ],
)
def test_nobody_can_forge_a_line(log: io.StringIO, event_id: str, shown: str) -> None:
    """An id that came from outside stays within its field, whatever is in it."""
    configure_logging("DEBUG", "text")
    handler = logging.getLogger(LOGGER).handlers[0]
    assert isinstance(handler, logging.StreamHandler)
    handler.setStream(log)
    LogObserver(SECRET)(EventRead(address=ANN, event_id=event_id, kind="text"))
    (line,) = log.getvalue().splitlines()

    assert f"event_id={shown} kind=text" in line


def test_the_list_above_is_complete() -> None:
    """Nothing that can happen is missing from these tests, and everything has a name."""
    assert {type(one) for one in EVERYTHING} == set(NAMES)


def test_everything_is_logged_and_counted_without_words_or_ids(log: io.StringIO) -> None:
    """A conversation stands as the same hash everywhere, and no id of page or user is written."""
    metrics = Metrics()
    observer = observers(LogObserver(SECRET), metrics)
    for happening in EVERYTHING:
        observer(happening)
    logged = lines(log)
    text = log.getvalue() + metrics.exposition()[0].decode()

    assert [one["event"] for one in logged] == [NAMES[type(one)] for one in EVERYTHING]
    assert len({one["conversation"] for one in logged if "conversation" in one}) == 1
    assert ANN.user not in text
    assert ANN.page not in text


def test_another_secret_gives_another_hash(log: io.StringIO) -> None:
    """Who reads two installations' logs cannot tell that they are about one person."""
    LogObserver(SECRET)(EVERYTHING[2])
    LogObserver(b"another")(EVERYTHING[2])
    first, second = lines(log)

    assert first["conversation"] != second["conversation"]


def test_log_lines_are_stable(log: io.StringIO) -> None:
    """Names, levels and fields are what other programs rely on."""
    observer = LogObserver(SECRET)
    for number in (1, 9, 15, 19):
        observer(EVERYTHING[number])
    conversation = lines(log)[1]["conversation"]

    assert lines(log) == [
        {
            "level": "WARNING",
            "event": "botkit.webhook.answered",
            "route": "inbound",
            "status": 503,
            "reason": "bad_signature",
            "seconds": 0.0012,
        },
        {
            "level": "INFO",
            "event": "botkit.turn.finished",
            "conversation": conversation,
            "event_id": "m1",
            "bot": "shop",
            "intent": "hours",
            "deliveries": 2,
            "seconds": 0.003,
        },
        {
            "level": "WARNING",
            "event": "botkit.delivery.moved",
            "conversation": conversation,
            "delivery_id": "d1",
            "state": "dead",
            "attempts": 1,
            "reason": "window_closed: late",
            "seconds": 0.0,
        },
        {
            "level": "WARNING",
            "event": "botkit.alarm",
            "name": "account_low_balance",
            "text": "Top up the account.",
            "times": 1,
        },
    ]


def test_a_quiet_level_hears_only_faults(log: io.StringIO) -> None:
    """At WARNING a healthy bot is silent."""
    logging.getLogger(LOGGER).setLevel("WARNING")
    for happening in EVERYTHING:
        LogObserver(SECRET)(happening)

    assert {one["level"] for one in lines(log)} == {"WARNING"}
    assert len(lines(log)) == 8


def samples(metrics: Metrics) -> dict[str, float]:
    """The metrics that are not nothing, buckets and times of creation left out."""
    found = {}
    for line in metrics.exposition()[0].decode().splitlines():
        name, _, value = line.rpartition(" ")
        if not line.startswith("#") and "_bucket" not in name and "_created" not in name and float(value):
            found[name] = float(value)
    return found


def test_a_user_is_not_named_by_what_vonage_answers(log: io.StringIO) -> None:
    """Why it refuses a reply may hold whom it was for."""
    reason = f"invalid_message: The Messages API answered 422 (to: {ANN.user} is unknown)."
    moved = DeliveryMoved(address=ANN, delivery_id="d1", state="dead", attempts=1, reason=reason, seconds=0.1)
    LogObserver(SECRET)(moved)

    assert [one["reason"] for one in lines(log)] == [reason.replace(ANN.user, "…")]


@pytest.mark.parametrize(("reason", "is_heard"), [("no_connection", True), ("media_rate", False)])
def test_an_attempt_that_failed_is_heard(log: io.StringIO, reason: str, *, is_heard: bool) -> None:
    """Where nothing can be sent an operator sees why; what only waits for its turn is nobody's fault."""
    moved = DeliveryMoved(address=ANN, delivery_id="d1", state="queued", attempts=1, reason=reason, seconds=0.1)
    logging.getLogger(LOGGER).setLevel("INFO")
    LogObserver(SECRET)(moved)

    assert [one["reason"] for one in lines(log)] == ["no_connection"] * is_heard


def test_metrics_count_each_step() -> None:
    """By what an operator would ask for, and by nothing that grows with the users."""
    metrics = Metrics()
    for happening in EVERYTHING:
        metrics(happening)

    assert samples(metrics) == {
        'botkit_webhooks_total{reason="kept",route="inbound",status="200"}': 1.0,
        'botkit_webhooks_total{reason="bad_signature",route="inbound",status="503"}': 1.0,
        "botkit_webhook_seconds_count": 2.0,
        "botkit_webhook_seconds_sum": 0.0024,
        'botkit_events_total{kept="new"}': 1.0,
        'botkit_events_total{kept="duplicate"}': 1.0,
        'botkit_events_total{kept="set_aside"}': 1.0,
        "botkit_event_wait_seconds_count": 1.0,
        "botkit_event_wait_seconds_sum": 0.5,
        'botkit_routed_total{how="exact"}': 1.0,
        'botkit_turns_total{bot="shop",ending="finished"}': 1.0,
        'botkit_turns_total{bot="shop",ending="set_aside"}': 1.0,
        'botkit_turns_total{bot="shop",ending="retried"}': 1.0,
        'botkit_turns_total{bot="shop",ending="lease_lost"}': 1.0,
        'botkit_turns_total{bot="shop",ending="left"}': 1.0,
        "botkit_turn_seconds_count": 1.0,
        "botkit_turn_seconds_sum": 0.003,
        'botkit_deliveries_total{reason="",state="sent"}': 1.0,
        'botkit_deliveries_total{reason="window_closed",state="dead"}': 1.0,
        "botkit_post_seconds_count": 2.0,
        "botkit_post_seconds_sum": 0.1,
        'botkit_statuses_total{code="1340",state="rejected"}': 1.0,
        'botkit_statuses_total{code="",state="delivered"}': 1.0,
        'botkit_alarms_total{name="account_low_balance"}': 1.0,
        'botkit_notices_total{taken="yes"}': 1.0,
        'botkit_notices_total{taken="no"}': 1.0,
    }


def test_the_oldest_unanswered_message_is_the_older_of_both() -> None:
    """Whether it waits for its turn or for its reply to leave."""
    metrics = Metrics()
    backlog = Backlog(
        events=3,
        oldest_event_at=NOON - timedelta(seconds=5),
        deliveries=2,
        oldest_delivery_at=NOON - timedelta(seconds=90),
        dead_events=1,
        dead_deliveries=4,
        notices=2,
        muted=3,
    )
    metrics.update(backlog, NOON)

    assert samples(metrics) == {
        "botkit_events_waiting": 3.0,
        "botkit_oldest_event_age_seconds": 5.0,
        "botkit_deliveries_waiting": 2.0,
        "botkit_oldest_delivery_age_seconds": 90.0,
        "botkit_oldest_unanswered_age_seconds": 90.0,
        "botkit_dead_events": 1.0,
        "botkit_dead_deliveries": 4.0,
        "botkit_notices_waiting": 2.0,
        "botkit_conversations_muted": 3.0,
    }


def test_a_label_cannot_grow_without_end() -> None:
    """Whatever states a channel makes up, a scrape stays small."""
    metrics = Metrics()
    for number in range(LABELS_KEPT * 3):
        metrics(StatusNoted(address=ANN, state=f"state{number}", code=None, moved_to=None))
    states = [name for name in samples(metrics) if name.startswith("botkit_statuses_total")]

    assert len(states) == LABELS_KEPT + 1
    assert samples(metrics)['botkit_statuses_total{code="",state="other"}'] == LABELS_KEPT * 2
