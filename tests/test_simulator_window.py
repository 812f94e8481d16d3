"""The window's doors: files, a stream of what happens, and what a user does."""

import json
import socket
from collections.abc import AsyncIterator, Mapping
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from attrs import define

from botkit.simulator import Simulator, Weather
from botkit.simulator.clock import ShiftedClock
from botkit.simulator.record import Record
from botkit.simulator.window import Page, Window

PAGES = (Page("9107", "shop", "Europe/Berlin"), Page("9108", "bar"))


class Bot:
    """Takes every webhook and remembers it."""

    def __init__(self) -> None:
        self.heard: list[Mapping[str, Any]] = []

    async def take(self, request: web.Request) -> web.Response:
        self.heard.append(await request.json())
        return web.Response()


@define
class Served:
    """A simulator served together with its window, and the bot behind it."""

    simulator: Simulator
    window: Window
    clock: ShiftedClock
    bot: Bot

    async def ask(self, method: str, path: str, body: object = None) -> tuple[int, str]:
        """Knock at a door; returns status and text."""
        url = f"{self.simulator.base_url}{path}"
        async with aiohttp.ClientSession() as session, session.request(method, url, json=body) as answer:
            return answer.status, await answer.text()

    async def events(self, until: str) -> list[tuple[str, Any]]:
        """What the stream tells, up to the first event called *until*."""
        found: list[tuple[str, Any]] = []
        async with (
            aiohttp.ClientSession() as session,
            session.get(f"{self.simulator.base_url}/simulator/events") as stream,
        ):
            async for line in stream.content:
                if line.startswith(b"event: "):
                    name = line[7:].decode().strip()
                if line.startswith(b"data: "):
                    found.append((name, json.loads(line[6:])))
                    if name == until:
                        return found
        return found

    async def state(self) -> dict[str, Any]:
        """What a page that is opened now is told of the state of things."""
        return dict(await self.events("state"))["state"]  # type: ignore[no-any-return]  # a JSON object


async def look(page: str, user: str) -> Mapping[str, object]:
    """What a store keeps, in a test."""
    return {"of": [page, user]}


async def asked() -> Mapping[str, object]:
    """What was not understood, in a test: nothing."""
    return {"count": 0, "groups": []}


@pytest.fixture
async def served(aiohttp_server: Any) -> AsyncIterator[Served]:
    """A simulator with a window."""
    bot, clock, record, application = Bot(), ShiftedClock(), Record(), web.Application()
    application.router.add_post("/", bot.take)
    url = str((await aiohttp_server(application)).make_url("/"))
    simulator = Simulator(page="9107", inbound_url=url, status_url=url, record=record)
    window = Window(simulator, record, pages=PAGES, look=look, asked=asked, clock=clock)
    await simulator.serve(socket.create_server(("127.0.0.1", 0)), window.routes())
    yield Served(simulator, window, clock, bot)
    await simulator.close()


def message(**changed: object) -> dict[str, object]:
    """What a page sends where its user says hello."""
    return {"page": "9107", "user": "ann", "kind": "text", "text": "hello", **changed}


# Files


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("", "text/html; charset=utf-8"),
        ("page/main.js", "text/javascript; charset=utf-8"),
        ("page/base.css", "text/css; charset=utf-8"),
        ("page/sample.png", "image/png"),
        ("page/sample.mp3", "audio/mpeg"),
        ("page/mark.svg", "image/svg+xml"),
    ],
)
async def test_the_page_is_made_of_files(served: Served, path: str, kind: str) -> None:
    """Each comes as what it is, under a policy, and a browser guesses nothing."""
    url = f"{served.simulator.base_url}/simulator/{path}"
    async with aiohttp.ClientSession() as session, session.get(url) as answer:
        headers = answer.headers

    assert (answer.status, headers["Content-Type"], headers["X-Content-Type-Options"]) == (200, kind, "nosniff")
    assert headers["Content-Security-Policy"].startswith("default-src 'none'; script-src 'self'")


@pytest.mark.parametrize(
    "name",
    ["index.py", "../window.py", "..%2Fwindow.py", "..%5cwindow.py", "gone.js", ".js", "x"],
)
async def test_no_other_file_is_served(served: Served, name: str) -> None:
    """Not the package's own, not one that is not there."""
    assert (await served.ask("GET", f"/simulator/page/{name}"))[0] == 404


@pytest.mark.parametrize("path", ["/", "/simulator"])
async def test_the_front_door_leads_to_the_page(served: Served, path: str) -> None:
    """Whoever types the address that is announced sees it."""
    status, text = await served.ask("GET", path)

    assert (status, text.startswith("<!doctype html>")) == (200, True)


# What happens


async def test_whoever_opens_the_page_is_told_everything(served: Served) -> None:
    """Who can be written to, what was said, and then that this was all."""
    await served.ask("POST", "/simulator/send", message())
    names = [name for name, _ in await served.events("ready")]
    told = dict(await served.events("ready"))
    said, posted = told["entries"]

    assert names == ["hello", "state", "entries", "ready"]
    assert told["state"]["pages"][0] == {"id": "9107", "name": "shop", "timezone": "Europe/Berlin"}
    assert (told["state"]["has_panel"], told["state"]["offset_seconds"], told["state"]["weather"]) == (True, 0.0, [])
    assert (said["kind"], said["user"], said["facts"]["text"]) == ("said", "ann", "hello")
    assert (posted["kind"], posted["about"], posted["facts"]) == (
        "posted",
        said["about"],
        {"attempt": 1, "answer": 200},
    )


async def test_the_weather_and_problems_are_told(served: Served) -> None:
    """As they are, and no longer once they are over."""
    served.simulator.change(Weather(mood="duplicate", times=2))
    served.window.show(problems=("bots.yaml is wrong", "line 3"))
    before = await served.state()
    await served.ask("DELETE", "/simulator/weather")
    served.window.show(pages=PAGES[1:])
    after = await served.state()

    assert (before["weather"], before["problems"]) == (
        [{"mood": "duplicate", "status": 503, "times": 2}],
        ["bots.yaml is wrong", "line 3"],
    )
    assert (after["weather"], after["problems"], [page["id"] for page in after["pages"]]) == ([], [], ["9108"])


# What its user does


@pytest.mark.parametrize(
    ("kind", "url", "word", "gestures"),
    [
        ("text", None, "text", []),
        ("image", "https://a.example/b.png", "image", []),
        ("audio", "https://a.example/b.mp3", "audio", []),
        ("thumbs_up", None, "unsupported", ["thumbs_up"]),
        ("sticker", None, "unsupported", ["sticker"]),
    ],
)
async def test_what_is_sent_arrives_as_a_webhook(
    served: Served, kind: str, url: str | None, word: str, gestures: list[str]
) -> None:
    """In the form that the Messages API has for it; the page alone knows what the rest was."""
    status, text = await served.ask("POST", "/simulator/send", message(kind=kind, **({"url": url} if url else {})))
    (heard,) = served.bot.heard
    told = dict(await served.events("ready"))["entries"]

    assert (status, json.loads(text)) == (200, {"id": heard["message_uuid"], "answers": [200]})
    assert (heard["message_type"], heard["from"], heard["to"]) == (word, "ann", "9107")
    assert [entry["facts"]["as"] for entry in told if entry["kind"] == "gesture"] == gestures


@pytest.mark.parametrize(
    ("path", "body", "words"),
    [
        ("send", message(text=" "), "There is nothing to say."),
        ("send", message(user=""), "A user has an id of 1 to 50 characters."),
        ("send", message(page="9" * 51), "A page has an id of 1 to 50 characters."),
        ("send", message(kind="dance"), "Users send text, image"),
        ("send", message(kind="image"), "Users send text, image"),
        ("send", message(text=5), "text is text."),
        ("send", ["hello"], "This takes a JSON object."),
        ("clock", {"offset_seconds": "much"}, "offset_seconds is a number"),
        ("clock", {"offset_seconds": True}, "offset_seconds is a number"),
        ("clock", {"offset_seconds": 1e12}, "The clock can be moved by at most ten years."),
        ("clock", {}, "offset_seconds is a number"),
    ],
)
async def test_a_mistake_is_told(served: Served, path: str, body: object, words: str) -> None:
    """In a sentence, and nothing is sent."""
    status, text = await served.ask("POST", f"/simulator/{path}", body)

    assert (status, text.startswith(words)) == (400, True)
    assert served.bot.heard == []


async def test_the_clock_is_moved(served: Served) -> None:
    """By as much as the page says; the simulator's own stays as it is."""
    await served.ask("POST", "/simulator/clock", {"offset_seconds": 86_400})
    ahead = served.clock.now() - served.simulator.clock.now()

    assert round(ahead.total_seconds()) == 86_400
    assert (await served.state())["offset_seconds"] == 86_400


async def test_what_the_store_keeps_is_asked_for(served: Served) -> None:
    """By page and user."""
    assert await served.ask("GET", "/simulator/kept?page=9107&user=ann") == (200, '{"of": ["9107", "ann"]}')


async def test_what_was_not_understood_is_asked_for(served: Served) -> None:
    """And the page is told that it can be, and when the bots are others than before."""
    before = await served.state()
    served.window.show()
    after = await served.state()

    assert await served.ask("GET", "/simulator/gaps") == (200, '{"count": 0, "groups": []}')
    assert (before["has_gaps"], after["edition"] > before["edition"]) == (True, True)


async def test_without_a_bot_at_hand_there_is_the_chat_alone(aiohttp_server: Any) -> None:
    """The simulator as a program of its own knows no bots, and their clock is not its to move."""
    record = Record()
    simulator = Simulator(record=record)
    window = Window(simulator, record, pages=PAGES)
    await simulator.serve(socket.create_server(("127.0.0.1", 0)), window.routes())
    served = Served(simulator, window, ShiftedClock(), Bot())
    state = await served.state()
    kept = await served.ask("GET", "/simulator/kept?page=9107&user=ann")
    gaps = await served.ask("GET", "/simulator/gaps")
    moved = await served.ask("POST", "/simulator/clock", {"offset_seconds": 1})
    await simulator.close()

    assert (state["has_panel"], state["has_gaps"], state["offset_seconds"]) == (False, False, None)
    assert (kept[0], gaps[0], moved[0]) == (400, 400, 400)


DOORS = [
    ("GET", "/simulator/events"),
    ("GET", "/simulator/page/main.js"),
    ("GET", "/simulator/kept"),
    ("GET", "/simulator/gaps"),
    ("POST", "/simulator/send"),
    ("POST", "/simulator/read"),
    ("POST", "/simulator/clock"),
    ("DELETE", "/simulator/weather"),
]


@pytest.mark.parametrize(("method", "path"), [*DOORS, ("GET", "/"), ("GET", "/simulator/")])
@pytest.mark.parametrize("host", ["bot.example", "127.0.0.1.bot.example:9000", "[::1"])
async def test_a_foreign_host_is_refused(served: Served, method: str, path: str, host: str) -> None:
    """Every door is shut to a name that is not this machine's."""
    url = f"{served.simulator.base_url}{path}"
    async with aiohttp.ClientSession() as session, session.request(method, url, headers={"Host": host}) as answer:
        assert (answer.status, await answer.text()) == (403, "The simulator is for this machine only.\n")


@pytest.mark.parametrize(("method", "path"), [*DOORS, ("POST", "/simulator/say"), ("POST", "/simulator/weather")])
@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://bot.example"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1:3000"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site", "Origin": "http://127.0.0.1:3000"},
    ],
    ids=str,
)
async def test_a_foreign_page_is_refused(served: Served, method: str, path: str, headers: dict[str, str]) -> None:
    """Also one that another program on this machine serves."""
    url = f"{served.simulator.base_url}{path}"
    async with aiohttp.ClientSession() as session, session.request(method, url, headers=headers) as answer:
        assert answer.status == 403
