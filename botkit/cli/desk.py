"""The desk of one store, as commands ask it: beside whoever runs on it."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

import click
from attrs import evolve, frozen

from botkit.cli.options import config_option, configuration
from botkit.errors import ConfigError
from botkit.loading import store_of
from botkit.observe import SystemClock
from botkit.stores import Desk, Engine

T = TypeVar("T")
F = TypeVar("F", bound=Callable[..., object])


def desk_options(function: F) -> F:
    """Add what says which store is meant: ``--config FILE`` and ``--store URL``."""
    store = click.option("--store", metavar="URL", help="Another store than the one that the file names.")
    return config_option(store(function))


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
