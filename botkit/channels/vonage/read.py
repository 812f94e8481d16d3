"""Webhook bodies into values, in the forms v1 and v0.1: the one place where Vonage's inbound JSON is read.

What is unknown (a channel, a message type, a status, a key, a form of time) becomes a value all the same, because an
event that is answered 4xx is lost. Only what cannot be a message or a status at all is a BadRequest. Of a key that is
written twice the last value counts.
Source: https://developer.vonage.com/en/api/messages (v1.20) and its v0.1 predecessor.
"""

import json
from codecs import BOM_UTF8
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from math import isfinite
from typing import Final, NoReturn

from botkit.compact import reader_of
from botkit.errors import BadRequest
from botkit.events import KINDS, Address, Kind, Message, Status

ID_LIMIT: Final = 256
DEPTH_LIMIT: Final = 32
_LONGEST_NUMBER: Final = 100
_LONGEST_TIME: Final = 64
_KINDS: Final[Mapping[object, Kind]] = {kind: kind for kind in KINDS}
_MEDIA: Final = frozenset({"image", "audio", "video", "file"})

Object = Mapping[str, object]


def read(body: bytes) -> Message | Status:
    """Read one webhook's body; raises BadRequest, whose reasons are stable words, for what is neither of the two.

    >>> read(b'{"message_uuid": "7c1e", "to": "1070", "from": "2519", "message_type": "text", "text": "Hi!"}').text
    'Hi!'
    """
    payload = _payload(body)
    message = payload.get("message")
    if isinstance(message, dict):
        return _message(payload, _object(message.get("content")), "type")
    if payload.get("message_type") is not None:
        return _message(payload, payload, "message_type")
    if state := _text(payload.get("status")):
        return _status(payload, state)
    if "text" not in payload and "message_type" not in payload:
        _refuse("no_event", "The body is neither a message nor a status.")
    return _message(payload, payload, "message_type")


def _refuse(reason: str, message: str) -> NoReturn:
    raise BadRequest(message, reason=reason)


def _message(payload: Object, content: Object, type_key: str) -> Message:
    said = content.get(type_key)
    kind = _KINDS.get(said if isinstance(said, str) else None, "unsupported")
    if said is None and "text" in content:
        kind = "text"
    return Message(
        id=_id(payload.get("message_uuid"), "message_uuid"),
        address=_address(payload, page="to", user="from"),
        kind=kind,
        text=_text(content.get("text")) if kind == "text" else "",
        url=(_text(_object(content.get(kind)).get("url")) or None) if kind in _MEDIA else None,
        sent_at=_time(payload.get("timestamp")),
        raw=payload,
    )


def _status(payload: Object, state: str) -> Status:
    error = _object(payload.get("error"))
    code, reason = _complaint(error) if error else (None, None)
    reference = _text(payload.get("client_ref"))
    # What we gave it ourselves finds the delivery, whatever else is missing.
    is_ours = 1 <= len(reference) <= ID_LIMIT
    return Status(
        message_id=_id(payload.get("message_uuid"), "message_uuid", reference if is_ours else None),
        # A status looks from our side: it went from the page to the user.
        address=_address(payload, page="from", user="to", otherwise="" if is_ours else None),
        state=state,
        delivery_id=reference or None,
        code=code,
        reason=reason,
        at=_time(payload.get("timestamp")),
        raw=payload,
    )


def _complaint(error: Object) -> tuple[int | None, str | None]:
    """The number and the words of what went wrong."""
    # The number is v0.1's code and v1's title, which is text in the definition and a number in samples.
    codes = (_number(error.get(name)) for name in ("code", "title"))
    reasons = (_text(error.get(name)) for name in ("detail", "reason", "title"))
    return next((code for code in codes if code is not None), None), next(filter(None, reasons), None)


def _address(payload: Object, *, page: str, user: str, otherwise: str | None = None) -> Address:
    channel = _text(payload.get("channel")) or _text(_object(payload.get("to")).get("type"))
    return Address(channel or "unknown", _party(payload, page, otherwise), _party(payload, user, otherwise))


def _party(payload: Object, name: str, otherwise: str | None) -> str:
    party = payload.get(name)
    if isinstance(party, dict):
        party = party.get("id", party.get("number"))
    return _id(party, name, otherwise)


def _id(value: object, name: str, otherwise: str | None = None) -> str:
    """The id, or *otherwise* where it is none."""
    text = _text(value)
    if 1 <= len(text) <= ID_LIMIT:
        return text
    if otherwise is None:
        _refuse(f"bad_{name}", f"The body's {name} is not an id of 1 to {ID_LIMIT} characters.")
    return otherwise


def _object(value: object) -> Object:
    return value if isinstance(value, dict) else {}


def _text(value: object) -> str:
    """Text as it is, a whole number as its digits, and nothing for all else.

    NUL and lone surrogates, which no database and no wire takes, become U+FFFD.
    """
    if not isinstance(value, str):
        return str(value) if isinstance(value, int) and not isinstance(value, bool) else ""
    if not value.isascii():
        value = value.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return value.replace("\0", "\ufffd")


def _number(value: object) -> int | None:
    text = _text(value).strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


def _time(value: object) -> datetime | None:
    """ISO 8601 in its forms, and ``2020-01-01 14:00:00 UTC`` as one page of the documentation has it."""
    if not isinstance(value, str) or len(value) > _LONGEST_TIME:
        return None
    text = value.strip().removesuffix(" UTC").removesuffix(" GMT")
    try:
        moment = datetime.fromisoformat(text)
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _payload(body: bytes) -> Object:
    try:
        payload = _read_json(body.removeprefix(BOM_UTF8).decode())
    except UnicodeDecodeError:
        _refuse("no_text", "The body is no text in UTF-8.")
    except ValueError:
        _refuse("no_json", "The body is no JSON.")
    except RecursionError:
        _refuse("too_deep", f"The body is nested more than {DEPTH_LIMIT} deep.")
    if not isinstance(payload, dict):
        _refuse("no_object", "The body is no JSON object.")
    if body.count(b"[") + body.count(b"{") > DEPTH_LIMIT:
        _check_depth(payload)
    return payload


def _check_depth(payload: object) -> None:
    """Whoever keeps or copies the payload walks through it by recursion, and must not run out of stack."""
    level = [payload]
    for _ in range(DEPTH_LIMIT):
        level = [inner for outer in level for inner in _inside(outer) if isinstance(inner, (dict, list))]
        if not level:
            return
    _refuse("too_deep", f"The body is nested more than {DEPTH_LIMIT} deep.")


def _inside(container: object) -> Iterable[object]:
    if isinstance(container, dict):
        return container.values()
    return container if isinstance(container, list) else ()


def _no_constant(name: str) -> NoReturn:
    raise ValueError(name)


def _whole(digits: str) -> int | str:
    """A number so long that reading it takes more than linear time stays text."""
    return int(digits) if len(digits) <= _LONGEST_NUMBER else digits


def _fraction(digits: str) -> float | str:
    """A number greater than any float stays text, because JSON could not write it again."""
    number = float(digits)
    return number if isfinite(number) else digits


_read_json: Final = reader_of(json.JSONDecoder(parse_int=_whole, parse_float=_fraction, parse_constant=_no_constant))
