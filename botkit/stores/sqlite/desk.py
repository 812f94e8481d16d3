"""What an operator asks of a store, as operations on one connection inside a transaction."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from sqlite3 import Connection
from typing import Final

from botkit.events import Address
from botkit.stores.rows import choices_from, maybe_moment, milliseconds, moment, reply_from, session_from
from botkit.stores.sqlite.inbox import SQL as INBOX
from botkit.stores.sqlite.outbox import SQL as OUTBOX
from botkit.work import Backlog, Conversation, DeadLetter, Kept

IDS_KEPT: Final = timedelta(hours=72)


def backlog(db: Connection) -> Backlog:
    """Count what waits."""
    events, oldest_event = db.execute(INBOX.waiting_events).fetchone()
    deliveries, oldest_delivery = db.execute(OUTBOX.waiting_deliveries).fetchone()
    return Backlog(
        events=events,
        oldest_event_at=maybe_moment(oldest_event),
        deliveries=deliveries,
        oldest_delivery_at=maybe_moment(oldest_delivery),
        dead_events=db.execute(INBOX.count_dead_events).fetchone()[0],
        dead_deliveries=db.execute(OUTBOX.count_dead_deliveries).fetchone()[0],
    )


def dead_letters(db: Connection, limit: int) -> list[DeadLetter]:
    """What was set aside, newest first."""
    events = db.execute(INBOX.dead_events, {"most": limit}).fetchall()
    deliveries = db.execute(OUTBOX.dead_deliveries, {"most": limit}).fetchall()
    letters = [*(_letter("inbound", row) for row in events), *(_letter("outbound", row) for row in deliveries)]
    return sorted(letters, key=lambda letter: letter.at, reverse=True)[:limit]


def _letter(direction: str, row: tuple[str, int, int, str, str]) -> DeadLetter:
    conversation, sequence, at, body, reason = row
    return DeadLetter(
        id=f"{'in' if direction == 'inbound' else 'out'}/{conversation}/{sequence}",
        address=Address.parse(conversation),
        direction="inbound" if direction == "inbound" else "outbound",
        reason=reason or "",
        at=moment(at),
        body=body or "",
    )


def replay(db: Connection, ids: Sequence[str], now: datetime) -> int:
    """Put dead letters back in their place; returns how many were found."""
    found = 0
    for one in ids:
        direction, _, rest = one.partition("/")
        conversation, _, sequence = rest.rpartition("/")
        if direction not in ("in", "out") or not sequence.isdecimal():
            continue
        parameters = {"conversation": conversation, "sequence": int(sequence), "now": milliseconds(now)}
        revive, wake = (
            (INBOX.revive_event, INBOX.wake) if direction == "in" else (OUTBOX.revive_delivery, OUTBOX.wake_lane)
        )
        if db.execute(revive, parameters).rowcount:
            db.execute(wake, parameters)
            found += 1
    return found


def conversation(db: Connection, address: Address) -> Conversation | None:
    """Everything kept under one address."""
    row = db.execute(INBOX.conversation, {"conversation": address.key}).fetchone()
    kept = db.execute(OUTBOX.deliveries_of, {"conversation": address.key}).fetchall()
    if row is None and not kept:
        return None
    session, choices, opened_at, flow, wake_at, waiting = row or (None, None, None, None, None, 0)
    return Conversation(
        address=address,
        session=session_from(session),
        choices=choices_from(choices),
        opened_at=maybe_moment(opened_at),
        flow=flow or "",
        wake_at=maybe_moment(wake_at),
        waiting=waiting,
        deliveries=tuple(
            Kept(
                id=delivery_id,
                reply=reply_from(body),
                state=state,
                attempts=attempts,
                message_id=message_id,
                reason=reason,
            )
            for delivery_id, body, state, attempts, message_id, reason in kept
        ),
    )


def prune(db: Connection, limit: int, now: datetime) -> int:
    """Forget what nobody needs any more."""
    parameters = {"before": milliseconds(now - IDS_KEPT), "most": limit}
    statements = (INBOX.prune_events, OUTBOX.prune_deliveries, OUTBOX.prune_early)
    return sum(db.execute(statement, parameters).rowcount for statement in statements)
