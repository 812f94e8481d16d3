"""A deploy under live conversations: `botkit run` with old and with new code, side by side on one PostgreSQL."""

import asyncio
import signal
from typing import Any

import pytest

from botkit.observe import SystemClock
from botkit.simulator import Simulator
from botkit.simulator.webhooks import inbound
from botkit.stores import open_store
from servers import PostgresServer

pytestmark = pytest.mark.acceptance

PAGE = "1070"
CHANGED = "Sorry, something has changed here in the meantime. Let us start again."

OLD = """
from botkit import Bot

bot = Bot()


@bot.intent("book a table", version=1)
async def book(chat):
    size = await chat.ask("For how many?", type=int)
    day = await chat.ask("Which day?")
    return f"Old: {size} on {day}."
"""

NEW = """
from botkit import Bot

bot = Bot()


@bot.intent("book a table", version=2)
async def book(chat):
    day = await chat.ask("What day?")
    size = await chat.ask("How many guests?", type=int)
    return f"New: {day}, {size} guests."


@bot.fallback
def lost(chat):
    return "Pardon?"
"""

# Processes are started by a fixture of conftest.py.
Run = Any


class Users:
    """Users who write; their webhooks reach the process that was started last."""

    def __init__(self, simulator: Simulator) -> None:
        self._simulator = simulator
        self._heard = dict[str, int]()

    async def say(self, text: str, *users: str, replies: int = 1) -> list[tuple[str, ...]]:
        """Have each of *users* write, and give what each is answered, in *replies* messages."""
        return list(await asyncio.gather(*(self._say(text, user, replies) for user in users)))

    async def _say(self, text: str, user: str, replies: int) -> tuple[str, ...]:
        simulator = self._simulator
        before = self._heard.get(user, 0)
        self._heard[user] = before + replies
        payload = inbound("v1", page=PAGE, user=user, now=simulator.clock.now(), text=text)
        assert await simulator.deliver(payload) == 200
        shown = await simulator.wait_for(before + replies, page=PAGE, user=user, timeout_seconds=60)
        return tuple(shown[before:])


async def settled(url: str) -> None:
    """Wait until all that was sent is known to have arrived: who dies before leaves a doubt, which lasts longer."""
    desk = open_store(url, clock=SystemClock(), owner=False)
    await desk.open()
    async with asyncio.timeout(60):
        while (await desk.backlog()).deliveries:
            await asyncio.sleep(0.02)
    await desk.close()


async def test_users_are_answered_by_the_code_they_began_with(
    simulator: Simulator, run: Run, postgres: PostgresServer
) -> None:
    """As long as it runs; then they are told, and begin anew. Whoever comes new is answered by either, and by one."""
    url, users = postgres.url(), Users(simulator)
    old = await run([PAGE], url, code=OLD)
    asked = await users.say("book a table", "ann", "bob", "cid")
    await run([PAGE], url, code=NEW)
    answered = await users.say("4", "ann", "bob")
    ended = await users.say("Monday", "ann")
    came_new = [shown for text in ("book a table", "4", "4") for (shown,) in await users.say(text, "dan")]
    code = await old.end(signal.SIGTERM)
    begun_anew = await users.say("Monday", "bob", "cid", replies=2)
    (last,) = await users.say("Tuesday", "bob")

    assert (asked, answered) == ([("For how many?",)] * 3, [("Which day?",)] * 2)
    assert ended == [("Old: 4 on Monday.",)]
    assert came_new in (
        ["For how many?", "Which day?", "Old: 4 on 4."],
        ["What day?", "How many guests?", "New: 4, 4 guests."],
    )
    assert (code, begun_anew, last) == (0, [(CHANGED, "What day?")] * 2, ("How many guests?",))


async def test_a_process_that_is_killed_keeps_nobody_waiting_for_longer_than_a_lease(
    simulator: Simulator, run: Run, postgres: PostgresServer
) -> None:
    """It cannot say that it is gone: what it knows is known for so long, and then begins anew."""
    url, users = postgres.url(), Users(simulator)
    old = await run([PAGE], url, code=OLD, lease_seconds=3)
    await users.say("book a table", "ann")
    await run([PAGE], url, code=NEW, lease_seconds=3)
    answered = await users.say("4", "ann")
    await settled(url)
    await old.end(signal.SIGKILL)
    began_at = asyncio.get_running_loop().time()
    begun_anew = await users.say("Monday", "ann", replies=2)
    seconds = asyncio.get_running_loop().time() - began_at

    assert (answered, begun_anew) == ([("Which day?",)], [(CHANGED, "What day?")])
    assert seconds < 30
