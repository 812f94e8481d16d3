"""`botkit test`."""

import asyncio
import sys
from pathlib import Path

import click

from botkit.cli.exits import PROBLEMS
from botkit.cli.texts import write_to
from botkit.cli.verdicts import show_failures
from botkit.errors import ConfigError
from botkit.testing.transcripts import (
    SUFFIX,
    Tried,
    find_transcripts,
    junit,
    read_transcripts,
    run_transcripts,
    storyboard,
)


@click.command(name="test")
@click.argument("paths", nargs=-1, type=click.Path(exists=True, path_type=Path), metavar="[PATHS]...")
@click.option(
    "--config", "-c", metavar="FILE", help="The bots to test; default: the bots.yaml nearest each transcript."
)
@click.option("--junit", "junit_file", metavar="FILE", type=click.Path(path_type=Path), help="Write JUnit's XML there.")
@click.option(
    "--storyboard", "storyboard_file", metavar="FILE", type=click.Path(path_type=Path),
    help="Write a page with all conversations as chat bubbles.",
)  # fmt: skip
def command(paths: tuple[Path, ...], config: str | None, junit_file: Path | None, storyboard_file: Path | None) -> None:
    r"""Run the transcripts in PATHS (default: here and below), the files whose names end with .chat.txt.

    \b
        # booking survives a restart
        > book a table
        < For how many people?
        ! restart
        > 4
        < Which day? …

    Each test talks to the bot anew, with a store of its own. docs/testing.md tells what else may stand there. Exit
    code 1 if a test fails.
    """
    found = find_transcripts(paths or (Path(),))
    if not found:
        raise ConfigError(f"There are no transcripts here: files that end with {SUFFIX}, such as shop{SUFFIX}.")
    tried = asyncio.run(run_transcripts(read_transcripts(found), config=config, on_tried=_tell))
    if junit_file is not None:
        write_to(junit_file, junit(tried))
    if storyboard_file is not None:
        write_to(storyboard_file, storyboard(tried).encode())
        click.echo(f"{storyboard_file} shows all conversations; open it in a browser.")
    if not _sum_up(tried):
        sys.exit(PROBLEMS)
    click.echo("Next: botkit run --dev")


def _tell(tried: Tried) -> None:
    """Say how the tests of one file went."""
    if tried.broken is None:
        passed = sum(one.passed for one in tried.played)
        click.echo(f"{tried.transcript.file}: {passed} of {_tests(len(tried.played))} passed.")
    show_failures(tried)


def _sum_up(tried: list[Tried]) -> bool:
    """Say how all tests went; whether all passed."""
    played = [one for some in tried for one in some.played]
    failed = sum(not one.passed for one in played)
    broken = sum(some.broken is not None for some in tried)
    if failed or broken:
        click.echo(
            f"{failed} of {_tests(len(played))} failed"
            + (f", {_count(broken, 'file')} could not be run." if broken else ".")
        )
        return False
    click.echo(f"{_tests(len(played))} passed.")
    return True


def _tests(number: int) -> str:
    return _count(number, "test")


def _count(number: int, what: str) -> str:
    return f"{number} {what}" if number == 1 else f"{number} {what}s"
