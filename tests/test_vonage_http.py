"""The HTTP client with servers that behave: what it says, what it understands, and which connections it keeps."""

import asyncio
import contextlib
import socket
import struct
from collections.abc import AsyncIterator, Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from botkit.channels.vonage.connection import Answer, Connection
from botkit.channels.vonage.http import HTTP, IDLE_SECONDS
from botkit.errors import InDoubt

OK = b"HTTP/1.1 202 Accepted\r\nContent-Length: 2\r\n\r\nOK"


class Peer:
    """The other end of one connection, done by hand."""

    def __init__(self, end: socket.socket) -> None:
        self._end = end
        self.received = b""

    async def request(self) -> bytes:
        """Wait for one whole request."""
        while not (b"\r\n\r\n" in self.received and len(self.received) >= self._whole()):
            data = await asyncio.get_running_loop().sock_recv(self._end, 65_536)
            assert data, "the client closed in the middle of its request"
            self.received += data
        size = self._whole()
        request, self.received = self.received[:size], self.received[size:]
        return request

    def _whole(self) -> int:
        head, _, _ = self.received.partition(b"\r\n\r\n")
        return len(head) + 4 + int(head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0])

    async def say(self, *pieces: bytes) -> None:
        for piece in pieces:
            await asyncio.get_running_loop().sock_sendall(self._end, piece)
            await asyncio.sleep(0)

    async def answer(self, *pieces: bytes) -> bytes:
        """Wait for a request and say what is given."""
        request = await self.request()
        await self.say(*(pieces or (OK,)))
        return request

    async def closed(self) -> bool:
        """Whether the client has closed its end; waits until it closes or speaks."""
        with contextlib.suppress(ConnectionResetError):
            return not await asyncio.get_running_loop().sock_recv(self._end, 1)
        return True

    def close(self) -> None:
        self._end.close()

    def reset(self) -> None:
        self._end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._end.close()


class Listener:
    """A server whose connections are accepted one by one, by the test."""

    def __init__(self) -> None:
        self._socket = socket.create_server(("127.0.0.1", 0))
        self._socket.setblocking(False)
        self._peers: list[Peer] = []
        self.port = self._socket.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}/v1/messages"

    async def accept(self) -> Peer:
        end, _ = await asyncio.get_running_loop().sock_accept(self._socket)
        end.setblocking(False)
        self._peers.append(Peer(end))
        return self._peers[-1]

    @property
    def accepted(self) -> int:
        return len(self._peers)

    def nobody_waits(self) -> bool:
        """Whether no connection stands in the queue."""
        try:
            self._socket.accept()[0].close()
        except BlockingIOError:
            return True
        return False

    def close(self) -> None:
        for peer in self._peers:
            peer.close()
        self._socket.close()


@pytest.fixture
async def listener() -> AsyncIterator[Listener]:
    """A server on this machine."""
    server = Listener()
    yield server
    server.close()


@pytest.fixture
async def http() -> AsyncIterator[HTTP]:
    """A client that does not wait long."""
    client = HTTP(connect_timeout_seconds=5, read_timeout_seconds=5)
    yield client
    await client.close()


def post(http: HTTP, url: str, headers: Mapping[str, str] | None = None, body: bytes = b"{}") -> asyncio.Task[Answer]:
    return asyncio.create_task(http.post(url, headers or {}, body))


async def exchange(http: HTTP, listener: Listener, *pieces: bytes) -> Answer:
    """One POST over a new connection that is answered with *pieces*."""
    posted = post(http, listener.url)
    await (await listener.accept()).answer(*pieces)
    return await posted


async def test_a_request_is_what_http_wants(http: HTTP, listener: Listener) -> None:
    """One POST with a host and a length, and nothing that was not asked for."""
    posted = post(http, listener.url, {"Authorization": "Basic eA==", "Accept": "*/*"}, b'{"a":"\xc3\xa9"}')
    request = await (await listener.accept()).answer()

    assert await posted == Answer(202, {"content-length": "2"}, b"OK")
    assert (
        request
        == (
            b"POST /v1/messages HTTP/1.1\r\n"
            b"Host: 127.0.0.1:%d\r\n"
            b"Authorization: Basic eA==\r\n"
            b"Accept: */*\r\n"
            b"Content-Length: 10\r\n"
            b"\r\n"
            b'{"a":"\xc3\xa9"}'
        )
        % listener.port
    )


MEASURED = {"content-length": "2"}


@pytest.mark.parametrize(
    ("said", "status", "headers", "body"),
    [
        (b"HTTP/1.1 202 A\r\nContent-Length: 0\r\n\r\n", 202, {"content-length": "0"}, b""),
        (b"HTTP/1.1 204 N\r\nX-A: 1\r\n\r\n", 204, {"x-a": "1"}, b""),
        (b"HTTP/1.1 429 S\r\nTRY:  7 \r\nContent-Length: 2\r\n\r\n{}", 429, {"try": "7", **MEASURED}, b"{}"),
        (
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2;x=y\r\nde\r\n0\r\nTrailer: z\r\n\r\n",
            200, {"transfer-encoding": "chunked", "trailer": "z"}, b"abcde",
        ),
        (b"HTTP/1.1 100 Continue\r\n\r\n" + OK, 202, MEASURED, b"OK"),
        (b"HTTP/1.1 103 Early\r\nLink: x\r\n\r\nHTTP/1.1 102 P\r\n\r\n" + OK, 202, MEASURED, b"OK"),
        (b"HTTP/1.1 302 F\r\nLocation: /x\r\nContent-Length: 2\r\n\r\n..", 302, {"location": "/x", **MEASURED}, b".."),
        (b"HTTP/1.1 200 \xff\r\nX: \xe9\r\nContent-Length: 2\r\n\r\n\xff\0", 200, {"x": "é", **MEASURED}, b"\xff\0"),
    ],
    ids=str.split("empty no-content headers chunked continue early redirect latin"),
)  # fmt: skip
@pytest.mark.parametrize("size", [1, 1_000], ids=["byte by byte", "at once"])
async def test_an_answer_is_read(
    listener: Listener, said: bytes, status: int, headers: dict[str, str], body: bytes, size: int
) -> None:
    """Measured, chunked or empty, with words in between, in one piece or in many."""
    pieces = [said[start : start + size] for start in range(0, len(said), size)]

    assert await exchange(HTTP(), listener, *pieces) == Answer(status, headers, body)


async def test_an_answer_may_end_with_the_connection(http: HTTP, listener: Listener) -> None:
    """Old proxies measure nothing and close."""
    posted = post(http, listener.url)
    peer = await listener.accept()
    await peer.answer(b"HTTP/1.0 502 Bad Gateway\r\nServer: old\r\n\r\n<html>", b"</html>")
    peer.close()

    assert await posted == Answer(502, {"server": "old"}, b"<html></html>")


async def test_a_connection_is_used_again(http: HTTP, listener: Listener) -> None:
    """What TLS costs is paid once."""
    await exchange(http, listener)
    for _ in range(3):
        posted = post(http, listener.url)
        await listener._peers[0].answer()
        assert (await posted).status == 202

    assert (listener.accepted, listener.nobody_waits()) == (1, True)


async def test_requests_at_the_same_time_have_a_connection_each(http: HTTP, listener: Listener) -> None:
    """One slow answer holds up nobody else."""
    first, second = post(http, listener.url), post(http, listener.url)
    peers = [await listener.accept(), await listener.accept()]
    await peers[1].answer()
    await peers[0].answer()

    assert [(await posted).status for posted in (first, second)] == [202, 202]


async def test_hosts_do_not_share_connections(http: HTTP, listener: Listener) -> None:
    """A token for one host never goes to another."""
    other = Listener()
    await exchange(http, listener)
    await exchange(http, other)

    assert (listener.accepted, other.accepted) == (1, 1)
    other.close()


@pytest.mark.parametrize(
    "said",
    [
        b"HTTP/1.1 202 A\r\nConnection: close\r\nContent-Length: 2\r\n\r\nOK",
        b"HTTP/1.0 202 A\r\nContent-Length: 2\r\n\r\nOK",
        OK + OK,
        OK + b"HTTP/1.1 2",
        OK + b"garbage",
    ],
    ids=["close", "HTTP/1.0", "two answers", "more than one answer", "garbage after"],
)
async def test_a_connection_that_cannot_be_used_again_is_closed(http: HTTP, listener: Listener, said: bytes) -> None:
    """The answer counts; what comes after it must not be taken for the answer to the next request."""
    assert (await exchange(http, listener, said)).body == b"OK"
    assert await listener._peers[0].closed()
    assert (await exchange(http, listener)).status == 202
    assert listener.accepted == 2


class Wire(asyncio.Transport):
    """A transport that takes everything and carries nothing."""

    def is_closing(self) -> bool:
        return False

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Forget *data*."""


async def answer_of(pieces: list[bytes]) -> Answer:
    """What a connection makes of an answer in *pieces* after which the peer closes."""
    connection = Connection()
    with socket.socket() as end:
        connection.connection_made(Wire({"socket": end}))
    asked = asyncio.ensure_future(connection.ask(b"POST", 5))
    await asyncio.sleep(0)
    for piece in pieces:
        connection.data_received(piece)
    connection.eof_received()
    connection.connection_lost(None)
    return await asked


@given(
    st.lists(st.binary(max_size=8) | st.sampled_from([b"HTTP/1.1 200 OK\r\n", b"\r\n", b"\r\n\r\n", OK, b"A: 1\r\n"]))
)
def test_any_bytes_are_an_answer_or_a_doubt(pieces: list[bytes]) -> None:
    """Whatever a server says, it is a whole answer, or it is in doubt."""
    try:
        answer = asyncio.run(answer_of(pieces))
    except InDoubt as doubt:
        assert doubt.reason in ("connection_lost", "bad_answer")  # noqa: PT017 - either outcome is right
    else:
        assert 200 <= answer.status <= 999


# Connections that rested


async def test_a_connection_closed_while_it_rested_is_replaced(http: HTTP, listener: Listener) -> None:
    """Even if it was closed this very moment: the event loop has not been told yet, but the socket knows."""
    await exchange(http, listener)
    listener._peers[0].close()

    assert (await exchange(http, listener)).status == 202


async def test_a_connection_reset_while_it_rested_is_replaced(http: HTTP, listener: Listener) -> None:
    """As a restarted proxy does."""
    await exchange(http, listener)
    listener._peers[0].reset()

    assert (await exchange(http, listener)).status == 202


async def test_a_connection_that_speaks_unasked_is_replaced(http: HTTP, listener: Listener) -> None:
    """Its words would be taken for the next answer."""
    await exchange(http, listener)
    await listener._peers[0].say(b"HTTP/1.1 408 Timeout\r\nContent-Length: 0\r\n\r\n")

    assert (await exchange(http, listener)).status == 202


async def test_a_connection_that_rested_long_is_replaced(http: HTTP, listener: Listener) -> None:
    """Something on the way may have forgotten it without a word."""
    await exchange(http, listener)
    ((resting,),) = http._idle.values()
    resting.idle_since -= IDLE_SECONDS + 1

    assert (await exchange(http, listener)).status == 202
    assert await listener._peers[0].closed()


# The end


async def test_closing_closes_what_rests_and_keeps_no_more(http: HTTP, listener: Listener) -> None:
    """A request that is under way gets its answer, and its connection is closed after it."""
    await exchange(http, listener)
    first = post(http, listener.url)
    await listener._peers[0].request()
    second = post(http, listener.url)
    peer = await listener.accept()
    await peer.answer()
    await second
    await http.close()
    assert await peer.closed()

    await listener._peers[0].say(OK)
    assert (await first).status == 202
    assert await listener._peers[0].closed()
