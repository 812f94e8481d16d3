"""`botkit run --dev`: the bots, a simulator in place of Vonage, and a page to chat in."""

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Final

from attrs import evolve, frozen

from botkit.app import App
from botkit.bot import Bot
from botkit.cli.lens import through
from botkit.cli.panel import CHANNEL, Drawer, Panel
from botkit.cli.reloading import OLD_STAY, reloader_of, restart_note
from botkit.cli.saying import say
from botkit.cli.unanswered import Unanswered
from botkit.config import Configuration
from botkit.errors import ConfigError
from botkit.events import Address
from botkit.loading import models, store_of
from botkit.monitoring import LogObserver, Metrics, RareAlarms, Tracebacks, observers
from botkit.observe import Clock, SystemClock
from botkit.reload import Reloaded
from botkit.serving.listening import Listening, serve
from botkit.settings import Settings
from botkit.simulator import Simulator
from botkit.simulator.clock import ShiftedClock
from botkit.simulator.record import Record
from botkit.simulator.window import Page, Window
from botkit.stores import Engine, file_of

#: The page of a bot that names none.
_ANY_PAGE: Final = "1"


@frozen(kw_only=True)
class Launch:
    """What is to be served, where: *config* names what was *loaded*; *settings* are those, as the options have them.

    *read_at* is a moment before anything of it was read; None: it is as the files are.
    """

    config: str
    loaded: Configuration
    read_at: datetime | None = None
    settings: Settings
    listening: Listening


async def serve_dev(launch: Launch, announce: Callable[[Settings], None]) -> None:
    """Serve the bots with a simulator until a signal says stop; *announce* is called once webhooks are taken."""
    settings, url, clock = launch.settings, launch.listening.url, SystemClock()
    store = store_of(settings, clock)
    # Whoever has the store has the chats beside it.
    await store.open()
    record = _record(settings.store)
    simulator = Simulator(
        inbound_url=f"{url}{settings.server.inbound}",
        status_url=f"{url}{settings.server.status}",
        page=pages_of(launch.loaded.bots)[0].id,
        record=record,
        clock=clock,
        # Whoever waits for the page would wait for the key.
        key_pair=False,
    )
    simulator.base_url = f"{url}/simulator"
    # What is linked to is here, wherever the file says that it is when it is no development.
    dev = evolve(settings, accounts=(simulator.account,), server=evolve(settings.server, public_url=url))
    await simulator.open()
    try:
        await _serve(evolve(launch, settings=dev), simulator, _Chats(store, record, clock), lambda: announce(dev))
    finally:
        await simulator.close()
        record.close()


@frozen
class _Chats:
    """Where everything about the chats is kept, and the machine's clock."""

    store: Engine
    record: Record
    clock: Clock


async def _serve(launch: Launch, simulator: Simulator, chats: _Chats, announce: Callable[[], None]) -> None:
    bots, shifted, metrics = launch.loaded.bots, ShiftedClock(), Metrics()
    # There is no app yet to find bots in.
    panel = Panel(chats.record, lambda address: app.directory.find(address), chats.clock)  # noqa: PLW0108 - see above
    log = RareAlarms(LogObserver(await chats.store.secret()), chats.clock)
    observer = observers(log, metrics, panel, Tracebacks(partial(say, err=True)))
    seen = through(chats.store, shifted, panel)
    app = App(bots, settings=launch.settings, store=seen, clock=chats.clock, observer=observer)
    app.models = models()
    app.inquiries.on_answer = panel.looked_up
    window = Window(
        simulator,
        chats.record,
        pages=pages_of(bots),
        look=Drawer(chats.store),
        asked=Unanswered(chats.store, lambda: app.directory.bots),
        save=partial(_saved, app, chats.record, launch.config),
        clock=shifted,
    )
    reloader = reloader_of(
        launch.config, launch.loaded, app, dev=True, read_at=launch.read_at, shown=partial(_show, window)
    )
    await serve(
        app,
        launch.listening,
        metrics=metrics,
        mount=[*simulator.routes("/simulator"), *window.routes()],
        announce=announce,
        beside=reloader.running(watch=True),
    )


def _saved(app: App, record: Record, config: str, page: str, user: str) -> str:
    """What *user* and *page* said to one another, as a transcript that is to stand beside *config*."""
    # The testing kit is large, and is not loaded before somebody saves something.
    from botkit.cli.saving import saved  # noqa: PLC0415 - see above
    from botkit.testing.transcripts import head_for  # noqa: PLC0415 - see above

    bot = app.directory.find(Address(CHANNEL, page, user))
    name = bot.name if bot is not None and len(app.directory.bots) > 1 else None
    entries = [entry for entry in record.since(0) if (entry.page, entry.user) == (page, user)]
    timezone = "UTC" if bot is None else bot.settings.timezone
    return saved(entries, timezone=timezone, head=head_for(Path(config).with_name("saved.chat.txt"), config, name))


def _show(window: Window, reloaded: Reloaded) -> None:
    if reloaded.configuration is None:
        window.show(problems=(OLD_STAY, *reloaded.problems))
    else:
        note = restart_note(reloaded)
        window.show(pages=pages_of(reloaded.configuration.bots), problems=(note,) if note else ())


def pages_of(bots: Sequence[Bot]) -> tuple[Page, ...]:
    """The pages that can be written to; a bot without any answers on every page, and here on one."""
    return tuple(Page(page, bot.name, bot.settings.timezone) for bot in bots for page in bot.pages or (_ANY_PAGE,))


def _record(store: str) -> Record:
    path = record_path(store)
    try:
        return Record(path)
    except OSError as error:
        raise ConfigError(f"The chats cannot be kept in {path} ({error.strerror}); name another --store.") from error


def record_path(store: str) -> Path | None:
    """Where the chats are kept: in a file beside the store, and in memory where the store is.

    >>> [str(record_path(store)) for store in ("botkit.db", "sqlite:///var/bots.db", ":memory:")]
    ['botkit.db.chat', 'var/bots.db.chat', 'None']
    """
    if store == ":memory:":
        return None
    return Path(f"{file_of(store) or 'botkit'}.chat")
