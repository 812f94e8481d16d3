"""The panel tells what was looked up for a message, and the page saves it with the chat."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path

from botkit import App
from botkit.cli.lens import through
from botkit.cli.panel import Panel
from botkit.cli.saving import saved
from botkit.config import read
from botkit.events import Address, Message
from botkit.loading import import_name
from botkit.observe import SystemClock
from botkit.settings import Settings
from botkit.simulator.clock import ShiftedClock
from botkit.simulator.record import Entry, Record
from botkit.stores import open_store
from botkit.testing.messenger import Messenger
from botkit.testing.transcripts import failures, find_transcripts, read_transcripts, run_transcripts
from order_desk import OrderDesk, an_order_desk

NOON = datetime(2026, 12, 24, 11, 0, tzinfo=UTC)
BOTS = """
version: 1
lookups: {hosts: ["HOST"]}
bots:
  shop:
    pages: ["41"]
    intents:
      order:
        phrases: ["order {order:word}"]
        lookup: {url: "URL/orders/{order}", otherwise: No such order.}
        reply: It is {lookup.status}.
    fallback: What?
"""


def written(desk: OrderDesk) -> str:
    """The bots.yaml of a shop with that desk."""
    return BOTS.replace("HOST", desk.host).replace("URL", desk.url)


async def turns(desk: OrderDesk, texts: dict[str, str]) -> list[Entry]:
    """What the panel tells of the turns in which users, by their names, said these texts, all at once."""
    found = read(written(desk), file="b", environment={}, read_file=str.encode, import_name=import_name, secrets=False)
    clock, record = SystemClock(), Record()
    store = open_store(":memory:", clock=clock)
    panel = Panel(record, lambda address: found.bots[0], clock)
    app = App(
        found.bots,
        settings=Settings(store=":memory:", lookups=found.settings.lookups),
        store=through(store, ShiftedClock(), panel),
        channel=Messenger(),
        observer=panel,
    )
    app.inquiries.on_answer = panel.looked_up
    async with app, asyncio.timeout(20):
        for user, text in texts.items():
            address = Address("messenger", "41", user)
            await store.accept(Message(id=f"m-{user}", address=address, kind="text", text=text))
        while len(told := [entry for entry in record.since(0) if entry.kind == "turn"]) < len(texts):
            await record.news(record.last)
    return told


async def test_each_turn_tells_what_was_looked_up_in_it() -> None:
    """Though others look something up meanwhile."""
    async with an_order_desk() as desk:
        entries = await turns(desk, {"ann": "order 7", "ben": "order 8", "cat": "hello", "dan": "order list"})
        told = {entry.user: entry.facts["lookups"] for entry in entries}

    assert told["ben"] == [{"url": f"{desk.url}/orders/8", "value": None, "why": "it answered 404", "status": 404}]
    assert told["cat"] == []
    assert [[(one["url"], one["why"]) for one in told[name]] for name in ("ann", "dan")] == [  # type: ignore[attr-defined]  # a list
        [(f"{desk.url}/orders/7", None)],
        [(f"{desk.url}/orders/list", None)],
    ]


async def test_a_chat_of_the_page_is_saved_with_what_was_found(tmp_path: Path) -> None:
    """So that the test passes on a day on which the service says something else."""
    said = Record()
    async with an_order_desk() as desk:
        for number, text in enumerate(("order 7", "order 8")):
            (turn,) = await turns(desk, {"ann": text})
            facts = {"kind": "text", "text": text, "url": None}
            said.add("said", page="41", user="ann", about=f"m{number}", at=NOON, facts=facts)
            said.add("turn", page="41", user="ann", about=f"m{number}", at=NOON, facts={**turn.facts, "now": NOON})
        (tmp_path / "bots.yaml").write_text(written(desk))
    (tmp_path / "saved.chat.txt").write_text(saved([*said.since(0)], timezone="UTC"))
    (tried,) = await run_transcripts(read_transcripts(find_transcripts([tmp_path])))

    assert [line.text for line in failures(tried)] == []
    assert tried.passed
    assert {"< It is baked.", "< No such order."} <= {*(tmp_path / "saved.chat.txt").read_text().splitlines()}
