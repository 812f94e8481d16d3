"""How the schema comes to be, changes under running processes, and is refused."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import asyncpg
import pytest

from botkit.errors import ConfigError, StoreError, StoreVersionError
from botkit.observe import SystemClock
from botkit.stores import open_store
from botkit.stores.postgres import Postgres
from botkit.stores.postgres.clock import DatabaseClock
from botkit.stores.statements import schema_steps
from botkit.testing import FakeClock
from botkit.testing.conformance.steps import answered, claimed, kept, message
from botkit.work import Outcome
from servers import PostgresServer

NEWER = "UPDATE meta SET value = $1 WHERE name = 'schema'"


@asynccontextmanager
async def looked(url: str) -> AsyncIterator["asyncpg.Connection[asyncpg.Record]"]:
    """A connection of our own to the tables of *url*."""
    plain, _, schema = url.partition("&schema=")
    connection = await asyncpg.connect(plain)
    try:
        await connection.execute(f"SET search_path TO {schema}")
        yield connection
    finally:
        await connection.close()


async def opened_once(url: str) -> Postgres:
    """Open a store and close it again."""
    store = Postgres(url, clock=FakeClock())
    try:
        await store.open()
    finally:
        await store.close()
    return store


async def test_whoever_starts_first_makes_the_schema(postgres: PostgresServer) -> None:
    """Ten processes that start at the same time find one store, with one secret."""
    stores = [Postgres(url, clock=FakeClock()) for url in [postgres.url()] * 10]
    await asyncio.gather(*(store.open() for store in stores))
    secrets = {await store.secret() for store in stores}
    await asyncio.gather(*(store.close() for store in stores))

    assert len(secrets) == 1


@pytest.mark.parametrize("done", range(1, len(schema_steps())))
async def test_an_older_schema_is_brought_up_to_date(postgres: PostgresServer, done: int) -> None:
    """From every step there was, with what is kept in it."""
    url = postgres.url()
    schema = url.partition("&schema=")[2]
    async with looked(url) as look:
        await look.execute(f"CREATE SCHEMA {schema}")
        for step in schema_steps()[:done]:
            await look.execute(step)
        await look.execute("INSERT INTO meta VALUES ('schema', $1), ('secret', $2)", str(done), "ab" * 32)
        await look.execute(
            "INSERT INTO conversations (conversation, next_sequence, ready_at, session)"
            " VALUES ('messenger:1070:ann', 1, 5, '{\"n\": 1}');"
            "INSERT INTO events (conversation, sequence, id, due_at, accepted_at, body)"
            " VALUES ('messenger:1070:ann', 0, 'm1', 5, 5, '[\"message\", \"text\", \"hello\", null, null, {}]')"
        )
    store = Postgres(url, clock=FakeClock())
    await store.open()
    (work,) = await store.claim(1)
    await store.commit(work, Outcome())
    await store.close()

    assert (work.event.id, work.session, await store.secret()) == ("m1", {"n": 1}, b"\xab" * 32)


@pytest.mark.parametrize(("ahead", "refused"), [(1, False), (2, True)])
async def test_a_schema_of_the_next_release_is_used_and_a_later_one_refused(
    postgres: PostgresServer, *, ahead: int, refused: bool
) -> None:
    """Old and new processes run side by side while an installation is upgraded, by one release at a time."""
    url = postgres.url()
    await opened_once(url)
    async with looked(url) as look:
        await look.execute(NEWER, str(len(schema_steps()) + ahead))
    try:
        await opened_once(url)
    except StoreVersionError as error:
        told = str(error)
    else:
        told = ""

    assert ("written by a newer botkit" in told) == refused


async def test_an_older_process_does_not_set_the_schema_back(postgres: PostgresServer) -> None:
    """One that runs on a newer schema leaves it as it is."""
    url = postgres.url()
    await opened_once(url)
    newer = str(len(schema_steps()) + 1)
    async with looked(url) as look:
        await look.execute(NEWER, newer)
        await opened_once(url)
        value = await look.fetchval("SELECT value FROM meta WHERE name = 'schema'")

    assert value == newer


async def test_a_desk_makes_no_store(postgres: PostgresServer) -> None:
    """An operator who mistypes the database is told so, and nothing is made there."""
    url = postgres.url()
    desk = open_store(url, clock=FakeClock(), owner=False)
    with pytest.raises(StoreError, match="There is no store for this botkit in postgresql://postgres@/"):
        await desk.open()
    await desk.close()
    async with looked(url) as look:
        found = await look.fetchval(f"SELECT to_regnamespace('{url.partition('&schema=')[2]}')")

    assert found is None


async def test_a_desk_works_beside_running_processes(postgres: PostgresServer) -> None:
    """An operator sees what they keep, and changes it."""
    url = postgres.url()
    running = Postgres(url, clock=FakeClock())
    await running.open()
    await running.accept(message(1), set_aside="no bot claims page 1070")
    desk = open_store(url, clock=FakeClock(), owner=False)
    await desk.open()
    (letter,) = await desk.dead_letters()
    replayed = await desk.replay([letter.id])
    works = await running.claim(10)
    await desk.close()
    await running.close()

    assert (letter.reason, replayed, [work.event.id for work in works]) == ("no bot claims page 1070", 1, ["m1"])


async def test_accepted_means_durable_whatever_the_servers_default(postgres: PostgresServer) -> None:
    """A database that acknowledges commits before they are on disk is told not to."""
    url = postgres.url()
    async with looked(url) as look:
        await look.execute("ALTER ROLE postgres SET synchronous_commit = off")
    try:
        store = Postgres(url, clock=FakeClock())
        await store.open()
        setting = await store._ask(lambda one: one.row("SELECT current_setting('synchronous_commit')"))
        await store.close()
    finally:
        async with looked(url) as look:
            await look.execute("ALTER ROLE postgres RESET synchronous_commit")

    assert setting is not None
    assert setting[0] == "on"


async def test_the_time_is_the_databases(postgres: PostgresServer) -> None:
    """The machine's own clock is not asked: turns and leases go by the one that all processes share."""
    url = postgres.url()
    store = open_store(url, clock=SystemClock())
    await store.open()
    work = await claimed(store)
    async with looked(url) as look:
        now = await look.fetchval("SELECT clock_timestamp()")
    await store.close()

    assert isinstance(store, Postgres)
    assert isinstance(store._clock, DatabaseClock)
    assert abs(now - work.now) < timedelta(seconds=5)


def test_the_databases_clock_goes_on_between_what_it_says() -> None:
    """By the machine's monotonic clock; after a few seconds the database is asked again."""
    seconds = [100.0]
    clock = DatabaseClock(lambda: seconds[0])
    stale = [clock.is_stale]
    clock.set(datetime(2000, 1, 1, tzinfo=UTC), asked_at=98.0)
    stale.append(clock.is_stale)
    seconds[0] = 106.0
    stale.append(clock.is_stale)

    assert (clock.now(), stale) == (datetime(2000, 1, 1, 0, 0, 7, tzinfo=UTC), [True, False, True])


async def test_two_installations_may_share_a_database(postgres: PostgresServer) -> None:
    """Each has a schema of its own, and sees nothing of the other."""
    one, other = (Postgres(postgres.url(), clock=FakeClock()) for _ in range(2))
    await one.open()
    await other.open()
    await answered(one, "a")
    found = (len((await kept(one)).deliveries), (await other.backlog()).deliveries)
    await one.close()
    await other.close()

    assert found == (1, 0)


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("postgresql://u:s3cret@h/d?schema=A%22;", 'schema=A"; in postgresql://u@h/d'),
        ("postgresql://u:s3cret@h/d?connections=0", "connections=0 in postgresql://u@h/d"),
        ("postgresql://u:s3cret@h/d?connections=many", "connections=many in postgresql://u@h/d"),
        ("postgresql://u:s3cret@[::1/d", "postgresql://u@\\[::1/d is no URL"),
    ],
)
def test_a_url_that_names_no_database_is_refused(url: str, told: str) -> None:
    """In a sentence that says which part is wrong, and never the password."""
    with pytest.raises(ConfigError, match=told) as caught:
        open_store(url, clock=FakeClock())

    assert "s3cret" not in str(caught.value)


@pytest.mark.parametrize("work", ["accept", "claim", "backlog"])
async def test_a_store_that_is_not_open_says_so(work: str) -> None:
    """Before it was opened, and after it was closed."""
    store = Postgres("postgresql://nobody@127.0.0.1:1/nothing", clock=FakeClock())
    asked = {"accept": lambda: store.accept(message(1)), "claim": lambda: store.claim(1), "backlog": store.backlog}
    with pytest.raises(StoreError, match="not open"):
        await asked[work]()
    await store.close()
    with pytest.raises(StoreError, match="closed"):
        await asked[work]()
