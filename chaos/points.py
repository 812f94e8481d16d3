"""Crash points: the places on a message's way at which a process under test may be struck.

They are put around what is handed to the app, the store's operations and the transport, and so exist in tests only. On
SQLite the statements that end a transaction which changed something are points too, just before they run.
"""

import mmap
import os
import signal
import sqlite3
import struct
from collections.abc import Awaitable, Callable, Mapping
from typing import Final, TypeVar

from attrs import define, field, frozen

from botkit.channels.vonage.connection import Answer
from botkit.channels.vonage.http import Transport
from botkit.stores import Engine
from botkit.stores.sqlite import SQLite

T = TypeVar("T")

#: Before and after each of these a process may be struck, if it did something.
OPERATIONS: Final = ("accept", "claim", "checkpoint", "commit", "deliveries", "settle", "note")

_COUNT: Final = struct.Struct("=I60s")


@frozen
class Trail:
    """How many points a process has passed, and which was the last; its parent can read it after its death."""

    memory: mmap.mmap = field(factory=lambda: mmap.mmap(-1, _COUNT.size))

    def write(self, count: int, point: str) -> None:
        """Remember that *point* is reached as number *count*."""
        _COUNT.pack_into(self.memory, 0, count, point.encode()[:60])

    def read(self) -> tuple[int, str]:
        """How many, and the last one's name."""
        count, point = _COUNT.unpack_from(self.memory, 0)
        return count, point.rstrip(b"\0").decode()


def kill() -> None:
    """End this process as ``kill -9`` does."""
    os.kill(os.getpid(), signal.SIGKILL)


@define
class Points:
    """Counts the points that a process reaches, all or those called *only*, strikes at number *strike_at* (0: none).

    With *again* it strikes whenever so many more were reached, as can be where somebody else is struck.
    """

    trail: Trail
    strike_at: int
    only: str | None = None
    strike: Callable[[], None] = kill
    again: bool = False
    _count: int = 0

    def reach(self, point: str) -> None:
        """Say that *point* is reached; where its turn has come, the process is struck here."""
        if self.only not in (None, point):
            return
        self._count += 1
        self.trail.write(self._count, point)
        if self._count == self.strike_at or (self.again and self._count % self.strike_at == 0):
            self.strike()

    def around(self, name: str, operation: Callable[..., Awaitable[T]]) -> Callable[..., Awaitable[T]]:
        """An *operation* with a point before and one after it; one that looks for work has them where it found some."""

        async def reaching(*arguments: object, **named: object) -> T:
            looks = name in ("claim", "deliveries")
            if not looks:
                self.reach(f"before {name}")
            result = await operation(*arguments, **named)
            if result or not looks:
                self.reach(f"after {name}")
            return result

        return reaching

    def mine(self, store: Engine) -> Engine:
        """Put points around the operations of *store*, and return it."""
        for name in OPERATIONS:
            setattr(store, name, self.around(name, getattr(store, name)))
        return store


class MinedSQLite(SQLite):
    """SQLite that reaches a point before each statement that ends a transaction in which something was changed."""

    points: Points
    every_statement = False

    def _connect(self) -> sqlite3.Connection:
        connection = super()._connect()
        changes = connection.total_changes

        def run(statement: str) -> None:
            nonlocal changes
            word = statement.split(maxsplit=1)[0]
            if word == "COMMIT" and connection.total_changes != changes:
                changes = connection.total_changes
                self.points.reach("before COMMIT")
            elif self.every_statement and word in ("INSERT", "UPDATE", "DELETE"):
                self.points.reach(f"before {word}")

        connection.set_trace_callback(run)
        return connection


@frozen
class MinedTransport:
    """A transport with a point before and after each POST."""

    transport: Transport
    points: Points

    async def post(self, url: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """POST, if the process lives so long."""
        self.points.reach("before POST")
        answer = await self.transport.post(url, headers, body)
        self.points.reach("after POST")
        return answer

    async def close(self) -> None:
        """Let go of the connections."""
        await self.transport.close()
