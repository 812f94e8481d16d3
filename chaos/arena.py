"""The arena: lets victims live and die while users talk to them, and writes down what was seen."""

import asyncio
import json
import os
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from typing import Final, Self

import aiohttp
from aiohttp import web
from aiohttp.test_utils import TestServer
from attrs import define, evolve, field, frozen

from botkit.observe import SystemClock
from botkit.simulator import Simulator
from botkit.simulator.keys import new_private_key, private_pem
from botkit.simulator.webhooks import inbound
from botkit.stores import open_store
from chaos.checker import Verdict, check
from chaos.history import Death, History
from chaos.scenarios import Scenario, Step
from chaos.victim import HOST, Order

PAGE: Final = "1070"
#: The longest that one run may take before what is missing is called lost.
RUN_SECONDS: Final = 30.0
#: How much later the clock shows for whoever comes after a death on PostgreSQL: all leases are over.
_LEASES: Final = 100.0
#: Made once: making a key takes longer than a run.
_KEY: Final = new_private_key()

Restart = Callable[[], Awaitable[None]]


class Cashier:
    """Takes payments: whoever pays under a key that is known pays nothing more."""

    def __init__(self) -> None:
        self.paid: defaultdict[str, list[str]] = defaultdict(list)

    async def take(self, request: web.Request) -> web.Response:
        """Take a payment; answers how many its user has made."""
        order = await request.json()
        self.paid[order["user"]].append(order["key"])
        return web.Response(text=str(len(set(self.paid[order["user"]]))))


@frozen(kw_only=True)
class Ended:
    """How a run ended: what was seen, what the checker says, and how many points its first process reached."""

    history: History
    verdict: Verdict
    points: int

    @property
    def strikes(self) -> int:
        """How often somebody was struck."""
        return len(self.history.deaths)


@define(eq=False)
class Arena:
    """A place to die in: one fork server, which makes one victim at a time."""

    process: Process
    port: int

    @classmethod
    @asynccontextmanager
    async def open(cls) -> AsyncIterator[Self]:
        """Start the fork server."""
        environment = {**os.environ, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "chaos.victim"), stdin=PIPE, stdout=PIPE, env=environment
        )
        arena = cls(process, 0)
        try:
            arena.port = (await arena.heard())["port"]
            yield arena
        finally:
            assert process.stdin is not None
            process.stdin.close()
            await process.wait()

    async def heard(self) -> dict[str, object]:
        """The next thing that the fork server or its child says."""
        assert self.process.stdout is not None
        line = await self.process.stdout.readline()
        if not line:
            raise RuntimeError("The fork server has ended; what it wrote to standard error says why.")
        found: dict[str, object] = json.loads(line)
        return found

    async def fork(self, order: Order) -> int:
        """Make a victim; returns its pid."""
        assert self.process.stdin is not None
        self.process.stdin.write(order.to_json().encode() + b"\n")
        return (await self.heard())["pid"]

    async def play(
        self, scenario: Scenario, order: Order, *, strikes: Callable[[], int] | None = None, restart: Restart | None = None
    ) -> Ended:
        """Let the users of *scenario* talk to victims as *order* has them, until nothing is left to do.

        The first is struck where *order* says, the next where *strikes* says, by default nowhere. *restart* crashes the
        database and starts it again.
        """
        async with Simulator(
            page=PAGE, retry_factor=0.004, public_key=_KEY.public_key(), application_id="struck"
        ) as simulator, _cashier() as (cashier, url):
            simulator.inbound_url = f"http://{HOST}:{self.port}/webhooks/inbound-message"
            simulator.status_url = f"http://{HOST}:{self.port}/webhooks/message-status"
            account = evolve(simulator.account, private_key=private_pem(_KEY))
            life = _Life(self, evolve(order, account=account, cashier_url=url), strikes or (lambda: 0), restart)
            living = asyncio.create_task(life.go_on())
            talking = [
                asyncio.create_task(_talk(simulator, self.port, user, steps)) for user, steps in scenario.steps.items()
            ]
            with suppress(TimeoutError):
                async with asyncio.timeout(RUN_SECONDS):
                    await _finished(asyncio.gather(*talking), living)
                    await _finished(_quiet(simulator, scenario, life), living)
            unanswered = sum(not task.done() for task in talking)
            await life.end(living)
            for task in talking:
                task.cancel()
            history = History.of(simulator, life.deaths, cashier.paid, unanswered)
        verdict = check(history, scenario.shown, doubt=timedelta(seconds=order.doubt_seconds))
        return Ended(history=history, verdict=verdict, points=life.points)


async def _finished(awaited: Awaitable[object], living: "asyncio.Task[None]") -> None:
    """Wait for what is *awaited*, or for the arena's own failure, whichever comes first."""
    task = asyncio.ensure_future(awaited)
    await asyncio.wait((task, living), return_when=asyncio.FIRST_COMPLETED)
    if not task.done():
        task.cancel()
        living.result()
        raise RuntimeError("The arena gave up its victims.")
    await task


@define(eq=False)
class _Life:
    """One victim after the other, until it is told to end."""

    arena: Arena
    order: Order
    strikes: Callable[[], int]
    restart: Restart | None
    deaths: list[Death] = field(factory=list)
    points: int = 0
    pid: int = 0
    is_ending: bool = False

    async def go_on(self) -> None:
        """Let a victim live, and another after its death."""
        order = self.order
        while not self.is_ending:
            self.pid = await self.arena.fork(order)
            told = await self._until_told()
            self.points = self.points or told["points"]
            if not self.is_ending:
                self.deaths.append(Death(datetime.now(UTC), str(told["last"])))
            ahead = _LEASES * len(self.deaths) if order.store.startswith("postgresql:") else 0.0
            order = evolve(order, strike_at=self.strikes(), ahead_seconds=ahead)

    async def _until_told(self) -> dict[str, object]:
        while "ended" not in (told := await self.arena.heard()):
            await self._strike_database(str(told["struck"]))
        return told

    async def _strike_database(self, point: str) -> None:
        assert self.restart is not None
        restarting = asyncio.create_task(self._restarted())
        await restarting
        self.deaths.append(Death(datetime.now(UTC), f"{point}, of the database"))

    async def _restarted(self) -> None:
        assert self.restart is not None
        await self.restart()
        os.kill(self.pid, signal.SIGUSR1)

    async def end(self, living: "asyncio.Task[None]") -> None:
        """Let the last victim die."""
        self.is_ending = True
        if not living.done():
            os.kill(self.pid, signal.SIGKILL)
        await living


@asynccontextmanager
async def _cashier() -> AsyncIterator[tuple[Cashier, str]]:
    cashier, application = Cashier(), web.Application()
    application.router.add_post("/", cashier.take)
    async with TestServer(application) as server:
        yield cashier, str(server.make_url("/"))


async def _talk(simulator: Simulator, port: int, user: str, steps: Sequence[Step]) -> None:
    for number, step in enumerate(steps):
        match step.what:
            case "say":
                payload = inbound("v1", page=PAGE, user=user, now=simulator.clock.now(), text=step.text)
                await simulator.deliver(payload)
            case "see":
                while _shown(simulator, user) < step.count:
                    await asyncio.sleep(0.005)
            case "signal":
                await _signal(port, user, step.text, f"{user} {number}")


def _shown(simulator: Simulator, user: str) -> int:
    return len({one.client_ref for one in simulator.accepted if one.user == user})


async def _signal(port: int, user: str, data: str, name: str) -> None:
    told = {"page": PAGE, "user": user, "name": "paid", "data": data, "id": name}
    while True:
        with suppress(aiohttp.ClientError, OSError):
            async with aiohttp.ClientSession() as session, session.post(
                f"http://{HOST}:{port}/signal", json=told
            ) as response:
                if response.status == 200:
                    return
        await asyncio.sleep(0.02)


async def _quiet(simulator: Simulator, scenario: Scenario, life: _Life) -> None:
    """Return once every user was shown as much as he is to be, and nothing waits in the store any more."""
    while any(_shown(simulator, user) < len(texts) for user, texts in scenario.shown.items()):
        await asyncio.sleep(0.005)
    async with _desk(life.order.store) as waiting:
        while await waiting():
            await asyncio.sleep(0.01)


@asynccontextmanager
async def _desk(url: str) -> AsyncIterator[Callable[[], Awaitable[int]]]:
    desk = open_store(url, clock=SystemClock(), owner=False)
    await desk.open()

    async def waiting() -> int:
        backlog = await desk.backlog()
        return backlog.events + backlog.deliveries

    try:
        yield waiting
    finally:
        await desk.close()

