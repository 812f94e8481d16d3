"""Webhooks as Vonage writes and signs them.

Source: https://developer.vonage.com/en/api/messages (inbound and status webhooks), and for their tokens
https://developer.vonage.com/en/messages/concepts/signed-webhooks
"""

import hashlib
import json
import re
from collections.abc import Mapping
from datetime import datetime
from typing import Final, Literal
from uuid import uuid4

from attrs import field, frozen

from botkit.simulator.accepted import API, MEDIA, Accepted

Signing = Literal["right", "none", "wrong_secret", "wrong_hash"]
Payload = Mapping[str, object]

#: What users send that has no form of its own. A thumbs-up is a sticker, and stickers came as images until Messenger
#: gave them a kind of their own (https://developers.facebook.com/docs/messenger-platform/changelog, 2026-08-30). What
#: the Messages API makes of that kind is not documented; its word for what it cannot carry is ``unsupported``.
UNSUPPORTED: Final = ("unsupported", "sticker", "thumbs_up")
KINDS: Final = ("text", *MEDIA, *UNSUPPORTED)

_STATE: Final = re.compile(r"([a-z_]{1,32})(?::([0-9]{1,5}))?")
_PRICE: Final = {"currency": "EUR", "price": "0.0001"}
#: What the commoner codes of failed messages mean: https://developer.vonage.com/en/api-errors/messages
_CODES: Final = {
    1000: "Throttled",
    1030: "Internal error",
    1060: "Partner account barred",
    1070: "Provider quota exceeded",
    1170: "Invalid recipient",
    1300: "Not part of the provider network",
    1330: "Unknown",
    1340: "Outside of the allowed window",
    1370: "Expired access token",
    1380: "Invalid resource URL",
}


def stamp(now: datetime) -> str:
    """A time as Vonage writes it."""
    return now.strftime("%Y-%m-%dT%H:%M:%SZ")


def inbound(
    api: API, *, page: str, user: str, now: datetime, kind: str = "text", text: str = "", url: str | None = None
) -> dict[str, object]:
    """The JSON of an inbound message with a fresh ``message_uuid``.

    *kind* is ``text``, which takes *text*; ``image``, ``audio``, ``video`` or ``file``, which take *url*; or
    ``unsupported``, ``sticker`` or ``thumbs_up``, which all arrive as ``unsupported``. Raises ValueError for another.
    """
    if kind not in KINDS or (kind in MEDIA and url is None):
        raise ValueError(f"Users send {', '.join(KINDS)}, and media with a url; not {kind!r} with {url!r}.")
    word = "unsupported" if kind in UNSUPPORTED else kind
    content: dict[str, object] = {} if kind in UNSUPPORTED else {kind: text if kind == "text" else {"url": url}}
    common: dict[str, object] = {"message_uuid": str(uuid4()), "timestamp": stamp(now)}
    if api == "v1":
        return {"channel": "messenger", **common, "to": page, "from": user, "message_type": word, **content}
    return {
        **common,
        "to": {"type": "messenger", "id": page},
        "from": {"type": "messenger", "id": user},
        "message": {"content": {"type": word, **content}},
    }


def parse_state(text: str) -> tuple[str, int | None]:
    """A status in a word, with the code of what went wrong behind it; raises ValueError for anything else.

    >>> parse_state("rejected:1340")
    ('rejected', 1340)
    """
    found = _STATE.fullmatch(text)
    if found is None:
        raise ValueError(f"{text!r} is no status; write a word and perhaps a code, such as 'rejected:1340'.")
    word, code = found.groups()
    return word, int(code) if code else None


def status(api: API, accepted: Accepted, state: str, now: datetime) -> dict[str, object]:
    """The JSON of a status of an accepted message; *state* is a word that `parse_state` knows."""
    word, code = parse_state(state)
    body: dict[str, object] = {"message_uuid": accepted.message_uuid, "timestamp": stamp(now), "status": word}
    if api == "v1":
        body |= {"channel": "messenger", "to": accepted.user, "from": accepted.page}
    else:
        body |= {"to": {"type": "messenger", "id": accepted.user}, "from": {"type": "messenger", "id": accepted.page}}
    if accepted.client_ref is not None:
        body["client_ref"] = accepted.client_ref
    if word == "submitted":
        body["usage"] = _PRICE
    return body if code is None else body | {"error": _error(api, code)}


def _error(api: API, code: int) -> dict[str, object]:
    reason = _CODES.get(code, "Simulated")
    if api == "v0.1":
        return {"code": code, "reason": reason}
    kind = f"https://developer.vonage.com/api-errors/messages#{code}"
    return {"type": kind, "title": str(code), "detail": reason, "instance": uuid4().hex}


def page_of(payload: Payload) -> str:
    """The page that an inbound payload is for, in either form; empty where it names none."""
    party = payload.get("to")
    found = party.get("id") if isinstance(party, dict) else party
    return found if isinstance(found, str) else ""


def read_payload(raw: bytes) -> Payload:
    """The JSON object in *raw*; an empty one where there is none, for what is malformed may be delivered too."""
    try:
        found = json.loads(raw)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def written(payload: Payload) -> bytes:
    """The bytes of *payload*: compact, as what is hashed must be what is sent."""
    return json.dumps(payload, separators=(",", ":")).encode()


@frozen
class Signer:
    """Signs webhooks with the account's signature secret."""

    api_key: str
    signature_secret: str = field(repr=False)
    application_id: str

    def authorization(self, body: bytes, now: datetime, signing: Signing = "right") -> str | None:
        """The ``Authorization`` header for *body*, with a fresh ``jti``; None where *signing* says so."""
        if signing == "none":
            return None
        import jwt  # noqa: PLC0415 - slow to import, and whoever opens the page waits for nothing signed yet

        claims = {
            "iat": int(now.timestamp()),
            "jti": str(uuid4()),
            "iss": "Vonage",
            "payload_hash": hashlib.sha256(body if signing != "wrong_hash" else body + b" ").hexdigest(),
            "api_key": self.api_key,
            "application_id": self.application_id,
        }
        secret = self.signature_secret if signing != "wrong_secret" else f"not {self.signature_secret}"
        return f"Bearer {jwt.encode(claims, secret, algorithm='HS256')}"
