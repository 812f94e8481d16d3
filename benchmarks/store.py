"""Group commit: what waits shares a transaction, against a transaction for each operation, on both engines.

Both sides run the same statements of the same engine; only how many operations share a commit differs. What the disk
takes for a flush is printed beside it: where that is little, so is what can be gained.
"""

import asyncio
import tempfile
import time
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from attrs import frozen

from benchmarks import database
from benchmarks.disk import flush_microseconds
from benchmarks.table import Figure, show
from botkit.events import Address, Message
from botkit.observe import SystemClock
from botkit.replies import Text
from botkit.stores import Engine
from botkit.stores.postgres import Postgres, inbox
from botkit.stores.sqlite import SQLite, writer
from botkit.work import Outcome, Queued, Work

ROUNDS, OPERATIONS, CLIENTS, MANY = 5, 3_200, 16, 64


@frozen
class Rates:
    """Events kept and turns committed, each a second."""

    accepted: float
    committed: float


async def _rate(operations: Sequence[Callable[[], Awaitable[object]]], clients: int) -> float:
    """How many of *operations* are done a second by so many *clients*, each one after the other."""

    async def client(number: int) -> None:
        for operation in operations[number::clients]:
            await operation()

    began = time.perf_counter()
    await asyncio.gather(*map(client, range(clients)))
    return len(operations) / (time.perf_counter() - began)


def _accepting(store: Engine, number: int) -> Callable[[], Awaitable[object]]:
    address = Address("messenger", "1070", str(2_519_283_798 + number))
    message = Message(id=f"message-{number}", address=address, kind="text", text="when do you open?")
    return lambda: store.accept(message)


def _committing(store: Engine, work: Work) -> Callable[[], Awaitable[object]]:
    outcome = Outcome(session={"visits": 1}, deliveries=(Queued(work.event.id, Text("From eight to six.")),))
    return lambda: store.commit(work, outcome)


async def _rates(store: Engine, clients: int, operations: int) -> Rates:
    accepted = await _rate([_accepting(store, number) for number in range(operations)], clients)
    works: list[Work] = []
    while len(works) < operations:
        works += await store.claim(256)
    return Rates(accepted, await _rate([_committing(store, work) for work in works], clients))


# SQLite


@contextmanager
def _groups_of(most: int) -> Iterator[None]:
    usual, writer.GROUP_LIMIT = writer.GROUP_LIMIT, most  # type: ignore[misc]  # what is measured is this constant
    try:
        yield
    finally:
        writer.GROUP_LIMIT = usual  # type: ignore[misc]  # as above


async def _sqlite(clients: int, operations: int) -> Rates:
    with tempfile.TemporaryDirectory() as folder:
        store = SQLite(Path(folder) / "store.db", clock=SystemClock(), lease_seconds=300)
        await store.open()
        rates = await _rates(store, clients, operations)
        await store.close()
    return rates


def _show_sqlite() -> None:
    grouped, many, each, flushes = list[Rates](), list[Rates](), list[Rates](), list[float]()
    for _ in range(ROUNDS):
        flushes.append(flush_microseconds())
        grouped.append(asyncio.run(_sqlite(CLIENTS, OPERATIONS)))
        with _groups_of(1):
            each.append(asyncio.run(_sqlite(CLIENTS, OPERATIONS // 4)))
        many.append(asyncio.run(_sqlite(MANY, OPERATIONS)))
    show(
        "store: SQLite, synchronous=FULL, group commit / a commit for each operation",
        [*_figures(f"at {CLIENTS} clients", grouped, each, 5), *_figures(f"at {MANY} clients", many, each, 5)],
        [f"a flush of this disk takes {min(flushes):.0f} to {max(flushes):.0f} us; {_told(grouped, each)}"],
    )


# PostgreSQL


class _Alone:
    """In place of a group: a transaction for each operation, on as many connections as the store may have."""

    def __init__(self, store: Postgres, operation: Callable[..., Awaitable[Sequence[object]]]) -> None:
        self._connections = store._connections  # noqa: SLF001 - the same engine but for its groups is what is measured
        self._operation = operation

    async def do(self, request: object) -> object:
        """Do *request* by itself."""
        found = await self._connections.transaction(lambda one: self._operation(one, [request]))
        return found[0]

    async def close(self) -> None:
        """Nothing waits."""


async def _postgres(url: str, clients: int, operations: int, *, alone: bool) -> Rates:
    store = Postgres(url, lease_seconds=300)
    if alone:
        for name, operation in (("_accepting", inbox.accept), ("_committing", inbox.commit)):
            setattr(store, name, _Alone(store, operation))
    await store.open()
    rates = await _rates(store, clients, operations)
    await store.close()
    return rates


def _show_postgres() -> None:
    grouped, few, each = list[Rates](), list[Rates](), list[Rates]()
    with database.server() as folder:
        for _ in range(ROUNDS):
            grouped.append(asyncio.run(_postgres(database.url(folder), MANY, OPERATIONS, alone=False)))
            each.append(asyncio.run(_postgres(database.url(folder), MANY, OPERATIONS // 4, alone=True)))
            few.append(asyncio.run(_postgres(database.url(folder), CLIENTS, OPERATIONS, alone=False)))
    show(
        "store: PostgreSQL, grouped / a transaction for each operation",
        _figures(f"at {MANY} clients", grouped, each, 4),
        [_told(grouped, each), f"at {CLIENTS} clients: {_told(few, each)}"],
    )


def _figures(where: str, grouped: Sequence[Rates], each: Sequence[Rates], least: float) -> list[Figure]:
    pairs = list(zip(grouped, each, strict=True))
    return [
        Figure(name=f"events kept a second, {where}", ratios=[a.accepted / b.accepted for a, b in pairs], least=least),
        Figure(
            name=f"turns committed a second, {where}", ratios=[a.committed / b.committed for a, b in pairs], least=least
        ),
    ]


def _told(grouped: Sequence[Rates], each: Sequence[Rates]) -> str:
    kept, turns = max(one.accepted for one in grouped), max(one.committed for one in grouped)
    alone, alone_turns = max(one.accepted for one in each), max(one.committed for one in each)
    return f"{kept:,.0f} events and {turns:,.0f} turns a second, one by one {alone:,.0f} and {alone_turns:,.0f}"


def main() -> None:
    """Print what sharing commits gains on both engines."""
    _show_sqlite()
    _show_postgres()


if __name__ == "__main__":
    main()
