"""Claims whose answer is lost: what they may have leased is put back before the next claim, which finds it again."""

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from typing import Final, Generic, TypeVar

from botkit.errors import StoreError
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
    wait until the lease ends. *put_back* ends the leases of those that are still leased by just that claim, as if it
    had never been; the next claim, which follows in the same transaction, may take them, if the rules allow it now.
    """

    def __init__(self, ask: Ask[T], put_back: Callable[[Transaction, Sequence[T]], Awaitable[None]]) -> None:
        self._ask = ask
        self._put_back = put_back
        self._doubted: tuple[T, ...] = ()

    async def do(self, claim: Claim[T]) -> Sequence[T]:
        """What *claim* leases, what an earlier one may have leased among it. Raises StoreError."""
        doubted, self._doubted = self._doubted, ()
        taken: Sequence[T] = ()

        async def noted(transaction: Transaction) -> Sequence[T]:
            nonlocal taken
            if doubted:
                await self._put_back(transaction, doubted)
            taken = await claim(transaction)
            return taken

        try:
            return await self._ask(noted)
        except (StoreError, asyncio.CancelledError) as error:
            # Others may have claimed, and been cut off, at the same time. What was refused has leased nothing.
            is_known = isinstance(error, StoreError) and not isinstance(error, Unreachable)
            self._doubted += doubted if is_known else (*doubted, *taken)
            raise

    async def close(self) -> None:
        """Put back what may still be leased, if the database can be reached; else its lease ends by itself."""
        with suppress(StoreError):
            if self._doubted:
                await self.do(_nothing)


async def _nothing(transaction: Transaction) -> Sequence[T]:
    return ()
