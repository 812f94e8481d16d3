"""Claims whose answer is lost: what they leased is looked for again, and handed out as if nothing had happened."""

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Sequence
from typing import Final, Generic, TypeVar

from botkit.stores.postgres.connections import Transaction, Unreachable

T = TypeVar("T")

_STEP_BITS: Final = 20

#: Runs in a transaction; the other one runs such.
Claim = Callable[[Transaction], Awaitable[Sequence[T]]]
Ask = Callable[[Claim[T]], Awaitable[Sequence[T]]]


def new_step() -> int:
    """By how much a claim raises the epochs of what it leases: another claim hardly ever comes to the same ones.

    So an epoch says whose a lease is, even to one who does not know whether his own claim was kept.
    """
    return 1 + secrets.randbits(_STEP_BITS)


class Claims(Generic[T]):
    """Claims in transactions that *ask* runs, of which none is lost with the connection.

    A wire that breaks in the middle of a commit leaves open what became of it. Without this, whatever was leased would
    wait until the lease ends; so before the next claim it is looked for: *held* says which of some things are still
    leased by just that claim, and extends their leases.
    """

    def __init__(self, ask: Ask[T], held: Callable[[Transaction, Sequence[T]], Awaitable[Sequence[T]]]) -> None:
        self._ask = ask
        self._held = held
        self._doubted: tuple[T, ...] = ()

    async def do(self, claim: Claim[T]) -> Sequence[T]:
        """What *claim* leases; or what an earlier one had leased, if that is found now. Raises StoreError."""
        doubted, self._doubted = self._doubted, ()
        if doubted and (found := await self._kept(lambda one: self._held(one, doubted), doubted)):
            return found
        return await self._kept(claim)

    async def _kept(self, claim: Claim[T], doubted: Sequence[T] = ()) -> Sequence[T]:
        async def noted(transaction: Transaction) -> Sequence[T]:
            nonlocal doubted
            doubted = await claim(transaction)
            return doubted

        try:
            return await self._ask(noted)
        except (Unreachable, asyncio.CancelledError):
            # Others may have claimed, and been cut off, at the same time.
            self._doubted += tuple(doubted)
            raise
