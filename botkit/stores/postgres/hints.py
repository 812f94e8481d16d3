"""When to look into the store again."""

import asyncio
from typing import Final

#: After something was found more may come soon, from other processes too; the longest wait is the caller's.
_SOON_SECONDS: Final = 0.02


class Hint:
    """Lets one caller wait for something new: what this process keeps is told at once, what others keep is looked for.

    After a look that found something the next comes soon; each that finds nothing doubles the wait.
    """

    def __init__(self) -> None:
        self._news = asyncio.Event()
        self._seconds = _SOON_SECONDS
        self._again_at = float("inf")

    def look(self) -> None:
        """Say that something may be there."""
        self._news.set()

    def looking(self) -> None:
        """Say that the store is looked into now."""
        self._news.clear()
        self._again_at = float("inf")

    def found(self, count: int, *, may_be_more: bool, again_seconds: float | None = None) -> None:
        """Say what was found, and that it is worth while to look again in *again_seconds*."""
        self._seconds = _SOON_SECONDS if count else self._seconds * 2
        if may_be_more:
            self._news.set()
        if again_seconds is not None:
            self._again_at = asyncio.get_running_loop().time() + again_seconds

    async def wait(self, timeout_seconds: float) -> None:
        """Return when something may be there, or after the timeout."""
        self._seconds = min(self._seconds, timeout_seconds)
        if self._news.is_set():
            return
        loop = asyncio.get_running_loop()
        until = min(loop.time() + self._seconds, self._again_at)
        timer = loop.call_at(until, self._news.set)
        try:
            await self._news.wait()
        finally:
            timer.cancel()
