"""Bad weather for real processes: whatever was acknowledged is answered once and in order, in the end."""

import asyncio
import os
import resource
import signal
import time
from pathlib import Path
from typing import Any

import pytest

from botkit.simulator import Simulator
from pooler import Pooler
from servers import PostgresServer
from weather import PAGE, Seen, counted, say, seen, talk, until

pytestmark = pytest.mark.acceptance

USERS = [f"user{number}" for number in range(8)]
MESSAGES = 6
#: `make chaos` stops processes for so long, which then have the lease that they have by default.
LONG = int(os.environ.get("STOPPED_SECONDS", "0"))
STOPPED_SECONDS, LEASE_SECONDS = (LONG, 30) if LONG else (2, 1)
KEPT = [Seen(counted(MESSAGES), 0)] * len(USERS)

# Processes are started by a fixture of conftest.py.
Run = Any


async def answered(simulator: Simulator, users: list[str] = USERS) -> list[Seen]:
    """What users saw, once each has been answered as often as he wrote."""
    await until(lambda: all(len(seen(simulator, user).texts) >= MESSAGES for user in users))
    return [seen(simulator, user) for user in users]


def limit(running: Any, which: int, value: int) -> None:
    """Give a running process less, or as much as it likes."""
    resource.prlimit(running.process.pid, which, (value, resource.RLIM_INFINITY))


async def test_a_disk_that_is_full_for_a_while(simulator: Simulator, run: Run) -> None:
    """What finds no room is refused and comes again; what was decided is kept once there is room."""
    running = await run([PAGE])
    talking = asyncio.create_task(talk(simulator, USERS, range(MESSAGES)))
    await until(lambda: len(simulator.accepted) >= 10)
    before = len(simulator.posted)
    limit(running, resource.RLIMIT_FSIZE, 1)
    await until(lambda: any(one.answer == 503 for one in simulator.posted[before:]))
    limit(running, resource.RLIMIT_FSIZE, resource.RLIM_INFINITY)
    await talking

    assert await answered(simulator) == KEPT


async def test_a_message_that_asks_for_all_memory_is_set_aside(simulator: Simulator, run: Run) -> None:
    """Where memory has a limit: its user is told that something went wrong, and the process goes on."""
    running = await run([PAGE])
    pages = int(Path(f"/proc/{running.process.pid}/statm").read_text().split()[0])
    limit(running, resource.RLIMIT_AS, pages * resource.getpagesize() + 400_000_000)
    await say(simulator, "mallory", "hoard")
    apology = await simulator.wait_for(1, page=PAGE, user="mallory", timeout_seconds=30)
    await talk(simulator, USERS, range(MESSAGES))

    assert await answered(simulator) == KEPT
    assert (apology[0].partition(",")[0], running.process.returncode) == ("Sorry", None)


async def test_a_database_that_is_restarted(simulator: Simulator, run: Run, postgres: PostgresServer) -> None:
    """As after a crash of its own: webhooks are refused meanwhile, and what was decided or sent is kept afterwards."""
    await run([PAGE], postgres.url())
    talking = asyncio.create_task(talk(simulator, USERS, range(MESSAGES)))
    await until(lambda: len(simulator.accepted) >= 10)
    await asyncio.to_thread(postgres.restart)
    await talking

    assert await answered(simulator) == KEPT


class Scissors:
    """Cut the wire at every fifth commit, once they are sharp."""

    def __init__(self) -> None:
        self.are_sharp = False
        self.commits = 0

    def __call__(self, sent: bytes) -> bool:
        """Whether to cut where *sent* is."""
        is_commit = self.are_sharp and b"COMMIT\0" in sent
        self.commits += is_commit
        return is_commit and self.commits % 5 == 0


async def test_a_wire_that_is_cut_in_the_middle_of_commits(
    simulator: Simulator, run: Run, postgres: PostgresServer
) -> None:
    """What became of a commit whose answer is lost is found out before it is tried again: nothing happens twice."""
    scissors = Scissors()
    async with Pooler(postgres.socket, 1, scissors) as pooler:
        await run([PAGE], postgres.url(pooler.address, connections=1, statement_cache_size=0))
        scissors.are_sharp = True
        await talk(simulator, USERS, range(MESSAGES))
        saw = await answered(simulator)

    assert (saw, scissors.commits >= 20) == (KEPT, True)


async def paused(simulator: Simulator, running: Any) -> float:
    """Stop a process in the middle of ann's first turn; returns when that was."""
    await say(simulator, "ann", "pause 0")
    await until((running.folder / "paused").exists)
    running.process.send_signal(signal.SIGSTOP)
    return time.monotonic()


async def resume(running: Any, stopped_at: float) -> None:
    """Let it go on, once it has been stopped for as long as it is to be."""
    await asyncio.sleep(stopped_at + STOPPED_SECONDS - time.monotonic())
    running.process.send_signal(signal.SIGCONT)


@pytest.mark.timeout(120 + 3 * STOPPED_SECONDS)
async def test_a_process_that_is_stopped_and_goes_on(simulator: Simulator, run: Run, postgres: PostgresServer) -> None:
    """Another takes over what it was doing, and nothing of what it still does when it comes back is kept."""
    url = postgres.url()
    stopped = await run([PAGE], url, lease_seconds=LEASE_SECONDS)
    stopped_at = await paused(simulator, stopped)
    await run([PAGE], url, lease_seconds=LEASE_SECONDS)
    await talk(simulator, USERS, range(MESSAGES))
    (stopped.folder / "go").touch()
    await simulator.wait_for(1, page=PAGE, user="ann", timeout_seconds=30 + LEASE_SECONDS)
    await say(simulator, "ann", "count 1")
    await simulator.wait_for(2, page=PAGE, user="ann", timeout_seconds=30)
    await resume(stopped, stopped_at)
    code = await stopped.end(signal.SIGTERM)
    await say(simulator, "ann", "count 2")
    await simulator.wait_for(3, page=PAGE, user="ann", timeout_seconds=30)

    assert await answered(simulator) == KEPT
    assert (code, seen(simulator, "ann")) == (0, Seen(counted(3), 0))


@pytest.mark.timeout(120 + 3 * STOPPED_SECONDS)
async def test_a_process_that_is_stopped_and_is_the_only_one(simulator: Simulator, run: Run) -> None:
    """Its lease has run out when it goes on: what it was doing is kept once, and what came meanwhile is answered."""
    stopped = await run([PAGE], lease_seconds=LEASE_SECONDS)
    stopped_at = await paused(simulator, stopped)
    talking = asyncio.create_task(talk(simulator, USERS, range(MESSAGES)))
    await resume(stopped, stopped_at)
    (stopped.folder / "go").touch()
    await simulator.wait_for(1, page=PAGE, user="ann", timeout_seconds=30 + LEASE_SECONDS)
    await say(simulator, "ann", "count 1")
    await simulator.wait_for(2, page=PAGE, user="ann", timeout_seconds=30)
    await talking

    assert await answered(simulator) == KEPT
    assert (stopped.process.returncode, seen(simulator, "ann")) == (None, Seen(counted(2), 0))
