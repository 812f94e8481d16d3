"""What a check stands on: an engine on an empty store, and a clock set by hand."""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from types import ModuleType
from typing import Protocol

from attrs import define

from botkit.stores import Engine
from botkit.testing.clock import FakeClock


class Opening(Protocol):
    """Makes an engine, still to be opened, on one store, which is empty before the first is opened."""

    def __call__(self, *, clock: FakeClock, keep_days: float) -> Engine:
        """The engine goes by *clock* alone, leases for 30 seconds and doubts for 30, and keeps texts *keep_days*."""
        ...


@define(eq=False)
class Trial:
    """One check's *store*, open, and the *clock* it goes by; *opening* makes further engines on the same store."""

    store: Engine
    clock: FakeClock
    opening: Opening

    async def reopen(self, *, keep_days: float = 0.0) -> Engine:
        """Close the store and open it again, as the next process would."""
        await self.store.close()
        self.store = self.opening(clock=self.clock, keep_days=keep_days)
        await self.store.open()
        return self.store

    @asynccontextmanager
    async def another(self) -> AsyncIterator[Engine]:
        """A second engine on the store, open, as another process has one."""
        engine = self.opening(clock=self.clock, keep_days=0.0)
        await engine.open()
        try:
            yield engine
        finally:
            await engine.close()


Check = Callable[[Trial], Awaitable[None]]


async def run(check: Check, opening: Opening) -> None:
    """Run one check; raises AssertionError, or whatever the engine raised, where its promise is not kept."""
    clock = FakeClock()
    trial = Trial(opening(clock=clock, keep_days=0.0), clock, opening)
    await trial.store.open()
    try:
        await check(trial)
    finally:
        await trial.store.close()


def checks_of(module: ModuleType) -> tuple[Check, ...]:
    """The checks that *module* defines, in order: its functions whose one parameter is ``trial``."""
    return tuple(
        found
        for name, found in vars(module).items()
        if getattr(found, "__module__", "") == module.__name__
        and not name.startswith("_")
        and tuple(getattr(found, "__annotations__", ())) == ("trial", "return")
    )


@contextmanager
def refused(kind: type[Exception]) -> Iterator[None]:
    """What is done in here must be refused with *kind*."""
    try:
        yield
    except kind:
        return
    raise AssertionError(f"{kind.__name__} should have been raised.")
