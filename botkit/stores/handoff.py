"""Hand-off: what is new goes straight to the one who waits for it, and need not be looked for.

Whoever keeps something new reserves a place with the one who waits, leases it in the same transaction, and gives it.
Where nobody waits, or he may take no more, it stays in the store as it is and is found there.
"""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from typing import Final, Generic, TypeVar

from attrs import evolve

from botkit.work import Allowance

T = TypeVar("T")
Look = Callable[[Allowance], Awaitable[Sequence[T]]]

#: The store is looked into this often even while everything is handed over: something may have become due.
LOOK_SECONDS: Final = 0.5
_NOTHING: Final = Allowance(others=0)


class Handoff(Generic[T]):
    """Hands what is new to one caller, the worker or the sender, once he has begun to `wait` for it.

    *page_of* says against which page's allowance a thing counts. Used on one event loop. Nothing depends on a hand-off:
    what is leased and never taken comes back when its lease is over.
    """

    def __init__(self, page_of: Callable[[T], str]) -> None:
        self._page_of = page_of
        self._is_waited_for = False
        self._allowance = self._looked_for = _NOTHING
        self._used: Counter[str] = Counter()
        self._reserved: Counter[str] = Counter()
        self._given: list[T] = []
        self._must_look = True
        self._looked_at = float("-inf")
        self._changed = asyncio.Event()

    # For the one who waits

    async def claim(self, allowance: Allowance, look: Look[T]) -> Sequence[T]:
        """Take what was given, and what *look* finds where something may wait in the store.

        Until the next call as much may be given as *allowance* leaves.
        """
        given, self._given = self._given, []
        self._allowance = allowance
        self._used = Counter(map(self._page_of, given))
        now = asyncio.get_running_loop().time()
        if given and not self._must_look and now - self._looked_at < LOOK_SECONDS:
            return given
        self._must_look, self._looked_at = False, now
        self._looked_for = share = self._share()
        try:
            found = await look(share)
        except BaseException:
            self._must_look = True
            self._given = given + self._given
            raise
        finally:
            self._looked_for = _NOTHING
        counts = Counter(map(self._page_of, found))
        self._used += counts
        # As much was found as was asked for: there may be more.
        self._must_look |= any(count >= share.of(page) for page, count in counts.items())
        return [*given, *found]

    def _share(self) -> Allowance:
        """A quarter of what is left, rounded up: the rest may be given while the store is looked into."""
        pages = {*self._allowance.pages, *self._used, *self._reserved}
        shares = {page: -(-self._left(page) // 4) for page in pages}
        return evolve(self._allowance, pages=shares, others=-(-self._allowance.others // 4))

    def _left(self, page: str) -> int:
        taken = self._used[page] + self._reserved[page] + self._looked_for.of(page)
        return max(0, self._allowance.of(page) - taken)

    @property
    def has_news(self) -> bool:
        """Whether something was given, or the store should be looked into: then `wait` returns at once."""
        return self._must_look or bool(self._given)

    async def wait(self, timeout_seconds: float) -> None:
        """Return when something was given, when the store should be looked into, or after the timeout."""
        self._is_waited_for = True
        if self.has_news:
            return
        self._changed.clear()
        timer = asyncio.get_running_loop().call_later(timeout_seconds, self._changed.set)
        try:
            await self._changed.wait()
        finally:
            timer.cancel()

    # For those who keep something new

    def reserve(self, page: str) -> bool:
        """Whether something of *page* may be handed over; `settle` must follow."""
        if not self._is_waited_for or not self._left(page):
            return False
        self._reserved[page] += 1
        return True

    def settle(self, page: str, one: T | None, *, reserved: bool) -> None:
        """Hand over what was kept and leased.

        None: it was not kept, or waits behind others, whose end says that there is more. What could not be *reserved*
        waits in the store.
        """
        if not reserved:
            self.look()
            return
        self._reserved[page] -= 1
        if one is not None:
            self._used[page] += 1
            self._given.append(one)
            self._changed.set()

    def look(self) -> None:
        """Say that something may wait in the store."""
        self._must_look = True
        self._changed.set()
