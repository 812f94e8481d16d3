"""Taking webhooks, against a bare aiohttp handler that parses JSON and answers 200.

What a shared commit gains depends on what a flush takes. So this disk's is printed, and where a C compiler is at hand
both sides are measured as with other disks too: the same calls, each of which sleeps when it is done.
"""

import sys
from pathlib import Path

from benchmarks.disk import flush_microseconds, slow_disks, slowed
from benchmarks.processes import Side, interleave, measure
from benchmarks.table import Figure, show

ROUNDS = 5
#: What flushes of other disks take: of good and of common solid ones in servers, of those in networks.
MILLISECONDS = (0.5, 1, 2, 5)
SLOW_ROUNDS = 3


def main() -> None:
    """Print what verification and durability cost."""
    sides = [Side(kind, replies=False) for kind in ("bare", "verified", "intake", "each")]
    bare, verified, durable, each = zip(*(interleave(*sides) for _ in range(ROUNDS)), strict=True)
    show(
        "intake: webhook to 200",
        [
            Figure(
                name="CPU of verified intake without commit / bare aiohttp",
                ratios=[a.cpu_microseconds / b.cpu_microseconds for a, b in zip(verified, bare, strict=True)],
                most=2.8,
            ),
            Figure(
                name="requests a second, durable (FULL, group commit) / bare aiohttp",
                ratios=[a.per_second / b.per_second for a, b in zip(durable, bare, strict=True)],
                least=0.25,
            ),
            Figure(
                name="requests a second, durable / a commit for each request",
                ratios=[a.per_second / b.per_second for a, b in zip(durable, each, strict=True)],
                least=5.0,
            ),
            # What sharing commits could gain at most, were the shared ones free. Below 5 this disk is too fast to tell.
            Figure(
                name="its limit: requests a second, nothing kept / a commit for each",
                ratios=[a.per_second / b.per_second for a, b in zip(verified, each, strict=True)],
            ),
        ],
        [
            (
                f"bare {min(one.cpu_microseconds for one in bare):.0f} us, "
                f"verified {min(one.cpu_microseconds for one in verified):.0f} us; "
                f"a flush of this disk takes {flush_microseconds():.0f} us"
            )
        ],
    )
    show_other_disks()


def show_other_disks() -> None:
    """Print what a shared commit gains where a flush takes longer, or not so long."""
    with slow_disks() as library:
        if library is None:
            print("SKIPPED, other disks: that takes Linux, /dev/shm and a C compiler called cc", file=sys.stderr)
        else:
            _show_other_disks(library)


def _show_other_disks(library: Path) -> None:
    figures, notes = [], []
    for milliseconds in MILLISECONDS:
        environment = slowed(library, milliseconds)
        rounds = [
            (
                measure("intake", environment=environment).per_second,
                measure("each", messages=600, environment=environment).per_second,
            )
            for _ in range(SLOW_ROUNDS)
        ]
        name = f"flushes of {milliseconds} ms: durable / a commit for each request"
        figures.append(Figure(name=name, ratios=[shared / each for shared, each in rounds], least=5.0))
        shared, each = (max(one) for one in zip(*rounds, strict=True))
        took = flush_microseconds(environment) / 1_000
        notes.append(f"a flush takes {took:.2f} ms: durable {shared:,.0f} a second, a commit for each {each:,.0f}")
    show("intake: the same, had this disk other flushes", figures, notes)


if __name__ == "__main__":
    main()
