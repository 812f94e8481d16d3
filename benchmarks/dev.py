"""What a person waits for who makes a bot: the page, its answers, an edit, and the first reply of a new bot.

The page is usable when its files are served, its stream has told everything, and webhooks are taken.
"""

import asyncio
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path
from typing import Final

import aiohttp

from benchmarks.processes import PAGE, free_port, subject, webhook
from benchmarks.table import Figure, show

ROOT: Final = Path(__file__).parent.parent
STARTS, TALKS, MESSAGES, EDITS, NEW = 7, 5, 30, 7, 3
#: How a bot that is made by `botkit new` is greeted.
GREETING: Final = "hello"


def _imported() -> float:
    started = time.perf_counter()
    subprocess.run([sys.executable, "-c", "import aiohttp.web"], check=True)
    return time.perf_counter() - started


@contextmanager
def _dev(folder: Path) -> Iterator[str]:
    """`botkit run --dev` in *folder*, begun; gives where its page will be."""
    port = free_port()
    command = [sys.executable, "-m", "botkit", "run", "--dev", "--port", str(port), "--log-level", "ERROR"]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, cwd=folder, env=os.environ) as child:
        try:
            yield f"http://127.0.0.1:{port}/simulator"
        finally:
            child.terminate()


@asynccontextmanager
async def _stream(session: aiohttp.ClientSession, url: str) -> AsyncIterator[aiohttp.StreamReader]:
    """The page's stream of events, as soon as the server is there, after everything known was told."""
    while True:
        try:
            async with session.get(f"{url}/") as answer:
                assert (await answer.text()).startswith("<!doctype html>")
            break
        except aiohttp.ClientConnectionError:
            await asyncio.sleep(0.002)
    async with session.get(f"{url}/events") as stream:
        while not (await stream.content.readline()).startswith(b"event: ready"):
            pass
        yield stream.content


async def _usable(folder: Path) -> float:
    started = time.perf_counter()
    with _dev(folder) as url:
        async with aiohttp.ClientSession() as session, _stream(session, url):
            return time.perf_counter() - started


def start() -> Figure:
    """From the command to a usable page, with the bots of this project's bots.yaml."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "bots.yaml").write_bytes((ROOT / "bots.yaml").read_bytes())
        ratios = [asyncio.run(_usable(folder)) / _imported() for _ in range(STARTS)]
    return Figure(name="usable page / python -c 'import aiohttp.web'", ratios=ratios, most=4)


async def _shown(stream: aiohttp.StreamReader) -> None:
    """Return when the page is told of a reply."""
    while b'"kind": "shown"' not in await stream.readline():
        pass


async def _rest(stream: aiohttp.StreamReader) -> None:
    """Return when nothing happens any more: the reply, why it was given, and its statuses have been told."""
    with suppress(TimeoutError):
        while True:
            async with asyncio.timeout(0.1):
                await stream.readline()


async def _bare(session: aiohttp.ClientSession, url: str) -> float:
    """A signed webhook, until it is acknowledged."""
    head, _, body = webhook(0, 1).partition(b"\r\n\r\n")
    lines = [line.partition(": ")[::2] for line in head.decode().split("\r\n")[1:]]
    headers = {name: value for name, value in lines if name in ("Authorization", "Content-Type")}
    started = time.perf_counter()
    async with session.post(f"{url}/webhooks/inbound-message", data=body, headers=headers) as answer:
        assert answer.status == 200
    return time.perf_counter() - started


async def _said(session: aiohttp.ClientSession, url: str, stream: aiohttp.StreamReader) -> float:
    """What the page sends where its user says something, until it is told of the reply."""
    said = {"page": PAGE, "user": "ann", "kind": "text", "text": "hello Bob, how are you on this fine day?"}
    started = time.perf_counter()
    sending = asyncio.create_task(_posted(session, f"{url}/simulator/send", said))
    await _shown(stream)
    seconds = time.perf_counter() - started
    await sending
    return seconds


async def _posted(session: aiohttp.ClientSession, url: str, body: object) -> str:
    async with session.post(url, json=body) as answer:
        assert answer.ok, await answer.text()
        return await answer.text()


async def _talk(url: str) -> list[tuple[float, float]]:
    """Rounds of bare webhooks and of messages of the page, taken turn about: the median of each."""
    rounds = []
    async with aiohttp.ClientSession() as session, _stream(session, f"{url}/simulator") as stream:
        for number in range(TALKS + 1):
            bare, said = [], []
            for _ in range(MESSAGES):
                bare.append(await _bare(session, url))
                await _rest(stream)
                said.append(await _said(session, url, stream))
                await _rest(stream)
            if number:
                rounds.append((statistics.median(bare), statistics.median(said)))
    return rounds


def reply() -> tuple[Figure, str]:
    """From a message of the page to its reply there, against a bare signed POST to the same server."""
    with subject("dev", 0, 100) as port:
        rounds = asyncio.run(_talk(f"http://127.0.0.1:{port}"))
    ratios = [said / bare for bare, said in rounds]
    bare, said = (statistics.median(one) * 1_000 for one in zip(*rounds, strict=True))
    note = f"a bare signed POST {bare:.1f} ms, message to reply in the page {said:.1f} ms"
    return Figure(name="message to reply in the page / a bare signed POST", ratios=ratios, most=3), note


def _intents(answer: str) -> str:
    """A bot with 300 intents, the first of which says *answer*."""
    intents = {
        f"intent_{number}": {
            "phrases": [f"{verb} the {thing} number{number}" for verb in ("show me", "where is", "tell me about")],
            "reply": answer if number == 0 else f"Answer {number}.",
        }
        for number, thing in enumerate(f"{kind} of {place}" for kind in _KINDS for place in _PLACES)
    }
    return json.dumps({"version": "1", "bots": {"large": {"intents": intents, "fallback": "What?"}}}, indent=1)


_KINDS: Final = ("house", "garden", "river", "market", "castle", "bridge", "street", "school", "church", "tower")
_PLACES: Final = tuple(f"{first}{last}" for first in ("east", "west", "north", "south", "mid", "old") for last in
                       ("field", "ford", "ham", "wood", "bury"))  # fmt: skip


async def _edits(folder: Path, file: Path) -> list[float]:
    """The seconds from the moment that a file was written to the first reply with what it says."""
    with _dev(folder) as url:
        async with aiohttp.ClientSession() as session, _stream(session, url) as stream:
            return [await _edit(session, url, stream, file, f"Edited {number}.") for number in range(EDITS)]


async def _edit(
    session: aiohttp.ClientSession, url: str, stream: aiohttp.StreamReader, file: Path, answer: str
) -> float:
    said = {"page": "1", "user": "ann", "kind": "text", "text": "show me the house of eastfield number0"}
    file.write_text(_intents(answer))
    started = time.perf_counter()
    while True:
        await _posted(session, f"{url}/send", said)
        while b'"kind": "shown"' not in (line := await stream.readline()):
            pass
        if answer.encode() in line:
            return time.perf_counter() - started
        await asyncio.sleep(0.05)


def edit() -> Figure:
    """From an edit of bots.yaml at 300 intents to the reply that has it."""
    with tempfile.TemporaryDirectory() as name:
        folder, file = Path(name), Path(name) / "bots.yaml"
        file.write_text(_intents("As it was."))
        seconds = asyncio.run(_edits(folder, file))
    return Figure(name="seconds from an edit to the reply with it, at 300 intents", ratios=seconds, most=1)


def _made(folder: Path) -> float:
    """The seconds from `botkit new` to the first reply of what it made; nothing outside this machine can be asked."""
    environment = {**os.environ, "HOME": str(folder), "XDG_CACHE_HOME": str(folder / "cache")}
    botkit = [*_offline(), sys.executable, "-m", "botkit"]
    started = time.perf_counter()
    subprocess.run([*botkit, "new", "shop"], cwd=folder, env=environment, check=True, stdout=subprocess.DEVNULL)
    chat = subprocess.run(
        [*botkit, "chat"],
        cwd=folder / "shop",
        env=environment,
        check=True,
        capture_output=True,
        input=GREETING.encode(),
    )
    assert chat.stdout.strip()
    return time.perf_counter() - started


def _offline() -> list[str]:
    """What takes the network away from a command, where this machine lets us."""
    without = ["unshare", "--net"]
    try:
        return (
            without
            if subprocess.run([*without, "true"], check=False, stderr=subprocess.DEVNULL).returncode == 0
            else []
        )
    except OSError:
        return []


def new() -> Figure:
    """From `botkit new` to the first reply of the bot, with nothing kept from before."""
    seconds = []
    for _ in range(NEW):
        with tempfile.TemporaryDirectory() as name:
            seconds.append(_made(Path(name)))
    how = "offline" if _offline() else "the network was left on"
    return Figure(name=f"seconds from botkit new to the first reply, {how}", ratios=seconds, most=10)


def main() -> None:
    """Print the figures."""
    answered, note = reply()
    show("dev: what a person waits for", [start(), answered, edit(), new()], [note])


if __name__ == "__main__":
    main()
