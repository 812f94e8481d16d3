"""Many runs: every crash point of a scenario one after the other, and what became of each."""

import asyncio
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager
from itertools import count

from attrs import asdict, define, evolve, field

from chaos.arena import Arena, Database, Ended
from chaos.scenarios import Scenario
from chaos.victim import Order

#: Makes the URL of an empty store, and removes what it made.
FreshStore = Callable[[], AbstractContextManager[str]]


@define
class Tally:
    """How many runs there were, how often somebody was struck, how many replies were taken, and what went wrong.

    *doubts* counts the replies that were shown again, as promised; *faults* are sentences.
    """

    runs: int = 0
    strikes: int = 0
    replies: int = 0
    doubts: int = 0
    faults: list[str] = field(factory=list)

    def add(self, name: str, ended: Ended) -> None:
        """Count a run, which *name* tells how to repeat."""
        self.runs += 1
        self.strikes += ended.strikes
        self.replies += len(ended.history.taken)
        self.doubts += len(ended.verdict.doubted)
        if not ended.verdict.is_kept:
            where = ", ".join(death.point for death in ended.history.deaths)
            self.faults.append(f"{name}, struck at {where or 'no point'}: {ended.verdict}")

    def __add__(self, other: "Tally") -> "Tally":
        mine, others = asdict(self), asdict(other)
        return Tally(**{name: mine[name] + others[name] for name in mine})


async def strike_everywhere(
    arenas: Sequence[Arena],
    scenario: Scenario,
    order: Order,
    fresh_store: FreshStore,
    *,
    numbers: Iterator[int] | None = None,
    database: Database | None = None,
) -> Tally:
    """Run *scenario* once for each of *numbers*, by default 1, 2, …, struck at that point, until there is none so late.

    The runs are shared out among the *arenas*.
    """
    tally, left, past = Tally(), numbers or count(1), asyncio.Event()

    async def strike(arena: Arena) -> None:
        while not past.is_set():
            number = next(left)
            with fresh_store() as store:
                wanted = evolve(order, store=store, strike_at=number)
                ended = await arena.play(scenario, wanted, database=database)
            tally.add(f"point {number}", ended)
            if not ended.strikes:
                past.set()

    await asyncio.gather(*map(strike, arenas))
    return tally
