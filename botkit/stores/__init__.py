"""The store: what is kept, and the promises about it.

1. What `Store.accept` returned from is durable; the same event id of the same address has one effect, for 72 hours.
2. One conversation's events are handed out strictly one at a time and in order of acceptance.
3. `Store.commit` keeps a whole turn or nothing of it, and only while its lease holds.
4. A delivery's id is kept once per conversation; it is marked ``sending`` before it is handed to a sender.
5. One conversation's deliveries are handed out one at a time, in order.

Every operation is atomic. Whatever an engine cannot do (disk full, database gone) it raises as `StoreError`, and then
nothing of the operation was kept. Times are by the store's clock, in UTC.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Literal, Protocol

from botkit.errors import ConfigError
from botkit.events import Address, Event, Status
from botkit.observe import Clock, SystemClock
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

if TYPE_CHECKING:
    from botkit.stores.postgres import Postgres


class Store(Protocol):
    """What the server, the worker and the sender ask of an engine."""

    async def open(self) -> None:
        """Open and, where needed, create or upgrade; raises StoreLocked, StoreVersionError or StoreError.

        A store that is open stays as it is.
        """
        ...

    async def close(self) -> None:
        """Finish what is being written and let go; afterwards every operation raises StoreError."""
        ...

    async def accept(self, event: Event, *, set_aside: str | None = None) -> bool:
        """Keep *event*; durable when it returns. False: its id was known already, and nothing changed.

        With *set_aside* it becomes a dead letter for that reason at once; of these only the newest 10,000 are kept.
        A message also opens its conversation's 24-hour window (`Message.opened_at`).
        """
        ...

    async def claim(self, limit: int, *, suspects: int | None = None) -> Sequence[Work]:
        """Lease at most *limit* conversations whose oldest event is due, oldest first, and count the claim.

        Of suspects (`Work.is_suspect`) at most *suspects* are handed out, None: any number; the others are due again a
        moment later, and their claim is not counted. An event claimed more than 5 times without an outcome is set aside
        instead and not handed out. A conversation without a waiting event whose wake-up (`Outcome.wake_at`) is due gets
        a `WakeUp` as one, once.
        """
        ...

    async def renew(self, works: Sequence[Work]) -> Sequence[Work]:
        """Extend the leases of *works*; returns those that are lost, whose turns should be given up.

        A turn that has just ended is not lost, and its lease stays ended.
        """
        ...

    async def know(self, knowledge: Collection[str]) -> None:
        """Say what this process knows, in words that processes on one store compare, in place of what it said before.

        It is known to live, and `leave` may name it, as long as a lease from now on. Without knowledge it claims
        nothing more, and at once nothing is left to it.
        """
        ...

    async def leave(self, work: Work, needed: Collection[str]) -> bool:
        """Leave *work* to another live process that knows all that is *needed* for it, as if it had not been claimed.

        Only processes that know the same as that one may claim it then, until nobody has said for a lease that he does;
        claimed once, it is anybody's again. False: nobody else knows it, and nothing has changed. Raises LeaseLost like
        commit.
        """
        ...

    async def commit(self, work: Work, outcome: Outcome) -> None:
        """Keep the outcome of a turn, all of it or nothing; raises LeaseLost if the lease is another's."""
        ...

    async def checkpoint(self, work: Work, deliveries: Sequence[Queued], flow: str | None = None) -> None:
        """Keep *deliveries* in the middle of a turn, so that they leave at once, and where its *flow* stands.

        The session, the event and the wake-up stay as they are. Raises LeaseLost like commit.
        """
        ...

    async def send(self, address: Address, deliveries: Sequence[Queued], *, open_since: datetime | None = None) -> bool:
        """Put deliveries in the outbox outside a turn; False if the first one's id was known already.

        With *open_since* raises WindowClosed where the user has not written since, and keeps nothing.
        """
        ...

    async def deliveries(self, allowance: Allowance) -> Sequence[Delivery]:
        """Lease due deliveries, the head of each conversation only, and mark them ``sending``.

        *allowance* says how many each page may send now. Conversations take turns: the one that has waited longest
        comes first. A delivery whose sender died while sending becomes ``in_doubt`` and due
        ``doubt_seconds`` later.
        """
        ...

    async def settle(self, delivery: Delivery, settlement: Settlement) -> None:
        """Record what became of a delivery and release its conversation's lane; raises LeaseLost if another has it.

        A status that came before the 202 was recorded is applied now.
        """
        ...

    async def note(self, status: Status, *, listened: bool = False) -> Noted:
        """Move the delivery that *status* is about, if that is a legal move.

        It is found by the status's own address and ``client_ref``, then by ``client_ref`` alone, then by the message
        id; one that is not found waits to be found by `settle`. With *listened* the status becomes an event in the
        conversation's lane, once.
        """
        ...

    async def notices(self, limit: int) -> Sequence[Notice]:
        """Claim at most *limit* notices that are due (`Outcome.notice`), the oldest first.

        One of which nobody says what became of it is due again a minute later, and so is told at least once.
        """
        ...

    async def told(self, notice: Notice, retry_at: datetime | None = None) -> None:
        """Forget a notice that its owner has taken, or let it be tried again at *retry_at*.

        Nothing happens to one that somebody else has claimed meanwhile, or that was forgotten.
        """
        ...

    async def wait(self, what: Literal["events", "deliveries"], timeout_seconds: float) -> None:
        """Return when there may be something new of *what*, or after the timeout. A hint: nothing depends on it.

        From then on an engine may lease what is new, as if by `claim` or `deliveries`, in the transaction that keeps
        it, within what the caller's last claim left; the next claim returns it.
        """
        ...

    async def prune(self, limit: int = 500) -> int:
        """Forget at most *limit* rows of each kind that nobody needs any more; returns how many.

        Ids are known for 72 hours, dead letters and notices that nobody takes for 30 days. What is done is erased when
        it is done, or, with ``keep_days``, after so many days, until when all of it stays.
        """
        ...


class Desk(Protocol):
    """An operator's view of a store; works beside a running one on the same file."""

    async def backlog(self) -> Backlog:
        """Count what waits; quick enough for every metrics scrape."""
        ...

    async def dead_letters(self, limit: int = 100) -> Sequence[DeadLetter]:
        """List what was set aside, newest first."""
        ...

    async def dead_letter(self, letter_id: str) -> DeadLetter | None:
        """One letter by its id, None if there is none."""
        ...

    async def replay(self, ids: Sequence[str]) -> int:
        """Put dead letters back in their place, in their conversation's order; returns how many were found."""
        ...

    async def drop(self, ids: Sequence[str]) -> int:
        """Forget dead letters for good (an event's id stays known); returns how many were found."""
        ...

    async def adopt(self, channel: str, page: str | None) -> int:
        """Put back at most 500 events that came for *page* (None: any) before a bot claimed it; returns how many."""
        ...

    async def muted(self, limit: int = 100) -> Sequence[tuple[Address, Mute]]:
        """The conversations that a person answers now, those first that the bot answers again soonest."""

    async def gaps(self, limit: int = ...) -> Sequence[Gap]:
        """List what bots had no answer to and is not to be erased yet, newest first, at most *limit*."""
        ...

    async def in_flows(self, after: str = "", limit: int = 100) -> Sequence[Address]:
        """List conversations with an open flow in the order of `Address.key`, from the first behind *after* on."""
        ...

    async def conversation(self, address: Address) -> Conversation | None:
        """Everything kept under *address*, None if nothing is."""
        ...

    async def export(self, address: Address) -> Mapping[str, object] | None:
        """Everything kept under *address* as JSON values, for the user to have; None if nothing is."""
        ...

    async def forget(self, address: Address) -> Forgotten | None:
        """Erase everything kept under *address* in one transaction; None if nothing was kept.

        A turn that runs keeps nothing any more, and an event that comes again is not taken for new for 72 hours.
        """
        ...

    async def secret(self) -> bytes:
        """32 random bytes made with the store, for hashing addresses in logs."""
        ...


class Engine(Store, Desk, Protocol):
    """A store together with its desk: what an engine is."""


def open_store(
    url: str,
    *,
    clock: Clock,
    lease_seconds: float = 30.0,
    doubt_seconds: float = 30.0,
    keep_days: float = 0.0,
    owner: bool = True,
) -> Engine:
    """The engine for *url*, still to be opened.

    A path, ``sqlite:///path`` and ``:memory:`` are SQLite's; ``postgresql://user@host/database`` is PostgreSQL's, which
    several processes may open. There the database's clock is used in place of the machine's. *owner* False: an
    operator's desk, beside the process that runs the bots. Raises ConfigError for what names no engine, and where
    PostgreSQL's driver is not installed.
    """
    scheme, found, _ = url.partition("://")
    if found and scheme in ("postgresql", "postgres"):
        return _postgres()(
            url,
            clock=None if isinstance(clock, SystemClock) else clock,
            lease_seconds=lease_seconds,
            doubt_seconds=doubt_seconds,
            keep_days=keep_days,
            owner=owner,
        )
    if found and scheme != "sqlite":
        raise ConfigError(
            f"There is no store {scheme}://; write a path such as botkit.db, sqlite:///path, or"
            " postgresql://user@host/database."
        )
    # Only the engine that is asked for is loaded: each brings its driver along.
    from botkit.stores.sqlite import SQLite  # noqa: PLC0415 - see above

    return SQLite(
        file_of(url) or url,
        clock=clock,
        lease_seconds=lease_seconds,
        doubt_seconds=doubt_seconds,
        keep_days=keep_days,
        owner=owner,
    )


def file_of(url: str) -> str | None:
    """The path of the file that the store at *url* is, None where it is none.

    >>> [file_of(url) for url in ("botkit.db", "sqlite:///var/bots.db", "sqlite:////var/bots.db", ":memory:")]
    ['botkit.db', 'var/bots.db', '/var/bots.db', None]
    """
    scheme, found, rest = url.partition("://")
    if not found:
        return None if url == ":memory:" else url
    return rest.removeprefix("/") if scheme == "sqlite" else None


def _postgres() -> "type[Postgres]":
    try:
        from botkit.stores.postgres import Postgres  # noqa: PLC0415 - an extra, which need not be there
    except ModuleNotFoundError as error:
        if error.name != "asyncpg":
            raise
        raise ConfigError('The driver of PostgreSQL is not installed: pip install "botkit[postgres]".') from None
    return Postgres
