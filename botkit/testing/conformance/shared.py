"""Two processes on one store; only for engines that let several open it."""

import asyncio

from botkit.errors import LeaseLost
from botkit.events import Address
from botkit.testing.conformance.crowd import events_of_many, hammer, in_order, seen
from botkit.testing.conformance.steps import (
    BOB,
    PLENTY,
    answered,
    claimed,
    kept,
    message,
    replies,
    sent,
    states,
    status,
)
from botkit.testing.conformance.trial import Trial, refused
from botkit.work import Allowance, Hold, Outcome, Settlement


async def the_same_id_has_one_effect_whichever_process_it_reaches(trial: Trial) -> None:
    """However often it comes at the same time."""
    async with trial.another() as other:
        new = await asyncio.gather(*(store.accept(message(1)) for store in (trial.store, other) * 10))
        works = [*await trial.store.claim(10), *await other.claim(10)]

    assert (sorted(new), [work.event.id for work in works]) == ([False] * 19 + [True], ["m1"])


async def a_conversation_is_handed_to_one_process(trial: Trial) -> None:
    """While one works on it the other gets somebody else's."""
    await trial.store.accept(message(1))
    await trial.store.accept(message(2, BOB))
    async with trial.another() as other:
        mine, yours = await asyncio.gather(trial.store.claim(1), other.claim(1))
        rest = [*await trial.store.claim(10), *await other.claim(10)]

    assert (sorted(work.event.id for work in (*mine, *yours)), rest) == (["m1", "m2"], [])


async def a_process_that_was_overtaken_keeps_nothing(trial: Trial) -> None:
    """One that stood still for longer than its lease finds that another has gone on."""
    zombie = await claimed(trial.store)
    trial.clock.advance(31)
    async with trial.another() as other:
        (work,) = await other.claim(10)
        with refused(LeaseLost):
            await trial.store.checkpoint(zombie, replies("boo"), "[666]")
        with refused(LeaseLost):
            await trial.store.commit(zombie, Outcome(session={"n": 99}, deliveries=replies("boo")))
        lost = await trial.store.renew([zombie])
        await other.commit(work, Outcome(session={"n": 1}, deliveries=replies("a")))
    conversation = await kept(trial.store)

    assert (lost, conversation.session, conversation.flow) == ([zombie], {"n": 1}, "")
    assert [one.id for one in conversation.deliveries] == ["a"]


async def a_delivery_is_handed_to_one_process(trial: Trial) -> None:
    """And its lane to nobody else until it is settled, by the one that sent it."""
    await answered(trial.store, "a", "b")
    async with trial.another() as other:
        found = await asyncio.gather(trial.store.deliveries(PLENTY), other.deliveries(PLENTY))
        (first,) = [delivery for deliveries in found for delivery in deliveries]
        await other.settle(first, sent())
        (second,) = [*await trial.store.deliveries(PLENTY), *await other.deliveries(PLENTY)]

    assert (first.id, second.id) == ("a", "b")


async def a_page_that_rests_rests_in_every_process(trial: Trial) -> None:
    """Whoever is told to wait holds the others back as well."""
    until = trial.clock.now().replace(minute=1)
    await answered(trial.store, "a")
    await trial.store.send(BOB, replies("b"))
    async with trial.another() as other:
        (first,) = await trial.store.deliveries(Allowance(others=1))
        hold = Hold((first.address.page,), until, "rate_limited")
        await trial.store.settle(first, Settlement(state="queued", due_at=until, reason="rate_limited", hold=hold))
        held = await other.deliveries(PLENTY)
        trial.clock.set(until)
        after = await other.deliveries(PLENTY)

    assert (held, len(after)) == ([], 2)


async def a_pages_pace_is_kept_by_all_processes_together(trial: Trial) -> None:
    """Two processes do not send twice as fast as one may."""
    for number in range(200):
        await trial.store.send(Address("messenger", "1070", f"u{number}"), replies("a"))
    allowance = Allowance(others=100, per_second={"1070": 30.0})
    count = 0
    async with trial.another() as other:
        for _ in range(60):
            count += len(await trial.store.deliveries(allowance)) + len(await other.deliveries(allowance))
            trial.clock.advance(0.034)

    assert 55 <= count <= 62


async def statuses_and_settlements_of_two_processes_meet(trial: Trial) -> None:
    """A status that one process takes while the other records the message id is not lost, whichever is first."""
    addresses = [Address("messenger", "1070", f"u{number}") for number in range(20)]
    for address in addresses:
        await trial.store.send(address, replies("a"))
    async with trial.another() as other:
        going = await trial.store.deliveries(PLENTY)
        await asyncio.gather(
            *(trial.store.settle(one, sent(one.address.user)) for one in going),
            *(other.note(status("delivered", uuid=one.address.user, address=one.address)) for one in going),
        )

    assert [await states(trial.store, address) for address in addresses] == [["delivered"]] * 20


async def two_processes_lose_nothing_and_keep_every_order(trial: Trial) -> None:
    """With duplicates at both and abandoned leases each event is handled once, in its conversation's order."""
    events = events_of_many(11, 150)
    async with trial.another() as other:
        await hammer(events, [trial.store, other], trial.clock)

    assert await seen(trial.store) == in_order(events)
