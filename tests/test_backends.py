"""Backends: other models of likeness, by name, and what happens while one learns."""

import asyncio
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path

import pytest

from botkit import Bot
from botkit.app import App
from botkit.backends import backend
from botkit.errors import ConfigError, DefinitionError
from botkit.events import Address
from botkit.loading import load
from botkit.testing import Bench, UserChat
from botkit.testing.fixture import BotTester

pytest_plugins = ["botkit.testing"]

#: A package that takes for an intent whatever begins with the same letters as one of its phrases.
PACKAGE = '''
"""A backend."""
import threading

may_go_on = threading.Event()
may_go_on.set()
number = 1


class Beginning:
    def __init__(self, examples):
        self.examples = examples

    def rank(self, text):
        same = {}
        for one in self.examples:
            begun = sum(1 for mine, its in zip(text.lower(), one.text) if mine == its) / len(one.text)
            same[one.intent] = max(begun, same.get(one.intent, 0.0))
        return sorted(same.items(), key=lambda one: -one[1])


def build(examples):
    may_go_on.wait()
    return Beginning(examples)
'''
POINTS = """[botkit.likeness]
beginning = beginnings:build
missing = beginnings:nothing
number = beginnings:number
"""
ANN = Address("messenger", "1", "ann")
PHRASES = {"hours": ["when do you open", "opening hours today"], "card": ["get a card", "become a member"]}


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A package with entry points."""
    (tmp_path / "beginnings.py").write_text(PACKAGE)
    (tmp_path / "beginnings-1.0.dist-info").mkdir()
    (tmp_path / "beginnings-1.0.dist-info" / "METADATA").write_text("Name: beginnings\nVersion: 1.0\n")
    (tmp_path / "beginnings-1.0.dist-info" / "entry_points.txt").write_text(POINTS)
    monkeypatch.syspath_prepend(str(tmp_path))
    yield
    sys.modules.pop("beginnings", None)


def library(likeness: str) -> Bot:
    """A bot that answers with the intent's name."""
    bot = Bot("library", likeness=likeness)
    for name, phrases in PHRASES.items():
        bot.intent(*phrases, name=name)(_named(name))
    return bot


def _named(name: str) -> Callable[[object], str]:
    return lambda chat: name


@pytest.mark.usefixtures("installed")
async def test_a_bot_understands_by_the_model_of_an_installed_package(bot_tester: BotTester) -> None:
    """It need not know words, and has no limits of its own."""
    assert await bot_tester(library("beginning")).say("when do you opxyz") == ["hours"]
    assert await bot_tester(library("built-in")).say("whne do you open") == ["hours"]


async def test_likeness_can_be_off(bot_tester: BotTester) -> None:
    """Then only phrases answer."""
    chat = bot_tester(library("off"))

    assert await chat.say("when do you oepn") == ["Sorry, I did not get that."]
    assert await chat.say("When do you open?") == ["hours"]


@pytest.mark.usefixtures("installed")
@pytest.mark.parametrize(
    ("name", "told"),
    [
        (
            "begining",
            "There is no likeness 'begining' installed; take one of built-in, own-words, off, beginning, missing,",
        ),
        ("missing", "The likeness 'missing' cannot be imported from beginnings:nothing: AttributeError: "),
        ("number", "The likeness 'number' is beginnings:number, which is no function that builds a model."),
    ],
)
def test_a_backend_that_cannot_be_used_is_refused(name: str, told: str) -> None:
    """By its name, with those that there are."""
    with pytest.raises(DefinitionError) as error:
        backend(name)

    assert str(error.value).startswith(told)


def test_a_bot_that_names_what_is_not_installed_does_not_start(tmp_path: Path) -> None:
    """In Python, and in bots.yaml with the line of the bot."""
    file = tmp_path / "bots.yaml"
    file.write_text("version: 1\nbots:\n  shop:\n    likeness: semantic\n    fallback: Hm?\n")

    with pytest.raises(DefinitionError, match="no likeness 'semantic' installed"):
        App(Bot("shop", likeness="semantic"))
    with pytest.raises(ConfigError, match=r"bots.yaml:3:3: bots.shop: There is no likeness 'semantic' installed"):
        load(file, secrets=False)


@pytest.mark.usefixtures("installed")
async def test_messages_are_taken_while_a_bot_learns_and_answered_once_it_has() -> None:
    """Never by one that has learned half."""
    async with Bench(library("beginning")) as bench:
        with learning_held_up():
            app = await bench.app()
            is_new = await bench.accept(bench.new_message(ANN, kind="text", text="when do you opxyz"))
            backlog = await app.store.backlog()
        await bench.quiet()

        assert (is_new, backlog.events) == (True, 1)
        assert [turn.outcome.intent for turn in bench.turns] == ["hours"]


@pytest.mark.usefixtures("installed")
async def test_the_old_bots_answer_while_the_new_ones_learn() -> None:
    """And the new ones from the moment on when they have."""
    async with Bench(library("built-in")) as bench:
        chat, app = UserChat(bench, ANN), await bench.app()
        with learning_held_up():
            replacing = asyncio.create_task(app.replace([library("beginning")]))
            meanwhile = await chat.say("whne do you open")
        await replacing

        assert meanwhile == ["hours"]
        assert await chat.say("when do you opxyz") == ["hours"]


@contextmanager
def learning_held_up() -> Iterator[None]:
    """Let the package learn nothing until the end of the block."""
    may_go_on = import_module("beginnings").may_go_on
    may_go_on.clear()
    try:
        yield
    finally:
        may_go_on.set()
