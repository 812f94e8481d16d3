"""Driving a handler's coroutine, step by step, until it asks what nobody has answered yet.

Whatever the coroutine yields passes through `Drive.advance`. What it yields outside the chat's own operations is
somebody else's future: awaiting it again on replay would repeat what it did. That is remembered as a taint, and does no
harm unless the handler asks.
"""

import asyncio
import sys
import types
from collections.abc import Callable, Coroutine, Generator, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Final

from attrs import frozen

from botkit.flows.question import Question
from botkit.places import suspended_at

#: Whether a task may begin in the middle of another's step (`asyncio.eager_task_factory`).
_EAGER: Final = sys.version_info >= (3, 12)


@frozen
class Ended:
    """The handler came to its end, and returned *value*."""

    value: object


class Drive:
    """One coroutine under way; ``sends`` counts its messages until a run keeps its record.

    *is_plain* says that the handler itself is a plain function, which can wait for nothing.
    """

    __slots__ = ("_inside", "_is_resumed", "_loop", "_resume", "coroutine", "is_plain", "sends", "taint", "task")

    def __init__(self, coroutine: Coroutine[object, object, object], *, is_plain: bool = False) -> None:
        self.coroutine = coroutine
        self.is_plain = is_plain
        self.sends = 0
        #: Where it awaited something that would be done again, None if it did not.
        self.taint: str | None = None
        self.task: asyncio.Task[object] | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._inside = 0
        self._is_resumed = False
        self._resume: Callable[[], object] = partial(coroutine.send, None)

    @types.coroutine
    def advance(self) -> Generator[object, object, Question | Ended]:
        """Drive it until it asks what nobody has answered, or comes to its end; raises what it raises."""
        self._loop = asyncio.get_running_loop()
        self.task = asyncio.current_task()
        while True:
            self._is_resumed = True
            try:
                yielded = self._resume()
            except StopIteration as end:
                return Ended(end.value)
            finally:
                self._is_resumed = False
            if isinstance(yielded, Question):
                return yielded
            if not self._inside and self.taint is None:
                self.taint = str(suspended_at(self.coroutine) or "some line of it")
            try:
                self._resume = partial(self.coroutine.send, (yield yielded))
            except BaseException as error:  # noqa: BLE001 - whatever it is, it is for the handler
                self._resume = partial(self.coroutine.throw, error)

    @property
    def is_over(self) -> bool:
        """Whether the coroutine has come to its end, or was closed."""
        return self.coroutine.cr_frame is None  # type: ignore[attr-defined]  # it is Python's own

    def give(self, value: object) -> None:
        """Let what it asked be *value*: `advance` goes on from there."""
        self._resume = partial(self.coroutine.send, value)

    def is_here(self) -> bool:
        """Whether the handler itself calls, and not a task that it has started."""
        # While it is resumed nobody else runs, but for a task that begins at once.
        return self._is_resumed and (not _EAGER or asyncio.current_task(self._loop) is self.task)

    @contextmanager
    def ours(self) -> Iterator[None]:
        """What is awaited meanwhile is the chat's own doing, and taints nothing."""
        self._inside += 1
        try:
            yield
        finally:
            self._inside -= 1
