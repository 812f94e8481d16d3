"""What an operator asks of a store, as operations on one connection inside a transaction."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from sqlite3 import Connection

from botkit.events import Address
from botkit.instants import maybe_moment, milliseconds, moment
from botkit.stores.gaps import gap_from
from botkit.stores.rows import fingerprint
from botkit.stores.sqlite.inbox import GAPS
from botkit.stores.sqlite.inbox import SQL as INBOX
from botkit.stores.sqlite.notices import SQL as NOTICES
from botkit.stores.sqlite.outbox import SQL as OUTBOX
from botkit.stores.views import ADOPTED_AT_ONCE, Exported, ages, conversation_of, exported, letter, place_of
from botkit.work import Backlog, Conversation, DeadLetter, Forgotten, Gap, Hold


def backlog(db: Connection, now: datetime) -> Backlog:
    """Count what waits."""
    holds = db.execute(OUTBOX.holds, {"now": milliseconds(now)}).fetchall()
    events, oldest_event = db.execute(INBOX.waiting_events).fetchone()
    deliveries, oldest_delivery = db.execute(OUTBOX.waiting_deliveries).fetchone()
    notices, oldest_notice = db.execute(NOTICES.waiting).fetchone()
    return Backlog(
        events=events,
        oldest_event_at=maybe_moment(oldest_event),
        deliveries=deliveries,
        oldest_delivery_at=maybe_moment(oldest_delivery),
        dead_events=db.execute(INBOX.count_dead_events).fetchone()[0],
        dead_deliveries=db.execute(OUTBOX.count_dead_deliveries).fetchone()[0],
        notices=notices,
        oldest_notice_at=maybe_moment(oldest_notice),
        muted=db.execute(NOTICES.muted, {"now": milliseconds(now)}).fetchone()[0],
        holds=tuple(Hold((page,), moment(until), reason) for page, until, reason in holds),
    )


def dead_letters(db: Connection, limit: int) -> list[DeadLetter]:
    """What was set aside, newest first."""
    events = db.execute(INBOX.dead_events, {"most": limit}).fetchall()
    deliveries = db.execute(OUTBOX.dead_deliveries, {"most": limit}).fetchall()
    letters = [*(letter("inbound", row) for row in events), *(letter("outbound", row) for row in deliveries)]
    return sorted(letters, key=lambda letter: letter.at, reverse=True)[:limit]


def replay(db: Connection, ids: Sequence[str], now: datetime) -> int:
    """Put dead letters back in their place; returns how many were found."""
    found = 0
    for direction, conversation, sequence in filter(None, map(place_of, ids)):
        parameters = {"conversation": conversation, "sequence": sequence, "now": milliseconds(now)}
        revive, wake = (
            (INBOX.revive_event, INBOX.wake) if direction == "in" else (OUTBOX.revive_delivery, OUTBOX.wake_lane)
        )
        if db.execute(revive, parameters).rowcount:
            db.execute(wake, parameters)
            found += 1
    return found


def dead_letter(db: Connection, letter_id: str) -> DeadLetter | None:
    """One letter by its id."""
    place = place_of(letter_id)
    if place is None:
        return None
    direction, conversation, sequence = place
    statement = INBOX.dead_event if direction == "in" else OUTBOX.dead_delivery
    row = db.execute(statement, {"conversation": conversation, "sequence": sequence}).fetchone()
    return None if row is None else letter("inbound" if direction == "in" else "outbound", row)


def drop(db: Connection, ids: Sequence[str]) -> int:
    """Forget dead letters; returns how many were found."""
    found = 0
    for direction, conversation, sequence in filter(None, map(place_of, ids)):
        statement = INBOX.drop_event if direction == "in" else OUTBOX.drop_delivery
        found += db.execute(statement, {"conversation": conversation, "sequence": sequence}).rowcount
    return found


def adopt(db: Connection, prefix: str, now: datetime) -> int:
    """Put back what came for conversations that begin with *prefix* before a bot claimed them; returns how many."""
    rows = db.execute(INBOX.unclaimed_of, {"prefix": prefix, "most": ADOPTED_AT_ONCE}).fetchall()
    return replay(db, [f"in/{conversation}/{sequence}" for conversation, sequence in rows], now)


def in_flows(db: Connection, after: str, limit: int) -> list[Address]:
    """The conversations with an open flow behind *after*, in order."""
    return [Address.parse(key) for (key,) in db.execute(INBOX.in_flows, {"after": after, "most": limit})]


def conversation(db: Connection, address: Address) -> Conversation | None:
    """Everything kept under one address."""
    row = db.execute(INBOX.conversation, {"conversation": address.key}).fetchone()
    kept = db.execute(OUTBOX.deliveries_of, {"conversation": address.key}).fetchall()
    if row is None and not kept:
        return None
    return conversation_of(address, row, kept)


def gaps(db: Connection, limit: int, now: datetime) -> list[Gap]:
    """What bots had no answer to, newest first."""
    rows = db.execute(GAPS.newest, {"now": milliseconds(now), "most": limit}).fetchall()
    return [gap_from(row) for row in rows]


def export(db: Connection, address: Address) -> Exported | None:
    """Everything kept under one address, as JSON values."""
    parameters = {"conversation": address.key}
    row = db.execute(INBOX.export_conversation, parameters).fetchone()
    events = db.execute(INBOX.export_events, parameters).fetchall()
    deliveries = db.execute(OUTBOX.export_deliveries, parameters).fetchall()
    unanswered = db.execute(GAPS.export, parameters).fetchall()
    if row is None and not events and not deliveries and not unanswered:
        return None
    return exported(address, row, events, deliveries, unanswered)


def forget(db: Connection, address: Address, now: datetime, secret: bytes) -> Forgotten | None:
    """Erase everything kept under one address; what comes again of it is recognised and not taken for new."""
    conversation = {"conversation": address.key}
    ids = [one for (one,) in db.execute(INBOX.event_ids, conversation)]
    known = [{"fingerprint": fingerprint(secret, address.key, one), "now": milliseconds(now)} for one in ids]
    db.executemany(INBOX.remember_forgotten, known)
    events = db.execute(INBOX.forget_events, conversation).rowcount
    deliveries = db.execute(OUTBOX.forget_deliveries, conversation).rowcount
    rows = events + deliveries + db.execute(OUTBOX.forget_lane, conversation).rowcount
    rows += db.execute(NOTICES.forget, conversation).rowcount
    rows += db.execute(INBOX.forget_conversation, conversation).rowcount
    rows += db.execute(GAPS.forget, conversation).rowcount
    return Forgotten(events=events, deliveries=deliveries) if rows else None


def prune(db: Connection, limit: int, now: datetime, keep: timedelta) -> int:
    """Erase the bodies of what was done longer than *keep* ago, and forget what nobody needs any more."""
    parameters = ages(now, keep, limit)
    erased = (INBOX.erase_events, OUTBOX.erase_deliveries) if keep else ()
    dead = (INBOX.prune_dead_events, OUTBOX.prune_dead_deliveries)
    hints = (INBOX.prune_forgotten, OUTBOX.prune_early, OUTBOX.prune_holds, NOTICES.prune, GAPS.prune)
    rows = sum(db.execute(statement, parameters).rowcount for statement in (*erased, *dead, *hints))
    return (
        rows
        + _prune_with(db, INBOX.prune_events, INBOX.forget_idle, parameters)
        + _prune_with(db, INBOX.prune_mutes, INBOX.forget_idle, parameters)
        + _prune_with(db, OUTBOX.prune_deliveries, OUTBOX.forget_lane_of, parameters)
    )


def _prune_with(db: Connection, statement: str, rest: str, parameters: Mapping[str, object]) -> int:
    """Prune rows, and then what they leave behind empty."""
    conversations = [key for (key,) in db.execute(statement, parameters).fetchall()]
    db.executemany(rest, [{**parameters, "conversation": key} for key in dict.fromkeys(conversations)])
    return len(conversations)


def secret(db: Connection) -> bytes:
    """The store's own random bytes."""
    return bytes.fromhex(str(db.execute(INBOX.secret).fetchone()[0]))
