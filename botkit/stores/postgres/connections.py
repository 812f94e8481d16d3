"""Connections: a few to one database, each lent to one transaction at a time, and opened again when they break."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from functools import lru_cache
from typing import Final, TypeVar

import asyncpg
from asyncpg import exceptions as pg

from botkit.backoff import Backoff
from botkit.errors import BotkitError, StoreError
from botkit.stores.postgres.clock import DatabaseClock
from botkit.stores.postgres.database import Database

T = TypeVar("T")

CONNECT_SECONDS: Final = 10.0
COMMAND_SECONDS: Final = 30.0
_BACKOFF: Final = Backoff(first_seconds=0.1, longest_seconds=5.0)
_TRIES: Final = 4
_PARAMETER: Final = re.compile(r"(?<!:):(\w+)")

#: After these the connection is of no use, or leads to a server that no longer is the one to write to.
_BROKEN: Final = (
    OSError,
    TimeoutError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
    pg.PostgresConnectionError,
    pg.OperatorInterventionError,
    pg.InsufficientResourcesError,
    pg.ReadOnlySQLTransactionError,
    pg.IdleInTransactionSessionTimeoutError,
    pg.PostgresSystemError,
)
#: After these the same transaction may be tried again at once.
_AGAIN: Final = (pg.DeadlockDetectedError, pg.SerializationError, pg.InvalidCachedStatementError)
#: A pooler has given a transaction to another server than the statements were prepared on.
_POOLED: Final = (pg.InvalidSQLStatementNameError, pg.DuplicatePreparedStatementError)


class Unreachable(StoreError):
    """The database cannot be reached, or was lost on the way: whatever was asked may be asked again."""


@lru_cache(maxsize=512)
def numbered(statement: str) -> tuple[str, tuple[str, ...]]:
    """*statement* with its named parameters numbered, and their names in that order.

    >>> numbered("SELECT :a::bigint, :b, :a")
    ('SELECT $1::bigint, $2, $1', ('a', 'b'))
    """
    names = tuple(dict.fromkeys(_PARAMETER.findall(statement)))
    return _PARAMETER.sub(lambda match: f"${names.index(match[1]) + 1}", statement), names


class Transaction:
    """A transaction that has begun, to run statements in."""

    def __init__(self, connection: "asyncpg.Connection[asyncpg.Record]") -> None:
        self._connection = connection

    async def rows(self, statement: str, **parameters: object) -> list[asyncpg.Record]:
        """What *statement* returns; of *parameters* those are bound that it names."""
        text, names = numbered(statement)
        return await self._connection.fetch(text, *(parameters[name] for name in names))

    async def row(self, statement: str, **parameters: object) -> asyncpg.Record | None:
        """The first row of what *statement* returns."""
        found = await self.rows(statement, **parameters)
        return found[0] if found else None

    async def run(self, statement: str, **parameters: object) -> int:
        """Run *statement*; returns how many rows it changed."""
        text, names = numbered(statement)
        tag = await self._connection.execute(text, *(parameters[name] for name in names))
        return int(tag.rpartition(" ")[2]) if tag[-1:].isdecimal() else 0

    async def script(self, statements: str) -> None:
        """Run several statements that bind nothing, for as long as they take."""
        await self._connection.execute(statements, timeout=3600)


class Connections:
    """At most *database*'s number of connections, opened when they are needed.

    No transaction outlives the call that began it, and nothing is left behind on a connection that a pooler between
    us and the server would have to keep: no session settings, no locks, and, where it cannot keep them, no prepared
    statements. *clock* is set by what the database says.
    """

    def __init__(self, database: Database, clock: DatabaseClock | None) -> None:
        self._database = database
        self._clock = clock
        self._idle: list[asyncpg.Connection[asyncpg.Record]] = []
        self._lent = asyncio.Semaphore(database.connections)
        self._cache = database.statement_cache_size
        self._failures = 0
        self._why = ""
        self._next_try = float("-inf")
        self._closed = False
        self.begin = (
            f'BEGIN ISOLATION LEVEL READ COMMITTED; SET LOCAL search_path TO "{database.schema}";'
            # A process that is stopped in the middle must not hold its locks for ever.
            " SET LOCAL idle_in_transaction_session_timeout = 15000"
        )

    async def transaction(self, work: Callable[[Transaction], Awaitable[T]]) -> T:
        """Run *work* in a transaction of its own; what it returns is durable.

        Raises what *work* raises of botkit's own errors, Unreachable, or StoreError for what the database refused.
        """
        async with self._lent:
            for attempt in range(_TRIES):
                try:
                    return await self._once(work)
                except _AGAIN as error:
                    if attempt + 1 == _TRIES:
                        raise self._refused(error) from error
                except _POOLED as error:
                    if self._cache == 0:
                        raise self._refused(error) from error
                    self._cache = 0
                    self._drop_idle()
                except _BROKEN as error:
                    raise self._broken(error) from error
                except asyncpg.PostgresError as error:
                    raise self._refused(error) from error
        raise AssertionError("the last try returns or raises")

    async def _once(self, work: Callable[[Transaction], Awaitable[T]]) -> T:
        connection = await self._take()
        try:
            await connection.execute(self.begin)
            await self._set_clock(connection)
            value = await work(Transaction(connection))
            await connection.execute("COMMIT")
        except BaseException as error:
            await self._roll_back(connection, error)
            raise
        self._give_back(connection)
        return value

    def _give_back(self, connection: "asyncpg.Connection[asyncpg.Record]") -> None:
        if self._closed:
            connection.terminate()
        else:
            self._idle.append(connection)

    async def _set_clock(self, connection: "asyncpg.Connection[asyncpg.Record]") -> None:
        if self._clock is not None and self._clock.is_stale:
            asked_at = self._clock.started()
            self._clock.set(await connection.fetchval("SELECT clock_timestamp()"), asked_at=asked_at)

    async def _roll_back(self, connection: "asyncpg.Connection[asyncpg.Record]", error: BaseException) -> None:
        """Make the connection usable for the next one, or get rid of it."""
        if isinstance(error, (asyncpg.PostgresError, BotkitError)) and not isinstance(error, (*_BROKEN, *_POOLED)):
            try:
                await connection.execute("ROLLBACK")
            except (*_BROKEN, asyncpg.PostgresError):
                connection.terminate()
            else:
                self._give_back(connection)
        else:
            connection.terminate()

    async def _take(self) -> "asyncpg.Connection[asyncpg.Record]":
        while self._idle:
            connection = self._idle.pop()
            if not connection.is_closed():
                return connection
        if self._closed:
            raise StoreError("The store is closed.")
        now = asyncio.get_running_loop().time()
        if now < self._next_try:
            raise Unreachable(self._why)
        try:
            connection = await self._connect()
        except (*_BROKEN, asyncpg.PostgresError, ValueError) as error:
            self._failures += 1
            self._next_try = asyncio.get_running_loop().time() + _BACKOFF.seconds(self._failures)
            broken = self._broken(error)
            self._why = str(broken)
            raise broken from error
        self._failures = 0
        return connection

    async def _connect(self) -> "asyncpg.Connection[asyncpg.Record]":
        return await asyncpg.connect(
            self._database.dsn,
            timeout=CONNECT_SECONDS,
            command_timeout=COMMAND_SECONDS,
            statement_cache_size=self._cache,
            server_settings={"application_name": "botkit"},
        )

    def _broken(self, error: BaseException) -> Unreachable:
        if isinstance(error, Unreachable):
            return error
        words = self._database.hushed(f"{type(error).__name__}: {error}".rstrip(": "))
        return Unreachable(f"The database {self._database} cannot be used now ({words}): see that it runs.")

    def _refused(self, error: asyncpg.PostgresError) -> StoreError:
        # The server's own words may quote what was to be kept.
        return StoreError(
            f"The database {self._database} refused with {type(error).__name__} (SQLSTATE {error.sqlstate})."
        )

    def _drop_idle(self) -> None:
        while self._idle:
            self._idle.pop().terminate()

    async def close(self) -> None:
        """Close every connection that is not lent; afterwards none is opened."""
        self._closed = True
        while self._idle:
            try:
                await self._idle.pop().close(timeout=2)
            except (*_BROKEN, asyncpg.PostgresError):
                continue
