"""Every block in README and docs runs, and nothing that can be set, called or watched lacks its line."""

import inspect
import json
import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from botkit import Bot
from botkit.cli import COMMANDS, commands
from botkit.cli.talk import Talk
from botkit.config import read, schema_text
from botkit.monitoring import Metrics
from botkit.monitoring.logs import NAMES
from botkit.simulator import Simulator
from botkit.simulator.__main__ import main as simulator_command
from botkit.testing import Bench
from botkit.testing.fixture import BotTester
from botkit.testing.transcripts import DIRECTIVES, failures, find_transcripts, read_transcripts, run_transcripts

pytest_plugins = ["botkit.testing"]

ROOT = Path(__file__).parent.parent
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def blocks(page: Path, language: str) -> list[str]:
    """The blocks of *language* on a page, in order."""
    return [body for found, body in BLOCK.findall(page.read_text("utf-8")) if found == language]


def names(pages: list[Path]) -> list[str]:
    """The pages' names, for the report."""
    return [page.name for page in pages]


#: The tutorial's are files that import one another: tests/test_tutorial.py keeps them as it says.
SCRIPTS = [page for page in PAGES if page.name != "tutorial.md"]


@pytest.mark.parametrize("page", SCRIPTS, ids=names(SCRIPTS))
async def test_python_blocks_run(page: Path, bot_tester: BotTester) -> None:
    """The blocks of a page run one after another, and the tests in them pass."""
    module: dict[str, object] = {}
    for block in blocks(page, "python"):
        exec(compile(block, str(page), "exec"), module)  # noqa: S102 - our own documentation
    for name, found in module.items():
        if name.startswith("test_") and inspect.iscoroutinefunction(found):
            await found(**{"bot_tester": bot_tester} if inspect.signature(found).parameters else {})


def conversations() -> Iterator[tuple[str, str, str]]:
    """Every transcript that is shown, its page, and the bots.yaml above it."""
    for page in PAGES:
        bots = ""
        for language, body in BLOCK.findall(page.read_text("utf-8")):
            bots = body if language == "yaml" else bots
            if language == "chat":
                yield page.name, bots, body


@pytest.mark.parametrize(("page", "bots", "text"), list(conversations()))
async def test_transcripts_that_are_shown_pass(page: str, bots: str, text: str, tmp_path: Path) -> None:
    """With the bots that are shown above them."""
    (tmp_path / "bots.yaml").write_text(bots)
    (tmp_path / "page.chat.txt").write_text(text)
    (tried,) = await run_transcripts(read_transcripts(find_transcripts([tmp_path])))

    assert [line.text for line in failures(tried)] == []
    assert tried.played


YAML = [(page, number) for page in PAGES for number in range(len(blocks(page, "yaml")))]


@pytest.mark.parametrize(("page", "number"), YAML, ids=[f"{page.name}-{number}" for page, number in YAML])
def test_yaml_blocks_are_good(page: Path, number: int) -> None:
    """Every bots.yaml that is shown is one."""
    text = blocks(page, "yaml")[number]
    environment = dict.fromkeys(re.findall(r"\$\{(\w+)\}", text), "set")
    configuration = read(
        text,
        file=page.name,
        environment=environment,
        read_file=lambda name: b"",
        import_name=lambda name: None,
        secrets="vonage:" in text,
    )

    assert configuration.bots
    assert configuration.warnings == ()


def shell_lines() -> Iterator[list[str]]:
    """Every command that is shown, as words."""
    for page in PAGES:
        for block in blocks(page, "sh"):
            for line in block.splitlines():
                yield shlex.split(line, comments=True)


@pytest.mark.parametrize("words", list(shell_lines()), ids=" ".join)
def test_shell_lines_name_what_exists(words: list[str]) -> None:
    """What is to be typed can be typed."""
    makefile = (ROOT / "Makefile").read_text("utf-8")
    routes = {route.path for route in Simulator().routes()}
    match words:
        case ["make", target, *settings]:
            assert re.search(rf"^{target}:", makefile, re.MULTILINE)
            assert all(f"$(or $({setting.partition('=')[0]})," in makefile for setting in settings)
        case ["curl", *_, url]:
            assert re.sub(r"^http://127.0.0.1:9000", "", url) in routes
        case [".venv/bin/botkit" | "botkit", command, *rest]:
            parsed = commands.get_command(commands.make_context("botkit", [], resilient_parsing=True), command)
            assert parsed is not None
            parsed.make_context(command, rest)
        case ["python", "-m", "botkit.simulator", *rest]:
            simulator_command.make_context("simulator", rest)
        case ["export", _]:
            pass
        case _:
            pytest.fail(f"Nobody knows how to check {words}.")


def test_every_key_of_bots_yaml_is_documented() -> None:
    """A writer finds each key in docs/yaml.md."""
    text = (ROOT / "docs" / "yaml.md").read_text("utf-8")
    schema = json.loads(schema_text())
    parts = [schema, schema["properties"]["server"], *schema["$defs"].values()]
    parts += [branch for part in schema["$defs"].values() for branch in part.get("anyOf", ())]
    keys = {key for part in parts for key in part.get("properties", ())}

    assert [key for key in sorted(keys) if f"`{key}`" not in text and f"# {key}\n" not in text] == []


def test_every_directive_of_transcripts_is_documented() -> None:
    """A writer finds each in docs/testing.md."""
    text = (ROOT / "docs" / "testing.md").read_text("utf-8")

    assert [word for word in DIRECTIVES if f"`! {word}" not in text] == []


def test_every_command_of_a_chat_is_documented() -> None:
    """A writer finds each in docs/testing.md."""
    text = (ROOT / "docs" / "testing.md").read_text("utf-8")
    bench = Bench(Bot())
    talk = Talk(bench, "1", lambda text, voice: None, head=lambda file: "")

    assert [word for word in talk.commands if f"`{word}" not in text] == []


def test_every_metric_and_every_log_name_is_documented() -> None:
    """An operator finds each in docs/operating.md."""
    text = (ROOT / "docs" / "operating.md").read_text("utf-8")
    metrics = {family.name for family in Metrics()._registry.collect()}

    assert [name for name in sorted({*metrics, *NAMES.values()}) if f"`{name}`" not in text] == []


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_its_help_and_its_line(name: str) -> None:
    """Each command is named in the README, and its help says what it does and shows an example or its options."""
    shown = CliRunner().invoke(commands, [name, "--help"])

    assert (
        f"`{name}`" in (ROOT / "README.md").read_text("utf-8") or f"`botkit {name}" in (ROOT / "README.md").read_text()
    )
    assert shown.exit_code == 0
    assert len(shown.output.splitlines()) > 6


def test_links_lead_somewhere() -> None:
    """A link to a file of the project leads to one."""
    for page in PAGES:
        for target in re.findall(r"\]\((?!https?:)([^)#]+)\)", page.read_text("utf-8")):
            assert (page.parent / target).exists(), f"{page.name}: {target}"
