"""`botkit queue`: what waits and what was set aside, on the store of a bots.yaml."""

import asyncio
import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from botkit.cli import commands
from botkit.events import Address, Message
from botkit.observe import SystemClock
from botkit.replies import Text
from botkit.stores import Engine, open_store
from botkit.work import Allowance, Failure, Hold, Outcome, Queued, Settlement

ANN = Address("messenger", "1070", "ann")
LETTER = "in/messenger:1070:ann/0"


async def _fill(store: Engine) -> None:
    """One message that was set aside, one that waits, a reply that waits, and a page that rests."""
    await store.open()
    for number in (0, 1):
        await store.accept(Message(id=f"m{number}", address=ANN, kind="text", text="help!"))
    (work,) = await store.claim(1)
    await store.commit(work, Outcome(failure=Failure("the handler of 'a' raised ValueError", detail="Traceback…")))
    await store.send(ANN, (Queued("a", Text("a")),))
    (delivery,) = await store.deliveries(Allowance(others=1))
    until = delivery.now.replace(year=delivery.now.year + 1)
    hold = Hold(("1070",), until, "low_balance")
    await store.settle(delivery, Settlement(state="queued", due_at=until, hold=hold))
    await store.close()


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a bot whose store holds something of everything."""
    (tmp_path / "bots.yaml").write_text("version: 1\nstore: shop.db\nbots: {shop: {fallback: What?}}\n")
    asyncio.run(_fill(open_store(str(tmp_path / "shop.db"), clock=SystemClock())))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def queue(*arguments: str) -> Result:
    """Run the command."""
    return CliRunner().invoke(commands, ["queue", *arguments])


def test_it_says_what_waits_and_what_rests(folder: Path) -> None:
    """How much, since when, and why a page sends nothing."""
    lines = queue().output.splitlines()

    assert [line.rpartition(" for ")[0] for line in lines[:2]] == [
        "Waiting messages: 1, the oldest",
        "Waiting replies: 1, the oldest",
    ]
    assert (lines[2][:22], lines[2][-12:]) == ("Page 1070 rests until ", "low_balance.")
    assert lines[3:] == ["Set aside: 1 messages and 0 replies.", "See them with: botkit queue list"]


def test_what_comes_next_is_about_the_same_store(folder: Path) -> None:
    """What is shown can be typed as it stands."""
    (folder / "bots.yaml").rename(folder / "my bots.yaml")
    options = "--config 'my bots.yaml' --store sqlite:///shop.db"

    assert queue("-c", "my bots.yaml", "--store", "sqlite:///shop.db").output.splitlines()[-1] == (
        f"See them with: botkit queue list {options}"
    )


def test_it_lists_and_shows(folder: Path) -> None:
    """One line each; the traceback and a user's words only where they are asked for."""
    listed, shown = queue("list").output, queue("show", LETTER).output
    (as_json,) = queue("list", "--json").output.splitlines()

    assert listed.startswith(f"{LETTER}  20")
    assert listed.endswith("UTC  the handler of 'a' raised ValueError\n")
    assert "Traceback…" in shown
    assert "help!" in shown
    assert json.loads(as_json)["body"][:3] == ["message", "text", "help!"]


@pytest.mark.parametrize(("verb", "done", "waiting"), [("retry", "Put back", 2), ("drop", "Forgot", 1)])
@pytest.mark.parametrize("which", [LETTER, "--all"])
def test_it_puts_back_and_forgets(folder: Path, verb: str, done: str, waiting: int, which: str) -> None:
    """By id, or everything."""
    changed = queue(verb, which)

    assert (changed.exit_code, changed.output) == (0, f"{done} 1 of 1.\n")
    assert queue("list").output == "Nothing was set aside.\n"
    assert queue().output.startswith(f"Waiting messages: {waiting}, ")


@pytest.mark.parametrize(
    "arguments",
    [("-c", "shop/bots.yaml", "list"), ("list", "--config", "shop/bots.yaml"), ("list", "--store", "shop.db")],
    ids=" ".join,
)
def test_the_file_and_the_store_are_named_before_or_behind(folder: Path, arguments: tuple[str, ...]) -> None:
    """Nobody need remember where."""
    (folder / "shop").mkdir()
    (folder / "bots.yaml").rename(folder / "shop" / "bots.yaml")
    if "--store" in arguments:
        (folder / "bots.yaml").write_text("version: 1\nbots: {shop: {fallback: What?}}\n")
    else:
        (folder / "shop.db").rename(folder / "shop" / "shop.db")

    assert queue(*arguments).output.startswith(LETTER)


def test_an_id_that_is_not_there_is_a_mistake(folder: Path) -> None:
    """The others are put back all the same."""
    some, none = queue("retry", LETTER, "in/x/1"), queue("show", "in/x/1")

    assert (some.exit_code, some.output) == (
        1,
        "Put back 1 of 2.\nThere is no dead letter in/x/1; see botkit queue list.\n",
    )
    assert none.exit_code == 1


@pytest.mark.parametrize("arguments", [("retry",), ("drop", LETTER, "--all")])
def test_it_asks_for_either_ids_or_all(folder: Path, arguments: tuple[str, ...]) -> None:
    """Neither and both are wrong usage."""
    assert queue(*arguments).exit_code == 2


def test_there_is_nothing_to_see_without_a_store(folder: Path) -> None:
    """No file is made by looking, and memory cannot be looked into."""
    said = [str(queue("--store", store).exception) for store in ("other.db", ":memory:")]

    assert said == [
        "There is no store at other.db; name one with --store.",
        "A store in memory cannot be looked into from outside: name another one with --store.",
    ]
    assert not (folder / "other.db").exists()
