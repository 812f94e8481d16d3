"""Bugs to seed: what a store or a sender may do wrong, to show that the checker sees it."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import uuid4

import attrs

from botkit.errors import StoreError
from botkit.events import Event
from botkit.stores import Engine
from botkit.stores.sqlite import inbox, outbox
from botkit.stores.statements import Statements
from botkit.work import Allowance, Delivery, Settlement, Work


def _rewrite(statements: Statements, name: str, old: str, new: str) -> None:
    text = getattr(statements, name)
    if old not in text:
        raise ValueError(f"The statement {name} has no {old!r} any more.")
    setattr(statements, name, text.replace(old, new))


def no_dedupe(store: Engine) -> None:
    """Whatever comes is new."""
    accept = store.accept

    async def forgetful(event: Any, **named: Any) -> bool:
        return await accept(attrs.evolve(event, id=f"{event.id} {uuid4()}"), **named)

    store.accept = forgetful  # type: ignore[method-assign]  # what is seeded


def acknowledged_before_commit(store: Engine) -> None:
    """A webhook is answered while its event is still to be kept."""
    accept = store.accept
    keeping = set[asyncio.Task[None]]()

    async def keep(event: Event, set_aside: str | None) -> None:
        await asyncio.sleep(0.02)
        await accept(event, set_aside=set_aside)

    async def hasty(event: Event, *, set_aside: str | None = None) -> bool:
        task = asyncio.create_task(keep(event, set_aside))
        keeping.add(task)
        task.add_done_callback(keeping.discard)
        return True

    store.accept = hasty  # type: ignore[method-assign]  # what is seeded


def no_fence(store: Engine) -> None:
    """A turn is kept though its lease is another's."""
    del store
    _rewrite(inbox.SQL, "finish_turn", "AND epoch = :epoch", "")


def no_mark(store: Engine) -> None:
    """After a crash nobody knows what was being sent."""
    del store
    _rewrite(
        outbox.SQL, "doubt_everything", "state = 'in_doubt', due_at = :doubt_until", "state = 'queued', due_at = 0"
    )


def no_order(store: Engine) -> None:
    """The newest event of a conversation comes first."""
    del store
    _rewrite(inbox.SQL, "claim_head", "ORDER BY sequence", "ORDER BY sequence DESC")


def settled_before_post(store: Engine) -> None:
    """A delivery is called sent before it is."""
    deliveries = store.deliveries

    async def trusting(allowance: Allowance) -> Sequence[Delivery]:
        handed = await deliveries(allowance)
        for delivery in handed:
            await store.settle(delivery, Settlement(state="sent", message_id=str(uuid4())))
        return handed

    store.deliveries = trusting  # type: ignore[method-assign]  # what is seeded


BUGS: Final[Mapping[str, Callable[[Engine], None]]] = {
    bug.__name__: bug
    for bug in (no_dedupe, acknowledged_before_commit, no_fence, no_mark, no_order, settled_before_post)
}


def partition(store: Engine) -> None:
    """No bug but bad weather: no lease is ever renewed, as if the store could not be reached for it."""

    async def unreachable(works: Sequence[Work]) -> Sequence[Work]:
        raise StoreError(f"{len(works)} leases cannot be renewed at {datetime.now().astimezone():%H:%M}.")

    store.renew = unreachable  # type: ignore[method-assign]  # what is seeded
