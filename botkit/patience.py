"""Trying again where the store stumbles: what was decided must be kept, or the lease be lost."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final

from botkit.backoff import Backoff
from botkit.errors import LeaseLost, StoreError
from botkit.observe import Alarm, Observer

_BACKOFF: Final = Backoff(first_seconds=0.1, longest_seconds=5.0)


async def until_kept(keep: Callable[[], Awaitable[None]], observer: Observer) -> None:
    """Call *keep* until the store has kept it; raises LeaseLost once somebody else has taken over.

    A disk that is full for a minute must neither run a handler again nor send a reply twice.
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
