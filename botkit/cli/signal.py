"""`botkit signal`."""

import asyncio
import json
import uuid

import click
from attrs import evolve

from botkit.cli.options import config_option, configuration, something
from botkit.conversation.muted import RESUME
from botkit.errors import ConfigError
from botkit.events import Address, Signal
from botkit.loading import store_of
from botkit.observe import SystemClock
from botkit.settings import Settings


@click.command(name="signal")
@click.argument("user", metavar="PAGE/PSID")
@click.argument("name", callback=something)
@click.option("--data", default="null", metavar="JSON", help="What the handler that waits is given. Default: null.")
@click.option(
    "--id", "signal_id", metavar="ID", callback=something, help="The same id twice is one signal. Default: a new one."
)
@config_option
@click.option("--store", metavar="URL", help="Another store than the one that the file names.")
def command(user: str, name: str, data: str, signal_id: str | None, config: str, store: str | None) -> None:
    r"""Tell the handler that waits for NAME in the conversation of PAGE/PSID that it has happened.

    \b
        botkit signal 1070/2519283798 paid --data '{"amount": 12}' --id invoice-7

    Works beside a running botkit, which hears of it within a second.
    """
    page, slash, psid = user.partition("/")
    if not (slash and page and psid):
        raise ConfigError(f'"{user}" is not PAGE/PSID, such as 1070/2519283798.')
    try:
        content = json.loads(data)
    except ValueError as error:
        raise ConfigError(f"--data takes JSON, such as '{{\"amount\": 12}}': {error}.") from None
    if name == RESUME:
        raise ConfigError(f"The signal {RESUME} is botkit's own; `botkit user resume {user}` sends it.")
    settings = configuration(config, secrets=False).settings
    settings = settings if store is None else evolve(settings, store=store)
    address = Address("messenger", page, psid)
    signal = Signal(id=f"signal:{signal_id or uuid.uuid4()}", address=address, name=name, data=content)
    is_new = asyncio.run(_accept(settings, signal))
    click.echo(f"Signal {name} is on its way." if is_new else f"Signal {signal_id} was known already: nothing happens.")


async def _accept(settings: Settings, signal: Signal) -> bool:
    if settings.store == ":memory:":
        raise ConfigError("A store in memory cannot be written to from outside: name another one with --store.")
    engine = store_of(settings, SystemClock(), owner=False)
    await engine.open()
    try:
        return await engine.accept(signal)
    finally:
        await engine.close()
