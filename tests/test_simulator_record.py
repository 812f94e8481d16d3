"""What was said and shown, kept in order and found again."""

import asyncio
import stat
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from botkit.simulator.record import Entry, EntryKind, Record

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)


@pytest.fixture
def opened() -> Iterator[Callable[..., Record]]:
    """Open records, and let go of their files in the end."""
    with ExitStack() as stack:

        def begin(path: Path, most: int = 4_000) -> Record:
            record = Record(path, most=most)
            stack.callback(record.close)
            return record

        yield begin


Opened = Callable[..., Record]


def told(record: Record, text: str, user: str = "ann") -> None:
    """Add what *user* said."""
    record.add("said", page="41", user=user, about=f"m-{text}", at=NOON, facts={"text": text})


def texts(entries: Sequence[Entry]) -> list[object]:
    """What the entries say, in order."""
    return [entry.facts["text"] for entry in entries]


def test_entries_come_in_order_from_any_number_on() -> None:
    """Whoever has seen some is told the rest."""
    record = Record()
    for text in ("a", "b", "c"):
        told(record, text)

    assert texts(record.since(0)) == ["a", "b", "c"]
    assert texts(record.since(2)) == ["c"]
    assert (record.since(3), record.last) == ((), 3)


def test_a_restart_finds_everything_again(tmp_path: Path, opened: Opened) -> None:
    """Whole entries, numbered on from where they were, in a file that nobody else may read."""
    path = tmp_path / "chats"
    first = opened(path)
    told(first, "Grüße \N{WAVING HAND SIGN} \N{LINE SEPARATOR}\ud800")
    before = list(first.since(0))
    first.close()
    again = opened(path)
    told(again, "b")

    assert list(again.since(0)[:1]) == before
    assert [entry.number for entry in again.since(0)] == [1, 2]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize("broken", ["{", '{"number": 1}', "[]", "null", "\x00", '{"number": 2, "at": 5}'])
def test_a_line_that_a_crash_cut_short_is_left_out(tmp_path: Path, opened: Opened, broken: str) -> None:
    """The rest is there."""
    path = tmp_path / "chats"
    record = opened(path)
    told(record, "a")
    record.close()
    path.write_text(path.read_text() + broken)

    assert texts(opened(path).since(0)) == ["a"]


def test_only_the_newest_are_kept(tmp_path: Path, opened: Opened) -> None:
    """In memory and in the file, for a developer's machine has other uses."""
    record = opened(tmp_path / "chats", most=10)
    for number in range(1_000):
        told(record, str(number))
    record.close()

    assert len(record.since(0)) <= 510
    assert texts(opened(tmp_path / "chats", most=10).since(0)) == [str(number) for number in range(990, 1_000)]


def test_a_file_that_cannot_be_read_is_an_error(tmp_path: Path) -> None:
    """Nothing is thrown away because it could not be read."""
    with pytest.raises(OSError, match="directory"):
        Record(tmp_path)


def test_a_file_that_takes_no_more_is_logged_and_the_chat_goes_on(
    tmp_path: Path, opened: Opened, caplog: pytest.LogCaptureFixture
) -> None:
    """A developer's conversation does not break off because its record cannot be kept."""
    record = opened(tmp_path / "chats")
    record.close()
    with (tmp_path / "chats").open() as unwritable:
        record._file = unwritable
        told(record, "a")
        told(record, "b")

    assert texts(record.since(0)) == ["a", "b"]
    assert [one.getMessage() for one in caplog.records] == ["botkit.simulator.record_not_kept"]


async def test_who_follows_is_woken() -> None:
    """By an entry, or by somebody who calls."""
    record = Record()
    acts: list[Callable[[], object]] = [lambda: told(record, "a"), record.wake]
    for act in acts:
        waiting = asyncio.create_task(record.news(record.last))
        await asyncio.sleep(0)
        act()

        await asyncio.wait_for(waiting, 1)
    await record.news(0)


@given(st.lists(st.tuples(st.text(min_size=1), st.text(), st.sampled_from(["said", "shown", "status"])), max_size=8))
def test_whatever_was_said_is_found_again(said: list[tuple[str, str, EntryKind]]) -> None:
    """In any script, with any control character, from anybody."""
    with TemporaryDirectory() as folder:
        first = Record(Path(folder) / "chats")
        for user, text, kind in said:
            first.add(kind, page="41", user=user, about=text, at=NOON, facts={"text": text, "n": [None, 1.5, True]})
        first.close()
        again = Record(Path(folder) / "chats")
        again.close()

    assert list(again.since(0)) == list(first.since(0))
