"""Sides: old and new code on one database, each of which is left what it knows."""

import json
from collections.abc import Collection
from datetime import datetime
from hashlib import sha256
from typing import Final, Self

from attrs import frozen

from botkit.instants import milliseconds
from botkit.stores.postgres import inbox
from botkit.stores.postgres.connections import Transaction
from botkit.stores.postgres.outbox import TOKENS
from botkit.stores.rows import json_text
from botkit.stores.statements import Statements
from botkit.work import Work

SQL: Final = Statements("postgres_sides", **TOKENS)


@frozen
class Side:
    """What one *worker*, a process, *knows*, as JSON; the *name* is the same for all that know the same."""

    worker: str
    knows: str = "[]"
    name: str = ""

    @classmethod
    def of(cls, worker: str, knowledge: Collection[str]) -> Self:
        """The side of a worker that has this knowledge; without any it is on none."""
        knows = json_text(sorted(knowledge))
        return cls(worker, knows, sha256(knows.encode()).hexdigest()[:32] if knowledge else "")


async def join(transaction: Transaction, side: Side, now: datetime, lease_milliseconds: int) -> None:
    """Keep that the worker of *side* lives, and what it knows, as long as a lease; or that it claims nothing more."""
    at = milliseconds(now)
    row = {"worker": side.worker, "side": side.name, "until": at + lease_milliseconds}
    if side.name and await transaction.run(SQL.renew, **row):
        return
    await transaction.run(SQL.part, worker=side.worker)
    await transaction.run(SQL.bury, now=at)
    if side.name:
        await transaction.run(SQL.join, knows=side.knows, **row)
    await transaction.run(SQL.free, now=at)


async def leave(transaction: Transaction, work: Work, needed: Collection[str], worker: str, now: datetime) -> bool:
    """Put *work* back for another live worker's side, as if it had not been claimed; raises LeaseLost."""
    await inbox.fence(transaction, work)
    others = await transaction.rows(SQL.others, worker=worker, now=milliseconds(now))
    found = next((row for row in others if set(json.loads(row["knows"])).issuperset(needed)), None)
    if found is None:
        return False
    await inbox.put_back(transaction, [work])
    await transaction.run(SQL.leave, conversation=work.address.key, side=found["side"], until=found["until"])
    return True
