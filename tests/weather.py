"""What tests of bad weather share: an app in front of the simulator, a clock that jumps, and what users saw."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from itertools import groupby
from pathlib import Path

from aiohttp import web
from aiohttp.test_utils import TestServer
from attrs import define, frozen

from botkit import App, Bot, Chat
from botkit.channels.vonage import Vonage
from botkit.channels.vonage.http import HTTP
from botkit.settings import Settings
from botkit.simulator import Simulator
from botkit.simulator.webhooks import inbound
from botkit.stores.sqlite import SQLite

PAGE = "1070"


@define
class JumpingClock:
    """The machine's clock, which may jump."""

    ahead: timedelta = timedelta()

    def now(self) -> datetime:
        """The moment that it shows."""
        return datetime.now(UTC) + self.ahead

    def jump(self, seconds: float) -> None:
        """Show the time *seconds* later from now on, or earlier."""
        self.ahead += timedelta(seconds=seconds)


def counting_bot() -> tuple[Bot, list[str]]:
    """A bot that answers "count 3" with what it was told before, and what its handler has run for."""
    bot, runs = Bot("counting"), list[str]()

    @bot.intent("count {number:int}", "count {number:int} because {why:text}")
    async def count(chat: Chat, number: int, why: str = "") -> str:
        runs.append(f"{chat.user_id} {number}")
        seen = chat.session.setdefault("seen", [])
        assert isinstance(seen, list)
        seen.append(number)
        return f"{number} after {len(seen) - 1}"

    return bot, runs


@frozen
class Seen:
    """What one user was shown, without what was repeated at once, and how often that was."""

    texts: tuple[str, ...]
    repeats: int


def seen(simulator: Simulator, user: str) -> Seen:
    """What *user* was shown. A repetition that comes after something else stays: it is out of order."""
    shown = simulator.shown(PAGE, user)
    texts = tuple(text for text, _ in groupby(shown))
    return Seen(texts, len(shown) - len(texts))


def counted(messages: int) -> tuple[str, ...]:
    """What a user is to be shown who has counted up to *messages*: each once, in order, and nothing forgotten."""
    return tuple(f"{number} after {number}" for number in range(messages))


async def say(simulator: Simulator, user: str, text: str) -> int | None:
    """Send a text as often as it takes; returns the last answer."""
    payload = inbound("v1", page=PAGE, user=user, now=simulator.clock.now(), text=text)
    return await simulator.deliver(payload)


async def talk(simulator: Simulator, users: Iterable[str], messages: Sequence[int]) -> None:
    """Let each of *users* count, all at once, each one after the other."""
    for number in messages:
        answers = await asyncio.gather(*(say(simulator, user, f"count {number}") for user in users))
        assert set(answers) == {200}


async def until(is_so: Callable[[], bool], seconds: float = 30) -> None:
    """Return once *is_so*."""
    async with asyncio.timeout(seconds):
        while not is_so():
            await asyncio.sleep(0.01)


@define
class World:
    """An app, its store and clock, and the simulator that it talks to."""

    app: App
    store: SQLite
    clock: JumpingClock
    simulator: Simulator

    def pragma(self, text: str) -> None:
        """Change what the connection that writes may do; not as an operation, which needs to write itself."""
        self.store._open._connection.execute(f"PRAGMA {text}").fetchall()


@asynccontextmanager
async def world(
    bot: Bot,
    folder: Path,
    *,
    statuses: tuple[str, ...] = ("submitted", "delivered"),
    lease_seconds: float = 0.6,
) -> AsyncIterator[World]:
    """Serve *bot* from a store in *folder*; leases, doubts and time-outs are short."""
    clock = JumpingClock()
    async with Simulator(page=PAGE, clock=clock, retry_factor=0.02, statuses=statuses) as simulator:
        accounts = (simulator.account,)
        store = SQLite(folder / "botkit.db", clock=clock, lease_seconds=lease_seconds, doubt_seconds=0.3)
        settings = Settings(accounts=accounts, lease_seconds=lease_seconds, doubt_seconds=0.3)
        channel = Vonage(accounts, clock=clock, transport=HTTP(read_timeout_seconds=0.3))
        app = App(bot, settings=settings, store=store, channel=channel, clock=clock)
        application = web.Application()
        app.mount(application)
        async with TestServer(application) as server:
            simulator.inbound_url = str(server.make_url("/webhooks/inbound-message"))
            simulator.status_url = str(server.make_url("/webhooks/message-status"))
            yield World(app, store, clock, simulator)
