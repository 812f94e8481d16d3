"""Loading bots: what their modules raise is told in words, with its line."""

from pathlib import Path

import pytest

from botkit.errors import ConfigError
from botkit.loading import load, load_bot

YAML = "version: 1\nbots:\n  shop:\n    python: {module}:bot\n"

BROKEN = [
    ("x = 1\ny = 1 / 0\n", "broken.py:2: ZeroDivisionError: division by zero"),
    ("import sys\nsys.exit(2)\n", "broken.py:2: SystemExit: 2"),
    ("x = 1\nx +\n", "broken.py:2: invalid syntax"),
    ("import json\njson.loads('{')\n", "broken.py:2: JSONDecodeError: "),
    ("import of_nobody\n", "broken.py:1: ModuleNotFoundError: No module named 'of_nobody'"),
]


@pytest.mark.parametrize(("code", "expected"), BROKEN)
@pytest.mark.parametrize("in_yaml", [True, False], ids=["bots.yaml", "module:bot"])
def test_a_module_that_raises_is_told_with_its_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: str, expected: str, in_yaml: bool
) -> None:
    """An author's broken module is no traceback, however the bot is named."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.delitem(__import__("sys").modules, "broken", raising=False)
    (tmp_path / "broken.py").write_text(code, "utf-8")
    (tmp_path / "bots.yaml").write_text(YAML.format(module="broken"), "utf-8")

    with pytest.raises(ConfigError) as told:
        load("bots.yaml", secrets=False) if in_yaml else load_bot("broken:bot", tmp_path)
    assert f"importing broken:bot failed: {expected}" in str(told.value)


def test_a_bot_in_python_is_warned_of_like_one_in_yaml(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What runs but is hardly meant does not depend on how the bot is named."""
    monkeypatch.syspath_prepend(str(tmp_path))
    code = """
from botkit import Bot

bot = Bot("shop")

@bot.intent("hello")
def first(chat): ...

@bot.intent("Hello!", "hi")
def second(chat): ...
"""
    (tmp_path / "claimed.py").write_text(code, "utf-8")
    (warning,) = load_bot("claimed:bot", tmp_path).warnings

    assert '"Hello!"' in warning
    assert "claimed.py:9" in warning
