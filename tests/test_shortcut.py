"""The short cut of webhooks: what comes back is what an application would have answered, and all else is its own."""

import asyncio
import logging
from collections.abc import AsyncIterator
from email.utils import parsedate_to_datetime
from itertools import pairwise

import pytest
from aiohttp import web
from aiohttp.base_protocol import BaseProtocol
from aiohttp.http_exceptions import HttpProcessingError
from aiohttp.http_parser import HttpRequestParser
from hypothesis import given
from hypothesis import strategies as st

from botkit.observe import unobserved
from botkit.server import Body
from botkit.serving import shortcut
from botkit.serving.connections import Connections, runner_of
from botkit.serving.posted import Posted
from botkit.serving.shortcut import WHOLE_LIMIT

HOOK = b"/hook HTTP/1.1\r\nHost: here\r\nContent-Length: 5\r\n"
POST = b"POST " + HOOK + b"\r\n"
#: What the application answers to what is not taken here.
ITS_OWN = b"POST /hook"


class World:
    """A server that takes what is posted to /hook, refuses what says so, and has routes of its own."""

    def __init__(self) -> None:
        self.port = 0
        self.is_taking = asyncio.Event()
        self.is_taking.set()
        self.taken: list[tuple[str | None, Body]] = []

    async def take(self, authorization: str | None, body: Body) -> tuple[int, str]:
        """Take a webhook, once it may."""
        self.taken.append((authorization, body))
        await self.is_taking.wait()
        if body == b"fault":
            raise KeyError("what a user said")
        return (401, "bad_signature") if body == b"false" else (200, "kept")

    async def answers(self, *pieces: bytes, of: int = 1) -> list[tuple[str, dict[str, str], bytes]]:
        """Say the *pieces* over one connection; gives the status lines, headers and bodies of what comes back.

        After each piece so many answers are waited for as come *of* it.
        """
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        found = []
        for piece in pieces:
            writer.write(piece)
            for _ in range(of):
                head = (await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 10)).decode().splitlines()
                headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in head[1:-1])}
                found.append((head[0], headers, await reader.readexactly(int(headers.get("content-length", "0")))))
        writer.close()
        return found


@pytest.fixture
async def world(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[World]:
    """The server, on a port of its own; it waits for the rest of a webhook as long as a test may take."""
    monkeypatch.setattr(shortcut, "WHOLE_SECONDS", 3_600)
    world, application = World(), web.Application()

    async def own(request: web.Request) -> web.Response:
        await request.read()
        return web.Response(text=f"{request.method} {request.path}")

    application.add_routes([web.get("/own", own), web.post("/hook", own)])
    runner = runner_of(application, unobserved)
    await runner.setup()
    connections = Connections(runner, unobserved, {"/hook": world.take})
    server = await asyncio.get_running_loop().create_server(connections, "127.0.0.1", 0)
    world.port = server.sockets[0].getsockname()[1]
    yield world
    server.close()
    connections.close()
    await runner.cleanup()


async def test_what_is_taken_is_answered_200_and_the_connection_goes_on(world: World) -> None:
    first, second = await world.answers(POST + b"12345", POST + b"12346")
    assert first[0] == second[0] == "HTTP/1.1 200 OK"
    assert first[2] == b""
    assert parsedate_to_datetime(first[1]["date"]).tzinfo is not None
    assert world.taken == [(None, b"12345"), (None, b"12346")]


async def test_what_it_is_signed_with_is_told(world: World) -> None:
    await world.answers(POST.replace(b"\r\n\r\n", b"\r\nauthorization:  Bearer a.b.\xc3\xbc\r\n\r\n") + b"12345")
    ((authorization, _),) = world.taken
    assert (authorization or "").split() == ["Bearer", "a.b.ü"]


async def test_what_is_refused_is_told_why(world: World) -> None:
    (refused,) = await world.answers(POST + b"false")
    assert (refused[0], refused[2]) == ("HTTP/1.1 401 Unauthorized", b"bad_signature")


async def test_a_fault_is_logged_without_a_users_words(world: World, caplog: pytest.LogCaptureFixture) -> None:
    """The webhook is sent again, and the connection goes on."""
    failed, taken = await world.answers(POST + b"fault", POST + b"12345")
    assert (failed[0], taken[0]) == ("HTTP/1.1 500 Internal Server Error", "HTTP/1.1 200 OK")
    (record,) = caplog.records
    assert (record.levelno, record.getMessage()) == (logging.ERROR, "botkit.shortcut.fault")
    assert "what a user said" not in str(vars(record))


async def heard(rounds: int = 10) -> None:
    """Return when the server, which runs in the same loop, has heard what was said."""
    for _ in range(rounds):
        await asyncio.sleep(0)


async def said_slowly(world: World, *pieces: bytes) -> bytes:
    """Say the pieces one after the other; gives the beginning of the answer."""
    reader, writer = await asyncio.open_connection("127.0.0.1", world.port)
    for piece in pieces:
        writer.write(piece)
        await heard()
    found = await asyncio.wait_for(reader.readline(), 10)
    writer.close()
    return found


async def test_a_webhook_may_come_in_pieces(world: World) -> None:
    """As from a proxy that sends the header first, or where packets are small."""
    assert await said_slowly(world, POST, b"12", b"345") == b"HTTP/1.1 200 OK\r\n"
    assert world.taken == [(None, b"12345")]


async def test_what_does_not_come_in_time_is_the_applications_to_wait_for(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shortcut, "WHOLE_SECONDS", 0)
    assert await said_slowly(world, POST + b"12", b"3", b"45") == b"HTTP/1.1 200 OK\r\n"
    assert world.taken == []


async def test_a_header_that_comes_slowly_is_waited_for(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is nobody's yet, and neither are line ends before it."""
    monkeypatch.setattr(shortcut, "WHOLE_SECONDS", 0)
    assert await said_slowly(world, b"\r", b"\n", POST[:9], POST[9:-1], POST[-1:] + b"12345") == b"HTTP/1.1 200 OK\r\n"
    assert world.taken == [(None, b"12345")]


async def test_who_hangs_up_in_the_middle_is_forgotten(world: World) -> None:
    _, writer = await asyncio.open_connection("127.0.0.1", world.port)
    writer.write(POST + b"12")
    await heard()
    writer.close()
    await writer.wait_closed()
    assert [answer[2] for answer in await world.answers(POST + b"12345")] == [b""]
    assert world.taken == [(None, b"12345")]


async def test_who_does_not_wait_for_an_answer_gets_all_in_order(world: World) -> None:
    """What comes together is the application's."""
    found = await world.answers(POST + b"12345" + b"GET /own HTTP/1.1\r\nHost: here\r\n\r\n", of=2)
    assert [body for _, _, body in found] == [ITS_OWN, b"GET /own"]


async def test_what_comes_before_the_answer_is_answered_after_it(world: World) -> None:
    world.is_taking.clear()
    reader, writer = await asyncio.open_connection("127.0.0.1", world.port)
    writer.write(POST + b"false")
    await heard()
    writer.write(b"GET /own HTTP/1.1\r\nHost: here\r\n\r\n")
    await heard()
    world.is_taking.set()
    first = await asyncio.wait_for(reader.readuntil(b"bad_signature"), 10)
    second = await asyncio.wait_for(reader.readuntil(b"GET /own"), 10)
    writer.close()
    assert (first[:12], second[:12]) == (b"HTTP/1.1 401", b"HTTP/1.1 200")


async def test_a_webhook_that_comes_before_the_answer_to_the_last_one_is_taken_after_it(world: World) -> None:
    world.is_taking.clear()
    reader, writer = await asyncio.open_connection("127.0.0.1", world.port)
    for said in (POST + b"false", b"\r\n", POST[:9], POST[9:] + b"12345"):
        writer.write(said)
        await heard()
    assert world.taken == [(None, b"false")]
    world.is_taking.set()
    answers = [await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 10) for _ in range(2)]
    writer.close()
    assert [one.removeprefix(b"bad_signature")[:12] for one in answers] == [b"HTTP/1.1 401", b"HTTP/1.1 200"]
    assert world.taken == [(None, b"false"), (None, b"12345")]


async def test_no_more_is_held_than_was_said_at_once_while_a_webhook_is_taken(world: World) -> None:
    world.is_taking.clear()
    _, writer = await asyncio.open_connection("127.0.0.1", world.port)
    writer.write(POST + b"12345")
    await heard()
    writer.write(b"x" * 50_000_000)
    await heard(rounds=1_000)
    left = writer.transport.get_write_buffer_size()
    world.is_taking.set()
    writer.transport.abort()
    assert left > 25_000_000


@pytest.mark.parametrize("hangs_up", [HOOK + b"Connection: close\r\n", HOOK.replace(b"1.1", b"1.0")])
async def test_whoever_wants_to_hang_up_is_hung_up_on(world: World, hangs_up: bytes) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", world.port)
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
        (b"POST /hook?a=b HTTP/1.1\r\nHost: here\r\nContent-Length: 0\r\n\r\n", "200 OK", ITS_OWN),
        (
            b"POST /hook HTTP/1.1\r\nHost: here\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n12345\r\n0\r\n\r\n",
            "200 OK",
            ITS_OWN,
        ),
    ],
)
async def test_all_else_is_the_applications(world: World, request_: bytes, status: str, body: bytes) -> None:
    (found,) = await world.answers(request_)
    assert (found[0], found[2], world.taken) == (f"HTTP/1.1 {status}", body, [])


GET = b"GET /own HTTP/1.1\r\nHost: here\r\n\r\n"


async def test_who_asks_for_something_else_may_ask_on_and_is_hung_up_on_after_his_next_webhook(world: World) -> None:
    """A proxy that keeps its connections comes back over a new one, by the short cut."""
    found = await world.answers(POST + b"12345", GET, GET, POST + b"12346")
    assert [body for _, _, body in found] == [b"", b"GET /own", b"GET /own", ITS_OWN]
    assert [headers.get("connection") for _, headers, _ in found] == [None, None, None, "close"]


async def test_webhooks_that_come_together_are_all_answered_first(world: World) -> None:
    found = await world.answers((POST + b"12345") * 3, of=3)
    assert [body for _, _, body in found] == [ITS_OWN] * 3
    assert [headers.get("connection") for _, headers, _ in found] == [None, None, "close"]


@pytest.mark.parametrize(
    "odd",
    [
        POST.replace(b"/hook", b"/hook?a=b") + b"12345",
        POST.replace(b"Host", b"Via: a\r\nVia: b\r\nHost") + b"12345",
        POST.replace(b": 5", b": %d" % WHOLE_LIMIT) + b"x" * WHOLE_LIMIT,
        b"POST /hook HTTP/1.1\r\nHost: here\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n12345\r\n0\r\n\r\n",
    ],
    ids=["query", "twice", "long", "chunked"],
)
async def test_whose_webhooks_are_of_another_form_may_stay(world: World, odd: bytes) -> None:
    """A new connection would not bring him nearer."""
    found = await world.answers(odd, odd)
    assert [(body, headers.get("connection")) for _, headers, body in found] == [(ITS_OWN, None)] * 2


async def test_a_webhook_that_is_very_long_is_the_applications(world: World) -> None:
    """It need not be held."""
    head = POST.replace(b": 5", b": %d" % WHOLE_LIMIT)
    assert [body for _, _, body in await world.answers(head + b"x" * WHOLE_LIMIT)] == [ITS_OWN]


async def test_who_waits_to_be_told_to_go_on_is_told_by_the_application(world: World) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", world.port)
    writer.write(b"POST " + HOOK + b"Expect: 100-continue\r\n\r\n")
    assert await asyncio.wait_for(reader.readline(), 10) == b"HTTP/1.1 100 Continue\r\n"
    writer.write(b"12345")
    assert (await asyncio.wait_for(reader.readuntil(b"/hook"), 10)).endswith(b"POST /hook")
    writer.close()


@pytest.mark.parametrize(
    "fields",
    [
        b"",
        b"Content-Length: 5\r\nContent-Length: 5\r\n",
        b"Content-Length: 5\r\ncontent-length: 4\r\n",
        b"Content-Length : 5\r\n",
        b" Content-Length: 5\r\n",
        b"Content-Length: +5\r\n",
        b"Content-Length: 5, 5\r\n",
        b"Content-Length: 0x5\r\n",
        b"Content-Length: \xd9\xa5\r\n",
        b"Content-Length: " + b"9" * 5_000 + b"\r\n",
        b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
        b"Content-Length: 5\r\ntransfer-ENCODING:identity\r\n",
        b"Content-Length: 5\r\nTransfer-Encoding : chunked\r\n",
        b"Content-Length: 5\r\nX: y\nTransfer-Encoding: chunked\r\n",
        b"Content-Length: 5\r\nX: y\rTransfer-Encoding: chunked\r\n",
        b"Content-Length: 5\r\nX: y\r\n Transfer-Encoding: chunked\r\n",
        b"Content-Length: 5\r\n\x0bTransfer-Encoding: chunked\r\n",
        b"Content-Length: 5\r\nX: \0\r\n",
        b"Content-Length: 5\r\nno colon\r\n",
        b"Content-Length: 5\r\n: no name\r\n",
        b"Content-Length: 5\r\nContent-Encoding: gzip\r\n",
        b"Content-Length: 5\r\nConnection: upgrade\r\nUpgrade: websocket\r\n",
        b"Content-Length: 5\r\nAuthorization: one\r\nAuthorization: two\r\n",
    ],
)
def test_what_anybody_could_read_otherwise_is_not_taken(fields: bytes) -> None:
    assert read(b"POST /hook HTTP/1.1\r\nHost: here\r\n" + fields + b"\r\n12345") is None


def read(*pieces: bytes) -> Posted | None:
    """What is taken of *pieces*, if anything is, after another webhook."""
    posted = Posted()
    posted.feed(POST + b"12345")
    posted.clear()
    for piece in pieces:
        posted.feed(piece)
    return posted if posted.is_whole and not posted.is_odd else None


def one_of(*parts: bytes) -> st.SearchStrategy[bytes]:
    return st.sampled_from(parts)


def line(
    names: st.SearchStrategy[bytes], colons: st.SearchStrategy[bytes], *rest: st.SearchStrategy[bytes]
) -> st.SearchStrategy[bytes]:
    return st.tuples(names, colons, *rest).map(b"".join)


NAMES = one_of(b"Accept", b"X_y-z", b"AUTHORIZATION", b"connection")
VALUES = one_of(b"", b"x", b"keep-alive", b"Bearer a.b.c", b"\xc3\xbc \x80'", b"\t5 ")
GOOD = line(NAMES, one_of(b": ", b":", b":\t "), VALUES, one_of(b"\r\n", b" \t\r\n"))
ODD = line(
    NAMES | one_of(b"Host", b"Expect", b"Content-length", b"Transfer-Encoding", b"", b"a b", b"\xfc"),
    one_of(b": ", b" :", b""),
    VALUES | one_of(b"5", b"chunked", b"a\0", b"a\rb", b"close"),
    one_of(b"\r\n", b"\n", b"\r", b"\r\n ", b"\r\n\r\n"),
)
BODIES = one_of(b"12345", b"67890", b"\r\n\r\n1", b"1", b"123456")


HOSTS = one_of(b"Host: here\r\n", b"hOST:\r\n", b"")


@given(HOSTS, st.lists(GOOD | GOOD | GOOD | ODD, max_size=4), BODIES, st.sets(st.integers(1, 300)))
def test_what_is_taken_is_what_aiohttp_reads(host: bytes, fields: list[bytes], body: bytes, cuts: set[int]) -> None:
    """Nobody who reads the same bytes on their way finds another request in them, or two; whatever they come in."""
    data = b"POST /hook HTTP/1.1\r\n" + host + b"Content-Length: 5\r\n" + b"".join(fields) + b"\r\n" + body
    ends = [*sorted(cut for cut in cuts if cut < len(data)), len(data)]
    posted = read(*(data[start:end] for start, end in pairwise([0, *ends])))
    if posted is None:
        return
    loop = asyncio.new_event_loop()
    try:
        ((message, payload),), _, tail = HttpRequestParser(BaseProtocol(loop), loop, 2**16).feed_data(data)
    except HttpProcessingError as error:
        raise AssertionError(f"{data!r} is no HTTP: {error}") from error
    finally:
        loop.close()
    assert (message.method, message.path, tail) == ("POST", "/hook", b"")
    assert payload.is_eof()
    assert payload.read_nowait() == posted.body
    assert posted.authorization == message.headers.get("Authorization")
