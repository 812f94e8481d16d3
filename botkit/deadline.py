"""The deadline of one turn. What never waits needs none, and most handlers do not; a clock that is stopped goes on."""

import asyncio
import types
from collections.abc import Coroutine, Generator, Iterator
from contextlib import contextmanager
from functools import partial
from typing import TypeVar

T = TypeVar("T")


class Expired(Exception):
    """The time was over: *stopped* says whether the coroutine let itself be stopped."""

    def __init__(self, *, stopped: bool) -> None:
        super().__init__()
        self.stopped = stopped


class Deadline:
    """Gives coroutines *seconds* each, one after the other, not counting what happens while the clock is `stopped`."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._due = 0.0
        self._is_stopped = False
        self._timeout: asyncio.Timeout | None = None

    async def keep(self, coroutine: Coroutine[object, object, T]) -> T:
        """Run *coroutine*; raises what it raises, and Expired."""
        self._timeout, self._due = None, asyncio.get_running_loop().time() + self.seconds
        try:
            awaited = coroutine.send(None)
        except StopIteration as end:
            value: T = end.value
            return value
        try:
            async with asyncio.timeout_at(None if self._is_stopped else self._due) as timeout:
                self._timeout = timeout
                value = await _went_on(coroutine, awaited)
        except TimeoutError as error:
            if not timeout.expired():
                raise
            raise Expired(stopped=True) from error
        if timeout.expired():
            raise Expired(stopped=False)
        return value

    @contextmanager
    def stopped(self) -> Iterator[None]:
        """Stop the clock meanwhile."""
        if self._is_over:
            yield
            return
        loop = asyncio.get_running_loop()
        left, self._is_stopped = self._due - loop.time(), True
        self._set(None)
        try:
            yield
        finally:
            self._is_stopped, self._due = False, loop.time() + left
            self._set(self._due)

    @property
    def _is_over(self) -> bool:
        return self._is_stopped or (self._timeout is not None and self._timeout.expired())

    def _set(self, due: float | None) -> None:
        if self._timeout is not None and not self._timeout.expired():
            self._timeout.reschedule(due)


@types.coroutine
def _went_on(coroutine: Coroutine[object, object, T], awaited: object) -> Generator[object, object, T]:
    """Wait for what *coroutine* has begun to await, and go on with it."""
    while True:
        try:
            step = partial(coroutine.send, (yield awaited))
        except BaseException as error:  # noqa: BLE001 - whatever it is, it is for the coroutine
            step = partial(coroutine.throw, error)
        try:
            awaited = step()
        except StopIteration as end:
            value: T = end.value
            return value
