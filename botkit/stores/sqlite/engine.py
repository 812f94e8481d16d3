"""The engine: opens the file, and turns the promises of `botkit.stores` into operations of its writer."""

import asyncio
import os
import secrets
import sqlite3
from collections.abc import Sequence
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Final, Literal

from botkit.errors import StoreError, StoreVersionError
from botkit.events import Address, Event, Status
from botkit.observe import Clock
from botkit.stores.rows import milliseconds
from botkit.stores.sqlite import desk, inbox, outbox
from botkit.stores.sqlite.ownership import Ownership
from botkit.stores.sqlite.writer import Writer, in_words
from botkit.stores.statements import schema_steps
from botkit.work import (
    Allowance,
    Backlog,
    Conversation,
    DeadLetter,
    Delivery,
    Noted,
    Outcome,
    Queued,
    Settlement,
    Work,
)

#: A sender's lease outlasts every time-out of a POST: only a sender that has died loses it.
SENDER_LEASE_SECONDS: Final = 90.0
_PRAGMAS: Final = ("journal_mode=WAL", "synchronous=FULL", "busy_timeout=5000", "wal_autocheckpoint=2000")


class SQLite:
    """A store in one SQLite file, or in memory (``:memory:``) for tests and `botkit chat`.

    With *owner* (the default) it runs workers and holds the ownership lock; without it is an operator's desk beside the
    process that does. Every commit is flushed to disk (``synchronous=FULL``) and shared by all that wait.
    """

    def __init__(
        self,
        path: str | Path,
        *,
        clock: Clock,
        lease_seconds: float = 30.0,
        doubt_seconds: float = 30.0,
        owner: bool = True,
    ) -> None:
        self._path = str(path)
        self._clock = clock
        self._lease = int(lease_seconds * 1000)
        self._doubt = int(doubt_seconds * 1000)
        self._owner = owner
        self._ownership: Ownership | None = None
        self._writer: Writer | None = None
        #: Statuses that came before their 202 are rare: most deliveries need not be looked up for them.
        self._early = False
        self._hints = {"events": asyncio.Event(), "deliveries": asyncio.Event()}

    # Opening and closing

    async def open(self) -> None:
        """Open the file, creating or upgrading it where this process owns it; once open, nothing more happens."""
        if self._writer is not None:
            return
        in_memory = self._path == ":memory:"
        if self._owner and not in_memory:
            self._ownership = Ownership(Path(self._path))
        try:
            connection = self._connect()
        except (sqlite3.Error, OSError, StoreError) as error:
            self._let_go()
            raise in_words(error) from error
        try:
            self._configure(connection)
        except (sqlite3.Error, StoreError) as error:
            connection.close()
            self._let_go()
            raise in_words(error) from error
        self._early = outbox.any_early(connection) if self._owner else True
        self._writer = Writer(connection)

    def _connect(self) -> sqlite3.Connection:
        if self._path != ":memory:":
            if not self._owner and not Path(self._path).exists():
                raise StoreError(f"There is no store at {self._path}; name one with --store.")
            os.close(os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600))
        return sqlite3.connect(self._path, isolation_level=None, check_same_thread=False, cached_statements=256)

    def _configure(self, connection: sqlite3.Connection) -> None:
        for pragma in _PRAGMAS:
            connection.execute(f"PRAGMA {pragma}")
        if self._owner:
            self._prepare(connection)

    def _prepare(self, connection: sqlite3.Connection) -> None:
        connection.execute("BEGIN IMMEDIATE")
        self._upgrade(connection)
        now = milliseconds(self._clock.now())
        connection.execute(inbox.SQL.free_leases)
        connection.execute(outbox.SQL.doubt_everything, {"doubt_until": now + self._doubt})
        connection.execute(outbox.SQL.free_lanes)
        connection.execute("COMMIT")

    def _upgrade(self, connection: sqlite3.Connection) -> None:
        steps = schema_steps()
        (done,) = connection.execute("PRAGMA user_version").fetchone()
        if done > len(steps):
            raise StoreVersionError(
                f"{self._path} was written by a newer botkit (schema {done}; this one knows {len(steps)}): upgrade it."
            )
        for step in steps[done:]:
            for statement in step.split(";\n"):
                connection.execute(statement)
        connection.execute(f"PRAGMA user_version = {len(steps)}")
        connection.execute(
            "INSERT INTO meta (name, value) VALUES ('secret', ?) ON CONFLICT DO NOTHING", (secrets.token_hex(32),)
        )

    async def close(self) -> None:
        """Finish what is being written and let go of the file."""
        if self._writer is not None:
            await self._writer.close()
        self._let_go()

    def _let_go(self) -> None:
        if self._ownership is not None:
            self._ownership.release()
            self._ownership = None

    @property
    def _open(self) -> Writer:
        if self._writer is None:
            raise StoreError("The store is not open.")
        return self._writer

    def _now(self) -> datetime:
        return self._clock.now()

    # Events and turns

    async def accept(self, event: Event, *, set_aside: str | None = None) -> bool:
        """Keep *event*; durable when it returns."""
        parameters = inbox.event_parameters(event, self._now(), set_aside)
        new = await self._open.do(lambda db: inbox.accept(db, parameters))
        if new:
            self._hint("events")
        return new

    async def claim(self, limit: int) -> Sequence[Work]:
        """Lease conversations whose oldest event is due."""
        self._hints["events"].clear()
        return await self._open.do(lambda db: inbox.claim(db, limit, self._now(), self._lease))

    async def renew(self, works: Sequence[Work]) -> Sequence[Work]:
        """Extend the leases of *works*; returns those that are lost."""
        until = milliseconds(self._now()) + self._lease
        return await self._open.do(lambda db: inbox.renew(db, works, until))

    async def commit(self, work: Work, outcome: Outcome) -> None:
        """Keep the outcome of a turn, all of it or nothing."""
        parameters = inbox.outcome_parameters(work, outcome, self._now())
        await self._open.do(lambda db: inbox.commit(db, work, outcome, parameters))
        self._hint("events")
        if outcome.deliveries:
            self._hint("deliveries")

    async def checkpoint(self, work: Work, deliveries: Sequence[Queued], flow: str | None = None) -> None:
        """Keep *deliveries* and a flow's journal in the middle of a turn."""
        now = milliseconds(self._now())
        await self._open.do(lambda db: inbox.checkpoint(db, work, deliveries, flow, now))
        self._hint("deliveries")

    # Deliveries and statuses

    async def send(self, address: Address, deliveries: Sequence[Queued], *, open_since: datetime | None = None) -> bool:
        """Put deliveries in the outbox outside a turn, once."""
        new = await self._open.do(lambda db: outbox.send(db, address, deliveries, self._now(), open_since))
        self._hint("deliveries")
        return new

    async def deliveries(self, allowance: Allowance) -> Sequence[Delivery]:
        """Lease due deliveries and mark them ``sending``."""
        self._hints["deliveries"].clear()
        lease = int(SENDER_LEASE_SECONDS * 1000)
        return await self._open.do(lambda db: outbox.claim(db, allowance, self._now(), lease, self._doubt))

    async def settle(self, delivery: Delivery, settlement: Settlement) -> None:
        """Record what became of a delivery and let its lane go on."""
        await self._open.do(lambda db: outbox.settle(db, delivery, settlement, self._now(), early=self._early))
        self._hint("deliveries")

    async def note(self, status: Status, *, listened: bool = False) -> Noted:
        """Move the delivery that *status* is about."""
        noted = await self._open.do(lambda db: self._note(db, status, listened=listened))
        self._hint("deliveries")
        if listened:
            self._hint("events")
        return noted

    def _note(self, db: sqlite3.Connection, status: Status, *, listened: bool) -> Noted:
        now = self._now()
        noted = outbox.note(db, status, now)
        self._early = self._early or noted.address is None
        address = noted.address or status.address
        if listened and db.execute(outbox.SQL.known_conversation, {"conversation": address.key}).fetchone():
            parameters = inbox.event_parameters(status, now, None)
            inbox.accept(db, {**parameters, "conversation": address.key})
        return noted

    # Waiting, pruning

    async def wait(self, what: Literal["events", "deliveries"], timeout_seconds: float) -> None:
        """Return when there may be something new of *what*, or after the timeout."""
        hint = self._hints[what]
        if not hint.is_set():
            loop = asyncio.get_running_loop()
            timer = loop.call_later(timeout_seconds, hint.set)
            try:
                await hint.wait()
            finally:
                timer.cancel()

    def _hint(self, what: Literal["events", "deliveries"]) -> None:
        self._hints[what].set()

    async def prune(self, limit: int = 500) -> int:
        """Forget at most *limit* rows of each kind that nobody needs any more."""
        return await self._open.do(lambda db: desk.prune(db, limit, self._now()))

    # The desk

    async def backlog(self) -> Backlog:
        """Count what waits."""
        return await self._open.do(desk.backlog)

    async def dead_letters(self, limit: int = 100) -> Sequence[DeadLetter]:
        """What was set aside, newest first."""
        return await self._open.do(partial(desk.dead_letters, limit=limit))

    async def replay(self, ids: Sequence[str]) -> int:
        """Put dead letters back in their place."""
        found = await self._open.do(lambda db: desk.replay(db, ids, self._now()))
        self._hint("events")
        self._hint("deliveries")
        return found

    async def conversation(self, address: Address) -> Conversation | None:
        """Everything kept under *address*."""
        return await self._open.do(partial(desk.conversation, address=address))

    async def secret(self) -> bytes:
        """The store's own random bytes."""
        query = "SELECT value FROM meta WHERE name = 'secret'"
        return bytes.fromhex(await self._open.do(lambda db: str(db.execute(query).fetchone()[0])))
