"""The engine: opens the file, and turns the promises of `botkit.stores` into operations of its writer."""

import os
import secrets
import sqlite3
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Final, Literal

from botkit.errors import StoreError, StoreVersionError
from botkit.events import Address, Event, Status
from botkit.instants import milliseconds
from botkit.observe import Clock
from botkit.stores.handoff import Handoff
from botkit.stores.sqlite import desk, inbox, notices, outbox
from botkit.stores.sqlite.inbox import Accepted, Arriving, Committed, Ending
from botkit.stores.sqlite.outbox import Moving, Noting, Queueing, Sent, Settling
from botkit.stores.sqlite.ownership import Ownership
from botkit.stores.sqlite.writer import Writer, in_words
from botkit.stores.statements import schema_steps
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

#: A sender's lease, in milliseconds, outlasts every time-out of a POST: only a sender that has died loses it.
_SENDER_LEASE: Final = 90_000
_PRAGMAS: Final = (
    "journal_mode=WAL",
    "synchronous=FULL",
    "busy_timeout=5000",
    # What was erased is to be gone from the file as well.
    "secure_delete=FAST",
    "wal_autocheckpoint=2000",
)


class SQLite:
    """A store in one SQLite file, or in memory (``:memory:``) for tests and `botkit chat`.

    With *owner* (the default) it runs workers and holds the ownership lock; without it is an operator's desk beside the
    process that does. Every commit is flushed to disk (``synchronous=FULL``) and shared by all that wait. A store in
    memory may begin with *content*, what `content` gave of another one.
    """

    def __init__(
        self,
        path: str | Path,
        *,
        clock: Clock,
        lease_seconds: float = 30.0,
        doubt_seconds: float = 30.0,
        keep_days: float = 0.0,
        owner: bool = True,
        content: bytes = b"",
    ) -> None:
        self._path = str(path)
        self._content = content
        self._clock = clock
        self._lease = int(lease_seconds * 1000)
        self._doubt = int(doubt_seconds * 1000)
        self._keep = timedelta(days=keep_days)
        self._owner = owner
        self._ownership: Ownership | None = None
        self._writer: Writer | None = None
        #: Statuses that came before their 202 are rare: most deliveries need not be looked up for them.
        self._early = False
        self._secret = b""
        self._works = Handoff[Work](lambda work: "")
        self._deliveries = Handoff[Delivery](lambda delivery: delivery.address.page)

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
            raise in_words(error, self._path) from error
        try:
            self._configure(connection)
            self._early = outbox.any_early(connection) if self._owner else True
            self._secret = desk.secret(connection)
        except (sqlite3.Error, StoreError) as error:
            connection.close()
            self._let_go()
            raise in_words(error, self._path) from error
        self._writer = Writer(connection, waits=not in_memory)

    def _connect(self) -> sqlite3.Connection:
        if self._owner and self._path != ":memory:":
            # Never a file that is there: to close any descriptor of it frees the locks of our other connections to it.
            with suppress(FileExistsError):
                os.close(os.open(Path(self._path).resolve(), os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
        elif self._path != ":memory:" and not Path(self._path).exists():
            raise StoreError(f"There is no store at {self._path}; name one with --store.")
        connection = sqlite3.connect(self._path, isolation_level=None, check_same_thread=False, cached_statements=256)
        if self._content:
            connection.deserialize(self._content)
        return connection

    def _configure(self, connection: sqlite3.Connection) -> None:
        for pragma in _PRAGMAS:
            connection.execute(f"PRAGMA {pragma}")
        if self._owner:
            self._prepare(connection)
        else:
            self._check(*connection.execute("PRAGMA user_version").fetchone())

    def _prepare(self, connection: sqlite3.Connection) -> None:
        connection.execute("BEGIN IMMEDIATE")
        self._upgrade(connection)
        now = milliseconds(self._clock.now())
        connection.execute(inbox.SQL.free_leases)
        connection.execute(outbox.SQL.doubt_everything, {"doubt_until": now + self._doubt})
        connection.execute(outbox.SQL.free_lanes)
        connection.execute(notices.SQL.free, {"now": now})
        connection.execute("COMMIT")

    def _upgrade(self, connection: sqlite3.Connection) -> None:
        (done,) = connection.execute("PRAGMA user_version").fetchone()
        steps = self._check(done)
        for step in steps[done:]:
            for statement in step.split(";\n"):
                connection.execute(statement)
        connection.execute(f"PRAGMA user_version = {len(steps)}")
        connection.execute(
            "INSERT INTO meta (name, value) VALUES ('secret', ?) ON CONFLICT DO NOTHING", (secrets.token_hex(32),)
        )

    def _check(self, done: int) -> tuple[str, ...]:
        """All steps of the schema, where a file with so many *done* is one that we may open."""
        steps = schema_steps(without_rowid=" WITHOUT ROWID")
        if done > len(steps):
            raise StoreVersionError(
                f"{self._path} was written by a newer botkit (schema {done}; this one knows {len(steps)}): upgrade it."
            )
        if done < len(steps) and not self._owner:
            raise StoreError(f"There is no store for this botkit in {self._path}: start botkit run on it first.")
        return steps

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

    async def content(self) -> bytes:
        """Everything in the store, as the bytes of an SQLite file."""
        return await self._open.ask(lambda db: db.serialize())

    # Events and turns

    async def accept(self, event: Event, *, set_aside: str | None = None) -> bool:
        """Keep *event*; durable when it returns."""
        now = self._now()
        reserved = set_aside is None and self._works.reserve("")
        lease_until = milliseconds(now) + self._lease if reserved else None
        arriving = Arriving(event, now, self._secret, set_aside, lease_until)

        def ended(accepted: Accepted | None) -> None:
            if set_aside is None:
                self._works.settle("", accepted.work if accepted else None, reserved=reserved)

        return (await self._open.do(inbox.accept, arriving, ended)).is_new

    async def claim(self, limit: int, *, suspects: int | None = None) -> Sequence[Work]:
        """Lease conversations whose oldest event is due."""

        async def look(share: Allowance) -> Sequence[Work]:
            return await self._open.ask(lambda db: inbox.claim(db, share.others, self._now(), self._lease, suspects))

        return await self._works.claim(Allowance(others=limit), look)

    async def renew(self, works: Sequence[Work]) -> Sequence[Work]:
        """Extend the leases of *works*; returns those that are lost."""
        until = milliseconds(self._now()) + self._lease
        return await self._open.ask(lambda db: inbox.renew(db, works, until))

    async def know(self, knowledge: Collection[str]) -> None:
        """Say what this process knows: to nobody, for no other runs on its file."""

    async def leave(self, work: Work, needed: Collection[str]) -> bool:
        """Leave *work* to another process: there is none."""
        await self._open.ask(lambda db: inbox.fence(db, work))
        return False

    async def commit(self, work: Work, outcome: Outcome) -> None:
        """Keep the outcome of a turn, all of it or nothing."""
        queueing = self._queueing(work.address, outcome.deliveries)

        def ended(committed: Committed | None) -> None:
            self._queued(queueing, committed.delivery if committed else None)
            if committed and committed.leaves_more:
                self._works.look()

        await self._open.do(inbox.commit, Ending(work, outcome, queueing.now, queueing, bool(self._keep)), ended)

    async def checkpoint(self, work: Work, deliveries: Sequence[Queued], flow: str | None = None) -> None:
        """Keep *deliveries* and a flow's journal in the middle of a turn."""
        queueing = self._queueing(work.address, deliveries)
        await self._open.ask(
            lambda db: inbox.checkpoint(db, work, queueing, flow), lambda delivery: self._queued(queueing, delivery)
        )

    # Deliveries and statuses

    def _queueing(self, address: Address, deliveries: Sequence[Queued]) -> Queueing:
        reserved = bool(deliveries) and self._deliveries.reserve(address.page)
        now = self._now()
        return Queueing(address, deliveries, now, milliseconds(now) + _SENDER_LEASE if reserved else None)

    def _queued(self, queueing: Queueing, delivery: Delivery | None) -> None:
        if queueing.deliveries:
            self._deliveries.settle(queueing.address.page, delivery, reserved=queueing.lease_until is not None)

    async def send(self, address: Address, deliveries: Sequence[Queued], *, open_since: datetime | None = None) -> bool:
        """Put deliveries in the outbox outside a turn, once."""
        queueing = self._queueing(address, deliveries)

        def ended(sent: Sent | None) -> None:
            self._queued(queueing, sent.delivery if sent else None)

        return (await self._open.ask(lambda db: outbox.send(db, queueing, open_since), ended)).is_new

    async def deliveries(self, allowance: Allowance) -> Sequence[Delivery]:
        """Lease due deliveries and mark them ``sending``."""

        async def look(share: Allowance) -> Sequence[Delivery]:
            return await self._open.ask(lambda db: outbox.claim(db, share, self._now(), _SENDER_LEASE, self._doubt))

        return await self._deliveries.claim(allowance, look)

    async def settle(self, delivery: Delivery, settlement: Settlement) -> None:
        """Record what became of a delivery and let its lane go on."""
        settling = Settling(delivery, settlement, self._now(), self._early, bool(self._keep))
        if await self._open.do(outbox.settle, settling):
            self._deliveries.look()

    async def note(self, status: Status, *, listened: bool = False) -> Noted:
        """Move the delivery that *status* is about."""
        noting = Noting(status, self._now(), bool(self._keep), listened)
        moving = await self._open.do(self._noted, noting)
        if moving.frees:
            self._deliveries.look()
        if listened:
            self._works.look()
        return moving.noted

    def _noted(self, db: sqlite3.Connection, requests: Sequence[Noting]) -> Sequence[Moving]:
        found = outbox.note(db, requests)
        self._early = self._early or any(moving.noted.address is None for moving in found)
        for request, moving in zip(requests, found, strict=True):
            status = request.status
            conversation = (moving.noted.address or status.address).key
            if (
                request.listened
                and db.execute(outbox.SQL.known_conversation, {"conversation": conversation}).fetchone()
            ):
                inbox.accept(db, [Arriving(status, request.now, self._secret, conversation=conversation)])
        return found

    # Notices

    async def notices(self, limit: int) -> Sequence[Notice]:
        """Claim at most *limit* notices that are due."""
        return await self._open.ask(lambda db: notices.claim(db, limit, self._now(), NOTICE_LEASE))

    async def told(self, notice: Notice, retry_at: datetime | None = None) -> None:
        """Forget a notice that was taken, or put it off."""
        await self._open.ask(partial(notices.told, notice=notice, retry_at=retry_at))

    # Waiting, pruning

    async def wait(self, what: Literal["events", "deliveries"], timeout_seconds: float) -> None:
        """Return when there may be something new of *what*, or after the timeout."""
        await self._handoff(what).wait(timeout_seconds)

    def has_news(self, what: Literal["events", "deliveries"]) -> bool:
        """Whether `wait` would return at once."""
        return self._handoff(what).has_news

    def _handoff(self, what: Literal["events", "deliveries"]) -> Handoff[Work] | Handoff[Delivery]:
        return self._works if what == "events" else self._deliveries

    async def prune(self, limit: int = 500) -> int:
        """Forget at most *limit* rows of each kind that nobody needs any more."""
        return await self._open.ask(lambda db: desk.prune(db, limit, self._now(), self._keep))

    # The desk

    async def backlog(self) -> Backlog:
        """Count what waits."""
        return await self._open.ask(partial(desk.backlog, now=self._now()))

    async def dead_letters(self, limit: int = 100) -> Sequence[DeadLetter]:
        """What was set aside, newest first."""
        return await self._open.ask(partial(desk.dead_letters, limit=limit))

    async def gaps(self, limit: int = 10_000) -> Sequence[Gap]:
        """What bots had no answer to, newest first."""
        return await self._open.ask(lambda db: desk.gaps(db, limit, self._now()))

    async def replay(self, ids: Sequence[str]) -> int:
        """Put dead letters back in their place."""
        found = await self._open.ask(lambda db: desk.replay(db, ids, self._now()))
        self._works.look()
        self._deliveries.look()
        return found

    async def dead_letter(self, letter_id: str) -> DeadLetter | None:
        """One letter by its id."""
        return await self._open.ask(partial(desk.dead_letter, letter_id=letter_id))

    async def drop(self, ids: Sequence[str]) -> int:
        """Forget dead letters."""
        return await self._open.ask(partial(desk.drop, ids=ids))

    async def adopt(self, channel: str, page: str | None) -> int:
        """Put back what came for a page before a bot claimed it."""
        key = Address(channel, page or "", "").key
        prefix = key[:-1] if page is None else key
        found = await self._open.ask(lambda db: desk.adopt(db, prefix, self._now()))
        self._works.look()
        return found

    async def muted(self, limit: int = 100) -> Sequence[tuple[Address, Mute]]:
        """The conversations that a person answers, and how each was handed over."""
        return await self._open.ask(lambda db: notices.muted(db, limit, self._now()))

    async def in_flows(self, after: str = "", limit: int = 100) -> Sequence[Address]:
        """The conversations with an open flow."""
        return await self._open.ask(lambda db: desk.in_flows(db, after, limit))

    async def conversation(self, address: Address) -> Conversation | None:
        """Everything kept under *address*."""
        return await self._open.ask(partial(desk.conversation, address=address))

    async def export(self, address: Address) -> Mapping[str, object] | None:
        """Everything kept under *address* as JSON values."""
        return await self._open.ask(partial(desk.export, address=address))

    async def forget(self, address: Address) -> Forgotten | None:
        """Erase everything kept under *address*."""
        return await self._open.ask(lambda db: desk.forget(db, address, self._now(), self._secret))

    async def secret(self) -> bytes:
        """The store's own random bytes."""
        return self._secret
