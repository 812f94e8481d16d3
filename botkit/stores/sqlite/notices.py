"""Notices, as operations on one connection inside a transaction."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from sqlite3 import Connection
from typing import Final

from botkit.events import Address
from botkit.instants import milliseconds
from botkit.stores.rows import muted_from, notice_from
from botkit.stores.statements import Statements
from botkit.work import Mute, Notice

SQL: Final = Statements("notices", skip_locked="")


def add(db: Connection, turns: Sequence[Mapping[str, object]]) -> None:
    """Keep the notices of the mutes that *turns* begin."""
    rows = [{**turn, "id": turn["notice"], "body": turn["mute"]} for turn in turns if turn["notice"] is not None]
    db.executemany(SQL.add_notice, rows)


def claim(db: Connection, limit: int, now: datetime, lease_milliseconds: int) -> list[Notice]:
    """Claim what is due."""
    at = milliseconds(now)
    if db.execute(SQL.any_due, {"now": at}).fetchone() is None:
        return []
    rows = db.execute(SQL.claim, {"now": at, "until": at + lease_milliseconds, "most": limit}).fetchall()
    return [notice_from(row, now) for row in rows]


def muted(db: Connection, limit: int, now: datetime) -> list[tuple[Address, Mute]]:
    """The conversations that a person answers."""
    return [muted_from(row) for row in db.execute(SQL.all_muted, {"now": milliseconds(now), "most": limit})]


def told(db: Connection, notice: Notice, retry_at: datetime | None) -> None:
    """Forget a notice, or put it off."""
    held = {"id": notice.mute.id, "attempts": notice.attempts}
    if retry_at is None:
        db.execute(SQL.told, held)
    else:
        db.execute(SQL.postpone, {**held, "due_at": milliseconds(retry_at)})
