"""Turns: claim conversations, run the handler, commit. Conversations run side by side, each strictly in order."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from typing import Final, TypeVar

from botkit.bot import Bot
from botkit.channels import Channel
from botkit.conversation.sides import knowledge_of, needed_at
from botkit.directory import Directory
from botkit.errors import LeaseLost, StoreError
from botkit.failure import fault_of, traced
from botkit.observe import Alarm, Observer, TurnFailed, TurnFinished, TurnLeft, TurnStarted
from botkit.patience import Rest, until_kept
from botkit.stores import Store
from botkit.turn import run_turn
from botkit.work import Failure, Outcome, Queued, Work

T = TypeVar("T")
CallInThread = Callable[[Callable[[], T]], Awaitable[T]]

POLL_SECONDS: Final = 0.5
#: Which part of a lease a worker runs before it looks at suspects: until then everybody else is answered.
_SUSPECTS_AFTER: Final = 1 / 6
_SUSPECTS_POLL_SECONDS: Final = 0.02

_log = logging.getLogger("botkit.worker")


class _Left(Exception):
    """The turn is another process's: it knows what is needed for it."""


class Worker:
    """Runs turns until it is told to stop.

    At most *concurrency* turns run at once; while a handler runs, its lease is renewed three times in *lease_seconds*.
    A turn whose lease is lost is given up, and whatever it still does is not kept. Of the events that are suspected of
    ending their process (`Work.is_suspect`) at most one runs, and none before everybody else had some seconds.

    What the bots do not know, such as a flow in another version of their code, is left to another process that does, as
    long as one lives (`botkit.conversation.sides`).
    """

    def __init__(
        self,
        *,
        store: Store,
        channel: Channel,
        directory: Directory,
        resources: Mapping[str, Mapping[str, object]],
        call_in_thread: CallInThread[object],
        observer: Observer,
        lease_seconds: float = 30.0,
        concurrency: int = 256,
    ) -> None:
        self._store = store
        self._channel = channel
        self._directory = directory
        self._resources = resources
        self._call_in_thread = call_in_thread
        self._observer = observer
        self._lease_seconds = lease_seconds
        self._concurrency = concurrency
        self._turns: dict[asyncio.Task[None], Work] = {}
        self._suspects_at = self._suspecting_until = 0.0
        self._freed = asyncio.Event()
        self._rest = Rest()
        self._knowledge = frozenset[str]()
        self._telling = asyncio.Lock()
        self._stopping = False

    async def run(self) -> None:
        """Claim and run turns until `stop`; then finish the turns that run."""
        self._suspects_at = asyncio.get_running_loop().time() + self._lease_seconds * _SUSPECTS_AFTER
        renewing = asyncio.create_task(self._renew())
        try:
            await self.know()
            while not self._stopping:
                await self._claim()
            await self.know()
            await self.settle()
        finally:
            renewing.cancel()
            for turn in self._turns:
                turn.cancel()

    def stop(self) -> None:
        """Claim no more; `run` returns once the running turns are committed."""
        self._stopping = True
        self._freed.set()
        self._rest.end()

    async def know(self) -> None:
        """Take note of what the bots know now, and tell the other processes; once stopped, they know nothing more."""
        self._knowledge = frozenset() if self._stopping else knowledge_of(self._directory.bots)
        await self._tell()

    async def _tell(self) -> None:
        """Say what is known, in order: what was said last counts. Until it could be kept it is said again and again."""
        async with self._telling:
            try:
                await self._store.know(self._knowledge)
            except StoreError as error:
                self._observer(Alarm("store_unavailable", str(error)))

    async def settle(self) -> None:
        """Return once the turns that run now have ended."""
        if self._turns:
            await asyncio.wait(tuple(self._turns))

    async def _claim(self) -> None:
        room = self._concurrency - len(self._turns)
        if room <= 0:
            self._freed.clear()
            await self._freed.wait()
            return
        try:
            works = await self._store.claim(room, suspects=self._suspects())
        except StoreError as error:
            self._observer(Alarm("store_unavailable", str(error)))
            works = ()
            await asyncio.sleep(POLL_SECONDS)
        for work in works:
            self._start(work)
        if len(works) < room and not self._stopping:
            is_suspecting = asyncio.get_running_loop().time() < self._suspecting_until
            seconds = _SUSPECTS_POLL_SECONDS if is_suspecting else POLL_SECONDS
            await self._rest.during(self._store.wait("events", seconds))

    def _suspects(self) -> int:
        """How many suspects may run now besides those that do."""
        is_early = asyncio.get_running_loop().time() < self._suspects_at
        return 0 if is_early or any(work.is_suspect for work in self._turns.values()) else 1

    def _start(self, work: Work) -> None:
        turn = asyncio.create_task(self._turn(work))
        self._turns[turn] = work
        turn.add_done_callback(self._ended)

    def _ended(self, turn: asyncio.Task[None]) -> None:
        work = self._turns.pop(turn)
        self._freed.set()
        if work.is_suspect:
            # There may be more of them, which were put off for a moment only.
            self._suspecting_until = asyncio.get_running_loop().time() + 2 * POLL_SECONDS
            self._rest.end()

    async def _renew(self) -> None:
        while True:
            await asyncio.sleep(self._lease_seconds / 3)
            running = {(work.address, work.epoch): turn for turn, work in self._turns.items()}
            try:
                lost = await self._store.renew(tuple(self._turns.values())) if running else ()
            except StoreError as error:
                self._observer(Alarm("store_unavailable", str(error)))
                continue
            for work in lost:
                running[work.address, work.epoch].cancel()
            await self._tell()

    async def _turn(self, work: Work) -> None:
        bot = self._directory.find(work.address)
        name = bot.name if bot else ""
        self._observer(_started(work, name))
        loop = asyncio.get_running_loop()
        started = loop.time()
        try:
            outcome = await self._outcome(bot, work)
            await until_kept(partial(self._store.commit, work, outcome), self._observer)
        except _Left:
            self._observer(TurnLeft(address=work.address, event_id=work.event.id, bot=name))
            return
        except LeaseLost as error:
            self._observer(_failed(work, name, Failure(str(error)), lease_lost=True))
            return
        if outcome.failure:
            self._observer(_failed(work, name, outcome.failure))
        seconds = loop.time() - started
        self._observer(_finished(work, name, outcome, seconds))

    async def _outcome(self, bot: Bot | None, work: Work) -> Outcome:
        if bot is None:
            await self._leave(work, needed_at(work.address, bot))
            return Outcome(failure=Failure(f"no bot claims page {work.address.page} any more"))
        try:
            return await run_turn(
                bot,
                work,
                partial(self._checkpoint, work),
                resources=self._resources[bot.name],
                limits=self._channel.limits(work.address.page),
                call_in_thread=self._call_in_thread,
                observer=self._observer,
                leave=lambda needed: self._leave(work, needed | needed_at(work.address, bot)),
            )
        except (LeaseLost, _Left):
            raise
        except Exception as error:  # noqa: BLE001 - one of the two places that answer for everything
            # run_turn answers for everything a handler may do: what comes here is a fault of botkit's own.
            _log.error("botkit.worker.fault", extra={"fields": traced(error)})
            return Outcome(failure=fault_of(error))

    async def _leave(self, work: Work, needed: frozenset[str]) -> None:
        if await until_kept(partial(self._store.leave, work, needed), self._observer):
            raise _Left

    async def _checkpoint(self, work: Work, deliveries: Sequence[Queued], flow: str | None) -> None:
        await until_kept(partial(self._store.checkpoint, work, deliveries, flow), self._observer)


def _started(work: Work, bot: str) -> TurnStarted:
    return TurnStarted(
        address=work.address,
        event_id=work.event.id,
        bot=bot,
        claims=work.claims,
        waited_seconds=(work.now - work.accepted_at).total_seconds(),
    )


def _finished(work: Work, bot: str, outcome: Outcome, seconds: float) -> TurnFinished:
    return TurnFinished(
        address=work.address,
        event_id=work.event.id,
        bot=bot,
        intent=outcome.intent,
        deliveries=len(outcome.deliveries),
        seconds=seconds,
    )


def _failed(work: Work, bot: str, failure: Failure, *, lease_lost: bool = False) -> TurnFailed:
    return TurnFailed(
        address=work.address,
        event_id=work.event.id,
        bot=bot,
        error=failure.error,
        retry_at=failure.retry_at,
        lease_lost=lease_lost,
        detail=failure.detail,
    )
