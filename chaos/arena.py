"""The arena: lets victims live and die while users talk to them, and writes down what was seen."""

import asyncio
import json
import os
import signal
import sys
from asyncio.subprocess import PIPE, Process
from collections import defaultdict
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime, timedelta
from typing import Any, Final, Protocol, Self

import aiohttp
from aiohttp import web
from aiohttp.test_utils import TestServer
from attrs import define, evolve, field, frozen

from botkit.errors import StoreError
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
PATIENCE_SECONDS: Final = 30.0
#: How much later the clock shows for whoever comes after a death on PostgreSQL: all leases are over.
_LEASES: Final = 100.0
#: Made once: making a key takes longer than a run.
_KEY: Final = new_private_key()


class Database(Protocol):
    """A server that can be stopped, as a crash would, and started again; both block."""

    def stop(self) -> None:
        """Let it crash."""
        ...

    def start(self) -> None:
        """Start it again."""
        ...


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
    patience_seconds: float

    @classmethod
    @asynccontextmanager
    async def open(cls, patience_seconds: float = PATIENCE_SECONDS) -> AsyncIterator[Self]:
        """Start the fork server; what is missing after *patience_seconds* of a run is lost."""
        environment = {**os.environ, "OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "chaos.victim"), stdin=PIPE, stdout=PIPE, env=environment, start_new_session=True
        )
        arena = cls(process, 0, patience_seconds)
        try:
            arena.port = (await arena.heard())["port"]
            yield arena
        finally:
            # With whoever still lives.
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            await process.wait()

    async def heard(self) -> Mapping[str, Any]:
        """The next thing that the fork server or its child says, as `chaos.victim` writes it."""
        assert self.process.stdout is not None
        line = await self.process.stdout.readline()
        if not line:
            raise RuntimeError("The fork server has ended; what it wrote to standard error says why.")
        found: dict[str, Any] = json.loads(line)
        return found

    async def fork(self, order: Order) -> int:
        """Make a victim; returns its pid."""
        assert self.process.stdin is not None
        self.process.stdin.write(order.to_json().encode() + b"\n")
        pid: int = (await self.heard())["pid"]
        return pid

    async def play(
        self,
        scenario: Scenario,
        order: Order,
        *,
        strikes: Callable[[], int] = lambda: 0,
        database: Database | None = None,
    ) -> Ended:
        """Let the users of *scenario* talk to victims as *order* has them, until nothing is left to do.

        The first is struck where *order* says, the next where *strikes* says, by default nowhere. *database* is what is
        struck where the order says so.
        """
        async with (
            Simulator(
                page=PAGE, retry_factor=0.004, public_key=_KEY.public_key(), application_id="struck"
            ) as simulator,
            _cashier() as (cashier, url),
        ):
            simulator.inbound_url = f"http://{HOST}:{self.port}/webhooks/inbound-message"
            simulator.status_url = f"http://{HOST}:{self.port}/webhooks/message-status"
            account = evolve(simulator.account, private_key=private_pem(_KEY))
            life = _Life(self, evolve(order, account=account, cashier_url=url), strikes, database)
            living = asyncio.create_task(life.go_on())
            talking = [
                asyncio.create_task(_talk(simulator, self.port, user, steps)) for user, steps in scenario.steps.items()
            ]
            try:
                with suppress(TimeoutError):
                    async with asyncio.timeout(self.patience_seconds):
                        await _finished(asyncio.gather(*talking), living)
                        await _finished(_quiet(simulator, scenario, life), living)
                unanswered = sum(not task.done() for task in talking)
            finally:
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
    database: Database | None
    deaths: list[Death] = field(factory=list)
    points: int = 0
    pid: int = 0
    is_ending: bool = False
    #: Whether the database is struck no more.
    is_spared: bool = False

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

    async def _until_told(self) -> Mapping[str, Any]:
        while "ended" not in (told := await self.arena.heard()):
            await self._strike_database(str(told["struck"]))
        return told

    async def _strike_database(self, point: str) -> None:
        if self.database is None:
            raise ValueError("A database is to be struck, and none was given.")
        if self.is_spared:
            self._let_go_on()
            return
        self.is_spared = self.strikes() == 0
        self.deaths.append(Death(datetime.now(UTC), f"{point}, of the database"))
        await asyncio.to_thread(self.database.stop)
        self._let_go_on()
        await asyncio.to_thread(self.database.start)

    def _let_go_on(self) -> None:
        # The run may be over, and the victim dead.
        with suppress(ProcessLookupError):
            os.kill(self.pid, signal.SIGUSR1)

    async def end(self, living: "asyncio.Task[None]") -> None:
        """Let the last victim die."""
        self.is_ending = True
        while not living.done():
            # It may have died by itself just now, or be about to be born.
            with suppress(ProcessLookupError):
                os.kill(self.pid, signal.SIGKILL)
            await asyncio.wait((living,), timeout=0.05)
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
            async with (
                aiohttp.ClientSession() as session,
                session.post(f"http://{HOST}:{port}/signal", json=told) as response,
            ):
                if response.status == 200:
                    return
        await asyncio.sleep(0.02)


async def _quiet(simulator: Simulator, scenario: Scenario, life: _Life) -> None:
    """Return once every user was shown as much as he is to be, and nothing waits in the store any more."""
    while any(_shown(simulator, user) < len(texts) for user, texts in scenario.shown.items()):
        await asyncio.sleep(0.005)
    async with _desk(life.order.store) as waits:
        while await waits():
            await asyncio.sleep(0.01)


@asynccontextmanager
async def _desk(url: str) -> AsyncIterator[Callable[[], Awaitable[bool]]]:
    desk = open_store(url, clock=SystemClock(), owner=False)

    async def waits() -> bool:
        try:
            await desk.open()
            backlog = await desk.backlog()
        except StoreError:
            return True  # it was struck just now
        return backlog.events + backlog.deliveries > 0

    try:
        yield waits
    finally:
        await desk.close()
