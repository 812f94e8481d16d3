"""Owners are told of handovers, each at least once, whatever becomes of the webhook and of the process."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from random import Random

from attrs import frozen

from botkit.events import Address, Message
from botkit.notices import Webhook
from botkit.notifier import Notifier
from botkit.observe import Alarm, Happening, NoticeTold
from botkit.stores.sqlite import SQLite
from botkit.testing import FakeClock
from botkit.work import Mute, Notice, Outcome
from owners import Owner, an_owner

ANNA = Address("messenger", "page-1", "anna")


@frozen
class World:
    """A notifier over a store that holds one notice."""

    notifier: Notifier
    store: SQLite
    clock: FakeClock
    seen: list[Happening]

    def moves(self) -> list[tuple[bool, int, str | None]]:
        """What is said of each try."""
        return [(one.taken, one.attempts, one.reason) for one in self.seen if isinstance(one, NoticeTold)]

    def alarms(self) -> list[str]:
        """The alarms by name."""
        return [one.name for one in self.seen if isinstance(one, Alarm)]


@asynccontextmanager
async def world(owner: Owner | None) -> AsyncIterator[World]:
    """The world, with an owner who is told or without."""
    clock, seen = FakeClock(), list[Happening]()
    store = SQLite(":memory:", clock=clock)
    await store.open()
    webhook = None if owner is None else Webhook(owner.url)
    notifier = Notifier(store=store, webhook=webhook, letter=reason_of, observer=seen.append, rng=Random(1))
    await store.accept(Message(id="m1", address=ANNA, kind="text", text="help"))
    (work,) = await store.claim(1)
    mute = Mute(id="mute-1", reason="billing", at=clock.now(), until=clock.now() + timedelta(hours=1))
    await store.commit(work, Outcome(mute=mute, notice=True))
    try:
        yield World(notifier, store, clock, seen)
    finally:
        await store.close()
        if webhook is not None:
            await webhook.close()


def reason_of(notice: Notice) -> dict[str, object]:
    """What is told here."""
    return {"reason": notice.mute.reason}


async def test_an_owner_is_told_once() -> None:
    """Then there is nothing more to say."""
    async with an_owner() as owner, world(owner) as there:
        rounds = [await there.notifier.round() for _ in range(2)]

        assert (rounds, owner.told, there.alarms()) == ([1, 0], [{"reason": "billing"}], [])
        assert there.moves() == [(True, 1, None)]
        assert owner.headers[0]["Idempotency-Key"] == "mute-1"


async def test_an_owner_who_is_away_is_told_later_and_ever_more_seldom() -> None:
    """The operator hears of each try; what is told has the same id each time."""
    async with an_owner() as owner, world(owner) as there:
        owner.answers.extend([500, 404, 302])
        waits = []
        while not there.moves() or not there.moves()[-1][0]:
            waited = 0
            while not await there.notifier.round():
                there.clock.advance(0.25)
                waited += 1
            waits.append(waited / 4)

        assert there.moves() == [
            (False, 1, "it answered 500"),
            (False, 2, "it answered 404"),
            (False, 3, "it answered 302"),
            (True, 4, None),
        ]
        assert [1 <= waits[1] <= 2.25, 2 <= waits[2] <= 4.25, 4 <= waits[3] <= 8.25] == [True] * 3
        assert {one["Idempotency-Key"] for one in owner.headers} == {"mute-1"}
        assert there.alarms() == ["notice_not_taken"] * 3


async def test_a_process_that_dies_with_a_notice_leaves_it_to_the_next() -> None:
    """A minute later at the latest."""
    async with an_owner() as owner, world(owner) as there:
        await there.store.notices(1)
        at_once = await there.notifier.round()
        there.clock.advance(60)

        assert (at_once, await there.notifier.round(), owner.told) == (0, 1, [{"reason": "billing"}])


async def test_without_a_webhook_the_operator_is_told() -> None:
    """Once for each handover, and nothing piles up."""
    async with world(None) as there:
        rounds = [await there.notifier.round() for _ in range(2)]

        assert (rounds, there.alarms(), there.moves()) == ([1, 0], ["handover_untold"], [])


async def test_a_store_that_fails_is_asked_again() -> None:
    """And the operator knows."""
    async with world(None) as there:
        await there.store.close()

        assert (await there.notifier.round(), there.alarms()) == (0, ["store_unavailable"])
