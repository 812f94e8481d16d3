"""What an operator asks of a store, as operations in a transaction."""

from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial

from botkit.events import Address
from botkit.instants import maybe_moment, milliseconds, moment
from botkit.stores.gaps import gap_from
from botkit.stores.postgres.connections import Transaction
from botkit.stores.postgres.inbox import GAPS, SQL
from botkit.stores.postgres.inbox import SHARED as INBOX
from botkit.stores.postgres.notices import SQL as NOTICES
from botkit.stores.postgres.outbox import SHARED as OUTBOX
from botkit.stores.postgres.outbox import SQL as LANES
from botkit.stores.rows import fingerprint
from botkit.stores.views import ADOPTED_AT_ONCE, Exported, ages, conversation_of, exported, letter, place_of
from botkit.work import Backlog, Conversation, DeadLetter, Forgotten, Gap, Hold


async def backlog(transaction: Transaction, now: datetime) -> Backlog:
    """Count what waits."""
    holds = await transaction.rows(OUTBOX.holds, now=milliseconds(now))
    ((events, oldest_event),) = await transaction.rows(INBOX.waiting_events)
    ((deliveries, oldest_delivery),) = await transaction.rows(OUTBOX.waiting_deliveries)
    ((notices, oldest_notice),) = await transaction.rows(NOTICES.waiting)
    ((muted,),) = await transaction.rows(NOTICES.muted, now=milliseconds(now))
    ((dead_events,),) = await transaction.rows(INBOX.count_dead_events)
    ((dead_deliveries,),) = await transaction.rows(OUTBOX.count_dead_deliveries)
    return Backlog(
        events=events,
        oldest_event_at=maybe_moment(oldest_event),
        deliveries=deliveries,
        oldest_delivery_at=maybe_moment(oldest_delivery),
        dead_events=dead_events,
        dead_deliveries=dead_deliveries,
        notices=notices,
        oldest_notice_at=maybe_moment(oldest_notice),
        muted=muted,
        holds=tuple(Hold((page,), moment(until), reason) for page, until, reason in holds),
    )


async def dead_letters(transaction: Transaction, limit: int) -> list[DeadLetter]:
    """What was set aside, newest first."""
    events = await transaction.rows(INBOX.dead_events, most=limit)
    deliveries = await transaction.rows(OUTBOX.dead_deliveries, most=limit)
    letters = [
        *(letter("inbound", tuple(row)) for row in events),
        *(letter("outbound", tuple(row)) for row in deliveries),
    ]
    return sorted(letters, key=lambda one: one.at, reverse=True)[:limit]


async def dead_letter(transaction: Transaction, letter_id: str) -> DeadLetter | None:
    """One letter by its id."""
    place = place_of(letter_id)
    if place is None:
        return None
    direction, conversation, sequence = place
    statement = INBOX.dead_event if direction == "in" else OUTBOX.dead_delivery
    row = await transaction.row(statement, conversation=conversation, sequence=sequence)
    if row is None:
        return None
    return letter("inbound" if direction == "in" else "outbound", tuple(row))


async def replay(transaction: Transaction, ids: Sequence[str], now: datetime) -> int:
    """Put dead letters back in their place; returns how many were found."""
    found, at = 0, milliseconds(now)
    for direction, conversation, sequence in sorted(filter(None, map(place_of, ids))):
        revive, wake = (
            (INBOX.revive_event, INBOX.wake) if direction == "in" else (OUTBOX.revive_delivery, OUTBOX.wake_lane)
        )
        if await transaction.run(revive, conversation=conversation, sequence=sequence, now=at):
            await transaction.run(wake, conversation=conversation, now=at)
            found += 1
    return found


async def drop(transaction: Transaction, ids: Sequence[str]) -> int:
    """Forget dead letters; returns how many were found."""
    found = 0
    for direction, conversation, sequence in sorted(filter(None, map(place_of, ids))):
        statement = INBOX.drop_event if direction == "in" else OUTBOX.drop_delivery
        found += await transaction.run(statement, conversation=conversation, sequence=sequence)
    return found


async def adopt(transaction: Transaction, prefix: str, now: datetime) -> int:
    """Put back what came for conversations that begin with *prefix* before a bot claimed them; returns how many."""
    rows = await transaction.rows(SQL.unclaimed_of, prefix=prefix, most=ADOPTED_AT_ONCE)
    return await replay(transaction, [f"in/{row['conversation']}/{row['sequence']}" for row in rows], now)


async def in_flows(transaction: Transaction, after: str, limit: int) -> list[Address]:
    """The conversations with an open flow behind *after*, in order."""
    rows = await transaction.rows(INBOX.in_flows, after=after, most=limit)
    return [Address.parse(row["conversation"]) for row in rows]


async def conversation(transaction: Transaction, address: Address) -> Conversation | None:
    """Everything kept under one address."""
    row = await transaction.row(INBOX.conversation, conversation=address.key)
    kept = await transaction.rows(OUTBOX.deliveries_of, conversation=address.key)
    if row is None and not kept:
        return None
    return conversation_of(address, None if row is None else tuple(row), [tuple(one) for one in kept])


async def gaps(transaction: Transaction, limit: int, now: datetime) -> list[Gap]:
    """What bots had no answer to, newest first."""
    rows = await transaction.rows(GAPS.newest, now=milliseconds(now), most=limit)
    return [gap_from(tuple(row)) for row in rows]


async def export(transaction: Transaction, address: Address) -> Exported | None:
    """Everything kept under one address, as JSON values."""
    row = await transaction.row(INBOX.export_conversation, conversation=address.key)
    events = await transaction.rows(INBOX.export_events, conversation=address.key)
    deliveries = await transaction.rows(OUTBOX.export_deliveries, conversation=address.key)
    unanswered = await transaction.rows(GAPS.export, conversation=address.key)
    if row is None and not events and not deliveries and not unanswered:
        return None
    return exported(
        address,
        None if row is None else tuple(row),
        [tuple(one) for one in events],
        [tuple(one) for one in deliveries],
        [tuple(one) for one in unanswered],
    )


async def forget(transaction: Transaction, address: Address, now: datetime, secret: bytes) -> Forgotten | None:
    """Erase everything kept under one address; what comes again of it is recognised and not taken for new."""
    key = address.key
    await transaction.rows(SQL.lock, conversations=[key])
    await transaction.rows(LANES.lock_lane, conversation=key)
    ids = [str(row["id"]) for row in await transaction.rows(INBOX.event_ids, conversation=key)]
    known = [fingerprint(secret, key, one) for one in ids]
    await transaction.run(SQL.remember_forgotten, fingerprints=known, now=milliseconds(now))
    events = await transaction.run(INBOX.forget_events, conversation=key)
    deliveries = await transaction.run(OUTBOX.forget_deliveries, conversation=key)
    rows = events + deliveries + await transaction.run(OUTBOX.forget_lane, conversation=key)
    rows += await transaction.run(NOTICES.forget, conversation=key)
    rows += await transaction.run(INBOX.forget_conversation, conversation=key)
    rows += await transaction.run(GAPS.forget, conversation=key)
    return Forgotten(events=events, deliveries=deliveries) if rows else None


Pruning = Callable[[Transaction], Awaitable[int]]


def prunings(limit: int, now: datetime, keep: timedelta) -> Iterator[Pruning]:
    """What erases the bodies of what was done longer than *keep* ago, and what nobody needs any more.

    Each is to be a transaction of its own, so that nobody waits long for a row.
    """
    parameters = ages(now, keep, limit)
    erased = (INBOX.erase_events, OUTBOX.erase_deliveries) if keep else ()
    dead = (INBOX.prune_dead_events, OUTBOX.prune_dead_deliveries)
    hints = (INBOX.prune_forgotten, OUTBOX.prune_early, OUTBOX.prune_holds, NOTICES.prune, GAPS.prune)
    for statement in (*erased, *dead, *hints):
        yield partial(_pruned, statement, parameters)
    yield partial(_pruned_with, INBOX.prune_events, SQL.forget_idle, parameters)
    yield partial(_pruned_with, INBOX.prune_mutes, SQL.forget_idle, parameters)
    yield partial(_pruned_with, OUTBOX.prune_deliveries, LANES.forget_lanes, parameters)


async def _pruned(statement: str, parameters: Mapping[str, int], transaction: Transaction) -> int:
    return await transaction.run(statement, **parameters)


async def _pruned_with(statement: str, rest: str, parameters: Mapping[str, int], transaction: Transaction) -> int:
    """Prune rows, and then what they leave behind empty."""
    rows = await transaction.rows(statement, **parameters)
    if rows:
        await transaction.run(rest, conversations=list({row["conversation"] for row in rows}), **parameters)
    return len(rows)


async def secret(transaction: Transaction) -> bytes:
    """The store's own random bytes."""
    ((value,),) = await transaction.rows(INBOX.secret)
    return bytes.fromhex(value)
