"""Webhooks in: which answer for which fault, and what is kept."""

import hashlib
import json
import time
from collections.abc import AsyncIterator
from pathlib import Path

import jwt
import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from botkit import Address, App, Bot, Chat, Text
from botkit.errors import DefinitionError, WindowClosed
from botkit.events import Event
from botkit.observe import Alarm, Happening, SystemClock
from botkit.settings import Account, Settings
from botkit.simulator import keys
from botkit.stores.sqlite import SQLite

SECRET, PAGE = "a secret of thirty-two bytes or more, really", "1070"
INBOUND, STATUS, COMBINED = "/webhooks/inbound-message", "/webhooks/message-status", "/webhooks"
KEY = keys.private_pem(keys.new_private_key())
ACCOUNT = Account(
    application_id="app", private_key=KEY, api_key="abc", signature_secrets=(SECRET,), base_url="http://127.0.0.1:9"
)


def message(uuid: str = "m1", page: str = PAGE) -> dict[str, object]:
    """An inbound text."""
    return {"channel": "messenger", "message_uuid": uuid, "to": page, "from": "2", "message_type": "text", "text": "hi"}


def signed(body: bytes, secret: str = SECRET, **claims: object) -> dict[str, str]:
    """The header that Vonage would send with *body*."""
    payload_hash = hashlib.sha256(body).hexdigest()
    everything = {"iat": int(time.time()), "api_key": "abc", "payload_hash": payload_hash, "iss": "Vonage"} | claims
    return {"Authorization": f"Bearer {jwt.encode(everything, secret, algorithm='HS256')}"}


class Forgetful(SQLite):
    """A store that can be told to fail."""

    failing = False

    async def accept(self, event: Event, *, set_aside: str | None = None) -> bool:
        """Fail, or do as every store."""
        if self.failing:
            await self.close()
        return await super().accept(event, set_aside=set_aside)


class World:
    """An app in an aiohttp application of somebody else's, and a client for it."""

    def __init__(self, store: Forgetful, app: App, client: "TestClient[web.Request, web.Application]") -> None:
        self.store = store
        self.app = app
        self.client = client
        self.told: list[Happening] = []

    async def post(self, payload: object, route: str = INBOUND, **claims: object) -> tuple[int, str]:
        """Post a signed webhook; the answer's status and text."""
        body = payload if isinstance(payload, bytes) else json.dumps(payload).encode()
        return await self.send(body, signed(body, **claims), route)  # type: ignore[arg-type]  # claims may be odd

    async def send(self, body: bytes, headers: dict[str, str], route: str = INBOUND) -> tuple[int, str]:
        """Post whatever it is."""
        async with self.client.post(route, data=body, headers=headers) as answer:
            return answer.status, await answer.text()


@pytest.fixture
async def world() -> AsyncIterator[World]:
    """A bot on one page, mounted in another application."""
    bot = Bot("shop", pages=[PAGE])
    opened: list[str] = []

    @bot.resource
    async def log() -> AsyncIterator[list[str]]:
        opened.append("open")
        yield opened
        opened.append("closed")

    @bot.on_status("rejected")
    async def rejected(chat: Chat, log: list[str]) -> None:
        log.append(chat.event.id)

    store = Forgetful(":memory:", clock=SystemClock())
    told: list[Happening] = []
    app = App(bot, settings=Settings(accounts=(ACCOUNT,)), store=store, observer=told.append)
    application = web.Application()

    async def own(request: web.Request) -> web.Response:
        return web.Response(text="mine")

    application.router.add_get("/own", own)
    app.mount(application)
    async with TestClient(TestServer(application)) as client:
        made = World(store, app, client)
        made.told = told
        yield made
    assert opened[0] == "open"
    assert opened[-1] == "closed"


async def test_a_message_is_kept_and_answered_200(world: World) -> None:
    """On its own route, on the combined one, and on the one for statuses too."""
    answers = [
        await world.post(message("m1")),
        await world.post(message("m2"), COMBINED),
        await world.post(message("m3"), STATUS),
        await world.post(message("m1")),
    ]

    assert answers == [(200, "")] * 4


async def test_a_status_is_taken_on_every_route(world: World) -> None:
    """Whatever the application's settings say."""
    status = {"channel": "messenger", "message_uuid": "u", "to": "2", "from": PAGE, "status": "delivered"}

    assert [(await world.post(status, route))[0] for route in (INBOUND, STATUS, COMBINED)] == [200, 200, 200]


async def test_a_page_that_no_bot_claims_is_a_dead_letter(world: World) -> None:
    """Nothing is lost: the message can be replayed once the page is configured."""
    answers = [await world.post(message("m1", page="77")), await world.post({**message("m2"), "channel": "sms"})]
    letters = await world.store.dead_letters()

    assert answers == [(200, "")] * 2
    assert {letter.reason for letter in letters} == {
        "no bot claims page 77 of messenger",
        "no bot claims page 1070 of sms",
    }


@pytest.mark.parametrize(
    ("claims", "answer"),
    [
        ({"secret": "another secret of thirty-two bytes or more"}, (503, "bad_signature")),
        ({"api_key": "unknown"}, (503, "unknown_api_key")),
        ({"api_key": 7}, (401, "bad_claims")),
        ({"payload_hash": None}, (401, "bad_claims")),
        ({"iat": "now"}, (401, "bad_claims")),
        ({"payload_hash": "0" * 64}, (401, "wrong_hash")),
        ({"iat": int(time.time()) - 26 * 3600}, (401, "too_old")),
        ({"iat": int(time.time()) + 86_400}, (401, "from_the_future")),
    ],
)
async def test_a_token_that_is_not_right_is_refused(
    world: World, claims: dict[str, object], answer: tuple[int, str]
) -> None:
    """What may come right is asked for again, what cannot is not."""
    status, _ = await world.post(message(), **claims)  # type: ignore[arg-type]  # claims are odd on purpose

    assert status == answer[0]
    assert (await world.store.backlog()).events == 0


async def test_a_rotation_gone_wrong_raises_an_alarm(world: World) -> None:
    """An operator is told, because users are not answered meanwhile."""
    await world.post(message(), secret="another secret of thirty-two bytes or more")
    await world.send(b"{}", {})

    assert [one.name for one in world.told if isinstance(one, Alarm)] == ["webhook_bad_signature"]


@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b"\xff", b'{"message_uuid": "x"}', b"[" * 100_000])
async def test_a_body_that_is_no_event_is_refused(world: World, body: bytes) -> None:
    """It will not mend."""
    assert (await world.post(body))[0] == 400


async def test_what_is_too_large_or_not_posted_is_refused(world: World) -> None:
    """Before anything is read of it."""
    large = await world.send(b"x" * (256 * 1024 + 1), {})
    async with world.client.get(INBOUND) as wrong:
        assert (large[0], wrong.status) == (413, 405)


async def test_a_store_that_fails_is_503(world: World) -> None:
    """Nothing is acknowledged that is not kept."""
    world.store.failing = True

    assert await world.post(message()) == (503, "store_unavailable")


async def test_while_it_stops_everything_is_asked_for_again(world: World) -> None:
    """The next process takes it."""
    world.app.server.take(taking=False)
    async with world.client.get("/health/ready") as ready, world.client.get("/health/live") as live:
        assert (await world.post(message()), ready.status, live.status) == ((503, "draining"), 503, 200)


async def test_the_application_it_is_mounted_in_keeps_its_own_routes(world: World) -> None:
    """A guest disturbs nobody."""
    async with world.client.get("/own") as own, world.client.get("/health/ready") as ready:
        assert (await own.text(), ready.status) == ("mine", 200)


async def test_an_app_sends_outside_a_turn_once_for_each_key(world: World) -> None:
    """To who has written today, or with a tag."""
    ann, stranger = Address("messenger", PAGE, "2"), Address("messenger", PAGE, "3")
    await world.post(message())
    first = await world.app.send(ann, "It has arrived.", key="order 7")
    again = await world.app.send(ann, "It has arrived.", key="order 7")
    with pytest.raises(WindowClosed):
        await world.app.send(stranger, "It has arrived.", key="order 7")
    tagged = await world.app.send(stranger, Text("Hello", tag="HUMAN_AGENT"), key="order 7")

    assert (first, again, tagged) == (True, False, True)


def test_two_bots_on_one_page_are_refused() -> None:
    """Nobody could tell who is to answer."""
    with pytest.raises(DefinitionError, match="Page 1 is claimed by bot 'a' and by bot 'b'"):
        App([Bot("a", pages=["1"]), Bot("b", pages=["1"])], settings=Settings(store=":memory:"))
    with pytest.raises(DefinitionError, match="Bot 'b' has no pages"):
        App([Bot("a", pages=["1"]), Bot("b")], settings=Settings(store=":memory:"))


def test_an_app_reads_a_file(tmp_path: Path) -> None:
    """A path is enough, and brings its settings along."""
    path = tmp_path / "bots.yaml"
    path.write_text(
        "version: 1\nstore: ':memory:'\nvonage: {api_key: a, api_secret: b, signature_secret: c}\n"
        "bots: {shop: {fallback: hi}}\n"
    )
    app = App(path)

    assert ([bot.name for bot in app.directory.bots], app.settings.store) == (["shop"], ":memory:")
