"""POSTs over kept-alive HTTP/1.1 connections, by a client that knows whether a request went out.

aiohttp's client does not tell a connection that failed before the request was written from one that failed after, and
costs several times as much as the rest of a delivery. This one speaks only what the Messages API needs, and keeps the
promise that matters: Unavailable means that nothing was sent.
"""

import asyncio
import ssl
from collections import defaultdict, deque
from collections.abc import Mapping
from functools import lru_cache
from typing import Final, Protocol
from urllib.parse import urlsplit

from attrs import frozen

from botkit.channels.vonage.connection import Answer, Connection
from botkit.errors import ConfigError, Unavailable

CONNECT_TIMEOUT_SECONDS: Final = 5.0
READ_TIMEOUT_SECONDS: Final = 20.0
#: Less than what servers and what stands between usually allow.
IDLE_SECONDS: Final = 30.0
_NOTHING: Final = "nothing was sent; see that this machine reaches it, and check base_url"


class Transport(Protocol):
    """Whatever POSTs: injected, so that a test can answer as it likes."""

    async def post(self, url: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """POST *body*; raises Unavailable if nothing went out, InDoubt if something did and no whole answer came."""
        ...

    async def close(self) -> None:
        """Close the connections that are kept."""
        ...


@frozen
class Target:
    """Where a URL leads."""

    host: str
    port: int
    tls: bool
    path: str

    @property
    def origin(self) -> tuple[str, int, bool]:
        """What a connection can be shared for."""
        return self.host, self.port, self.tls

    def authority(self) -> str:
        """The host as a request names it."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == (443 if self.tls else 80) else f"{host}:{self.port}"


@lru_cache(maxsize=256)
def target(url: str) -> Target:
    """Read an http or https URL; raises ConfigError for what no request can be sent to.

    >>> target("https://api-eu.nexmo.com/v1/messages")
    Target(host='api-eu.nexmo.com', port=443, tls=True, path='/v1/messages')
    """
    try:
        parts = urlsplit(url)
        port, host = parts.port, (parts.hostname or "").encode("idna").decode()
    except ValueError:
        raise _no_target(url) from None
    odd = "@" in parts.netloc or parts.query or parts.fragment or not _is_plain(parts.path)
    if odd or not host or parts.scheme not in ("http", "https"):
        raise _no_target(url)
    tls = parts.scheme == "https"
    return Target(host, port or (443 if tls else 80), tls, parts.path or "/")


def _no_target(url: str) -> ConfigError:
    # What stands before an @ may be a password.
    shown = url.rpartition("@")[2]
    return ConfigError(f"{shown!r} is no URL of the Messages API; base_url is https://api.nexmo.com or the like.")


def _is_plain(path: str) -> bool:
    return path.isascii() and path.isprintable() and " " not in path


class HTTP:
    """A pool of connections, one request at a time on each; as many as are asked for at once.

    *connect_timeout_seconds* bounds the making of a connection, *read_timeout_seconds* a request and its whole answer.
    *tls* is the context for https; by default certificates are checked against the system's authorities.
    """

    def __init__(
        self,
        *,
        connect_timeout_seconds: float = CONNECT_TIMEOUT_SECONDS,
        read_timeout_seconds: float = READ_TIMEOUT_SECONDS,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self._connect_timeout_seconds = connect_timeout_seconds
        self._read_timeout_seconds = read_timeout_seconds
        self._tls = tls
        self._idle: defaultdict[tuple[str, int, bool], deque[Connection]] = defaultdict(deque)
        self._closed = False

    async def post(self, url: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """POST *body* to *url* with *headers*, which are ASCII; see `Transport`. Redirections are not followed."""
        to = target(url)
        request = f"{_head(url, tuple(headers.items()))}Content-Length: {len(body)}\r\n\r\n".encode("ascii") + body
        connection = self._kept(to) or await self._connected(to)
        try:
            return await connection.ask(request, self._read_timeout_seconds)
        finally:
            self._let_go(to, connection)

    def _kept(self, to: Target) -> Connection | None:
        """The connection that rested last, and is still good; those that rested too long are closed."""
        idle = self._idle[to.origin]
        oldest = asyncio.get_running_loop().time() - IDLE_SECONDS
        while idle and idle[0].idle_since < oldest:
            idle.popleft().abort()
        while idle:
            connection = idle.pop()
            if connection.fresh:
                return connection
            connection.abort()
        return None

    def _let_go(self, to: Target, connection: Connection) -> None:
        if connection.reusable and not self._closed:
            self._idle[to.origin].append(connection)
        else:
            connection.abort()

    async def _connected(self, to: Target) -> Connection:
        loop = asyncio.get_running_loop()
        tls = self._context() if to.tls else None
        try:
            async with asyncio.timeout(self._connect_timeout_seconds):
                _, connection = await loop.create_connection(Connection, to.host, to.port, ssl=tls)
        except TimeoutError:
            seconds = self._connect_timeout_seconds
            told = f"No connection to {to.host} within {seconds:g} s: {_NOTHING}."
            raise Unavailable(told, reason="connect_time_out") from None
        except OSError as error:
            raise Unavailable(f"No connection to {to.host} ({error}): {_NOTHING}.", reason="no_connection") from error
        return connection

    def _context(self) -> ssl.SSLContext:
        if self._tls is None:
            self._tls = ssl.create_default_context()
        return self._tls

    async def close(self) -> None:
        """Close the connections that are kept, and keep no more."""
        self._closed = True
        for connections in self._idle.values():
            for connection in connections:
                connection.abort()
        self._idle.clear()


@lru_cache(maxsize=64)
def _head(url: str, headers: tuple[tuple[str, str], ...]) -> str:
    """What requests begin with that go to one place with one token: all but how long they are."""
    to = target(url)
    lines = [f"POST {to.path} HTTP/1.1", f"Host: {to.authority()}", *(f"{name}: {value}" for name, value in headers)]
    return "".join(f"{line}\r\n" for line in lines)
