"""Connections: strangers who say nothing, are too many, or speak no HTTP."""

import asyncio
import logging
import socket
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

import pytest
from aiohttp import web

from botkit.observe import Alarm, Happening, WebhookAnswered
from botkit.server import Body
from botkit.serving.connections import Connections, runner_of

ASKED = b"GET / HTTP/1.1\r\nHost: here\r\n\r\n"
POSTED = b"POST /hook HTTP/1.1\r\nHost: here\r\nContent-Length: 2\r\n\r\n{}"


class World:
    """A server on a port of its own, and what it tells."""

    connections: Connections

    def __init__(self) -> None:
        self.told: list[Happening] = []
        self.port = 0
        self.writers: list[asyncio.StreamWriter] = []

    async def connect(self, said: bytes = b"") -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """Open a connection and say something."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        self.writers.append(writer)
        writer.write(said)
        return reader, writer

    async def ask(self, said: bytes) -> bytes:
        """Say something over a new connection, and give the first line of what comes back."""
        reader, writer = await self.connect(said)
        line = await asyncio.wait_for(reader.readline(), 10)
        writer.close()
        return line.strip()


@asynccontextmanager
async def serving(*, limit: int = 100, head_seconds: float = 60, idle_seconds: float = 60) -> AsyncIterator[World]:
    """Serve one route, one that fails, and a webhook."""
    world, application = World(), web.Application()

    async def answer(request: web.Request) -> web.Response:
        try:
            await request.read()
        except web.RequestPayloadError:
            return web.Response(status=400)
        return web.Response(text="here")

    async def fail(request: web.Request) -> web.Response:
        raise KeyError(request.path)

    async def taken(authorization: str | None, body: Body) -> tuple[int, str]:
        return 200, "kept"

    application.add_routes([web.route("*", "/", answer), web.get("/fault", fail)])
    async with AsyncExitStack() as stack:
        runner = runner_of(application, world.told.append, idle_seconds=idle_seconds)
        await runner.setup()
        stack.push_async_callback(runner.cleanup)
        connections = Connections(
            runner,
            world.told.append,
            {"/hook": taken},
            limit=limit,
            head_seconds=head_seconds,
            idle_seconds=idle_seconds,
        )
        stack.callback(connections.close)
        world.connections = connections
        server = await asyncio.get_running_loop().create_server(connections, "127.0.0.1", 0)
        stack.callback(server.close)
        world.port = server.sockets[0].getsockname()[1]
        yield world
        for writer in world.writers:
            writer.close()


async def test_who_does_not_say_what_he_wants_is_hung_up_on() -> None:
    """A header that drips is none; who has asked may stay and ask again."""
    async with serving(head_seconds=0.05) as world:
        guest, guests_writer = await world.connect(ASKED)
        await guest.readuntil(b"here")
        silent, _ = await world.connect()
        dripping, _ = await world.connect(ASKED[:-1])
        closed = [await asyncio.wait_for(reader.read(), 10) for reader in (silent, dripping)]
        guests_writer.write(ASKED)

        assert closed == [b"", b""]
        assert await guest.readline() == b"HTTP/1.1 200 OK\r\n"


async def test_who_has_asked_and_falls_silent_is_hung_up_on_later() -> None:
    """Also in the middle of his next header."""
    async with serving(idle_seconds=0.05) as world:
        reader, writer = await world.connect(ASKED)
        await reader.readuntil(b"here")
        writer.write(ASKED[:-1])

        assert await asyncio.wait_for(reader.read(), 10) == b""


async def test_who_posts_webhooks_may_stay_as_long_as_he_does() -> None:
    """A proxy keeps its connections, and those it does not need any more are hung up on."""
    async with serving(head_seconds=0.02, idle_seconds=0.05) as world:
        reader, writer = await world.connect()
        now = asyncio.get_running_loop().time
        until = now() + 0.2
        while now() < until:
            writer.write(POSTED)
            assert (await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 10)).startswith(b"HTTP/1.1 200 OK")

        assert await asyncio.wait_for(reader.read(), 10) == b""


async def test_whose_header_has_come_in_time_may_say_the_rest_later() -> None:
    async with serving(head_seconds=0.02) as world:
        reader, writer = await world.connect(POSTED[:-1])
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(reader.read(1), 0.1)
        writer.write(POSTED[-1:])

        assert await asyncio.wait_for(reader.readline(), 10) == b"HTTP/1.1 200 OK\r\n"


@pytest.mark.parametrize("said", [ASKED, POSTED], ids=["asked", "posted"])
async def test_no_more_connections_than_may_be_are_open(said: bytes) -> None:
    """The next is closed at once and an operator hears of it; who goes makes room."""
    async with serving(limit=2) as world:
        guests = [await world.connect(said) for _ in range(2)]
        for reader, _ in guests:
            await reader.readuntil(b"\r\n\r\n")
        refused = await world.ask(ASKED)
        alarms = [one.name for one in world.told if isinstance(one, Alarm)]
        guests[0][1].close()
        async with asyncio.timeout(10):
            while await world.ask(ASKED) != b"HTTP/1.1 200 OK":
                pass

    assert (refused, alarms) == (b"", ["connections"])


async def test_many_that_come_at_once_are_counted_too() -> None:
    """They are all taken before the first of them is served."""
    async with serving(limit=2) as world:
        guests = [socket.create_connection(("127.0.0.1", world.port)) for _ in range(6)]
        answers = []
        for guest in guests:
            reader, writer = await asyncio.open_connection(sock=guest)
            world.writers.append(writer)
            writer.write(ASKED)
            try:
                answers.append(await asyncio.wait_for(reader.readline(), 10))
            except ConnectionError:
                answers.append(b"")

    assert answers == [*[b"HTTP/1.1 200 OK\r\n"] * 2, *[b""] * 4]


async def test_who_is_let_in_counts_however_late_he_is_open() -> None:
    """A loop such as uvloop tells of that some rounds later; who is never open counts no more after a while."""
    async with serving(limit=2, head_seconds=0.01) as world:
        for _ in range(2):
            world.connections()
        for _ in range(5):
            await asyncio.sleep(0)
        refused = await world.ask(ASKED)
        async with asyncio.timeout(10):
            while await world.ask(ASKED) != b"HTTP/1.1 200 OK":
                pass

    assert refused == b""


@pytest.mark.parametrize(
    "said",
    [
        b"GET / HTTP/9.9\r\nHost: here\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: here\r\nContent-Length: -1\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: here\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n",
        b"GET / HTTP/1.1\r\nHost: here\r\nAuthorization: Bearer secret" + b"x" * 9_000 + b"\r\n\r\n",
    ],
    ids=["version", "length", "chunk", "long token"],
)
async def test_what_is_no_http_is_counted_and_quoted_nowhere(
    said: bytes, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    """No stranger can fill the log with tracebacks, and no token gets into it."""
    async with serving() as world:
        line = await world.ask(said)

    assert line.startswith((b"HTTP/1.1 400", b"HTTP/1.0 400"))
    assert [(one.status, one.reason) for one in world.told if isinstance(one, WebhookAnswered)] == [(400, "no_http")]
    assert (caplog.records, capfd.readouterr().err) == ([], "")


async def test_a_body_that_is_not_packed_as_it_says_is_no_fault(caplog: pytest.LogCaptureFixture) -> None:
    """The route has refused it, and what comes after that is nobody's business."""
    async with serving() as world:
        line = await world.ask(
            b"POST / HTTP/1.1\r\nHost: here\r\nContent-Encoding: gzip\r\nContent-Length: 5000\r\n\r\n" + b"x" * 5_000
        )

    assert (line, world.told, caplog.records) == (b"HTTP/1.1 400 Bad Request", [], [])


async def test_a_fault_of_a_route_is_logged_under_a_name_of_ours(caplog: pytest.LogCaptureFixture) -> None:
    """It is the developer's to see, in the form that the log has."""
    async with serving() as world:
        line = await world.ask(b"GET /fault HTTP/1.1\r\nHost: here\r\n\r\n")

    assert (line, world.told) == (b"HTTP/1.1 500 Internal Server Error", [])
    assert [(one.levelno, one.getMessage()) for one in caplog.records] == [(logging.ERROR, "botkit.connections.fault")]
