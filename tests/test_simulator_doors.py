"""Ways into a running simulator, for people with curl and for tests in other processes."""

import asyncio
import json
from base64 import b64encode
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
import pytest
from aiohttp import web

from botkit.simulator import Simulator
from botkit.simulator.doors import said
from botkit.simulator.webhooks import inbound

FORM = {"Content-Type": "application/x-www-form-urlencoded"}


class Parrot:
    """A bot that says again what it is told, to whoever told it."""

    def __init__(self, simulator: Simulator) -> None:
        self.simulator = simulator
        self.bodies: list[bytes] = []
        self.status = 200
        self._tasks: set[asyncio.Task[None]] = set()

    async def inbound(self, request: web.Request) -> web.Response:
        self.bodies.append(await request.read())
        if self.bodies[-1].startswith(b'{"channel"'):
            self._tasks.add(asyncio.create_task(self.repeat(json.loads(self.bodies[-1]))))
        return web.Response(status=self.status)

    async def repeat(self, payload: dict[str, Any]) -> None:
        credentials = b64encode(f"{self.simulator.api_key}:{self.simulator.api_secret}".encode()).decode()
        body = {**payload, "to": payload["from"], "from": payload["to"]}
        del body["message_uuid"], body["timestamp"]
        url, headers = f"{self.simulator.base_url}/v1/messages", {"Authorization": f"Basic {credentials}"}
        async with aiohttp.ClientSession() as session, session.post(url, json=body, headers=headers) as answer:
            assert answer.status == 202


@pytest.fixture
async def simulator() -> AsyncIterator[Simulator]:
    """A simulator that another process might run."""
    async with Simulator(page="9107", quiet_seconds=0.05, retry_factor=0.0001) as simulator:
        yield simulator


@pytest.fixture
async def parrot(simulator: Simulator, aiohttp_server: Any) -> Parrot:
    """The bot behind it."""
    parrot = Parrot(simulator)
    application = web.Application()
    application.router.add_post("/", parrot.inbound)
    simulator.inbound_url = str((await aiohttp_server(application)).make_url("/"))
    return parrot


async def ask(simulator: Simulator, method: str, path: str, body: str | bytes = b"", **headers: str) -> tuple[int, str]:
    """Knock at a door; returns status and text."""
    url, sent = f"{simulator.base_url}{path}", headers or FORM
    async with aiohttp.ClientSession() as session, session.request(method, url, data=body, headers=sent) as answer:
        return answer.status, await answer.text()


# Saying


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("hello", {"text": "hello"}),
        ("What's 50% + a = b & c?", {"text": "What's 50% + a = b & c?"}),
        ("user=ann", {"text": "user=ann"}),
        ("text=a&colour=b", {"text": "text=a&colour=b"}),
        ("[1]", {"text": "[1]"}),
        ("42", {"text": "42"}),
        ("{hello", {"text": "{hello"}),
        ("two\nlines", {"text": "two\nlines"}),
        ('{"text": "hello"}', {"text": "hello"}),
        ('{"text": "hello", "page": "7", "user": "ann"}', {"text": "hello", "page": "7", "user": "ann"}),
        ('{"kind": "image", "url": "https://a.example/b"}', {"kind": "image", "url": "https://a.example/b"}),
        ("text=hello+there%21&user=ann&page=7", {"text": "hello there!", "user": "ann", "page": "7"}),
        ("text=hi\r\n", {"text": "hi"}),
    ],
)
def test_what_is_said_may_be_text_json_or_a_form(body: str, expected: dict[str, str]) -> None:
    """The body is the text, unless it unmistakably says more."""
    assert said(body) == expected


@pytest.mark.parametrize(
    "body", ["", '{"text": ""}', '{"user": "ann"}', '{"text": 5}', '{"text": "a", "to": "b"}', "{}"]
)
def test_what_says_nothing_is_refused(body: str) -> None:
    """Nobody is left waiting for the answer to nothing."""
    with pytest.raises(ValueError, match=r"nothing to say|say takes strings named"):
        said(body)


@pytest.mark.parametrize(
    ("body", "party"),
    [
        ("hello", ("9107", "2")),
        ('{"text": "hello", "page": "7", "user": "ann"}', ("7", "ann")),
        ("text=hello", ("9107", "2")),
    ],
)
async def test_saying_prints_the_answer(
    simulator: Simulator, parrot: Parrot, body: str, party: tuple[str, str]
) -> None:
    """A line of curl is a turn of a conversation, and works again with an id of its own."""
    answers = [await ask(simulator, "POST", "/simulator/say", body) for _ in range(2)]
    ids = {json.loads(one)["message_uuid"] for one in parrot.bodies}

    assert answers == [(200, "hello\n")] * 2
    assert [(one.page, one.user) for one in simulator.accepted] == [party] * 2
    assert len(ids) == 2


async def test_saying_nothing_is_told(simulator: Simulator, parrot: Parrot) -> None:
    """A mistake is a sentence and a 400."""
    status, text = await ask(simulator, "POST", "/simulator/say")

    assert (status, text) == (400, "There is nothing to say: send the text as the body.\n")


@pytest.mark.parametrize(
    ("path", "charset", "body", "told"),
    [
        ("say", "utf-8", b"caf\xe9", "The body is not in utf-8."),
        ("weather", "utf-8", b"caf\xe9", "The body is not in utf-8."),
        ("say", "klingon", b"nuqneH", "The body is not in klingon."),
        ("weather", "utf-8", b"[" * 100_000, "The weather is no JSON: it is nested too deep."),
    ],
)
async def test_a_body_that_cannot_be_read_is_told(
    simulator: Simulator, parrot: Parrot, path: str, charset: str, body: bytes, told: str
) -> None:
    """A terminal with another encoding sends such."""
    headers = {"Content-Type": f"text/plain; charset={charset}"}

    assert await ask(simulator, "POST", f"/simulator/{path}", body, **headers) == (400, f"{told}\n")


async def test_saying_to_nobody_is_told(simulator: Simulator) -> None:
    """Whoever started it without a bot is told how to name one."""
    status, text = await ask(simulator, "POST", "/simulator/say", "hello")

    assert (status, text.endswith("set inbound_url, or --inbound URL.\n")) == (400, True)


async def test_a_bot_that_refuses_is_told(simulator: Simulator, parrot: Parrot) -> None:
    """Where there will be no answer, the reason is printed."""
    parrot.status = 401
    status, text = await ask(simulator, "POST", "/simulator/say", '{"text": "hello", "kind": "text"}')

    assert (status, text) == (504, "The bot answered the webhook with 401: Vonage will not send it again.\n")


# Raw payloads


async def test_a_payload_is_signed_and_delivered_as_it_is(simulator: Simulator, parrot: Parrot) -> None:
    """The bytes that are sent are the bytes that arrive."""
    raw = b'{ "message_type" : "text" }'
    answer = await ask(simulator, "POST", "/simulator/inbound", raw)

    assert (answer, parrot.bodies) == ((200, '{"answers": [200]}'), [raw])
    assert simulator.posted[0].authorization is not None


async def test_a_payload_may_be_copied_and_left_unsigned(simulator: Simulator, parrot: Parrot) -> None:
    """How often and how signed stands in the URL."""
    status, text = await ask(simulator, "POST", "/simulator/inbound?copies=3&signing=none", b"{}")

    assert (status, json.loads(text)) == (200, {"answers": [200, 200, 200]})
    assert [one.authorization for one in simulator.posted] == [None] * 3


async def test_the_first_answer_is_told(simulator: Simulator, parrot: Parrot) -> None:
    """Nobody waits a day: the answer is the first, and further tries go on."""
    parrot.status = 503
    status, text = await ask(simulator, "POST", "/simulator/inbound", b"{}")
    parrot.status = 200
    await simulator.finish()

    assert (status, json.loads(text)) == (200, {"answers": [503]})
    assert [one.answer for one in simulator.posted][-1] == 200


@pytest.mark.parametrize("query", ["signing=well", "copies=0", "copies=-1", "copies=many", "copies=1001"])
async def test_odd_wishes_for_a_payload_are_refused(simulator: Simulator, parrot: Parrot, query: str) -> None:
    """A mistake is a sentence, and nothing is delivered."""
    status, text = await ask(simulator, "POST", f"/simulator/inbound?{query}", b"{}")

    assert (status, text.startswith("signing must be one of right, none")) == (400, True)
    assert parrot.bodies == []


# Weather


async def test_weather_is_changed_from_outside(simulator: Simulator, parrot: Parrot) -> None:
    """Another process decides how the next webhook fares."""
    changed = await ask(simulator, "POST", "/simulator/weather", '{"mood": "duplicate"}')
    await ask(simulator, "POST", "/simulator/inbound", b"{}")

    assert (changed, len(parrot.bodies)) == ((204, ""), 2)


async def test_several_weathers_are_changed_at_once_or_not_at_all(simulator: Simulator, parrot: Parrot) -> None:
    """A list is taken whole; one mistake in it changes nothing."""
    good = await ask(simulator, "POST", "/simulator/weather", '[{"mood": "duplicate"}, {"status": 429, "times": 2}]')
    bad = await ask(simulator, "POST", "/simulator/weather", '[{"mood": "hold_back"}, {"mood": "sunny"}]')

    assert (good[0], bad[0]) == (204, 400)
    assert [one.mood for one in simulator._forecast._coming] == ["duplicate", "answer"]


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("", "The weather is no JSON: Expecting value"),
        ("7", "Weather is a JSON object of mood, page, problem"),
        ('{"mud": 1}', "Weather is a JSON object of mood, page, problem"),
        ('{"mood": "sunny"}', "'mood' must be in"),
        ('{"status": "429"}', "'status' must be <class 'int'>"),
        ('{"mood": "statuses", "statuses": ["Read!"]}', "'Read!' is no status"),
        ('{"statuses": "read"}', "statuses must be a list"),
    ],
)
async def test_what_is_no_weather_is_told(simulator: Simulator, body: str, words: str) -> None:
    """A mistake is a sentence that names the field."""
    status, text = await ask(simulator, "POST", "/simulator/weather", body)

    assert (status, text.startswith(words), "attr" in text.lower()) == (400, True, False)


# Looking


async def test_what_was_accepted_can_be_read(simulator: Simulator, parrot: Parrot) -> None:
    """Another process sees what users would see, and everything about it."""
    await simulator.say("hello", user="ann")
    status, text = await ask(simulator, "GET", "/simulator/accepted")
    (found,), (accepted,) = json.loads(text), simulator.accepted

    assert status == 200
    assert found == {
        "message_uuid": accepted.message_uuid,
        "page": "9107",
        "user": "ann",
        "kind": "text",
        "text": "hello",
        "url": None,
        "client_ref": None,
        "api": "v1",
        "authorised_by": "basic",
        "at": accepted.at.isoformat(),
        "raw": {"channel": "messenger", "message_type": "text", "to": "ann", "from": "9107", "text": "hello"},
    }


async def test_what_was_posted_can_be_read(simulator: Simulator, parrot: Parrot) -> None:
    """Another process sees how each webhook was answered."""
    await simulator.deliver(b"\xff")
    status, text = await ask(simulator, "GET", "/simulator/posted")
    (found,) = json.loads(text)

    assert (status, found["url"], found["attempt"], found["answer"]) == (200, simulator.inbound_url, 1, 200)
    assert found["body"] == "\N{REPLACEMENT CHARACTER}"


# This machine only

DOORS = [
    ("POST", "/v1/messages"),
    ("POST", "/v0.1/messages"),
    ("POST", "/simulator/say"),
    ("POST", "/simulator/inbound"),
    ("POST", "/simulator/weather"),
    ("GET", "/simulator/accepted"),
    ("GET", "/simulator/posted"),
]


@pytest.mark.parametrize(("method", "path"), DOORS)
@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "bot.example"},
        {"Host": "127.0.0.1.bot.example:9000"},
        {"Host": "localhost.bot.example"},
        {"Host": "bot.example@127.0.0.1.example"},
        {"Host": "[fe80::1]:9000"},
        {"Host": "[::1"},
        {"Host": "2130706433"},
        {"Origin": "https://bot.example"},
        {"Origin": "null"},
        {"Host": "127.0.0.1:9000", "Origin": "http://127.0.0.1:3000"},
        {"Host": "127.0.0.1:9000", "Origin": "http://localhost:9000"},
        {"Origin": "http://[::1"},
    ],
    ids=str,
)
async def test_strangers_are_refused(simulator: Simulator, method: str, path: str, headers: dict[str, str]) -> None:
    """A tunnel, a name that was rebound and a foreign page make loopback public; every door is shut to them."""
    assert await ask(simulator, method, path, "hi", **headers) == (403, "The simulator is for this machine only.\n")


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "localhost"},
        {"Host": "LOCALHOST:9000"},
        {"Host": "127.0.0.1"},
        {"Host": "[::1]:9000"},
        {"Host": "[::1]"},
        {"Host": "localhost:9000", "Origin": "http://localhost:9000"},
        {"Host": "127.0.0.1:9000", "Origin": "http://127.0.0.1:9000"},
        {"Host": "localhost", "Origin": "https://LOCALHOST"},
    ],
    ids=str,
)
async def test_this_machine_has_several_names(simulator: Simulator, headers: dict[str, str]) -> None:
    """Whoever names this machine is let in."""
    assert await ask(simulator, "GET", "/simulator/accepted", **headers) == (200, "[]")


async def test_it_can_be_mounted_below_a_prefix(aiohttp_server: Any) -> None:
    """`botkit run --dev` serves the API below a path of its own, next to the bot's webhooks."""
    simulator = Simulator()
    application = web.Application()
    application.add_routes(simulator.routes("/simulator"))
    await simulator.open()
    server = await aiohttp_server(application)
    simulator.base_url = f"{str(server.make_url('')).rstrip('/')}/simulator"
    await Parrot(simulator).repeat(inbound("v1", page="9107", user="61", now=simulator.clock.now(), text="hi"))
    await simulator.close()

    assert simulator.shown("9107", "61") == ("hi",)
