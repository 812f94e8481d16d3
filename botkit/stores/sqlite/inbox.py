"""Events and turns, as operations on one connection inside a transaction."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from sqlite3 import Connection
from typing import Final

from botkit.errors import LeaseLost
from botkit.events import Address, Event, Message, WakeUp
from botkit.stores.rows import (
    choices_from,
    choices_text,
    event_from,
    event_text,
    json_text,
    maybe_moment,
    milliseconds,
    moment,
    session_from,
)
from botkit.stores.sqlite.outbox import queue
from botkit.stores.statements import Statements
from botkit.work import Failure, Outcome, Queued, Work

CLAIM_LIMIT: Final = 5
UNCLAIMED_KEPT: Final = 10_000

SQL: Final = Statements("inbox", greatest="MAX", lock="", skip_locked="")

_WAITING, _DEAD = 0, 2
Parameters = Mapping[str, object]
_Claimed = tuple[str, int, str | None, int, int | None, str | None, str | None, int | None]


def event_parameters(event: Event, now: datetime, set_aside: str | None) -> Parameters:
    """Everything `accept` binds, made on the caller's side so that the writer does not wait for it."""
    at = milliseconds(now)
    return {
        "conversation": event.address.key,
        "id": event.id,
        "state": _WAITING if set_aside is None else _DEAD,
        "unclaimed": 0 if set_aside is None else 1,
        "now": at,
        "body": event_text(event),
        "error": set_aside,
        "ready_at": at if set_aside is None else None,
        "opened_at": milliseconds(event.opened_at(now)) if isinstance(event, Message) else None,
    }


def accept(db: Connection, parameters: Parameters) -> bool:
    """Keep one event; False if its id was known."""
    if db.execute(SQL.add_event, parameters).rowcount == 0:
        return False
    db.execute(SQL.arrive, parameters)
    if parameters["unclaimed"]:
        db.execute(SQL.trim_unclaimed, {"kept": UNCLAIMED_KEPT})
    return True


def claim(db: Connection, limit: int, now: datetime, lease_milliseconds: int) -> list[Work]:
    """Lease what is due and read its oldest event."""
    at = milliseconds(now)
    if db.execute(SQL.anything_ready, {"now": at}).fetchone() is None:
        return []
    rows = db.execute(SQL.claim, {"now": at, "until": at + lease_milliseconds, "most": limit}).fetchall()
    works = [_work(db, row, now) for row in rows]
    return [work for work in works if work is not None]


def _work(db: Connection, row: _Claimed, now: datetime) -> Work | None:
    conversation, epoch, session, version, session_at, choices, flow, wake_at = row
    address = Address.parse(conversation)
    head = _head(db, conversation)
    if head is None and wake_at is not None and wake_at <= milliseconds(now):
        _wake(db, WakeUp(id=f"wake-up:{epoch}", address=address, at=moment(wake_at)))
        head = _head(db, conversation)
    if head is None:
        db.execute(SQL.release, {"conversation": conversation, "epoch": epoch})
        return None
    sequence, event_id, body, claims, failures, accepted_at = head
    return Work(
        address=address,
        event=event_from(address, event_id, body),
        sequence=sequence,
        epoch=epoch,
        now=now,
        accepted_at=moment(accepted_at),
        claims=claims,
        failures=failures,
        session=session_from(session),
        session_version=version,
        session_at=maybe_moment(session_at),
        choices=choices_from(choices),
        flow=flow or "",
    )


def _wake(db: Connection, wake_up: WakeUp) -> None:
    """Put a wake-up that is due into its conversation's lane; each claim has an epoch, and so an id, of its own."""
    conversation = wake_up.address.key
    at, body = milliseconds(wake_up.at), event_text(wake_up)
    db.execute(SQL.add_wake_up, {"conversation": conversation, "id": wake_up.id, "wake_at": at, "body": body})
    db.execute(SQL.woken, {"conversation": conversation})


def _head(db: Connection, conversation: str) -> tuple[int, str, str, int, int, int] | None:
    """The oldest waiting event; those that were claimed too often without an outcome are set aside on the way."""
    while True:
        head: tuple[int, str, str, int, int, int] | None
        head = db.execute(SQL.claim_head, {"conversation": conversation}).fetchone()
        if head is None or head[3] <= CLAIM_LIMIT:
            return head
        error = f"claimed {CLAIM_LIMIT} times without an outcome: its handler ends the process, or never returns"
        db.execute(SQL.bury_event, {"conversation": conversation, "sequence": head[0], "error": error})


def renew(db: Connection, works: Sequence[Work], until: int) -> list[Work]:
    """Extend leases; returns the works whose lease is another's."""
    return [
        work
        for work in works
        if not db.execute(SQL.renew, {"conversation": work.address.key, "epoch": work.epoch, "until": until}).rowcount
    ]


def outcome_parameters(work: Work, outcome: Outcome, now: datetime) -> Parameters:
    """Everything `commit` binds, made on the caller's side."""
    return {
        "conversation": work.address.key,
        "epoch": work.epoch,
        "sequence": work.sequence,
        "session": None if outcome.session is None else json_text(outcome.session),
        "session_version": work.session_version if outcome.session is None else outcome.session_version,
        "choices": None if outcome.choices is None else choices_text(outcome.choices),
        "flow": outcome.flow,
        "wake_at": None if outcome.wake_at is None else milliseconds(outcome.wake_at),
        "now": milliseconds(now),
    }


def commit(db: Connection, work: Work, outcome: Outcome, parameters: Parameters) -> None:
    """Keep a whole turn, or raise LeaseLost."""
    if outcome.failure is None:
        db.execute(SQL.finish_event, parameters)
        kept = db.execute(SQL.finish_turn, parameters).rowcount
    else:
        _fail(db, outcome.failure, parameters)
        kept = db.execute(SQL.release, parameters).rowcount
    if not kept:
        raise _lost(work)
    queue(db, work.address, outcome.deliveries, parameters["now"])


def _fail(db: Connection, failure: Failure, parameters: Parameters) -> None:
    error = f"{failure.error}\n{failure.detail}" if failure.detail else failure.error
    if failure.retry_at is None:
        db.execute(SQL.bury_event, {**parameters, "error": error})
    else:
        db.execute(SQL.postpone_event, {**parameters, "error": error, "due_at": milliseconds(failure.retry_at)})
    if parameters["choices"] is not None or parameters["flow"] is not None:
        db.execute(SQL.keep_failed, parameters)


def checkpoint(db: Connection, work: Work, deliveries: Sequence[Queued], flow: str | None, now: int) -> None:
    """Keep deliveries and a flow's journal in the middle of a turn, or raise LeaseLost."""
    parameters = {"conversation": work.address.key, "epoch": work.epoch}
    if db.execute(SQL.fence, parameters).fetchone() is None:
        raise _lost(work)
    if flow is not None:
        db.execute(SQL.keep_flow, {**parameters, "flow": flow})
    queue(db, work.address, deliveries, now)


def _lost(work: Work) -> LeaseLost:
    return LeaseLost(f"The turn of event {work.event.id} is not kept: its conversation was claimed by another worker.")
