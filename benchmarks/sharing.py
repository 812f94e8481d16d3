"""Two processes on one PostgreSQL against one, where handlers wait; ``python -m benchmarks.sharing URL`` is one.

Each runs at most CONCURRENCY handlers at once, which wait 20 ms each, so that what one process can do is known
beforehand: the second is to add as much again, and what they do about each other is what it costs.
"""

import asyncio
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, asynccontextmanager, contextmanager

from benchmarks import database
from benchmarks.table import Figure, show
from botkit import Bot, Chat
from botkit.channels.vonage import Vonage
from botkit.directory import Directory
from botkit.events import Address, Message
from botkit.observe import SystemClock, unobserved
from botkit.stores.postgres import Postgres
from botkit.worker import Worker

ROUNDS, MESSAGES, CONCURRENCY, HANDLER_SECONDS, PAGE = 9, 600, 4, 0.02, "1070"


def _bot() -> Bot:
    bot = Bot("shared", pages=[PAGE])

    @bot.fallback
    async def wait(chat: Chat) -> str:
        await asyncio.sleep(HANDLER_SECONDS)
        return "Done."

    return bot


@asynccontextmanager
async def _opened(url: str) -> AsyncIterator[Postgres]:
    store = Postgres(url)
    await store.open()
    try:
        yield store
    finally:
        await store.close()


async def _work(url: str) -> None:
    """Run turns until the process is killed."""
    async with _opened(url) as store:
        worker = Worker(
            store=store,
            channel=Vonage((), clock=SystemClock()),
            directory=Directory([_bot()]),
            resources={"shared": {}},
            call_in_thread=asyncio.to_thread,
            observer=unobserved,
            concurrency=CONCURRENCY,
        )
        print("ready", flush=True)
        await worker.run()


@contextmanager
def _worker(url: str) -> Iterator[None]:
    command = [sys.executable, "-m", "benchmarks.sharing", url]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as child:
        assert child.stdout is not None
        try:
            assert child.stdout.readline() == "ready\n"
            yield
        finally:
            child.kill()


async def _turns_a_second(url: str) -> float:
    """How fast the processes that run on *url* answer what has piled up."""
    async with _opened(url) as store:
        events = (
            Message(id=str(number), address=Address("messenger", PAGE, str(number)), kind="text", text="hello")
            for number in range(MESSAGES)
        )
        await asyncio.gather(*map(store.accept, events))
        began, before = time.perf_counter(), (await store.backlog()).events
        while (left := (await store.backlog()).events) > MESSAGES // 10:
            await asyncio.sleep(0.02)
        return (before - left) / (time.perf_counter() - began)


def _measured(url: str, processes: int) -> float:
    with ExitStack() as stack:
        for _ in range(processes):
            stack.enter_context(_worker(url))
        return asyncio.run(_turns_a_second(url))


def main() -> None:
    """Print what a second process adds."""
    one, two = list[float](), list[float]()
    with database.server() as folder:
        for _ in range(ROUNDS):
            one.append(_measured(database.url(folder), 1))
            two.append(_measured(database.url(folder), 2))
    show(
        f"sharing: PostgreSQL, handlers wait {HANDLER_SECONDS * 1e3:.0f} ms, {CONCURRENCY} at once in each process",
        [
            Figure(
                name="turns a second, two processes / one",
                ratios=[a / b for a, b in zip(two, one, strict=True)],
                least=1.8,
            )
        ],
        [
            (
                f"one {max(one):.0f}, two {max(two):.0f} turns a second; "
                f"{CONCURRENCY / HANDLER_SECONDS:.0f} would be possible in one"
            )
        ],
    )


if __name__ == "__main__":
    asyncio.run(_work(sys.argv[1]))
