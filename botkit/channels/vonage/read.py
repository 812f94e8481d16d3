"""Webhook bodies into values, in the forms v1 and v0.1: the one place where Vonage's inbound JSON is read.

What is unknown (a channel, a message type, a status, a key, a form of time) becomes a value all the same, because an
event that is answered 4xx is lost. Only what cannot be a message or a status at all is a BadRequest. Of a key that is
written twice the last value counts.
Source: https://developer.vonage.com/en/api/messages (v1.20) and its v0.1 predecessor.
"""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from math import isfinite
from typing import Final, NoReturn

from botkit.errors import BadRequest
from botkit.events import KINDS, Address, Kind, Message, Status

ID_LIMIT: Final = 256
DEPTH_LIMIT: Final = 32
_LONGEST_NUMBER: Final = 100
_LONGEST_TIME: Final = 64
_KINDS: Final[Mapping[object, Kind]] = {kind: kind for kind in KINDS}
_MEDIA: Final[frozenset[Kind]] = frozenset({"image", "audio", "video", "file"})
_NOTHING: Final[Mapping[str, object]] = {}

Object = Mapping[str, object]


def read(body: bytes) -> Message | Status:
    """Read one webhook's body; raises BadRequest, whose reasons are stable words, for what is neither of the two.

    >>> read(b'{"channel":"messenger","message_uuid":"7c1e","to":"1070","from":"2519","message_type":"text","text":"Hi"}')
    Message(id='7c1e', address=Address(channel='messenger', page='1070', user='2519'), kind='text', text='Hi', url=None,
            sent_at=None)
    """
    payload = _payload(body)
    message = payload.get("message")
    if isinstance(message, Mapping):
        return _message(payload, _object(message.get("content")), "type")
    if payload.get("message_type") is not None:
        return _message(payload, payload, "message_type")
    if state := _text(payload.get("status")):
        return _status(payload, state)
    if "text" in payload or "message_type" in payload:
        return _message(payload, payload, "message_type")
    _refuse("no_event", "The body is neither a message nor a status.")


def _refuse(reason: str, message: str) -> NoReturn:
    raise BadRequest(message, reason=reason)


# JSON


def _payload(body: bytes) -> Object:
    try:
        payload = _JSON.decode(body.decode("utf-8-sig"))
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
    """Whoever keeps the payload walks through it by recursion, and must never run out of stack."""
    level = [payload]
    for _ in range(DEPTH_LIMIT):
        level = [inner for outer in level for inner in _inside(outer) if isinstance(inner, (dict, list))]
        if not level:
            return
    _refuse("too_deep", f"The body is nested more than {DEPTH_LIMIT} deep.")


def _inside(value: object) -> "Mapping[str, object] | list[object]":
    raise NotImplementedError


def _no_constant(name: str) -> NoReturn:
    raise ValueError(name)


def _whole(digits: str) -> int | str:
    """A number so long that reading it takes more than linear time stays text."""
    return int(digits) if len(digits) <= _LONGEST_NUMBER else digits


def _fraction(digits: str) -> float | str:
    """A number greater than any float stays text, because JSON could not write it again."""
    number = float(digits)
    return number if isfinite(number) else digits


_JSON: Final = json.JSONDecoder(parse_int=_whole, parse_float=_fraction, parse_constant=_no_constant)
