"""A claim whose commit's answer is lost with the wire: nothing waits for its lease, and nothing goes out twice."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest

from botkit.errors import StoreError
from botkit.events import Address, Status
from botkit.stores.postgres import Postgres
from botkit.testing import FakeClock
from botkit.testing.conformance.steps import ANN, PLENTY, answered, kept, message, sending, sent, states
from botkit.work import Hold, Outcome, Settlement
from pooler import Cut, Pooler
from servers import PostgresServer, opened

BOB = Address("messenger", ANN.page, "bob")


@asynccontextmanager
async def two_processes(
    postgres: PostgresServer, cut: Cut, *, unheard: bool = False
) -> AsyncIterator[tuple[Postgres, Postgres, FakeClock]]:
    """Two stores on one database and by one clock, of which the first's wire may be *cut*."""
    clock = FakeClock()
    async with (
        Pooler(postgres.socket, 1, cut, unheard) as wire,
        Pooler(postgres.socket, 1) as whole,
        opened(url := postgres.url(wire.address), clock) as store,
        opened(url.replace(wire.address, whole.address), clock) as other,
    ):
        yield store, other, clock


async def lose_claims(store: Postgres, cut: Cut, *, deliveries: bool = False) -> None:
    """Claim what is due, and never hear of it."""
    cut.is_armed = True
    with pytest.raises(StoreError, match="cannot be used now"):
        await (store.deliveries(PLENTY) if deliveries else store.claim(10))


async def doubt(store: Postgres, clock: FakeClock) -> None:
    """A delivery whose POST has timed out, and that is due again."""
    await answered(store, "a")
    due_at = clock.now() + timedelta(seconds=30)
    await store.settle(await sending(store), Settlement(state="in_doubt", due_at=due_at, reason="timeout"))
    clock.advance(31)


async def test_a_claim_whose_answer_is_lost_is_handed_out_at_once(postgres: PostgresServer) -> None:
    """Nobody waits for its lease to end, and it was claimed once."""
    async with two_processes(postgres, cut := Cut()) as (store, other, clock):
        await store.accept(message(1))
        await lose_claims(store, cut)
        clock.advance(20)
        (work,) = await store.claim(10)
        clock.advance(20)
        again = await other.claim(10)
        await store.commit(work, Outcome(session={"n": 1}))
        conversation = await kept(store)

    assert (work.event.id, work.claims, again, conversation.session) == ("m1", 1, [], {"n": 1})


async def test_a_delivery_whose_claim_is_lost_goes_out_and_is_not_in_doubt(postgres: PostgresServer) -> None:
    """It was never sent: it is as it was before."""
    async with two_processes(postgres, cut := Cut()) as (store, _, _):
        await answered(store, "a")
        await lose_claims(store, cut, deliveries=True)
        (delivery,) = await store.deliveries(PLENTY)
        again = await store.deliveries(PLENTY)
        await store.settle(delivery, sent("u1"))
        found = await states(store)

    assert ((delivery.id, delivery.attempts, delivery.is_doubted), again, found) == (("a", 1, False), [], ["sent"])


@pytest.mark.parametrize("times", [1, 3])
async def test_several_claims_may_be_lost_one_after_the_other(postgres: PostgresServer, times: int) -> None:
    """What is put back is put back once, however often the wire breaks."""
    async with two_processes(postgres, cut := Cut()) as (store, _, _):
        await answered(store, "a", event=message(1, BOB))
        await store.accept(message(1))
        for _ in range(times):
            await lose_claims(store, cut)
            await lose_claims(store, cut, deliveries=True)
        works, deliveries = await store.claim(10), await store.deliveries(PLENTY)

    assert [(one.event.id, one.claims) for one in works] == [("m1", 1)]
    assert [(one.id, one.attempts) for one in deliveries] == [("a", 1)]


async def test_a_claim_that_was_not_kept_is_whoever_claims_next(postgres: PostgresServer) -> None:
    """The first does not take for its own what another process has claimed meanwhile."""
    async with two_processes(postgres, cut := Cut(), unheard=True) as (store, other, _):
        await answered(other, "a", event=message(1, BOB))
        await store.accept(message(1))
        await lose_claims(store, cut)
        await lose_claims(store, cut, deliveries=True)
        theirs = [*await other.claim(10), *await other.deliveries(PLENTY)]
        ours = [*await store.claim(10), *await store.deliveries(PLENTY)]

    assert (len(theirs), ours) == (2, [])


async def test_what_was_delivered_meanwhile_is_not_sent_again(postgres: PostgresServer) -> None:
    """A status tells what became of the POST before, which was in doubt."""
    async with two_processes(postgres, cut := Cut()) as (store, other, clock):
        await doubt(other, clock)
        await lose_claims(store, cut, deliveries=True)
        await other.note(Status(message_id="u1", address=ANN, state="delivered", delivery_id="a"))
        again = await store.deliveries(PLENTY)
        found = await states(store)

    assert (again, found) == ([], ["delivered"])


async def test_what_was_in_doubt_is_so_again(postgres: PostgresServer) -> None:
    """Another process sends it once more, and knows that it may be the second time."""
    async with two_processes(postgres, cut := Cut()) as (store, other, clock):
        await doubt(other, clock)
        await lose_claims(store, cut, deliveries=True)
        again = await sending(store)

    assert (again.id, again.attempts, again.is_doubted) == ("a", 2, True)


async def test_a_page_that_rests_meanwhile_is_left_alone(postgres: PostgresServer) -> None:
    """Whoever claims anew claims by the rules that hold now."""
    async with two_processes(postgres, cut := Cut()) as (store, other, clock):
        await answered(other, "b", event=message(1, BOB))
        limited = await sending(other)
        await answered(other, "a")
        await lose_claims(store, cut, deliveries=True)
        until = clock.now() + timedelta(seconds=60)
        await other.settle(
            limited, Settlement(state="queued", due_at=until, reason="429", hold=Hold((ANN.page,), until, "429"))
        )
        meanwhile = await store.deliveries(PLENTY)
        clock.advance(61)
        later = await store.deliveries(PLENTY)

    assert (meanwhile, sorted(one.id for one in later)) == ([], ["a", "b"])


async def test_who_closes_leaves_it_to_the_others(postgres: PostgresServer) -> None:
    """They need not wait for its lease."""
    async with two_processes(postgres, cut := Cut()) as (store, other, _):
        await answered(other, "a", event=message(1, BOB))
        await store.accept(message(1))
        await lose_claims(store, cut)
        await lose_claims(store, cut, deliveries=True)
        await store.close()
        works, deliveries = await other.claim(10), await other.deliveries(PLENTY)

    assert ([one.claims for one in works], [one.attempts for one in deliveries]) == ([1], [1])


async def test_who_was_forgotten_meanwhile_is_not_brought_back(postgres: PostgresServer) -> None:
    """What the user writes afterwards is a conversation of its own."""
    async with two_processes(postgres, cut := Cut()) as (store, other, _):
        await answered(other, "a")
        await other.accept(message(2))
        await lose_claims(store, cut)
        await lose_claims(store, cut, deliveries=True)
        await other.forget(ANN)
        await other.accept(message(3))
        works, deliveries = await store.claim(10), await store.deliveries(PLENTY)

    assert ([one.event.id for one in works], deliveries) == (["m3"], [])
