"""The simulator: takes what a bot sends as Vonage would, and sends what a user says as Vonage would."""

import asyncio
import secrets
import socket
import ssl
from collections import deque
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from types import TracebackType
from typing import Final, Literal, Self
from uuid import uuid4

from aiohttp import web
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from botkit.observe import Clock, SystemClock
from botkit.settings import Account
from botkit.simulator import keys
from botkit.simulator.accepted import Accepted
from botkit.simulator.checks import API, Doorkeeper, Problem, check_body, read
from botkit.simulator.doors import Doors, NoReply
from botkit.simulator.weather import Weather
from botkit.simulator.webhooks import Postman, Signer, Signing, inbound, status

#: A reply is complete when nothing more of it has come for so long.
QUIET_SECONDS: Final = 0.25
REPLY_SECONDS: Final = 10.0


class Simulator:
    """A stand-in for the Vonage Messages API on this machine.

    It makes a key pair, an application and an account unless they are given. *inbound_url* and *status_url* are where
    its webhooks go. *statuses* are what every accepted message goes through; *messages_api* is the form of its
    webhooks. *retry_factor* shortens the waits between tries of a webhook. *page* is who is written to where nobody
    says otherwise.

    >>> async def talk():
    ...     async with Simulator(inbound_url="http://127.0.0.1:9000/webhooks/inbound-message") as simulator:
    ...         return await simulator.say("hello")
    """

    def __init__(  # noqa: PLR0913 - everything about a stand-in may be chosen, all of it by name
        self,
        *,
        inbound_url: str | None = None,
        status_url: str | None = None,
        public_key: RSAPublicKey | None = None,
        application_id: str | None = None,
        statuses: Sequence[str] = ("submitted", "delivered"),
        messages_api: API = "v1",
        clock: Clock | None = None,
        retry_factor: float = 1.0,
        page: str = "1",
    ) -> None:
        self._page = page
        self.inbound_url = inbound_url
        self.status_url = status_url
        self.application_id = application_id or str(uuid4())
        self.api_key = secrets.token_hex(4)
        self.api_secret = secrets.token_urlsafe(12)
        self.signature_secret = secrets.token_urlsafe(32)
        self.private_key_pem: str | None = None
        if public_key is None:
            private = keys.new_private_key()
            self.private_key_pem = keys.private_pem(private)
            public_key = private.public_key()
        self.accepted: list[Accepted] = []
        self.statuses = tuple(statuses)
        self.messages_api: API = messages_api
        self.custom_on_v1 = False
        self.base_url = ""
        self.clock = clock or SystemClock()
        self._weather: deque[Weather] = deque()
        self._doorkeeper = Doorkeeper(
            public_key=public_key,
            application_id=self.application_id,
            api_key=self.api_key,
            api_secret=self.api_secret,
        )
        signer = Signer(self.api_key, self.signature_secret, self.application_id)
        self._postman = Postman(signer, self.clock.now, retry_factor=retry_factor)
        self._arrived = asyncio.Condition()
        self._errands: set[asyncio.Task[object]] = set()
        self._stack = AsyncExitStack()

    @property
    def account(self) -> Account:
        """The account a bot needs to send here and to trust its webhooks."""
        return Account(
            application_id=self.application_id,
            private_key=self.private_key_pem,
            api_key=self.api_key,
            api_secret=self.api_secret,
            signature_secrets=(self.signature_secret,),
            base_url=self.base_url,
        )

    # Starting and stopping

    def routes(self, prefix: str = "") -> list[web.RouteDef]:
        """The API below *prefix*, and ways in for people and tests below ``/simulator``."""
        return [
            web.post(f"{prefix}/v1/messages", self._messages_v1),
            web.post(f"{prefix}/v0.1/messages", self._messages_v01),
            *Doors(self).routes(),
        ]

    async def open(self) -> None:
        """Begin to deliver webhooks; `serve` does it too."""
        await self._stack.enter_async_context(self._postman.open())

    async def serve(self, listener: socket.socket, *, tls: ssl.SSLContext | None = None) -> None:
        """Listen on *listener*."""
        await self.open()
        runner = web.AppRunner(self._application(), access_log=None, shutdown_timeout=0.1)
        await runner.setup()
        self._stack.push_async_callback(runner.cleanup)
        await web.SockSite(runner, listener, ssl_context=tls).start()
        host, port = listener.getsockname()[:2]
        self.base_url = f"{'https' if tls else 'http'}://{'localhost' if tls else host}:{port}"

    def _application(self) -> web.Application:
        application = web.Application()
        application.add_routes(self.routes())
        return application

    async def close(self) -> None:
        """Give up what is still to be delivered and stop listening."""
        for errand in self._errands:
            errand.cancel()
        await asyncio.gather(*self._errands, return_exceptions=True)
        await self._stack.aclose()

    async def __aenter__(self) -> Self:
        await self.serve(socket.create_server(("127.0.0.1", 0)))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    # What users do

    async def say(
        self, text: str, *, page: str | None = None, user: str = "2", timeout_seconds: float = REPLY_SECONDS
    ) -> tuple[str, ...]:
        """Say *text* to *page* as *user* and return what the bot answers, message by message; raises NoReply."""
        page = page or self._page
        before = len(self.shown(page, user))
        await self.deliver(inbound(self.messages_api, page=page, user=user, now=self.clock.now(), text=text))
        await self.wait_for(before + 1, page=page, user=user, timeout_seconds=timeout_seconds)
        count = 0
        while count != (count := len(self.shown(page, user))):  # noqa: ASYNC110 - silence is waited for
            await asyncio.sleep(QUIET_SECONDS)
        return self.shown(page, user)[before:]

    def shown(self, page: str, user: str) -> tuple[str, ...]:
        """Everything Messenger would show *user* of *page*."""
        return tuple(one.shown() for one in self.accepted if (one.page, one.user) == (page, user))

    async def wait_for(
        self, count: int, *, page: str, user: str, timeout_seconds: float = REPLY_SECONDS
    ) -> tuple[str, ...]:
        """Wait until *user* has been sent *count* messages in all; raises NoReply."""
        try:
            async with asyncio.timeout(timeout_seconds), self._arrived:
                await self._arrived.wait_for(lambda: len(self.shown(page, user)) >= count)
        except TimeoutError:
            raise NoReply(f"Nothing was sent to the user within {timeout_seconds:g} seconds.") from None
        return self.shown(page, user)

    async def deliver(
        self, payload: Mapping[str, object], *, url: str | None = None, signing: Signing = "right", copies: int = 1
    ) -> int:
        """Deliver a webhook, *copies* times at once, until it is taken; returns the last answer."""
        target = url or self.inbound_url
        if target is None:
            raise ValueError("The simulator was not told an inbound_url.")
        answers = await asyncio.gather(*(self._postman.deliver(target, payload, signing) for _ in range(copies)))
        return answers[-1]

    # What the bot does

    def change(self, weather: Weather) -> None:
        """Misbehave from now on as *weather* says; several are gone through in order."""
        self._weather.append(weather)

    async def _messages_v1(self, request: web.Request) -> web.StreamResponse:
        return await self._messages(request, "v1")

    async def _messages_v01(self, request: web.Request) -> web.StreamResponse:
        return await self._messages(request, "v0.1")

    async def _messages(self, request: web.Request, api: API) -> web.StreamResponse:
        try:
            raw = await request.read()
            how = self._doorkeeper.check(request.headers.getall("Authorization", []), self.clock.now().timestamp())
            body = read(raw, api)
            check_body(body, api, custom_on_v1=self.custom_on_v1)
        except Problem as problem:
            return _refusal(problem)
        weather = self._next_weather(_parties(body)[0])
        if weather is not None:
            return await self._misbehave(request, weather, body, api, how)
        return await self._accept(body, api, how)

    async def _accept(self, body: Mapping[str, object], api: API, how: Literal["jwt", "basic"]) -> web.StreamResponse:
        page, user = _parties(body)
        content = body if api == "v1" else _content(body)
        kind = str(content["message_type" if api == "v1" else "type"])
        inner = content[kind]
        reference = body.get("client_ref")
        accepted = Accepted(
            message_uuid=str(uuid4()),
            page=page,
            user=user,
            kind=kind,
            text=inner if isinstance(inner, str) else "",
            url=inner.get("url") if isinstance(inner, dict) else None,
            client_ref=reference if isinstance(reference, str) else None,
            api=api,
            authorised_by=how,
            at=self.clock.now(),
            raw=body,
        )
        self.accepted.append(accepted)
        async with self._arrived:
            self._arrived.notify_all()
        self._report(accepted, body.get("webhook_url"))
        headers = {"X-Request-Id": uuid4().hex}
        return web.json_response({"message_uuid": accepted.message_uuid}, status=202, headers=headers)

    def _report(self, accepted: Accepted, url: object) -> None:
        target = url if isinstance(url, str) else self.status_url
        if target is None or not self.statuses:
            return
        errand: asyncio.Task[object] = asyncio.create_task(self._tell(accepted, target))
        self._errands.add(errand)
        errand.add_done_callback(self._errands.discard)

    async def _tell(self, accepted: Accepted, url: str) -> None:
        for state in self.statuses:
            word, _, code = state.partition(":")
            payload = status(accepted, word, self.clock.now(), code=int(code) if code else None)
            await self._postman.deliver(url, payload)

    def _next_weather(self, page: str) -> Weather | None:
        for number, weather in enumerate(self._weather):
            if weather.page in (None, page):
                del self._weather[number]
                if weather.times > 1:
                    self._weather.insert(number, _once_less(weather))
                return weather
        return None

    async def _misbehave(
        self,
        request: web.Request,
        weather: Weather,
        body: Mapping[str, object],
        api: API,
        how: Literal["jwt", "basic"],
    ) -> web.StreamResponse:
        if weather.mood == "answer":
            return _refusal(Problem(weather.status), weather.retry_after_seconds)
        if weather.mood == "slow":
            await asyncio.sleep(weather.seconds)
            return await self._accept(body, api, how)
        if weather.mood.startswith("accept"):
            await self._accept(body, api, how)
        if weather.mood.endswith("hang"):
            await asyncio.sleep(3600)
        if request.transport is not None:
            if weather.mood == "half_close":
                request.transport.close()
            else:
                request.transport.abort()
        return web.Response(status=500)


def _once_less(weather: Weather) -> Weather:
    return Weather(
        mood=weather.mood,
        status=weather.status,
        retry_after_seconds=weather.retry_after_seconds,
        seconds=weather.seconds,
        times=weather.times - 1,
        page=weather.page,
    )


def _refusal(problem: Problem, retry_after_seconds: int | None = None) -> web.Response:
    kind = "application/json" if problem.status == 422 else "application/problem+json"
    headers = {"X-Request-Id": uuid4().hex}
    if problem.status == 429:
        headers["Retry-After"] = str(1 if retry_after_seconds is None else retry_after_seconds)
    return web.json_response(problem.body(), status=problem.status, content_type=kind, headers=headers)


def _parties(body: Mapping[str, object]) -> tuple[str, str]:
    """The page and the user of a request in either form."""
    found = []
    for name in ("from", "to"):
        party = body[name]
        found.append(str(party["id"] if isinstance(party, dict) else party))
    return found[0], found[1]


def _content(body: Mapping[str, object]) -> Mapping[str, object]:
    message = body["message"]
    assert isinstance(message, dict)
    content = message["content"]
    assert isinstance(content, dict)
    return content
