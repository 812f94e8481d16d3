"""Many workers at once, on one process and on two."""

import asyncio
from collections.abc import Mapping, Sequence
from random import Random
from typing import Final

from botkit.errors import LeaseLost
from botkit.events import Address, Message
from botkit.stores import Engine
from botkit.testing import FakeClock
from botkit.testing.conformance.steps import kept, message, replies
from botkit.testing.conformance.trial import Trial
from botkit.work import Outcome, Work

#: After so many looks a worker believes that what still waits never comes.
_PATIENCE: Final = 5_000


async def many_workers_lose_nothing_and_keep_every_order(trial: Trial) -> None:
    """With duplicates and abandoned leases each event is handled once, in its conversation's order."""
    events = events_of_many(7, 300)
    await hammer(events, [trial.store], trial.clock)

    assert (await seen(trial.store), await trial.store.dead_letters()) == (in_order(events), [])


def events_of_many(seed: int, count: int) -> list[Message]:
    """*count* messages of twelve users."""
    rng = Random(seed)  # noqa: S311 - every run must be the same
    return [message(number, Address("messenger", "1", f"user{rng.randrange(12)}")) for number in range(count)]


async def hammer(events: Sequence[Message], stores: Sequence[Engine], clock: FakeClock) -> None:
    """Feed *events*, some of them twice, to *stores*, and have eight workers handle them, some of whom die."""
    rng = Random(13)  # noqa: S311 - every run must be the same
    feeding = asyncio.create_task(_feed(rng, events, stores, clock))
    await asyncio.gather(feeding, *(_work(rng, stores[number % len(stores)], clock, feeding) for number in range(8)))


async def _feed(rng: Random, events: Sequence[Message], stores: Sequence[Engine], clock: FakeClock) -> None:
    for event in events:
        clock.advance(0.001)
        await rng.choice(stores).accept(event)
        if rng.random() < 0.2:
            await rng.choice(stores).accept(event)


async def _work(rng: Random, store: Engine, clock: FakeClock, feeding: "asyncio.Task[None]") -> None:
    for _ in range(_PATIENCE):
        works = await store.claim(3)
        if not works:
            clock.advance(0.2)
            if feeding.done() and not (await store.backlog()).events:
                return
        for work in works:
            if rng.random() >= 0.1:  # else its process has died
                await _handle(store, work)


async def _handle(store: Engine, work: Work) -> None:
    said = work.session.get("seen", [])
    assert isinstance(said, list)
    try:
        await store.commit(work, Outcome(session={"seen": [*said, work.event.id]}, deliveries=replies(work.event.id)))
    except LeaseLost:
        return


def in_order(events: Sequence[Message]) -> Mapping[str, Sequence[str]]:
    """The ids of each user's events."""
    expected: dict[str, list[str]] = {}
    for event in events:
        expected.setdefault(event.address.user, []).append(event.id)
    return expected


async def seen(store: Engine) -> Mapping[str, Sequence[str]]:
    """What each user's session has seen, which is also what was answered."""
    found: dict[str, Sequence[str]] = {}
    for number in range(12):
        conversation = await kept(store, Address("messenger", "1", f"user{number}"))
        answered = [delivery.id for delivery in conversation.deliveries]
        assert conversation.session == {"seen": answered}
        found[conversation.address.user] = answered
    return found
