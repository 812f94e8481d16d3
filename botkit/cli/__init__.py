"""The command line: one module a command, each loaded only when it is called."""

import errno
import gc
import importlib
import os
import sys
from typing import Final

import click

from botkit.cli.exits import PROBLEMS
from botkit.errors import BotkitError

COMMANDS: Final = (
    "new",
    "run",
    "chat",
    "check",
    "test",
    "explain",
    "evaluate",
    "diff",
    "queue",
    "flows",
    "gaps",
    "user",
    "send",
    "signal",
    "jwt",
    "schema",
)

#: What a full disk, and one that is full for this user, say.
_NO_ROOM: Final = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


class _Commands(click.Group):
    """Loads a command's module when the command is called, so that each starts as fast as it can."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return None
        command = importlib.import_module(f"botkit.cli.{cmd_name}").command
        return _with_examples(command) if isinstance(command, click.Command) else None


def _with_examples(command: click.Command) -> click.Command:
    r"""Tell click to leave the lines alone that stand below ``\b``: in a raw docstring those are two characters."""
    command.help = (command.help or "").replace("\\b\n", "\b\n")
    for inner in command.commands.values() if isinstance(command, click.Group) else ():
        _with_examples(inner)
    return command


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="botkit", message="botkit %(version)s")
@click.pass_context
def commands(context: click.Context) -> None:
    """Facebook Messenger bots over the Vonage Messages API.

    Start with `botkit run --dev`: it runs the bots of bots.yaml with a simulator in place of Vonage. Then `botkit chat`
    to talk to them here, `botkit check` to find mistakes, `botkit test` to run transcripts, `botkit explain "some
    text"` to see why an answer was chosen.
    """
    if os.environ.get("NO_COLOR"):  # https://no-color.org
        context.color = False


def main() -> None:
    """Run the command line; a user's mistake is one sentence on stderr and exit code 1, never a traceback."""
    # Starting makes much and drops nothing: looking for what was dropped would take a tenth of the start.
    gc.set_threshold(100_000, 20, 20)
    try:
        commands(prog_name="botkit")
    except BotkitError as error:
        click.echo(str(error), err=True)
        sys.exit(PROBLEMS)
    except OSError as error:
        if error.errno not in _NO_ROOM:
            raise
        where = error.filename or "the output"
        click.echo(f"{error.strerror}: {where} could not be written; make room, or let it go elsewhere.", err=True)
        sys.exit(PROBLEMS)
