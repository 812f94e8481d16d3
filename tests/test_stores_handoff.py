"""Work that somebody waits for is claimed in the transaction that keeps it; nothing else changes by that."""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from pathlib import Path

import pytest
from attrs import evolve

from botkit.errors import LeaseLost
from botkit.events import Address, Message
from botkit.replies import Choice, Text
from botkit.stores.sqlite import SQLite
from botkit.testing import FakeClock
from botkit.work import Allowance, Delivery, Outcome, Queued, Settlement, Work

ANN, BOB = Address("messenger", "1070", "ann"), Address("messenger", "1070", "bob")


def message(number: int, address: Address = ANN) -> Message:
    """A message with an id of its own."""
    return Message(id=f"m{number}", address=address, kind="text", text="hello", raw={"n": number})


@pytest.fixture
def clock() -> FakeClock:
    """A clock set by hand."""
    return FakeClock()


@pytest.fixture
async def store(tmp_path: Path, clock: FakeClock) -> AsyncIterator[SQLite]:
    """An empty store on which a worker and a sender wait, who may have ten each."""
    engine = SQLite(tmp_path / "botkit.db", clock=clock)
    await engine.open()
    assert not await engine.claim(10)
    assert not await engine.deliveries(Allowance(others=10))
    await engine.wait("events", 0)
    await engine.wait("deliveries", 0)
    yield engine
    await engine.close()


async def only(store: SQLite) -> Work:
    """The one conversation that there is to claim."""
    (work,) = await store.claim(10)
    return work


async def states(store: SQLite) -> list[str]:
    """The states of Ann's deliveries."""
    conversation = await store.conversation(ANN)
    assert conversation is not None
    return [delivery.state for delivery in conversation.deliveries]


async def test_a_message_is_handed_over_leased(store: SQLite, clock: FakeClock) -> None:
    """It is the work that a claim would have found, with everything the conversation holds."""
    await store.accept(message(1))
    outcome = Outcome(session={"n": 1}, session_version=3, choices=(Choice("Yes"),), flow="f")
    await store.commit(await only(store), outcome)
    await store.accept(message(2))
    handed = await only(store)
    clock.advance(60)
    (found,) = await store.claim(10)

    assert handed == evolve(found, epoch=found.epoch - 1, claims=1, now=handed.now)


async def test_a_message_behind_another_waits(store: SQLite) -> None:
    """One conversation's messages are handed out one at a time; another's is not held up."""
    assert [await store.accept(message(number)) for number in (1, 2, 2)] == [True, True, False]
    await store.accept(message(3, BOB))
    first, other = await store.claim(10)
    await store.commit(first, Outcome())

    assert [work.event.id for work in (first, other, await only(store))] == ["m1", "m3", "m2"]


async def test_a_reply_is_handed_over_marked(store: SQLite, clock: FakeClock) -> None:
    """The first of a turn's replies is ``sending`` before it is handed over; the next follows when that is settled."""
    await store.accept(message(1))
    await store.commit(await only(store), Outcome(deliveries=(Queued("a", Text("one")), Queued("b", Text("two")))))
    assert await states(store) == ["sending", "queued"]
    (first,) = await store.deliveries(Allowance(others=10))
    assert not await store.deliveries(Allowance(others=10))
    await store.settle(first, Settlement(state="sent", message_id="u1"))
    (second,) = await store.deliveries(Allowance(others=10))

    now = clock.now()
    assert first == Delivery(
        id="a",
        address=ANN,
        reply=Text("one"),
        sequence=0,
        epoch=first.epoch,
        attempts=1,
        queued_at=now,
        now=now,
        opened_at=now,
    )
    assert (second.id, second.epoch) == ("b", first.epoch + 1)


async def test_what_a_turn_sent_before_is_not_handed_over_again(store: SQLite, clock: FakeClock) -> None:
    """A turn that runs again queues only what it had not queued."""
    await store.accept(message(1))
    work = await only(store)
    await store.checkpoint(work, (Queued("a", Text("one")),))
    (first,) = await store.deliveries(Allowance(others=10))
    await store.settle(first, Settlement(state="sent", message_id="u1"))
    clock.advance(60)
    again = await only(store)
    await store.commit(again, Outcome(deliveries=(Queued("a", Text("one")), Queued("b", Text("two")))))

    assert [one.id for one in await store.deliveries(Allowance(others=10))] == ["b"]


async def test_what_is_refused_is_refused_alone(store: SQLite, clock: FakeClock) -> None:
    """Of turns that end together only the one whose lease is lost is not kept, and nothing of it is sent."""
    await store.accept(message(1))
    await store.accept(message(2, BOB))
    ann, bob = await store.claim(10)
    clock.advance(60)
    again = {work.address: work for work in await store.claim(10)}
    lost = await gathered(
        store.commit(ann, Outcome(deliveries=(Queued("a", Text("a")),))),
        store.commit(again[BOB], Outcome(deliveries=(Queued("b", Text("b")),))),
        store.commit(bob, Outcome(deliveries=(Queued("c", Text("c")),))),
    )

    assert lost == [True, False, True]
    assert [one.id for one in await store.deliveries(Allowance(others=10))] == ["b"]


async def test_a_crash_before_it_is_taken_loses_nothing(tmp_path: Path, store: SQLite, clock: FakeClock) -> None:
    """What was leased and never claimed is claimed by the next owner of the file."""
    await store.accept(message(1))
    await store.close()
    after = SQLite(tmp_path / "botkit.db", clock=clock)
    await after.open()
    (work,) = await after.claim(10)
    await after.close()

    assert (work.event.id, work.claims) == ("m1", 2)


async def gathered(*commits: Coroutine[None, None, None]) -> list[bool]:
    """Which of the commits lost their lease."""
    results = await asyncio.gather(*commits, return_exceptions=True)
    assert all(result is None or isinstance(result, LeaseLost) for result in results)
    return [isinstance(result, LeaseLost) for result in results]
