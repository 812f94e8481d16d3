"""POSTs over kept-alive HTTP/1.1 connections, by a client that knows whether a request went out.

aiohttp's client tells neither a connection that failed before the request was written from one that failed after, nor
does it come cheap: it costs several times as much as the rest of a delivery. This one parses with httptools, speaks
only what the Messages API needs, and keeps the promise that matters: Unavailable means that nothing was sent.
"""

import asyncio
import ssl
from collections.abc import Mapping
from functools import lru_cache
from typing import Final, Protocol
from urllib.parse import urlsplit

import httptools
from attrs import frozen

from botkit.errors import ConfigError, InDoubt, Unavailable

CONNECT_SECONDS: Final = 5.0
READ_SECONDS: Final = 20.0
IDLE_SECONDS: Final = 30.0
ANSWER_LIMIT: Final = 1024 * 1024


@frozen
class Answer:
    """An HTTP answer; header names are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Transport(Protocol):
    """Whatever POSTs: injected, so that a test can answer as it likes."""

    async def post(self, url: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """POST *body*; raises Unavailable if nothing went out, InDoubt if something did and no whole answer came."""
        ...

    async def close(self) -> None:
        """Close the connections that are kept."""
        ...


@frozen
class _Target:
    host: str
    port: int
    tls: bool
    path: str

    @property
    def origin(self) -> tuple[str, int, bool]:
        return self.host, self.port, self.tls


@lru_cache(maxsize=256)
def _target(url: str) -> _Target:
    parts = urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ConfigError(f"{url!r} is no URL of a Messages API; base_url is https://api.nexmo.com or the like.")
    tls = parts.scheme == "https"
    return _Target(parts.hostname, parts.port or (443 if tls else 80), tls, parts.path or "/")


class HTTP:
    """A pool of connections, one request at a time on each.

    *connect_seconds* and *read_seconds* bound making a connection and waiting for an answer. *tls* is the SSL context
    for https; by default certificates are checked against the system's authorities.
    """

    def __init__(
        self,
        *,
        connect_seconds: float = CONNECT_SECONDS,
        read_seconds: float = READ_SECONDS,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._connect_seconds = connect_seconds
        self._read_seconds = read_seconds
        self._tls = tls
        self._idle: dict[tuple[str, int, bool], list[_Connection]] = {}

    async def post(self, url: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """POST *body* to *url* with *headers*; see `Transport`."""
        target = _target(url)
        connection = self._kept(target) or await self._connected(target)
        try:
            async with asyncio.timeout(self._read_seconds):
                answer = await connection.ask(_request(target, headers, body))
        except TimeoutError:
            connection.abort()
            raise InDoubt(f"{target.host} did not answer within {self._read_seconds:g} s.", reason="time_out") from None
        except BaseException:
            connection.abort()
            raise
        if connection.reusable:
            self._idle.setdefault(target.origin, []).append(connection)
        return answer

    def _kept(self, target: _Target) -> "_Connection | None":
        idle = self._idle.get(target.origin, [])
        now = asyncio.get_running_loop().time()
        while idle:
            connection = idle.pop()
            if connection.reusable and now - connection.idle_since < IDLE_SECONDS:
                return connection
            connection.abort()
        return None

    async def _connected(self, target: _Target) -> "_Connection":
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(self._connect_seconds):
                _, connection = await loop.create_connection(
                    _Connection, target.host, target.port, ssl=self._context() if target.tls else None
                )
        except TimeoutError:
            raise Unavailable(
                f"No connection to {target.host} within {self._connect_seconds:g} s.", reason="connect_time_out"
            ) from None
        except OSError as error:
            raise Unavailable(f"No connection to {target.host}: {error}.", reason="no_connection") from error
        return connection

    def _context(self) -> ssl.SSLContext:
        if self._tls is None:
            self._tls = ssl.create_default_context()
        return self._tls

    async def close(self) -> None:
        """Close the connections that are kept."""
        for connections in self._idle.values():
            for connection in connections:
                connection.abort()
        self._idle.clear()


def _request(target: _Target, headers: Mapping[str, str], body: bytes) -> bytes:
    host = f"[{target.host}]" if ":" in target.host else target.host
    named = host if target.port == (443 if target.tls else 80) else f"{host}:{target.port}"
    lines = [f"POST {target.path} HTTP/1.1", f"Host: {named}", f"Content-Length: {len(body)}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + body


class _Connection(asyncio.Protocol):
    """One connection: a request goes out, an answer comes in, and then the next."""

    def __init__(self) -> None:
        self.reusable = True
        self.idle_since = 0.0
        self._transport: asyncio.Transport | None = None
        self._waiting: asyncio.Future[Answer] | None = None
        self._parser: httptools.HttpResponseParser | None = None
        self._headers: dict[str, str] = {}
        self._body = bytearray()

    async def ask(self, request: bytes) -> Answer:
        """Send *request* and wait for the answer."""
        assert self._transport is not None
        self._waiting = asyncio.get_running_loop().create_future()
        self._begin()
        self._transport.write(request)
        return await self._waiting

    def abort(self) -> None:
        """Close without ceremony."""
        self.reusable = False
        if self._transport is not None:
            self._transport.abort()

    def _begin(self) -> None:
        self._parser = httptools.HttpResponseParser(self)
        self._headers = {}
        self._body = bytearray()

    # Called by the event loop

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        if self._waiting is None or self._waiting.done() or self._parser is None:
            # Nobody asked: whatever this is, the connection cannot be trusted any more.
            self.abort()
            return
        try:
            self._parser.feed_data(data)
        except httptools.HttpParserError:
            self._fail("sent what is no HTTP answer", "bad_answer")
        if len(self._body) > ANSWER_LIMIT:
            self._fail(f"answered with more than {ANSWER_LIMIT} bytes", "bad_answer")

    def eof_received(self) -> None:
        self._fail("closed the connection before it had answered", "connection_lost")

    def connection_lost(self, exc: Exception | None) -> None:
        self._fail("closed the connection before it had answered", "connection_lost")

    def _fail(self, what: str, reason: str) -> None:
        self.reusable = False
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_exception(InDoubt(f"The Messages API {what}.", reason=reason))

    # Called by the parser

    def on_header(self, name: bytes, value: bytes) -> None:
        self._headers[name.decode("latin-1").lower()] = value.decode("latin-1")

    def on_body(self, body: bytes) -> None:
        self._body += body

    def on_message_complete(self) -> None:
        assert self._parser is not None
        status = self._parser.get_status_code()
        if status < 200:
            self._begin()
            return
        self.reusable = self.reusable and self._parser.should_keep_alive()
        self.idle_since = asyncio.get_running_loop().time()
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_result(Answer(status, self._headers, bytes(self._body)))
