"""A line of a transcript, as `botkit test` plays it, against a whole durable turn of a server."""

import json
import os
import resource
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Final

from benchmarks.processes import measure
from benchmarks.table import Figure, show

ROUNDS: Final = 5
FEW, MANY = 50, 2_050
SAID: Final = "> hello Bob, how are you on this fine day?\n< Hello Bob, how are you on this fine day!\n"


def _bots() -> str:
    """What the server that is measured answers, as bots.yaml."""
    others = {
        f"other{number}": {"phrases": [f"what about [the] thing number{number} {{x:word}}"], "reply": "{x}"}
        for number in range(99)
    }
    hello = {"hello": {"phrases": ["hello {name}"], "reply": "Hello {name}!"}}
    return json.dumps({"version": "1", "bots": {"measured": {"intents": hello | others}}})


def _cpu_seconds(folder: Path, lines: int) -> float:
    """The processor time of `botkit test` on one conversation of so many messages."""
    transcript = folder / "measured.chat.txt"
    transcript.write_text(f"# hello\n{SAID * lines}")
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(
        [sys.executable, "-m", "botkit", "test", transcript], check=True, stdout=subprocess.DEVNULL, env=os.environ
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> None:
    """Print how much processor time a line takes, as a multiple of a turn's."""
    lines, turns = [], []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "bots.yaml").write_text(_bots())
        for _ in range(ROUNDS):
            turns.append(measure("turn", replies=True).cpu_microseconds)
            # What starting costs is in both, and is no line's.
            many, few = _cpu_seconds(folder, MANY), _cpu_seconds(folder, FEW)
            lines.append((many - few) / (MANY - FEW) * 1e6)
    ratios = [line / turn for line, turn in zip(lines, turns, strict=True)]
    note = f"a line {min(lines):.0f} us, a turn {min(turns):.0f} us"
    show(
        "transcripts: what is said and what is expected",
        [Figure(name="CPU of a line / of a turn", ratios=ratios, most=2)],
        [note],
    )


if __name__ == "__main__":
    main()
