"""The window to chat in: what stands behind the page in a browser.

The page is plain files without inline code, and its policy lets it load nothing from elsewhere. It is told what happens
by server-sent events, and says what its user does by POSTs; everything goes the way that a bot's messages go.
"""

import asyncio
import json
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from importlib.resources import files
from typing import Final, Protocol

from aiohttp import web
from attrs import asdict, frozen

from botkit.observe import Clock
from botkit.simulator.accepted import API
from botkit.simulator.clock import ShiftedClock
from botkit.simulator.doors import local, opened, told
from botkit.simulator.record import Record
from botkit.simulator.weather import Weather
from botkit.simulator.webhooks import UNSUPPORTED, Payload, inbound

#: A comment is sent this often, so that a connection that is gone is noticed.
_BEAT_SECONDS: Final = 15.0
_BATCH: Final = 200

_TYPES: Final[Mapping[str, str]] = {
    ".html": "text/html",
    ".css": "text/css",
    ".js": "text/javascript",
    ".svg": "image/svg+xml",
    ".png": "image/png",
    ".mp3": "audio/mpeg",
}
#: Pictures and sounds that bots name lie elsewhere: they are loaded only where the person at the page asks for it.
_ELSEWHERE: Final = " https: http:"
_HEADERS: Final[Mapping[str, str]] = {
    "Cache-Control": "no-cache",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Frame-Options": "DENY",
}


def policy(*, media: bool) -> str:
    """The page's ``Content-Security-Policy``; with *media* pictures and sounds may come from anywhere."""
    elsewhere = _ELSEWHERE if media else ""
    return (
        "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
        f"img-src 'self'{elsewhere}; media-src 'self'{elsewhere}; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'"
    )


@frozen
class Page:
    """A Facebook Page that can be written to: its id, what it is called here, and its bot's time zone."""

    id: str
    name: str
    timezone: str = "UTC"


class Talking(Protocol):
    """What stands behind the window: a `Simulator`."""

    clock: Clock
    messages_api: API

    async def begin(self, payload: Payload) -> list[int | None]:
        """Deliver a webhook once; try again in the background."""
        ...

    def read(self, page: str, user: str) -> None:
        """Let a user look at what a page has sent."""
        ...

    def clear(self) -> None:
        """Let no more weather happen."""
        ...

    @property
    def weather(self) -> tuple[Weather, ...]:
        """The weather to come."""
        ...


Look = Callable[[str, str], Awaitable[Mapping[str, object]]]
Asked = Callable[[], Awaitable[Mapping[str, object]]]
Save = Callable[[str, str], str]


class Window:
    """The routes of the page: its files, its stream of events, and what its user does.

    *pages* are those that can be written to. *look* tells what the bot's side keeps of one conversation of a page and
    a user, *asked* what no bot has an answer to, *save* writes what was said as a test, and *clock* is the one that the
    bots see, for the page to move it; without them the page offers none of it.
    """

    def __init__(
        self,
        simulator: Talking,
        record: Record,
        *,
        pages: Sequence[Page],
        look: Look | None = None,
        asked: Asked | None = None,
        save: Save | None = None,
        clock: ShiftedClock | None = None,
    ) -> None:
        self._simulator = simulator
        self._record = record
        self._pages = pages
        self._look = look
        self._asked = asked
        self._save = save
        self._clock = clock
        self._problems: Sequence[str] = ()
        self._edition = 0

    def routes(self) -> list[web.RouteDef]:
        """The routes, for this machine only."""
        return [
            web.get("/", opened(_to_page)),
            web.get("/simulator", opened(_to_page)),
            web.get("/simulator/", opened(self._index)),
            web.get("/simulator/page/{name}", local(self._file)),
            web.get("/simulator/events", local(self._events)),
            web.get("/simulator/kept", local(told(self._kept))),
            web.get("/simulator/gaps", local(told(self._gaps))),
            web.get("/simulator/transcript", local(told(self._transcript))),
            web.post("/simulator/send", local(told(self._send))),
            web.post("/simulator/read", local(told(self._read))),
            web.post("/simulator/clock", local(told(self._shift))),
            web.delete("/simulator/weather", local(self._clear)),
        ]

    def show(self, *, pages: Sequence[Page] | None = None, problems: Sequence[str] = ()) -> None:
        """Show *problems* above everything, until the next call; and offer other *pages* from now on."""
        self._pages = self._pages if pages is None else pages
        self._problems = tuple(problems)
        self._edition += 1
        self._record.wake()

    # Files

    async def _index(self, request: web.Request) -> web.StreamResponse:
        return _answer("index.html", media=request.query.get("media") == "web")

    async def _file(self, request: web.Request) -> web.StreamResponse:
        return _answer(request.match_info["name"], media=False)

    # What happens

    async def _events(self, request: web.Request) -> web.StreamResponse:
        """Tell everything that is known, then everything that happens, until the page goes away."""
        stream = web.StreamResponse(headers={**_HEADERS, "Content-Type": "text/event-stream"})
        # A page that is closed says nothing: the next word finds nobody.
        with suppress(ConnectionError):
            await stream.prepare(request)
            await self._tell(stream)
        return stream

    async def _tell(self, stream: web.StreamResponse) -> None:
        await stream.write(b"retry: 500\n" + _event("hello", {}))
        number, state, is_told = 0, "", False
        while True:
            if (now := json.dumps(self._state())) != state:
                await stream.write(_event("state", self._state()))
                state = now
            if entries := self._record.since(number)[:_BATCH]:
                await stream.write(_event("entries", [entry.to_json() for entry in entries]))
                number = entries[-1].number
                continue
            if not is_told:
                await stream.write(_event("ready", {}))
                is_told = True
            await self._wait(stream, number)

    async def _wait(self, stream: web.StreamResponse, number: int) -> None:
        try:
            async with asyncio.timeout(_BEAT_SECONDS):
                await self._record.news(number)
        except TimeoutError:
            await stream.write(b": still here\n\n")

    def _state(self) -> dict[str, object]:
        return {
            "pages": [asdict(page) for page in self._pages],
            "weather": [
                {"mood": one.mood, "status": one.status, "times": one.times} for one in self._simulator.weather
            ],
            "offset_seconds": None if self._clock is None else self._clock.offset.total_seconds(),
            "has_panel": self._look is not None,
            "can_save": self._save is not None,
            "has_gaps": self._asked is not None,
            "edition": self._edition,
            "problems": self._problems,
        }

    # What its user does

    async def _send(self, request: web.Request) -> web.StreamResponse:
        """Send a message as a user: ``page``, ``user``, ``kind``, ``text`` and ``url``; the first answer comes back."""
        given = await _object(request)
        page, user, kind, text, url = (_text(given, name) for name in ("page", "user", "kind", "text", "url"))
        for name, party in (("page", page), ("user", user)):
            if not 1 <= len(party) <= 50:
                raise ValueError(f"A {name} has an id of 1 to 50 characters.")
        if kind == "text" and not text.strip():
            raise ValueError("There is nothing to say.")
        now = self._simulator.clock.now()
        payload = inbound(
            self._simulator.messages_api,
            page=page,
            user=user,
            now=now,
            kind=kind,
            text=text,
            url=url or None,
        )
        if kind in UNSUPPORTED:
            # The webhook will not say what it was: the page shows it all the same.
            self._record.add(
                "gesture", page=page, user=user, about=str(payload["message_uuid"]), at=now, facts={"as": kind}
            )
        answers = await self._simulator.begin(payload)
        return web.json_response({"id": payload["message_uuid"], "answers": answers})

    async def _read(self, request: web.Request) -> web.StreamResponse:
        """The user looks at a conversation."""
        given = await _object(request)
        self._simulator.read(_text(given, "page"), _text(given, "user"))
        return web.Response(status=204)

    async def _shift(self, request: web.Request) -> web.StreamResponse:
        """Move the clock that the bots see."""
        seconds = (await _object(request)).get("offset_seconds")
        if self._clock is None or isinstance(seconds, bool) or not isinstance(seconds, int | float):
            raise ValueError("offset_seconds is a number, and the bot's clock must be one that can be moved.")
        self._clock.shift(seconds)
        self._record.wake()
        return web.Response(status=204)

    async def _clear(self, request: web.Request) -> web.StreamResponse:
        """Let the sun shine."""
        self._simulator.clear()
        return web.Response(status=204)

    async def _kept(self, request: web.Request) -> web.StreamResponse:
        """What the bot's side keeps of one conversation now."""
        if self._look is None:
            raise ValueError("Nobody here knows what the bot keeps.")
        kept = await self._look(request.query.get("page", ""), request.query.get("user", ""))
        return web.json_response(kept, dumps=lambda value: json.dumps(value, default=str))

    async def _gaps(self, request: web.Request) -> web.StreamResponse:
        """What no bot has an answer to."""
        if self._asked is None:
            raise ValueError("Nobody here knows what was not understood.")
        return web.json_response(await self._asked())

    async def _transcript(self, request: web.Request) -> web.StreamResponse:
        """One conversation as a test, for the browser to keep as a file."""
        page, user = request.query.get("page", ""), request.query.get("user", "")
        text = "" if self._save is None else self._save(page, user)
        if not text:
            raise ValueError("There is nothing to save: nothing was said here.")
        name = re.sub(r"[^\w-]", "_", user, flags=re.ASCII)[:50]
        headers = {**_HEADERS, "Content-Disposition": f'attachment; filename="{name}.chat.txt"'}
        return web.Response(text=text, content_type="text/plain", charset="utf-8", headers=headers)


async def _to_page(request: web.Request) -> web.StreamResponse:
    return web.Response(status=302, headers={"Location": "/simulator/"})


def _answer(name: str, *, media: bool) -> web.Response:
    """One of the page's files, by its bare name."""
    file = files("botkit.simulator") / "page" / name
    kind = _TYPES.get(f".{name.rpartition('.')[2]}")
    if "/" in name or "\\" in name or name.startswith(".") or kind is None or not file.is_file():
        return web.Response(status=404, text="There is no such file.\n")
    headers = {**_HEADERS, "Content-Security-Policy": policy(media=media)}
    charset = "utf-8" if kind.startswith("text/") else None
    return web.Response(body=file.read_bytes(), content_type=kind, charset=charset, headers=headers)


def _event(name: str, value: object) -> bytes:
    return f"event: {name}\ndata: {json.dumps(value, default=str)}\n\n".encode()


async def _object(request: web.Request) -> Mapping[str, object]:
    try:
        found = json.loads(await request.text())
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise TypeError("This takes a JSON object.")
    return found


def _text(given: Mapping[str, object], name: str) -> str:
    found = given.get(name, "")
    if not isinstance(found, str):
        raise TypeError(f"{name} is text.")
    return found
