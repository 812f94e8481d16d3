"""`botkit run`."""

import asyncio
import os
import shutil
import sys
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import click
from attrs import evolve, frozen

from botkit.app import App
from botkit.cli.options import DEFAULT_CONFIG, configuration, typed
from botkit.cli.reloading import on_hangup, reloader_of
from botkit.cli.saying import say
from botkit.config import Configuration, check_exposure, check_public_url, is_loopback
from botkit.errors import ConfigError
from botkit.loading import models, store_of
from botkit.monitoring import LogObserver, Metrics, RareAlarms, configure_logging, observers
from botkit.observe import Observer, SystemClock
from botkit.serving.listening import Listening, bind, serve
from botkit.serving.watchdog import Watchdog, limit_from
from botkit.settings import Settings, without_password


@frozen(kw_only=True)
class _Options:
    config: str
    host: str | None
    port: int | None
    public_url: str | None
    store: str | None
    dev: bool
    reload: bool
    log_level: str
    log_format: str


@click.command(name="run")
@click.argument("named", required=False, metavar="[CONFIG | module:bot]")
@click.option("--config", "-c", metavar="FILE", help="The same as CONFIG, as with every other command.")
@click.option("--host", help="The address to listen on; default: the file's, else 127.0.0.1.")
@click.option("--port", type=click.IntRange(0, 65_534), help="The port to listen on; default: the file's, else 9000.")
@click.option(
    "--store", metavar="URL", help="Where messages and sessions are kept; default: the file's, else botkit.db."
)
@click.option(
    "--public-url",
    metavar="URL",
    envvar="BOTKIT_PUBLIC_URL",
    help="Where the server can be reached from outside, for links to it; default: $BOTKIT_PUBLIC_URL, else the file's.",
)
@click.option("--dev", is_flag=True, help="Use a simulator in place of Vonage; for this machine only.")
@click.option("--reload", is_flag=True, help="Take over bots.yaml when it changes; --dev does, Python modules too.")
@click.option(
    "--log-level", type=click.Choice(["DEBUG", "INFO", "WARNING", "ERROR"]), default="INFO", show_default=True
)
@click.option("--log-format", type=click.Choice(["text", "json"]), default="text", show_default=True)
def command(named: str | None, config: str | None, **options: object) -> None:
    r"""Run the bots of CONFIG (default: bots.yaml), or one bot in Python.

    \b
        botkit run --dev                a simulator stands in for Vonage: no account needed
        botkit run                      with the account under vonage: in bots.yaml
        botkit run shop:bot             the bot of shop.py, with the default settings

    SIGTERM or Ctrl-C finishes the turns that run, sends what they answered, and exits 0; a second one exits at once.
    What is not finished is done after the next start: nothing that was acknowledged is lost. SIGHUP reads bots.yaml
    again: if it is good, its bots answer from the next turn on; sessions stay.
    """
    if named is not None and config is not None:
        raise click.UsageError("Write CONFIG or --config, not both.")
    chosen = _Options(config=named or config or DEFAULT_CONFIG, **options)  # type: ignore[arg-type]  # click has checked them
    with asyncio.Runner(loop_factory=_fast_loop()) as runner:
        runner.run(_run(chosen))


def _fast_loop() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """The event loop of uvloop, where the extra ``botkit[speed]`` is installed."""
    try:
        import uvloop  # noqa: PLC0415 - an extra, which need not be there
    except ImportError:
        return None
    factory: Callable[[], asyncio.AbstractEventLoop] = uvloop.new_event_loop
    return factory


async def _run(options: _Options) -> None:
    configure_logging(options.log_level, "json" if options.log_format == "json" else "text")
    read_at = SystemClock().now()
    loaded = configuration(options.config, secrets=not options.dev)
    settings = _settings(loaded, options)
    for warning in loaded.warnings:
        say(f"warning: {warning}", err=True)
    listener = bind(settings.server.host, settings.server.port)
    host, port = listener.getsockname()[:2]
    if options.dev:
        await _serve_dev(loaded, settings, Listening(host, port, listener), options, read_at)
    else:
        await _serve(loaded, settings, Listening(host, port, listener), options, read_at)


def _settings(loaded: Configuration, options: _Options) -> Settings:
    server = loaded.settings.server
    port = server.port if options.port is None else options.port
    server = evolve(
        server, host=options.host or server.host, port=port, public_url=options.public_url or server.public_url
    )
    settings = evolve(loaded.settings, server=server, store=options.store or loaded.settings.store)
    if options.dev and not is_loopback(server.host):
        raise ConfigError(f"--dev is for this machine only, and {server.host} can be reached from others.")
    if options.public_url:
        check_public_url(options.public_url)
    check_exposure(settings)
    pictures = [picture.name for bot in loaded.bots for picture in bot.pictures.values()]
    if not options.dev and pictures and server.public_url is None:
        raise ConfigError(
            f"{pictures[0]} is a picture of the bot's own, and nobody knows where it can be fetched: write"
            " server: {public_url: https://…} in bots.yaml, or --public-url."
        )
    if not options.dev and not settings.accounts:
        raise ConfigError("There is no Vonage account: write one under vonage: in bots.yaml, or use --dev.")
    return settings


async def _serve(
    loaded: Configuration, settings: Settings, listening: Listening, options: _Options, read_at: datetime
) -> None:
    app, metrics = await _app(loaded, settings)
    reloader = reloader_of(options.config, loaded, app, dev=False, read_at=read_at)
    await serve(
        app,
        listening,
        metrics=metrics,
        announce=lambda: _announce(listening, settings),
        beside=on_hangup(reloader, watch=options.reload),
        # Not with --dev, where a debugger may stand still for as long as it likes.
        watchdog=Watchdog(limit_seconds=limit_from(os.environ), observer=app.observer),
    )


async def _serve_dev(
    loaded: Configuration, settings: Settings, listening: Listening, options: _Options, read_at: datetime
) -> None:
    # Only --dev loads the simulator: production starts without it, and never has one.
    from botkit.cli.dev import Launch, serve_dev  # noqa: PLC0415 - see above

    launch = Launch(config=options.config, loaded=loaded, read_at=read_at, settings=settings, listening=listening)
    await serve_dev(launch, lambda dev: _announce_dev(listening, dev, options.config))


async def _app(loaded: Configuration, settings: Settings) -> tuple[App, Metrics]:
    clock, metrics = SystemClock(), Metrics()
    store = store_of(settings, clock)
    await store.open()
    log = RareAlarms(LogObserver(await store.secret()), clock)
    observer: Observer = observers(log, metrics)
    app = App(loaded.bots, settings=settings, store=store, clock=clock, observer=observer)
    app.models = models()
    return app, metrics


def _announce(listening: Listening, settings: Settings) -> None:
    say(f"botkit listens on {listening.url} and keeps everything in {without_password(settings.store)}.")
    server = settings.server
    if server.public_url is None:
        say(f"Give Vonage {server.inbound} and {server.status} below your public address.")
    else:
        public = server.public_url.rstrip("/")
        say(f"Give Vonage {public}{server.inbound} and {public}{server.status}.")


def _announce_dev(listening: Listening, settings: Settings, config: str) -> None:
    say(f"botkit listens on {listening.url}, with a simulator in place of Vonage.")
    say(f"Chat with your bots in a browser: {listening.url}/")
    say(f"Everything is kept in {without_password(settings.store)}.")
    say("Or, in another terminal:")
    say(f"    {_typed()} chat{typed(config)}")
    say(f"    curl -d 'hello' {listening.url}/simulator/say")
    say("Ctrl-C stops it.")


def _typed() -> str:
    """How this command is typed from here: by its path, where the name alone would not find it."""
    program, found = Path(sys.argv[0]), shutil.which("botkit")
    if program.name != "botkit" or (found is not None and Path(found).samefile(program)):
        return "botkit"
    return str(program.relative_to(Path.cwd())) if program.is_relative_to(Path.cwd()) else str(program)
