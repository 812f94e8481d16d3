"""`botkit new`: what it makes runs, and nothing that is there is changed."""

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

FILES = [".gitignore", "README.md", "bots.yaml", "handlers.py", "my-shop.chat.txt", "pyproject.toml"]


def botkit(folder: Path, *arguments: str, said: str = "") -> tuple[int, str, str]:
    """Run the command as a user would: exit code, output and errors."""
    command = [sys.executable, "-m", "botkit", *arguments]
    done = subprocess.run(command, cwd=folder, input=said, capture_output=True, text=True, timeout=60, check=False)
    return done.returncode, done.stdout, done.stderr


def test_a_new_bot_runs_and_its_tests_pass(tmp_path: Path) -> None:
    """Checked without a warning, tested, and talked to, with what is on this machine."""
    made = botkit(tmp_path, "new", "my-shop")
    shop = tmp_path / "my-shop"
    checked, tested = botkit(shop, "check", "--strict"), botkit(shop, "test")
    answered = botkit(shop, "chat", said="hello\norder 42\n")

    assert (made[0], made[1].splitlines()[-1]) == (0, "Next: cd my-shop, then botkit chat")
    assert sorted(path.name for path in shop.iterdir() if path.name != "__pycache__") == FILES
    assert (checked[0], checked[2]) == (0, "")
    assert "3 of 3 transcript tests passed." in checked[1]
    assert "hint:" not in checked[1]
    assert (tested[0], tested[1].splitlines()[0]) == (0, "my-shop.chat.txt: 3 of 3 tests passed.")
    assert answered[1].splitlines()[-1] == "Order 42 is on its way."


def test_its_files_are_what_they_should_be(tmp_path: Path) -> None:
    """Five lines to read, a project that others can install, and no placeholder left."""
    botkit(tmp_path, "new", "my-shop")
    texts = {name: (tmp_path / "my-shop" / name).read_text() for name in FILES}
    project = tomllib.loads(texts["pyproject.toml"])["project"]

    assert len(texts["README.md"].splitlines()) == 5
    assert (project["name"], project["dependencies"]) == ("my-shop", ["botkit>=0.1.0"])
    assert [name for name, text in texts.items() if "$" in text] == []


@pytest.mark.parametrize("name", ["shop", "file"])
def test_nothing_that_is_there_is_changed(tmp_path: Path, name: str) -> None:
    """Not even an empty folder, or a file of that name."""
    (tmp_path / "shop").mkdir()
    (tmp_path / "file").write_text("mine")
    code, _, errors = botkit(tmp_path, "new", name)

    assert (code, errors) == (1, f"There is a {name} here already; choose another name, or move it away.\n")
    assert (list((tmp_path / "shop").iterdir()), (tmp_path / "file").read_text()) == ([], "mine")


@pytest.mark.parametrize("name", ["../shop", "1shop", "my shop", "shop-", "", "schön", "x" * 61, "a/b", "."])
def test_a_name_that_cannot_be_one_is_refused(tmp_path: Path, name: str) -> None:
    """In a sentence, and nothing is made."""
    code, _, errors = botkit(tmp_path, "new", name)

    assert (code, "cannot be a bot's name: write letters, digits, - and _, such as my-shop." in errors) == (1, True)
    assert list(tmp_path.iterdir()) == []
