"""Prometheus metrics: every step counted, and the one number to alert on, the age of the oldest unanswered message."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest

from botkit.observe import (
    Alarm,
    DeliveryMoved,
    EventKept,
    Happening,
    NoticeTold,
    Routed,
    StatusNoted,
    TurnFailed,
    TurnFinished,
    TurnLeft,
    TurnStarted,
    WebhookAnswered,
)
from botkit.work import Backlog

_SECONDS: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0)
#: A label that could take any value takes this many, and "other": whatever comes in, a scrape stays small.
LABELS_KEPT: Final = 100


class _Bounded:
    """At most `LABELS_KEPT` values of one label; the rest are "other"."""

    def __init__(self) -> None:
        self._known: set[str] = set()

    def __call__(self, value: str) -> str:
        if value not in self._known:
            if len(self._known) >= LABELS_KEPT:
                return "other"
            self._known.add(value)
        return value


class Metrics:
    """Counts what happens in a registry of its own; `exposition` is what a scrape gets.

    >>> metrics = Metrics()
    >>> metrics(Alarm("low_balance", "Top up the account."))
    >>> b'botkit_alarms_total{name="low_balance"} 1.0' in metrics.exposition()[0]
    True
    """

    def __init__(self) -> None:
        registry = self._registry = CollectorRegistry()
        self._labels: dict[str, _Bounded] = {}
        self._webhooks = Counter(
            "botkit_webhooks", "Webhooks by answer.", ["route", "status", "reason"], registry=registry
        )
        self._webhook_seconds = Histogram(
            "botkit_webhook_seconds", "From request to answer.", buckets=_SECONDS, registry=registry
        )
        self._events = Counter("botkit_events", "Events by what became of them at intake.", ["kept"], registry=registry)
        self._waits = Histogram(
            "botkit_event_wait_seconds", "How long events lay in the store.", buckets=_SECONDS, registry=registry
        )
        self._routed = Counter("botkit_routed", "Texts by how they were understood.", ["how"], registry=registry)
        self._turns = Counter("botkit_turns", "Turns by bot and how they ended.", ["bot", "ending"], registry=registry)
        self._turn_seconds = Histogram(
            "botkit_turn_seconds", "From claim to commit.", buckets=_SECONDS, registry=registry
        )
        self._deliveries = Counter(
            "botkit_deliveries", "Deliveries by the state they moved to.", ["state", "reason"], registry=registry
        )
        self._post_seconds = Histogram(
            "botkit_post_seconds", "How long POSTs took.", buckets=_SECONDS, registry=registry
        )
        self._statuses = Counter(
            "botkit_statuses", "Statuses by state and error code.", ["state", "code"], registry=registry
        )
        self._notices = Counter(
            "botkit_notices", "Notices of handovers by whether they were taken.", ["taken"], registry=registry
        )
        self._alarms = Counter("botkit_alarms", "What an operator should act on.", ["name"], registry=registry)
        self._backlog = _backlog_gauges(registry)
        self._tell: Mapping[type, Callable[..., None]] = {
            WebhookAnswered: self._webhook,
            EventKept: self._kept,
            TurnStarted: self._started,
            Routed: self._understood,
            TurnFinished: self._finished,
            TurnFailed: self._failed,
            TurnLeft: self._left,
            DeliveryMoved: self._moved,
            StatusNoted: self._noted,
            NoticeTold: self._told,
            Alarm: self._alarm,
        }

    def __call__(self, happening: Happening) -> None:
        """Count *happening*."""
        tell = self._tell.get(type(happening))
        if tell is not None:
            tell(happening)

    def _bounded(self, label: str, value: str) -> str:
        return self._labels.setdefault(label, _Bounded())(value)

    def _webhook(self, one: WebhookAnswered) -> None:
        self._webhooks.labels(one.route, str(one.status), self._bounded("webhook", one.reason)).inc()
        self._webhook_seconds.observe(one.seconds)

    def _kept(self, one: EventKept) -> None:
        self._events.labels("duplicate" if one.duplicate else "set_aside" if one.set_aside else "new").inc()

    def _started(self, one: TurnStarted) -> None:
        self._waits.observe(one.waited_seconds)

    def _understood(self, one: Routed) -> None:
        self._routed.labels(one.how).inc()

    def _finished(self, one: TurnFinished) -> None:
        self._turns.labels(self._bounded("bot", one.bot), "finished").inc()
        self._turn_seconds.observe(one.seconds)

    def _failed(self, one: TurnFailed) -> None:
        ending = "lease_lost" if one.lease_lost else "retried" if one.retry_at else "set_aside"
        self._turns.labels(self._bounded("bot", one.bot), ending).inc()

    def _left(self, one: TurnLeft) -> None:
        self._turns.labels(self._bounded("bot", one.bot), "left").inc()

    def _moved(self, one: DeliveryMoved) -> None:
        reason = (one.reason or "").partition(":")[0]
        self._deliveries.labels(one.state, self._bounded("delivery", reason)).inc()
        self._post_seconds.observe(one.seconds)

    def _noted(self, one: StatusNoted) -> None:
        code = "" if one.code is None else str(one.code)
        self._statuses.labels(self._bounded("status", one.state), self._bounded("code", code)).inc()

    def _told(self, one: NoticeTold) -> None:
        self._notices.labels("yes" if one.taken else "no").inc()

    def _alarm(self, one: Alarm) -> None:
        self._alarms.labels(self._bounded("alarm", one.name)).inc()

    def update(self, backlog: Backlog, now: datetime) -> None:
        """Set the gauges of what waits; called just before a scrape is answered."""
        event_age = 0.0 if backlog.oldest_event_at is None else (now - backlog.oldest_event_at).total_seconds()
        delivery_age = 0.0 if backlog.oldest_delivery_at is None else (now - backlog.oldest_delivery_at).total_seconds()
        values = {
            "botkit_events_waiting": backlog.events,
            "botkit_oldest_event_age_seconds": event_age,
            "botkit_deliveries_waiting": backlog.deliveries,
            "botkit_oldest_delivery_age_seconds": delivery_age,
            "botkit_dead_events": backlog.dead_events,
            "botkit_dead_deliveries": backlog.dead_deliveries,
            "botkit_oldest_unanswered_age_seconds": max(event_age, delivery_age),
            "botkit_notices_waiting": backlog.notices,
            "botkit_conversations_muted": backlog.muted,
        }
        for name, value in values.items():
            self._backlog[name].set(value)

    def exposition(self) -> tuple[bytes, str]:
        """The metrics as text, and their content type."""
        return generate_latest(self._registry), CONTENT_TYPE_LATEST


def _backlog_gauges(registry: CollectorRegistry) -> dict[str, Gauge]:
    told = {
        "botkit_events_waiting": "Events that no turn has handled yet.",
        "botkit_oldest_event_age_seconds": "How long the oldest of them has waited.",
        "botkit_deliveries_waiting": "Deliveries that are queued, being sent or in doubt.",
        "botkit_oldest_delivery_age_seconds": "How long the oldest of them has waited.",
        "botkit_dead_events": "Events that were set aside.",
        "botkit_dead_deliveries": "Deliveries that were given up.",
        "botkit_oldest_unanswered_age_seconds": "The age of the oldest unanswered message: alert on this one.",
        "botkit_notices_waiting": "Handovers that nobody was told of yet.",
        "botkit_conversations_muted": "Conversations in which a person answers.",
    }
    return {name: Gauge(name, help_text, registry=registry) for name, help_text in told.items()}
