"""Ways into a running simulator for people and for tests in other processes; from this machine only."""

import json
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Final, Protocol, cast, get_args
from urllib.parse import parse_qsl, urlsplit

from aiohttp import web
from attrs import asdict, fields

from botkit.simulator.accepted import Accepted, NoReply
from botkit.simulator.postman import Posted
from botkit.simulator.weather import Weather
from botkit.simulator.webhooks import Signing

_LOCAL: Final = frozenset({"localhost", "127.0.0.1", "::1"})
#: What ``Sec-Fetch-Site`` says of the page itself, and of what was typed.
_OURS: Final = frozenset({"same-origin", "none"})
_SIGNINGS: Final = get_args(Signing)
_WEATHER: Final = frozenset(one.name for one in fields(Weather))
_SAID: Final = frozenset({"text", "page", "user", "kind", "url"})

Door = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Conversing(Protocol):
    """What the doors lead to: a `Simulator`."""

    @property
    def accepted(self) -> list[Accepted]:
        """Everything accepted."""
        ...

    @property
    def posted(self) -> list[Posted]:
        """Every try of every webhook."""
        ...

    async def say(
        self, text: str = ..., *, page: str | None = ..., user: str = ..., kind: str = ..., url: str | None = ...
    ) -> tuple[str, ...]:
        """Say something and wait for the answer."""
        ...

    async def begin(self, raw: bytes, *, signing: Signing = ..., copies: int = ...) -> list[int | None]:
        """Deliver a webhook once; try again in the background."""
        ...

    def change(self, weather: Weather) -> None:
        """Misbehave from now on."""
        ...


class Doors:
    """The routes below ``/simulator``."""

    def __init__(self, simulator: Conversing) -> None:
        self._simulator = simulator

    def routes(self) -> list[web.RouteDef]:
        """The routes; each refuses what does not come from this machine under its own name."""
        return [
            web.post("/simulator/say", local(told(self._say))),
            web.post("/simulator/inbound", local(told(self._inbound))),
            web.post("/simulator/weather", local(told(self._weather))),
            web.get("/simulator/accepted", local(self._accepted)),
            web.get("/simulator/posted", local(self._posted)),
        ]

    async def _say(self, request: web.Request) -> web.StreamResponse:
        """``curl -d 'hello' …/simulator/say``: the body is the text; as JSON or a form it may name page and user."""
        replies = await self._simulator.say(**said(await text_of(request)))
        return web.Response(text="".join(f"{reply}\n" for reply in replies))

    async def _inbound(self, request: web.Request) -> web.StreamResponse:
        """Sign the body as it is and deliver it; ``copies`` and ``signing`` as parameters of the URL."""
        signing, copies = request.query.get("signing", "right"), request.query.get("copies", "1")
        if signing not in _SIGNINGS or not copies.isdecimal() or not 1 <= int(copies) <= 1000:
            raise ValueError(f"signing must be one of {', '.join(_SIGNINGS)}, and copies from 1 to 1000.")
        answers = await self._simulator.begin(
            await request.read(), signing=cast("Signing", signing), copies=int(copies)
        )
        return web.json_response({"answers": answers})

    async def _weather(self, request: web.Request) -> web.StreamResponse:
        """Change the weather: the fields of `Weather` as a JSON object, or a list of such."""
        try:
            given = json.loads(await text_of(request))
        except json.JSONDecodeError as error:
            raise ValueError(f"The weather is no JSON: {error}.") from None
        except RecursionError:
            raise ValueError("The weather is no JSON: it is nested too deep.") from None
        for weather in [_weather(one) for one in (given if isinstance(given, list) else [given])]:
            self._simulator.change(weather)
        return web.Response(status=204)

    async def _accepted(self, request: web.Request) -> web.StreamResponse:
        """Everything that was accepted, in order."""
        return _listing([asdict(one) for one in self._simulator.accepted])

    async def _posted(self, request: web.Request) -> web.StreamResponse:
        """How every try of every webhook was answered, in order."""
        return _listing([asdict(one) for one in self._simulator.posted])


async def text_of(request: web.Request) -> str:
    """The body of a request; raises ValueError for one that is no text."""
    try:
        return await request.text()
    except (UnicodeDecodeError, LookupError):
        raise ValueError(f"The body is not in {request.charset or 'utf-8'}.") from None


def _weather(given: object) -> Weather:
    if not isinstance(given, dict) or not set(given) <= _WEATHER:
        raise TypeError(f"Weather is a JSON object of {', '.join(sorted(_WEATHER))}; each may be left out.")
    return Weather(**given)


def said(body: str) -> dict[str, str]:
    """What somebody wants to say: a JSON object or a form with ``text``, or else the body as it is; raises ValueError.

    >>> said("hello & bye")
    {'text': 'hello & bye'}
    >>> said('{"text": "hello", "user": "ann"}')
    {'text': 'hello', 'user': 'ann'}
    >>> said("text=hello+there&user=ann")
    {'text': 'hello there', 'user': 'ann'}
    """
    found = _json_said(body)
    if found is None:
        found = _form_said(body) or {"text": body}
    if not found.get("text") and found.get("kind", "text") == "text":
        raise ValueError("There is nothing to say: send the text as the body.")
    return found


def _json_said(body: str) -> dict[str, str] | None:
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return None
    if not isinstance(found, dict):
        return None
    if not set(found) <= _SAID or not all(isinstance(value, str) for value in found.values()):
        raise ValueError(f"As JSON, say takes strings named {', '.join(sorted(_SAID))}.")
    return found


def _form_said(body: str) -> dict[str, str] | None:
    """The form, if the body is unmistakably one: somebody may well say "a=b"."""
    found = dict(parse_qsl(body.strip("\r\n")))
    return found if "text" in found and set(found) <= _SAID else None


def _listing(rows: list[dict[str, object]]) -> web.Response:
    return web.json_response(rows, dumps=lambda value: json.dumps(value, default=_plain))


def _plain(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


def told(door: Door) -> Door:
    """Tell whoever knocks what was wrong, in a sentence."""

    async def answering(request: web.Request) -> web.StreamResponse:
        try:
            return await door(request)
        except (TypeError, ValueError) as error:
            return web.Response(text=f"{_sentence(error)}\n", status=400)
        except NoReply as error:
            return web.Response(text=f"{error}\n", status=504)

    return answering


def _sentence(error: Exception) -> str:
    # Validators of attrs put the field and its value behind the sentence.
    return str(error.args[0]) if error.args else str(error)


def local(door: Door) -> Door:
    """Refuse every other Host and every foreign page: a tunnel, or a name that was rebound, makes loopback public.

    Browsers say with ``Origin`` and ``Sec-Fetch-Site`` whether a request comes from a page of ours; another one on this
    machine is foreign too. curl and bots say nothing.
    """

    async def checked(request: web.Request) -> web.StreamResponse:
        return await door(request) if _is_local(request) and _is_ours(request) else refused()

    return checked


def opened(door: Door) -> Door:
    """Refuse every other Host, but let the door be opened by a link from anywhere: nothing happens behind it."""

    async def checked(request: web.Request) -> web.StreamResponse:
        return await door(request) if _is_local(request) else refused()

    return checked


def refused() -> web.Response:
    """What strangers are told."""
    return web.Response(status=403, text="The simulator is for this machine only.\n")


def _is_local(request: web.Request) -> bool:
    return _name(f"//{request.host}") in _LOCAL


def _is_ours(request: web.Request) -> bool:
    """Whether a request comes from our own page, or from no page at all."""
    origin = request.headers.get("Origin")
    if request.headers.get("Sec-Fetch-Site", "none") not in _OURS:
        return False
    return origin is None or origin.lower() in (f"http://{request.host}".lower(), f"https://{request.host}".lower())


def _name(url: str) -> str | None:
    try:
        return urlsplit(url).hostname
    except ValueError:
        return None
