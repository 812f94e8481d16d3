"""The writer: one thread, one connection, and one commit for whatever waits.

A commit costs the disk a flush. Everything that was asked for while the last one was under way shares the next, so that
the cost of durability is divided by the load; and what is asked for alike is done together, in one call. A request
that is refused takes nothing else with it: its group is rolled back and run again, each request alone in a savepoint of
its own. Operations therefore leave no trace but in the database.
"""

import asyncio
import sqlite3
from collections.abc import Callable, Sequence
from queue import SimpleQueue
from threading import Thread
from typing import Final, TypeVar

from attrs import frozen

from botkit.errors import BotkitError, StoreError

R = TypeVar("R")
T = TypeVar("T")

#: Does requests of one kind inside a transaction, and gives one result for each; it raises if any must be refused.
Operation = Callable[[sqlite3.Connection, Sequence[R]], Sequence[T]]

GROUP_LIMIT: Final = 256


class NotTogether(Exception):
    """One of several requests must be refused, and each is to be tried alone."""


def alone(requests: Sequence[R]) -> R:
    """The only one of *requests*; raises NotTogether where there are more."""
    if len(requests) > 1:
        raise NotTogether
    return requests[0]


@frozen(eq=False)
class _Job:
    operation: Operation[object, object]
    request: object
    answer: "asyncio.Future[object]"
    ended: Callable[[object], None] | None


@frozen(eq=False)
class _Done:
    """The result of a job: a value, or an error to raise."""

    job: _Job
    value: object
    error: Exception | None = None


class Writer:
    """Runs operations on *connection* in its own thread, committing them in groups."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._jobs: SimpleQueue[_Job | None] = SimpleQueue()
        self._loop = asyncio.get_running_loop()
        self._closed = False
        self._thread = Thread(target=self._run, name="botkit-store", daemon=True)
        self._thread.start()

    async def do(self, operation: Operation[R, T], request: R, ended: Callable[[T | None], None] | None = None) -> T:
        """Run *operation* for *request* and return its value once it is committed.

        Raises what the operation raises, or StoreError. Requests for the same operation run in the order they were
        made. *ended* is called with the value, or with None after a failure, whether or not anybody still waits for it.
        """
        if self._closed:
            raise StoreError("The store is closed.")
        answer: asyncio.Future[object] = self._loop.create_future()
        self._jobs.put(_Job(operation, request, answer, ended))  # type: ignore[arg-type]  # a job's types belong together
        return await answer  # type: ignore[return-value]  # the thread answers with what this operation returned

    async def ask(
        self, operation: Callable[[sqlite3.Connection], T], ended: Callable[[T | None], None] | None = None
    ) -> T:
        """Run an *operation* that nothing else is done together with; otherwise like `do`."""
        return await self.do(lambda db, _: [operation(db)], None, ended)

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
            return self._transaction(group, self._together)
        except Exception as error:  # noqa: BLE001 - whatever it is, everybody who waits is told
            if len(group) == 1:
                return [_Done(group[0], None, in_words(error))]
        try:
            return self._transaction(group, self._each_alone)
        except Exception as error:  # noqa: BLE001 - as above
            return [_Done(job, None, in_words(error)) for job in group]

    def _transaction(self, group: list[_Job], run: Callable[[list[_Job]], list[_Done]]) -> list[_Done]:
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            done = run(group)
            self._connection.execute("COMMIT")
        except BaseException:
            self._roll_back()
            raise
        return done

    def _together(self, group: list[_Job]) -> list[_Done]:
        alike: dict[Operation[object, object], list[_Job]] = {}
        for job in group:
            alike.setdefault(job.operation, []).append(job)
        done: list[_Done] = []
        for operation, jobs in alike.items():
            values = operation(self._connection, [job.request for job in jobs])
            done += map(_Done, jobs, values)
        return done

    def _each_alone(self, group: list[_Job]) -> list[_Done]:
        return [self._alone(job) for job in group]

    def _alone(self, job: _Job) -> _Done:
        connection = self._connection
        connection.execute("SAVEPOINT operation")
        try:
            (value,) = job.operation(connection, [job.request])
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
        if one.job.ended is not None:
            one.job.ended(one.value)
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
        told = StoreError(f"The store failed with {type(error).__name__}.")
    told.__cause__ = error
    return told
