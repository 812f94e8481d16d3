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


def run(folder: Path, mode: str, answer: str) -> tuple[int, str]:
    """Run pytest in *folder*, with warnings as errors."""
    mark = "@pytest.mark.asyncio" if mode == "strict" else ""
    (folder / "shop.py").write_text(BOT)
    (folder / "test_shop.py").write_text(TEST % (mark, answer))
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
