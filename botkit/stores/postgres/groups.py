"""Groups: whatever waits shares the next transaction, so that the cost of durability is divided by the load."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from typing import Final, Generic, TypeVar
from zlib import crc32

from attrs import frozen

from botkit.errors import StoreError
from botkit.stores.postgres.connections import Connections, Transaction, Unreachable

R = TypeVar("R")
T = TypeVar("T")

GROUP_LIMIT: Final = 256

#: Does requests of one kind in a transaction, and gives a value, or the error to raise, for each.
Operation = Callable[[Transaction, Sequence[R]], Awaitable[Sequence[T | StoreError]]]


@frozen(eq=False)
class _Job(Generic[R, T]):
    request: R
    key: str
    answer: "asyncio.Future[T]"


class Groups(Generic[R, T]):
    """Runs one *operation* for all who ask at about the same time, in at most *lanes* transactions at once.

    Requests with the same key, which is a conversation's, run in the order they were made. With *once* no two of them
    share a transaction.
    """

    def __init__(
        self,
        connections: Connections,
        operation: Operation[R, T],
        key: Callable[[R], str],
        *,
        lanes: int = 2,
        once: bool = False,
    ) -> None:
        self._key = key
        self._lanes = [_Lane(connections, operation, once) for _ in range(lanes)]

    async def do(self, request: R) -> T:
        """Do *request* with others; raises what the operation gives as its error, or StoreError."""
        key = self._key(request)
        answer: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._lanes[crc32(key.encode()) % len(self._lanes)].add(_Job(request, key, answer))
        return await answer

    async def close(self) -> None:
        """Finish what was asked for."""
        for lane in self._lanes:
            await lane.close()


class _Lane(Generic[R, T]):
    """One transaction at a time, with all that has come while the last one was under way."""

    def __init__(self, connections: Connections, operation: Operation[R, T], once: bool) -> None:
        self._connections = connections
        self._operation = operation
        self._once = once
        self._waiting: deque[_Job[R, T]] = deque()
        self._running: asyncio.Task[None] | None = None

    def add(self, job: _Job[R, T]) -> None:
        self._waiting.append(job)
        if self._running is None:
            self._running = asyncio.create_task(self._run())

    async def close(self) -> None:
        while self._running is not None:
            await asyncio.wait([self._running])

    async def _run(self) -> None:
        try:
            while self._waiting:
                await self._do(self._group())
        finally:
            self._running = None

    def _group(self) -> list[_Job[R, T]]:
        group: list[_Job[R, T]] = []
        keys: set[str] = set()
        while self._waiting and len(group) < GROUP_LIMIT:
            if self._once and self._waiting[0].key in keys:
                break
            job = self._waiting.popleft()
            keys.add(job.key)
            group.append(job)
        return group

    async def _do(self, group: list[_Job[R, T]]) -> None:
        requests = [job.request for job in group]
        try:
            values = await self._connections.transaction(lambda transaction: self._operation(transaction, requests))
        except Exception as error:  # noqa: BLE001 - whoever asked is told, whatever it is
            if len(group) == 1 or isinstance(error, Unreachable):
                for job in group:
                    _tell(job, in_words(error))
            else:
                for job in group:
                    await self._do([job])
        else:
            for job, value in zip(group, values, strict=True):
                _tell(job, value)


def _tell(job: _Job[R, T], value: T | StoreError) -> None:
    if job.answer.done():
        return
    if isinstance(value, StoreError):
        job.answer.set_exception(value)
    else:
        job.answer.set_result(value)


def in_words(error: Exception) -> StoreError:
    """Any error as a StoreError."""
    if isinstance(error, StoreError):
        return error
    told = StoreError(f"The store failed with {type(error).__name__}.")
    told.__cause__ = error
    return told
