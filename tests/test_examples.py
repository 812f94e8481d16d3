"""Every example is started as its first line says, and talked to as its transcript says."""

import asyncio
import re
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import pytest

from botkit.testing.transcripts import find_transcripts, read_transcript, read_transcripts, run_transcripts
from botkit.testing.transcripts.steps import Answered, Said

ROOT = Path(__file__).parent.parent
EXAMPLES = {
    "faq": "examples/faq/bots.yaml",
    "orders": "examples.orders.bot:bot",
    "bakery": "examples/bakery/bots.yaml",
    "parcels": "examples/parcels/bots.yaml",
    "guesthouse": "examples/guesthouse/bots.yaml",
    "the sample": "bots.yaml",
}


def said_and_answered(path: Path) -> list[tuple[str, list[str]]]:
    """What the first test of a transcript says, and what is to be answered."""
    turns: list[tuple[str, list[str]]] = []
    for step in read_transcript(path.read_text("utf-8"), file=path.name).tests[0].steps:
        if isinstance(step, Said):
            turns.append((step.text, []))
        elif isinstance(step, Answered):
            turns[-1][1].append(step.text)
    return turns


@asynccontextmanager
async def running(config: str, store: Path, said: list[str] | None = None) -> AsyncIterator[str]:
    """Run `botkit run --dev CONFIG` and give its address; what it says at first is added to *said*."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    command = ["-m", "botkit", "run", config, "--dev", "--port", str(port), "--store", str(store)]
    process = await asyncio.create_subprocess_exec(
        sys.executable, *command, cwd=ROOT, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL
    )
    assert process.stdout is not None
    try:
        while not (line := await process.stdout.readline()).startswith(b"Ctrl-C"):
            assert line, "botkit run ended"
            if said is not None:
                said.append(line.decode().strip())
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        await process.wait()


TRANSCRIPTS = find_transcripts([ROOT / "bots.chat.txt", ROOT / "examples"])


def test_every_example_has_a_transcript() -> None:
    """And so has the bot that `make run` starts."""
    folders = {path.parent for path in TRANSCRIPTS}

    assert folders == {
        ROOT,
        *(path for path in (ROOT / "examples").iterdir() if any(path.glob("*.py")) or any(path.glob("*.yaml"))),
    }


@pytest.mark.parametrize("path", TRANSCRIPTS, ids=[path.name for path in TRANSCRIPTS])
async def test_an_example_answers_as_it_says(path: Path) -> None:
    """Every test of its transcript passes, on the bench."""
    (tried,) = await run_transcripts(read_transcripts([path]))

    assert [(played.test.name, played.passed) for played in tried.played] == [
        (test.name, True) for test in tried.transcript.tests
    ]
    assert tried.passed


@pytest.mark.acceptance
@pytest.mark.parametrize("name", ["faq", "orders", "bakery", "parcels"])
async def test_an_example_answers_as_its_transcript_says(name: str, tmp_path: Path) -> None:
    """The example runs, and says what is written."""
    turns = said_and_answered(ROOT / "examples" / name / f"{name}.chat.txt")
    async with running(EXAMPLES[name], tmp_path / "example.db") as url, aiohttp.ClientSession() as session:
        answers = []
        for said, _ in turns:
            async with session.post(f"{url}/simulator/say", data=said) as answer:
                answers.append((said, await answer.text()))

    assert answers == [(said, "".join(f"{line}\n" for line in answered)) for said, answered in turns]


@pytest.mark.acceptance
async def test_the_curl_line_that_is_printed_works_again_and_again(tmp_path: Path) -> None:
    """What `make run` tells a newcomer to paste gives an answer each time."""
    async with running(EXAMPLES["the sample"], tmp_path / "sample.db") as url, aiohttp.ClientSession() as session:
        answers = []
        for _ in range(2):
            async with session.post(f"{url}/simulator/say", data="hello") as answer:
                answers.append(await answer.text())
        async with session.post(f"{url}/simulator/say", data="hello", headers={"Host": "evil.example"}) as rebound:
            refused = rebound.status

    assert answers[0] == answers[1]
    assert re.match(r"Hello! This is the bakery", answers[0])
    assert refused == 403


@pytest.mark.acceptance
@pytest.mark.parametrize(
    ("name", "ending"),
    [("orders", " chat --config examples.orders.bot:bot"), ("the sample", " chat")],
)
async def test_the_chat_that_is_printed_is_with_the_bot_that_runs(name: str, ending: str, tmp_path: Path) -> None:
    """Whoever runs another bot than that of bots.yaml is told how to chat with it."""
    said: list[str] = []
    async with running(EXAMPLES[name], tmp_path / "example.db", said):
        pass

    assert any(line.endswith(f"botkit{ending}") for line in said)
