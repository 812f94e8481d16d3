"""The turn: one event in, one outcome out. No transaction is open while a user's function runs."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from functools import partial
from types import MappingProxyType
from typing import Final, TypeVar

from attrs import evolve

from botkit.bot import Bot
from botkit.chat import Chat
from botkit.conversation.dialogue import Dialogue
from botkit.conversation.muted import hushed, is_called_back, over
from botkit.conversation.routes import Route, route_of
from botkit.conversation.runs import Surroundings
from botkit.conversation.sides import needed_for, needed_to_read
from botkit.deadline import Deadline, Expired
from botkit.errors import HandlerError, HandlerTimeout
from botkit.events import Message
from botkit.failure import failure_of, told
from botkit.handlers import CallInThread, Handler, call, call_listed
from botkit.leaving import Checkpoint, Leaving
from botkit.observe import Handled, Observer, Routed, unobserved
from botkit.plain import plain
from botkit.replies import Limits, Reply, in_language
from botkit.session import Session, session_of, without_language
from botkit.unknown import gap_of
from botkit.welcome import is_first_contact, is_greeted
from botkit.work import Failure, Gap, Outcome, Queued, Work

Replies = tuple[Reply, ...]
Proceed = Callable[[], Awaitable[Replies]]
#: Asks whether another process knows what this one would need for the turn; raises where it is that one's now.
Leave = Callable[[frozenset[str]], Awaitable[None]]
T = TypeVar("T")

_NOTHING: Final[Mapping[str, object]] = MappingProxyType({})


async def run_turn(
    bot: Bot,
    work: Work,
    checkpoint: Checkpoint,
    *,
    limits: Limits,
    resources: Mapping[str, object] = _NOTHING,
    call_in_thread: CallInThread = asyncio.to_thread,
    observer: Observer = unobserved,
    leave: Leave | None = None,
) -> Outcome:
    """Handle *work*'s event with *bot* and say what is to be kept of it.

    *checkpoint* commits deliveries in the middle of the turn; what it raises passes, and so does cancellation. Whatever
    the bot's own functions raise becomes an outcome with a failure: the session stays as it was, nothing the handler
    would have returned leaves, and the event is run again or set aside. A turn that takes longer than the bot's
    ``handler_timeout_seconds``, not counting what *checkpoint* takes, fails too; but no thread can be stopped: a sync
    handler that hangs keeps its thread, and what it does afterwards is not kept. Raises DefinitionError for a bot that
    cannot work (`Bot.check`).

    A flow whose code was changed under it is begun anew or parked, and one that cannot be read is given up, unless
    *leave*, which is asked first, raises because another process knows it. While a person answers, nothing of the bot's
    own is run (`botkit.conversation.muted`).
    """
    bot.check()
    # First of all: what is to be kept for later, as long as a person answers, is kept in the journal too.
    if leave is not None and (needed := needed_to_read(bot, work.flow)):
        await leave(needed)
    quiet = hushed(bot, work, observer)
    if quiet is not None:
        return quiet
    turn = _Turn(bot, work, checkpoint, limits, resources, call_in_thread, observer)
    if leave is not None and (needed := turn.needed):
        await leave(needed)
    return await turn.outcome()


class _Turn:
    """One turn under way, and whose code has raised."""

    def __init__(
        self,
        bot: Bot,
        work: Work,
        checkpoint: Checkpoint,
        limits: Limits,
        resources: Mapping[str, object],
        call_in_thread: CallInThread,
        observer: Observer,
    ) -> None:
        self._bot = bot
        self._work = work
        self._checkpoint = checkpoint
        self._leaving = leaving = Leaving(bot, work, limits, self._unhurried, lambda: self._chat.language)
        self._resources = resources
        self._call_in_thread = call_in_thread
        self._observer = observer
        settings = bot.settings
        session = session_of(work, settings.session_ttl)
        self._chat = Chat(
            work,
            session,
            leaving.send,
            language=settings.language,
            timezone=bot.timezone,
            hand_over=leaving.hand_over,
        )
        self._deadline = Deadline(settings.handler_timeout_seconds)
        self._handler: Handler | None = None
        self._intent: str | None = None
        self._gap: Gap | None = None
        self._raised: BaseException | None = None
        self._raiser: Handler | None = None
        surroundings = Surroundings(
            bot=bot,
            work=work,
            send=leaving.send,
            hand_over=leaving.hand_over,
            is_handed_over=lambda: leaving.mute is not None,
            keep=partial(self._unhurried, ()),
            resources=resources,
            call_in_thread=call_in_thread,
            observer=observer,
            engaged=self._engaged,
            blame=self._blame,
        )
        self._dialogue = Dialogue(surroundings, self._chat)

    @property
    def needed(self) -> frozenset[str]:
        """What a process must know to take up the flows that the event is for; nothing where this bot does."""
        flows = self._dialogue.stack.flows if self._dialogue.is_open else ()
        return needed_for(self._bot, flows, self._work.flow)

    async def outcome(self) -> Outcome:
        """Run the turn to its end, whatever that is."""
        try:
            return self._done(await self._in_time(self._replies()))
        except BaseException as error:
            if not self._is_theirs(error):
                raise
            return await self._failed(error)
        finally:
            self._dialogue.close()
            self._leaving.close()
            # They hold this turn in turn: all of it, with the message, would stay until the collector comes by.
            del self._dialogue, self._leaving, self._chat

    def _done(self, replies: Replies) -> Outcome:
        if self._leaving.broken is not None:
            raise self._leaving.broken
        session = self._chat.session.frozen()
        deliveries = self._leaving.queued(replies, "return")
        if self._handler is not None:
            self._observer(self._handled(self._handler.name))
        self._park()
        return Outcome(
            deliveries=deliveries,
            session=session,
            session_version=max(self._work.session_version, self._bot.session_version),
            choices=self._leaving.choices,
            flow=self._dialogue.stack.text(),
            wake_at=self._dialogue.stack.wake_at,
            intent=self._intent,
            mute=self._leaving.mute,
            notice=self._leaving.notice,
            gap=self._gap,
        )

    def _park(self) -> None:
        """Where the conversation was handed over, let the questions that are open wait as long as a person answers."""
        mute = self._leaving.mute
        if mute is not None:
            self._dialogue.stack.shift(mute.until - self._work.now)

    # Running users' functions

    async def _in_time(self, run: Coroutine[object, object, T]) -> T:
        try:
            return await self._deadline.keep(run)
        except Expired as error:
            more = "" if error.stopped else ", and did not let itself be stopped"
            raise HandlerTimeout(f"took longer than {self._deadline.seconds:g} s{more}") from error.__cause__

    async def _unhurried(self, deliveries: tuple[Queued, ...], flow: str | None = None) -> None:
        """Commit in the middle of the turn, with the clock stopped: a slow store is no fault of the handler's."""
        with self._deadline.stopped():
            try:
                await self._checkpoint(deliveries, flow)
            except Exception as error:
                self._leaving.broken = error
                raise

    async def _replies(self) -> Replies:
        await self._migrate()
        if is_called_back(self._bot, self._work):
            return await self._back()
        # What is found first, because that may say in which language to welcome him.
        proceed: Proceed = self._dialogue.hear if self._dialogue.is_open else self._proceed()
        await self._welcome()
        if self._bot.middlewares:
            proceed = partial(self._said, proceed)
        for middleware in reversed(self._bot.middlewares):
            proceed = partial(self._wrapped, middleware, _once(proceed))
        return await proceed()

    async def _said(self, proceed: Proceed) -> Replies:
        """What is answered, in the language of the conversation, so that middlewares see what the user will."""
        return tuple(in_language(await proceed(), lambda: self._chat.languages))

    async def _welcome(self) -> None:
        """Say to a user who writes for the first time whom he has to do with, before anything else."""
        if not is_first_contact(self._work):
            return
        if self._bot.settings.disclosure is not None:
            await self._leaving.send(self._bot.settings.disclosure)
        greeting = self._bot.hook("greeting")
        if greeting is not None:
            await self._leaving.send(await self._call(greeting, (self._chat,)) or ())

    async def _back(self) -> Replies:
        """Answer again, because the user wants the bot and no person."""
        work = self._work
        self._observer(Routed(address=work.address, event_id=work.event.id, intent=None, how="resumed", score=1.0))
        self._leaving.mute = over(work)
        return await self._dialogue.back()

    def _proceed(self) -> Proceed:
        """What answers the event, found before the middlewares so that they can see it."""
        work, chat = self._work, self._chat
        route = route_of(self._bot, work.event, now=work.now, choices=work.choices, language=chat.language)
        if route is None:
            return _silence
        self._engaged(route)
        is_text = isinstance(work.event, Message) and work.event.kind == "text"
        if route.how in ("fallback", "suggestion") and is_text:
            self._gap = gap_of(self._bot, work, chat.text, language=chat.language, suggested=route.suggested)
        if route.how == "fallback" and is_greeted(self._bot, work):
            return _silence
        chat.match = route.match
        if route.choice is not None:
            chat.choice, chat.text = route.choice, route.choice.title
        return partial(self._dialogue.begin, route)

    def _engaged(self, route: Route) -> None:
        work = self._work
        self._handler = route.handler
        self._intent = route.intent
        if route.language is not None:
            self._chat.language = route.language
        self._observer(
            Routed(address=work.address, event_id=work.event.id, intent=route.intent, how=route.how, score=route.score)
        )

    async def _wrapped(self, middleware: Handler, proceed: Proceed) -> Replies:
        return await self._call(middleware, (self._chat, proceed)) or ()

    async def _call(self, handler: Handler, leading: tuple[object, ...]) -> Replies | None:
        try:
            arguments = handler.arguments(_NOTHING, self._resources)
            in_thread = self._call_in_thread
            replies = await call(handler, leading, arguments, call_in_thread=in_thread, send=self._leaving.send)
            self._chat.check_sent()
            return replies
        except BaseException as error:
            self._blame(handler, error)
            raise

    async def _migrate(self) -> None:
        work, bot = self._work, self._bot
        hook = bot.hook("migrate_session")
        if hook is None or work.session_version >= bot.session_version or not self._chat.session:
            return
        kept, language = without_language(work.session)
        arguments = (plain(kept), work.session_version)
        try:
            session = await self._call_in_thread(partial(call_listed, hook.function, arguments, {}))
            if not isinstance(session, dict):
                raise HandlerError(f"returned {type(session).__name__}, not the new session as a dict")
            self._chat.session = Session(session, rewritten=True)
            if language is not None:
                self._chat.session.language = language
            self._chat.session.frozen()
        except BaseException as error:
            self._blame(hook, error)
            raise

    # Failing

    def _blame(self, handler: Handler, error: BaseException) -> None:
        # What passes through a middleware was raised further inside.
        if error is not self._raised:
            self._raised, self._raiser = error, handler

    def _is_theirs(self, error: BaseException) -> bool:
        """Whether *error* is for the bot's author to answer, and not the operator, the store or botkit itself."""
        task = asyncio.current_task()
        if isinstance(error, asyncio.CancelledError) and task is not None and task.cancelling():
            return False
        if isinstance(error, (KeyboardInterrupt, GeneratorExit)):
            return False
        broken = self._leaving.broken
        if broken is not None and error is not broken:
            raise broken from error
        return broken is None and (error is self._raised or isinstance(error, HandlerError))

    async def _failed(self, error: BaseException) -> Outcome:
        culprit = self._raiser or self._handler or self._bot.middlewares[0]
        retries = 0 if self._handler is None else self._handler.retries
        failure = failure_of(error, culprit, self._work, retries)
        if failure.retry_at is not None:
            return Outcome(failure=failure, intent=self._intent)
        self._dialogue.fail()
        self._leaving.mute = None
        deliveries, failure = await self._apology(error, failure)
        self._park()
        return Outcome(
            deliveries=deliveries,
            choices=self._leaving.choices,
            flow=self._dialogue.stack.text(),
            wake_at=self._dialogue.stack.wake_at,
            failure=failure,
            intent=self._intent,
            mute=self._leaving.mute,
            notice=self._leaving.notice,
            gap=self._gap,
        )

    async def _apology(self, error: BaseException, failure: Failure) -> tuple[tuple[Queued, ...], Failure]:
        """What the user gets in place of an answer, and the failure with what went wrong on the way there."""
        handler = self._bot.hook("error")
        if handler is not None:
            self._leaving.cause = "error"
            self._chat.session = session_of(self._work, self._bot.settings.session_ttl)
            try:
                replies = await self._in_time(self._call(handler, (self._chat, error)))
                if replies is not None or self._leaving.has_left("error"):
                    return self._leaving.queued(replies or (), "error"), failure
            except BaseException as second:
                if not self._is_theirs(second):
                    raise
                failure = evolve(failure, error=f"{failure.error}; then the {told(second, handler)}")
        # Whoever wrote nothing is not told that something went wrong.
        apology = (self._bot.error_text,) if isinstance(self._work.event, Message) else ()
        return self._leaving.queued(apology, "error"), failure

    def _handled(self, name: str) -> Handled:
        work, leaving = self._work, self._leaving
        return Handled(
            address=work.address, event_id=work.event.id, handler=name, replies=leaving.replies, parts=leaving.parts
        )


async def _silence() -> Replies:
    return ()


def _once(proceed: Proceed) -> Proceed:
    called = False

    async def proceed_once() -> Replies:
        nonlocal called
        if called:
            raise HandlerError("proceed() was called twice, and a handler runs once for an event")
        called = True
        return await proceed()

    return proceed_once
