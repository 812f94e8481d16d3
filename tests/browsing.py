"""What tests in a browser share: a server of their own, and the page in a tab with its troubles."""

import asyncio
import signal
import sys
from asyncio.subprocess import Process
from collections.abc import Awaitable, Callable
from pathlib import Path

from attrs import define, field
from playwright.async_api import Locator, Page, expect

BOTS = """
version: 1
lookups: {hosts: ["localhost:1"]}
server: {metrics_port: 0}
bots:
  shop:
    pages: ["1070"]
    python: shop:bot
    timezone: Europe/Berlin
    intents:
      parcel:
        phrases: ["parcel {number:text}"]
        lookup: {url: "http://localhost:1/{number}", otherwise: Nobody knows.}
        reply: "{lookup.state}"
    fallback: What?
  <img src=x onerror=alert(1)>:
    pages: ["<b>2080</b>"]
    intents:
      "<img src=x onerror=alert(2)>":
        phrases: ["<img src=x onerror=alert(3)>", "say {what:text}"]
        reply: "{what}"
      evil_choice:
        phrases: [offer]
        reply: {text: Which?, choices: ["<img src=x onerror=alert(14)>", "<script>alert(15)</script>"]}
    fallback: "<img src=x onerror=alert(4)>"
"""

SHOP = """
from botkit import Bot, Image, Text

bot = Bot("shop")


@bot.intent("count")
def count(chat):
    chat.session["count"] = chat.session.get("count", 0) + 1
    return f"That was {chat.session['count']}."


@bot.intent("track {number:int}")
def track(chat, number):
    return f"Order {number} is on its way."


@bot.intent("what day is it")
def day(chat):
    return f"It is {chat.now():%-d %B, %H:%M}."


@bot.intent("choose")
def choose(chat):
    return Text("Which day?", choices=["Today", "Tomorrow"])


@bot.intent("long")
def long(chat):
    return "word " * 200


@bot.intent("show me")
def show(chat):
    return [Image("https://pictures.example/cake.jpg"), "There."]


@bot.intent("break")
def fail(chat):
    chat.session["<img src=x onerror=alert(5)>"] = "<script>alert(6)</script>"
    raise ValueError("<img src=x onerror=alert(7)>")


@bot.intent("remember")
def remember(chat):
    chat.session["<img src=x onerror=alert(5)>"] = "<script>alert(6)</script>"
    return "Kept."


@bot.intent("book")
async def book(chat):
    guests = await chat.ask("For how many?", type=int, name="guests")
    return f"A table for {guests}."


@bot.on("image")
def image(chat):
    return f"A picture: {chat.message.url.rpartition('/')[2]}"


@bot.on("audio")
def audio(chat):
    return "I heard you."


@bot.on("unsupported")
def unsupported(chat):
    return f"Nice: {chat.message.kind}."
"""


@define
class Dev:
    """One `botkit run --dev`, which can be stopped and started again on the same port and store."""

    folder: Path
    port: int = 0
    process: Process | None = field(default=None)

    @property
    def url(self) -> str:
        """Where its page is."""
        return f"http://127.0.0.1:{self.port}/simulator/"

    async def start(self) -> None:
        """Start it, the first time on a port that is free, and wait until it takes webhooks."""
        with (self.folder / "log.txt").open("ab") as log:
            self.process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "botkit", "run", "--dev", "--port", str(self.port), "--log-level", "WARNING"),
                cwd=self.folder,
                stdout=asyncio.subprocess.PIPE,
                stderr=log,
            )
        assert self.process.stdout is not None
        line = await self.process.stdout.readline()
        assert b"botkit listens on" in line, (self.folder / "log.txt").read_text()
        self.port = int(line.partition(b",")[0].rpartition(b":")[2])

    async def stop(self) -> int:
        """Stop it as Ctrl-C does; returns its exit code."""
        assert self.process is not None
        if self.process.returncode is None:
            self.process.send_signal(signal.SIGINT)
        await self.process.communicate()
        return self.process.returncode or 0


@define
class Tab:
    """The page in a tab, with what went wrong in it and where it went."""

    page: Page
    troubles: list[str] = field(factory=list)
    asked: list[str] = field(factory=list)
    expected: tuple[str, ...] = ()
    """Parts of what the browser may complain of, because the test provokes it; it may say so at any time later."""

    def complain(self, told: str) -> None:
        """Keep what went wrong, unless the test means it to."""
        if not any(part in told for part in self.expected):
            self.troubles.append(told)

    def chat(self, user: str) -> Locator:
        """The open chat of *user*."""
        return self.page.locator("section.chat").filter(has=self.page.get_by_role("heading", name=user, exact=True))

    async def open_chat(self, user: str, page: str = "1070", *, beside: bool = False) -> Locator:
        """Begin a chat of *user* with *page*, or open it again."""
        await self.page.get_by_role("button", name="New chat").click()
        await self.page.get_by_label("Who writes").fill(user)
        await self.page.get_by_label("To which page").select_option(page)
        await self.page.get_by_label("Beside the open chats").set_checked(beside)
        await self.page.get_by_role("button", name="Open chat").click()
        chat = self.chat(user)
        await chat.wait_for()
        return chat

    async def set_weather(self, name: str) -> None:
        """Let the next message or reply meet with that weather."""
        await self.page.get_by_role("button", name="Weather").click()
        await self.page.get_by_role("button", name=name).click()
        await self.page.keyboard.press("Escape")

    async def say(self, user: str, text: str) -> str:
        """Say *text* as *user*; returns the first reply as the page shows it."""
        # A page that has lost its server for a moment is told everything again, from the first message on.
        await expect(self.page.locator("#desk")).to_have_attribute("aria-busy", "false")
        messages = self.chat(user).locator(".message")
        known = f'[data-id="{await messages.last.get_attribute("data-id")}"] ~ ' if await messages.count() else ""
        box = self.chat(user).get_by_role("textbox")
        await box.fill(text)
        await box.press("Enter")
        return await self.chat(user).locator(f"{known}.mine ~ .theirs .bubble").first.inner_text()

    async def shown(self, user: str) -> list[str]:
        """All bubbles of a chat, in order."""
        return await self.chat(user).locator(".bubble").all_inner_texts()


Open = Callable[..., Awaitable[Tab]]


async def started(folder: Path, bots: str = BOTS) -> Dev:
    """A running server in *folder*, with the bots of this module or with others."""
    (folder / "bots.yaml").write_text(bots)
    (folder / "shop.py").write_text(SHOP)
    dev = Dev(folder)
    await dev.start()
    return dev
