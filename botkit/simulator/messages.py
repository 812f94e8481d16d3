"""The Messages API: takes what a bot sends, or refuses it, or misbehaves as it was asked to."""

import asyncio
import socket
import struct
from collections import defaultdict
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Final, Protocol, TypedDict
from uuid import uuid4

from aiohttp import web

from botkit.observe import Clock
from botkit.simulator.accepted import API, MEDIA, Accepted, Ledger, Parties
from botkit.simulator.checks import Body, check, read
from botkit.simulator.credentials import Doorkeeper
from botkit.simulator.postman import Postman, Sleep
from botkit.simulator.problems import GATEWAY, Problem
from botkit.simulator.scribe import Refused, Told, untold
from botkit.simulator.weather import Forecast, Weather
from botkit.simulator.webhooks import status, written

#: How often it is looked whether a sender has hung up: aiohttp tells nobody.
_LOOK_SECONDS: Final = 0.05
_NO_LINGER: Final = struct.pack("ii", 1, 0)


class Conduct(Protocol):
    """How the API behaves in fair weather; a `Simulator`, whose user may change it at any time."""

    status_url: str | None
    statuses: tuple[str, ...]
    messages_api: API
    custom_on_v1: bool
    clock: Clock
    sleep: Sleep


class Messages:
    """``POST /v1/messages`` and ``POST /v0.1/messages``."""

    def __init__(
        self,
        conduct: Conduct,
        *,
        doorkeeper: Doorkeeper,
        ledger: Ledger,
        forecast: Forecast,
        postman: Postman,
        told: Told = untold,
    ) -> None:
        self._conduct = conduct
        self._told = told
        self._unread: defaultdict[Parties, list[Accepted]] = defaultdict(list)
        self._doorkeeper = doorkeeper
        self._ledger = ledger
        self._forecast = forecast
        self._postman = postman

    async def v1(self, request: web.Request) -> web.StreamResponse:
        """Answer a request in the form of v1."""
        return await self._answer(request, "v1")

    async def v01(self, request: web.Request) -> web.StreamResponse:
        """Answer a request in the form of v0.1."""
        return await self._answer(request, "v0.1")

    async def _answer(self, request: web.Request, api: API) -> web.StreamResponse:
        now = self._conduct.clock.now()
        try:
            how = self._doorkeeper.check(request.headers.getall("Authorization", ()), now.timestamp())
            body = read(await request.read(), api)
            check(body, api, custom_on_v1=self._conduct.custom_on_v1)
        except Problem as problem:
            return refusal(problem, 1)
        page, user = _party(body["from"]), _party(body["to"])
        accepted = Accepted(
            message_uuid=str(uuid4()),
            page=page,
            user=user,
            client_ref=_text(body.get("client_ref")),
            api=api,
            authorised_by=how,
            at=now,
            raw=body,
            **_shown(body, api),
        )
        weather = self._forecast.for_request(page)
        if weather is not None:
            return await self._misbehave(request, weather, accepted)
        self._take(accepted, self._conduct.statuses)
        return _thanks(accepted)

    def _take(self, accepted: Accepted, states: Sequence[str]) -> None:
        self._ledger.add(accepted)
        if states and self._status_url(accepted) is not None:
            self._postman.run(self._tell(accepted, states))

    def _status_url(self, accepted: Accepted) -> str | None:
        return _text(accepted.raw.get("webhook_url")) or self._conduct.status_url

    async def _tell(self, accepted: Accepted, states: Sequence[str]) -> None:
        """Send the statuses one after another; one that is not taken is tried again by itself."""
        url = self._status_url(accepted)
        # The form of webhooks belongs to the application, not to the request, unless the request says so.
        api: API = "v0.1" if accepted.raw.get("webhook_version", self._conduct.messages_api) == "v0.1" else "v1"
        for state in states if url is not None else ():
            await self._postman.begin(url or "", written(status(api, accepted, state, self._conduct.clock.now())))
        if "delivered" in states and "read" not in states:
            self._unread[accepted.page, accepted.user].append(accepted)

    def read(self, page: str, user: str) -> None:
        """Let *user* read what *page* has sent: each message that was delivered gets its status, once."""
        for accepted in self._unread.pop((page, user), ()):
            self._postman.run(self._tell(accepted, ("read",)))

    # Bad weather

    async def _misbehave(self, request: web.Request, weather: Weather, accepted: Accepted) -> web.StreamResponse:
        match weather.mood:
            case "answer":
                refused = weather.refusal()
                self._told(Refused(accepted, refused.status, weather.mood))
                return refusal(refused, weather.retry_after_seconds)
            case "hang" | "half_close" | "reset":
                self._told(Refused(accepted, None, weather.mood))
                return await _break(request, weather.mood)
            case "statuses":
                self._take(accepted, weather.statuses)
                return _thanks(accepted)
            case "status_first":
                return await self._status_first(accepted)
        self._take(accepted, self._conduct.statuses)
        if weather.mood == "slow":
            await self._conduct.sleep(weather.seconds)
            return _thanks(accepted)
        return await _break(request, weather.mood.removeprefix("accept_and_"))

    async def _status_first(self, accepted: Accepted) -> web.StreamResponse:
        self._ledger.add(accepted)
        states = self._conduct.statuses
        await self._tell(accepted, states[:1])
        self._postman.run(self._tell(accepted, states[1:]))
        return _thanks(accepted)


def refusal(problem: Problem, retry_after_seconds: int) -> web.Response:
    """The answer to a request that is refused: JSON with 422, a gateway's HTML with 502 to 504, else problem+json."""
    headers = {"X-Request-Id": str(uuid4())}
    if problem.status == 429:
        headers |= {"Retry-After": str(retry_after_seconds), "X-RateLimit-Limit": "30", "X-RateLimit-Remaining": "0"}
    if problem.status in GATEWAY:
        title = f"{problem.status} {problem.documented.title}"
        page = f"<html><head><title>{title}</title></head><body><h1>{title}</h1></body></html>\r\n"
        return web.Response(status=problem.status, text=page, content_type="text/html", headers=headers)
    kind = "application/json" if problem.status == 422 else "application/problem+json"
    return web.json_response(problem.body(), status=problem.status, content_type=kind, headers=headers)


def _thanks(accepted: Accepted) -> web.Response:
    body = f'{{"message_uuid":"{accepted.message_uuid}"}}'
    return web.Response(status=202, text=body, content_type="application/json", headers={"X-Request-Id": str(uuid4())})


async def _break(request: web.Request, manner: str) -> web.StreamResponse:
    transport = request.transport
    if transport is not None and manner == "reset":
        _reset(transport)
    elif transport is not None and manner == "half_close":
        # TLS cannot end one direction alone.
        if transport.can_write_eof():
            transport.write_eof()
        else:
            transport.close()
    while request.transport is not None and not request.transport.is_closing():  # noqa: ASYNC110 - nobody tells
        await asyncio.sleep(_LOOK_SECONDS)
    # There is nobody left to read this; aiohttp wants it all the same.
    return web.Response(status=500)


def _reset(transport: asyncio.Transport) -> None:
    """Break the connection so that the other side is told it was broken, not that it ended."""
    with suppress(OSError):
        transport.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGER)
    transport.abort()


# What was asked for, in either form; `check` has let it pass.


def _party(party: object) -> str:
    return str(party["id"] if isinstance(party, dict) else party)


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None


class _Shown(TypedDict):
    kind: str
    text: str
    url: str | None


def _shown(body: Body, api: API) -> _Shown:
    content = body if api == "v1" else _content(body)
    kind = str(content["message_type" if api == "v1" else "type"])
    inner = content[kind]
    url = inner["url"] if kind in MEDIA and isinstance(inner, dict) else None
    return {"kind": kind, "text": inner if isinstance(inner, str) else "", "url": url}


def _content(body: Body) -> Mapping[str, object]:
    message = body["message"]
    assert isinstance(message, dict)
    content = message["content"]
    assert isinstance(content, dict)
    return content
