"""What the reference lists is what there is, and the pages make a site in which every link leads somewhere."""

import doctest
import inspect
import json
import re
from pathlib import Path

import click
import pytest
from sphinx.application import Sphinx

import botkit
from botkit import errors
from botkit.cli import COMMANDS, commands
from botkit.config import schema_text
from botkit.monitoring import Metrics
from tools.reference.__main__ import FOLDER, PAGES, main, text
from tools.reference.environment import ENVIRONMENT, variables

DOCS = Path(__file__).parent.parent / "docs"


def headings(name: str) -> set[str]:
    """The headings of a page, of whatever depth."""
    return set(re.findall(r"^#+ (.+)$", (FOLDER / name).read_text("utf-8"), re.MULTILINE))


def options(command: click.Command) -> set[str]:
    """The flags of a command and of those below it."""
    inner = command.commands.values() if isinstance(command, click.Group) else ()
    own = {name for one in command.params if isinstance(one, click.Option) for name in one.opts}
    return own.union(*map(options, inner))


@pytest.mark.parametrize("name", PAGES)
def test_every_page_is_what_the_code_says(name: str) -> None:
    """Else: python -m tools.reference."""
    assert (FOLDER / name).read_text("utf-8") == text(name)


def test_a_stale_page_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """With --check nothing is written."""
    assert main(["--check"], tmp_path) == 1
    assert "docs/reference/yaml.md is stale" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_every_key_of_bots_yaml_has_its_heading() -> None:
    """Wherever in the schema it stands."""

    def keys(part: object) -> set[str]:
        if isinstance(part, list):
            return set().union(*map(keys, part))
        if not isinstance(part, dict):
            return set()
        return set(part.get("properties", ())).union(*map(keys, part.values()))

    assert keys(json.loads(schema_text())) - headings("yaml.md") == set()


@pytest.mark.parametrize("name", COMMANDS)
def test_every_flag_has_its_heading(name: str) -> None:
    """Those of commands within a command, too."""
    command = commands.get_command(click.Context(commands), name)
    assert command is not None
    shown = {word.strip(",") for heading in headings("commands.md") for word in heading.split()}

    assert options(command) - shown == set()


def test_every_environment_variable_has_its_heading() -> None:
    """And none is explained that nothing reads."""
    assert headings("environment.md") >= variables() == set(ENVIRONMENT)


def test_every_metric_has_its_heading() -> None:
    """As the exposition names it."""
    exposed = set(re.findall(r"^# TYPE (\w+?)(?:_total)? ", Metrics().exposition()[0].decode(), re.MULTILINE))

    assert {name for name in exposed if not name.endswith("_created")} - headings("metrics.md") == set()


def test_every_error_has_its_heading() -> None:
    """All that botkit.errors defines."""
    names = {name for name, one in inspect.getmembers(errors, inspect.isclass) if issubclass(one, BaseException)}

    assert names - headings("errors.md") == set()


@pytest.mark.filterwarnings("ignore:.*myst_parser.*deprecated")
def test_the_pages_make_a_site(tmp_path: Path) -> None:
    """Every page is reached from the first one, and every link from page to page leads to a heading."""
    told = (tmp_path / "warnings").open("w+")
    site = Sphinx(DOCS, DOCS, tmp_path / "site", tmp_path / "trees", "html", status=None, warning=told)
    site.build()
    told.seek(0)

    assert told.read() == ""
    assert (tmp_path / "site" / "tutorial.html").exists()


@pytest.mark.parametrize("name", botkit.__all__)
def test_every_public_name_has_an_example(name: str) -> None:
    """In its docstring, where it is run with the tests."""
    docstring = inspect.getdoc(getattr(botkit, name)) or ""

    assert doctest.DocTestParser().get_examples(docstring)
