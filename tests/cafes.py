"""What tests of reloading share: a café whose bots come from a folder, and somebody who asks it."""

import asyncio
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from attrs import define, field

from botkit import App
from botkit.events import Address, Message
from botkit.loading import load
from botkit.reload import Reloaded, Reloader, Sources
from botkit.settings import Settings
from botkit.testing.messenger import Messenger

ANN = Address("messenger", "41", "ann")
YAML = """
version: 1
bots:
  cafe:
    pages: ["41"]
    intents:
      hours: {phrases: [when], reply: ANSWER}
    fallback: What?
"""
PYTHON = """
version: 1
bots:
  cafe:
    pages: ["41"]
    python: MODULE:bot
"""
MODULE = """
from botkit import Bot
from OTHER import PRICE

bot = Bot("cafe")


@bot.resource
async def till():
    opened.append("open")
    yield "till"
    opened.append("close")


opened = []


@bot.intent("count")
async def count(chat, till):
    chat.session["count"] = chat.session.get("count", 0) + 1
    return f"{chat.session['count']} at {PRICE}"


@bot.intent("order")
async def order(chat):
    size = await chat.ask("Small or large?")
    return f"A {size} one at {PRICE}."
"""


@define
class Cafe:
    """An app whose bots come from a folder."""

    folder: Path
    app: App
    messenger: Messenger
    reloader: Reloader
    told: list[Reloaded] = field(factory=list)
    said: int = 0

    def write(self, answer: str) -> None:
        """Change what the café says."""
        (self.folder / "bots.yaml").write_text(YAML.replace("ANSWER", answer))

    async def ask(self, text: str) -> str:
        """Ask as ann; returns the one reply."""
        self.said += 1
        before = len(self.messenger.shown(ANN))
        await self.app.store.accept(Message(id=f"m{self.said}", address=ANN, kind="text", text=text))
        async with asyncio.timeout(10):
            while len(self.messenger.shown(ANN)) == before:
                await asyncio.sleep(0.005)
        return self.messenger.shown(ANN)[-1].text


Opened = Callable[..., "Cafe"]


def built(folder: Path, *, python: bool = True, read_at: datetime | None = None) -> Cafe:
    """The café of *folder*, still to be opened; *read_at* as in Reloader."""
    loaded = load(folder / "bots.yaml", secrets=False)
    messenger = Messenger()
    app = App(loaded.bots, settings=Settings(store=":memory:"), channel=messenger)
    told: list[Reloaded] = []
    reloader = Reloader(
        lambda: load(folder / "bots.yaml", secrets=False),
        loaded=loaded,
        sources=Sources(folder / "bots.yaml", python=python),
        replace=lambda fresh: app.replace(fresh.bots),
        told=told.append,
        read_at=read_at,
    )
    return Cafe(folder, app, messenger, reloader, told)


async def watched(folder: Path) -> None:
    """Wait until the system watches *folder*, which only Linux tells."""
    descriptors = Path("/proc/self/fdinfo")
    if not descriptors.is_dir():
        await asyncio.sleep(0.3)
        return
    async with asyncio.timeout(20):
        while f" ino:{folder.stat().st_ino:x} " not in "".join(map(_told_of, descriptors.iterdir())):
            await asyncio.sleep(0.01)


def _told_of(descriptor: Path) -> str:
    try:
        return descriptor.read_text()
    except OSError:  # it was closed meanwhile
        return ""


async def changed(cafe: Cafe, count: int) -> None:
    """Wait until there were *count* reloads."""
    async with asyncio.timeout(20):
        while len(cafe.told) < count:
            await asyncio.sleep(0.01)
