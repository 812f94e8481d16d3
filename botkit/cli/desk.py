"""The desk of one store, as commands ask it: beside whoever runs on it."""

import asyncio
import shlex
from collections.abc import Awaitable, Callable
from functools import update_wrapper
from typing import TypeVar

import click
from attrs import evolve, frozen

from botkit.cli.options import config_option, configuration, typed
from botkit.errors import ConfigError
from botkit.loading import store_of
from botkit.observe import SystemClock
from botkit.settings import without_password
from botkit.stores import Desk, Engine

T = TypeVar("T")
F = TypeVar("F", bound=Callable[..., object])


def desk_options(function: F) -> F:
    """Add what says which store is meant: ``--config FILE`` and ``--store URL``."""
    store = click.option("--store", metavar="URL", help="Another store than the one that the file names.")
    return config_option(store(function))


def asking_desk(function: Callable[..., object]) -> Callable[..., object]:
    """Give a sub-command the desk that its group was asked for; the same options may stand behind the sub-command."""

    def asked(group: AskedDesk, *, config: str | None, store: str | None, **given: object) -> object:
        return function(AskedDesk(config or group.config, store or group.store), **given)

    named: Callable[..., object] = update_wrapper(asked, function)
    # What stands before the sub-command is the default, which is not known here.
    config = click.option("--config", "-c", metavar="FILE", help="Another file than bots.yaml, or module:bot.")
    store = click.option("--store", metavar="URL", help="Another store than the one that the file names.")
    return config(store(click.pass_obj(named)))


@frozen
class AskedDesk:
    """The desk of the store that *config* names, or of *store*."""

    config: str
    store: str | None

    def do(self, what: Callable[[Desk], Awaitable[T]]) -> T:
        """Open the store, ask, and close it; raises ConfigError for a store that no other process can see."""
        return asyncio.run(self._do(what))

    def use(self, what: Callable[[Engine], Awaitable[T]]) -> T:
        """The same for what also puts something into the store."""
        return asyncio.run(self._do(what))

    @property
    def typed(self) -> str:
        """The options that name it to another command; without a password, which is nobody's business to see."""
        store = "" if self.store is None else f" --store {shlex.quote(without_password(self.store))}"
        return f"{typed(self.config)}{store}"

    async def _do(self, what: Callable[[Engine], Awaitable[T]]) -> T:
        settings = configuration(self.config, secrets=False).settings
        settings = settings if self.store is None else evolve(settings, store=self.store)
        if settings.store == ":memory:":
            raise ConfigError("A store in memory cannot be looked into from outside: name another one with --store.")
        engine = store_of(settings, SystemClock(), owner=False)
        await engine.open()
        try:
            return await what(engine)
        finally:
            await engine.close()
