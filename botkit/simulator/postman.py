"""Delivering webhooks, and trying again as Vonage does.

Source: retries after 429 and 5xx from 5 seconds, doubling to 15 minutes, for 24 hours:
https://api.support.vonage.com/hc/en-us/articles/360028543292; 3 seconds to connect and 15 for the answer:
https://api.support.vonage.com/hc/en-us/articles/226572227
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Iterator
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Final

import aiohttp
from attrs import define, field, frozen

from botkit.observe import Clock
from botkit.simulator.webhooks import Signer, Signing

FIRST_RETRY_SECONDS: Final = 5.0
LONGEST_RETRY_SECONDS: Final = 900.0
RETRY_FOR_SECONDS: Final = 86_400.0
CONNECT_SECONDS: Final = 3.0
ANSWER_SECONDS: Final = 15.0

Sleep = Callable[[float], Awaitable[object]]


def retry_waits_seconds() -> Iterator[float]:
    """How long to wait before each further try of one webhook, until it is given up.

    >>> waits = list(retry_waits_seconds())
    >>> waits[:9]
    [5.0, 10.0, 20.0, 40.0, 80.0, 160.0, 320.0, 640.0, 900.0]
    """
    wait, waited = FIRST_RETRY_SECONDS, 0.0
    while waited + wait <= RETRY_FOR_SECONDS:
        yield wait
        waited += wait
        wait = min(wait * 2, LONGEST_RETRY_SECONDS)


def is_final(answer: int | None) -> bool:
    """Whether a webhook that was answered so is done with, taken or lost: all but 429, 5xx and no answer at all."""
    return answer is not None and answer != 429 and answer < 500


@frozen(kw_only=True)
class Posted:
    """One try of one webhook: where, what, when, and the status it was answered with, None for no answer.

    *at* is when it was sent, *answered_at* when its answer came, or was given up. *attempt* counts from 1; the tries of
    one webhook share *body* and each has a token of its own.
    """

    url: str
    body: bytes = field(repr=False)
    authorization: str | None = field(repr=False)
    attempt: int
    answer: int | None
    at: datetime
    answered_at: datetime


@define(kw_only=True, eq=False)
class Postman:
    """Delivers webhooks and writes down how each try was answered.

    *retry_factor* makes the waits between tries shorter, and *answer_seconds* how long an answer may take. *told* is
    called with every try.
    """

    _signer: Signer
    _clock: Clock
    _retry_factor: float = 1.0
    _sleep: Sleep = asyncio.sleep
    _answer_seconds: float = ANSWER_SECONDS
    _told: Callable[["Posted"], None] = lambda posted: None
    posted: list[Posted] = field(init=False, factory=list)
    _session: aiohttp.ClientSession | None = field(init=False, default=None)
    _errands: set[asyncio.Task[object]] = field(init=False, factory=set)

    @asynccontextmanager
    async def open(self) -> AsyncIterator[None]:
        """Hold connections until the end, and give up then what is still to be delivered."""
        timeout = aiohttp.ClientTimeout(total=self._answer_seconds, sock_connect=CONNECT_SECONDS)
        async with aiohttp.ClientSession(timeout=timeout, connector=aiohttp.TCPConnector(limit=0)) as self._session:
            try:
                yield
            finally:
                for errand in self._errands:
                    errand.cancel()
                await asyncio.gather(*self._errands, return_exceptions=True)

    def run(self, errand: Coroutine[None, None, object]) -> None:
        """Do *errand* in the background."""
        task: asyncio.Task[object] = asyncio.create_task(errand)
        self._errands.add(task)
        task.add_done_callback(self._errands.discard)

    async def finish(self) -> None:
        """Wait until nothing is on its way any more."""
        while self._errands:
            await asyncio.gather(*self._errands)

    async def deliver(self, url: str, body: bytes, signing: Signing = "right") -> int | None:
        """POST *body* until it is answered finally or given up; returns the last answer."""
        answer = await self._post(url, body, signing, 1)
        return answer if is_final(answer) else await self._again(url, body)

    async def begin(self, url: str, body: bytes, signing: Signing = "right") -> int | None:
        """POST *body* once and return the answer; further tries go on in the background."""
        answer = await self._post(url, body, signing, 1)
        if not is_final(answer):
            self.run(self._again(url, body))
        return answer

    async def _again(self, url: str, body: bytes) -> int | None:
        """Try until it is answered finally; what was signed wrongly is signed well by then, as Vonage does."""
        answer = None
        for attempt, wait in enumerate(retry_waits_seconds(), 2):
            await self._sleep(wait * self._retry_factor)
            answer = await self._post(url, body, "right", attempt)
            if is_final(answer):
                break
        return answer

    async def _post(self, url: str, body: bytes, signing: Signing, attempt: int) -> int | None:
        now = self._clock.now()
        authorization = self._signer.authorization(body, now, signing)
        answer = await self._answer(url, body, authorization)
        posted = Posted(
            url=url,
            body=body,
            authorization=authorization,
            attempt=attempt,
            answer=answer,
            at=now,
            answered_at=self._clock.now(),
        )
        self.posted.append(posted)
        self._told(posted)
        return answer

    async def _answer(self, url: str, body: bytes, authorization: str | None) -> int | None:
        if self._session is None:
            raise RuntimeError("The simulator is not open: use `async with simulator`.")
        headers = {"Content-Type": "application/json"}
        if authorization is not None:
            headers["Authorization"] = authorization
        try:
            async with self._session.post(url, data=body, headers=headers, allow_redirects=False) as response:
                return response.status
        except aiohttp.InvalidURL:
            raise
        except (aiohttp.ClientError, TimeoutError, OSError):
            return None
