"""Events and turns, as operations on many of them in one transaction."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

from asyncpg import Record
from attrs import field, frozen

from botkit.errors import LeaseLost, StoreError
from botkit.events import Address, Event, Message, WakeUp
from botkit.instants import maybe_moment, milliseconds, moment
from botkit.stores.gaps import gap_row
from botkit.stores.postgres import notices
from botkit.stores.postgres.claims import new_step
from botkit.stores.postgres.connections import Transaction
from botkit.stores.postgres.outbox import TOKENS, Queueing, queue
from botkit.stores.rows import (
    choices_from,
    choices_text,
    event_from,
    event_text,
    fingerprint,
    json_text,
    maybe_storable,
    mute_from,
    mute_text,
    new_epoch,
    session_from,
    storable,
)
from botkit.stores.statements import Statements
from botkit.stores.suspects import PUT_OFF_MILLISECONDS, parted
from botkit.work import Outcome, Queued, Work

CLAIM_LIMIT: Final = 5
UNCLAIMED_KEPT: Final = 10_000

SQL: Final = Statements("postgres_inbox", **TOKENS)
SHARED: Final = Statements("inbox", **TOKENS)
GAPS: Final = Statements("gaps", **TOKENS)

_WAITING, _DONE, _DEAD = 0, 1, 2


@frozen
class Arriving:
    """An event to keep, with the store's *secret*, and why it is set aside at once."""

    event: Event
    now: datetime
    secret: bytes = field(repr=False)
    set_aside: str | None = None
    #: Where it is kept; a status may be about a delivery of another conversation than its own address says.
    conversation: str = field()

    @conversation.default
    def _own(self) -> str:
        return self.event.address.key


async def accept(transaction: Transaction, requests: Sequence[Arriving]) -> list[bool]:
    """Keep events; says of each whether it was new."""
    await transaction.rows(SQL.lock, conversations=[one.conversation for one in requests])
    events = [one.event for one in requests]
    ids = [storable(event.id) for event in events]
    kept = await transaction.rows(
        SQL.accept,
        conversations=[one.conversation for one in requests],
        ids=ids,
        fingerprints=[fingerprint(one.secret, one.conversation, one.event.id) for one in requests],
        states=[_WAITING if one.set_aside is None else _DEAD for one in requests],
        nows=[milliseconds(one.now) for one in requests],
        births=[new_epoch() for _ in requests],
        openings=[_opening(one) for one in requests],
        bodies=[event_text(event) for event in events],
        errors=[maybe_storable(one.set_aside) for one in requests],
    )
    if kept and any(one.set_aside is not None for one in requests):
        await transaction.run(SHARED.trim_unclaimed, kept=UNCLAIMED_KEPT)
    new = {(row["conversation"], row["id"]) for row in kept}
    answers = []
    for one, event_id in zip(requests, ids, strict=True):
        answers.append((one.conversation, event_id) in new)
        new.discard((one.conversation, event_id))
    return answers


def _opening(one: Arriving) -> int | None:
    return milliseconds(one.event.opened_at(one.now)) if isinstance(one.event, Message) else None


async def claim(
    transaction: Transaction, limit: int, now: datetime, lease_milliseconds: int, suspects: int | None, side: str
) -> list[Work]:
    """Lease what is due and read its oldest events; others take the place of suspects beyond so many."""
    handed = list[Work]()
    while True:
        found = await _claim(transaction, limit - len(handed), now, lease_milliseconds, side)
        taken, put_off = parted(found, suspects, handed)
        handed += taken
        if not put_off:
            return handed
        await _put_off(transaction, put_off, milliseconds(now) + PUT_OFF_MILLISECONDS)


async def _put_off(transaction: Transaction, works: Sequence[Work], again: int) -> None:
    conversations = [work.address.key for work in works]
    await transaction.run(SQL.uncount_claims, conversations=conversations, sequences=[work.sequence for work in works])
    await transaction.run(SQL.put_off, conversations=conversations, again=again)


async def _claim(transaction: Transaction, limit: int, now: datetime, lease_milliseconds: int, side: str) -> list[Work]:
    at = milliseconds(now)
    claimed = await transaction.rows(
        SQL.claim, now=at, until=at + lease_milliseconds, most=limit, side=side, step=new_step()
    )
    if not claimed:
        return []
    claimed.sort(key=lambda row: int(row["waited_since"]))
    conversations = [str(row["conversation"]) for row in claimed]
    heads = await _heads(transaction, conversations)
    waking = [row for row in claimed if row["conversation"] not in heads and _is_due(row["wake_at"], at)]
    if waking:
        await _wake(transaction, waking)
        heads |= await _heads(transaction, [str(row["conversation"]) for row in waking])
    if len(heads) < len(claimed):
        await transaction.run(SQL.release, conversations=[key for key in conversations if key not in heads])
    return [_work(row, heads[row["conversation"]], now) for row in claimed if row["conversation"] in heads]


def _is_due(wake_at: int | None, at: int) -> bool:
    return wake_at is not None and wake_at <= at


async def _heads(transaction: Transaction, conversations: Sequence[str]) -> dict[str, Record]:
    """The oldest waiting events; those that were claimed too often without an outcome are set aside on the way."""
    heads: dict[str, Record] = {}
    while conversations:
        found = await transaction.rows(SQL.claim_heads, conversations=conversations)
        heads |= {row["conversation"]: row for row in found if row["claims"] <= CLAIM_LIMIT}
        worn = [row for row in found if row["claims"] > CLAIM_LIMIT]
        conversations = [str(row["conversation"]) for row in worn]
        if worn:
            error = f"claimed {CLAIM_LIMIT} times without an outcome: its handler ends the process, or never returns"
            sequences = [row["sequence"] for row in worn]
            await transaction.run(SQL.bury, conversations=conversations, sequences=sequences, error=error)
    return heads


async def _wake(transaction: Transaction, rows: Sequence[Record]) -> None:
    """Put wake-ups that are due into their lanes; each claim has an epoch, and so an id, of its own."""
    wake_ups = [
        WakeUp(id=f"wake-up:{row['epoch']}", address=Address.parse(row["conversation"]), at=moment(row["wake_at"]))
        for row in rows
    ]
    await transaction.run(
        SQL.add_wake_ups,
        conversations=[row["conversation"] for row in rows],
        ids=[one.id for one in wake_ups],
        wakes=[row["wake_at"] for row in rows],
        bodies=[event_text(one) for one in wake_ups],
    )


def _work(row: Record, head: Record, now: datetime) -> Work:
    address = Address.parse(row["conversation"])
    return Work(
        address=address,
        event=event_from(address, head["id"], head["body"]),
        sequence=head["sequence"],
        epoch=row["epoch"],
        now=now,
        accepted_at=moment(head["accepted_at"]),
        claims=head["claims"],
        failures=head["failures"],
        session=session_from(row["session"]),
        session_version=row["session_version"],
        session_at=maybe_moment(row["session_at"]),
        choices=choices_from(row["choices"]),
        flow=row["flow"] or "",
        mute=mute_from(row["mute"]),
    )


async def _fenced(transaction: Transaction, works: Sequence[Work]) -> dict[tuple[str, int], bool]:
    """The conversations and epochs whose leases are nobody else's, and whether they last; locked from now on."""
    rows = await transaction.rows(
        SQL.fence, conversations=[work.address.key for work in works], epochs=[work.epoch for work in works]
    )
    return {(row["conversation"], row["epoch"]): row["is_leased"] for row in rows}


async def fence(transaction: Transaction, work: Work) -> None:
    """Raise LeaseLost unless the lease of *work* still holds."""
    if not await _fenced(transaction, [work]):
        raise lost(work)


async def put_back(transaction: Transaction, works: Sequence[Work]) -> None:
    """End the leases of *works* that last, as if they had never been claimed."""
    fenced = await _fenced(transaction, works)
    ours = [work for work in works if fenced.get((work.address.key, work.epoch))]
    conversations = [work.address.key for work in ours]
    await transaction.run(SQL.uncount_claims, conversations=conversations, sequences=[work.sequence for work in ours])
    await transaction.run(SQL.release, conversations=conversations)


async def renew(transaction: Transaction, works: Sequence[Work], until: int) -> list[Work]:
    """Extend leases; returns the works whose lease is another's."""
    fenced = await _fenced(transaction, works)
    await transaction.run(SQL.extend_leases, conversations=[conversation for conversation, _ in fenced], until=until)
    return [work for work in works if (work.address.key, work.epoch) not in fenced]


@frozen
class Ending:
    """The outcome of a turn; with *keep* texts stay for a while after they are done."""

    work: Work
    outcome: Outcome
    now: datetime
    keep: bool = False

    @property
    def state(self) -> int:
        """What the event becomes."""
        failure = self.outcome.failure
        return _DONE if failure is None else _DEAD if failure.retry_at is None else _WAITING

    @property
    def retry_at(self) -> int | None:
        """When the event is run again."""
        failure = self.outcome.failure
        return None if failure is None or failure.retry_at is None else milliseconds(failure.retry_at)

    @property
    def error(self) -> str | None:
        """Why the turn failed, or why it answered nothing."""
        failure = self.outcome.failure
        if failure is None:
            return self.outcome.unanswered
        return storable(f"{failure.error}\n{failure.detail}" if failure.detail else failure.error)


async def commit(transaction: Transaction, requests: Sequence[Ending]) -> list[bool | StoreError]:
    """Keep whole turns; says of each whether its conversation is to be looked at again, or that its lease is lost."""
    held = {conversation for conversation, _ in await _fenced(transaction, [one.work for one in requests])}
    going = [one for one in requests if one.work.address.key in held]
    answers: dict[str, bool | StoreError] = {}
    if going:
        await _end_events(transaction, going)
        ready = await _end_turns(transaction, going)
        now = milliseconds(going[0].now)
        answers |= {key: at is not None and at <= now for key, at in ready.items()}
        await queue(transaction, [Queueing(one.work.address, one.outcome.deliveries, one.now) for one in going])
        await notices.add(transaction, [(one.work, one.outcome) for one in going], going[0].now)
        for one in going:
            if one.outcome.gap is not None:
                await transaction.run(GAPS.keep, **gap_row(one.work, one.outcome.gap))
    gone = [one.work for one in requests if one.work.address.key not in held]
    answers |= await _lost(transaction, gone) if gone else {}
    return [answers[one.work.address.key] for one in requests]


async def _end_events(transaction: Transaction, going: Sequence[Ending]) -> None:
    await transaction.run(
        SQL.end_events,
        conversations=[one.work.address.key for one in going],
        sequences=[one.work.sequence for one in going],
        states=[one.state for one in going],
        failures=[one.work.failures + (one.state == _WAITING) for one in going],
        dues=[one.retry_at for one in going],
        errors=[one.error for one in going],
        keeps=[one.keep or one.outcome.unanswered is not None for one in going],
    )


async def _end_turns(transaction: Transaction, going: Sequence[Ending]) -> Mapping[str, int | None]:
    rows = await transaction.rows(
        SQL.end_turns,
        conversations=[one.work.address.key for one in going],
        sessions=[_session(one) for one in going],
        versions=[_version(one) for one in going],
        session_ats=[milliseconds(one.now) if one.state == _DONE else None for one in going],
        choices=[None if one.outcome.choices is None else choices_text(one.outcome.choices) for one in going],
        flows=[maybe_storable(one.outcome.flow) for one in going],
        wakes=[None if one.outcome.wake_at is None else milliseconds(one.outcome.wake_at) for one in going],
        mutes=[None if one.outcome.mute is None else mute_text(one.outcome.mute) for one in going],
        mute_ends=[None if one.outcome.mute is None else milliseconds(one.outcome.mute.until) for one in going],
    )
    return {row["conversation"]: row["ready_at"] for row in rows}


def _session(one: Ending) -> str | None:
    return None if one.state != _DONE or one.outcome.session is None else json_text(one.outcome.session)


def _version(one: Ending) -> int | None:
    return None if one.state != _DONE or one.outcome.session is None else one.outcome.session_version


async def _lost(transaction: Transaction, works: Sequence[Work]) -> dict[str, bool | StoreError]:
    """What to say of turns whose lease is another's: one that was kept before its answer was lost is kept."""
    rows = await transaction.rows(
        SQL.ended,
        conversations=[work.address.key for work in works],
        sequences=[work.sequence for work in works],
    )
    ended = {(row["conversation"], row["sequence"], row["claims"]) for row in rows if row["state"] != _WAITING}
    return {
        work.address.key: False if (work.address.key, work.sequence, work.claims) in ended else lost(work)
        for work in works
    }


def lost(work: Work) -> LeaseLost:
    """Somebody else has taken the conversation over."""
    return LeaseLost(f"The turn of event {work.event.id} is not kept: its conversation was claimed by another worker.")


async def checkpoint(
    transaction: Transaction, work: Work, deliveries: Sequence[Queued], now: datetime, flow: str | None
) -> None:
    """Keep deliveries and a flow's journal in the middle of a turn, or raise LeaseLost."""
    await fence(transaction, work)
    if flow is not None:
        await transaction.run(SHARED.keep_flow, conversation=work.address.key, epoch=work.epoch, flow=storable(flow))
    await queue(transaction, [Queueing(work.address, deliveries, now)])
