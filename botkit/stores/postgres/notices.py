"""Notices, as operations in a transaction."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from botkit.events import Address
from botkit.instants import milliseconds
from botkit.stores.postgres.connections import Transaction
from botkit.stores.postgres.outbox import TOKENS
from botkit.stores.rows import mute_text, muted_from, notice_from
from botkit.stores.statements import Statements
from botkit.work import Mute, Notice, Outcome, Work

SQL: Final = Statements("notices", **TOKENS)


async def add(transaction: Transaction, turns: Sequence[tuple[Work, Outcome]], now: datetime) -> None:
    """Keep the notices of the mutes that *turns* begin."""
    for work, outcome in turns:
        if outcome.mute is not None and outcome.notice:
            mute, key = outcome.mute, work.address.key
            body, at = mute_text(mute), milliseconds(now)
            await transaction.run(SQL.add_notice, id=mute.id, conversation=key, now=at, body=body)


async def claim(transaction: Transaction, limit: int, now: datetime, lease_milliseconds: int) -> list[Notice]:
    """Claim what is due."""
    at = milliseconds(now)
    if await transaction.row(SQL.any_due, now=at) is None:
        return []
    rows = await transaction.rows(SQL.claim, now=at, until=at + lease_milliseconds, most=limit)
    return [notice_from(tuple(row), now) for row in rows]


async def muted(transaction: Transaction, limit: int, now: datetime) -> list[tuple[Address, Mute]]:
    """The conversations that a person answers."""
    rows = await transaction.rows(SQL.all_muted, now=milliseconds(now), most=limit)
    return [muted_from(tuple(row)) for row in rows]


async def told(transaction: Transaction, notice: Notice, retry_at: datetime | None) -> None:
    """Forget a notice, or put it off."""
    mute_id, attempts = notice.mute.id, notice.attempts
    if retry_at is None:
        await transaction.run(SQL.told, id=mute_id, attempts=attempts)
    else:
        await transaction.run(SQL.postpone, id=mute_id, attempts=attempts, due_at=milliseconds(retry_at))
