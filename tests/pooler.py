"""What may stand before a PostgreSQL: a pooler that gives each transaction another connection, or a cut wire."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from struct import unpack
from types import TracebackType
from typing import Self

from attrs import define, field

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]
_GONE = (asyncio.IncompleteReadError, ConnectionError)


@define(eq=False)
class Pooler:
    """Listens on loopback and passes on to the server on *socket*, each transaction over the next of its connections.

    As PgBouncer in transaction mode does, so that nothing of one transaction can be relied on in the next. With
    *connections* 1 it only passes on. *cut* is asked, with what a client sends, whether the wire breaks when the server
    has done that, before it can say so; or, with *unheard*, before the server has heard it.
    """

    socket: Path
    connections: int = 2
    cut: Callable[[bytes], bool] = lambda sent: False
    unheard: bool = False
    transactions: int = 0
    _server: asyncio.Server | None = None
    _clients: set["asyncio.Task[None]"] = field(factory=set)

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._client, "127.0.0.1", 0)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._server is not None
        self._server.close()
        for task in list(self._clients):
            task.cancel()
        await asyncio.gather(*self._clients, return_exceptions=True)

    @property
    def address(self) -> str:
        """Where it listens."""
        assert self._server is not None
        host, port = self._server.sockets[0].getsockname()[:2]
        return f"{host}:{port}"

    async def _client(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._clients.add(task)
        backends: list[Streams] = []
        try:
            startup = await _startup(reader, writer)
            for _ in range(self.connections):
                streams, greeting = await _backend(self.socket, startup)
                backends.append(streams)
            writer.write(greeting)
            await _Way(self, (reader, writer), backends).run()
        except (*_GONE, asyncio.CancelledError):
            pass
        finally:
            for one in (writer, *(backend[1] for backend in backends)):
                one.close()
            self._clients.discard(task)


@define(eq=False)
class _Way:
    """One client's way to its server connections, of which the first is the one in use."""

    pooler: Pooler
    client: Streams
    backends: list[Streams]
    is_breaking: bool = False

    async def run(self) -> None:
        tasks = [asyncio.create_task(self._answers(*backend)) for backend in self.backends]
        tasks.append(asyncio.create_task(self._questions()))
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _questions(self) -> None:
        while True:
            message = await _message(self.client[0])
            self.is_breaking = self.is_breaking or self.pooler.cut(message)
            if self.is_breaking and self.pooler.unheard:
                return
            self.backends[0][1].write(message)

    async def _answers(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            message = await _message(reader)
            is_ready = message[:1] == b"Z"
            if self.is_breaking and is_ready:
                return
            if is_ready and message[-1:] == b"I":
                self.pooler.transactions += 1
                self.backends.append(self.backends.pop(0))
            if not self.is_breaking:
                self.client[1].write(message)


async def _message(reader: asyncio.StreamReader) -> bytes:
    head = await reader.readexactly(5)
    (length,) = unpack("!i", head[1:])
    return head + await reader.readexactly(length - 4)


async def _startup(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bytes:
    """What a client says first; it is told that there is no encryption."""
    while True:
        head = await reader.readexactly(4)
        (length,) = unpack("!i", head)
        rest = await reader.readexactly(length - 4)
        if length != 8:
            return head + rest
        writer.write(b"N")


async def _backend(socket: Path, startup: bytes) -> tuple[Streams, bytes]:
    """A connection to the server, and its greeting."""
    reader, writer = await asyncio.open_unix_connection(str(socket))
    writer.write(startup)
    greeting = b""
    while True:
        message = await _message(reader)
        greeting += message
        if message[:1] == b"Z":
            return (reader, writer), greeting


class Cut:
    """Breaks the wire at the next commit, once it is armed."""

    def __init__(self) -> None:
        self.is_armed = False

    def __call__(self, sent: bytes) -> bool:
        """Whether to break the wire after *sent*."""
        breaks = self.is_armed and b"COMMIT\0" in sent
        self.is_armed = self.is_armed and not breaks
        return breaks
