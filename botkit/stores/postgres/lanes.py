"""Claiming deliveries: of each page as many as all processes together may send."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from attrs import frozen

from botkit.events import Address
from botkit.instants import maybe_moment, milliseconds, moment
from botkit.pace import Pace
from botkit.stores.postgres.claims import new_step
from botkit.stores.postgres.connections import Transaction
from botkit.stores.postgres.outbox import SHARED, SQL
from botkit.stores.rows import reply_from
from botkit.work import Allowance, Delivery

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND: Final = timedelta(microseconds=1)
#: When to ask again for a page whose pace another process is at.
_SOON: Final = timedelta(milliseconds=10)


@frozen
class Found:
    """Deliveries that were leased, and when to look again for those that a page's pace held back (None: none were)."""

    deliveries: Sequence[Delivery] = ()
    again_at: datetime | None = None


async def claim(
    transaction: Transaction, allowance: Allowance, now: datetime, lease_milliseconds: int, doubt_milliseconds: int
) -> Found:
    """Lease the heads of lanes that are due, and mark them ``sending``."""
    at = milliseconds(now)
    due = [str(row["page"]) for row in await transaction.rows(SHARED.due_pages, now=at)]
    wanted = {page: allowance.of(page) for page in due if allowance.of(page) > 0}
    if not wanted:
        return Found()
    per_second = {page: rate for page, rate in allowance.per_second.items() if page in wanted}
    paces = await _paces(transaction, per_second)
    mosts = {page: _most(page, most, paces, allowance, now) for page, most in wanted.items()}
    lanes = await transaction.rows(
        SQL.claim_lanes,
        pages=list(mosts),
        mosts=list(mosts.values()),
        now=at,
        until=at + lease_milliseconds,
        step=new_step(),
        since=None if allowance.since is None else milliseconds(allowance.since),
    )
    lanes.sort(key=lambda row: int(row["waited_since"]))
    deliveries = await _heads(
        transaction, {row["conversation"]: row["epoch"] for row in lanes}, now, at + doubt_milliseconds
    )
    for delivery in deliveries:
        if delivery.address.page in paces:
            paces[delivery.address.page].take(now)
    await _keep(transaction, paces)
    held_back = [page for page in wanted if mosts[page] < wanted[page]]
    again = [paces[page].next_at(now) if page in paces else now + _SOON for page in held_back]
    return Found(deliveries, min(again, default=None))


async def put_back(transaction: Transaction, deliveries: Sequence[Delivery], now: datetime) -> None:
    """End the leases that are still held for *deliveries*, as if these had never been claimed."""
    rows = await transaction.rows(
        SQL.fence,
        conversations=[one.address.key for one in deliveries],
        epochs=[one.epoch for one in deliveries],
    )
    held = {(row["conversation"], row["epoch"]) for row in rows if row["is_leased"]}
    ours = [one for one in deliveries if (one.address.key, one.epoch) in held]
    await transaction.run(
        SQL.put_back,
        conversations=[one.address.key for one in ours],
        sequences=[one.sequence for one in ours],
        doubts=[one.is_doubted for one in ours],
    )
    await transaction.rows(SQL.release, conversations=[one.address.key for one in ours], now=milliseconds(now))


def _most(page: str, most: int, paces: Mapping[str, Pace], allowance: Allowance, now: datetime) -> int:
    """How many deliveries of a page may be leased; none where another process is at its pace."""
    if page not in allowance.per_second:
        return most
    return min(most, paces[page].free(now)) if page in paces else 0


async def _paces(transaction: Transaction, per_second: Mapping[str, float]) -> dict[str, Pace]:
    """The paces of pages, which are this transaction's until its end."""
    if not per_second:
        return {}
    pages = list(per_second)
    rows = await transaction.rows(SQL.paces, pages=pages)
    if len(rows) < len(pages):
        await transaction.run(SQL.add_paces, pages=pages)
        rows = await transaction.rows(SQL.paces, pages=pages)
    return {row["page"]: Pace(per_second[row["page"]], due=_EPOCH + row["due_at"] * _MICROSECOND) for row in rows}


async def _keep(transaction: Transaction, paces: Mapping[str, Pace]) -> None:
    if paces:
        dues = [(pace.due - _EPOCH) // _MICROSECOND for pace in paces.values()]
        await transaction.run(SQL.keep_paces, pages=list(paces), dues=dues)


async def _heads(
    transaction: Transaction, epochs: Mapping[str, int], now: datetime, doubt_until: int
) -> list[Delivery]:
    """The heads of leased lanes; a lane that has none, or whose head is in doubt now, is freed again."""
    if not epochs:
        return []
    rows = await transaction.rows(SQL.claim_heads, conversations=list(epochs), doubt_until=doubt_until)
    heads = {row["conversation"]: row for row in rows if row["was"] != "sending"}
    if len(heads) < len(epochs):
        idle = [conversation for conversation in epochs if conversation not in heads]
        await transaction.rows(SQL.release, conversations=idle, now=milliseconds(now))
    return [
        Delivery(
            id=row["id"],
            address=Address.parse(conversation),
            reply=reply_from(row["body"]),
            sequence=row["sequence"],
            epoch=epoch,
            attempts=row["attempts"],
            queued_at=moment(row["queued_at"]),
            now=now,
            opened_at=maybe_moment(row["opened_at"]),
            is_doubted=row["was"] == "in_doubt",
        )
        for conversation, epoch in epochs.items()
        if (row := heads.get(conversation)) is not None
    ]
