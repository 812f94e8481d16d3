"""Several `botkit run` on one PostgreSQL: together they answer everything once, and each user in order."""

import asyncio
import signal
from typing import Any

import pytest

from botkit.simulator import Simulator
from botkit.simulator.webhooks import inbound
from servers import PostgresServer

pytestmark = pytest.mark.acceptance

PAGE, USERS, EACH = "1070", 10, 6

# Processes are started by a fixture of conftest.py.
Run = Any


async def test_two_processes_share_the_work(simulator: Simulator, run: Run, postgres: PostgresServer) -> None:
    """Webhooks go to either of them; one is stopped in the middle, and nothing is lost, repeated or out of order."""
    url = postgres.url()
    first, second = await run([PAGE], url), await run([PAGE], url)
    webhooks = [f"{one.url}/webhooks/inbound-message" for one in (first, second)]
    for number in range(EACH):
        if number == EACH // 2:
            assert await first.end(signal.SIGTERM) == 0
            webhooks = webhooks[1:]
        payloads = [
            inbound("v1", page=PAGE, user=f"user{user}", now=simulator.clock.now(), text=f"count {number}")
            for user in range(USERS)
        ]
        turns = (simulator.deliver(payload, url=webhooks[at % len(webhooks)]) for at, payload in enumerate(payloads))
        assert set(await asyncio.gather(*turns)) == {200}
    answers = [
        await simulator.wait_for(EACH, page=PAGE, user=f"user{user}", timeout_seconds=60) for user in range(USERS)
    ]

    expected = tuple(f"{number} after {number}" for number in range(EACH))
    assert answers == [expected] * USERS
