"""Webhooks of owners: a POST of JSON to a URL of theirs, and whether it was taken."""

import asyncio
import json
from collections.abc import Mapping
from typing import Final

import aiohttp

ANSWER_SECONDS: Final = 10.0


class Webhook:
    """A URL that takes POSTs of JSON; an answer of 2xx within *answer_seconds* says that one was taken.

    Redirects are not followed: what is told is for that URL alone.
    """

    def __init__(self, url: str, *, answer_seconds: float = ANSWER_SECONDS) -> None:
        self._url = url
        self._answer_seconds = answer_seconds
        self._session: aiohttp.ClientSession | None = None

    async def post(self, body: Mapping[str, object], *, key: str) -> str | None:
        """POST *body*, with *key* as ``Idempotency-Key``: None once it was taken, else why it was not.

        Never says where the webhook is: its URL is a secret.
        """
        if self._session is None:
            self._session = aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar())
        headers = {"Content-Type": "application/json", "Idempotency-Key": key}
        try:
            async with asyncio.timeout(self._answer_seconds):
                posting = self._session.post(
                    self._url, data=json.dumps(body).encode(), headers=headers, allow_redirects=False
                )
                async with posting as answer:
                    return None if 200 <= answer.status < 300 else f"it answered {answer.status}"
        except TimeoutError:
            return f"it did not answer within {self._answer_seconds:g} s"
        except (aiohttp.ClientError, OSError) as error:
            return f"it could not be reached ({type(error).__name__})"

    async def close(self) -> None:
        """Let go of connections."""
        if self._session is not None:
            await self._session.close()
            self._session = None
