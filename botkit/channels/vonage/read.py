"""Webhook bodies into values, in the forms v1 and v0.1: the one place where Vonage's inbound JSON is read.

What is unknown (a channel, a message type, a status, a key, a form of time) becomes a value all the same, because an
event that is answered 4xx is lost. Only what cannot be a message or a status at all is a BadRequest.
Source: https://developer.vonage.com/en/api/messages (v1.20) and its v0.1 predecessor.
"""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Final, NoReturn

from botkit.errors import BadRequest
from botkit.events import KINDS, Address, Kind, Message, Status

_ID_LIMIT: Final = 256
_DEPTH_LIMIT: Final = 32
_KINDS: Final[Mapping[str, Kind]] = {kind: kind for kind in KINDS}

Payload = Mapping[str, object]


def read(body: bytes) -> Message | Status:
    """Read one webhook's body; raises BadRequest with a stable reason for what is neither message nor status."""
    payload = _object(body)
    if "status" in payload and "message" not in payload and "message_type" not in payload:
        return _status(payload)
    return _message(payload)


def _refuse(reason: str, message: str) -> NoReturn:
    raise BadRequest(message, reason=reason)


def _object(body: bytes) -> Payload:
    if _depth(body) > _DEPTH_LIMIT:
        _refuse("too_deep", f"The body is nested more than {_DEPTH_LIMIT} deep.")
    try:
        payload = json.loads(body, parse_constant=_no_constant, parse_int=_whole)
    except (ValueError, RecursionError):
        _refuse("no_json", "The body is no JSON.")
    if not isinstance(payload, dict):
        _refuse("no_object", "The body is no JSON object.")
    return payload


def _depth(body: bytes) -> int:
    """How many brackets the body opens before it closes as many, at most; brackets in strings count too."""
    if body.count(b"[") + body.count(b"{") <= _DEPTH_LIMIT:
        return 0
    depth = deepest = 0
    for byte in body:
        if byte in b"[{":
            depth += 1
            deepest = max(deepest, depth)
        elif byte in b"]}":
            depth -= 1
    return deepest


def _no_constant(name: str) -> NoReturn:
    raise ValueError(name)


def _whole(digits: str) -> int | str:
    """Numbers so long that reading them takes more than linear time stay text."""
    return int(digits) if len(digits) <= 100 else digits


def _message(payload: Payload) -> Message:
    legacy = payload.get("message")
    if isinstance(legacy, Mapping):
        content = legacy.get("content")
        content = content if isinstance(content, Mapping) else {}
        kind = content.get("type")
    else:
        content, kind = payload, payload.get("message_type", "text" if "text" in payload else None)
    if kind is None and not isinstance(legacy, Mapping):
        _refuse("no_event", "The body is neither a message nor a status.")
    known = _KINDS.get(kind, "unsupported") if isinstance(kind, str) else "unsupported"
    return Message(
        id=_identifier(payload, "message_uuid"),
        address=_address(payload, page="to", user="from"),
        kind=known,
        text=_text(content.get("text")) if known == "text" else "",
        url=_url(content.get(known)),
        sent_at=_time(payload.get("timestamp")),
        raw=payload,
    )


def _status(payload: Payload) -> Status:
    error = payload.get("error")
    error = error if isinstance(error, Mapping) else {}
    code = error.get("code", error.get("title"))
    return Status(
        message_id=_identifier(payload, "message_uuid"),
        # A status looks from our side: it went from the page to the user.
        address=_address(payload, page="from", user="to"),
        state=_text(payload["status"]),
        delivery_id=_text(payload.get("client_ref")) or None,
        code=_number(code),
        reason=_text(error.get("detail", error.get("reason"))) or None,
        at=_time(payload.get("timestamp")),
        raw=payload,
    )


def _address(payload: Payload, *, page: str, user: str) -> Address:
    channel = _text(payload.get("channel"))
    if not channel:
        party = payload.get("to")
        channel = _text(party.get("type")) if isinstance(party, Mapping) else ""
    return Address(channel or "unknown", _party(payload, page), _party(payload, user))


def _party(payload: Payload, name: str) -> str:
    party = payload.get(name)
    if isinstance(party, Mapping):
        party = party.get("id", party.get("number"))
    return _checked(party, name)


def _identifier(payload: Payload, name: str) -> str:
    return _checked(payload.get(name), name)


def _checked(value: object, name: str) -> str:
    text = _text(value)
    if not text or len(text) > _ID_LIMIT:
        _refuse(f"no_{name}", f"The body has no {name}.")
    return text


def _text(value: object) -> str:
    if isinstance(value, str):
        return value
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else ""


def _number(value: object) -> int | None:
    text = _text(value).strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


def _url(value: object) -> str | None:
    url = value.get("url") if isinstance(value, Mapping) else None
    return url if isinstance(url, str) and url else None


def _time(value: object) -> datetime | None:
    """ISO 8601 in its forms, and ``2020-01-01 14:00:00 UTC`` as one page of the documentation has it."""
    if not isinstance(value, str) or len(value) > 64:
        return None
    text = value.strip().removesuffix(" UTC").removesuffix(" GMT")
    try:
        moment = datetime.fromisoformat(text)
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return None
