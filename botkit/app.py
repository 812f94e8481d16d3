"""An installation: its bots, its store and its channel, and the loops that join them."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping, Sequence
from contextlib import AsyncExitStack
from datetime import timedelta
from pathlib import Path
from random import Random, SystemRandom
from types import TracebackType
from typing import Final, Self

from aiohttp import web

from botkit.bot import Bot
from botkit.channels import Channel
from botkit.channels.vonage import Vonage
from botkit.config.inquiry import RESOURCE
from botkit.conversation.muted import RESUME, resuming
from botkit.directory import Directory
from botkit.errors import DefinitionError, StoreError
from botkit.events import Address, Signal
from botkit.failure import traced
from botkit.gallery import Gallery
from botkit.handover import Links, letter
from botkit.inquiries import Inquiries
from botkit.language.likeness import Cache
from botkit.loading import load, store_of
from botkit.notices import Webhook
from botkit.notifier import Notifier
from botkit.observe import Alarm, Clock, Lifecycle, Observer, SystemClock, unobserved
from botkit.plain import plain
from botkit.replies import Reply, in_language, is_translated, parts, replies_from
from botkit.resources import Resources
from botkit.resumption import Resumption
from botkit.sender import Sender
from botkit.server import Server
from botkit.session import without_language
from botkit.settings import Settings
from botkit.stores import Engine
from botkit.threads import Threads
from botkit.work import Notice, Queued, delivery_id
from botkit.worker import Worker

THREADS: Final = 32
PRUNE_SECONDS: Final = 60.0
RESTART_SECONDS: Final = 1.0
WINDOW: Final = timedelta(hours=24)

_log = logging.getLogger("botkit.app")


class App:
    """One installation, ready to be served by itself or inside another aiohttp application.

    *bots* is the path of a bots.yaml, a Bot, or several; with a path the settings are read there too. Everything that
    touches the world can be given instead of made: *store*, *channel*, *clock*, *rng*, *observer*, and by name the
    *resources* of the bots.

    >>> from botkit import App, Bot
    >>> app = App(Bot("shop"), settings=Settings(store=":memory:"))
    >>> [bot.name for bot in app.directory.bots]
    ['shop']

    Raises ConfigError for a bots.yaml that is wrong and DefinitionError for bots that cannot work.
    """

    def __init__(
        self,
        bots: str | Path | Bot | Iterable[Bot],
        *,
        settings: Settings | None = None,
        store: Engine | None = None,
        channel: Channel | None = None,
        clock: Clock | None = None,
        rng: Random | None = None,
        observer: Observer = unobserved,
        resources: Mapping[str, object] | None = None,
    ) -> None:
        if isinstance(bots, (str, Path)):
            configuration = load(bots)
            bots, settings = list(configuration.bots), settings or configuration.settings
        self.settings = settings or Settings()
        self.directory = Directory([bots] if isinstance(bots, Bot) else bots)
        self.observer = observer
        self.clock = clock or SystemClock()
        self.store = store or store_of(self.settings, self.clock)
        self.channel = channel or Vonage(
            self.settings.accounts, clock=self.clock, public_url=self.settings.server.public_url
        )
        #: The way out for what bots look up.
        self.inquiries = Inquiries(self.settings.lookups)
        self._resources = Resources({RESOURCE: self.inquiries, **(resources or {})})
        #: Where what the bots learn from their phrases is kept from one start to the next (`botkit.shelf`); nowhere.
        self.models: Cache | None = None
        self._threads = Threads(THREADS, name="botkit-handler", observer=observer)
        self._rng = rng or SystemRandom()
        self._stack = AsyncExitStack()
        self._loops: dict[str, asyncio.Task[None]] = {}
        self.server = Server(
            store=self.store,
            desk=self.store,
            channel=self.channel,
            directory=self.directory,
            observer=observer,
            clock=self.clock,
        )
        self._resumption = Resumption(
            store=self.store, directory=self.directory, clock=self.clock, links=self._made_links
        )
        webhook = self.settings.handover.webhook
        self._webhook = None if webhook is None else Webhook(webhook)
        for bot in self.directory.bots:
            bot.check()

    async def start(self) -> None:
        """Open the store and the bots' resources, and begin to take webhooks, run turns and send deliveries.

        Raises StoreLocked, StoreVersionError or StoreError, and ResourceError's words for a resource that does not
        open.
        """
        self.observer(Lifecycle("started"))
        await self._open()
        self._worker = Worker(
            store=self.store,
            channel=self.channel,
            directory=self.directory,
            resources=self._resources.of,
            call_in_thread=self._threads.call,
            observer=self.observer,
            lease_seconds=self.settings.lease_seconds,
        )
        self._sender = Sender(
            acceptances=self.server.acceptances,
            store=self.store,
            channel=self.channel,
            observer=self.observer,
            clock=self.clock,
            rng=self._rng,
            doubt_seconds=self.settings.doubt_seconds,
        )
        notifier = Notifier(
            store=self.store, webhook=self._webhook, letter=self._letter, observer=self.observer, rng=self._rng
        )
        self._loops = {
            name: asyncio.create_task(self._kept_alive(name, run), name=f"botkit {name}")
            for name, run in (
                ("worker", self._work),
                ("sender", self._sender.run),
                ("notifier", notifier.run),
                ("prune", self._prune),
            )
        }
        self.server.take(taking=True)
        self.observer(Lifecycle("ready"))

    async def _open(self) -> None:
        """Open what the stop is to close: all of it, or nothing."""
        async with AsyncExitStack() as opening:
            await self.store.open()
            opening.push_async_callback(self.store.close)
            opening.push_async_callback(self.channel.close)
            opening.push_async_callback(self.inquiries.close)
            if self._webhook is not None:
                opening.push_async_callback(self._webhook.close)
            self._links = await self._made_links()
            await self._adopt()
            opening.push_async_callback(self._resources.close)
            self._resources.use(await self._resources.opened(self.directory.bots))
            self._stack = opening.pop_all()

    async def _work(self) -> None:
        """Run turns, once the bots have learned what their phrases mean; webhooks are taken meanwhile."""
        for bot in self.directory.bots:
            try:
                await self._learn([bot])
            except DefinitionError as error:
                self._unlike(error)
        await self._worker.run()

    async def _learn(self, bots: Iterable[Bot]) -> None:
        """Let *bots* learn from their phrases, beside the event loop."""
        for bot in bots:
            await asyncio.to_thread(bot.learn, cache=self.models, failed=self._unlike)

    def _unlike(self, error: DefinitionError) -> None:
        """Tell that nothing is understood by likeness: no reason to leave everything else unanswered."""
        self.observer(Alarm("likeness_failed", f"Only phrases are understood, and what is none is declined. {error}"))

    async def stop(self) -> None:
        """Take no more, finish the turns that run, send what they answered, and close; at most ``drain_seconds``.

        What is not finished by then stays in the store and is done after the next start. What was not
        started need not be stopped.
        """
        if not self._loops:
            return
        self.server.take(taking=False)
        self.observer(Lifecycle("draining"))
        try:
            async with asyncio.timeout(self.settings.server.drain_seconds):
                began_at = self.clock.now()
                self._worker.stop()
                await asyncio.wait([self._loops["worker"]])
                self._sender.drain(began_at)
                await asyncio.wait([self._loops["sender"]])
        except TimeoutError:
            _log.warning("botkit.app.drain_timeout")
        for loop in self._loops.values():
            loop.cancel()
        await asyncio.gather(*self._loops.values(), return_exceptions=True)
        await self._stack.aclose()
        self._threads.shutdown(wait=False, cancel_futures=True)
        self.observer(Lifecycle("stopped"))

    async def replace(self, bots: Iterable[Bot]) -> None:
        """Let *bots* answer from the next turn on in place of those that are there; sessions and flows are kept.

        What they need is opened before, and what is not needed any more is closed once the turns that run have ended:
        this returns after that. Raises DefinitionError for bots that cannot work, and then nothing has changed.
        """
        bots = tuple(bots)
        Directory(bots)
        for bot in bots:
            bot.check()
        await self._learn(bots)
        held = await self._resources.opened(bots)
        self.directory.replace(bots)
        left = self._resources.use(held)
        try:
            await self._worker.know()
            await self._adopt()
            await self._worker.settle()
        finally:
            await left.aclose()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    def mount(self, application: web.Application) -> None:
        """Add the webhook and health routes to *application*, and start and stop with it.

        >>> application = web.Application()
        >>> App(Bot("shop"), settings=Settings(store=":memory:")).mount(application)
        >>> len(application.router.resources()) > 0
        True
        """
        application.add_routes(self.routes())
        application.cleanup_ctx.append(self._running)

    def routes(self) -> list[web.RouteDef]:
        """The webhook and health routes, and with a ``public_url`` that of the links in notices of handovers."""
        links = [] if self.settings.server.public_url is None else self._resumption.routes()
        return [*self.server.routes(self.settings.server), *links, *Gallery(self.directory).routes()]

    async def _running(self, application: web.Application) -> AsyncIterator[None]:
        async with self:
            yield

    async def send(self, address: Address, reply: object, *, key: str) -> bool:
        """Put *reply* (whatever a handler may return) in the outbox for *address*, once per *key*.

        Texts that are `Translated` are said in the user's language. False: that key was sent to this address already.
        Raises WindowClosed where the user has not written for 24 hours and the reply has no tag; the sender checks once
        more just before the POST. Raises TypeError for what is no reply, and ValueError for nothing at all.
        """
        try:
            given = replies_from(reply)
        except TypeError as error:
            raise TypeError(f"App.send was given what is no reply: {error}.") from None
        if not given:
            raise ValueError("App.send was given nothing to send.")
        replies = await self._in_language(address, given)
        bot = self.directory.find(address)
        in_doubt = bot.settings.in_doubt if bot else "resend"
        queued = tuple(
            Queued(delivery_id(address, f"send:{key}", f"send.{ordinal}", number), part)
            for ordinal, one in enumerate(replies)
            for number, part in enumerate(parts(one, self.channel.limits(address.page), in_doubt=in_doubt))
        )
        tagged = all(one.bypasses_window for one in replies)
        open_since = None if tagged else self.clock.now() - WINDOW
        return await self.store.send(address, queued, open_since=open_since)

    async def _in_language(self, address: Address, replies: Sequence[Reply]) -> Sequence[Reply]:
        """*replies* in the language of the conversation, which is looked up only where that makes a difference."""
        if not is_translated(replies):
            return replies
        conversation, bot = await self.store.conversation(address), self.directory.find(address)
        spoken = None if conversation is None else without_language(conversation.session)[1]
        languages = [*filter(None, [spoken]), *([bot.settings.language] if bot else [])]
        return in_language(replies, lambda: languages)

    async def _adopt(self) -> None:
        """Answer what came for pages before a bot claimed them."""
        for page in self.directory.pages:
            while await self.store.adopt(self.directory.channel, page):
                pass

    async def signal(self, address: Address, name: str, data: object = None, *, id: str) -> bool:  # noqa: A002 - it is one
        """Tell the handler that waits for *name* in a conversation (`Chat.wait`) that it has happened, once per *id*.

        *data* is what JSON can hold. A signal for a conversation in which nothing is open is forgotten. False: that id
        was known already. Raises ValueError for data that JSON cannot hold, and for a name of botkit's own.
        """
        if name == RESUME:
            raise ValueError(f"The signal {RESUME} is botkit's own; App.resume sends it.")
        return await self.store.accept(Signal(id=f"signal:{id}", address=address, name=name, data=plain(data)))

    async def resume(self, address: Address) -> bool:
        """Let the bot answer again in a conversation that was handed over; False where it answers already."""
        conversation = await self.store.conversation(address)
        mute = None if conversation is None else conversation.mute
        if mute is None or mute.until <= self.clock.now():
            return False
        await self.store.accept(resuming(address, mute))
        return True

    async def _made_links(self) -> Links:
        return Links(self.settings.server.public_url, await self.store.secret())

    def _letter(self, notice: Notice) -> Mapping[str, object]:
        bot = self.directory.find(notice.address)
        return letter(notice, None if bot is None else bot.name, self._links)

    async def _prune(self) -> None:
        """Forget what nobody needs, and look for what a process that does not know our pages has set aside."""
        while True:
            try:
                pruned = await self.store.prune()
                if not pruned:
                    await self._adopt()
            except StoreError as error:
                self.observer(Alarm("store_unavailable", str(error)))
                pruned = 0
            await asyncio.sleep(0 if pruned else PRUNE_SECONDS)

    async def _kept_alive(self, name: str, run: Callable[[], Awaitable[None]]) -> None:
        """Run a loop, and run it again where a fault of botkit's own has ended it: nothing is lost meanwhile."""
        while True:
            try:
                return await run()
            except Exception as error:  # noqa: BLE001 - a loop that ends silences every bot
                _log.error("botkit.app.fault", extra={"fields": traced(error)})
                self.observer(Alarm("loop_ended", f"The {name} ended with {type(error).__name__} and starts again."))
                await asyncio.sleep(RESTART_SECONDS)
