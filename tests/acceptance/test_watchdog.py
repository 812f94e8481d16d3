"""Handlers that stop everybody: the process starts again in its place, and nobody else is the worse for it."""

import asyncio
import os
import signal
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from botkit.events import Address, Message
from botkit.observe import SystemClock
from botkit.simulator import Simulator
from botkit.simulator.webhooks import inbound
from botkit.stores.sqlite import SQLite

pytestmark = pytest.mark.acceptance

PAGE, OTHERS = "1070", 12
LIMIT = {"BOTKIT_STALL_SECONDS": "0.7"}

# Processes are started by a fixture of conftest.py.
Run = Any


async def keep(path: Path, *messages: tuple[str, str]) -> None:
    """Put messages, each by a user, into a store that no process runs on."""
    store = SQLite(path, clock=SystemClock())
    await store.open()
    for user, text in messages:
        address = Address("messenger", PAGE, user)
        await store.accept(Message(id=f"{user} {text}", address=address, kind="text", text=text))
    await store.close()


async def set_aside(path: Path, count: int) -> dict[str, str]:
    """Whose messages were set aside, and why, once there are so many."""
    desk = SQLite(path, clock=SystemClock(), owner=False)
    await desk.open()
    async with asyncio.timeout(60):
        while len(letters := await desk.dead_letters()) < count:
            await asyncio.sleep(0.02)
    await desk.close()
    return {letter.address.user: letter.reason.partition(":")[0] for letter in letters}


async def test_poisonous_messages_take_no_other_with_them(simulator: Simulator, run: Run, tmp_path: Path) -> None:
    """They are set aside after five claims each, and all that were claimed beside them are answered once."""
    others = [(f"user{number}", f"count {number}") for number in range(OTHERS)]
    await keep(tmp_path / "botkit.db", ("mallory", "stall"), *others, ("trent", "vanish"))
    running = await run([PAGE], lease_seconds=3, **LIMIT)
    letters = asyncio.create_task(set_aside(tmp_path / "botkit.db", 2))
    while not letters.done():
        await asyncio.sleep(0.02)
        if running.process.returncode is not None:
            # It may be gone again before it has said that it listens.
            with suppress(AssertionError):
                await running.start()
    answers = [await simulator.wait_for(1, page=PAGE, user=user, timeout_seconds=60) for user, _ in others]

    assert letters.result() == dict.fromkeys(("mallory", "trent"), "claimed 5 times without an outcome")
    assert answers == [(f"{number} after 0",) for number in range(OTHERS)]


@pytest.mark.parametrize(("text", "line"), [("stall", "while True:"), ("backtrack", "re.fullmatch")])
async def test_a_process_that_stands_still_starts_again(simulator: Simulator, run: Run, text: str, line: str) -> None:
    """It is the same process for whoever watches it, and it says who stopped it, and where."""
    running = await run([PAGE], **LIMIT)
    await simulator.deliver(inbound("v1", page=PAGE, user="mallory", now=simulator.clock.now(), text=text))
    number = (running.folder / "counting.py").read_text().partition(line)[0].count("\n") + 1
    async with asyncio.timeout(30):
        assert b"botkit listens on" in await again(running)
    log = (running.folder / "log.txt").read_text()

    assert running.process.returncode is None
    assert f"because handler '{text}' at counting.py:{number} did not let go" in log


async def again(running: Any) -> bytes:
    """What it prints when it has started once more."""
    line: bytes = await running.process.stdout.readline()
    return line if b"listens" in line else await again(running)


async def stalled(simulator: Simulator, running: Any) -> None:
    """Let a handler hold up everybody, and wait until it does."""
    await simulator.deliver(inbound("v1", page=PAGE, user="mallory", now=simulator.clock.now(), text="stall"))
    async with asyncio.timeout(30):
        while not (running.folder / "stalled").exists():
            await asyncio.sleep(0.02)


async def test_a_process_that_is_to_end_is_not_started_again(simulator: Simulator, run: Run) -> None:
    """Who has sent SIGTERM does not want it back."""
    running = await run([PAGE], BOTKIT_STALL_SECONDS="1.5")
    await stalled(simulator, running)
    async with asyncio.timeout(30):
        code = await running.end(signal.SIGTERM)

    assert code == 130


async def test_a_second_signal_ends_what_stands_still(simulator: Simulator, run: Run) -> None:
    """At once, watched or not."""
    running = await run([PAGE], BOTKIT_STALL_SECONDS="0")
    await stalled(simulator, running)
    async with asyncio.timeout(30):
        while running.process.returncode is None:
            # Not by the process itself, which looks first whether it lives: whoever sees it dead first has its code.
            with suppress(ProcessLookupError):
                os.kill(running.process.pid, signal.SIGTERM)
            await asyncio.sleep(0.01)

    assert running.process.returncode == 130
