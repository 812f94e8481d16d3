"""Options and steps that several commands share."""

import shlex
from collections.abc import Callable
from typing import Any, Final, TypeVar

import click

from botkit.bot import Bot
from botkit.config import Configuration
from botkit.errors import ConfigError
from botkit.loading import load_named

DEFAULT_CONFIG: Final = "bots.yaml"

F = TypeVar("F", bound=Callable[..., Any])


def config_option(function: F) -> F:
    """Add ``--config FILE`` to a command."""
    return click.option(
        "--config", "-c", "config", default=DEFAULT_CONFIG, show_default=True, metavar="FILE",
        help="The bots.yaml to read, or module:bot for a bot in Python.",
    )(function)  # fmt: skip


def something(context: click.Context, parameter: click.Parameter, said: str | None) -> str | None:
    """What was typed; refuses what says nothing, as an unset variable of a shell does, and bytes that are no text."""
    if said is not None and not said.strip():
        raise click.BadParameter("it is empty.")
    if said is not None and any("\ud800" <= sign <= "\udfff" for sign in said):
        raise click.BadParameter("it is not in UTF-8.")
    return said


def configuration(config: str, *, secrets: bool) -> Configuration:
    """Load *config*: a file, or ``module:bot``."""
    return load_named(config, secrets=secrets)


def typed(config: str) -> str:
    """The option that names *config* to another command, empty where that takes it anyhow.

    >>> typed("bots.yaml"), typed("my bots.yaml")
    ('', " --config 'my bots.yaml'")
    """
    return "" if config == DEFAULT_CONFIG else f" --config {shlex.quote(config)}"


def counted(number: int, noun: str) -> str:
    """How many there are, in words that are right for one too.

    >>> counted(1, "phrase"), counted(20, "phrase")
    ('1 phrase', '20 phrases')
    """
    return f"{number} {noun}{'' if number == 1 else 's'}"


def bot_called(name: str | None, loaded: Configuration) -> Bot:
    """The bot called *name*, or the only one; raises ConfigError where nobody knows which is meant."""
    if name is None and len(loaded.bots) == 1:
        return loaded.bots[0]
    for bot in loaded.bots:
        if bot.name == name:
            return bot
    raise ConfigError(f"Say which bot with --bot: {', '.join(bot.name for bot in loaded.bots)}.")
