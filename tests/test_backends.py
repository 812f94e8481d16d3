"""Backends: other models of likeness, by name, and what happens while one learns."""

import asyncio
import re
import tomllib
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path

import pytest
from click.testing import CliRunner

from botkit import Bot
from botkit.app import App
from botkit.cli.explain import command as explain
from botkit.cli.talk import Talk
from botkit.errors import BackendError, ConfigError, DefinitionError
from botkit.events import Address
from botkit.loading import load
from botkit.matching.backends import GROUP, backend
from botkit.observe import Alarm
from botkit.testing import Bench, UserChat
from botkit.testing.fixture import BotTester
from likenesses import install, likenesses_in

pytest_plugins = ["botkit.testing"]

ANN = Address("messenger", "1", "ann")
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
#: Of the bot below.
LINE = 46
PHRASES = {"hours": ["when do you open", "opening hours today"], "card": ["get a card", "become a member"]}


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Packages with entry points."""
    with likenesses_in(tmp_path, monkeypatch):
        yield


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
            "There is no likeness 'begining' installed; take one of built-in, own-words, off, absent, beginning,",
        ),
        (
            "missing",
            "The likeness 'missing' cannot be imported from beginnings:nothing: module 'beginnings' has no attribute",
        ),
        (
            "raising",
            "The likeness 'raising' cannot be imported from raisings:build: raisings.py:3: OSError: no model; ",
        ),
        (
            "exiting",
            "The likeness 'exiting' cannot be imported from exitings:build: exitings.py:3: SystemExit: no GPU; tell",
        ),
        (
            "absent",
            "The likeness 'absent' cannot be imported from absences:build: ModuleNotFoundError: No module named",
        ),
        ("number", "The likeness 'number' is beginnings:number, which is no function that builds a model; tell"),
    ],
)
def test_a_backend_that_cannot_be_used_is_refused(
    name: str, told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By its name, with those that there are."""
    monkeypatch.chdir(tmp_path)
    with pytest.raises(DefinitionError) as error:
        backend(name)

    assert str(error.value).startswith(told)


@pytest.mark.usefixtures("installed")
@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("nothing", "(beginnings:build_nothing) has built a NoneType, which has no rank(text); "),
        (
            "broken",
            "(beginnings:break_down) has raised RuntimeError at beginnings.py:32 when it was to learn: no GPU; ",
        ),
        (
            "strange",
            "(beginnings:build_strange) has named an intent 'nobody' that it was not taught when it was to rank",
        ),
        ("endless", "(beginnings:build_endless) has given 'card' the score nan, which is no finite number, when it"),
        ("reversed", "(beginnings:build_reversed) has not put the best intent first: "),
        ("twice", "(beginnings:build_twice) has named the intent 'card' twice when it was to rank a text; "),
        ("leave", "(beginnings:leave) has raised SystemExit at beginnings.py:"),
        (
            "numbered",
            "(beginnings:build_numbered) has told a word as int, which is no ReadWord, when it was to tell the words",
        ),
        ("wordless", "(beginnings:Leaving) has raised SystemExit at beginnings.py:"),
    ],
)
def test_a_backend_that_breaks_its_law_is_told_where_a_bot_learns(
    name: str, told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """By its name and its function, and with the line that raised."""
    monkeypatch.chdir(tmp_path)
    with pytest.raises(BackendError) as error:
        library(name).learn()

    assert str(error.value).startswith(f"{__file__}:{LINE}: Bot library: The likeness {name!r} {told}")
    assert str(error.value).endswith("; tell whoever maintains it, or name another likeness.")


@pytest.mark.usefixtures("installed")
@pytest.mark.parametrize("name", ["broken", "strange", "endless", "leave", "exiting", "numbered"])
async def test_a_bot_whose_backend_cannot_learn_answers_by_its_phrases(name: str) -> None:
    """An alarm names the backend: nobody is left without an answer."""
    async with Bench(library(name)) as bench:
        chat, alarms = UserChat(bench, ANN), list[Alarm]()
        bench.on_alarm = alarms.append

        assert await chat.say("When do you open?") == ["hours"]
        assert await chat.say("when do you opxyz") == ["Sorry, I did not get that."]
        assert [one.name for one in alarms] == ["likeness_failed"]
        assert f"The likeness {name!r} " in alarms[0].text


@pytest.mark.usefixtures("installed")
@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("late", "(beginnings:build_late) has raised OSError at "),
        ("leaving", "(beginnings:build_leaving) has raised SystemExit at "),
        ("numbered-late", "(beginnings:build_numbered_late) has told a word as int, which is no ReadWord, when "),
    ],
)
async def test_a_text_that_a_backend_cannot_rank_is_declined(name: str, told: str) -> None:
    """The fallback answers, and an alarm names the backend and its line, and none of the user's words."""
    async with Bench(library(name)) as bench:
        chat, alarms = UserChat(bench, ANN), list[Alarm]()
        bench.on_alarm = alarms.append

        assert await chat.say("when do you opxyz") == ["hours"]
        assert await chat.say("when do you secret 4711") == ["Sorry, I did not get that."]
        assert {one.name for one in alarms} == {"likeness_failed"}
        assert f"The likeness {name!r} {told}" in alarms[0].text
        assert "secret" not in alarms[0].text


@pytest.mark.usefixtures("installed")
def test_without_anybody_to_tell_it_is_raised() -> None:
    """A command ends with a sentence."""
    bot = library("late")
    bot.learn()

    for ask in (bot.router.route, bot.router.explain):
        with pytest.raises(BackendError, match="has raised OSError at"):
            ask("my secret is 4711", now=NOON)


@pytest.mark.usefixtures("installed")
@pytest.mark.parametrize(("name", "told"), [("broken", "when it was to learn: no GPU; "), ("late", "to rank a text; ")])
def test_an_explanation_says_that_likeness_has_failed_and_why(name: str, told: str) -> None:
    """In a line, and as JSON; where nothing has failed there is none."""
    bot = library(name)
    with suppress(BackendError):
        bot.learn(failed=lambda error: None)
    explanation = bot.router.explain("my secret is 4711", now=NOON)
    (line,) = [one for one in explanation.lines() if "Likeness has failed" in one]

    assert line.startswith("Likeness has failed, so that only phrases are understood. ")
    assert told in line
    assert told in str(explanation.to_json()["failure"])
    assert library("built-in").router.explain("my secret is 4711", now=NOON).failure is None


@pytest.mark.usefixtures("installed")
@pytest.mark.parametrize("name", ["broken", "late"])
def test_the_command_explains_although_likeness_has_failed(name: str, tmp_path: Path) -> None:
    """With the place where the bot names it."""
    file = tmp_path / "bots.yaml"
    told = (
        "version: 1\nbots:\n  shop:\n    likeness: NAME\n    intents:\n      hi: {phrases: [hi, hello], reply: Hi!}\n"
    )
    file.write_text(told.replace("NAME", name))

    result = CliRunner().invoke(explain, ["my secret is 4711", "--config", str(file)])

    assert (result.exit_code, result.stderr) == (0, "")
    assert f"only phrases are understood. {file}:4:15: Bot shop: The likeness {name!r} (beginnings:" in result.stdout


@pytest.mark.usefixtures("installed")
async def test_new_bots_whose_backend_cannot_learn_do_not_take_the_place_of_the_old() -> None:
    """What runs goes on."""
    async with Bench(library("built-in")) as bench:
        chat, app = UserChat(bench, ANN), await bench.app()
        with pytest.raises(BackendError):
            await app.replace([library("broken")])

        assert await chat.say("whne do you open") == ["hours"]


@pytest.mark.usefixtures("installed")
async def test_whoever_tries_a_bot_out_is_told_once_that_its_backend_fails() -> None:
    """Beside the answers, and not in front of each."""
    told: list[str] = []
    async with Bench(library("broken")) as bench:
        talk = Talk(bench, "1", lambda text, voice: told.append(f"{voice}: {text}"), head=str)
        for text in ("when do you open", "when do you opxyz"):
            await talk.hear(text)

    assert told[0].startswith("failure:   (Only phrases are understood, and what is none is declined. ")
    assert f"test_backends.py:{LINE}: Bot library: The likeness 'broken'" in told[0]
    assert told[1:] == ["bot: hours", "bot: Sorry, I did not get that."]


async def test_the_backend_of_the_documentation_is_one(
    bot_tester: BotTester, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Installed as it is shown, and named by a bot."""
    page = (Path(__file__).parent.parent / "docs" / "understanding.md").read_text("utf-8")
    code, *_ = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    (project,) = re.findall(r"```toml\n(.*?)```", page, re.DOTALL)
    ((name, source),) = tomllib.loads(project)["project"]["entry-points"][GROUP].items()
    install(tmp_path, "shared_words", code, f"[{GROUP}]\n{name} = {source}\n")
    monkeypatch.syspath_prepend(str(tmp_path))

    assert await bot_tester(library(name)).say("when do you open today") == ["hours"]


def test_a_bot_that_names_what_is_not_installed_does_not_start(tmp_path: Path) -> None:
    """In Python, and in bots.yaml with the line of the bot."""
    file = tmp_path / "bots.yaml"
    file.write_text("version: 1\nbots:\n  shop:\n    likeness: semantic\n    fallback: Hm?\n")

    with pytest.raises(DefinitionError, match="no likeness 'semantic' installed"):
        App(Bot("shop", likeness="semantic"))
    with pytest.raises(
        ConfigError, match=r"bots.yaml:4:15: bots.shop.likeness: There is no likeness 'semantic' installed"
    ):
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
