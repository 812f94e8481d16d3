"""Webhooks as Vonage sends them: their JSON, their signature, and how often they are tried again.

Source: https://developer.vonage.com/en/messages/concepts/signed-webhooks; retries after 429 and 5xx from 5 seconds,
doubling to 15 minutes, for 24 hours: https://api.support.vonage.com/hc/en-us/articles/360028543292
"""

import asyncio
import hashlib
import json
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Final, Literal
from uuid import uuid4

import aiohttp
import jwt
from attrs import frozen

from botkit.simulator.accepted import Accepted

Signing = Literal["right", "none", "wrong_secret", "wrong_hash"]
API = Literal["v1", "v0.1"]

FIRST_RETRY_SECONDS: Final = 5.0
LONGEST_RETRY_SECONDS: Final = 900.0
RETRY_FOR_SECONDS: Final = 86_400.0
ANSWER_SECONDS: Final = 15.0


def stamp(now: datetime) -> str:
    """A time as Vonage writes it."""
    return now.strftime("%Y-%m-%dT%H:%M:%SZ")


def inbound(
    api: API, *, page: str, user: str, now: datetime, kind: str = "text", text: str = "", url: str | None = None
) -> dict[str, object]:
    """The JSON of an inbound message with a fresh ``message_uuid``."""
    content: dict[str, object] = {} if kind == "unsupported" else {kind: text if kind == "text" else {"url": url}}
    common: dict[str, object] = {"message_uuid": str(uuid4()), "timestamp": stamp(now)}
    if api == "v1":
        return {"channel": "messenger", **common, "to": page, "from": user, "message_type": kind, **content}
    return {
        **common,
        "to": {"type": "messenger", "id": page},
        "from": {"type": "messenger", "id": user},
        "message": {"content": {"type": kind, **content}},
    }


def status(accepted: Accepted, state: str, now: datetime, *, code: int | None = None) -> dict[str, object]:
    """The JSON of a status of an accepted message, in the form it was sent in."""
    body: dict[str, object] = {"message_uuid": accepted.message_uuid, "timestamp": stamp(now), "status": state}
    if accepted.client_ref is not None:
        body["client_ref"] = accepted.client_ref
    if accepted.api == "v0.1":
        body |= {"to": {"type": "messenger", "id": accepted.user}, "from": {"type": "messenger", "id": accepted.page}}
        return body if code is None else body | {"error": {"code": code, "reason": "Simulated."}}
    body |= {"channel": "messenger", "to": accepted.user, "from": accepted.page}
    kind = f"https://developer.vonage.com/api-errors/messages#{code}"
    return body if code is None else body | {"error": {"type": kind, "title": str(code), "detail": "Simulated."}}


@frozen
class Signer:
    """Signs webhooks with the account's signature secret."""

    api_key: str
    signature_secret: str
    application_id: str

    def authorization(self, body: bytes, now: datetime, signing: Signing = "right") -> str | None:
        """The ``Authorization`` header for *body*, or none."""
        if signing == "none":
            return None
        claims = {
            "iat": int(now.timestamp()),
            "jti": str(uuid4()),
            "iss": "Vonage",
            "payload_hash": hashlib.sha256(body if signing != "wrong_hash" else body + b" ").hexdigest(),
            "api_key": self.api_key,
            "application_id": self.application_id,
        }
        secret = self.signature_secret if signing != "wrong_secret" else "another secret, of some thirty-odd bytes"
        return f"Bearer {jwt.encode(claims, secret, algorithm='HS256')}"


class Postman:
    """Delivers webhooks, and tries again as Vonage does; *retry_factor* makes its waits shorter for tests."""

    def __init__(self, signer: Signer, now: Callable[[], datetime], *, retry_factor: float = 1.0) -> None:
        self._signer = signer
        self._now = now
        self._retry_factor = retry_factor
        self._session: aiohttp.ClientSession | None = None

    @asynccontextmanager
    async def open(self) -> AsyncIterator[None]:
        """Hold connections for as long as the simulator runs."""
        timeout = aiohttp.ClientTimeout(total=ANSWER_SECONDS)
        connector = aiohttp.TCPConnector(limit=0)
        async with aiohttp.ClientSession(timeout=timeout, connector=connector) as self._session:
            yield

    async def deliver(self, url: str, payload: Mapping[str, object], signing: Signing = "right") -> int:
        """POST *payload* until it is answered other than 429 and 5xx; returns the last answer, 0 for none."""
        body = json.dumps(payload, separators=(",", ":")).encode()
        wait, waited = FIRST_RETRY_SECONDS, 0.0
        while True:
            answer = await self._post(url, body, signing)
            if answer not in (0, 429) and answer < 500:
                return answer
            if waited >= RETRY_FOR_SECONDS:
                return answer
            await asyncio.sleep(wait * self._retry_factor)
            waited += wait
            wait = min(wait * 2, LONGEST_RETRY_SECONDS)

    async def _post(self, url: str, body: bytes, signing: Signing) -> int:
        assert self._session is not None
        headers = {"Content-Type": "application/json"}
        authorization = self._signer.authorization(body, self._now(), signing)
        if authorization is not None:
            headers["Authorization"] = authorization
        try:
            async with self._session.post(url, data=body, headers=headers) as answer:
                return answer.status
        except (aiohttp.ClientError, TimeoutError, OSError):
            return 0
