"""The scribe: writes down what the simulator sends and takes, as entries of a record."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final

from attrs import frozen

from botkit.simulator.accepted import MEDIA, Accepted
from botkit.simulator.postman import Posted
from botkit.simulator.record import Record
from botkit.simulator.webhooks import Payload, read_payload

#: A payload longer than this is not written down as it is.
_LONGEST_RAW: Final = 20_000


@frozen
class Said:
    """A user's webhook, before it is sent or held back."""

    payload: Payload
    at: datetime


@frozen
class Refused:
    """A good request that the weather kept from its user; *status* is None where it was not answered."""

    accepted: Accepted
    status: int | None
    mood: str


Told = Callable[[Said | Posted | Accepted | Refused], None]


def untold(happening: Said | Posted | Accepted | Refused) -> None:
    """Nobody writes it down."""


@frozen
class Scribe:
    """Writes into *record*; called with whatever happens, in order."""

    record: Record

    def __call__(self, happening: Said | Posted | Accepted | Refused) -> None:
        """Write *happening* down, if it belongs to a conversation."""
        match happening:
            case Said():
                self._said(happening)
            case Posted():
                self._posted(happening)
            case Accepted():
                self._accepted(happening)
            case Refused():
                facts = {"status": happening.status, "mood": happening.mood, "delivery": happening.accepted.client_ref}
                self._about(happening.accepted, "refused", facts)

    def _said(self, said: Said) -> None:
        parties = _parties(said.payload)
        if parties is None or "status" in said.payload:
            return
        kind, content = _content(said.payload)
        facts = {"kind": kind, "text": _text(content, kind), "url": _url(content, kind), "raw": _short(said.payload)}
        user, page, message_id = parties
        self.record.add("said", page=page, user=user, about=message_id, at=said.at, facts=facts)

    def _posted(self, posted: Posted) -> None:
        payload = read_payload(posted.body)
        parties = _parties(payload)
        if parties is None:
            return
        one, other, message_id = parties
        facts: dict[str, object] = {"attempt": posted.attempt, "answer": posted.answer}
        if "status" not in payload:
            self.record.add("posted", page=other, user=one, about=message_id, at=posted.at, facts=facts)
            return
        error = payload.get("error")
        facts |= {"state": payload["status"], "error": error if isinstance(error, Mapping) else None}
        self.record.add("status", page=one, user=other, about=message_id, at=posted.at, facts=facts)

    def _accepted(self, accepted: Accepted) -> None:
        shown = {"kind": accepted.kind, "text": accepted.text, "url": accepted.url}
        facts = {**shown, "delivery": accepted.client_ref, "api": accepted.api, "raw": _short(accepted.raw)}
        self._about(accepted, "shown", facts)

    def _about(self, accepted: Accepted, kind: str, facts: Mapping[str, object]) -> None:
        self.record.add(
            "shown" if kind == "shown" else "refused",
            page=accepted.page,
            user=accepted.user,
            about=accepted.message_uuid,
            at=accepted.at,
            facts=facts,
        )


def _parties(payload: Payload) -> tuple[str, str, str] | None:
    """Who sent a payload, who it is for, and its id, in either form; None where it lacks one."""
    found = tuple(_id(payload.get(name)) for name in ("from", "to", "message_uuid"))
    return (found[0], found[1], found[2]) if all(found) else None


def _id(party: object) -> str:
    found = party.get("id") if isinstance(party, Mapping) else party
    return found if isinstance(found, str) else ""


def _content(payload: Payload) -> tuple[str, Mapping[str, object]]:
    message = payload.get("message")
    content = message.get("content") if isinstance(message, Mapping) else payload
    if not isinstance(content, Mapping):
        return "unsupported", {}
    return str(content.get("message_type") or content.get("type") or "unsupported"), content


def _text(content: Mapping[str, object], kind: str) -> str:
    found = content.get(kind)
    return found if kind == "text" and isinstance(found, str) else ""


def _url(content: Mapping[str, object], kind: str) -> str | None:
    media = content.get(kind) if kind in MEDIA else None
    found = media.get("url") if isinstance(media, Mapping) else None
    return found if isinstance(found, str) else None


def _short(payload: Mapping[str, object]) -> Mapping[str, object] | None:
    return payload if len(str(payload)) <= _LONGEST_RAW else None
