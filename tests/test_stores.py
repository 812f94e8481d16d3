"""One suite over every engine; no check knows which one it runs on."""

from pathlib import Path

import pytest

from botkit.stores import Engine, open_store
from botkit.testing import FakeClock
from botkit.testing.conformance import CHECKS, LASTING, SHARED, Check, name_of, run
from servers import PostgresServer


def test_no_two_checks_have_one_name() -> None:
    """Whoever reads that a check failed knows which."""
    names = [name_of(check) for check in (*CHECKS, *LASTING, *SHARED)]

    assert (len(names), len(set(names))) == (len(names), len(names))
    assert len(names) > 60


@pytest.mark.parametrize("check", [*CHECKS, *LASTING], ids=name_of)
async def test_sqlite_in_a_file(check: Check, tmp_path: Path) -> None:
    """The default engine keeps every promise."""

    def opening(*, clock: FakeClock, keep_days: float) -> Engine:
        return open_store(str(tmp_path / "botkit.db"), clock=clock, keep_days=keep_days)

    await run(check, opening)


@pytest.mark.parametrize("check", CHECKS, ids=name_of)
async def test_sqlite_in_memory(check: Check) -> None:
    """So does the one that tests and chats run on, but for what a restart takes from it."""

    def opening(*, clock: FakeClock, keep_days: float) -> Engine:
        return open_store(":memory:", clock=clock, keep_days=keep_days)

    await run(check, opening)


@pytest.mark.parametrize("check", [*CHECKS, *LASTING, *SHARED], ids=name_of)
async def test_postgres(check: Check, postgres: PostgresServer) -> None:
    """The engine for a fleet keeps every promise, those about several processes too."""
    url = postgres.url()

    def opening(*, clock: FakeClock, keep_days: float) -> Engine:
        return open_store(url, clock=clock, keep_days=keep_days)

    await run(check, opening)
