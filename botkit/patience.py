"""Waiting well: until the store has kept what was decided, and no longer than anybody wants."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from typing import Final, TypeVar

from botkit.backoff import Backoff
from botkit.errors import LeaseLost, StoreError
from botkit.observe import Alarm, Observer

T = TypeVar("T")

_BACKOFF: Final = Backoff(first_seconds=0.1, longest_seconds=5.0)


async def until_kept(keep: Callable[[], Awaitable[T]], observer: Observer) -> T:
    """Call *keep* until the store has kept it, and give what it says.

    Raises LeaseLost once somebody else has taken over. A disk that is full for a minute must neither run a handler
    again nor send a reply twice.
    """
    attempt = 0
    while True:
        try:
            return await keep()
        except LeaseLost:
            raise
        except StoreError as error:
            attempt += 1
            observer(Alarm("store_unavailable", str(error)))
            await asyncio.sleep(_BACKOFF.seconds(attempt))


class Rest:
    """A wait that can be cut short, so that who is told to stop need not wait for the next poll."""

    def __init__(self) -> None:
        self._waiting: asyncio.Task[None] | None = None

    async def during(self, waiting: Coroutine[None, None, None]) -> None:
        """Wait until *waiting* is over, or `end` is called."""
        self._waiting = asyncio.ensure_future(waiting)
        try:
            await self._waiting
        except asyncio.CancelledError:
            task = asyncio.current_task()
            if task is None or task.cancelling():
                raise
        finally:
            self._waiting = None

    def end(self) -> None:
        """Cut the wait short, if there is one."""
        if self._waiting is not None:
            self._waiting.cancel()
