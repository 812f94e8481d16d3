"""The bench that bots are tested on: the app as it is, over a store in memory, a clock by hand, and Messenger."""

import asyncio
import heapq
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from random import Random
from types import TracebackType
from typing import Protocol, Self

from attrs import evolve, frozen

from botkit.app import App
from botkit.bot import Bot
from botkit.config import Configuration
from botkit.config.inquiry import RESOURCE
from botkit.errors import DefinitionError, HandlerError
from botkit.events import Address, Message
from botkit.lookups import Found, Missed
from botkit.observe import Alarm, Happening, Routed, TurnFailed
from botkit.settings import HandoverSettings, Settings
from botkit.stores.sqlite import SQLite
from botkit.testing.clock import FakeClock
from botkit.testing.lookups import StatedLookups
from botkit.testing.messenger import Messenger
from botkit.testing.modules import Modules
from botkit.testing.watched import Plan, Turn, Watched

Bots = Bot | str | Path | Iterable[Bot] | Configuration | Modules


class SettableClock(Protocol):
    """A clock that can be set."""

    def now(self) -> datetime:
        """The present moment, aware and in UTC."""
        ...

    def set(self, now: datetime) -> None:
        """Set it to *now*."""
        ...


@frozen
class _Process:
    """A process under test: the app, and the store as it sees it."""

    app: App
    store: Watched


class Bench:
    """One installation under test, which can be stopped, killed and started again; only the store survives.

    *bots* is a Bot, several, the path of a bots.yaml, ``module:bot``, what `botkit.loading` made of one, or `Modules`
    that several benches share. A path or a name is read again, and its modules are imported again, by each process.
    *resources* are used in place of the bots' own; one that no bot has is refused with DefinitionError. With
    *live* time also goes on by itself, and lookups go where they lead; else they find what `lookups` says. A process
    starts when it is needed; ``async with``, or `close`, ends it.

    >>> from botkit.testing import UserChat
    >>> async def talk(bot: Bot) -> list[str]:
    ...     async with Bench(bot) as bench:
    ...         return await UserChat(bench, Address("messenger", bench.page_of(None), "anna")).say("hello")
    >>> asyncio.run(talk(Bot("shop")))
    ['Sorry, I did not get that.']
    """

    def __init__(
        self,
        bots: Bots,
        *,
        clock: SettableClock | None = None,
        resources: Mapping[str, object] | None = None,
        live: bool = False,
    ) -> None:
        self._source = Modules(bots) if isinstance(bots, (str, Path)) else _source(bots)
        self._is_source_mine = isinstance(bots, (str, Path))
        self.clock: SettableClock = clock or FakeClock()
        self.failures: list[TurnFailed] = []
        #: How each event, by address and id, was understood in the end: `Routed.how`.
        self.hows: dict[tuple[Address, str], str] = {}
        #: What is found under test by whatever a bot looks up.
        self.lookups = StatedLookups()
        # Whoever tries a bot out wants to see what it finds; a test is the same on every day and without a network.
        self._resources = {**({} if live else {RESOURCE: self.lookups}), **(resources or {})}
        #: Told of each turn that failed.
        self.on_failure: Callable[[TurnFailed], None] | None = None
        #: Told of each alarm.
        self.on_alarm: Callable[[Alarm], None] | None = None
        #: Told of each URL that was really looked up, and what came of it.
        self.on_lookup: Callable[[str, Found | Missed], None] | None = None
        self._live = live
        self._later: list[datetime] = []
        self._plan = Plan(later=self._remember)
        self._process: _Process | None = None
        self._changing = asyncio.Lock()
        self._content = b""
        self._numbers = count(1)
        self.configuration = self._read()
        for name in resources or ():
            check_resource(name, self.configuration.bots)
        accounts = self.configuration.settings.accounts
        self.messenger = Messenger(accounts[0].messages_api if accounts else "v1")

    def _read(self) -> Configuration:
        return self._source.configuration() if isinstance(self._source, Modules) else self._source

    # Processes

    async def app(self) -> App:
        """The app that runs now; it is started where none does."""
        return (await self._running()).app

    async def _running(self) -> _Process:
        async with self._changing:
            running = self._process
            if running is not None and running.store.is_dead and not running.store.is_endless:
                running = await self._replace(running)
            self._process = running = running or await self._start()
            return running

    async def _start(self) -> _Process:
        configuration, settings = self.configuration, self.configuration.settings
        engine = SQLite(
            ":memory:",
            clock=self.clock,
            lease_seconds=settings.lease_seconds,
            doubt_seconds=settings.doubt_seconds,
            keep_days=settings.keep_days,
            content=self._content,
        )
        store = Watched(engine, self._plan, live=self._live)
        app = App(
            configuration.bots,
            settings=evolve(settings, accounts=(), handover=HandoverSettings()),
            store=store,
            channel=self.messenger,
            clock=self.clock,
            rng=Random(0),  # noqa: S311 - how long retries wait must be the same in every run
            observer=self._observe,
            resources=self._resources,
        )
        app.inquiries.on_answer = self._looked_up
        await app.start()
        return _Process(app, store)

    async def stop(self) -> None:
        """Stop the process, if one runs; what is in the store is kept."""
        async with self._changing:
            running, self._process = self._process, None
            if running is not None:
                await self._end(running)

    async def _end(self, running: _Process) -> None:
        await running.app.stop()
        self._content = running.store.content

    async def close(self) -> None:
        """Stop the process, and forget the modules that its bots were imported from."""
        await self.stop()
        if isinstance(self._source, Modules) and self._is_source_mine:
            self._source.forget()

    async def restart(self) -> None:
        """Stop the process in good order and start another one."""
        await self.quiet()
        running = await self._running()
        async with self._changing:
            self._process = await self._replace(running)

    async def _replace(self, running: _Process) -> _Process:
        await self._end(running)
        self._remember(self.clock.now() + timedelta(seconds=self.configuration.settings.doubt_seconds))
        self.configuration = self._read()
        return await self._start()

    async def quiet(self) -> None:
        """Return when everything that is due has been done; a process that dies on the way is replaced."""
        while True:
            running = await self._running()
            await running.store.idle()
            if running.store.is_endless:
                raise HandlerError(f"A turn was run again without end. {self.failures[-1].error}")
            if not running.store.is_dead:
                return

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    # Time

    def _remember(self, moment: datetime) -> None:
        heapq.heappush(self._later, moment)

    async def advance(self, until: datetime) -> None:
        """Move the clock on to *until*, and do whatever becomes due on the way when it does.

        What nobody needs any more is forgotten then, as by an app that runs all the time.
        """
        await self.quiet()
        while self._later and self._later[0] <= until:
            moment = heapq.heappop(self._later)
            if moment > self.clock.now():
                await self._set(moment)
        await self._set(until)

    async def _set(self, moment: datetime) -> None:
        # A clock that goes on by itself may be there already.
        self.clock.set(max(moment, self.clock.now()))
        (await self._running()).store.look()
        await self.quiet()
        while await (await self._running()).store.prune():
            pass

    # What happens

    def new_message(self, address: Address, **content: object) -> Message:
        """A message with an id of its own, sent now; *content* is kind, text and url."""
        return Message(id=self.new_id(), address=address, sent_at=self.clock.now(), **content)  # type: ignore[arg-type]  # passed on as it is

    def new_id(self) -> str:
        """An id that nothing on this bench has yet."""
        return f"said-{next(self._numbers)}"

    async def accept(self, message: Message) -> bool:
        """Keep *message* as a webhook would; False if it was known."""
        return await (await self._running()).store.accept(message)

    @property
    def turns(self) -> list[Turn]:
        """Every turn that was committed, in order."""
        return self._plan.turns

    @property
    def plan(self) -> Plan:
        """What the processes share, the crashes to come among it."""
        return self._plan

    @property
    def to_come(self) -> list[str]:
        """What is still to go wrong, as it was asked for."""
        crashes = [f"crash({point!r})" for point in self._plan.crashes]
        return [*crashes, *(f"fault({fault.what!r})" for fault in self.messenger.faults)]

    def bot(self, address: Address) -> Bot:
        """The bot that answers at *address*; raises DefinitionError where none does."""
        for bot in self.configuration.bots:
            if not bot.pages or address.page in bot.pages:
                return bot
        raise DefinitionError(f"No bot claims page {address.page}.")

    def page_of(self, name: str | None) -> str:
        """The page that the bot called *name* answers on, or the only one; raises DefinitionError where unclear."""
        found = [bot for bot in self.configuration.bots if name in (None, bot.name)]
        if len(found) != 1:
            known = ", ".join(bot.name for bot in self.configuration.bots)
            raise DefinitionError(
                f"There is no bot {name!r:.60}; known: {known}." if name else f"Say which bot: {known}."
            )
        return found[0].pages[0] if found[0].pages else "1"

    def _looked_up(self, url: str, found: Found | Missed) -> None:
        if self.on_lookup is not None:
            self.on_lookup(url, found)

    def _observe(self, happening: Happening) -> None:
        if isinstance(happening, Routed):
            self.hows[happening.address, happening.event_id] = happening.how
        if isinstance(happening, Alarm) and self.on_alarm is not None:
            self.on_alarm(happening)
        if isinstance(happening, TurnFailed) and not happening.lease_lost:
            self.failures.append(happening)
            if self.on_failure is not None:
                self.on_failure(happening)


def check_resource(name: str, bots: Iterable[Bot]) -> None:
    """Raise DefinitionError where none of *bots* has a resource called *name*: the real one would be used."""
    known = sorted({resource for bot in bots for resource in bot.resources})
    if name not in known:
        told = f"the bots have {', '.join(known)}" if known else "the bots have none"
        raise DefinitionError(f"There is no resource {name!r:.60} that something could stand in for; {told}.")


def _source(bots: Bot | Iterable[Bot] | Configuration | Modules) -> Configuration | Modules:
    if isinstance(bots, (Configuration, Modules)):
        return bots
    return Configuration(settings=Settings(), bots=(bots,) if isinstance(bots, Bot) else tuple(bots))
