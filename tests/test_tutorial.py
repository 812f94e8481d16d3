"""The tutorial, word by word: what it has a newcomer type and keep works in the folder of a new bot."""

import subprocess
import sys
from pathlib import Path

from test_docs import ROOT, blocks

TUTORIAL = ROOT / "docs" / "tutorial.md"


def typed(folder: Path, *arguments: str) -> tuple[int, str]:
    """Type a command as a user would: exit code, and all that is shown."""
    command = [sys.executable, "-m", *arguments]
    done = subprocess.run(
        command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=100, check=False
    )
    return done.returncode, done.stdout


def test_the_tutorial_works_as_it_is_written(tmp_path: Path) -> None:
    """A bot from a file, its transcript, a handler that is joined to it, and a test in Python of that."""
    bot, test = blocks(TUTORIAL, "python")
    (transcript,) = blocks(TUTORIAL, "chat")
    joined = next(block for block in blocks(TUTORIAL, "text") if "python:" in block)
    yaml = blocks(TUTORIAL, "yaml")[0]
    made = typed(tmp_path, "botkit", "new", "bakery")
    folder = tmp_path / "bakery"
    (folder / "bots.yaml").write_text(yaml, "utf-8")
    (folder / "bakery.chat.txt").write_text(transcript, "utf-8")
    tested = typed(folder, "botkit", "test")
    (folder / "bots.yaml").write_text(yaml.replace("  bakery:\n", f"  bakery:\n{joined}"), "utf-8")
    (folder / "shop.py").write_text(bot, "utf-8")
    (folder / "test_shop.py").write_text(test, "utf-8")
    checked = typed(folder, "botkit", "check")
    in_python = typed(folder, "pytest", "-q", "-p", "no:randomly", "-p", "no:cacheprovider")

    assert [code for code, _ in (made, tested, checked, in_python)] == [0, 0, 0, 0], (tested, checked, in_python)
    assert "1 passed" in in_python[1]
