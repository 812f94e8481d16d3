"""A handler that stops everybody: the process starts again in its place, and others are answered."""

import asyncio
import signal
from typing import Any

import pytest

from botkit.simulator import Simulator
from botkit.simulator.webhooks import inbound

pytestmark = pytest.mark.acceptance

PAGE = "1070"
LIMIT = {"BOTKIT_STALL_SECONDS": "0.5"}

# Processes are started by a fixture of conftest.py.
Run = Any


async def tell(simulator: Simulator, user: str, text: str) -> None:
    """Send a text, as often as it takes."""
    await simulator.deliver(inbound("v1", page=PAGE, user=user, now=simulator.clock.now(), text=text))


@pytest.mark.parametrize(("text", "line"), [("stall", "while True:"), ("backtrack", "re.fullmatch")])
async def test_a_process_that_stands_still_starts_again(simulator: Simulator, run: Run, text: str, line: str) -> None:
    """It is the same process for whoever watches it, it says who stopped it, and the next user is answered."""
    running = await run([PAGE], **LIMIT)
    await tell(simulator, "mallory", text)
    await tell(simulator, "ann", "quick")
    answer = await simulator.wait_for(1, page=PAGE, user="ann", timeout_seconds=30)
    log = (running.folder / "log.txt").read_text()
    number = (running.folder / "counting.py").read_text().partition(line)[0].count("\n") + 1

    assert (answer, running.process.returncode) == (("at once",), None)
    assert f"because handler '{text}' at counting.py:{number} did not let go" in log


async def test_a_process_that_is_to_end_is_not_started_again(simulator: Simulator, run: Run) -> None:
    """Who has sent SIGTERM does not want it back."""
    running = await run([PAGE], **LIMIT)
    await tell(simulator, "mallory", "stall")
    async with asyncio.timeout(30):
        code = await running.end(signal.SIGTERM)

    assert code == 130


async def test_a_second_signal_ends_what_stands_still(simulator: Simulator, run: Run) -> None:
    """At once, watched or not."""
    running = await run([PAGE], BOTKIT_STALL_SECONDS="0")
    await tell(simulator, "mallory", "stall")
    running.process.send_signal(signal.SIGTERM)
    async with asyncio.timeout(30):
        while running.process.returncode is None:
            running.process.send_signal(signal.SIGTERM)
            await asyncio.sleep(0.01)

    assert running.process.returncode == 130
