"""`botkit user`: one user's data, on the store of a bots.yaml."""

import asyncio
import json
from datetime import timedelta
from pathlib import Path

import pytest
from attrs import evolve
from click.testing import CliRunner, Result

from botkit import Bot
from botkit.cli import commands
from botkit.events import Address, Message
from botkit.observe import SystemClock
from botkit.replies import Limits
from botkit.stores import Engine, open_store
from botkit.turn import run_turn
from botkit.work import Mute

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


async def _turns(store: Engine, *, hand_over: bool = False) -> list[bool]:
    """Run what waits, perhaps with a handover, and say of each turn whether the conversation was muted."""
    await store.open()
    seen = []
    while works := await store.claim(1):
        (work,) = works
        seen.append(work.is_muted)
        outcome = await run_turn(Bot("shop"), work, _unsent, limits=Limits())
        mute = Mute(id="m", reason="a big bill", at=work.now, until=work.now + timedelta(hours=1))
        await store.commit(work, evolve(outcome, mute=mute, notice=True) if hand_over else outcome)
    await store.close()
    return seen


async def _unsent(deliveries: object, flow: object) -> None:
    """Nothing is sent on the way."""


def test_it_lets_the_bot_answer_again() -> None:
    """Once, and a bot that answers already is left alone; `botkit queue` tells before and after."""
    before = user("resume", "1070/2519")
    asyncio.run(_turns(open_store("shop.db", clock=SystemClock()), hand_over=True))
    told = CliRunner().invoke(commands, ["queue"]).output
    muted = user("muted").output
    resumed = user("resume", "1070/2519")
    seen = asyncio.run(_turns(open_store("shop.db", clock=SystemClock())))
    after = user("resume", "1070/2519")

    already = (1, "The bot answers user 2519 of page 1070 already.\n")
    assert (before.exit_code, before.stderr) == (after.exit_code, after.stderr) == already
    assert (resumed.exit_code, resumed.output) == (0, "The bot answers user 2519 of page 1070 again.\n")
    assert "A person answers in 1 conversation.\nWaiting notices of handovers: 1, the oldest for " in told
    assert (muted[:16], muted[-17:]) == ("1070/2519  until", " UTC  a big bill\n")
    assert user("muted").output == "The bot answers everybody.\n"
    assert seen == [True]
