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
from typing import Final, NamedTuple, TypeVar

from attrs import frozen

from botkit.errors import BotkitError, StoreError

R = TypeVar("R")
T = TypeVar("T")

#: Does requests of one kind inside a transaction, and gives one result for each; it raises if any must be refused.
Operation = Callable[[sqlite3.Connection, Sequence[R]], Sequence[T]]

GROUP_LIMIT: Final = 256
#: For so many rounds of the event loop at most is waited for more to come.
ROUNDS: Final = 8


class NotTogether(Exception):
    """One of several requests must be refused, and each is to be tried alone."""


def alone(requests: Sequence[R]) -> R:
    """The only one of *requests*; raises NotTogether where there are more."""
    if len(requests) > 1:
        raise NotTogether
    return requests[0]


class _Job(NamedTuple):
    operation: Operation[object, object]
    request: object
    answer: "asyncio.Future[object]"
    ended: Callable[[object], None] | None


@frozen(eq=False)
class _Failed:
    """What stands where a job's value would, for one that was refused or not kept: the error to raise."""

    error: Exception


class Writer:
    """Runs operations on *connection* in groups, each committed at once.

    It has a thread of its own, so that nothing waits for the disk but who asked; without *waits*, where there is no
    disk, it works in the event loop, and is done before a thread would have been woken.
    """

    def __init__(self, connection: sqlite3.Connection, *, waits: bool = True) -> None:
        self._connection = connection
        self._asked: list[_Job] = []
        self._jobs: SimpleQueue[list[_Job] | None] = SimpleQueue()
        self._loop = asyncio.get_running_loop()
        self._closed = False
        self._thread = Thread(target=self._run, name="botkit-store", daemon=True) if waits else None
        if self._thread is not None:
            self._thread.start()

    def do(
        self, operation: Operation[R, T], request: R, ended: Callable[[T | None], None] | None = None
    ) -> "asyncio.Future[T]":
        """Run *operation* for *request*; what is waited for is its value, and comes once it is committed.

        Raises what the operation raises, or StoreError. Requests for the same operation run in the order they were
        made. *ended* is called with the value, or with None after a failure, whether or not anybody still waits for it.
        """
        if self._closed:
            raise StoreError("The store is closed.")
        answer: asyncio.Future[T] = self._loop.create_future()
        if not self._asked:
            self._loop.call_soon(self._gather, 0, ROUNDS)
        self._asked.append(_Job(operation, request, answer, ended))  # type: ignore[arg-type]  # a job's types belong together
        return answer

    def ask(
        self, operation: Callable[[sqlite3.Connection], T], ended: Callable[[T | None], None] | None = None
    ) -> "asyncio.Future[T]":
        """Run an *operation* that nothing else is done together with; otherwise like `do`."""
        return self.do(lambda db, _: [operation(db)], None, ended)

    def _gather(self, seen: int, rounds: int) -> None:
        """Hand over once nothing more has come in a round of the event loop.

        To wake the thread for each costs more, and while the loop is busy the two only wait for each other.
        """
        if self._thread is not None and seen < len(self._asked) < GROUP_LIMIT and rounds:
            self._loop.call_soon(self._gather, len(self._asked), rounds - 1)
        else:
            self._hand_over()

    def _hand_over(self) -> None:
        asked, self._asked = self._asked, []
        if self._thread is not None:
            self._jobs.put(asked)
        else:
            for start in range(0, len(asked), GROUP_LIMIT):
                group = asked[start : start + GROUP_LIMIT]
                _answer(group, self._commit(group))

    async def close(self) -> None:
        """Finish what was asked for, then close the connection."""
        if not self._closed:
            self._closed = True
            self._hand_over()
            if self._thread is None:
                self._connection.close()
            else:
                self._jobs.put(None)
                await asyncio.to_thread(self._thread.join)

    def _run(self) -> None:
        waiting: list[_Job] = []
        closing = False
        while not closing or waiting:
            while not closing and (not waiting or not self._jobs.empty()):
                asked = self._jobs.get()
                closing = asked is None
                waiting += asked or ()
            group, waiting = waiting[:GROUP_LIMIT], waiting[GROUP_LIMIT:]
            if group:
                self._tell(group, self._commit(group))
        self._connection.close()

    def _tell(self, group: list[_Job], values: list[object]) -> None:
        try:
            self._loop.call_soon_threadsafe(_answer, group, values)
        except RuntimeError:
            return  # the loop is gone, and with it everybody who waited

    def _commit(self, group: list[_Job]) -> list[object]:
        """Do all of *group* in one transaction; gives what has become of each job, its value or `_Failed`."""
        try:
            return self._transaction(group, self._together)
        except Exception as error:  # noqa: BLE001 - whatever it is, everybody who waits is told
            if len(group) == 1:
                return [_Failed(in_words(error))]
        try:
            return self._transaction(group, self._each_alone)
        except Exception as error:  # noqa: BLE001 - as above
            return [_Failed(in_words(error)) for _ in group]

    def _transaction(self, group: list[_Job], run: Callable[[list[_Job]], list[object]]) -> list[object]:
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            done = run(group)
            self._connection.execute("COMMIT")
        except BaseException:
            self._roll_back()
            raise
        return done

    def _together(self, group: list[_Job]) -> list[object]:
        alike: dict[Operation[object, object], list[int]] = {}
        for place, job in enumerate(group):
            alike.setdefault(job.operation, []).append(place)
        done: list[object] = [None] * len(group)
        for operation, places in alike.items():
            values = operation(self._connection, [group[place].request for place in places])
            for place, value in zip(places, values, strict=True):
                done[place] = value
        return done

    def _each_alone(self, group: list[_Job]) -> list[object]:
        return [self._alone(job) for job in group]

    def _alone(self, job: _Job) -> object:
        connection = self._connection
        connection.execute("SAVEPOINT operation")
        try:
            (value,) = job.operation(connection, [job.request])
        except Exception as error:  # noqa: BLE001 - whoever asked for it is told
            connection.execute("ROLLBACK TO operation")
            connection.execute("RELEASE operation")
            return _Failed(in_words(error))
        connection.execute("RELEASE operation")
        return value

    def _roll_back(self) -> None:
        if self._connection.in_transaction:
            self._connection.execute("ROLLBACK")


def _answer(group: list[_Job], values: list[object]) -> None:
    for job, value in zip(group, values, strict=True):
        if job.ended is not None:
            job.ended(None if isinstance(value, _Failed) else value)
        if job.answer.done():
            continue
        if isinstance(value, _Failed):
            job.answer.set_exception(value.error)
        else:
            job.answer.set_result(value)


def in_words(error: Exception, file: str = "") -> Exception:
    """A driver's error as a StoreError in a sentence that names the *file*; our own errors as they are."""
    if isinstance(error, BotkitError):
        return error
    words, named = str(error), f"The store's file {file}".strip()
    if "disk is full" in words or "disk I/O" in words:
        told = StoreError(f"The disk of the store is full or failing ({words}): free some space; nothing is lost.")
    elif "readonly" in words:
        told = StoreError(f"{named} is read-only: make it and its folder writable.")
    elif isinstance(error, sqlite3.DatabaseError):
        told = StoreError(f"{named} cannot be used ({words}): check it, or name another one with --store.")
    else:
        told = StoreError(f"The store failed with {type(error).__name__}.")
    told.__cause__ = error
    return told
