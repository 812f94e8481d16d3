"""The testing kit in a project of its own, as somebody uses it who has read one page."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
TEST = """
import pytest

from shop import bot

pytest_plugins = ["botkit.testing"]


%s
async def test_counting(bot_tester):
    chat = bot_tester(bot)

    assert await chat.say("count") == ["%s"]
"""
BOT = """
from botkit import Bot

bot = Bot()


@bot.intent("count")
async def count(chat):
    return "1"
"""


def run(folder: Path, mode: str, answer: str, *before: str) -> tuple[int, str]:
    """Run pytest in *folder*, with warnings as errors; lines *before* what is said may let something go wrong."""
    mark = "@pytest.mark.asyncio" if mode == "strict" else ""
    (folder / "shop.py").write_text(BOT)
    test = TEST % (mark, answer)
    (folder / "test_shop.py").write_text(
        test.replace("\n\n    assert", "".join(f"\n    {one}" for one in before) + "\n\n    assert")
    )
    command = [sys.executable, "-m", "pytest", "-q", "-W", "error", "-o", f"asyncio_mode={mode}", "--rootdir", "."]
    done = subprocess.run(
        [*command, "-o", "asyncio_default_fixture_loop_scope=function", "-p", "no:cacheprovider", "test_shop.py"],
        cwd=folder,
        env={"PYTHONPATH": f"{ROOT}:{folder}", "PATH": "", "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    return done.returncode, done.stdout


@pytest.mark.parametrize("mode", ["strict", "auto"])
def test_the_fixture_works_in_every_mode_of_asyncio(tmp_path: Path, mode: str) -> None:
    """One line brings it; it warns of nothing, and passes and fails where it should."""
    passed, failed = run(tmp_path, mode, "1"), run(tmp_path, mode, "2")

    assert (passed[0], failed[0]) == (0, 1), passed[1]
    assert "1 passed" in passed[1]
    assert "AssertionError: assert ['1'] == ['2']" in failed[1]


def test_what_never_went_wrong_fails_its_test(tmp_path: Path) -> None:
    """A test that passes would seem to say that the bot can bear it; what has gone wrong is over."""
    never = run(tmp_path, "auto", "1", 'chat.crash("said")')
    happened = run(tmp_path, "auto", "1", 'chat.crash("answered")')

    assert (never[0], happened[0]) == (1, 0), never[1]
    assert "1 failed" in never[1]
    assert "It was to go wrong, and never did: crash('said')." in never[1]
