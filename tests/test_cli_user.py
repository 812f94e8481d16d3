"""`botkit user`: one user's data, on the store of a bots.yaml."""

import asyncio
import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from botkit.cli import commands
from botkit.events import Address, Message
from botkit.observe import SystemClock
from botkit.stores import Engine, open_store

ANN = Address("messenger", "1070", "2519")


async def _fill(store: Engine) -> None:
    await store.open()
    await store.accept(Message(id="m1", address=ANN, kind="text", text="my secret"))
    await store.close()


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a bot to which one user has written."""
    (tmp_path / "bots.yaml").write_text("version: 1\nstore: shop.db\nbots: {shop: {fallback: What?}}\n")
    asyncio.run(_fill(open_store(str(tmp_path / "shop.db"), clock=SystemClock())))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def user(*arguments: str) -> Result:
    """Run the command."""
    return CliRunner().invoke(commands, ["user", *arguments])


def test_it_exports_as_json() -> None:
    """What is kept, readable by people and programs."""
    kept = json.loads(user("export", "1070/2519").output)

    assert (kept["user"], kept["events"][0]["body"][2]) == ("2519", "my secret")


def test_it_forgets_and_says_so_without_a_name() -> None:
    """The line in the log names nobody."""
    done = user("forget", "1070/2519")
    again = user("forget", "1070/2519")

    assert done.stdout == "Forgot 1 messages and 0 replies.\n"
    assert "botkit.user.forgotten conversation=" in done.stderr
    assert "2519" not in done.stderr
    assert (again.exit_code, again.stderr) == (1, "Nothing is kept of user 2519 of page 1070.\n")


def test_it_says_how_a_user_is_named() -> None:
    """A PSID alone is not enough."""
    refused = user("export", "2519")

    assert refused.exit_code == 2
    assert "'2519' is not of the form PAGE/PSID, such as 107083064136738/2519283798." in refused.stderr
