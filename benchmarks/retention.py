"""What a store weighs: under steady load its file stays as it is, and a user who is silent costs little.

``BENCHMARK_SESSIONS`` is how many silent users are measured; by default 20,000, to be quick.
"""

import asyncio
import json
import os
import sqlite3
import tempfile
from pathlib import Path

from benchmarks.table import Figure, show
from botkit.events import Address, Message
from botkit.replies import Text
from botkit.stores.sqlite import SQLite
from botkit.testing import FakeClock
from botkit.work import Allowance, Outcome, Queued, Settlement

DAYS, TURNS_A_DAY, TOGETHER = 12, 2_000, 500
SESSIONS = int(os.environ.get("BENCHMARK_SESSIONS", "20000"))
SESSION = {"name": "Ann Example", "visits": 17, "basket": ["bread", "cake", "rolls"], "note": "y" * 88}


def user(number: int) -> Address:
    """A user with an id of sixteen digits."""
    return Address("messenger", "107083064136738", str(2_519_283_798_000_000 + number * 7_919))


async def turns(store: SQLite, first: int, count: int, *, users: int) -> None:
    """Have *count* messages answered, and the answers sent."""
    for start in range(first, first + count, TOGETHER):
        numbers = range(start, start + TOGETHER)
        messages = [Message(id=f"m{n}", address=user(n % users), kind="text", text="hello") for n in numbers]
        await asyncio.gather(*map(store.accept, messages))
        done = 0
        while done < TOGETHER:
            works = await store.claim(TOGETHER)
            outcomes = [Outcome(session=SESSION, deliveries=(Queued(work.event.id, Text("Hi!")),)) for work in works]
            await asyncio.gather(*map(store.commit, works, outcomes))
            done += len(works)
        while deliveries := await store.deliveries(Allowance(others=4 * TOGETHER)):
            settlements = [Settlement(state="sent", message_id=one.id) for one in deliveries]
            await asyncio.gather(*map(store.settle, deliveries, settlements))


def used_bytes(path: Path) -> int:
    """The pages of a file that hold something."""
    with sqlite3.connect(path) as db:
        pages, free, size = (
            db.execute(f"PRAGMA {name}").fetchone()[0] for name in ("page_count", "freelist_count", "page_size")
        )
    return int((pages - free) * size)


async def steady(folder: Path) -> tuple[float, float]:
    """How the file, and what is used of it, has grown from the fifth day to the last."""
    clock, path, sizes = FakeClock(), folder / "steady.db", list[tuple[int, int]]()
    store = SQLite(path, clock=clock)
    await store.open()
    for day in range(DAYS):
        for hour in range(4):
            first = (day * 4 + hour) * (TURNS_A_DAY // 4)
            await turns(store, first, TURNS_A_DAY // 4, users=500)
            clock.advance(6 * 3600)
            while await store.prune():
                pass
        sizes.append((path.stat().st_size, used_bytes(path)))
    await store.close()
    return sizes[-1][0] / sizes[4][0], sizes[-1][1] / sizes[4][1]


async def silent(folder: Path) -> float:
    """The bytes that a silent user costs, once nothing but his session is kept."""
    clock, path = FakeClock(), folder / "silent.db"
    store = SQLite(path, clock=clock)
    await store.open()
    await turns(store, 0, SESSIONS, users=SESSIONS)
    clock.advance(73 * 3600)
    while await store.prune(5_000):
        pass
    await store.close()
    return used_bytes(path) / SESSIONS


def main() -> None:
    """Print how a file grows, and what a user weighs."""
    with tempfile.TemporaryDirectory() as folder:
        size, used = asyncio.run(steady(Path(folder)))
        weight = asyncio.run(silent(Path(folder)))
    json_bytes = len(json.dumps(SESSION, separators=(",", ":")))
    load = f"{TURNS_A_DAY:,} turns a day for {DAYS} days"
    show(
        f"retention: {load}; {SESSIONS:,} silent users with {json_bytes} bytes of session",
        [
            Figure(name="the file after the last day / after the fifth", ratios=[size], most=1.05),
            Figure(name="what is used of it, likewise", ratios=[used], most=1.05),
            Figure(name="bytes on disk for each silent user", ratios=[weight], most=300),
        ],
    )


if __name__ == "__main__":
    main()
