"""What is shown of a handler that raises: a traceback to who writes the bot, and nobody's words to anybody else."""

import asyncio
import signal
import socket
import sys
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from botkit.simulator import Simulator
from botkit.simulator.webhooks import inbound

pytestmark = pytest.mark.acceptance

CLUMSY = """
from botkit import Bot

bot = Bot("clumsy")


@bot.fallback
def clumsy(chat):
    raise ValueError("cannot bake " + chat.text)
"""


async def test_the_traceback_is_shown_in_development(tmp_path: Path) -> None:
    """In the terminal in which `botkit run --dev` runs, with the line that raised and what it said."""
    (tmp_path / "clumsy.py").write_text(CLUMSY)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "botkit", "run", "clumsy:bot", "--dev", "--port", str(port)),
        cwd=tmp_path,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    async with asyncio.timeout(30):
        while not (await process.stdout.readline()).startswith(b"Ctrl-C"):
            pass
    url = f"http://127.0.0.1:{port}/simulator/say"
    async with aiohttp.ClientSession() as session, session.post(url, data="seventeen cakes") as answer:
        said = await answer.text()
    process.send_signal(signal.SIGTERM)
    _, errors = await process.communicate()

    assert said.startswith("Sorry")
    assert "Traceback (most recent call last):" in errors.decode()
    assert 'raise ValueError("cannot bake " + chat.text)' in errors.decode()
    assert "ValueError: cannot bake seventeen cakes" in errors.decode()


async def test_nobodys_words_are_logged_in_production(simulator: Simulator, run: Any) -> None:
    """The log of `botkit run` names the handler and the line, and neither traceback nor what the user wrote."""
    running = await run(["1070"])
    payload = inbound("v1", page="1070", user="ann", now=simulator.clock.now(), text="stumble over seventeen")
    await simulator.deliver(payload)
    await simulator.wait_for(1, page="1070", user="ann", timeout_seconds=30)
    await running.end(signal.SIGTERM)
    log = (running.folder / "log.txt").read_text()

    assert "handler 'stumble' raised KeyError at counting.py:" in log
    assert ("seventeen" in log, "Traceback" in log) == (False, False)
