"""`botkit flows`: who waits for what, and what a deploy would do to them."""

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from botkit import App, Bot
from botkit.cli import commands
from botkit.events import Address, Message
from botkit.loading import load_bot
from botkit.observe import SystemClock
from botkit.settings import Settings
from botkit.stores import open_store
from botkit.testing.messenger import Messenger

ANN = Address("messenger", "1070", "ann")
SHOP = """
from botkit import Bot

bot = Bot("shop")
calls = []


def charge(amount):
    with open("charged", "a") as file:
        file.write("x")
    return amount


@bot.resource
async def prices():
    yield {"cake": 3}


@bot.intent("order"{options})
async def order(chat, prices):
    await chat.send("Welcome.")
    count = await chat.ask("How many?", type=int, name="count")
    paid = await chat.once(charge, count * prices["cake"])
    {change}
    when = await chat.ask("When?", name="{name}")
    return f"{paid} paid, for {when}."
"""


def code(folder: Path, *, name: str = "when", change: str = "pass", options: str = "") -> None:
    """Write the bot, perhaps changed."""
    made = SHOP.replace("{options}", options).replace("{change}", change).replace('"{name}"', repr(name))
    (folder / "shop.py").write_text(made)


async def talk(bot: Bot, store: str, *texts: str) -> None:
    """Let ann talk to the bot as it runs."""
    app = App(bot, settings=Settings(store=store), channel=Messenger())
    await app.start()
    for number, text in enumerate(texts):
        await app.store.accept(Message(id=f"m{number}", address=ANN, kind="text", text=text))
        async with asyncio.timeout(20):
            while (await app.store.backlog()).events:
                await asyncio.sleep(0.01)
    await app.stop()


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A folder with a bot that ann is in the middle of an order with."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    code(tmp_path)
    (tmp_path / "bots.yaml").write_text("{version: 1, store: shop.db, bots: {shop: {python: 'shop:bot'}}}")
    (bot,) = load_bot("shop:bot", tmp_path).bots
    asyncio.run(talk(bot, str(tmp_path / "shop.db"), "order", "4"))
    yield tmp_path
    forget()


def forget() -> None:
    """Let the next import begin anew."""
    import sys  # noqa: PLC0415 - for this alone

    sys.modules.pop("shop", None)


def flows(*arguments: str) -> Result:
    """Run the command in what is a new process to the bot."""
    forget()
    return CliRunner().invoke(commands, ["flows", *arguments])


def replayed() -> dict[str, Any]:
    """What becomes of ann's order."""
    (line,) = flows("--replay", "--json").stdout.splitlines()
    found: dict[str, Any] = json.loads(line)
    return found


def test_who_waits_for_what_is_listed(folder: Path) -> None:
    """Without a word of the user's own."""
    run = flows("--json")
    found = json.loads(run.stdout)

    assert run.exit_code == 0
    assert {name: found[name] for name in found if name not in ("since", "until", "why")} == {
        "conversation": ANN.key, "bot": "shop", "flow": "intent order", "version": 0, "entries": 2,
        "question": "ask(name='when')", "fate": None,
    }  # fmt: skip
    assert "Before a deploy: botkit flows --replay" in flows().stdout


def test_a_flow_whose_code_is_the_same_goes_on(folder: Path) -> None:
    """Nothing is called again on the way, and nothing is kept: it stands where it stood."""
    before = (folder / "charged").read_text()
    run = flows("--replay")
    after = replayed()

    assert (run.exit_code, run.stdout.splitlines()[-1]) == (0, "1 under way; 1 goes on.")
    assert (after["fate"], after["entries"], (folder / "charged").read_text()) == ("goes on", 2, before)


@pytest.mark.parametrize(
    ("changed", "fate", "why"),
    [
        ({"name": "day"}, "begins anew", "asks 'day' after 0 message(s) at shop.py:"),
        ({"change": "await chat.send('Paid.')"}, "begins anew", "asks 'when' after 1 message(s) at shop.py:"),
        ({"name": "day", "options": ", on_change='park'"}, "is parked", "entry 2 of its journal is ask(name='when')"),
        ({"options": ", version=1"}, "begins anew", "it is version 1 now"),
        ({"options": ", name='buy'"}, "ends", "the bot has no such handler any more"),
        ({"change": "raise ValueError('secret')"}, "fails", "handler 'order' at shop.py:19 raised ValueError"),
    ],
)
def test_a_flow_whose_code_has_changed_is_told(folder: Path, changed: dict[str, str], fate: str, why: str) -> None:
    """What becomes of it, why, and where; and the exit code stops a deploy."""
    code(folder, **changed)
    found, run = replayed(), flows("--replay")

    assert (found["fate"], run.exit_code) == (fate, 1)
    assert why in found["why"]
    assert "secret" not in run.stdout


def test_a_page_that_nobody_claims_any_more_is_told(folder: Path) -> None:
    """Its user would never be answered."""
    (folder / "bots.yaml").write_text("{version: 1, store: shop.db, bots: {shop: {python: 'shop:bot', pages: ['7']}}}")

    assert (replayed()["fate"], replayed()["why"]) == ("ends", "no bot claims its page")


def test_where_nobody_talks_it_says_so(folder: Path) -> None:
    """And exits 0."""

    async def empty() -> None:
        store = open_store("other.db", clock=SystemClock())
        await store.open()
        await store.close()

    asyncio.run(empty())
    run = flows("--store", "other.db")

    assert (run.exit_code, run.stdout) == (0, "No conversation is under way.\n")
