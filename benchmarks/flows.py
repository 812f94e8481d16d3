"""Flows: what a turn of a conversation costs that was brought back from its journal, and what one costs that waits.

``python -m benchmarks flows [PROTOTYPES_FOLDER]``: the folder holds ``replay.py``, the prototype that replay is held
against; without it that row is left out. ``BENCHMARK_WAITING`` is how many conversations wait and are woken; by default
20,000, to be quick.
"""

import asyncio
import gc
import importlib.util
import json
import os
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import timedelta
from functools import partial
from itertools import count
from pathlib import Path
from types import ModuleType
from typing import Any

from attrs import evolve

from benchmarks.processes import CONNECTIONS, PAGE, Upstream, cpu_seconds, post, subject, webhook
from benchmarks.retention import used_bytes
from benchmarks.table import Figure, show
from botkit import App, Bot, Chat
from botkit.channels.vonage import Vonage
from botkit.events import Address, Message
from botkit.observe import SystemClock
from botkit.replies import Limits
from botkit.settings import Settings
from botkit.stores.sqlite import SQLite
from botkit.testing.clock import ShiftedClock
from botkit.turn import run_turn
from botkit.work import Delivery, Outcome, Queued, Work

ROUNDS, USERS, ENTRIES = 5, 8 * CONNECTIONS, 10
SHORT, MIDDLE, LONG, SAMPLES, TOGETHER = 20, 100, 180, 60, 5
WAITING = int(os.environ.get("BENCHMARK_WAITING", "20000"))
FIRST = 30_000
ANSWER = "a typical short answer"
# Two for a plain handler, of which the second fits no phrase, and one for a question that takes any text.
PLAIN, ALIKE, FREE = "hello Bob, how are you on this fine day?", "helo Bob", "for the four of us please"

Turn = Callable[[], Awaitable[object]]


def main(arguments: Sequence[str] = ()) -> None:
    """Print what flows cost, in turns, entries, bytes and wake-ups."""
    prototype = Path(arguments[0], "replay.py") if arguments else None
    show("flows: whole turns", asyncio.run(_end_to_end()))
    figures = asyncio.run(_replayed(prototype))
    missing = [] if prototype else ["against the prototype: LEFT OUT, name the folder of replay.py"]
    show("flows: replay", figures, missing)
    with tempfile.TemporaryDirectory() as folder:
        ratios = [asyncio.run(_woken(Path(folder, str(number)))) for number in range(ROUNDS)]
        weights = asyncio.run(_waiting(Path(folder)))
    woken = Figure(name="waking / as many plain turns, processor time", ratios=ratios, most=2)
    show(f"flows: {WAITING:,} conversations wait", [woken, *weights])


# A whole turn


async def _end_to_end() -> list[Figure]:
    """The processor time of a turn that goes on with a flow, against one of a plain handler, in one process."""
    server = await asyncio.get_running_loop().create_server(Upstream, "127.0.0.1", 0)
    typed, free = [], []
    with subject("turn", server.sockets[0].getsockname()[1], 100) as port:

        async def turns(text: str, first: int) -> float:
            requests = [webhook(first + number, 3 * USERS, text) for number in range(USERS)]
            before = await cpu_seconds(port)
            await post(port, requests, wait_for=USERS)
            return await cpu_seconds(port) - before

        await turns("book a table", USERS)
        await turns("leave a note", 2 * USERS)
        for number in range(ENTRIES + ROUNDS // 2):
            plain, alike = await turns(PLAIN, 0), await turns(ALIKE, 0)
            answered, said = await turns("4", USERS), await turns(FREE, 2 * USERS)
            # The middle one of these rounds finds so many entries.
            if number >= ENTRIES - ROUNDS // 2 - 1:
                typed.append(answered / plain)
                free.append(said / alike)
    server.close()
    name = f"CPU of a turn of a flow with {ENTRIES} entries / of a plain handler's"
    return [
        Figure(name=f"{name}: numbers / a template", ratios=typed, most=1.4),
        Figure(name="the same where likeness is asked: any text / a typo", ratios=free, most=1.4),
    ]


# Replay


def _talker() -> Bot:
    bot = Bot("measured")

    @bot.intent("begin")
    async def begin(chat: Chat) -> None:
        for number in count(1):
            said = await chat.ask(f"Question {number}?", name=f"q{number % 7}")
            if number % 3 == 0:
                await chat.once(_done, number)
            await chat.send(f"You said {said}")

    return bot


async def _done(number: int) -> dict[str, int]:
    return {"ok": number}


class Talk:
    """A conversation in the middle of a flow, which is asked the same again and again."""

    def __init__(self, bot: Bot) -> None:
        self.bot = bot
        self.work = _work("begin", "")
        self.entries = 0

    async def turn(self) -> Outcome:
        """Go on with the flow as it is kept."""
        return await run_turn(self.bot, self.work, _kept, limits=Limits())

    async def go_on(self, entries: int) -> None:
        """Answer until the journal has so many *entries*."""
        while self.entries < entries:
            flow = (await self.turn()).flow or ""
            self.work, self.entries = _work(ANSWER, flow), len(json.loads(flow)[3])


def _work(text: str, flow: str) -> Work:
    address, now = Address("messenger", PAGE, "1"), SystemClock().now()
    event = Message(id="aaaaaaaa-bbbb-4ccc-8ddd-0123456789ab", address=address, kind="text", text=text)
    return Work(address=address, event=event, sequence=1, epoch=1, now=now, accepted_at=now, flow=flow)


async def _kept(deliveries: tuple[Queued, ...], flow: str | None) -> None:
    """Nothing is kept."""


async def _replayed(path: Path | None) -> list[Figure]:
    """What an entry costs, by how much longer a turn takes with more of them; against the *prototype*'s, if given."""
    turns = {length: await _ours(length) for length in (SHORT, MIDDLE, LONG)}
    theirs = {length: await _theirs(_module(path), length) for length in (SHORT, LONG)} if path else {}
    linear, ratios = [], []
    for _ in range(ROUNDS):
        ours, other = await _seconds(turns, theirs)
        linear.append((ours[LONG] - ours[MIDDLE]) / (ours[MIDDLE] - ours[SHORT]))
        ratios += [(ours[LONG] - ours[SHORT]) / (other[LONG] - other[SHORT])] if other else []
    straight = Figure(name=f"an entry after the {MIDDLE}th / one before it", ratios=linear, most=1.25)
    against = [Figure(name="CPU of an entry that is replayed / the prototype's", ratios=ratios, most=2)]
    return [straight, *(against if ratios else ())]


async def _seconds(*sides: Mapping[int, Turn]) -> list[dict[int, float]]:
    """The processor time of each turn: the least of many samples, taken in turns, because others only add to it."""
    least = [dict.fromkeys(side, float("inf")) for side in sides]
    for _ in range(SAMPLES):
        for side, found in zip(sides, least, strict=True):
            for length, turn in side.items():
                before = time.thread_time()
                for _ in range(TOGETHER):
                    await turn()
                found[length] = min(found[length], (time.thread_time() - before) / TOGETHER)
    return least


async def _ours(entries: int) -> Turn:
    talk = Talk(_talker())
    await talk.go_on(entries)
    return talk.turn


# The prototype is no part of the project, and has no types.
async def _theirs(replay: Any, entries: int) -> Turn:
    async def flow(chat: Any) -> None:
        for number in count(1):
            said = await chat.ask(f"Question {number}?", name=f"q{number % 7}")
            if number % 3 == 0:
                await chat.step(partial(dict, ok=number), name="s")
            await chat.send(f"You said {said}")

    run = replay.Run("r", flow, {}, [], 0)
    await run.drive()
    while len(run.journal) < entries:
        await run.drive(["text", ANSWER, 1])
    kept, sent, wait = json.dumps(run.journal), run.sent, run.wait

    async def turn() -> None:
        again = replay.Run("r", flow, {}, json.loads(kept), 0, sent, wait)
        await again.drive(["text", ANSWER, 1])
        json.dumps(again.journal)
        again.drop()

    return turn


def _module(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("replay", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


# Waiting


class Counting(Vonage):
    """A channel that takes everything at once, and tells when it has taken *wanted* messages."""

    def __init__(self, wanted: int) -> None:
        super().__init__((), clock=SystemClock())
        self._left = wanted
        self.is_done = asyncio.Event()

    def limits(self, page: str) -> Limits:
        """As fast as it likes."""
        return Limits(messages_per_second=1_000_000)

    async def send(self, delivery: Delivery) -> str:
        """Take it."""
        self._left -= 1
        if self._left == 0:
            self.is_done.set()
        return delivery.id


def _patient() -> Bot:
    bot = Bot("measured", pages=[PAGE])

    @bot.intent("hello")
    async def hello(chat: Chat) -> str:
        return "Hello!"

    @bot.intent("book a table")
    async def book(chat: Chat) -> None:
        await chat.ask("For how many people?", type=int, timeout=timedelta(hours=2))

    return bot


def _user(number: int) -> Address:
    return Address("messenger", PAGE, str(2_519_283_798_000_000 + number * 7_919))


async def _asked(store: SQLite, first: int, last: int) -> None:
    """Let conversations wait for an answer."""
    together = 500
    for start in range(first, last, together):
        users = map(_user, range(start, start + together))
        messages = [Message(id="m", address=user, kind="text", text="book a table") for user in users]
        await asyncio.gather(*map(store.accept, messages))
        works = await store.claim(together)
        outcomes = [await run_turn(BOT, work, _kept, limits=Limits()) for work in works]
        await asyncio.gather(*map(store.commit, works, [evolve(one, deliveries=()) for one in outcomes]))


BOT = _patient()


async def _woken(path: Path) -> float:
    """The processor time of conversations that are woken because nobody answered, against as many plain turns."""
    clock = ShiftedClock()
    store = SQLite(f"{path}-waiting.db", clock=clock)
    await store.open()
    await _asked(store, 0, WAITING)
    clock.set(clock.now() + timedelta(hours=3))
    woken = await _served(store, clock)
    plain = SQLite(f"{path}-plain.db", clock=clock)
    await plain.open()
    for first in range(0, WAITING, 500):
        users = map(_user, range(first, first + 500))
        messages = [Message(id="m", address=user, kind="text", text="hello") for user in users]
        await asyncio.gather(*map(plain.accept, messages))
    return woken / await _served(plain, clock)


async def _served(store: SQLite, clock: ShiftedClock) -> float:
    """The processor time until everybody has been answered."""
    channel = Counting(WAITING)
    app = App(BOT, settings=Settings(), store=store, clock=clock, channel=channel)
    before = time.process_time()
    await app.start()
    await channel.is_done.wait()
    seconds = time.process_time() - before
    await app.stop()
    return seconds


async def _waiting(folder: Path) -> list[Figure]:
    """What a conversation that waits weighs on disk, once its messages are forgotten, and in memory."""
    clock, path = ShiftedClock(), folder / "weighed.db"
    store = SQLite(path, clock=clock)
    await store.open()
    # The first ones fill what is bounded, such as caches and the pages that SQLite keeps at hand.
    await _asked(store, 0, FIRST)
    gc.collect()
    before = _resident_bytes()
    await _asked(store, FIRST, FIRST + WAITING)
    gc.collect()
    grown = max(0, _resident_bytes() - before) / WAITING
    clock.set(clock.now() + timedelta(hours=73))
    while await store.prune(5_000):
        pass
    await store.close()
    return [
        Figure(name="kB on disk for each", ratios=[used_bytes(path) / (FIRST + WAITING) / 1e3], most=1),
        Figure(name=f"bytes of memory for each after the first {FIRST:,}", ratios=[grown], most=20),
    ]


def _resident_bytes() -> int:
    return int(Path("/proc/self/statm").read_text("ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE")


if __name__ == "__main__":
    main(sys.argv[1:])
