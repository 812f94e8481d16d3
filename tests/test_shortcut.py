"""The short cut of webhooks: what comes back is what an application would have answered."""

import asyncio
from collections.abc import AsyncIterator
from email.utils import parsedate_to_datetime

import pytest
from aiohttp import web

from botkit.observe import unobserved
from botkit.serving.connections import runner_of
from botkit.serving.shortcut import cut_short

HOOK = b"/hook HTTP/1.1\r\nHost: here\r\nContent-Length: 5\r\n"


@pytest.fixture
async def port() -> AsyncIterator[int]:
    """A server that takes what is posted to /hook, refuses what says so, and has a route of its own."""

    async def take(request: web.BaseRequest) -> tuple[int, str]:
        return (401, "bad_signature") if await request.read() == b"false" else (200, "kept")

    async def own(request: web.Request) -> web.Response:
        return web.Response(text=f"{request.method} {request.path}")

    application = web.Application()
    application.add_routes([web.get("/own", own), web.post("/hook", own)])
    runner = runner_of(application, unobserved)
    await runner.setup()
    assert runner.server is not None
    cut_short(runner.server, {"/hook": take})
    server = await asyncio.get_running_loop().create_server(runner.server, "127.0.0.1", 0)
    yield server.sockets[0].getsockname()[1]
    server.close()
    await runner.cleanup()


async def answers(port: int, *requests: bytes) -> list[tuple[str, dict[str, str], bytes]]:
    """Ask one after the other over one connection; gives status lines, headers and bodies until it is closed."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    found = []
    for request in requests:
        writer.write(request)
        head = (await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 10)).decode().splitlines()
        headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in head[1:-1])}
        found.append((head[0], headers, await reader.readexactly(int(headers.get("content-length", "0")))))
    writer.close()
    return found


async def test_what_is_taken_is_answered_200_and_the_connection_goes_on(port: int) -> None:
    first, second = await answers(port, b"POST " + HOOK + b"\r\n12345", b"POST " + HOOK + b"\r\n12345")
    assert first[0] == second[0] == "HTTP/1.1 200 OK"
    assert first[2] == b""
    assert parsedate_to_datetime(first[1]["date"]).tzinfo is not None


async def test_what_is_refused_is_told_why(port: int) -> None:
    (refused,) = await answers(port, b"POST " + HOOK + b"\r\nfalse")
    assert (refused[0], refused[2]) == ("HTTP/1.1 401 Unauthorized", b"bad_signature")


@pytest.mark.parametrize("hangs_up", [HOOK + b"Connection: close\r\n", HOOK.replace(b"1.1", b"1.0")])
async def test_whoever_wants_to_hang_up_is_hung_up_on(port: int, hangs_up: bytes) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"POST " + hangs_up + b"\r\n12345")
    whole = await asyncio.wait_for(reader.read(), 10)
    writer.close()
    assert whole.split(b"\r\n")[0].endswith(b" 200 OK")


@pytest.mark.parametrize(
    ("request_", "status", "body"),
    [
        (b"GET /own HTTP/1.1\r\nHost: here\r\n\r\n", "200 OK", b"GET /own"),
        (b"GET " + HOOK + b"\r\n12345", "405 Method Not Allowed", b"405: Method Not Allowed"),
        (b"POST /hook/ HTTP/1.1\r\nHost: here\r\nContent-Length: 0\r\n\r\n", "404 Not Found", b"404: Not Found"),
    ],
)
async def test_all_else_is_the_applications(port: int, request_: bytes, status: str, body: bytes) -> None:
    (found,) = await answers(port, request_)
    assert (found[0], found[2]) == (f"HTTP/1.1 {status}", body)


async def test_who_waits_to_be_told_to_go_on_is_told_by_the_application(port: int) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"POST " + HOOK + b"Expect: 100-continue\r\n\r\n")
    assert await asyncio.wait_for(reader.readline(), 10) == b"HTTP/1.1 100 Continue\r\n"
    writer.write(b"12345")
    assert (await asyncio.wait_for(reader.readuntil(b"/hook"), 10)).endswith(b"POST /hook")
    writer.close()
