"""`botkit chat`."""

import asyncio
import sys
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from functools import partial
from threading import Thread
from typing import Final, Protocol, TypeVar

import click

from botkit.cli.aside import tell_aside
from botkit.cli.lines import typed_lines
from botkit.cli.options import config_option
from botkit.cli.talk import Show, Talk, Voice
from botkit.config import Configuration
from botkit.errors import ConfigError
from botkit.testing import Bench
from botkit.testing.clock import ShiftedClock
from botkit.testing.transcripts import head_for

T = TypeVar("T")

_COLOURS: Final[dict[Voice, str]] = {"bot": "cyan", "note": "bright_black", "failure": "red"}


class _Run(Protocol):
    def __call__(self, work: Coroutine[None, None, T], /) -> T: ...


@click.command(name="chat")
@config_option
@click.option("--bot", "name", metavar="NAME", help="Which bot, where there are several.")
def command(config: str, name: str | None) -> None:
    r"""Talk to a bot in this terminal, through the code that answers on Messenger.

    Nothing is kept and nothing is sent anywhere. /help lists what may be typed besides words, such as /restart,
    /explain, /as USER, /at TIME and /save FILE. Type /quit or press Ctrl-D to leave. Works in a pipe too:

    \b
        echo "when do you open?" | botkit chat
    """
    bench = Bench(config, clock=ShiftedClock(), live=True)
    # What the bot does is shown from beside, where click does not know what this terminal is to be spared.
    show = partial(_show, click.get_current_context().color)
    tell_aside(lambda text: show(f"  ({text})", "failure"))
    talk = Talk(bench, _page(bench.configuration, name), show, head=lambda file: head_for(file, config, name))
    if sys.stdin.isatty():
        click.echo("Say something, or /help.")
    with _beside() as run:
        try:
            _converse(run, talk, show)
        finally:
            run(bench.close())


def _converse(run: _Run, talk: Talk, show: Show) -> None:
    for line in typed_lines(lambda: "> " if talk.is_alone else f"{talk.user}> ", talk.commands):
        if not run(talk.hear(line)):
            break
    if waiting := run(talk.waiting()):
        left = "message is" if waiting == 1 else "messages are"
        show(f"{waiting} {left} still to be answered or sent, later; /wait 1h lets time pass.", "failure")


def _page(loaded: Configuration, name: str | None) -> str:
    bots = [bot for bot in loaded.bots if name in (None, bot.name)]
    if len(bots) != 1:
        raise ConfigError(f"Say which bot with --bot: {', '.join(bot.name for bot in loaded.bots)}.")
    return bots[0].pages[0] if bots[0].pages else "1"


def _show(colour: bool | None, text: str, voice: Voice) -> None:
    click.secho(text, fg=_COLOURS[voice], err=voice == "failure", color=colour)


@contextmanager
def _beside() -> Iterator[_Run]:
    """Run what the bot does beside the prompt, so that it goes on while somebody types."""
    loop = asyncio.new_event_loop()
    thread = Thread(target=loop.run_forever, name="botkit-chat", daemon=True)
    thread.start()
    try:
        yield lambda work: asyncio.run_coroutine_threadsafe(work, loop).result()
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
