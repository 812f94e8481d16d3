"""The HTTP client with servers that do not behave: it always knows whether a request went out."""

import asyncio
import contextlib
import importlib
import socket
import ssl
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
import trustme

from botkit.channels.vonage.connection import ANSWER_LIMIT, Answer, Connection
from botkit.channels.vonage.http import HTTP
from botkit.errors import ChannelError, InDoubt, Unavailable

OK = b"HTTP/1.1 202 Accepted\r\nContent-Length: 2\r\n\r\nOK"
BODY = b"{}"

#: What a server does with a request that it has read.
Does = Callable[[asyncio.StreamWriter], None]


class Misbehaving:
    """A server that answers its first requests well, and then does something else."""

    def __init__(self, does: Does, *, after: int = 0) -> None:
        self._does = does
        self.after = after
        self.requests = 0
        self.connections: set[asyncio.Task[None]] = set()
        self.url = ""

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self.connections.add(task)
        with contextlib.suppress(asyncio.IncompleteReadError, OSError):
            while await reader.readuntil(BODY):
                self.requests += 1
                if self.requests > self.after:
                    self._does(writer)
                else:
                    writer.write(OK)
        with contextlib.suppress(OSError):
            writer.close()
            await writer.wait_closed()


@contextlib.asynccontextmanager
async def serving(does: Does, *, after: int = 0, tls: ssl.SSLContext | None = None) -> AsyncIterator[Misbehaving]:
    """A server on this machine; it ends when every client has closed its connections."""
    handler = Misbehaving(does, after=after)
    server = await asyncio.start_server(handler, "127.0.0.1", 0, ssl=tls)
    handler.url = f"{'https' if tls else 'http'}://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1/messages"
    async with server:
        yield handler
        await asyncio.gather(*handler.connections)


@contextlib.asynccontextmanager
async def client(**given: Any) -> AsyncIterator[HTTP]:
    """A client that closes what it opened."""
    http = HTTP(**given)
    yield http
    await http.close()


async def failure(posted: Awaitable[Answer]) -> ChannelError:
    with pytest.raises(ChannelError) as raised:
        await posted
    return raised.value


def close(writer: asyncio.StreamWriter) -> None:
    writer.close()


def half_close(writer: asyncio.StreamWriter) -> None:
    writer.write_eof()


def reset(writer: asyncio.StreamWriter) -> None:
    writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    writer.transport.abort()


def says(said: bytes, then: Does | None = None) -> Does:
    def does(writer: asyncio.StreamWriter) -> None:
        writer.write(said)
        if then is not None:
            then(writer)

    return does


LOST = {
    "closes": close,
    "closes half": half_close,
    "resets": reset,
    "one byte": says(OK[:1], close),
    "all but one byte": says(OK[:-1], close),
    "half a head": says(b"HTTP/1.1 202 A\r\nContent-Le", close),
    "only a continue": says(b"HTTP/1.1 100 Continue\r\n\r\n", close),
    "half a chunk": says(b"HTTP/1.1 200 A\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab", half_close),
    "unmeasured, then resets": says(b"", reset),
}
BAD = {
    "another protocol": says(b"SSH-2.0-OpenSSH_9.9\r\n"),
    "no status": says(b"HTTP/1.1 2O2 Accepted\r\n\r\n"),
    "two lengths": says(b"HTTP/1.1 200 A\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab"),
    "no chunk": says(b"HTTP/1.1 200 A\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"),
    "length and chunks": says(b"HTTP/1.1 200 A\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"),
    "an upgrade": says(b"HTTP/1.1 101 Switching\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n\r\nabc"),
    "an endless body": says(b"HTTP/1.1 200 A\r\n\r\n" + b"x" * ANSWER_LIMIT),
    "endless headers": says(b"HTTP/1.1 200 A\r\n" + b"X: y\r\n" * ANSWER_LIMIT),
    "endless chunks": says(b"HTTP/1.1 200 A\r\nTransfer-Encoding: chunked\r\n\r\n" + b"1\r\nx\r\n" * ANSWER_LIMIT),
}
FAULTS = {name: (does, "connection_lost") for name, does in LOST.items()}
FAULTS |= {name: (does, "bad_answer") for name, does in BAD.items()}


@pytest.mark.parametrize("name", FAULTS)
@pytest.mark.parametrize("before", [0, 1], ids=["new connection", "used before"])
async def test_a_request_without_an_answer_is_in_doubt(name: str, before: int) -> None:
    """Once the request went out nobody knows what became of it: it is said so, and nothing is sent again."""
    does, reason = FAULTS[name]
    async with serving(does, after=before) as server, client() as http:
        for _ in range(before):
            await http.post(server.url, {}, BODY)
        found = await failure(http.post(server.url, {}, BODY))
        await asyncio.gather(*server.connections)

    assert (type(found), found.reason, found.status) == (InDoubt, reason, None)
    assert (len(server.connections), server.requests) == (1, before + 1)


@pytest.mark.parametrize("said", [b"", OK[:-1]], ids=["nothing", "most of an answer"])
async def test_an_answer_that_does_not_come_in_time_is_in_doubt(said: bytes) -> None:
    """And the connection is closed, so that the answer cannot come for somebody else."""
    async with serving(says(said)) as server, client(read_timeout_seconds=0.05) as http:
        found = await failure(http.post(server.url, {}, BODY))
        await asyncio.gather(*server.connections)

    assert (type(found), found.reason) == (InDoubt, "time_out")
    assert str(found) == (
        "The Messages API did not answer within 0.05 s: it may have taken the message, so look in the chat before it is"
        " sent by hand again."
    )


async def test_a_request_after_a_failure_has_a_new_connection() -> None:
    """A server that has come to its senses is believed."""
    async with serving(close) as server, client() as http:
        await failure(http.post(server.url, {}, BODY))
        server.after = 10

        assert (await http.post(server.url, {}, BODY)).status == 202


# Nothing went out


async def test_a_refused_connection_is_unavailable() -> None:
    """Nothing was sent: it can be tried again."""
    async with serving(close) as server:
        url = server.url
    found = await failure(HTTP().post(url, {}, BODY))

    assert (type(found), found.reason) == (Unavailable, "no_connection")
    assert str(found).startswith("No connection to 127.0.0.1 (")


async def test_a_host_that_does_not_exist_is_unavailable() -> None:
    """A name that resolves to nothing may resolve tomorrow."""
    found = await failure(HTTP().post("http://no-such-host.invalid/", {}, BODY))

    assert (type(found), found.reason) == (Unavailable, "no_connection")


async def test_a_connection_that_is_not_made_in_time_is_unavailable() -> None:
    """The handshake belongs to the connection: until it is done nothing of the request has gone out."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"https://127.0.0.1:{silent.getsockname()[1]}/v1/messages"
        found = await failure(HTTP(connect_timeout_seconds=0.05).post(url, {}, BODY))

    assert (type(found), found.reason) == (Unavailable, "connect_time_out")
    assert str(found) == (
        "No connection to 127.0.0.1 within 0.05 s: nothing was sent; see that this machine reaches it, and check"
        " base_url."
    )


async def test_a_new_connection_that_is_closed_at_once_is_unavailable() -> None:
    """Between the handshake and the first byte of the request nothing has gone out yet."""
    connection = Connection()
    with socket.socket() as end:
        connection.connection_made(asyncio.Transport({"socket": end}))
    connection.connection_lost(None)

    with pytest.raises(Unavailable, match="closed a new connection at once") as found:
        await connection.ask(b"POST", 5)
    assert found.value.reason == "no_connection"


# TLS


AUTHORITY = trustme.CA()


def certified(name: str) -> ssl.SSLContext:
    """What a server needs to prove that it is *name*."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    AUTHORITY.issue_cert(name).configure_cert(context)
    return context


def trusting() -> ssl.SSLContext:
    context = ssl.create_default_context()
    AUTHORITY.configure_trust(context)
    return context


async def test_https_is_spoken_and_connections_are_kept() -> None:
    """With an authority that is trusted."""
    async with serving(close, after=3, tls=certified("127.0.0.1")) as server, client(tls=trusting()) as http:
        answers = [await http.post(server.url, {}, BODY) for _ in range(3)]

    assert [answer.status for answer in answers] == [202, 202, 202]
    assert len(server.connections) == 1


async def test_https_that_breaks_after_the_request_is_in_doubt() -> None:
    """TLS changes nothing about what is known."""
    async with serving(reset, tls=certified("127.0.0.1")) as server, client(tls=trusting()) as http:
        found = await failure(http.post(server.url, {}, BODY))

    assert (type(found), found.reason) == (InDoubt, "connection_lost")


@pytest.mark.parametrize(
    ("name", "context"),
    [("127.0.0.1", None), ("other.example", trusting())],
    ids=["unknown authority", "another's certificate"],
)
async def test_a_certificate_that_is_not_trusted_is_no_connection(name: str, context: ssl.SSLContext | None) -> None:
    """No token and no message goes to somebody who cannot prove who they are."""
    async with serving(close, tls=certified(name)) as server, client(tls=context) as http:
        found = await failure(http.post(server.url, {}, BODY))

    assert (type(found), found.reason, server.requests) == (Unavailable, "no_connection", 0)
    assert "certificate verify failed" in str(found)


# Other event loops


def loops() -> dict[str, Callable[[], asyncio.AbstractEventLoop]]:
    """Every event loop that is installed here."""
    found: dict[str, Callable[[], asyncio.AbstractEventLoop]] = {"asyncio": asyncio.new_event_loop}
    with contextlib.suppress(ImportError):
        found["uvloop"] = importlib.import_module("uvloop").new_event_loop
    return found


async def everything() -> list[str]:
    """A connection that is used twice, one that is closed while it rests, and one that breaks; plain and over TLS."""
    seen: list[str] = []
    for tls, trust in ((None, None), (certified("127.0.0.1"), trusting())):
        async with serving(close, after=2, tls=tls) as server, client(tls=trust) as http:
            seen += [str((await http.post(server.url, {}, BODY)).status) for _ in range(2)]
            seen.append((await failure(http.post(server.url, {}, BODY))).reason)
        seen.append(f"{len(server.connections)} connection")
        async with serving(says(OK, close), tls=tls) as server, client(tls=trust) as http:
            for _ in range(2):
                seen.append(str((await http.post(server.url, {}, BODY)).status))
                await asyncio.gather(*server.connections)
        seen.append((await failure(http.post(server.url, {}, BODY))).reason)
    return seen


@pytest.mark.parametrize("name", loops())
def test_every_event_loop_will_do(name: str) -> None:
    """With uvloop, where it is installed, the client knows as much as without."""
    with asyncio.Runner(loop_factory=loops()[name]) as runner:
        seen = runner.run(everything())

    assert seen == ["202", "202", "connection_lost", "1 connection", "202", "202", "no_connection"] * 2
