"""Handovers by real processes: the owner hears of each, whenever `kill -9` comes, and gives the bot back."""

import json
import signal
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import aiohttp
import pytest

from botkit.simulator import Simulator
from botkit.simulator.webhooks import inbound
from owners import Owner, an_owner

pytestmark = pytest.mark.acceptance

PAGE = "1070"
ASKS = {"phrases": ["my bread was stale"], "reply": ["Oh.", {"handover": "stale"}]}

# The process under test is started by the fixtures of conftest.py.
Running = Any
Run = Callable[[list[str]], Awaitable[Running]]


@pytest.fixture
async def owner() -> AsyncIterator[Owner]:
    """The owner of the page."""
    async with an_owner() as owner:
        yield owner


@pytest.fixture
async def running(run: Run, owner: Owner) -> Running:
    """A bot that hands over to the owner, whose server can be reached where it listens."""
    running = await run([PAGE])
    await running.end(signal.SIGTERM)
    file = running.folder / "bots.yaml"
    configuration = json.loads(file.read_text())
    configuration |= {"handover": {"webhook": owner.url}, "server": {"public_url": running.url}}
    configuration["bots"]["counting"]["intents"] = {"stale": ASKS}
    file.write_text(json.dumps(configuration))
    await running.start()
    return running


async def test_the_owner_hears_of_it_although_the_process_is_killed(
    simulator: Simulator, running: Running, owner: Owner
) -> None:
    """While it tells him, so that nobody knows whether he has heard; then he gives the bot back."""
    owner.answers.append(0)
    await simulator.say("my bread was stale", user="ann")
    await owner.wait_for(1)
    await running.end(signal.SIGKILL)
    await running.start()
    await owner.wait_for(2)
    first, second = owner.told
    await simulator.deliver(inbound("v1", page=PAGE, user="ann", now=simulator.clock.now(), text="quick"))
    async with aiohttp.ClientSession() as browser:
        async with browser.get(second["link"]) as shown:
            page = await shown.text()
        async with browser.post(second["link"], params={"action": "resume"}) as pressed:
            status = pressed.status
    answer = await simulator.say("count 7", user="ann")

    assert first == second
    assert (first["bot"], first["page"], first["user"], first["reason"]) == ("counting", PAGE, "ann", "stale")
    assert ("needs a person" in page, status) == (True, 200)
    assert answer == ("7 after 0",)


async def test_where_it_listens_is_said_as_it_is_seen_from_outside(running: Running) -> None:
    """Below the public address."""
    await running.end(signal.SIGTERM)
    await running.start()
    line = await running.process.stdout.readline()

    inbound, status = (f"{running.url}/webhooks/{name}" for name in ("inbound-message", "message-status"))
    assert line.decode().strip() == f"Give Vonage {inbound} and {status}."
    assert (running.folder / "log.txt").read_text().count("public_url") == 0
