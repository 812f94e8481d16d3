"""Events and turns, as operations on one connection inside a transaction."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from sqlite3 import Connection
from typing import Final, NamedTuple, Self

from attrs import field, frozen

from botkit.errors import LeaseLost
from botkit.events import Address, Event, Message, WakeUp
from botkit.instants import maybe_moment, milliseconds, moment
from botkit.stores.gaps import gap_row
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
from botkit.stores.sqlite import notices
from botkit.stores.sqlite.many import for_each
from botkit.stores.sqlite.outbox import Queueing, queue
from botkit.stores.sqlite.writer import alone
from botkit.stores.statements import Statements
from botkit.stores.suspects import PUT_OFF_MILLISECONDS, parted
from botkit.work import Delivery, Failure, Outcome, Work

CLAIM_LIMIT: Final = 5
UNCLAIMED_KEPT: Final = 10_000

SQL: Final = Statements("inbox", greatest="MAX", lock="", skip_locked="")
GAPS: Final = Statements("gaps", skip_locked="")

_WAITING, _DEAD = 0, 2
Parameters = Mapping[str, object]
#: epoch, session, its version, its time, choices, flow, mute, next sequence, ready, wake-up, leased until, event known
_Kept = tuple[
    int | None,
    str | None,
    int | None,
    int | None,
    str | None,
    str | None,
    str | None,
    int | None,
    int | None,
    int | None,
    int,
    int,
]
_Claimed = tuple[str, int, str | None, int, int | None, str | None, str | None, str | None, int | None]


@frozen
class Arriving:
    """An event to keep, why it is set aside at once, and until when it may be leased at once.

    *lease_until* None: it may not. With *secret* it is recognised where its user was forgotten.
    """

    event: Event
    now: datetime
    secret: bytes
    set_aside: str | None = None
    lease_until: int | None = None
    body: str = field(init=False)
    #: Where it is kept; a status may be about a delivery of another conversation than its own address says.
    conversation: str = field()

    @conversation.default
    def _own(self) -> str:
        return self.event.address.key

    @body.default
    def _written(self) -> str:
        # On the caller's side, so that the writer does not wait for it.
        return event_text(self.event)


class Accepted(NamedTuple):
    """Whether an event was new, and its work where it was claimed at once."""

    is_new: bool
    work: Work | None = None


def accept(db: Connection, requests: Sequence[Arriving]) -> list[Accepted]:
    """Keep events; one that may be claimed at once is, if nothing of its conversation waits or runs."""
    answers: dict[int, Accepted] = {}
    left = list(enumerate(requests))
    while left:
        # One event of each conversation at a time, so that the next one's place is known.
        first = {request.conversation: number for number, request in reversed(left)}
        wave = [(number, request) for number, request in left if first[request.conversation] == number]
        left = [(number, request) for number, request in left if first[request.conversation] != number]
        answers |= zip((number for number, _ in wave), _accept(db, [request for _, request in wave]), strict=True)
    return [answers[number] for number in range(len(requests))]


def _accept(db: Connection, requests: Sequence[Arriving]) -> list[Accepted]:
    prints = _fingerprints(db, requests)
    arriving = [
        (one.conversation, storable(one.event.id), known_by) for one, known_by in zip(requests, prints, strict=True)
    ]
    kept = sorted(db.execute(SQL.arriving_at, {"arriving": json_text(arriving)}))
    arrivals = [_Arrival.of(request, row) for request, (_, *row) in zip(requests, kept, strict=True)]
    new = [arrival.row for arrival in arrivals if arrival.answer.is_new]
    for_each(db, SQL.add_event, new)
    for_each(db, SQL.arrive, new)
    if any(row["unclaimed"] for row in new):
        db.execute(SQL.trim_unclaimed, {"kept": UNCLAIMED_KEPT})
    return [arrival.answer for arrival in arrivals]


def _fingerprints(db: Connection, requests: Sequence[Arriving]) -> Sequence[str]:
    """What events of users who were forgotten are recognised by; empty where nobody was, as nearly always."""
    if db.execute(SQL.any_forgotten).fetchone() is None:
        return [""] * len(requests)
    return [fingerprint(one.secret, one.conversation, one.event.id) for one in requests]


class _Arrival(NamedTuple):
    """The row that an event adds, and what is to be said of it."""

    row: Parameters
    answer: Accepted

    @classmethod
    def of(cls, request: Arriving, kept: _Kept) -> Self:
        sequence, ready_at, wake_at, leased, is_known = kept[7] or 0, *kept[8:]
        now, is_waiting = milliseconds(request.now), request.set_aside is None
        is_idle = ready_at is None or (ready_at == wake_at and not leased and ready_at > now)
        claims = int(is_waiting and request.lease_until is not None and is_idle)
        event, birth = request.event, new_epoch() if kept[0] is None else kept[0]
        row = {
            "birth": birth,
            "conversation": request.conversation,
            "sequence": sequence,
            "id": storable(event.id),
            "state": _WAITING if is_waiting else _DEAD,
            "unclaimed": int(not is_waiting),
            "claims": claims,
            "now": now,
            "body": request.body,
            "error": request.set_aside,
            "ready_at": (request.lease_until if claims else now) if is_waiting else None,
            "lease_until": request.lease_until if claims else 0,
            "opened_at": milliseconds(event.opened_at(request.now)) if isinstance(event, Message) else None,
        }
        return cls(row, Accepted(not is_known, _handed(request, kept, birth) if claims and not is_known else None))


def _handed(request: Arriving, kept: _Kept, birth: int) -> Work:
    _, session, version, session_at, choices, flow, mute, sequence, *_ = kept
    return Work(
        address=request.event.address,
        event=request.event,
        sequence=sequence or 0,
        epoch=birth + 1,
        now=request.now,
        accepted_at=request.now,
        session=session_from(session),
        session_version=version or 0,
        session_at=maybe_moment(session_at),
        choices=choices_from(choices),
        flow=flow or "",
        mute=mute_from(mute),
    )


def claim(
    db: Connection, limit: int, now: datetime, lease_milliseconds: int, suspects: int | None = None
) -> list[Work]:
    """Lease what is due and read its oldest event; others take the place of suspects beyond so many."""
    handed = list[Work]()
    while True:
        found = _claim(db, limit - len(handed), now, lease_milliseconds)
        taken, put_off = parted(found, suspects, handed)
        handed += taken
        if not put_off:
            return handed
        _put_off(db, put_off, milliseconds(now) + PUT_OFF_MILLISECONDS)


def _put_off(db: Connection, works: Sequence[Work], again: int) -> None:
    rows = [{"conversation": work.address.key, "sequence": work.sequence, "again": again} for work in works]
    db.executemany(SQL.uncount_claim, rows)
    db.executemany(SQL.put_off, rows)


def _claim(db: Connection, limit: int, now: datetime, lease_milliseconds: int) -> list[Work]:
    at = milliseconds(now)
    if db.execute(SQL.anything_ready, {"now": at}).fetchone() is None:
        return []
    rows = db.execute(SQL.claim, {"now": at, "until": at + lease_milliseconds, "most": limit}).fetchall()
    works = [_work(db, row, now) for row in rows]
    return [work for work in works if work is not None]


def _work(db: Connection, row: _Claimed, now: datetime) -> Work | None:
    conversation, epoch, session, version, session_at, choices, flow, mute, wake_at = row
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
        mute=mute_from(mute),
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


@frozen
class Ending:
    """The outcome of a turn, and how its deliveries are queued."""

    work: Work
    outcome: Outcome
    now: datetime
    queueing: Queueing
    keep: bool = False
    row: Parameters = field(init=False)

    @row.default
    def _bound(self) -> Parameters:
        # On the caller's side, so that the writer does not wait for it.
        work, outcome = self.work, self.outcome
        return {
            "conversation": work.address.key,
            "epoch": work.epoch,
            "sequence": work.sequence,
            "failures": work.failures,
            "session": None if outcome.session is None else json_text(outcome.session),
            "session_version": work.session_version if outcome.session is None else outcome.session_version,
            "choices": None if outcome.choices is None else choices_text(outcome.choices),
            "flow": maybe_storable(outcome.flow),
            "wake_at": None if outcome.wake_at is None else milliseconds(outcome.wake_at),
            "keep": int(self.keep or outcome.unanswered is not None),
            "unanswered": outcome.unanswered,
            "mute": None if outcome.mute is None else mute_text(outcome.mute),
            "notice": outcome.mute.id if outcome.mute is not None and outcome.notice else None,
            "muted_until": None if outcome.mute is None else milliseconds(outcome.mute.until),
            "now": milliseconds(self.now),
        }


class Committed(NamedTuple):
    """Whether an event waits after a turn, and the delivery that was claimed at once."""

    leaves_more: bool
    delivery: Delivery | None = None


def commit(db: Connection, requests: Sequence[Ending]) -> list[Committed]:
    """Keep whole turns, or raise LeaseLost."""
    done = [request.row for request in requests if request.outcome.failure is None]
    for_each(db, SQL.finish_event, done)
    kept = for_each(db, SQL.finish_turn, done)
    for request in requests:
        if request.outcome.failure is not None:
            _fail(db, request.outcome.failure, request.row)
            kept += db.execute(SQL.release, request.row).rowcount
    if kept < len(requests):
        raise _lost(alone(requests).work)
    notices.add(db, [request.row for request in requests])
    conversations = [request.row["conversation"] for request in requests]
    ready = {key for (key,) in db.execute(SQL.still_ready, {"conversations": json_text(conversations)})}
    claimed = queue(db, [request.queueing for request in requests])
    if gaps := [gap_row(request.work, request.outcome.gap) for request in requests if request.outcome.gap is not None]:
        db.executemany(GAPS.keep, gaps)
    return [Committed(key in ready, delivery) for key, delivery in zip(conversations, claimed, strict=True)]


def _fail(db: Connection, failure: Failure, parameters: Parameters) -> None:
    error = storable(f"{failure.error}\n{failure.detail}" if failure.detail else failure.error)
    if failure.retry_at is None:
        db.execute(SQL.bury_event, {**parameters, "error": error})
    else:
        db.execute(SQL.postpone_event, {**parameters, "error": error, "due_at": milliseconds(failure.retry_at)})
    if any(parameters[name] is not None for name in ("choices", "flow", "mute")):
        db.execute(SQL.keep_failed, parameters)


def fence(db: Connection, work: Work) -> None:
    """Raise LeaseLost unless the lease of *work* still holds."""
    if db.execute(SQL.fence, {"conversation": work.address.key, "epoch": work.epoch}).fetchone() is None:
        raise _lost(work)


def checkpoint(db: Connection, work: Work, queueing: Queueing, flow: str | None) -> Delivery | None:
    """Keep deliveries and a flow's journal in the middle of a turn, or raise LeaseLost."""
    fence(db, work)
    if flow is not None:
        db.execute(SQL.keep_flow, {"conversation": work.address.key, "epoch": work.epoch, "flow": storable(flow)})
    (claimed,) = queue(db, [queueing])
    return claimed


def _lost(work: Work) -> LeaseLost:
    return LeaseLost(f"The turn of event {work.event.id} is not kept: its conversation was claimed by another worker.")
