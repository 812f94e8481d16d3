"""Real processes: `botkit run` as its users start it, against a simulator that is a server of its own."""

import asyncio
import json
import os
import signal
import socket
import sys
from asyncio.subprocess import Process
from collections.abc import AsyncIterator, Mapping
from contextlib import suppress
from pathlib import Path
from random import randrange
from typing import Protocol

import pytest
from attrs import define, field

from botkit.settings import Account
from botkit.simulator import Simulator

PAGE = "1070"

COUNTING = """
import asyncio
import os
import re
import time
from pathlib import Path

from botkit import Bot

bot = Bot()


@bot.intent("count {number:int}")
async def count(chat, number):
    chat.session["seen"] = [*chat.session.get("seen", []), number]
    return f"{number} after {len(chat.session['seen']) - 1}"


@bot.intent("slow")
def slow(chat):
    time.sleep(2)
    return "at last"


@bot.intent("stall")
async def stall(chat):
    open("stalled", "w").close()
    while True: pass


@bot.intent("hoard")
async def hoard(chat):
    return len(bytearray(1 << 30))


@bot.intent("pause {number:int}")
async def pause(chat, number):
    Path("paused").touch()
    while not Path("go").exists():
        await asyncio.sleep(0.01)
    return await count(chat, number)


@bot.intent("vanish")
async def vanish(chat):
    os._exit(1)


@bot.intent("backtrack")
async def backtrack(chat):
    return re.fullmatch("(a+)+", "a" * 60 + "b")


@bot.intent("hang")
def hang(chat):
    Path("hangs").touch()
    time.sleep(300)


@bot.intent("hang elsewhere")
async def hang_elsewhere(chat):
    await asyncio.to_thread(hang, chat)


@bot.intent("quick")
async def quick(chat):
    return "at once"


@bot.intent("stumble over {what}")
async def stumble(chat, what):
    return {}[what]


@bot.on("unsupported")
def unsupported(chat):
    return "what is that?"


@bot.fallback
def fallback(chat):
    return f"got {chat.message.kind}"
"""


@define
class Running:
    """One `botkit run`, which can be killed, stopped and started again on the same port and store."""

    folder: Path
    port: int
    process: Process | None = None
    store: str | None = None
    environment: Mapping[str, str] = field(factory=dict)

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self.port}"

    async def start(self) -> None:
        """Start it and wait until it takes webhooks."""
        command = ["-m", "botkit", "run", "bots.yaml", "--port", str(self.port), "--log-level", "WARNING"]
        command += [] if self.store is None else ["--store", self.store]
        log = (self.folder / "log.txt").open("ab")
        self.process = await asyncio.create_subprocess_exec(
            *(sys.executable, *command),
            cwd=self.folder,
            env={**os.environ, **self.environment},
            stdout=asyncio.subprocess.PIPE,
            stderr=log,
        )
        log.close()
        assert self.process.stdout is not None
        line = await self.process.stdout.readline()
        assert b"botkit listens on" in line, (self.folder / "log.txt").read_text()

    async def end(self, number: signal.Signals) -> int:
        """Send it a signal and wait for its end; returns its exit code."""
        assert self.process is not None
        if self.process.returncode is None:
            self.process.send_signal(number)
        await self.process.communicate()
        return self.process.returncode or 0


def configuration(account: Account, pages: list[str], key_file: Path, lease_seconds: float) -> str:
    """The bots.yaml that sends through the simulator's *account*; JSON is YAML."""
    vonage = {
        "application_id": account.application_id,
        "private_key": str(key_file),
        "api_key": account.api_key,
        "signature_secret": account.signature_secrets[0],
        "base_url": account.base_url,
        "messages_per_second": "1000",
    }
    # A handler's time goes on while its process is stopped, which the long form of a test does for a minute.
    bots = {"counting": {"pages": pages, "python": "counting:bot", "handler_timeout_seconds": "120"}}
    seconds = {"doubt_seconds": "2", "lease_seconds": str(lease_seconds)}
    return json.dumps({"version": "1", "vonage": vonage, "bots": bots, **seconds}, indent=1)


@pytest.fixture
async def simulator() -> AsyncIterator[Simulator]:
    """A simulator that delivers webhooks, and tries them again soon."""
    async with Simulator(retry_factor=0.02, page=PAGE) as simulator:
        yield simulator


class Run(Protocol):
    """Starts `botkit run` for *pages*, on the file's own store or on another, with more in its *environment*.

    *code* is deployed before; what runs already goes on with what it was started with.
    """

    async def __call__(
        self,
        pages: list[str],
        store: str | None = None,
        *,
        lease_seconds: float = 30,
        code: str = COUNTING,
        **environment: str,
    ) -> Running: ...


def free_port() -> int:
    """A port that is free, and so is the next, for metrics: below those that connections are given."""
    while True:
        port = randrange(20_000, 32_000, 2)
        with (
            suppress(OSError),
            socket.create_server(("127.0.0.1", port)),
            socket.create_server(("127.0.0.1", port + 1)),
        ):
            return port


@pytest.fixture
async def run(simulator: Simulator, tmp_path: Path) -> AsyncIterator[Run]:
    """Start `botkit run` for a list of pages."""
    started: list[Running] = []

    async def begin(
        pages: list[str],
        store: str | None = None,
        *,
        lease_seconds: float = 30,
        code: str = COUNTING,
        **environment: str,
    ) -> Running:
        port = free_port()
        key_file = tmp_path / "application key"
        key_file.write_text(simulator.private_key_pem or "")
        (tmp_path / "counting.py").write_text(code)
        (tmp_path / "bots.yaml").write_text(configuration(simulator.account, pages, key_file, lease_seconds))
        running = Running(tmp_path, port, store=store, environment=environment)
        simulator.inbound_url = f"{running.url}/webhooks/inbound-message"
        simulator.status_url = f"{running.url}/webhooks/message-status"
        started.append(running)
        await running.start()
        return running

    yield begin
    for running in started:
        await running.end(signal.SIGKILL)


@pytest.fixture
async def running(run: Run) -> Running:
    """A running bot that counts, on one page."""
    return await run([PAGE])
