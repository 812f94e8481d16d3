"""Reloading under `botkit run`: what is told in the terminal, in the log and on the page, and when."""

import asyncio
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from functools import partial
from pathlib import Path

from botkit.app import App
from botkit.cli.options import configuration
from botkit.cli.saying import say
from botkit.config import Configuration
from botkit.observe import Alarm, Lifecycle
from botkit.reload import Reloaded, Reloader, Sources

OLD_STAY = "The new bots have mistakes; those that run stay as they are."


def _unshown(reloaded: Reloaded) -> None:
    """There is no page to show it."""


def reloader_of(
    config: str,
    loaded: Configuration,
    app: App,
    *,
    dev: bool,
    read_at: datetime | None = None,
    shown: Callable[[Reloaded], None] = _unshown,
) -> Reloader:
    """What reloads the bots of *config* into *app*; under *dev* their modules too. *shown* is told besides.

    What runs was *loaded* from files that were read after *read_at*.
    """
    file = Path(config) if Path(config).exists() else Path.cwd() / "bots.yaml"

    def told(reloaded: Reloaded) -> None:
        _log(reloaded, app)
        _print(reloaded)
        shown(reloaded)

    return Reloader(
        lambda: configuration(config, secrets=not dev),
        loaded=loaded,
        sources=Sources(file, python=dev),
        replace=partial(_replace, app),
        told=told,
        read_at=read_at,
    )


async def _replace(app: App, fresh: Configuration) -> None:
    """Let the bots of *fresh* answer, and ask where those may; where that fails all stays as it was."""
    before = app.inquiries.hosts
    app.inquiries.use(fresh.settings.lookups)
    try:
        await app.replace(fresh.bots)
    except BaseException:
        app.inquiries.use(before)
        raise


@asynccontextmanager
async def on_hangup(reloader: Reloader, *, watch: bool) -> AsyncIterator[None]:
    """Reload on SIGHUP, where there is such a thing, and with *watch* when bots.yaml changes."""
    number = getattr(signal, "SIGHUP", None)
    loop = asyncio.get_running_loop()
    async with reloader.running(watch=watch):
        if number is not None:
            loop.add_signal_handler(number, reloader.ask)
        try:
            yield
        finally:
            if number is not None:
                loop.remove_signal_handler(number)


def restart_note(reloaded: Reloaded) -> str:
    """What to say of settings that have changed, empty where none has."""
    if not reloaded.restart:
        return ""
    return f"Changed, and used only after a restart: {', '.join(reloaded.restart)}."


def _log(reloaded: Reloaded, app: App) -> None:
    if reloaded.configuration is None:
        # The line of the file and its caret are for who reads them below one another.
        first = reloaded.problems[0].partition("\n")[0]
        app.observer(Alarm("reload_failed", f"{OLD_STAY} {first}"))
    else:
        app.observer(Lifecycle("reloaded", ", ".join(bot.name for bot in reloaded.configuration.bots)))


def _print(reloaded: Reloaded) -> None:
    if reloaded.configuration is None:
        say("\n".join((OLD_STAY, *reloaded.problems)), err=True)
        return
    names = ", ".join(bot.name for bot in reloaded.configuration.bots)
    lines = [f"Reloaded: {names}.", *(f"warning: {warning}" for warning in reloaded.configuration.warnings)]
    say("\n".join(filter(None, [*lines, restart_note(reloaded)])), err=True)
