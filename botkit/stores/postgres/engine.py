"""The engine: turns the promises of `botkit.stores` into transactions, which those that wait share."""

import asyncio
import secrets
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final, Literal, TypeVar

from botkit.errors import BotkitError, StoreError
from botkit.events import Address, Event, Status
from botkit.instants import milliseconds
from botkit.observe import Clock
from botkit.stores.postgres import desk, inbox, lanes, notices, outbox, schema, sides
from botkit.stores.postgres.claims import Claims
from botkit.stores.postgres.clock import DatabaseClock
from botkit.stores.postgres.connections import Connections, Transaction
from botkit.stores.postgres.database import Database
from botkit.stores.postgres.groups import Groups, in_words
from botkit.stores.postgres.hints import Hint
from botkit.stores.postgres.inbox import Arriving, Ending
from botkit.stores.postgres.outbox import Queueing, Settling
from botkit.stores.postgres.sides import Side
from botkit.stores.views import NOTICE_LEASE
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

T = TypeVar("T")

#: A sender's lease, in milliseconds, outlasts every time-out of a POST: only a sender that has died loses it.
_SENDER_LEASE: Final = 90_000


class Postgres:
    """A store in a PostgreSQL database, which any number of processes and machines may open at the same time.

    *url* is as PostgreSQL has it (``postgresql://user@host:port/database``), with options of botkit's own: ``schema``
    (default ``botkit``), ``connections`` (default 8 a process) and ``statement_cache_size``. *clock* None, the default,
    is the database's. Without *owner* it is an operator's desk, which changes no schema. Raises ConfigError for a URL
    that is none; no error, log line or repr shows its password.
    """

    def __init__(
        self,
        url: str,
        *,
        clock: Clock | None = None,
        lease_seconds: float = 30.0,
        doubt_seconds: float = 30.0,
        keep_days: float = 0.0,
        owner: bool = True,
    ) -> None:
        self._database = Database.of(url)
        shared_clock = DatabaseClock() if clock is None else None
        self._clock: Clock = clock or shared_clock or DatabaseClock()
        self._connections = Connections(self._database, shared_clock)
        self._lease = int(lease_seconds * 1000)
        self._doubt = int(doubt_seconds * 1000)
        self._keep = timedelta(days=keep_days)
        self._owner = owner
        self._state: Literal["new", "open", "closed"] = "new"
        self._secret = b""
        self._side = Side(secrets.token_hex(16))
        self._events, self._deliveries = Hint(), Hint()
        self._accepting = Groups(self._connections, inbox.accept, lambda one: one.conversation)
        self._committing = Groups(self._connections, inbox.commit, lambda one: one.work.address.key, once=True)
        self._settling = Groups(self._connections, outbox.settle, lambda one: one.conversation, once=True)
        self._claims = Claims[Work](self._ask, inbox.put_back)
        self._lanes = Claims[Delivery](self._ask, lambda one, lost: lanes.put_back(one, lost, self._now()))

    def __repr__(self) -> str:
        return f"Postgres({str(self._database)!r})"

    # Opening and closing

    async def open(self) -> None:
        """Connect, and bring the schema up to date where this is an owner; once open, nothing more happens."""
        if self._state == "open":
            return
        if self._state == "closed":
            raise StoreError("The store is closed.")

        async def prepare(transaction: Transaction) -> bytes:
            await schema.prepare(transaction, self._database, owner=self._owner)
            if await schema.is_asynchronous(transaction):
                # Accepted means durable, whatever the server's own default is.
                self._connections.begin += "; SET LOCAL synchronous_commit = on"
            return await desk.secret(transaction)

        self._secret = await self._connections.transaction(prepare)
        self._state = "open"

    async def close(self) -> None:
        """Finish what was asked for and let go of the connections."""
        if self._state == "open":
            await self._claims.close()
            await self._lanes.close()
        self._state = "closed"
        for groups in (self._accepting, self._committing, self._settling):
            await groups.close()
        await self._connections.close()

    def _check(self) -> None:
        if self._state != "open":
            raise StoreError("The store is not open." if self._state == "new" else "The store is closed.")

    async def _ask(self, work: Callable[[Transaction], Awaitable[T]]) -> T:
        """Do what is not done together with anything else."""
        self._check()
        try:
            return await self._connections.transaction(work)
        except (BotkitError, asyncio.CancelledError):
            raise
        except Exception as error:
            raise in_words(error) from error

    def _now(self) -> datetime:
        return self._clock.now()

    # Events and turns

    async def accept(self, event: Event, *, set_aside: str | None = None) -> bool:
        """Keep *event*; durable when it returns."""
        self._check()
        is_new = await self._accepting.do(Arriving(event, self._now(), self._secret, set_aside))
        if is_new and set_aside is None:
            self._events.look()
        return is_new

    async def claim(self, limit: int, *, suspects: int | None = None) -> Sequence[Work]:
        """Lease conversations whose oldest event is due."""
        self._events.looking()
        side = self._side.name
        works = await self._claims.do(lambda one: inbox.claim(one, limit, self._now(), self._lease, suspects, side))
        self._events.found(len(works), may_be_more=len(works) >= limit)
        return works

    async def renew(self, works: Sequence[Work]) -> Sequence[Work]:
        """Extend the leases of *works*; returns those that are lost."""
        return await self._ask(lambda one: inbox.renew(one, works, milliseconds(self._now()) + self._lease))

    async def know(self, knowledge: Collection[str]) -> None:
        """Say what this process knows, for the length of a lease."""
        side = Side.of(self._side.worker, knowledge)
        await self._ask(lambda one: sides.join(one, side, self._now(), self._lease))
        self._side = side

    async def leave(self, work: Work, needed: Collection[str]) -> bool:
        """Leave *work* to another live process that knows all that is *needed* for it, if there is one."""
        return await self._ask(lambda one: sides.leave(one, work, needed, self._side.worker, self._now()))

    async def commit(self, work: Work, outcome: Outcome) -> None:
        """Keep the outcome of a turn, all of it or nothing."""
        self._check()
        leaves_more = await self._committing.do(Ending(work, outcome, self._now(), bool(self._keep)))
        if leaves_more:
            self._events.look()
        if outcome.deliveries:
            self._deliveries.look()

    async def checkpoint(self, work: Work, deliveries: Sequence[Queued], flow: str | None = None) -> None:
        """Keep *deliveries* and a flow's journal in the middle of a turn."""
        await self._ask(lambda one: inbox.checkpoint(one, work, deliveries, self._now(), flow))
        self._deliveries.look()

    # Deliveries and statuses

    async def send(self, address: Address, deliveries: Sequence[Queued], *, open_since: datetime | None = None) -> bool:
        """Put deliveries in the outbox outside a turn, once."""
        queueing = Queueing(address, deliveries, self._now())
        is_new = await self._ask(lambda one: outbox.send(one, queueing, open_since))
        self._deliveries.look()
        return is_new

    async def deliveries(self, allowance: Allowance) -> Sequence[Delivery]:
        """Lease due deliveries and mark them ``sending``."""
        self._deliveries.looking()
        now = self._now()
        again: float | None = None

        async def claim(transaction: Transaction) -> Sequence[Delivery]:
            nonlocal again
            found = await lanes.claim(transaction, allowance, now, _SENDER_LEASE, self._doubt)
            again = None if found.again_at is None else max(0.0, (found.again_at - now).total_seconds())
            return found.deliveries

        deliveries = await self._lanes.do(claim)
        self._deliveries.found(len(deliveries), may_be_more=False, again_seconds=again)
        return list(deliveries)

    async def settle(self, delivery: Delivery, settlement: Settlement) -> None:
        """Record what became of a delivery and let its lane go on."""
        self._check()
        if await self._settling.do(Settling(delivery, settlement, self._now(), bool(self._keep))):
            self._deliveries.look()

    async def note(self, status: Status, *, listened: bool = False) -> Noted:
        """Move the delivery that *status* is about."""
        noted = await self._ask(lambda one: self._note(one, status, listened=listened))
        self._deliveries.look()
        if listened:
            self._events.look()
        return noted

    async def _note(self, transaction: Transaction, status: Status, *, listened: bool) -> Noted:
        now = self._now()
        found = await outbox.find(transaction, status)
        conversation = status.address.key if found is None else str(found["conversation"])
        if listened and await transaction.row(outbox.SHARED.known_conversation, conversation=conversation):
            # Before the lane is locked: whoever holds both has locked the conversation first.
            await inbox.accept(transaction, [Arriving(status, now, self._secret, conversation=conversation)])
        if found is None:
            await outbox.keep_early(transaction, status, now)
            return Noted()
        return await outbox.note(transaction, found, status, now, keep=bool(self._keep))

    # Notices

    async def notices(self, limit: int) -> Sequence[Notice]:
        """Claim at most *limit* notices that are due."""
        return await self._ask(lambda one: notices.claim(one, limit, self._now(), NOTICE_LEASE))

    async def told(self, notice: Notice, retry_at: datetime | None = None) -> None:
        """Forget a notice that was taken, or put it off."""
        await self._ask(lambda one: notices.told(one, notice, retry_at))

    # Waiting, pruning

    async def wait(self, what: Literal["events", "deliveries"], timeout_seconds: float) -> None:
        """Return when there may be something new of *what*, or after the timeout."""
        await (self._events if what == "events" else self._deliveries).wait(timeout_seconds)

    async def prune(self, limit: int = 500) -> int:
        """Forget at most *limit* rows of each kind that nobody needs any more."""
        return sum([await self._ask(pruning) for pruning in desk.prunings(limit, self._now(), self._keep)])

    # The desk

    async def backlog(self) -> Backlog:
        """Count what waits."""
        return await self._ask(lambda one: desk.backlog(one, self._now()))

    async def dead_letters(self, limit: int = 100) -> Sequence[DeadLetter]:
        """What was set aside, newest first."""
        return await self._ask(lambda one: desk.dead_letters(one, limit))

    async def dead_letter(self, letter_id: str) -> DeadLetter | None:
        """One letter by its id."""
        return await self._ask(lambda one: desk.dead_letter(one, letter_id))

    async def gaps(self, limit: int = 10_000) -> Sequence[Gap]:
        """What bots had no answer to, newest first."""
        return await self._ask(lambda one: desk.gaps(one, limit, self._now()))

    async def replay(self, ids: Sequence[str]) -> int:
        """Put dead letters back in their place."""
        found = await self._ask(lambda one: desk.replay(one, ids, self._now()))
        self._events.look()
        self._deliveries.look()
        return found

    async def drop(self, ids: Sequence[str]) -> int:
        """Forget dead letters."""
        return await self._ask(lambda one: desk.drop(one, ids))

    async def adopt(self, channel: str, page: str | None) -> int:
        """Put back what came for a page before a bot claimed it."""
        key = Address(channel, page or "", "").key
        prefix = key[:-1] if page is None else key
        found = await self._ask(lambda one: desk.adopt(one, prefix, self._now()))
        self._events.look()
        return found

    async def muted(self, limit: int = 100) -> Sequence[tuple[Address, Mute]]:
        """The conversations that a person answers, and how each was handed over."""
        return await self._ask(lambda one: notices.muted(one, limit, self._now()))

    async def in_flows(self, after: str = "", limit: int = 100) -> Sequence[Address]:
        """The conversations with an open flow."""
        return await self._ask(lambda one: desk.in_flows(one, after, limit))

    async def conversation(self, address: Address) -> Conversation | None:
        """Everything kept under *address*."""
        return await self._ask(lambda one: desk.conversation(one, address))

    async def export(self, address: Address) -> Mapping[str, object] | None:
        """Everything kept under *address* as JSON values."""
        return await self._ask(lambda one: desk.export(one, address))

    async def forget(self, address: Address) -> Forgotten | None:
        """Erase everything kept under *address*."""
        return await self._ask(lambda one: desk.forget(one, address, self._now(), self._secret))

    async def secret(self) -> bytes:
        """The store's own random bytes."""
        return self._secret
