"""Structured logs: one stable name for each thing that happens, its fields beside it, and nobody's words or ids.

Who is meant stands as ``conversation``: twelve hex digits of an HMAC of the address with the store's own secret, equal
for everything about one conversation and of no use to anybody who reads the logs.
"""

import hashlib
import hmac
import json
import logging
import sys
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import Final, Literal

from attrs import fields

from botkit.events import Address
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

LOGGER: Final = "botkit"

#: The name each happening is logged under; these are stable.
NAMES: Final[Mapping[type, str]] = {
    WebhookAnswered: "botkit.webhook.answered",
    EventRead: "botkit.event.read",
    EventKept: "botkit.event.kept",
    TurnStarted: "botkit.turn.started",
    Routed: "botkit.turn.routed",
    Handled: "botkit.turn.handled",
    TurnFinished: "botkit.turn.finished",
    TurnFailed: "botkit.turn.failed",
    TurnLeft: "botkit.turn.left",
    DeliveryMoved: "botkit.delivery.moved",
    StatusNoted: "botkit.status.noted",
    NoticeTold: "botkit.notice.told",
    UserForgotten: "botkit.user.forgotten",
    Alarm: "botkit.alarm",
    Lifecycle: "botkit.lifecycle",
}

#: What would end a field, or look like the quotes around one.
_QUOTED: Final = frozenset(' "=')
_FAULTY_STATES: Final = frozenset({"dead", "in_doubt", "rejected", "undeliverable"})
#: What may hold somebody's words, and is never logged.
_UNSPOKEN: Final = frozenset({(TurnFailed, "detail")})
_FIELDS: Final[Mapping[type, tuple[str, ...]]] = {
    kind: tuple(field.name for field in fields(kind) if (kind, field.name) not in _UNSPOKEN) for kind in NAMES
}


def _level(happening: Happening) -> int:
    match happening:
        case Alarm() | TurnFailed() | NoticeTold(taken=False):
            return logging.WARNING
        case WebhookAnswered():
            return logging.DEBUG if happening.status == 200 else logging.WARNING
        case EventKept():
            return logging.WARNING if happening.set_aside else logging.DEBUG
        case DeliveryMoved():
            is_tried_again = happening.state == "queued" and happening.reason != "media_rate"
            return logging.WARNING if is_tried_again or happening.state in _FAULTY_STATES else logging.DEBUG
        case TurnFinished() | TurnLeft() | Lifecycle() | UserForgotten() | NoticeTold():
            return logging.INFO
        case _:
            return logging.DEBUG


class LogObserver:
    """Logs everything that happens: a line a turn at INFO, faults at WARNING, each step at DEBUG.

    *secret* keys the hashes that stand for conversations; use the store's (`Desk.secret`).
    """

    def __init__(self, secret: bytes, logger: logging.Logger | None = None) -> None:
        self._logger = logger or logging.getLogger(LOGGER)
        self._conversation = lru_cache(maxsize=10_000)(_hasher(secret))

    def __call__(self, happening: Happening) -> None:
        """Log *happening*, if anybody listens at its level."""
        level = _level(happening)
        if self._logger.isEnabledFor(level):
            self._logger.log(level, NAMES[type(happening)], extra={"fields": self._fields(happening)})

    def _fields(self, happening: Happening) -> dict[str, object]:
        found: dict[str, object] = {}
        for name in _FIELDS[type(happening)]:
            value = getattr(happening, name)
            if isinstance(value, Address):
                found["conversation"] = self._conversation(value)
            elif isinstance(value, float):
                found[name] = round(value, 6)
            elif value is not None:
                found[name] = value
        if isinstance(happening, DeliveryMoved) and happening.reason is not None and happening.address.user:
            # It holds what Vonage has answered, which may name whom the reply was for.
            found["reason"] = happening.reason.replace(happening.address.user, "…")
        return found


def _hasher(secret: bytes) -> Callable[[Address], str]:
    def conversation(address: Address) -> str:
        return hmac.digest(secret, address.key.encode("utf-8", "surrogatepass"), hashlib.sha256).hex()[:12]

    return conversation


class _Lines(logging.Formatter):
    """A record as one line for people: time, level, name, and its fields as ``name=value``."""

    def format(self, record: logging.LogRecord) -> str:
        at = datetime.fromtimestamp(record.created, UTC).strftime("%H:%M:%S.%f")[:-3]
        told = " ".join(f"{name}={_shown(value)}" for name, value in _fields(record).items())
        return f"{at} {record.levelname:<7} {record.getMessage()} {told}".rstrip()


class _JSONLines(logging.Formatter):
    """A record as one line of JSON."""

    def format(self, record: logging.LogRecord) -> str:
        at = datetime.fromtimestamp(record.created, UTC).isoformat()
        line: dict[str, object] = {"at": at, "level": record.levelname, "event": record.getMessage()}
        return json.dumps({**line, **_fields(record)}, default=str)


def _fields(record: logging.LogRecord) -> Mapping[str, object]:
    """What stands beside the name; of an exception only its type, for its text may hold a user's words."""
    raised = record.exc_info[0] if record.exc_info else None
    return {**getattr(record, "fields", {}), **({"error": raised.__name__} if raised else {})}


def _shown(value: object) -> str:
    text = value.isoformat() if isinstance(value, datetime) else str(value)
    # Some of it was a stranger's: a line must stay a line, and its fields what they are.
    if text.isprintable() and text and not set(text) & _QUOTED:
        return text
    return json.dumps(text, ensure_ascii=not text.isprintable())


def configure_logging(level: str = "INFO", form: Literal["text", "json"] = "text") -> None:
    """Write botkit's log to stderr from *level* on; only a program calls this, a library never does."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_JSONLines() if form == "json" else _Lines())
    logger = logging.getLogger(LOGGER)
    logger.handlers[:] = [handler]
    logger.setLevel(level)
    logger.propagate = False
    if not logging.root.handlers:
        # What others log, asyncio among them, would be written in no form at all.
        logging.root.addHandler(handler)
