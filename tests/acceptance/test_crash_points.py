"""Killed at every point of its way, a process loses nothing, changes no order, and repeats only what was in doubt."""

import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, contextmanager
from itertools import count
from pathlib import Path

import pytest

from chaos.arena import Arena, Ended
from chaos.checker import Verdict
from chaos.scenarios import EVERY_POINT, Scenario, counting, holding
from chaos.seeded import BUGS
from chaos.tally import strike_everywhere
from chaos.victim import Order
from servers import PostgresServer

pytestmark = [pytest.mark.acceptance, pytest.mark.timeout(600)]


@contextmanager
def fresh_file() -> Iterator[str]:
    """A file that is not there yet."""
    with tempfile.TemporaryDirectory(prefix="botkit-struck-") as folder:
        yield str(Path(folder) / "botkit.db")


@pytest.fixture
async def arenas() -> AsyncIterator[list[Arena]]:
    """One for each of two processors."""
    async with AsyncExitStack() as stack:
        yield [await stack.enter_async_context(Arena.open()) for _ in range(2)]


@pytest.mark.parametrize("scenario", EVERY_POINT.values(), ids=EVERY_POINT)
async def test_every_point_on_sqlite(arenas: list[Arena], scenario: Scenario) -> None:
    """There are dozens, and each is tried."""
    tally = await strike_everywhere(arenas, scenario, Order(store=""), fresh_file)

    assert (tally.faults, tally.strikes > 25) == ([], True)


@pytest.mark.parametrize("strikes", ["process", "database"])
@pytest.mark.parametrize("scenario", EVERY_POINT.values(), ids=EVERY_POINT)
async def test_every_tenth_point_on_postgresql(
    arenas: list[Arena], scenario: Scenario, strikes: str, postgres: PostgresServer
) -> None:
    """Whether the process is killed or the database."""

    @contextmanager
    def fresh_schema() -> Iterator[str]:
        yield postgres.url()

    # One at a time where all runs would die with the database.
    some = arenas if strikes == "process" else arenas[:1]
    tally = await strike_everywhere(
        some, scenario, Order(store="", strikes=strikes), fresh_schema, numbers=count(3, 10), database=postgres
    )

    assert (tally.faults, tally.strikes >= 3) == ([], True)


#: Where each seeded bug shows: struck at which points, if at all, and in which scenario.
SHOWS = {
    "no_dedupe": Order(store="", only="after accept"),
    "acknowledged_before_commit": Order(store="", only="before accept"),
    "no_fence": Order(store="", lease_seconds=0.3, is_partitioned=True),
    # A busy machine starts the process again so late that it would have waited by accident.
    "no_mark": Order(store="", only="after POST", doubt_seconds=5.0),
    "no_order": Order(store=""),
    "settled_before_post": Order(store="", only="before POST"),
}

#: So many points of a kind are tried before a bug is taken for one that nobody sees.
TRIES = 8


async def played(bug: str, seeded: str | None, strike_at: int) -> Ended:
    """A run in which *bug* would show, and is there or not."""
    scenario = holding(["ann"]) if bug == "no_fence" else counting(["ann", "ben"], 3)
    wanted = SHOWS[bug]
    struck = strike_at if wanted.only else 0
    with fresh_file() as store:
        order = Order(
            store=store,
            only=wanted.only,
            strike_at=struck,
            bug=seeded,
            lease_seconds=wanted.lease_seconds,
            doubt_seconds=wanted.doubt_seconds,
            is_partitioned=wanted.is_partitioned,
        )
        async with Arena.open(patience_seconds=20 if seeded is None else 4) as arena:
            return await arena.play(scenario, order)


@pytest.mark.parametrize("bug", BUGS)
async def test_a_seeded_bug_is_caught(bug: str) -> None:
    """And in the same run without it all is well."""
    sound = await played(bug, None, 1)
    number, verdict = 0, Verdict()
    while verdict.is_kept and number < TRIES:
        number += 1
        verdict = (await played(bug, bug, number)).verdict

    assert sound.verdict == Verdict()
    assert not verdict.is_kept
