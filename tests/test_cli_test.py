"""`botkit test`, and the transcripts that `botkit check` runs: exit codes, files, and what is printed."""

import html
import subprocess
import sys
from collections.abc import Iterator
from contextlib import chdir
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from click.testing import CliRunner, Result

from botkit.cli import commands

BOTS = """
version: 1
bots:
  shop: {intents: {hours: {phrases: [opening hours], reply: We open at 8.}}, fallback: What?}
"""
GOOD = "# hours\n> opening hours\n< We open at 8.\n\n# else\n> hm\n< …\n"
BAD = "# hours\n> opening hours\n< We open at 9.\n"


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """A folder with a shop's bots.yaml, which is where we are."""
    (tmp_path / "bots.yaml").write_text(BOTS)
    with chdir(tmp_path):
        yield tmp_path


def botkit(*arguments: str, **environment: str) -> Result:
    """Run a command as on a terminal with colours."""
    return CliRunner(env=environment).invoke(commands, arguments, color=True)


def test_what_passes_is_counted_and_the_next_command_named(folder: Path) -> None:
    """Exit code 0, for a file, and for everything below here."""
    (folder / "shop.chat.txt").write_text(GOOD)
    (folder / "more").mkdir()
    (folder / "more" / "more.chat.txt").write_text("> hm\n< What?\n")

    assert botkit("test", "shop.chat.txt").output.splitlines() == [
        "shop.chat.txt: 2 of 2 tests passed.",
        "2 tests passed.",
        "Next: botkit run --dev",
    ]
    assert (botkit("test").exit_code, "3 tests passed." in botkit("test").output) == (0, True)


def test_what_fails_is_shown_in_colours_unless_they_are_unwanted(folder: Path) -> None:
    """Exit code 1; expected in red, answered in green."""
    (folder / "shop.chat.txt").write_text(BAD)
    coloured, plain = botkit("test"), botkit("test", NO_COLOR="1")

    assert (coloured.exit_code, plain.exit_code) == (1, 1)
    assert "\x1b[31m  expected  < We open at 9." in coloured.output
    assert "\x1b[32m  answered  < We open at 8." in coloured.output
    assert plain.output.splitlines()[:4] == [
        "shop.chat.txt: 0 of 1 test passed.",
        "shop.chat.txt:3: hours",
        "            > opening hours",
        "  expected  < We open at 9.",
    ]
    assert plain.output.splitlines()[-1] == "1 of 1 test failed."


def test_results_are_written_where_they_are_wanted(folder: Path) -> None:
    """For a build server and for people, also when a test fails."""
    (folder / "shop.chat.txt").write_text(BAD)
    told = botkit("test", "--junit", "results.xml", "--storyboard", "board.html")

    assert "board.html shows all conversations; open it in a browser." in told.output
    assert (
        (folder / "results.xml").read_text().startswith('<?xml version="1.0" encoding="UTF-8"?>\n<testsuites tests="1"')
    )
    assert "We open at 9." in (folder / "board.html").read_text()


@pytest.mark.parametrize(
    ("text", "arguments", "code", "told"),
    [
        (None, [], 1, "There are no transcripts here: files that end with .chat.txt, such as shop.chat.txt."),
        ("hello\n", [], 1, "shop.chat.txt:1: a line begins with #, >, <, ! or //"),
        (GOOD, ["--config", "gone.yaml"], 1, "gone.yaml: cannot be read"),
        (GOOD, ["gone.chat.txt"], 2, "Path 'gone.chat.txt' does not exist."),
        (GOOD, ["--unit"], 2, "No such option"),
        (
            GOOD,
            ["--junit", "no/r.xml"],
            1,
            "no/r.xml cannot be written (No such file or directory); name another file.",
        ),
        (GOOD, ["--storyboard", "."], 1, ". cannot be written (Is a directory); name another file."),
        (GOOD, ["--config", "./bots.yaml"], 0, "Next: botkit run --dev --config ./bots.yaml"),
    ],
)
def test_a_mistake_gets_a_sentence(folder: Path, text: str | None, arguments: list[str], code: int, told: str) -> None:
    """With 1 for a problem, and 2 for wrong usage."""
    if text is not None:
        (folder / "shop.chat.txt").write_text(text)
    command = [sys.executable, "-m", "botkit", "test", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)

    assert (done.returncode, "Traceback" in done.stderr) == (code, False)
    assert told in done.stdout + done.stderr


def test_check_runs_the_transcripts_of_its_bots(folder: Path) -> None:
    """And fails where one of them does; those of other bots are theirs."""
    (folder / "shop.chat.txt").write_text(GOOD)
    (folder / "other").mkdir()
    (folder / "other" / "bots.yaml").write_text(BOTS)
    (folder / "other" / "other.chat.txt").write_text(BAD)
    good, other = botkit("check"), botkit("check", "--config", "other/bots.yaml")

    assert (good.exit_code, other.exit_code) == (0, 1)
    assert good.output.splitlines()[-2:] == [
        "2 of 2 transcript tests passed.",
        "No mistakes found. Next: botkit run --dev",
    ]
    assert "other/other.chat.txt:3: hours" in other.output
    assert other.output.splitlines()[-1] == "0 of 1 transcript tests passed."


def test_a_file_with_a_mistake_stops_no_other(folder: Path) -> None:
    """It counts as an error in the terminal, for a build server, and on the storyboard."""
    (folder / "broken.chat.txt").write_text("# hours\nopening hours\n> hm\n! restrat\n")
    (folder / "shop.chat.txt").write_text(GOOD)
    told = botkit("test", "--junit", "results.xml", "--storyboard", "board.html", NO_COLOR="1")
    results = ET.fromstring((folder / "results.xml").read_text())  # noqa: S314 - it was written here
    board = (folder / "board.html").read_text()
    mistakes = [
        'broken.chat.txt:2: a line begins with #, >, <, ! or //, or is indented; this one with "opening hours"',
        "broken.chat.txt:4: there is no ! restrat; did you mean ! restart?",
    ]

    assert told.exit_code == 1
    assert told.output.splitlines() == [
        *mistakes,
        "shop.chat.txt: 2 of 2 tests passed.",
        "board.html shows all conversations; open it in a browser.",
        "0 of 2 tests failed, 1 file could not be run.",
    ]
    assert {name: results.attrib[name] for name in ("tests", "failures", "errors")} == {
        "tests": "3",
        "failures": "0",
        "errors": "1",
    }
    assert [error.attrib["message"] for error in results.iter("error")] == ["\n".join(mistakes)]
    assert "2 conversations, 1 failed" in board
    assert all(html.escape(mistake) in board for mistake in mistakes)
    assert "We open at 8." in board


def test_check_runs_the_others_too(folder: Path) -> None:
    """And fails for the file that cannot be read."""
    (folder / "broken.chat.txt").write_text("hello\n")
    (folder / "shop.chat.txt").write_text(GOOD)
    checked = botkit("check", NO_COLOR="1")

    assert checked.exit_code == 1
    assert "broken.chat.txt:1: a line begins with" in checked.output
    assert checked.output.splitlines()[-1] == "2 of 2 transcript tests passed."


@pytest.mark.parametrize("option", ["--junit", "--storyboard"])
def test_a_file_that_cannot_be_written_is_told(folder: Path, option: str) -> None:
    """In a sentence, behind how the tests went."""
    (folder / "shop.chat.txt").write_text(GOOD)
    told = botkit("test", option, "nowhere/results")

    assert told.exit_code == 1
    assert told.output.splitlines()[0] == "shop.chat.txt: 2 of 2 tests passed."
    assert str(told.exception) == "nowhere/results cannot be written (No such file or directory); name another file."
