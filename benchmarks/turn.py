"""A whole durable turn against an echo bot that only receives and POSTs.

botkit verifies, commits, routes, runs the handler, commits session and reply, POSTs and marks; the echo bot, written by
hand on aiohttp's server and client, does neither verify nor keep anything. botkit runs on uvloop, as `botkit run` does
where that is installed, and the echo bot on asyncio; both are measured on the other event loop too.
"""

from importlib.util import find_spec

from benchmarks.processes import Measured, Side, interleave
from benchmarks.table import Figure, show

ROUNDS = 5
UVLOOP = find_spec("uvloop") is not None
SIDES = {
    "echo": Side("echo"),
    "turn": Side("turn"),
    "turn on asyncio": Side("turn", loop="asyncio"),
    "turn of 10": Side("turn", phrases=10),
    "turn of 1,000": Side("turn", phrases=1_000),
    **({"echo on uvloop": Side("echo", loop="uvloop")} if UVLOOP else {}),
}


def main() -> None:
    """Print how much processor time a turn takes, as a multiple of the echo bot's."""
    rounds = [dict(zip(SIDES, interleave(*SIDES.values()), strict=True)) for _ in range(ROUNDS)]

    def figure(name: str, of: str, base: str, most: float | None = None) -> Figure:
        return Figure(name=name, ratios=[_ratio(one[of], one[base]) for one in rounds], most=most)

    show(
        "turn: verify, commit, route, handle, commit, POST, mark",
        [
            figure("CPU of a turn among 100 phrases / an aiohttp echo bot", "turn", "echo", most=1.6),
            figure("the same, both on asyncio", "turn on asyncio", "echo"),
            *([figure("the same, both on uvloop", "turn", "echo on uvloop")] if UVLOOP else []),
            figure("CPU of a turn among 1,000 phrases / among 10", "turn of 1,000", "turn of 10", most=1.15),
        ],
        [
            (
                f"echo {min(one['echo'].cpu_microseconds for one in rounds):.0f} us, "
                f"turn {min(one['turn'].cpu_microseconds for one in rounds):.0f} us a message; "
                f"{max(one['echo'].per_second for one in rounds):.0f} and "
                f"{max(one['turn'].per_second for one in rounds):.0f} a second"
            )
        ],
    )


def _ratio(one: Measured, other: Measured) -> float:
    return one.cpu_microseconds / other.cpu_microseconds


if __name__ == "__main__":
    main()
