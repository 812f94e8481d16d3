"""The panel: what the bot's side writes beside each message."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from typing import Any

import pytest
from attrs import define

from botkit import App, Bot, Slot, Text
from botkit.cli.dev import pages_of
from botkit.cli.lens import through
from botkit.cli.panel import Drawer, Panel
from botkit.events import Address, Message
from botkit.observe import SystemClock
from botkit.settings import Settings
from botkit.simulator.clock import ShiftedClock
from botkit.simulator.record import Record
from botkit.simulator.window import Page
from botkit.stores import Engine, open_store
from botkit.testing.messenger import Messenger

ANN = Address("messenger", "41", "ann")


def shop() -> Bot:
    """A bot that does a little of everything."""
    bot = Bot("shop", pages=["41"], timezone="Europe/Berlin")

    @bot.intent("track {number:int}", slots={"number": Slot(int)})
    async def track(chat: Any, number: int) -> Any:
        chat.session["last"] = number
        await chat.send("A moment.")
        return Text(f"Order {number}.", choices=["Thanks"])

    @bot.intent("break")
    def fail(chat: Any) -> None:
        chat.session["last"] = 0
        raise ValueError("no")

    @bot.on("image")
    def image(chat: Any) -> str:
        return "Nice."

    return bot


@define
class Watched:
    """An app behind a panel."""

    app: App
    store: Engine
    record: Record

    async def told(self, message_id: str, **said: Any) -> Mapping[str, Any]:
        """Let ann send a message; returns what the panel tells of its turn."""
        message: dict[str, Any] = {"kind": "text", **said}
        await self.app.store.accept(Message(id=message_id, address=ANN, **message))
        while True:
            for entry in self.record.since(0):
                if (entry.kind, entry.about) == ("turn", message_id):
                    return entry.facts
            await self.record.news(self.record.last)

    async def moves(self, delivery_id: str) -> list[tuple[object, object]]:
        """How a delivery fared: its states, with the number of the try."""
        while True:
            moved = [entry.facts for entry in self.record.since(0) if entry.about == delivery_id]
            if moved:
                return [(facts["state"], facts["attempts"]) for facts in moved]
            await self.record.news(self.record.last)


@pytest.fixture
async def watched() -> AsyncIterator[Watched]:
    """The shop, watched."""
    clock, record = SystemClock(), Record()
    store = open_store(":memory:", clock=clock)
    panel = Panel(record, lambda address: app.directory.find(address), clock)  # noqa: PLW0108 - there is no app yet
    seen = through(store, ShiftedClock(), panel)
    settings = Settings(store=":memory:")
    app = App(shop(), settings=settings, store=seen, channel=Messenger(), observer=panel)
    async with app, asyncio.timeout(20):
        yield Watched(app, store, record)


async def test_what_was_understood_is_told(watched: Watched) -> None:
    """Bot, intent, how, slots, the phrases that lost, and the session before and after."""
    await watched.told("m1", text="track 6")
    facts = await watched.told("m2", text="Track 7!")
    explained = facts["explanation"]

    assert {name: facts[name] for name in ("bot", "intent", "how", "handler", "claims", "error")} == {
        "bot": "shop", "intent": "track", "how": "template", "handler": "track", "claims": 1, "error": None,
    }  # fmt: skip
    assert (explained["slots"], [one["won"] for one in explained["candidates"]]) == ({"number": 7}, [True, False])
    assert facts["session"] == {"before": {"last": 6}, "after": {"last": 7}}
    assert facts["choices"] == ["Thanks"]


async def test_the_language_is_told_where_a_bot_speaks_several(watched: Watched) -> None:
    """It is no key of the session that is shown."""
    assert (await watched.told("m1", text="track 6"))["language"] is None
    bot = watched.app.directory.find(ANN)
    assert bot is not None
    bot.intent({"de": ["guten tag"]}, name="hello")(lambda chat: "Hallo!")
    facts = await watched.told("m2", text="Guten Tag!")
    assert (facts["language"], facts["explanation"]["language"]) == ("de", "de")
    assert facts["session"] == {"before": {"last": 6}, "after": {"last": 6}}
    assert (await Drawer(watched.store)("41", "ann"))["session"] == {"last": 6}
    assert (await watched.told("m3", text="hm"))["language"] == "de"


async def test_the_answer_is_told_with_its_tries(watched: Watched) -> None:
    """What was sent in the middle of the turn, then what it returned."""
    facts = await watched.told("m1", text="track 6")
    ids = [one["id"] for one in facts["deliveries"]]

    assert [one["text"] for one in facts["deliveries"]] == ["A moment.", "Order 6.\n1. Thanks"]
    assert [await watched.moves(one) for one in ids] == [[("sent", 1)], [("sent", 1)]]


async def test_a_failure_is_told(watched: Watched) -> None:
    """With its place, and the session as it was."""
    facts = await watched.told("m1", text="break")

    assert "ValueError" in facts["error"]
    assert (facts["again"], facts["session"]) == (None, {"before": {}, "after": {}})


async def test_what_is_no_text_needs_no_explanation(watched: Watched) -> None:
    """It is understood by its kind."""
    facts = await watched.told("m1", kind="image", url="https://a.example/b.png")

    assert (facts["how"], facts["intent"], facts["explanation"]) == ("kind", None, None)


async def test_the_drawer_shows_what_is_kept(watched: Watched) -> None:
    """Session, choices, the window and the deliveries; and of strangers, that nothing is known."""
    facts = await watched.told("m1", text="track 6")
    await watched.moves(facts["deliveries"][-1]["id"])
    kept = await Drawer(watched.store)("41", "ann")

    assert await Drawer(watched.store)("41", "ben") == {"known": False}
    assert (kept["known"], kept["session"], kept["choices"], kept["waiting"]) == (True, {"last": 6}, ["Thanks"], 0)


def test_every_page_of_every_bot_can_be_written_to() -> None:
    """One without any answers everywhere, and is offered on one."""
    assert pages_of([shop()]) == (Page("41", "shop", "Europe/Berlin"),)
    assert pages_of([Bot("bar")]) == (Page("1", "bar", "UTC"),)
