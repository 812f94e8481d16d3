"""Deliveries and statuses, as operations on many of them in one transaction."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from asyncpg import Record
from attrs import frozen

from botkit.errors import LeaseLost, StoreError, WindowClosed
from botkit.events import Address, Status
from botkit.instants import maybe_moment, milliseconds
from botkit.stores.postgres.connections import Transaction
from botkit.stores.rows import maybe_storable, new_epoch, reply_text, storable
from botkit.stores.statements import Statements
from botkit.work import OPEN, STATE_OF_STATUS, Delivery, DeliveryState, Noted, Queued, Settlement, may_move

EARLY_KEPT: Final = 10_000
#: What the statements that both engines share say in PostgreSQL's words.
TOKENS: Final = {"greatest": "GREATEST", "lock": "FOR UPDATE", "skip_locked": "FOR UPDATE SKIP LOCKED"}

SQL: Final = Statements("postgres_outbox", **TOKENS)
SHARED: Final = Statements("outbox", **TOKENS)


@frozen
class Queueing:
    """Deliveries that one turn or caller queues."""

    address: Address
    deliveries: Sequence[Queued]
    now: datetime


async def queue(transaction: Transaction, requests: Sequence[Queueing]) -> set[tuple[str, str]]:
    """Put deliveries at the end of their lanes; returns conversations and ids of those that were new."""
    wanted = [(one, queued) for one in requests for queued in one.deliveries]
    if not wanted:
        return set()
    rows = await transaction.rows(
        SQL.queue,
        conversations=[one.address.key for one, _ in wanted],
        pages=[storable(one.address.page) for one, _ in wanted],
        ids=[storable(queued.id) for _, queued in wanted],
        bodies=[reply_text(queued.reply) for _, queued in wanted],
        births=[new_epoch() for _ in wanted],
        nows=[milliseconds(one.now) for one, _ in wanted],
    )
    return {(row["conversation"], row["id"]) for row in rows}


async def send(transaction: Transaction, request: Queueing, open_since: datetime | None) -> bool:
    """Queue deliveries outside a turn, once; raises WindowClosed."""
    if not request.deliveries:
        return False
    conversation, first = request.address.key, storable(request.deliveries[0].id)
    if await transaction.row(SHARED.find_by_address, conversation=conversation, id=first):
        return False
    if open_since is not None:
        row = await transaction.row(SHARED.opened_at, conversation=conversation)
        opened_at = maybe_moment(row["opened_at"]) if row else None
        if opened_at is None or opened_at < open_since:
            last = f"last wrote at {opened_at:%Y-%m-%d %H:%M} UTC" if opened_at else "has never written"
            raise WindowClosed(
                f"The user {last}: only a tagged message may be sent outside 24 hours.", reason="window_closed"
            )
    return (conversation, first) in await queue(transaction, [request])


@frozen
class Settling:
    """What became of a delivery; with *keep* its text stays for a while after it is done."""

    delivery: Delivery
    settlement: Settlement
    now: datetime
    keep: bool = False

    @property
    def conversation(self) -> str:
        """Whose delivery it is."""
        return self.delivery.address.key

    @property
    def message_id(self) -> str | None:
        """The channel's id, where it gave one."""
        return maybe_storable(self.settlement.message_id)


async def settle(transaction: Transaction, requests: Sequence[Settling]) -> list[bool | StoreError]:
    """Record what became of deliveries and free their lanes; says of each whether more waits, or that it was lost."""
    message_ids = [one.message_id for one in requests if one.message_id is not None]
    if message_ids:
        await transaction.rows(SQL.lock_messages, message_ids=message_ids)
    rows = await transaction.rows(
        SQL.fence,
        conversations=[one.conversation for one in requests],
        epochs=[one.delivery.epoch for one in requests],
    )
    held = {row["conversation"] for row in rows}
    going = [one for one in requests if one.conversation in held]
    answers: dict[str, bool | StoreError] = {}
    if going:
        await _record(transaction, going)
        await _hold(transaction, going)
        await _apply_early(transaction, going)
        answers |= await _release(transaction, [one.conversation for one in going], going[0].now)
    gone = [one for one in requests if one.conversation not in held]
    answers |= await _lost(transaction, gone) if gone else {}
    return [answers[one.conversation] for one in requests]


async def _record(transaction: Transaction, going: Sequence[Settling]) -> None:
    settled = await transaction.rows(
        SQL.settle,
        conversations=[one.conversation for one in going],
        sequences=[one.delivery.sequence for one in going],
        states=[one.settlement.state for one in going],
        dues=[None if one.settlement.due_at is None else milliseconds(one.settlement.due_at) for one in going],
        reasons=[maybe_storable(one.settlement.reason) for one in going],
        message_ids=[one.message_id for one in going],
        keep=going[0].keep,
    )
    done = {row["conversation"] for row in settled}
    others = [one for one in going if one.conversation not in done]
    if others:
        await transaction.run(
            SQL.record_messages,
            conversations=[one.conversation for one in others],
            sequences=[one.delivery.sequence for one in others],
            message_ids=[one.message_id for one in others],
        )


async def _hold(transaction: Transaction, going: Sequence[Settling]) -> None:
    holds = [one.settlement.hold for one in going if one.settlement.hold is not None]
    pages = [(storable(page), milliseconds(hold.until), hold.reason) for hold in holds for page in hold.pages]
    for page, until, reason in sorted(pages):
        await transaction.run(SHARED.hold, page=page, until=until, reason=reason)


async def _apply_early(transaction: Transaction, going: Sequence[Settling]) -> None:
    by_message = {one.message_id: one for one in going if one.message_id is not None}
    if not by_message:
        return
    early = await transaction.rows(SQL.early, message_ids=list(by_message))
    for row in early:
        one = by_message[row["message_id"]]
        found = await transaction.row(
            SHARED.find_by_address, conversation=one.conversation, id=storable(one.delivery.id)
        )
        if found is not None:
            await _move(transaction, found, row["state"], row["reason"], row["message_id"], keep=one.keep)
    for message_id in {row["message_id"] for row in early}:
        await transaction.run(SHARED.forget_early, message_id=message_id)


async def _release(transaction: Transaction, conversations: Sequence[str], now: datetime) -> dict[str, bool]:
    """End leases; says of each lane whether more waits in it."""
    rows = await transaction.rows(SQL.release, conversations=conversations, now=milliseconds(now))
    return {row["conversation"]: row["ready_at"] is not None for row in rows}


async def _lost(transaction: Transaction, gone: Sequence[Settling]) -> dict[str, bool | StoreError]:
    """What to say of deliveries whose lease is another's: a settlement that was kept before its answer was lost is."""
    rows = await transaction.rows(
        SQL.settled,
        conversations=[one.conversation for one in gone],
        sequences=[one.delivery.sequence for one in gone],
    )
    known = {(row["conversation"], row["sequence"]): row for row in rows}
    return {
        one.conversation: False
        if _was_kept(one, known.get((one.conversation, one.delivery.sequence)))
        else LeaseLost(f"Delivery {one.delivery.id} was taken over by another sender.")
        for one in gone
    }


def _was_kept(one: Settling, row: Record | None) -> bool:
    if row is None or row["state"] in OPEN:
        return False
    return bool(row["state"] == one.settlement.state if one.message_id is None else row["message_id"] == one.message_id)


async def note(transaction: Transaction, found: Record, status: Status, now: datetime, *, keep: bool) -> Noted:
    """Move the delivery that a status is about, in the lane of which nobody else moves one meanwhile."""
    conversation, delivery_id = str(found["conversation"]), str(found["id"])
    await transaction.rows(SQL.lock_lane, conversation=conversation)
    row = await transaction.row(SHARED.find_by_address, conversation=conversation, id=delivery_id)
    if row is None:
        return Noted()
    state, old = STATE_OF_STATUS.get(status.state), row["state"]
    message_id = storable(status.message_id)
    moved = state is not None and await _move(transaction, row, state, _reason(status), message_id, keep=keep)
    if moved and old in OPEN:
        await transaction.run(SHARED.refresh_lane, conversation=conversation, now=milliseconds(now))
    return Noted(address=Address.parse(conversation), delivery_id=delivery_id, moved_to=state if moved else None)


async def find(transaction: Transaction, status: Status) -> Record | None:
    """The delivery that a status is about; where there is none, nobody records its message id until the end."""
    if status.delivery_id is not None:
        delivery_id = storable(status.delivery_id)
        row = await transaction.row(
            SHARED.find_by_address, conversation=status.address.key, id=delivery_id
        ) or await transaction.row(SHARED.find_by_id, id=delivery_id)
        if row is not None:
            return row
    message_id = storable(status.message_id)
    await transaction.rows(SQL.lock_messages, message_ids=[message_id])
    return await transaction.row(SHARED.find_by_message, message_id=message_id)


async def keep_early(transaction: Transaction, status: Status, now: datetime) -> None:
    """Keep a status until the delivery is known that it is about."""
    state = STATE_OF_STATUS.get(status.state)
    if state is None:
        return
    message_id = storable(status.message_id)
    await transaction.run(
        SHARED.keep_early, message_id=message_id, state=state, reason=_reason(status), now=milliseconds(now)
    )
    await transaction.run(SHARED.trim_early, kept=EARLY_KEPT)


def _reason(status: Status) -> str | None:
    if status.code is None and status.reason is None:
        return None
    return storable(f"{status.code or ''} {status.reason or ''}".strip())


async def _move(
    transaction: Transaction, row: Record, state: DeliveryState, reason: str | None, message_id: str, *, keep: bool
) -> bool:
    if not may_move(row["state"], state):
        return False
    await transaction.run(
        SHARED.move,
        conversation=row["conversation"],
        sequence=row["sequence"],
        state=state,
        reason=reason,
        message_id=message_id,
        keep=int(keep),
    )
    return True
