"""A whole durable turn against an echo bot that only receives and POSTs.

botkit verifies, commits, routes, runs the handler, commits session and reply, POSTs and marks; the echo bot, written by
hand on aiohttp's server and client, does neither verify nor keep anything. botkit runs on uvloop, as `botkit run` does
where that is installed, and the echo bot on asyncio; both are measured on the other event loop too.
"""

from collections.abc import Sequence
from importlib.util import find_spec

from benchmarks.processes import Measured, measure
from benchmarks.table import Figure, show

ROUNDS = 5
UVLOOP = find_spec("uvloop") is not None


def main() -> None:
    """Print how much processor time a turn takes, as a multiple of the echo bot's."""
    echo, ten, hundred, thousand = [], [], [], []
    plain, fast_echo = [], []
    for _ in range(ROUNDS):
        echo.append(measure("echo", replies=True))
        hundred.append(measure("turn", phrases=100, replies=True))
        plain.append(measure("turn", phrases=100, replies=True, loop="asyncio"))
        if UVLOOP:
            fast_echo.append(measure("echo", replies=True, loop="uvloop"))
        ten.append(measure("turn", phrases=10, replies=True))
        thousand.append(measure("turn", phrases=1_000, replies=True))
    base = [one.cpu_microseconds for one in echo]
    show(
        "turn: verify, commit, route, handle, commit, POST, mark",
        [
            Figure(
                name="CPU of a turn among 100 phrases / an aiohttp echo bot",
                ratios=[one.cpu_microseconds / at for one, at in zip(hundred, base, strict=True)],
                most=1.6,
            ),
            Figure(
                name="the same, both on asyncio",
                ratios=[one.cpu_microseconds / at for one, at in zip(plain, base, strict=True)],
            ),
            *_on_uvloop(hundred, fast_echo),
            Figure(
                name="CPU of a turn among 1,000 phrases / among 10",
                ratios=[a.cpu_microseconds / b.cpu_microseconds for a, b in zip(thousand, ten, strict=True)],
                most=1.15,
            ),
        ],
        [
            (
                f"echo {min(base):.0f} us, turn {min(one.cpu_microseconds for one in hundred):.0f} us a message; "
                f"{max(one.per_second for one in echo):.0f} and {max(one.per_second for one in hundred):.0f} a second"
            )
        ],
    )


def _on_uvloop(turn: Sequence[Measured], echo: Sequence[Measured]) -> list[Figure]:
    if not echo:
        return []
    ratios = [one.cpu_microseconds / other.cpu_microseconds for one, other in zip(turn, echo, strict=True)]
    return [Figure(name="the same, both on uvloop", ratios=ratios)]


if __name__ == "__main__":
    main()
