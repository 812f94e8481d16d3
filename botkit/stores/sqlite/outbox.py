"""Deliveries and statuses, as operations on one connection inside a transaction."""

from collections.abc import Container, Mapping, Sequence
from datetime import datetime
from sqlite3 import Connection
from typing import Final, NamedTuple, Self

from botkit.errors import LeaseLost, WindowClosed
from botkit.events import Address, Status
from botkit.instants import maybe_moment, milliseconds, moment
from botkit.stores.rows import json_text, maybe_storable, new_epoch, reply_from, reply_text, storable
from botkit.stores.sqlite.many import for_each
from botkit.stores.sqlite.writer import alone
from botkit.stores.statements import Statements
from botkit.work import (
    OPEN,
    STATE_OF_STATUS,
    Allowance,
    Delivery,
    DeliveryState,
    Hold,
    Noted,
    Queued,
    Settlement,
    may_move,
)

EARLY_KEPT: Final = 10_000
#: What is sent again, or looked at by an operator, needs its body.
_UNFINISHED: Final = (*OPEN, "dead")

SQL: Final = Statements("outbox", greatest="MAX", lock="", skip_locked="")

_Row = tuple[str, int, str, DeliveryState]
Row = Mapping[str, object]


class Queueing(NamedTuple):
    """Deliveries that one turn or caller queues, and until when the first may be leased at once (None: it may not)."""

    address: Address
    deliveries: Sequence[Queued]
    now: datetime
    lease_until: int | None = None


def queue(db: Connection, requests: Sequence[Queueing]) -> list[Delivery | None]:
    """Put deliveries at the end of their conversations' lanes; those whose id is known already are left out.

    The first of each is claimed at once, and returned, where it may be and nothing of its conversation waits or is
    sent, and its page does not rest. No conversation may be there twice.
    """
    if not any(request.deliveries for request in requests):
        return [None] * len(requests)
    wanted = json_text([(request.address.key, request.address.page) for request in requests])
    lanes = sorted(db.execute(SQL.lanes, {"wanted": wanted, "now": milliseconds(requests[0].now)}))
    ids = [queued.id for request in requests for queued in request.deliveries]
    known = set(db.execute(SQL.known_deliveries, {"ids": json_text(ids)}))
    queues = [_Queue.of(request, lane, known) for request, lane in zip(requests, lanes, strict=True)]
    for_each(db, SQL.add_delivery, [row for one in queues for row in one.deliveries])
    for_each(db, SQL.extend_lane, [one.lane for one in queues if one.deliveries])
    return [one.claimed for one in queues]


class _Queue(NamedTuple):
    """The rows that one request adds, and what is claimed of them."""

    deliveries: Sequence[Row]
    lane: Row
    claimed: Delivery | None

    @classmethod
    def of(cls, request: Queueing, lane: tuple[int | None, ...], known: Container[tuple[str, str]]) -> Self:
        conversation, now = request.address.key, milliseconds(request.now)
        _, epoch, end, ready_at, opened_at, rests = lane
        birth = new_epoch() if epoch is None else epoch
        by_id = {queued.id: queued for queued in request.deliveries if (conversation, queued.id) not in known}
        new = list(by_id.values())
        claims = int(bool(new) and request.lease_until is not None and ready_at is None and not rests)
        rows = [
            {
                "conversation": conversation,
                "sequence": sequence,
                "id": queued.id,
                "state": "sending" if claims and queued is new[0] else "queued",
                "claims": int(claims and queued is new[0]),
                "now": now,
                "body": reply_text(queued.reply),
            }
            for sequence, queued in enumerate(new, end or 0)
        ]
        row = {
            "conversation": conversation,
            "page": request.address.page,
            "claims": claims,
            "count": len(new),
            "birth": birth,
            "ready_at": request.lease_until if claims else now,
            "lease_until": request.lease_until if claims else 0,
        }
        if not claims:
            return cls(rows, row, None)
        claimed = Delivery(
            id=new[0].id,
            address=request.address,
            reply=new[0].reply,
            sequence=end or 0,
            epoch=birth + 1,
            attempts=1,
            queued_at=request.now,
            now=request.now,
            opened_at=maybe_moment(opened_at),
        )
        return cls(rows, row, claimed)


class Sent(NamedTuple):
    """Whether deliveries put in the outbox were new, and the one that was claimed at once."""

    is_new: bool
    delivery: Delivery | None = None


def send(db: Connection, request: Queueing, open_since: datetime | None) -> Sent:
    """Queue deliveries outside a turn, once."""
    if not request.deliveries:
        return Sent(is_new=False)
    conversation, first = request.address.key, request.deliveries[0].id
    if db.execute(SQL.find_by_address, {"conversation": conversation, "id": first}).fetchone():
        return Sent(is_new=False)
    if open_since is not None:
        row = db.execute(SQL.opened_at, {"conversation": conversation}).fetchone()
        opened_at = maybe_moment(row[0]) if row else None
        if opened_at is None or opened_at < open_since:
            last = f"last wrote at {opened_at:%Y-%m-%d %H:%M} UTC" if opened_at else "has never written"
            raise WindowClosed(
                f"The user {last}: only a tagged message may be sent outside 24 hours.", reason="window_closed"
            )
    (claimed,) = queue(db, [request])
    return Sent(is_new=True, delivery=claimed)


def claim(
    db: Connection, allowance: Allowance, now: datetime, lease_milliseconds: int, doubt_milliseconds: int
) -> list[Delivery]:
    """Lease the heads of lanes that are due, page by page, and mark them ``sending``."""
    at = milliseconds(now)
    since = None if allowance.since is None else milliseconds(allowance.since)
    deliveries: list[Delivery] = []
    for (page,) in db.execute(SQL.due_pages, {"now": at}).fetchall():
        most = allowance.of(page)
        if most <= 0:
            continue
        lanes = db.execute(
            SQL.claim_lanes, {"page": page, "now": at, "until": at + lease_milliseconds, "most": most, "since": since}
        ).fetchall()
        for conversation, epoch in lanes:
            delivery = _head(db, conversation, epoch, now, at + doubt_milliseconds)
            if delivery is not None:
                deliveries.append(delivery)
    return deliveries


def _head(db: Connection, conversation: str, epoch: int, now: datetime, doubt_until: int) -> Delivery | None:
    parameters = {"conversation": conversation, "epoch": epoch, "doubt_until": doubt_until, "now": milliseconds(now)}
    row = db.execute(SQL.head, parameters).fetchone()
    if row is None or row[1] == "sending":
        if row is not None:
            db.execute(SQL.doubt, {**parameters, "sequence": row[0]})
        db.execute(SQL.release_lane, parameters)
        return None
    sequence, state, delivery_id, attempts, queued_at, body, opened_at = row
    db.execute(SQL.mark_sending, {**parameters, "sequence": sequence})
    return Delivery(
        id=delivery_id,
        address=Address.parse(conversation),
        reply=reply_from(body),
        sequence=sequence,
        epoch=epoch,
        attempts=attempts + 1,
        queued_at=moment(queued_at),
        now=now,
        opened_at=maybe_moment(opened_at),
        is_doubted=state == "in_doubt",
    )


class Settling(NamedTuple):
    """What became of a delivery, and whether statuses may wait for it."""

    delivery: Delivery
    settlement: Settlement
    now: datetime
    early: bool
    keep: bool = False

    @property
    def row(self) -> Row:
        """Everything the statements bind."""
        delivery, settlement = self.delivery, self.settlement
        return {
            "conversation": delivery.address.key,
            "epoch": delivery.epoch,
            "sequence": delivery.sequence,
            "state": settlement.state,
            "due_at": None if settlement.due_at is None else milliseconds(settlement.due_at),
            "reason": maybe_storable(settlement.reason),
            "message_id": maybe_storable(settlement.message_id),
            "keep": int(self.keep or settlement.state in _UNFINISHED),
            "now": milliseconds(self.now),
        }


def settle(db: Connection, requests: Sequence[Settling]) -> list[bool]:
    """Record what became of deliveries and free their lanes, or raise LeaseLost; says where more waits."""
    rows = [request.row for request in requests]
    if for_each(db, SQL.settle, rows) < len(rows):
        alone(requests)
        db.execute(SQL.record_message, rows[0])
    for request in requests:
        if request.settlement.hold is not None:
            _hold(db, request.settlement.hold)
        if request.early and request.settlement.message_id is not None:
            _apply_early(db, request)
    if for_each(db, SQL.release_lane, rows) < len(rows):
        request = alone(requests)
        raise LeaseLost(f"Delivery {request.delivery.id} was taken over by another sender.")
    conversations = [row["conversation"] for row in rows]
    ready = {key for (key,) in db.execute(SQL.still_ready, {"conversations": json_text(conversations)})}
    return [conversation in ready for conversation in conversations]


def _hold(db: Connection, hold: Hold) -> None:
    rows = [{"page": page, "until": milliseconds(hold.until), "reason": hold.reason} for page in hold.pages]
    db.executemany(SQL.hold, rows)


def any_early(db: Connection) -> bool:
    """Whether any status waits for the delivery it belongs to."""
    return db.execute(SQL.any_early).fetchone() is not None


def _apply_early(db: Connection, request: Settling) -> None:
    delivery, message_id = request.delivery, storable(str(request.settlement.message_id))
    early = db.execute(SQL.early, {"message_id": message_id}).fetchall()
    if not early:
        return
    for state, reason in early:
        row = db.execute(SQL.find_by_address, {"conversation": delivery.address.key, "id": delivery.id}).fetchone()
        # None: forgotten meanwhile.
        if row is not None and may_move(row[3], state):
            db.execute(SQL.move, _moved(row, state, reason, message_id, keep=request.keep))
    db.execute(SQL.forget_early, {"message_id": message_id})


class Noting(NamedTuple):
    """A status, whether its delivery's body is kept for a while, and whether a handler listens to it."""

    status: Status
    now: datetime
    keep: bool
    listened: bool = False


class Moving(NamedTuple):
    """What a status did, and whether its lane may go on because of it."""

    noted: Noted
    frees: bool = False


def note(db: Connection, requests: Sequence[Noting]) -> list[Moving]:
    """Move the deliveries that statuses are about, or keep the statuses until those are known."""
    ids = [storable(one.status.delivery_id or "") for one in requests]
    named: dict[tuple[str, str], _Row] = {
        (row[0], row[2]): row for row in db.execute(SQL.find_all, {"ids": json_text(ids)})
    }
    states: dict[tuple[str, int], DeliveryState] = {}
    moves, freed, answers = list[Row](), list[Row](), list[Moving]()
    for request, named_id in zip(requests, ids, strict=True):
        status = request.status
        row = named.get((status.address.key, named_id)) or _find(db, status)
        if row is None:
            _keep_early(db, status, request.now)
            answers.append(Moving(Noted()))
            continue
        conversation, sequence, delivery_id, kept = row
        # Two statuses about one delivery may come together.
        old, new = states.get((conversation, sequence), kept), STATE_OF_STATUS.get(status.state)
        moved_to = new if new is not None and may_move(old, new) else None
        frees = moved_to is not None and old in OPEN
        if moved_to is not None:
            states[conversation, sequence] = moved_to
            moves.append(_moved(row, moved_to, _reason(status), storable(status.message_id), keep=request.keep))
        if frees:
            freed.append({"conversation": conversation, "now": milliseconds(request.now)})
        address = status.address if conversation == status.address.key else Address.parse(conversation)
        noted = Noted(address=address, delivery_id=delivery_id, moved_to=moved_to)
        answers.append(Moving(noted, frees))
    for_each(db, SQL.move, moves)
    for_each(db, SQL.refresh_lane, freed)
    return answers


def _keep_early(db: Connection, status: Status, now: datetime) -> None:
    state = STATE_OF_STATUS.get(status.state)
    if state is not None:
        message_id, at = storable(status.message_id), milliseconds(now)
        early = {"message_id": message_id, "state": state, "reason": _reason(status), "now": at}
        db.execute(SQL.keep_early, early)
        db.execute(SQL.trim_early, {"kept": EARLY_KEPT})


def _find(db: Connection, status: Status) -> _Row | None:
    """The delivery of a status that names none of its own conversation's."""
    row: _Row | None = None
    if status.delivery_id is not None:
        row = db.execute(SQL.find_by_id, {"id": storable(status.delivery_id)}).fetchone()
    return row or db.execute(SQL.find_by_message, {"message_id": storable(status.message_id)}).fetchone()


def _reason(status: Status) -> str | None:
    if status.code is None and status.reason is None:
        return None
    return storable(f"{status.code or ''} {status.reason or ''}".strip())


def _moved(row: _Row, state: DeliveryState, reason: str | None, message_id: str, *, keep: bool) -> Row:
    conversation, sequence, _, _ = row
    return {
        "conversation": conversation,
        "sequence": sequence,
        "state": state,
        "reason": reason,
        "message_id": message_id,
        "keep": int(keep),
    }
