"""`botkit chat`."""

import asyncio
import sys
from itertools import count

import click
from attrs import evolve

from botkit.app import App
from botkit.cli.options import config_option, configuration
from botkit.cli.terminal import Terminal
from botkit.config import Configuration
from botkit.errors import ConfigError
from botkit.events import Address, Message
from botkit.observe import DeliveryMoved, Happening, TurnFailed, TurnFinished

_USER = "you"


@click.command(name="chat")
@config_option
@click.option("--bot", "name", metavar="NAME", help="Which bot, where there are several.")
def command(config: str, name: str | None) -> None:
    r"""Talk to a bot in this terminal, through the code that answers on Messenger.

    Nothing is kept and nothing is sent anywhere. Type /quit or press Ctrl-D to leave. Works in a pipe too:

    \b
        echo "when do you open?" | botkit chat
    """
    loaded = configuration(config, secrets=False)
    asyncio.run(_chat(loaded, _page(loaded, name)))


def _page(loaded: Configuration, name: str | None) -> str:
    bots = [bot for bot in loaded.bots if name in (None, bot.name)]
    if len(bots) != 1:
        raise ConfigError(f"Say which bot with --bot: {', '.join(bot.name for bot in loaded.bots)}.")
    return bots[0].pages[0] if bots[0].pages else "1"


class _Quiet:
    """Knows when everything that was said has been answered: an observer of the app."""

    def __init__(self) -> None:
        self.changed = asyncio.Event()

    def __call__(self, happening: Happening) -> None:
        if isinstance(happening, TurnFailed) and not happening.lease_lost:
            click.echo(f"  ({happening.error})", err=True)
        if isinstance(happening, (TurnFinished, TurnFailed, DeliveryMoved)):
            self.changed.set()


async def _chat(loaded: Configuration, page: str) -> None:
    interactive = sys.stdin.isatty()
    terminal, quiet = Terminal(click.echo), _Quiet()
    settings = evolve(loaded.settings, store=":memory:", accounts=())
    app = App(loaded.bots, settings=settings, channel=terminal, observer=quiet)
    address = Address("messenger", page, _USER)
    if interactive:
        click.echo("Say something, or /quit.")
    async with app:
        for number in count():
            text = await asyncio.to_thread(_line, interactive=interactive)
            if text is None or text.strip() == "/quit":
                break
            if text.strip():
                await _say(app, quiet, Message(id=str(number), address=address, kind="text", text=text))


def _line(*, interactive: bool) -> str | None:
    try:
        return input("> " if interactive else "")
    except EOFError:
        return None


async def _say(app: App, quiet: _Quiet, message: Message) -> None:
    """Give *message* to the app and wait until nothing of the answer is under way."""
    await app.store.accept(message)
    while True:
        backlog = await app.store.backlog()
        if not backlog.events and not backlog.deliveries:
            return
        quiet.changed.clear()
        try:
            async with asyncio.timeout(1.0):
                await quiet.changed.wait()
        except TimeoutError:
            continue
