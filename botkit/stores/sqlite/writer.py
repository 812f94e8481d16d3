"""The writer: one thread, one connection, and one commit for whatever waits.

A commit costs the disk a flush. Everything that was asked for while the last one was under way shares the next, so that
the cost of durability is divided by the load. An operation that fails takes nothing else with it: a group in which one
has failed is rolled back and run again, each operation in a savepoint of its own. Operations therefore leave no trace
but in the database.
"""

import asyncio
import sqlite3
from collections.abc import Callable
from queue import SimpleQueue
from threading import Thread
from typing import Final, TypeVar

from attrs import frozen

from botkit.errors import BotkitError, StoreError

T = TypeVar("T")
Operation = Callable[[sqlite3.Connection], T]

GROUP_LIMIT: Final = 256


@frozen(eq=False)
class _Job:
    operation: Operation[object]
    answer: "asyncio.Future[object]"


@frozen(eq=False)
class _Done:
    """The result of a job: a value, or an error to raise."""

    job: _Job
    value: object
    error: Exception | None = None


class Writer:
    """Runs operations on *connection* in its own thread, in order, committing them in groups."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._jobs: SimpleQueue[_Job | None] = SimpleQueue()
        self._loop = asyncio.get_running_loop()
        self._closed = False
        self._thread = Thread(target=self._run, name="botkit-store", daemon=True)
        self._thread.start()

    async def do(self, operation: Operation[T]) -> T:
        """Run *operation* and return its value once it is committed; raises what it raises, or StoreError."""
        if self._closed:
            raise StoreError("The store is closed.")
        answer: asyncio.Future[object] = self._loop.create_future()
        self._jobs.put(_Job(operation, answer))
        return await answer  # type: ignore[return-value]  # the thread answers with what this operation returned

    async def close(self) -> None:
        """Finish what was asked for, then close the connection."""
        if not self._closed:
            self._closed = True
            self._jobs.put(None)
            await asyncio.to_thread(self._thread.join)

    def _run(self) -> None:
        closing = False
        while not closing:
            group: list[_Job] = []
            job = self._jobs.get()
            while job is not None:
                group.append(job)
                if len(group) == GROUP_LIMIT or self._jobs.empty():
                    break
                job = self._jobs.get()
            closing = job is None
            if group:
                done = self._commit(group)
                self._tell(done)
        self._connection.close()

    def _tell(self, done: list[_Done]) -> None:
        try:
            self._loop.call_soon_threadsafe(_answer, done)
        except RuntimeError:
            return  # the loop is gone, and with it everybody who waited

    def _commit(self, group: list[_Job]) -> list[_Done]:
        try:
            return self._transaction(group, self._plain)
        except Exception as error:  # noqa: BLE001 - whatever it is, everybody who waits is told
            if len(group) == 1:
                return [_Done(group[0], None, in_words(error))]
        try:
            return self._transaction(group, self._guarded)
        except Exception as error:  # noqa: BLE001 - as above
            return [_Done(job, None, in_words(error)) for job in group]

    def _transaction(self, group: list[_Job], run: Callable[[_Job], _Done]) -> list[_Done]:
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            done = [run(job) for job in group]
            self._connection.execute("COMMIT")
        except BaseException:
            self._roll_back()
            raise
        return done

    def _plain(self, job: _Job) -> _Done:
        return _Done(job, job.operation(self._connection))

    def _guarded(self, job: _Job) -> _Done:
        connection = self._connection
        connection.execute("SAVEPOINT operation")
        try:
            value = job.operation(connection)
        except Exception as error:  # noqa: BLE001 - whoever asked for it is told
            connection.execute("ROLLBACK TO operation")
            connection.execute("RELEASE operation")
            return _Done(job, None, in_words(error))
        connection.execute("RELEASE operation")
        return _Done(job, value)

    def _roll_back(self) -> None:
        if self._connection.in_transaction:
            self._connection.execute("ROLLBACK")


def _answer(done: list[_Done]) -> None:
    for one in done:
        if one.job.answer.done():
            continue
        if one.error is not None:
            one.job.answer.set_exception(one.error)
        else:
            one.job.answer.set_result(one.value)


def in_words(error: Exception) -> Exception:
    """A driver's error as a StoreError in a sentence; our own errors as they are."""
    if isinstance(error, BotkitError):
        return error
    words = str(error)
    if "disk is full" in words or "disk I/O" in words:
        told = StoreError(f"The disk of the store is full or failing ({words}): free some space; nothing is lost.")
    elif "readonly" in words:
        told = StoreError("The store's file is read-only: make it and its folder writable.")
    elif isinstance(error, sqlite3.DatabaseError):
        told = StoreError(f"The store's file cannot be used ({words}): check it, or name another one with --store.")
    else:
        told = StoreError(f"The store failed with {type(error).__name__}: {error}")
    told.__cause__ = error
    return told
