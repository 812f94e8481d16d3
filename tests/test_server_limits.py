"""Webhooks in: what is slow, large, too much or not meant for the routes, and a store that is gone."""

import asyncio
import gzip
import json
from collections.abc import AsyncIterator, Callable

import pytest
from aiohttp import ClientSession, web
from attrs import define, field

from botkit import Bot
from botkit.channels.vonage import Vonage
from botkit.directory import Directory
from botkit.events import Address, Event
from botkit.observe import EventRead, Happening, WebhookAnswered
from botkit.server import BODY_LIMIT, Server
from botkit.settings import Account, ServerSettings
from botkit.simulator.webhooks import Signer, inbound
from botkit.stores.sqlite import SQLite
from botkit.testing import FakeClock
from botkit.work import Backlog, Conversation

PAGE, INBOUND, LIVE, READY = "2206", "/webhooks/inbound-message", "/health/live", "/health/ready"
SIGNER = Signer("key-7", "the secret that webhooks of this test carry", "app-7")
ACCOUNT = Account(api_key="key-7", api_secret="s", signature_secrets=("the secret that webhooks of this test carry",))


class Jammed(SQLite):
    """A store that keeps nothing, and answers nothing, until its test lets it."""

    def __init__(self, clock: FakeClock) -> None:
        super().__init__(":memory:", clock=clock)
        self.free = asyncio.Event()
        self.free.set()
        self.counted = 0

    async def accept(self, event: Event, *, set_aside: str | None = None) -> bool:
        """Wait, then keep it."""
        await self.free.wait()
        return await super().accept(event, set_aside=set_aside)

    async def backlog(self) -> Backlog:
        """Count what waits, and that it was counted."""
        self.counted += 1
        return await super().backlog()

    async def conversation(self, address: Address) -> Conversation | None:
        """Wait, then look it up."""
        await self.free.wait()
        return await super().conversation(address)


@define
class World:
    """A server that is patient and soon busy, and a client for it."""

    clock: FakeClock
    store: Jammed
    server: Server
    client: ClientSession
    port: int
    told: list[Happening] = field(factory=list)

    async def post(self, text: str) -> tuple[int, str]:
        """Post what a user said."""
        body, headers = self.signed(text)
        async with self.client.post(INBOUND, data=body, headers=headers) as answer:
            return answer.status, await answer.text()

    def signed(self, text: str) -> tuple[bytes, dict[str, str]]:
        """A webhook and its header; its id is its text."""
        payload = inbound("v1", page=PAGE, user="41", now=self.clock.now(), text=text) | {"message_uuid": text}
        body = json.dumps(payload).encode()
        return body, {"Authorization": SIGNER.authorization(body, self.clock.now()) or ""}

    async def connect(self, head: str, rest: bytes = b"") -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """Begin a request of one's own over a connection of one's own."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        writer.write(f"{head}\r\nHost: here\r\n".encode() + rest)
        return reader, writer

    def wait_at_most(self, seconds: float) -> None:
        """Let the server wait so long for a body, and for its store; a busy machine may take its time otherwise."""
        self.server._read_seconds = seconds

    def reasons(self) -> list[tuple[int, str]]:
        """How webhooks were answered, in order."""
        return [(one.status, one.reason) for one in self.told if isinstance(one, WebhookAnswered)]


@pytest.fixture
async def world() -> AsyncIterator[World]:
    """A server that takes two webhooks at a time."""
    clock, told = FakeClock(), list[Happening]()
    store = Jammed(clock)
    await store.open()
    server = Server(
        store=store,
        desk=store,
        channel=Vonage([ACCOUNT], clock=clock),
        directory=Directory([Bot("shop", pages=[PAGE])]),
        observer=told.append,
        clock=clock,
        read_seconds=60,
        in_flight_limit=2,
    )
    server.take(taking=True)
    application = web.Application(client_max_size=BODY_LIMIT)
    application.add_routes(server.routes(ServerSettings()))
    runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    port = runner.addresses[0][1]
    async with ClientSession(f"http://127.0.0.1:{port}") as client:
        yield World(clock, store, server, client, port, told)
    await runner.cleanup()
    await store.close()


async def status_of(reader: asyncio.StreamReader) -> int:
    """The status of the answer on a connection."""
    return int((await asyncio.wait_for(reader.readline(), 10)).split()[1])


# What is slow


async def test_a_body_that_does_not_come_is_cut_off(world: World) -> None:
    """After the read deadline it is asked for again; what was promised and never came blocks nobody."""
    world.wait_at_most(0.1)
    body, headers = world.signed("slow")
    head = f"POST {INBOUND} HTTP/1.1\r\nAuthorization: {headers['Authorization']}\r\nContent-Length: {len(body)}"
    reader, writer = await world.connect(head, b"\r\n" + body[:-1])
    status = await status_of(reader)
    writer.close()
    world.wait_at_most(60)

    assert (status, world.reasons()) == (503, [(503, "slow_body")])
    assert await world.post("slow") == (200, "")


async def test_a_body_that_drips_is_cut_off_all_the_same(world: World) -> None:
    """The deadline is for the whole body, not for each of its bytes."""
    world.wait_at_most(0.1)
    reader, writer = await world.connect(f"POST {INBOUND} HTTP/1.1\r\nContent-Length: 100000", b"\r\n")

    async def drip() -> None:
        while True:
            writer.write(b"x")
            await asyncio.sleep(0.02)

    dripping = asyncio.create_task(drip())
    status = await status_of(reader)
    dripping.cancel()
    writer.close()

    assert status == 503


async def test_a_body_that_is_not_what_it_says_is_refused(world: World) -> None:
    """It will not mend: what is packed wrongly was sent wrongly."""
    async with world.client.post(INBOUND, data=b"not packed", headers={"Content-Encoding": "gzip"}) as answer:
        assert (answer.status, world.reasons()) == (400, [(400, "broken_body")])


# What is too much


async def test_beyond_its_bound_it_is_busy_and_nothing_is_lost(world: World) -> None:
    """What finds no room is answered 503 and comes again; what was being taken is kept."""
    world.store.free.clear()
    taken = [asyncio.create_task(world.post(text)) for text in ("one", "two")]
    await _until(lambda: len([one for one in world.told if isinstance(one, EventRead)]) == 2)
    refused = await world.post("three")
    world.store.free.set()
    answers = [await one for one in taken]
    again = await world.post("three")
    backlog = await world.store.backlog()

    assert (refused, answers, again) == ((503, "busy"), [(200, ""), (200, "")], (200, ""))
    assert backlog.events == 3


async def _until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not true():
            await asyncio.sleep(0)


async def test_a_client_that_goes_away_makes_room(world: World) -> None:
    """Connections that break in the middle of a body do not use up the bound until the read deadline."""
    begun = [await world.connect(f"POST {INBOUND} HTTP/1.1\r\nContent-Length: 9", b"\r\n{") for _ in range(2)]
    await _until_answered(world, (503, "busy"))
    for _, writer in begun:
        writer.transport.abort()
    await _until_answered(world, (200, ""))

    assert world.reasons().count((400, "broken_body")) == 2


async def _until_answered(world: World, answer: tuple[int, str]) -> None:
    async with asyncio.timeout(10):
        while await world.post("one") != answer:
            pass


# What is large


@pytest.mark.parametrize(("size", "status"), [(BODY_LIMIT, 503), (BODY_LIMIT + 1, 413)])
async def test_a_body_may_have_256_kilobytes(world: World, size: int, status: int) -> None:
    """One byte more is refused for good; 503 is what a body without a token is answered."""
    async with world.client.post(INBOUND, data=b" " * size) as answer:
        assert answer.status == status


@pytest.mark.parametrize(("size", "status"), [(BODY_LIMIT, 503), (BODY_LIMIT + 1, 413)])
async def test_a_body_that_does_not_say_its_length_has_the_same_limit(world: World, size: int, status: int) -> None:
    """It comes in chunks, and is counted as it comes."""

    async def chunks() -> AsyncIterator[bytes]:
        for start in range(0, size, 50_000):
            yield b" " * min(50_000, size - start)

    async with world.client.post(INBOUND, data=chunks()) as answer:
        assert answer.status == status


async def test_a_packed_body_may_not_be_larger_either(world: World) -> None:
    """A few kilobytes that would unpack to many megabytes are not unpacked."""
    packed = gzip.compress(b" " * 20_000_000)
    async with world.client.post(INBOUND, data=packed, headers={"Content-Encoding": "gzip"}) as answer:
        assert (len(packed) < BODY_LIMIT, answer.status) == (True, 413)


async def test_a_large_body_is_refused_before_it_is_read(world: World) -> None:
    """What its header says is enough."""
    reader, writer = await world.connect(f"POST {INBOUND} HTTP/1.1\r\nContent-Length: {BODY_LIMIT + 1}", b"\r\n")
    status = await status_of(reader)
    writer.close()

    assert status == 413


# What is not meant for the routes


@pytest.mark.parametrize("route", [INBOUND, "/webhooks/message-status", "/webhooks"])
@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "PATCH", "DELETE", "OPTIONS"])
async def test_webhooks_are_posted(world: World, route: str, method: str) -> None:
    """Anything else is 405, and is told what would do."""
    async with world.client.request(method, route) as answer:
        assert (answer.status, answer.headers["Allow"]) == (405, "POST")


@pytest.mark.parametrize("route", [LIVE, READY])
async def test_health_is_asked_for_by_get_or_head(world: World, route: str) -> None:
    """Probes use either; a POST is none."""
    async with (
        world.client.get(route) as got,
        world.client.head(route) as head,
        world.client.post(route) as posted,
    ):
        assert (got.status, head.status, await head.read(), posted.status) == (200, 200, b"", 405)


# A store that is gone


async def health(world: World) -> tuple[int, int, str]:
    """What the probes are answered, and why."""
    async with world.client.get(LIVE) as live, world.client.get(READY) as ready:
        return live.status, ready.status, (await ready.json()).get("why", "")


async def test_a_store_that_is_closed_makes_the_process_unready(world: World) -> None:
    """It lives, but must be sent nothing."""
    await world.store.close()

    assert await health(world) == (200, 503, "the store does not answer")
    assert await world.post("one") == (503, "store_unavailable")


async def test_a_probe_does_not_count_what_waits(world: World) -> None:
    """Anybody may ask, and a long backlog would be counted by the thread that keeps what comes in."""
    assert (await health(world), world.store.counted) == ((200, 200, ""), 0)


async def test_a_store_that_hangs_makes_the_process_unready(world: World) -> None:
    """A probe is answered in time all the same, and once the store answers the process is ready again."""
    world.store.free.clear()
    world.wait_at_most(0.1)
    hanging = await health(world)
    world.wait_at_most(60)
    world.store.free.set()

    assert (hanging, await health(world)) == ((200, 503, "the store does not answer"), (200, 200, ""))
