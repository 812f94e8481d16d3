"""The servers that are measured, each in a process of its own: ``python -m benchmarks.subject KIND UPSTREAM_PORT``.

It prints its port, serves, and answers ``GET /cpu`` with the seconds of processor time it has used.
"""

import asyncio
import os
import sqlite3
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Collection
from functools import partial
from importlib.util import find_spec
from itertools import count
from pathlib import Path

import aiohttp
from aiohttp import web
from attrs import evolve

from benchmarks.processes import API_KEY, LOOP_ENV, PAGE, PHRASES_ENV, SECRET
from botkit import Bot, Chat
from botkit.app import App
from botkit.cli import dev
from botkit.config import Configuration
from botkit.events import Event
from botkit.observe import SystemClock
from botkit.serving.listening import Listening, bind, serve
from botkit.settings import Account, Settings
from botkit.simulator import Simulator, keys
from botkit.stores import Engine, open_store
from botkit.stores.rows import event_text
from botkit.work import Allowance, Backlog, Delivery, Notice, Work


async def cpu(request: web.Request) -> web.Response:
    """The processor time used so far, all threads, user and system."""
    return web.Response(text=str(time.process_time()))


def bare(upstream: int) -> web.Application:
    """A JSON handler, as anybody would write it."""

    async def inbound(request: web.Request) -> web.Response:
        await request.json()
        return web.Response()

    application = web.Application()
    application.router.add_post("/webhooks/inbound-message", inbound)
    return application


def echo(upstream: int) -> web.Application:
    """An echo bot, as anybody would write it: it receives, answers 200 and POSTs with aiohttp's client."""
    tasks: set[asyncio.Task[None]] = set()

    async def session(application: web.Application) -> AsyncIterator[None]:
        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=64)) as application[SESSION]:
            yield

    async def answer(payload: dict[str, str]) -> None:
        body = {
            "channel": "messenger",
            "message_type": "text",
            "to": payload["from"],
            "from": payload["to"],
            "text": payload["text"],
        }
        async with application[SESSION].post(f"http://127.0.0.1:{upstream}/v1/messages", json=body) as response:
            await response.json()

    async def inbound(request: web.Request) -> web.Response:
        task = asyncio.create_task(answer(await request.json()))
        tasks.add(task)
        task.add_done_callback(tasks.discard)
        return web.Response()

    application = web.Application()
    application.router.add_post("/webhooks/inbound-message", inbound)
    application.cleanup_ctx.append(session)
    return application


SESSION = web.AppKey("session", aiohttp.ClientSession)


def _account(upstream: int) -> Account:
    return Account(
        application_id="measured",
        private_key=keys.private_pem(keys.new_private_key()),
        api_key=API_KEY,
        signature_secrets=(SECRET,),
        base_url=f"http://127.0.0.1:{upstream}",
        messages_per_second=1_000_000,
    )


class Forgetful:
    """A store that keeps nothing, so that intake can be measured without one."""

    async def open(self) -> None:
        """Nothing to open."""

    async def close(self) -> None:
        """Nothing to close."""

    async def accept(self, event: Event, *, set_aside: str | None = None) -> bool:
        """Take it and forget it."""
        return True

    async def claim(self, limit: int, *, suspects: int | None = None) -> list[Work]:
        """There is never anything to do."""
        return []

    async def know(self, knowledge: Collection[str]) -> None:
        """There is nobody else."""

    async def leave(self, work: Work, needed: Collection[str]) -> bool:
        """There is nobody to leave it to."""
        return False

    async def deliveries(self, allowance: Allowance) -> list[Delivery]:
        """There is never anything to send."""
        return []

    async def wait(self, what: str, timeout_seconds: float) -> None:
        """Rest."""
        await asyncio.sleep(timeout_seconds)

    async def backlog(self) -> Backlog:
        """Nothing waits."""
        return Backlog()

    async def adopt(self, channel: str, page: str | None = None) -> int:
        """Nothing was set aside."""
        return 0

    async def notices(self, limit: int) -> list[Notice]:
        """There is nobody to be told of anything."""
        return []

    async def secret(self) -> bytes:
        """Nothing that it signs is kept."""
        return b"a secret that is forgotten"

    async def prune(self, limit: int = 500) -> int:
        """Nothing to forget."""
        return 0


class Keeping(Forgetful):
    """A store that keeps what comes in as botkit's does, and hands nothing out."""

    def __init__(self) -> None:
        self._store = open_store(_store(), clock=SystemClock())

    async def open(self) -> None:
        """Open the file."""
        await self._store.open()

    async def close(self) -> None:
        """Close the file."""
        await self._store.close()

    async def accept(self, event: Event, *, set_aside: str | None = None) -> bool:
        """Keep it, in a commit that it shares."""
        return await self._store.accept(event, set_aside=set_aside)


class Committing(Forgetful):
    """A store that keeps what comes in by a commit for each, as anybody would write it."""

    async def open(self) -> None:
        """Open a file, as safe as botkit's."""
        self._db = sqlite3.connect(_store(), isolation_level=None)
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=FULL")
        self._db.execute("CREATE TABLE events (id TEXT PRIMARY KEY, body TEXT)")

    async def accept(self, event: Event, *, set_aside: str | None = None) -> bool:
        """Keep it, in a commit of its own."""
        self._db.execute("INSERT OR IGNORE INTO events VALUES (?, ?)", (event.id, event_text(event)))
        return True


def _bot(phrases: int) -> Bot:
    bot = Bot("measured", pages=[PAGE])

    @bot.intent("hello {name}")
    async def hello(chat: Chat, name: str) -> str:
        chat.session["count"] = int(str(chat.session.get("count", 0))) + 1
        return f"Hello {name}!"

    @bot.intent("book a table")
    async def book(chat: Chat) -> None:
        for number in count():
            await chat.ask(f"Question {number}?", type=int, name=f"q{number}")

    @bot.intent("leave a note")
    async def note(chat: Chat) -> None:
        for number in count():
            await chat.ask(f"Note {number}?", name=f"q{number}")

    for number in range(phrases - 3):
        bot.intent(f"what about [the] thing number{number} {{x:word}}", name=f"other{number}")(_other)
    return bot


async def _other(chat: object, x: str) -> str:
    return x


def verified(upstream: int) -> App:
    """Botkit's intake with a store that keeps nothing."""
    return _app(upstream, store=Forgetful())


def intake(upstream: int) -> App:
    """Botkit's durable intake, and nothing after the 200."""
    return _app(upstream, store=Keeping())


def each(upstream: int) -> App:
    """The same with a commit of its own for every request."""
    return _app(upstream, store=Committing())


def turn(upstream: int) -> App:
    """All of botkit: verify, keep, route, handle, commit, POST, mark."""
    return _app(upstream)


def _app(upstream: int, store: Forgetful | None = None) -> App:
    settings = Settings(store=_store(), accounts=(_account(upstream),))
    engine: Engine | None = store  # type: ignore[assignment]  # as much of a store as intake asks for
    return App(_bot(int(os.environ.get(PHRASES_ENV, "100"))), settings=settings, store=engine)


KINDS = {one.__name__: one for one in (bare, echo, verified, intake, each, turn)}


async def _serve_dev() -> None:
    """All of `botkit run --dev`, with a simulator whose webhooks the load can sign too."""
    simulator = partial(Simulator, application_id="measured", api_key=API_KEY, signature_secret=SECRET)
    dev.Simulator = simulator  # type: ignore[assignment,attr-defined]  # called alike
    bots = Configuration(settings=Settings(store=_store()), bots=(_bot(int(os.environ[PHRASES_ENV])),))
    listening = Listening("127.0.0.1", 0, bind("127.0.0.1", 0))
    port = listening.socket.getsockname()[1]
    launch = dev.Launch(config="bots.yaml", loaded=bots, settings=bots.settings, listening=evolve(listening, port=port))
    await dev.serve_dev(launch, lambda settings: print(port, flush=True))


def _store() -> str:
    return str(Path(tempfile.mkdtemp()) / "store.db")


async def _serve(kind: str, upstream: int) -> None:
    if kind == "dev":
        await _serve_dev()
        return
    subject = KINDS[kind](upstream)
    if isinstance(subject, App):
        # As `botkit run` serves it.
        listening = Listening("127.0.0.1", 0, bind("127.0.0.1", 0))
        announce = partial(print, listening.socket.getsockname()[1], flush=True)
        await serve(subject, listening, mount=[web.get("/cpu", cpu)], announce=announce)
        return
    subject.router.add_get("/cpu", cpu)
    runner = web.AppRunner(subject, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    print(runner.addresses[0][1], flush=True)
    await asyncio.Event().wait()


def _loop(kind: str, loop: str) -> Callable[[], asyncio.AbstractEventLoop]:
    """What is written by hand runs on asyncio, botkit on what `botkit run` takes: uvloop, where that is installed."""
    if loop == "asyncio" or (not loop and (kind in ("bare", "echo", "dev") or find_spec("uvloop") is None)):
        return asyncio.new_event_loop
    import uvloop  # noqa: PLC0415 - an extra, which need not be there

    factory: Callable[[], asyncio.AbstractEventLoop] = uvloop.new_event_loop
    return factory


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=_loop(sys.argv[1], os.environ[LOOP_ENV])) as runner:
        runner.run(_serve(sys.argv[1], int(sys.argv[2])))
