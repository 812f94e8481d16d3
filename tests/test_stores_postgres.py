"""What is PostgreSQL's own: poolers, restarts, cut wires, and many connections."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import pairwise

import asyncpg
import pytest

from botkit.errors import LeaseLost, StoreError
from botkit.events import Address
from botkit.stores import open_store
from botkit.stores.postgres import Postgres
from botkit.testing import FakeClock
from botkit.testing.conformance.steps import (
    PLENTY,
    answered,
    claimed,
    kept,
    message,
    replies,
    sending,
    sent,
    states,
)
from botkit.work import Outcome, Settlement
from pooler import Cut, Pooler
from servers import PostgresServer, opened


@asynccontextmanager
async def looked(url: str) -> AsyncIterator["asyncpg.Connection[asyncpg.Record]"]:
    """A connection of our own, to look at the database with."""
    connection = await asyncpg.connect(url.partition("&schema")[0])
    try:
        yield connection
    finally:
        await connection.close()


@pytest.mark.parametrize("cache", [{}, {"statement_cache_size": 0}], ids=["found out", "told"])
async def test_it_works_behind_a_pooler(postgres: PostgresServer, cache: dict[str, int]) -> None:
    """Where each transaction may be another server's, nothing of one is relied on in the next."""
    async with Pooler(postgres.socket) as pooler, opened(postgres.url(pooler.address, **cache)) as store:
        for number in range(3):
            await answered(store, f"r{number}", event=message(number))
            await store.settle(await sending(store), sent(f"u{number}"))
            await store.prune()
        found = await states(store)

    assert found == ["sent"] * 3


async def test_what_waits_shares_transactions(postgres: PostgresServer) -> None:
    """A hundred messages at once are a few commits, and so are their turns and deliveries."""
    async with Pooler(postgres.socket, connections=1) as pooler, opened(postgres.url(pooler.address)) as store:
        addresses = [message(number, Address("messenger", "1", str(number))) for number in range(100)]
        counts = [pooler.transactions]
        await asyncio.gather(*map(store.accept, addresses))
        counts.append(pooler.transactions)
        works = await store.claim(100)
        counts.append(pooler.transactions)
        await asyncio.gather(*(store.commit(work, Outcome(deliveries=replies("a"))) for work in works))
        counts.append(pooler.transactions)
        deliveries = await store.deliveries(PLENTY)
        counts.append(pooler.transactions)
        await asyncio.gather(*(store.settle(one, sent(one.address.user)) for one in deliveries))
        counts.append(pooler.transactions)

    assert (len(works), len(deliveries)) == (100, 100)
    assert max(after - before for before, after in pairwise(counts)) <= 8


async def test_nothing_is_held_while_a_handler_runs(postgres: PostgresServer) -> None:
    """No transaction, no lock and no listening connection."""
    url = postgres.url()
    async with opened(url) as store, looked(url) as look:
        await claimed(store)
        found = await look.fetch("SELECT state FROM pg_stat_activity WHERE application_name = 'botkit'")
        locks = await look.fetch(
            "SELECT locktype FROM pg_locks JOIN pg_stat_activity USING (pid) WHERE application_name = 'botkit'"
        )

    assert {row["state"] for row in found} == {"idle"}
    assert locks == []


async def test_a_stopped_process_does_not_hold_its_locks_for_ever(postgres: PostgresServer) -> None:
    """The server ends a transaction whose process has fallen silent in its middle."""
    async with opened(postgres.url()) as store:
        row = await store._ask(lambda one: one.row("SHOW idle_in_transaction_session_timeout"))

    assert row is not None
    assert tuple(row) == ("15s",)


async def test_a_commit_whose_answer_is_lost_is_kept_once(postgres: PostgresServer) -> None:
    """Whoever repeats it is told that it was kept, even when the next event is being worked on already."""
    cut = Cut()
    async with Pooler(postgres.socket, 1, cut) as pooler, opened(postgres.url(pooler.address), FakeClock()) as store:
        work = await claimed(store)
        await store.accept(message(2))
        outcome = Outcome(session={"n": 1}, deliveries=replies("a"))
        cut.is_armed = True
        with pytest.raises(StoreError, match="cannot be used now"):
            await store.commit(work, outcome)
        (following,) = await store.claim(10)
        await store.commit(work, outcome)
        conversation = await kept(store)

    assert (following.event.id, following.session) == ("m2", {"n": 1})
    assert [one.id for one in conversation.deliveries] == ["a"]


async def test_a_turn_whose_commit_was_not_kept_is_not_taken_for_kept(postgres: PostgresServer) -> None:
    """When another worker has finished the event meanwhile, the first is told that its lease is lost."""
    clock = FakeClock()
    async with opened(postgres.url(), clock) as store:
        zombie = await claimed(store)
        clock.advance(31)
        (work,) = await store.claim(10)
        await store.commit(work, Outcome())
        await claimed(store, message(2))
        with pytest.raises(LeaseLost):
            await store.commit(zombie, Outcome(session={"n": 1}))


async def test_a_settlement_whose_answer_is_lost_is_kept_once(postgres: PostgresServer) -> None:
    """Whoever repeats it is told that it was kept, even when the next delivery is on its way already."""
    cut = Cut()
    async with Pooler(postgres.socket, 1, cut) as pooler, opened(postgres.url(pooler.address)) as store:
        await answered(store, "a", "b")
        first = await sending(store)
        cut.is_armed = True
        with pytest.raises(StoreError):
            await store.settle(first, sent("u1"))
        second = await sending(store)
        await store.settle(first, sent("u1"))
        await store.settle(second, Settlement(state="dead", reason="no"))
        found = await states(store)

    assert (second.id, found) == ("b", ["sent", "dead"])


async def test_a_message_whose_answer_is_lost_is_kept_once(postgres: PostgresServer) -> None:
    """The webhook is refused, sent again, and recognised."""
    cut = Cut()
    async with Pooler(postgres.socket, 1, cut) as pooler, opened(postgres.url(pooler.address)) as store:
        cut.is_armed = True
        with pytest.raises(StoreError):
            await store.accept(message(1))
        again = await store.accept(message(1))
        works = await store.claim(10)

    assert (again, [work.event.id for work in works]) == (False, ["m1"])


async def test_all_goes_on_after_the_server_was_restarted(postgres: PostgresServer) -> None:
    """Meanwhile everything is refused with StoreError; afterwards leases and sessions are as they were."""
    async with opened(postgres.url()) as store:
        work = await claimed(store)
        postgres.stop()
        for _ in range(3):
            with pytest.raises(StoreError, match="see that it runs"):
                await store.accept(message(2))
        postgres.start()
        await until_kept(store)
        await store.commit(work, Outcome(session={"n": 1}))
        works = await store.claim(10)

    assert [(one.event.id, one.session) for one in works] == [("m2", {"n": 1})]


async def until_kept(store: Postgres) -> None:
    """Try as a webhook's sender does, until the server is back."""
    for _ in range(100):
        try:
            await store.accept(message(2))
        except StoreError:
            await asyncio.sleep(0.1)
        else:
            return
    pytest.fail("The server does not come back.")


async def test_a_database_that_is_away_is_not_hammered() -> None:
    """While it is away at most a few connections are tried, however many ask."""
    tries = 0

    def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal tries
        tries += 1
        writer.close()

    server = await asyncio.start_server(refuse, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    store = Postgres(f"postgresql://bots:open-sesame@127.0.0.1:{port}/shop")
    failures = await asyncio.gather(*(store.open() for _ in range(50)), return_exceptions=True)
    server.close()

    assert {type(one).__mro__[1] for one in failures} == {StoreError}
    assert tries <= 20


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://bots:open-sesame@127.0.0.1:1/shop",
        "postgresql://bots@127.0.0.1:1/shop?password=open-sesame",
        "postgresql://bots:open%2Dsesame@127.0.0.1:1/shop?connections=2",
    ],
)
async def test_nobody_is_told_the_password(url: str) -> None:
    """Not by errors, nor by what they were caused by, nor by the store itself."""
    store = open_store(url, clock=FakeClock())
    with pytest.raises(StoreError) as caught:
        await store.open()

    assert "sesame" not in f"{caught.value!r} {store!r} {store}"
    assert "bots@127.0.0.1:1/shop" in str(caught.value)
