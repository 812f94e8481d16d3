"""The commands and their flags."""

import inspect
from collections.abc import Iterator

import click

from botkit.cli import COMMANDS, commands


def commands_page() -> str:
    """Every command with its flags."""
    text = ["# Commands", "What `botkit COMMAND --help` says."]
    context = click.Context(commands, info_name="botkit")
    for name in COMMANDS:
        command = commands.get_command(context, name)
        assert command is not None
        text += _command(command, click.Context(command, info_name=name, parent=context), "##")
    return "\n\n".join(text)


def _command(command: click.Command, context: click.Context, level: str) -> Iterator[str]:
    yield f"{level} {context.command_path}"
    yield f"`{' '.join([context.command_path, *command.collect_usage_pieces(context)])}`"
    yield from _help(command.help or "")
    for parameter in command.params:
        if isinstance(parameter, click.Option):
            names, meaning = parameter.get_help_record(context) or ("", "")
            yield f"{level}# {names}\n\n{meaning}"
    if isinstance(command, click.Group):
        for name, inner in command.commands.items():
            yield from _command(inner, click.Context(inner, info_name=name, parent=context), f"{level}#")


def _help(text: str) -> Iterator[str]:
    r"""The paragraphs of a help text; those that stand below ``\b`` as they are."""
    for paragraph in inspect.cleandoc(text).split("\n\n"):
        kept = paragraph.removeprefix("\b\n")
        yield kept if kept == paragraph else f"```text\n{inspect.cleandoc(kept)}\n```"
