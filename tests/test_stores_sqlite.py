"""What is SQLite's own: the file, its owner, and what happens when either is in trouble."""

import asyncio
import re
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from botkit.errors import ConfigError, StoreError, StoreLocked, StoreVersionError
from botkit.events import Address, Message
from botkit.replies import Text
from botkit.stores import open_store
from botkit.stores.sqlite import SQLite
from botkit.stores.sqlite.outbox import SQL as OUTBOX
from botkit.testing import FakeClock
from botkit.work import Allowance, Outcome, Queued, Settlement

ANN = Address("messenger", "1070", "ann")


def message(number: int) -> Message:
    """A message with an id of its own."""
    return Message(id=f"m{number}", address=ANN, kind="text", text="hello")


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the store is."""
    return tmp_path / "botkit.db"


async def test_a_second_process_is_refused_and_told_by_whom(path: Path) -> None:
    """One process runs workers on a file; the lock goes with its process."""
    code = (
        "import asyncio, sys\nfrom botkit.stores.sqlite import SQLite\nfrom botkit.observe import SystemClock\n"
        "async def main():\n    await SQLite(sys.argv[1], clock=SystemClock()).open()\n    print('open', flush=True)\n"
        "    await asyncio.Event().wait()\nasyncio.run(main())"
    )
    with subprocess.Popen([sys.executable, "-c", code, str(path)], stdout=subprocess.PIPE, text=True) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "open\n"
        store = SQLite(path, clock=FakeClock())
        with pytest.raises(StoreLocked, match=f"process {other.pid}, runs on"):
            await store.open()
        other.kill()
        other.wait()
        await store.open()
        await store.close()


async def test_a_crash_leaves_doubts_and_no_leases(path: Path) -> None:
    """The next owner need not wait for leases to end, and takes what was being sent for doubtful."""
    clock = FakeClock()
    first = SQLite(path, clock=clock)
    await first.open()
    await first.accept(message(1))
    (work,) = await first.claim(10)
    await first.checkpoint(work, (Queued("a", Text("a")),))
    await first.deliveries(Allowance(others=1))
    await first.close()
    second = SQLite(path, clock=clock)
    await second.open()
    (again,) = await second.claim(10)
    conversation = await second.conversation(ANN)
    early = await second.deliveries(Allowance(others=1))
    clock.advance(30)
    (late,) = await second.deliveries(Allowance(others=1))
    await second.close()

    assert (again.event.id, again.claims) == ("m1", 2)
    assert conversation is not None
    assert [delivery.state for delivery in conversation.deliveries] == ["in_doubt"]
    assert (early, late.id, late.attempts) == ([], "a", 2)


async def test_a_desk_works_beside_the_running_process(path: Path) -> None:
    """An operator sees the live file and changes it, without the lock."""
    clock = FakeClock()
    running, desk = SQLite(path, clock=clock), SQLite(path, clock=clock, owner=False)
    await running.open()
    await desk.open()
    await running.accept(message(1), set_aside="no bot claims page 1070")
    (letter,) = await desk.dead_letters()
    replayed = await desk.replay([letter.id])
    works = await running.claim(10)
    await desk.close()
    await running.close()

    assert (letter.reason, replayed, [work.event.id for work in works]) == ("no bot claims page 1070", 1, ["m1"])


def seen_by_another_process(path: Path) -> int:
    """How many events a process counts that opens the file, looks and closes it again."""
    code = (
        "import sqlite3, sys\ndb = sqlite3.connect(sys.argv[1])\n"
        "print(*db.execute('SELECT count(*) FROM events').fetchone())\ndb.close()"
    )
    return int(subprocess.run([sys.executable, "-c", code, str(path)], capture_output=True, check=True).stdout)


async def test_a_desk_in_the_owners_process_costs_it_nothing(path: Path) -> None:
    """Closing any descriptor of the file would free SQLite's locks on it, and the next process would delete the log."""
    running, desk = SQLite(path, clock=FakeClock()), SQLite(path, clock=FakeClock(), owner=False)
    await running.open()
    await running.accept(message(1))
    await desk.open()
    await desk.close()
    before = seen_by_another_process(path)
    await running.accept(message(2))
    after = seen_by_another_process(path)
    await running.close()

    assert (before, after, seen_by_another_process(path)) == (1, 2, 2)


async def test_a_link_to_the_file_is_the_same_file(path: Path) -> None:
    """Its second owner is refused by whatever name it came, and nobody else may read what a link made."""
    link = path.with_name("link.db")
    link.symlink_to(path)
    store, other = SQLite(link, clock=FakeClock()), SQLite(path, clock=FakeClock())
    await store.open()
    with pytest.raises(StoreLocked, match="runs on"):
        await other.open()
    await store.close()

    assert path.stat().st_mode & 0o777 == 0o600


async def test_every_commit_is_flushed_and_what_is_erased_is_gone(path: Path) -> None:
    """What a power cut may not undo, and what nobody may find, hangs on settings of the writer's own connection."""
    store = SQLite(path, clock=FakeClock())
    await store.open()
    names = ("journal_mode", "synchronous", "secure_delete", "busy_timeout")
    settings = await store._open.ask(lambda db: [db.execute(f"PRAGMA {name}").fetchone()[0] for name in names])
    await store.close()

    full, fast = 2, 2
    assert settings == ["wal", full, fast, 5000]


async def test_a_full_disk_refuses_and_recovers(path: Path) -> None:
    """Nothing is acknowledged that is not kept, and once there is room everything goes on."""
    store = SQLite(path, clock=FakeClock())
    await store.open()
    limited = store._open  # the writer, so that its connection can be given little room
    pages = await limited.ask(lambda db: db.execute("PRAGMA page_count").fetchone()[0])
    await limited.ask(lambda db: db.execute(f"PRAGMA max_page_count = {pages + 1}").fetchone())
    big = Message(id="big", address=ANN, kind="text", text="x" * 100_000)
    with pytest.raises(StoreError, match="disk of the store is full"):
        await store.accept(big)
    await limited.ask(lambda db: db.execute("PRAGMA max_page_count = 100000").fetchone())
    kept = await store.accept(big)
    await store.commit((await store.claim(1))[0], Outcome())
    await store.close()

    assert kept is True


async def test_a_newer_schema_is_refused(path: Path) -> None:
    """An old botkit does not touch what a new one has written."""
    store = SQLite(path, clock=FakeClock())
    await store.open()
    await store.close()
    with sqlite3.connect(path) as db:
        db.execute("PRAGMA user_version = 99")
    db.close()

    for owner in (True, False):
        with pytest.raises(StoreVersionError, match="written by a newer botkit"):
            await store_reopened(path, owner=owner)


async def test_a_desk_waits_for_the_process_to_upgrade_the_file(path: Path) -> None:
    """A command of a newer botkit does not ask for columns that are not there yet."""
    await store_reopened(path)
    with sqlite3.connect(path) as db:
        db.execute("PRAGMA user_version = 1")
    db.close()

    with pytest.raises(StoreError, match=r"no store for this botkit in .*: start botkit run on it first"):
        await store_reopened(path, owner=False)


async def store_reopened(path: Path, *, owner: bool = True) -> None:
    """Open the file as a new process would."""
    store = SQLite(path, clock=FakeClock(), owner=owner)
    try:
        await store.open()
    finally:
        await store.close()


async def test_what_is_no_database_is_refused_in_a_sentence(path: Path) -> None:
    """A file that is something else is neither read nor written."""
    path.write_bytes(b"this is a letter to my aunt" * 100)

    with pytest.raises(StoreError, match=re.escape(f"The store's file {path} cannot be used")):
        await store_reopened(path)


async def test_only_the_owner_can_read_the_file(path: Path) -> None:
    """Messages and sessions are nobody else's business."""
    await store_reopened(path)

    assert path.stat().st_mode & 0o777 == 0o600


async def test_a_closed_store_says_so(path: Path) -> None:
    """Nothing is accepted that could not be kept."""
    store = SQLite(path, clock=FakeClock())
    await store.open()
    await store.close()

    with pytest.raises(StoreError, match="closed"):
        await store.accept(message(1))


@pytest.mark.parametrize(
    ("url", "path"),
    [("a.db", "a.db"), ("sqlite:///a.db", "a.db"), ("sqlite:////var/a.db", "/var/a.db"), (":memory:", ":memory:")],
)
def test_a_store_is_named_by_path_or_url(url: str, path: str) -> None:
    """A path is a path, and a URL has three slashes before it."""
    store = open_store(url, clock=FakeClock())

    assert isinstance(store, SQLite)
    assert store._path == path


def test_an_unknown_store_is_refused() -> None:
    """The sentence says what may be written."""
    with pytest.raises(ConfigError, match="There is no store redis://"):
        open_store("redis://localhost", clock=FakeClock())


@pytest.mark.parametrize(
    ("statement", "index"),
    [
        (OUTBOX.head, "deliveries_open"),
        (OUTBOX.release_lane, "deliveries_open"),
        (OUTBOX.waiting_deliveries, "deliveries_open"),
        (OUTBOX.erase_deliveries, "deliveries_kept"),
    ],
)
async def test_what_is_open_or_done_is_found_by_an_index(path: Path, statement: str, index: str) -> None:
    """SQLite takes a partial index only where a statement has its very condition."""
    store = SQLite(path, clock=FakeClock())
    await store.open()
    await store.close()
    parameters = dict.fromkeys(re.findall(r":(\w+)", statement), 1)
    with closing(sqlite3.connect(path)) as db:
        plan = [row[3] for row in db.execute(f"EXPLAIN QUERY PLAN {statement}", parameters)]

    assert any(index in step for step in plan), plan


@pytest.mark.parametrize("rounds", [0, 1], ids=["in one round", "one round after the other"])
async def test_what_is_asked_for_at_once_is_committed_together(path: Path, rounds: int) -> None:
    """One flush for all that the event loop asks for until it comes to rest."""

    async def accepted(number: int) -> None:
        for _ in range(number * rounds):
            await asyncio.sleep(0)
        await store.accept(message(number))

    store = SQLite(path, clock=FakeClock())
    await store.open()
    await store.accept(message(0))
    committed = path.with_name(path.name + "-wal").stat().st_size
    await store.accept(message(1))
    alone = path.with_name(path.name + "-wal").stat().st_size - committed
    await asyncio.gather(*map(accepted, range(2, 10)))
    together = path.with_name(path.name + "-wal").stat().st_size - committed - alone
    await store.close()

    assert together < 2 * alone


async def test_a_store_in_memory_goes_on_from_what_another_held() -> None:
    """As a file does when its next owner opens it: sessions and ids are kept, leases are not."""
    clock = FakeClock()
    first = SQLite(":memory:", clock=clock)
    await first.open()
    await first.accept(message(1))
    (work,) = await first.claim(10)
    await first.commit(work, Outcome(session={"visits": 1}))
    await first.accept(message(2))
    await first.claim(10)
    content = await first.content()
    await first.close()
    second = SQLite(":memory:", clock=clock, content=content)
    await second.open()
    again = await second.accept(message(1))
    (work,) = await second.claim(10)
    await second.close()

    assert (again, work.event.id, work.session) == (False, "m2", {"visits": 1})


async def test_nothing_of_what_a_user_said_is_left_in_the_file(path: Path) -> None:
    """By default what is done leaves no words behind, in no page of the file."""
    store = SQLite(path, clock=FakeClock())
    await store.open()
    await store.accept(Message(id="m1", address=ANN, kind="text", text="my secret"))
    (work,) = await store.claim(1)
    await store.commit(work, Outcome(deliveries=(Queued("a", Text("your secret")),)))
    (delivery,) = await store.deliveries(Allowance(others=1))
    await store.settle(delivery, Settlement(state="sent", message_id="u1"))
    await store.close()

    content = b"".join(file.read_bytes() for file in path.parent.iterdir())
    assert (b"my secret" in content, b"your secret" in content) == (False, False)
