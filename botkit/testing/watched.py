"""The store of one process under test: knows when the process has nothing left to do, and how far it may get."""

import asyncio
from collections import Counter, deque
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from datetime import datetime
from typing import Final, Literal, Never

from attrs import field, frozen

from botkit.errors import LeaseLost
from botkit.events import Address, Event, Status
from botkit.stores.sqlite import SQLite
from botkit.work import (
    Allowance,
    Backlog,
    Conversation,
    DeadLetter,
    Delivery,
    Forgotten,
    Gap,
    Mute,
    Noted,
    Notice,
    Outcome,
    Queued,
    Settlement,
    Work,
)

#: So often a turn may be run again while no time passes.
_MOST_RUNS: Final = 100

What = Literal["events", "deliveries"]

#: How far a process got when it died: its event was ``claimed``, and nothing of the bot has run; a `chat.send` was
#: kept (``said``); the handler has ``answered``, and nothing of it is kept; the turn is ``committed``, and nothing has
#: left; a delivery is being sent (``sending``) and not accepted; or accepted (``sent``), and nobody was told.
Point = Literal["claimed", "said", "answered", "committed", "sending", "sent"]
POINTS: Final[tuple[Point, ...]] = ("claimed", "said", "answered", "committed", "sending", "sent")


@frozen(kw_only=True)
class Turn:
    """One turn that was committed: what it was given and what it made of it."""

    work: Work
    outcome: Outcome


@frozen(kw_only=True)
class Plan:
    """What several processes under test share, one after the other.

    *crashes* are the points at which processes are still to die, *turns* what they have committed, and *later* is told
    of each moment at which something is to be done.
    """

    crashes: deque[Point] = field(factory=deque)
    turns: list[Turn] = field(factory=list)
    later: Callable[[datetime], None]


class Watched:
    """An engine that watches the process it is handed to.

    `idle` returns when everything that is due has been done, or when the process has died: then nothing it still tries
    reaches the engine. With *live* the process also looks by itself for what has become due meanwhile; without, only
    after `look`, so that no time needs to pass.
    """

    def __init__(self, engine: SQLite, plan: Plan, *, live: bool = False) -> None:
        self._engine = engine
        self._plan = plan
        self._live = live
        self._news: dict[What, asyncio.Event] = {"events": asyncio.Event(), "deliveries": asyncio.Event()}
        self._waiting: set[What] = set()
        #: What was claimed and has not ended: turns by their epochs, deliveries by their ids.
        self._under_way: dict[What, set[object]] = {"events": set(), "deliveries": set()}
        self._runs: Counter[tuple[Address, int]] = Counter()
        self._changed = asyncio.Event()
        self._known: set[What] = set()
        self.is_dead = False
        #: Whether a handler has asked to be run again so often, while no time passed, that it will never stop.
        self.is_endless = False
        #: What the engine held when it was closed.
        self.content = b""

    async def idle(self) -> None:
        """Return when nothing is left to do, or the process is dead."""
        while not self.is_dead and any(map(self._is_busy, self._news)):
            await self._change()

    def look(self) -> None:
        """Let the process look for what has become due."""
        self._runs.clear()
        self._tell("events", "deliveries")

    def _is_busy(self, what: What) -> bool:
        return bool(self._under_way[what]) or what not in self._waiting or self._news[what].is_set()

    async def _change(self) -> None:
        self._changed.clear()
        await self._changed.wait()

    def _tell(self, *whats: What) -> None:
        for what in whats:
            self._news[what].set()

    def _is_next(self, point: Point) -> bool:
        return bool(self._plan.crashes) and self._plan.crashes[0] == point

    async def _near(self, point: Point) -> None:
        """Before a process dies in a turn, what it sent earlier is settled: that it dies is all that is left to see."""
        while self._is_next(point) and self._is_busy("deliveries") and not self.is_dead:
            await self._change()
        await self._go_on()

    async def _reach(self, point: Point) -> None:
        if self._is_next(point):
            self._plan.crashes.popleft()
            self.is_dead = True
        await self._go_on()

    async def _go_on(self) -> None:
        if self.is_dead:
            self._changed.set()
            await _end()

    # Opening and closing

    async def open(self) -> None:
        """Open the engine."""
        await self._engine.open()

    async def close(self) -> None:
        """Close the engine, and keep what it held."""
        self.content = await self._engine.content()
        await self._engine.close()

    # Events and turns

    async def accept(self, event: Event, *, set_aside: str | None = None) -> bool:
        """Keep *event*."""
        await self._go_on()
        new = await self._engine.accept(event, set_aside=set_aside)
        self._tell("events")
        return new

    async def claim(self, limit: int, *, suspects: int | None = None) -> Sequence[Work]:
        """Lease conversations whose oldest event is due; here a process dies by plan, and nobody is suspected."""
        del suspects
        await self._near("claimed")
        self._news["events"].clear()
        works = await self._engine.claim(limit)
        self._under_way["events"].update((work.address, work.epoch) for work in works)
        self._runs.update((work.address, work.sequence) for work in works)
        if not self._live and any(self._runs[work.address, work.sequence] > _MOST_RUNS for work in works):
            self.is_endless = self.is_dead = True
        if works:
            # A turn that was committed while this was claimed may be on its way out.
            await self._near("claimed")
            await self._reach("claimed")
        return works

    async def renew(self, works: Sequence[Work]) -> Sequence[Work]:
        """Extend the leases of *works*; returns those that are lost."""
        await self._go_on()
        lost = await self._engine.renew(works)
        self._under_way["events"].difference_update((work.address, work.epoch) for work in lost)
        return lost

    async def know(self, knowledge: Collection[str]) -> None:
        """Say what this process knows; it is the only one."""
        await self._go_on()
        await self._engine.know(knowledge)

    async def leave(self, work: Work, needed: Collection[str]) -> bool:
        """Leave *work* to nobody."""
        await self._go_on()
        return await self._engine.leave(work, needed)

    async def commit(self, work: Work, outcome: Outcome) -> None:
        """Keep the outcome of a turn, all of it or nothing."""
        await self._near("answered")
        await self._reach("answered")
        await self._near("committed")
        await self._ending("events", (work.address, work.epoch), self._engine.commit(work, outcome))
        if outcome.deliveries:
            self._tell("deliveries")
        self._plan.turns.append(Turn(work=work, outcome=outcome))
        if outcome.wake_at is not None:
            self._plan.later(outcome.wake_at)
        if outcome.failure is not None and outcome.failure.retry_at is not None:
            self._plan.later(outcome.failure.retry_at)
        await self._reach("committed")

    async def checkpoint(self, work: Work, deliveries: Sequence[Queued], flow: str | None = None) -> None:
        """Keep *deliveries* and a flow's journal in the middle of a turn."""
        await self._near("said")
        await self._engine.checkpoint(work, deliveries, flow)
        self._tell("deliveries")
        await self._reach("said")

    async def _ending(self, what: What, claimed: object, keeping: Awaitable[None]) -> None:
        """Wait for the end of what was *claimed*; what the store could not keep is still under way."""
        try:
            await keeping
        except LeaseLost:
            self._under_way[what].discard(claimed)
            self._changed.set()
            raise
        self._under_way[what].discard(claimed)
        self._changed.set()
        if self._engine.has_news(what):
            self._tell(what)

    # Deliveries and statuses

    async def send(self, address: Address, deliveries: Sequence[Queued], *, open_since: datetime | None = None) -> bool:
        """Put deliveries in the outbox outside a turn, once."""
        await self._go_on()
        new = await self._engine.send(address, deliveries, open_since=open_since)
        self._tell("deliveries")
        return new

    async def deliveries(self, allowance: Allowance) -> Sequence[Delivery]:
        """Lease due deliveries and mark them ``sending``."""
        await self._go_on()
        self._news["deliveries"].clear()
        deliveries = await self._engine.deliveries(allowance)
        self._under_way["deliveries"].update(delivery.id for delivery in deliveries)
        if deliveries:
            await self._reach("sending")
        return deliveries

    async def settle(self, delivery: Delivery, settlement: Settlement) -> None:
        """Record what became of a delivery."""
        if settlement.state == "sent":
            await self._reach("sent")
        await self._go_on()
        await self._ending("deliveries", delivery.id, self._engine.settle(delivery, settlement))
        for later in (settlement.due_at, settlement.hold.until if settlement.hold else None):
            if later is not None:
                self._plan.later(later)

    async def note(self, status: Status, *, listened: bool = False) -> Noted:
        """Move the delivery that *status* is about."""
        await self._go_on()
        noted = await self._engine.note(status, listened=listened)
        self.look()
        return noted

    # Notices

    async def notices(self, limit: int) -> Sequence[Notice]:
        """Claim notices that are due."""
        await self._go_on()
        return await self._engine.notices(limit)

    async def told(self, notice: Notice, retry_at: datetime | None = None) -> None:
        """Forget a notice that was taken, or put it off."""
        await self._go_on()
        await self._engine.told(notice, retry_at)

    # Waiting, pruning

    async def wait(self, what: What, timeout_seconds: float) -> None:
        """Return when there may be something new of *what*; after the timeout only where time goes on by itself."""
        await self._go_on()
        if what not in self._known:
            # From then on the engine hands over what is new, as it does wherever it is waited for.
            self._known.add(what)
            await self._engine.wait(what, 0)
        self._waiting.add(what)
        self._changed.set()
        try:
            async with asyncio.timeout(timeout_seconds if self._live else None):
                await self._news[what].wait()
        except TimeoutError:
            return
        finally:
            self._waiting.discard(what)

    async def prune(self, limit: int = 500) -> int:
        """Forget what nobody needs any more."""
        await self._go_on()
        return await self._engine.prune(limit)

    # The desk

    async def backlog(self) -> Backlog:
        """Count what waits."""
        return await self._engine.backlog()

    async def dead_letters(self, limit: int = 100) -> Sequence[DeadLetter]:
        """What was set aside, newest first."""
        return await self._engine.dead_letters(limit)

    async def dead_letter(self, letter_id: str) -> DeadLetter | None:
        """One letter by its id."""
        return await self._engine.dead_letter(letter_id)

    async def gaps(self, limit: int = 10_000) -> Sequence[Gap]:
        """What bots had no answer to, newest first."""
        return await self._engine.gaps(limit)

    async def drop(self, ids: Sequence[str]) -> int:
        """Forget dead letters."""
        return await self._engine.drop(ids)

    async def adopt(self, channel: str, page: str | None) -> int:
        """Put back what came for a page before a bot claimed it."""
        found = await self._engine.adopt(channel, page)
        self._tell("events")
        return found

    async def export(self, address: Address) -> Mapping[str, object] | None:
        """Everything kept under *address*."""
        return await self._engine.export(address)

    async def forget(self, address: Address) -> Forgotten | None:
        """Erase everything kept under *address*."""
        await self._go_on()
        return await self._engine.forget(address)

    async def replay(self, ids: Sequence[str]) -> int:
        """Put dead letters back in their place."""
        await self._go_on()
        found = await self._engine.replay(ids)
        self.look()
        return found

    async def muted(self, limit: int = 100) -> Sequence[tuple[Address, Mute]]:
        """The conversations that a person answers, and how each was handed over."""
        return await self._engine.muted(limit)

    async def in_flows(self, after: str = "", limit: int = 100) -> Sequence[Address]:
        """The conversations with an open flow."""
        return await self._engine.in_flows(after, limit)

    async def conversation(self, address: Address) -> Conversation | None:
        """Everything kept under *address*."""
        return await self._engine.conversation(address)

    async def secret(self) -> bytes:
        """The store's own random bytes."""
        return await self._engine.secret()


async def _end() -> Never:
    """End the task this is called in, as the death of its process would."""
    task = asyncio.current_task()
    assert task is not None
    task.cancel()
    await asyncio.Event().wait()
    raise AssertionError("a task that is cancelled does not go on")
