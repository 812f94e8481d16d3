"""Ways into a running simulator for people and for tests in other processes; from this machine only."""

import json
from collections.abc import Awaitable, Callable, Mapping
from typing import Final, Protocol, cast, get_args

from aiohttp import web
from attrs import asdict

from botkit.simulator.accepted import Accepted
from botkit.simulator.weather import Weather
from botkit.simulator.webhooks import Signing

_LOCAL: Final = frozenset({"localhost", "127.0.0.1", "[::1]", "::1"})


class NoReply(Exception):
    """Nothing was sent to the user in time; see what the bot logs."""


Door = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Conversing(Protocol):
    """What the doors lead to: a `Simulator`."""

    accepted: list[Accepted]

    async def say(self, text: str, *, page: str | None = ..., user: str = ...) -> tuple[str, ...]:
        """Say something and wait for the answer."""
        ...

    async def deliver(self, payload: Mapping[str, object], *, signing: Signing = ..., copies: int = ...) -> int:
        """Deliver a webhook."""
        ...

    def change(self, weather: Weather) -> None:
        """Misbehave from now on."""
        ...


class Doors:
    """The routes below ``/simulator``."""

    def __init__(self, simulator: Conversing) -> None:
        self._simulator = simulator

    def routes(self) -> list[web.RouteDef]:
        """The routes, each of which refuses what does not come from this machine under its own name."""
        return [
            web.post("/simulator/say", _local(self._say)),
            web.post("/simulator/inbound", _local(self._inbound)),
            web.post("/simulator/weather", _local(self._weather)),
            web.get("/simulator/accepted", _local(self._accepted)),
        ]

    async def _say(self, request: web.Request) -> web.StreamResponse:
        """``curl -d 'hello' …/simulator/say``: the body is the text; as JSON it may name page and user."""
        text, parties = await _said(request)
        try:
            replies = await self._simulator.say(text, **parties)
        except NoReply as error:
            return web.Response(text=f"{error}\n", status=504)
        return web.Response(text="".join(f"{reply}\n" for reply in replies))

    async def _inbound(self, request: web.Request) -> web.StreamResponse:
        """Sign and deliver a payload as it is; ``copies`` and ``signing`` as parameters of the URL."""
        signing = request.query.get("signing", "right")
        try:
            payload, copies = await request.json(), int(request.query.get("copies", "1"))
        except ValueError as error:
            return web.Response(text=f"{error}\n", status=400)
        if signing not in get_args(Signing) or not isinstance(payload, dict):
            return web.Response(text=f"signing is one of {', '.join(get_args(Signing))}.\n", status=400)
        answer = await self._simulator.deliver(payload, copies=copies, signing=cast("Signing", signing))
        return web.json_response({"answer": answer})

    async def _weather(self, request: web.Request) -> web.StreamResponse:
        """Change the weather: the fields of `Weather` as JSON."""
        try:
            self._simulator.change(Weather(**await request.json()))
        except (TypeError, ValueError) as error:
            return web.Response(text=f"{error}\n", status=400)
        return web.Response(status=204)

    async def _accepted(self, request: web.Request) -> web.StreamResponse:
        """Everything that was accepted, in order."""
        everything = [asdict(one) for one in self._simulator.accepted]
        return web.json_response(everything, dumps=lambda value: json.dumps(value, default=str))


async def _said(request: web.Request) -> tuple[str, dict[str, str]]:
    text = await request.text()
    if text.lstrip().startswith("{"):
        try:
            given = json.loads(text)
        except ValueError:
            return text, {}
        return str(given.get("text", "")), {key: str(given[key]) for key in ("page", "user") if key in given}
    return text, {}


def _local(door: Door) -> Door:
    """Refuse every other Host: a tunnel, or a page that has rebound its name, makes loopback public."""

    async def checked(request: web.Request) -> web.StreamResponse:
        host = request.host.rsplit(":", 1)[0] if not request.host.endswith("]") else request.host
        if host not in _LOCAL:
            return web.Response(status=403, text="The simulator is for this machine only.\n")
        return await door(request)

    return checked
