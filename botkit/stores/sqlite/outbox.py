"""Deliveries and statuses, as operations on one connection inside a transaction."""

from collections.abc import Sequence
from datetime import datetime
from sqlite3 import Connection
from typing import Final

from botkit.errors import LeaseLost, WindowClosed
from botkit.events import Address, Status
from botkit.stores.rows import maybe_moment, milliseconds, moment, reply_from, reply_text
from botkit.stores.statements import Statements
from botkit.work import (
    OPEN,
    STATE_OF_STATUS,
    Allowance,
    Delivery,
    DeliveryState,
    Noted,
    Queued,
    Settlement,
    may_move,
)

EARLY_KEPT: Final = 10_000

SQL: Final = Statements("outbox", greatest="MAX", lock="", skip_locked="")

_Row = tuple[str, int, str, DeliveryState]


def queue(db: Connection, address: Address, deliveries: Sequence[Queued], now: object) -> None:
    """Put deliveries at the end of their conversation's lane; those whose id is known already are left out."""
    if not deliveries:
        return
    conversation = address.key
    lane = {"conversation": conversation, "page": address.page, "count": len(deliveries), "now": now}
    (end,) = db.execute(SQL.extend_lane, lane).fetchone()
    for sequence, delivery in enumerate(deliveries, end - len(deliveries)):
        row = {
            "conversation": conversation,
            "sequence": sequence,
            "id": delivery.id,
            "now": now,
            "body": reply_text(delivery.reply),
        }
        db.execute(SQL.add_delivery, row)


def send(
    db: Connection, address: Address, deliveries: Sequence[Queued], now: datetime, open_since: datetime | None
) -> bool:
    """Queue deliveries outside a turn, once."""
    conversation = address.key
    if not deliveries:
        return False
    if db.execute(SQL.known_delivery, {"conversation": conversation, "id": deliveries[0].id}).fetchone():
        return False
    if open_since is not None:
        row = db.execute(SQL.opened_at, {"conversation": conversation}).fetchone()
        opened_at = maybe_moment(row[0]) if row else None
        if opened_at is None or opened_at < open_since:
            last = f"last wrote at {opened_at:%Y-%m-%d %H:%M} UTC" if opened_at else "has never written"
            raise WindowClosed(
                f"The user {last}: only a tagged message may be sent outside 24 hours.", reason="window_closed"
            )
    queue(db, address, deliveries, milliseconds(now))
    return True


def claim(
    db: Connection, allowance: Allowance, now: datetime, lease_milliseconds: int, doubt_milliseconds: int
) -> list[Delivery]:
    """Lease the heads of lanes that are due, page by page, and mark them ``sending``."""
    at = milliseconds(now)
    deliveries: list[Delivery] = []
    for (page,) in db.execute(SQL.due_pages, {"now": at}).fetchall():
        most = allowance.of(page)
        if most <= 0:
            continue
        lanes = db.execute(
            SQL.claim_lanes, {"page": page, "now": at, "until": at + lease_milliseconds, "most": most}
        ).fetchall()
        for conversation, epoch in lanes:
            delivery = _head(db, conversation, epoch, now, at + doubt_milliseconds)
            if delivery is not None:
                deliveries.append(delivery)
    return deliveries


def _head(db: Connection, conversation: str, epoch: int, now: datetime, doubt_until: int) -> Delivery | None:
    parameters = {"conversation": conversation, "epoch": epoch, "doubt_until": doubt_until, "now": milliseconds(now)}
    row = db.execute(SQL.claim_delivery, parameters).fetchone()
    if row is None or row[0] == "in_doubt":
        db.execute(SQL.release_lane, parameters)
        return None
    _, sequence, delivery_id, attempts, queued_at, body, opened_at = row
    return Delivery(
        id=delivery_id,
        address=Address.parse(conversation),
        reply=reply_from(body),
        sequence=sequence,
        epoch=epoch,
        attempts=attempts,
        queued_at=moment(queued_at),
        now=now,
        opened_at=maybe_moment(opened_at),
    )


def settle(db: Connection, delivery: Delivery, settlement: Settlement, now: datetime, *, early: bool) -> None:
    """Record what became of a delivery and free its lane, or raise LeaseLost; *early*: statuses may wait for it."""
    parameters = {
        "conversation": delivery.address.key,
        "epoch": delivery.epoch,
        "sequence": delivery.sequence,
        "state": settlement.state,
        "due_at": None if settlement.due_at is None else milliseconds(settlement.due_at),
        "reason": settlement.reason,
        "message_id": settlement.message_id,
        "now": milliseconds(now),
    }
    settled = db.execute(SQL.settle, parameters).rowcount
    if not settled:
        db.execute(SQL.record_message, parameters)
    if early and settlement.message_id is not None:
        _apply_early(db, delivery, settlement.message_id)
    if not db.execute(SQL.release_lane, parameters).rowcount:
        raise LeaseLost(f"Delivery {delivery.id} was taken over by another sender.")


def any_early(db: Connection) -> bool:
    """Whether any status waits for the delivery it belongs to."""
    return db.execute(SQL.any_early).fetchone() is not None


def _apply_early(db: Connection, delivery: Delivery, message_id: str) -> None:
    early = db.execute(SQL.early, {"message_id": message_id}).fetchall()
    if not early:
        return
    for state, reason in early:
        row = db.execute(SQL.find_by_address, {"conversation": delivery.address.key, "id": delivery.id}).fetchone()
        _move(db, row, state, reason, message_id)
    db.execute(SQL.forget_early, {"message_id": message_id})


def note(db: Connection, status: Status, now: datetime) -> Noted:
    """Move the delivery a status is about, or keep the status until that delivery is known."""
    row = _find(db, status)
    state = STATE_OF_STATUS.get(status.state)
    at = milliseconds(now)
    if row is None:
        if state is not None:
            early = {"message_id": status.message_id, "state": state, "reason": _reason(status), "now": at}
            db.execute(SQL.keep_early, early)
            db.execute(SQL.trim_early, {"kept": EARLY_KEPT})
        return Noted()
    conversation, _, delivery_id, old = row
    moved = state is not None and _move(db, row, state, _reason(status), status.message_id)
    if moved and old in OPEN:
        db.execute(SQL.refresh_lane, {"conversation": conversation, "now": at})
    return Noted(address=Address.parse(conversation), delivery_id=delivery_id, moved_to=state if moved else None)


def _find(db: Connection, status: Status) -> _Row | None:
    row: _Row | None = None
    if status.delivery_id is not None:
        by_id = {"conversation": status.address.key, "id": status.delivery_id}
        row = db.execute(SQL.find_by_address, by_id).fetchone() or db.execute(SQL.find_by_id, by_id).fetchone()
    return row or db.execute(SQL.find_by_message, {"message_id": status.message_id}).fetchone()


def _reason(status: Status) -> str | None:
    return (
        None if status.code is None and status.reason is None else f"{status.code or ''} {status.reason or ''}".strip()
    )


def _move(db: Connection, row: _Row, state: DeliveryState, reason: str | None, message_id: str) -> bool:
    conversation, sequence, _, old = row
    if not may_move(old, state):
        return False
    db.execute(
        SQL.move,
        {
            "conversation": conversation,
            "sequence": sequence,
            "state": state,
            "reason": reason,
            "message_id": message_id,
        },
    )
    return True
