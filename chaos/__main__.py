"""``python -m chaos``: random kills for as long as it takes, and every crash point on PostgreSQL.

A run is a fresh store, some users, and processes that are killed again and again until the users have been answered.
What it does follows from its seed and number; what was done is kept in a file, and what is there is not done again.
"""

import argparse
import asyncio
import json
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, AsyncExitStack, contextmanager
from itertools import count
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Final, Literal, Self

from attrs import asdict, define, field, frozen

from chaos.arena import Arena, Database
from chaos.scenarios import EVERY_POINT, crowd
from chaos.tally import FreshStore, Tally, strike_everywhere
from chaos.victim import Order
from servers import postgres_server

Kind = Literal["SQLite, process", "PostgreSQL, process", "PostgreSQL, database"]
#: So many victims of a run die: what is claimed five times without an outcome is set aside, as promised.
DEATHS: Final = 4


@frozen
class Fate:
    """When the victims of a run are struck: most soon after they were born."""

    rng: Random
    lives: Iterator[int] = field(factory=count)

    def next(self) -> int:
        """The number of the point at which the next one dies; 0: it lives."""
        return 0 if next(self.lives) >= DEATHS else self.rng.choice((self.rng.randint(1, 30), self.rng.randint(1, 150)))


@define
class Ledger:
    """What was done, one line a run in a file: which kind, which number, and what came of it."""

    path: Path
    seed: int
    tallies: dict[tuple[str, int], Tally] = field(factory=dict)

    @classmethod
    def read(cls, path: Path, seed: int) -> Self:
        """What earlier runs with *seed* have done."""
        ledger = cls(path, seed)
        for line in path.read_text("utf-8").splitlines() if path.exists() else ():
            found = json.loads(line)
            if found["seed"] == seed:
                ledger.tallies[found["kind"], found["number"]] = Tally(**found["tally"])
        return ledger

    def write(self, kind: Kind, number: int, tally: Tally) -> None:
        """Keep what came of a run, and say how things stand."""
        self.tallies[kind, number] = tally
        line = {"seed": self.seed, "kind": kind, "number": number, "tally": asdict(tally)}
        with self.path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(line) + "\n")
        print(f"\r{self.row(kind)} ", end="", file=sys.stderr, flush=True)

    def total(self, kind: Kind) -> Tally:
        """Everything that was done of a kind."""
        return sum((tally for (one, _), tally in self.tallies.items() if one == kind), Tally())

    def row(self, kind: Kind) -> str:
        """A line of the table."""
        total = self.total(kind)
        counts = (total.runs, total.strikes, total.replies, len(total.faults), total.doubts)
        return f"| {kind} | {' | '.join(format(count, ',') for count in counts)} |"


async def strike_at_random(
    arenas: Sequence[Arena],
    ledger: Ledger,
    kind: Kind,
    strikes: int,
    fresh_store: FreshStore,
    database: Database | None = None,
) -> None:
    """Make runs until somebody was struck *strikes* times in all."""
    numbers = count()

    async def go_on(arena: Arena) -> None:
        while ledger.total(kind).strikes < strikes:
            number = next(numbers)
            if (kind, number) in ledger.tallies:
                continue
            rng = Random(f"{ledger.seed} {kind} {number}")  # noqa: S311 - it is to be repeatable
            fate = Fate(rng)
            with fresh_store() as store:
                order = Order(
                    store=store,
                    strike_at=fate.next(),
                    strikes=kind.split()[-1],
                    again=database is not None,
                    every_statement=rng.random() < 0.5,
                    lease_seconds=2.0,
                )
                ended = await arena.play(crowd(rng), order, strikes=fate.next, database=database)
            tally = Tally()
            tally.add(f"{kind}, run {number} of seed {ledger.seed}", ended)
            ledger.write(kind, number, tally)

    await asyncio.gather(*map(go_on, arenas))
    print(file=sys.stderr)


async def strike_points(arenas: Sequence[Arena], kind: Kind, fresh_store: FreshStore, database: Database) -> Tally:
    """Try every crash point of every scenario."""
    order = Order(store="", strikes=kind.split()[-1])
    tallies = [
        await strike_everywhere(arenas, scenario, order, fresh_store, database=database)
        for scenario in EVERY_POINT.values()
    ]
    return sum(tallies, Tally())


@contextmanager
def _file() -> Iterator[str]:
    with TemporaryDirectory(prefix="botkit-struck-") as folder:
        yield str(Path(folder) / "botkit.db")


def _schema(url: Callable[[], str]) -> Callable[[], AbstractContextManager[str]]:
    @contextmanager
    def fresh() -> Iterator[str]:
        yield url()

    return fresh


async def _run(arguments: argparse.Namespace) -> int:
    ledger = Ledger.read(arguments.ledger, arguments.seed)
    print(f"seed {arguments.seed}, kept in {arguments.ledger}", file=sys.stderr)
    points: dict[Kind, Tally] = {}
    with postgres_server() as server:
        async with AsyncExitStack() as stack:
            arenas = [await stack.enter_async_context(Arena.open(120)) for _ in range(arguments.arenas)]
            fresh, both = _schema(server.url), arguments.postgres
            await strike_at_random(arenas, ledger, "SQLite, process", arguments.sqlite, _file)
            await strike_at_random(arenas, ledger, "PostgreSQL, process", both - both // 4, fresh)
            # One at a time where all would lose their database.
            await strike_at_random(arenas[:1], ledger, "PostgreSQL, database", both // 4, fresh, server)
            if arguments.points:
                points["PostgreSQL, process"] = await strike_points(arenas, "PostgreSQL, process", fresh, server)
                points["PostgreSQL, database"] = await strike_points(arenas[:1], "PostgreSQL, database", fresh, server)
    return _told(ledger, points)


def _told(ledger: Ledger, points: dict[Kind, Tally]) -> int:
    kinds: tuple[Kind, ...] = ("SQLite, process", "PostgreSQL, process", "PostgreSQL, database")
    print("| what is struck | runs | strikes | replies | faults | shown again, in doubt |\n|---|---|---|---|---|---|")
    for kind in kinds:
        print(ledger.row(kind))
    for kind, tally in points.items():
        print(f"every point, {kind}: {tally.strikes} strikes, {len(tally.faults)} faults, {tally.doubts} in doubt")
    faults = [fault for tally in (*map(ledger.total, kinds), *points.values()) for fault in tally.faults]
    print(*faults, sep="\n")
    return 1 if faults else 0


def main() -> int:
    """Strike, and say what came of it; the exit code is 1 if a promise was broken."""
    parser = argparse.ArgumentParser(
        prog="chaos", description="Kill processes and databases, and judge what users saw."
    )
    parser.add_argument("--sqlite", type=int, default=10_000, metavar="KILLS", help="random kills with SQLite")
    parser.add_argument(
        "--postgres", type=int, default=2_000, metavar="KILLS", help="the same; a quarter, the database's"
    )
    parser.add_argument("--points", action="store_true", help="try every crash point on PostgreSQL too")
    parser.add_argument("--seed", type=int, default=1, help="another one makes other runs")
    parser.add_argument("--arenas", type=int, default=2, help="how many victims live at once")
    parser.add_argument("--ledger", type=Path, default=Path("build/chaos.jsonl"), help="where what was done is kept")
    arguments = parser.parse_args()
    arguments.ledger.parent.mkdir(parents=True, exist_ok=True)
    return asyncio.run(_run(arguments))


if __name__ == "__main__":
    sys.exit(main())
