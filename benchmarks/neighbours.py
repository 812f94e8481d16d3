"""Neighbours: how long everybody else waits while one user, one handler or one page is in trouble.

A hundred users write at a steady pace; measured is the time from the moment they write to the moment the answer is
handed to the channel. With trouble and without take turns, several times in one process. With ``TMPDIR=/dev/shm`` the
store is on no disk: a shared one stumbles more than what is measured here.
"""

import asyncio
import random
import statistics
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from itertools import count
from pathlib import Path

from attrs import define, field

from benchmarks.table import Figure, show
from botkit import App, Bot, Chat
from botkit.channels.vonage import Vonage
from botkit.errors import InDoubt, Unavailable
from botkit.events import Address, Message
from botkit.observe import SystemClock
from botkit.replies import Limits
from botkit.settings import Settings
from botkit.work import Delivery

ROUNDS, TURNS, SECONDS, USERS, PER_SECOND = 5, 4, 0.75, 100, 100
PAGE, OTHER_PAGE = "1070", "2080"
HANDLER_SECONDS, SLOW_SECONDS, POST_SECONDS, TIMEOUT_SECONDS = 0.02, 30.0, 0.005, 1.0


class Upstream(Vonage):
    """A channel whose POSTs take a moment; those of one page are refused, hang, or break off."""

    def __init__(self, answered: Callable[[Delivery], None]) -> None:
        super().__init__((), clock=SystemClock())
        self._answered = answered
        self._numbers = count()

    def limits(self, page: str) -> Limits:
        """As fast as it likes."""
        return Limits(messages_per_second=10_000)

    async def send(self, delivery: Delivery) -> str:
        """Take it, unless its page is in trouble."""
        self._answered(delivery)
        await asyncio.sleep(POST_SECONDS)
        if delivery.address.page != OTHER_PAGE:
            return f"sent-{next(self._numbers)}"
        match next(self._numbers) % 4:
            case 0:
                raise Unavailable("slow down", reason="rate_limited", status=429)
            case 1:
                raise Unavailable("out of order", reason="server_error", status=503)
            case 2:
                await asyncio.sleep(TIMEOUT_SECONDS)
                raise InDoubt("timed out", reason="time_out")
            case _:
                raise InDoubt("reset", reason="reset")


@define
class Town:
    """An app, its users, and how long the steady ones have waited."""

    app: App
    kept_at: dict[Address, float] = field(factory=dict)
    waits: list[float] = field(factory=list)
    numbers: "count[int]" = field(factory=count)

    def answered(self, delivery: Delivery) -> None:
        """Note how long a steady user has waited."""
        kept_at = self.kept_at.pop(delivery.address, None)
        if kept_at is not None:
            self.waits.append(time.perf_counter() - kept_at)

    async def write(self, user: str, text: str, page: str = PAGE) -> None:
        """Keep a message."""
        address = Address("messenger", page, user)
        message = Message(id=str(next(self.numbers)), address=address, kind="text", text=text)
        if user.startswith("steady"):
            self.kept_at[address] = time.perf_counter()
        await self.app.store.accept(message)

    async def steady(self) -> list[float]:
        """Let everybody write at a steady pace; returns how long each waited, in seconds."""
        self.waits = []
        loop = asyncio.get_running_loop()
        began = loop.time()
        for number in range(int(SECONDS * PER_SECOND)):
            await asyncio.sleep(max(0.0, began + number / PER_SECOND - loop.time()))
            await self.write(f"steady{number % USERS}", "hello")
        while self.kept_at:
            await asyncio.sleep(0.005)
        return self.waits


def _bot() -> Bot:
    bot = Bot("town", pages=[PAGE, OTHER_PAGE])

    @bot.intent("hello")
    async def hello(chat: Chat) -> str:
        chat.session["count"] = int(str(chat.session.get("count", 0))) + 1
        return "Hello!"

    @bot.intent("work")
    async def work(chat: Chat) -> str:
        await asyncio.sleep(HANDLER_SECONDS)
        return "Done."

    @bot.intent("dawdle")
    async def dawdle(chat: Chat) -> str:
        await asyncio.sleep(SLOW_SECONDS)
        return "At last."

    @bot.intent("stumble")
    async def stumble(chat: Chat) -> str:
        raise ValueError

    return bot


@asynccontextmanager
async def town() -> AsyncIterator[Town]:
    """A town with nobody in trouble."""
    with tempfile.TemporaryDirectory() as folder:
        settings = Settings(store=str(Path(folder) / "store.db"))
        made: Town
        app = App(_bot(), settings=settings, channel=Upstream(lambda delivery: made.answered(delivery)))  # noqa: PLW0108 - it is made after
        made = Town(app)
        await app.start()
        try:
            yield made
        finally:
            # What dawdles is not waited for.
            for loop in app._loops.values():  # noqa: SLF001 - a process that ends does no more
                loop.cancel()
            await app.stop()


Trouble = Callable[[Town], Coroutine[None, None, None]]


async def busy_user(town: Town) -> None:
    """One user writes twenty messages at once, whose handlers take 20 ms each."""
    for _ in range(20):
        await town.write("busy", "work")


async def slow_handlers(town: Town) -> None:
    """One message more in ten is one whose handler takes 30 s."""
    await _beside(town, "dawdle")


async def raising_handlers(town: Town) -> None:
    """One message more in ten is one whose handler raises."""
    await _beside(town, "stumble")


async def bad_upstream(town: Town) -> None:
    """One message more in ten is for a page whose POSTs are refused, hang or break off."""
    await _beside(town, "hello", OTHER_PAGE)


async def _beside(town: Town, text: str, page: str = PAGE) -> None:
    for number in range(int(SECONDS * PER_SECOND / 10)):
        await town.write(f"troubled{random.randrange(10**9)}-{number}", text, page)  # noqa: S311 - any name will do
        await asyncio.sleep(10 / PER_SECOND)


async def _ratio(trouble: Trouble) -> tuple[float, float]:
    """What the slowest hundredth waits at least, in seconds, without trouble, and with it."""
    idle, busy = list[float](), list[float]()
    async with town() as made:
        await made.steady()
        for _ in range(TURNS):
            idle += await made.steady()
            troubled = asyncio.create_task(trouble(made))
            busy += await made.steady()
            await troubled
    return statistics.quantiles(idle, n=100)[98], statistics.quantiles(busy, n=100)[98]


def main() -> None:
    """Print how much longer others wait beside each kind of trouble."""
    troubles = (busy_user, slow_handlers, raising_handlers, bad_upstream)
    pairs: dict[str, list[tuple[float, float]]] = {trouble.__name__: [] for trouble in troubles}
    for _ in range(ROUNDS):
        for trouble in troubles:
            pairs[trouble.__name__].append(asyncio.run(_ratio(trouble)))
    show(
        f"neighbours: the 99th percentile of {USERS} others' waits, beside trouble / without",
        [
            Figure(name=name.replace("_", " "), ratios=[busy / idle for idle, busy in found], most=2)
            for name, found in pairs.items()
        ],
        [
            f"{name.replace('_', ' ')}: {min(idle for idle, _ in found) * 1e3:.1f} ms without, "
            f"{min(busy for _, busy in found) * 1e3:.1f} ms beside it"
            for name, found in pairs.items()
        ],
    )


if __name__ == "__main__":
    main()
