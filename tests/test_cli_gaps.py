"""`botkit gaps`: what was not understood, for a content writer to read and to paste."""

import asyncio
import json
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from botkit.cli import commands
from botkit.events import Address, Message
from botkit.observe import SystemClock
from botkit.stores import Engine, open_store
from botkit.work import Gap, Outcome

BOTS = """
version: 1
store: shop.db
bots:
  shop:
    intents:
      hours: {phrases: [when do you open, opening hours, are you open today], reply: Always.}
      order: {phrases: [order a cake, I want a cake, a cake please], reply: Yes.}
    fallback: What?
"""


async def _fill(store: Engine, texts: list[str]) -> None:
    await store.open()
    for number, text in enumerate(texts):
        await store.accept(Message(id=f"m{number}", address=Address("messenger", "1", "ann"), kind="text", text=text))
        (work,) = await store.claim(1)
        until = work.now + timedelta(days=30)
        gap = Gap(bot="shop", language="de" if "ihr" in text else "en", text=text, at=work.now, until=until)
        await store.commit(work, Outcome(gap=gap))
    await store.close()


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a bot and an empty store."""
    (tmp_path / "bots.yaml").write_text(BOTS)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def kept(folder: Path, *texts: str) -> None:
    """Let something be kept."""
    asyncio.run(_fill(open_store(str(folder / "shop.db"), clock=SystemClock()), list(texts)))


def gaps(*arguments: str) -> Result:
    """Run the command."""
    return CliRunner().invoke(commands, ["gaps", *arguments])


def test_it_shows_what_is_asked_most_and_yaml_to_paste(folder: Path) -> None:
    """With other wordings, the nearest intent, and how often."""
    kept(folder, "do you repair bikes", "can you repair a bike", "do you repair bikes?", "tell me a joke")
    lines = gaps().output.splitlines()

    assert lines[0] == "4 messages were not understood. The most frequent:"
    assert lines[2:4] == ["    3  do you repair bikes?", "       can you repair a bike"]
    assert lines[4].startswith("       (shop, en, last on ")
    assert "      do_you_repair_bikes:  # asked 3 times" in "\n".join(lines)


def test_what_it_prints_is_good_yaml(folder: Path) -> None:
    """Pasted below intents:, it makes a bot that knows the answer, and there is nothing more to paste."""
    kept(folder, "do you repair [old] bikes", "is order # ready")
    pasted = gaps("--yaml").output
    text = BOTS.replace("    fallback", f"{pasted}    fallback")
    (folder / "bots.yaml").write_text(text)
    checked = CliRunner().invoke(commands, ["check"])
    explained = CliRunner().invoke(commands, ["explain", "is order 12 ready", "--json"])
    again = gaps()

    assert (checked.exit_code, checked.output) == (0, checked.output)
    assert json.loads(explained.output)["intent"] == "is_order_ready"
    assert "answered by now: is_order_ready)" in again.output
    assert (gaps("--yaml").output, "Write the answer" in again.output) == ("", False)


def test_one_language_and_json(folder: Path) -> None:
    """For whoever wants to go on with it."""
    kept(folder, "do you repair bikes", "repariert ihr auch")
    (line,) = gaps("--language", "de", "--json").output.splitlines()
    found = json.loads(line)

    assert (found["bot"], found["language"], found["count"], found["texts"]) == (
        "shop",
        "de",
        1,
        ["repariert ihr auch"],
    )


def test_where_everything_was_understood_it_says_so(folder: Path) -> None:
    """And another bot's are not shown."""
    kept(folder, "tell me a joke")

    assert gaps().output.startswith("1 message was not understood. The most frequent:")
    assert gaps("--bot", "other").output == "There is nothing that was not understood.\n"
