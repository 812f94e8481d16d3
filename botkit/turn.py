"""The turn: one event in, one outcome out. No transaction is open while a handler runs."""

import asyncio
import traceback
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Final

from botkit.backoff import Backoff
from botkit.bot import Bot, Reaction
from botkit.chat import Chat
from botkit.errors import HandlerError, HandlerTimeout, RetryLater, StoreError
from botkit.events import Message, Status
from botkit.handlers import Handler
from botkit.observe import Handled, Observer, Routed, unobserved
from botkit.replies import Choice, Limits, Reply, Text, parts, replies_from
from botkit.session import Session
from botkit.work import Failure, Outcome, Queued, Work, delivery_id

Checkpoint = Callable[[Sequence[Queued]], Awaitable[None]]
CallInThread = Callable[[Callable[[], object]], Awaitable[object]]

RETRY_FOR: Final = timedelta(hours=24)
_RETRIES: Final = Backoff(first_seconds=1, longest_seconds=60)
_DETAIL_LIMIT: Final = 8_000
_PACKAGE: Final = str(Path(__file__).parent)


async def run_turn(
    bot: Bot,
    work: Work,
    checkpoint: Checkpoint,
    *,
    resources: Mapping[str, object],
    limits: Limits,
    call_in_thread: CallInThread,
    observer: Observer = unobserved,
) -> Outcome:
    """Handle *work*'s event with *bot* and say what is to be kept.

    *checkpoint* commits deliveries in the middle of the turn; what it raises passes through, and so does cancellation.
    Whatever the bot's own functions raise becomes an outcome with a failure: the session as it was, the event to be run
    again or set aside.
    """
    turn = _Turn(bot, work, checkpoint, resources, limits, call_in_thread, observer)
    try:
        return await turn.done()
    except StoreError:
        raise
    except RetryLater as later:
        return await turn.failed(later, work.now + timedelta(seconds=later.seconds))
    except (Exception, SystemExit) as error:  # noqa: BLE001 - a handler may raise anything, and must not end the process
        return await turn.failed(error, turn.retry_at())


class _Turn:
    """One turn under way: what it was given, what it has sent, and which handler runs."""

    def __init__(
        self,
        bot: Bot,
        work: Work,
        checkpoint: Checkpoint,
        resources: Mapping[str, object],
        limits: Limits,
        call_in_thread: CallInThread,
        observer: Observer,
    ) -> None:
        self._bot = bot
        self._work = work
        self._checkpoint = checkpoint
        self._resources = resources
        self._limits = limits
        self._call_in_thread = call_in_thread
        self._observer = observer
        self._sends = 0
        self._choices: tuple[Choice, ...] | None = None
        self._reaction: Reaction | None = None
        self._intent: str | None = None
        self._chat = Chat(work, Session(), self._send, language=bot.language)

    async def done(self) -> Outcome:
        """Run the turn to its end."""
        self._chat.session = Session(self._kept_session())
        replies = await self._wrapped()
        self._remember(replies)
        return Outcome(
            deliveries=self._queued(replies, "return"),
            session=self._session(),
            session_version=self._bot.session_version,
            choices=self._choices,
            intent=self._intent,
        )

    # The session

    def _kept_session(self) -> Mapping[str, object]:
        work, bot = self._work, self._bot
        if bot.session_ttl and work.session_at and work.now - work.session_at > bot.session_ttl:
            return {}
        if work.session and work.session_version < bot.session_version and bot.migration:
            return bot.migration(dict(work.session), work.session_version)
        return work.session

    def _session(self) -> Mapping[str, object] | None:
        changed = self._chat.session.frozen()
        if changed is not None:
            return changed
        # An expired or migrated session is kept although the handler did not touch it.
        started = self._chat.session.started
        return started if started is not self._work.session else None

    # Routing

    def _route(self) -> tuple[Reaction | None, Mapping[str, object]]:
        event = self._work.event
        if isinstance(event, Status):
            return self._bot.statuses.get(event.state), {}
        if event.kind != "text":
            return self._fall_back(event.kind), {}
        return self._understood(event)

    def _understood(self, message: Message) -> tuple[Reaction, Mapping[str, object]]:
        router, chat = self._bot.router, self._chat
        chat.choice = router.chosen(message.text, self._work.choices)
        if chat.choice is not None:
            chat.text = chat.choice.title
        match = router.route(message.text, now=self._work.now, choices=self._work.choices)
        if match is None:
            return self._fall_back("text"), {}
        chat.match = match
        self._intent = match.intent.name
        self._routed(match.intent.name, match.how, match.score)
        reaction = Reaction(handler=self._bot.handlers[match.intent.name], retries=match.intent.retries)
        return reaction, match.slots

    def _fall_back(self, kind: str) -> Reaction:
        self._routed(None, "kind" if kind in self._bot.kinds else "fallback", 0.0)
        return self._bot.reaction_to(kind)

    def _routed(self, intent: str | None, how: str, score: float) -> None:
        work = self._work
        self._observer(Routed(address=work.address, event_id=work.event.id, intent=intent, how=how, score=score))

    # Handling

    async def _wrapped(self) -> tuple[Reply, ...]:
        """Run the handler inside the bot's middleware and its deadline."""
        proceed: Callable[[], Awaitable[tuple[Reply, ...]]] = self._handled
        for middleware in reversed(self._bot.middlewares):
            proceed = partial(self._through, middleware, _once(proceed, middleware))
        seconds = self._bot.handler_timeout_seconds
        try:
            async with asyncio.timeout(seconds) as deadline:
                return await proceed()
        except TimeoutError as error:
            if deadline.expired():
                raise HandlerTimeout(f"it took longer than {seconds:g} s") from error
            raise

    async def _through(
        self, middleware: Handler, proceed: Callable[[], Awaitable[tuple[Reply, ...]]]
    ) -> tuple[Reply, ...]:
        arguments = middleware.arguments({}, self._resources)
        returning = middleware.function(self._chat, proceed, **arguments)
        assert isinstance(returning, Awaitable)
        return replies_from(await returning)

    async def _handled(self) -> tuple[Reply, ...]:
        reaction, slots = self._route()
        if reaction is None:
            return ()
        self._reaction = reaction
        replies = await self._called(reaction.handler, slots, self._chat)
        work, name = self._work, reaction.handler.name
        count = sum(len(parts(reply, self._limits)) for reply in replies)
        self._observer(
            Handled(address=work.address, event_id=work.event.id, handler=name, replies=len(replies), parts=count)
        )
        return replies

    async def _called(self, handler: Handler, slots: Mapping[str, object], *leading: object) -> tuple[Reply, ...]:
        arguments = handler.arguments(slots, self._resources)
        if handler.mode == "sync":
            replies = await self._call_in_thread(lambda: replies_from(handler.function(*leading, **arguments)))
            assert isinstance(replies, tuple)
            return replies
        returned = handler.function(*leading, **arguments)
        if handler.mode == "async":
            assert isinstance(returned, Awaitable)
            return replies_from(await returned)
        assert isinstance(returned, AsyncIterator)
        async for reply in returned:
            await self._send(reply)
        return ()

    async def _send(self, reply: object) -> None:
        replies = replies_from(reply)
        self._remember(replies)
        await self._checkpoint(self._queued(replies, "send", self._sends))
        self._sends += len(replies)

    # Replying

    def _queued(self, replies: Sequence[Reply], cause: str, first: int = 0) -> tuple[Queued, ...]:
        address, event_id = self._work.address, self._work.event.id
        return tuple(
            Queued(delivery_id(address, event_id, f"{cause}.{ordinal}", number), part)
            for ordinal, reply in enumerate(replies, first)
            for number, part in enumerate(parts(reply, self._limits))
        )

    def _remember(self, replies: Sequence[Reply]) -> None:
        for reply in replies:
            self._choices = reply.choices if isinstance(reply, Text) else ()
            for choice in self._choices:
                self._check_choice(choice)

    def _check_choice(self, choice: Choice) -> None:
        if choice.intent is None:
            return
        handler = self._bot.handlers.get(choice.intent)
        if handler is None:
            raise HandlerError(f"the choice {choice.title!r} runs the intent {choice.intent!r}, which this bot lacks")
        if missing := sorted(handler.required - self._resources.keys()):
            raise HandlerError(f"the choice {choice.title!r} runs {choice.intent!r}, but nothing fills {missing[0]!r}")

    # Failing

    def retry_at(self) -> datetime | None:
        """When the event is to be run again after its handler raised, None if it is to be set aside."""
        retries = self._reaction.retries if self._reaction else 0
        if self._work.failures >= retries:
            return None
        return self._work.now + timedelta(seconds=_RETRIES.seconds(self._work.failures + 1))

    async def failed(self, error: BaseException, retry_at: datetime | None) -> Outcome:
        """Say what is kept of a turn whose handler raised *error*."""
        if retry_at is not None and retry_at - self._work.accepted_at <= RETRY_FOR:
            return Outcome(failure=self._failure(error, retry_at), intent=self._intent)
        self._choices = None
        replies = await self._apology(error)
        return Outcome(
            deliveries=self._queued(replies, "error"),
            choices=self._choices,
            failure=self._failure(error, None),
            intent=self._intent,
        )

    async def _apology(self, error: BaseException) -> tuple[Reply, ...]:
        handler = self._bot.error_handler
        if handler is not None:
            try:
                async with asyncio.timeout(self._bot.handler_timeout_seconds):
                    replies = await self._called(handler, {}, self._chat, error)
                self._remember(replies)
                return replies
            except StoreError:
                raise
            except (Exception, SystemExit) as second:  # noqa: BLE001 - the user still gets an answer
                error.add_note(f"Then the error handler {handler.name!r} raised {type(second).__name__} too.")
        return (Text(self._bot.error_reply),)

    def _failure(self, error: BaseException, retry_at: datetime | None) -> Failure:
        where = f"handler {self._reaction.handler.name!r}" if self._reaction else "a handler"
        detail = "".join(traceback.format_exception(error))[-_DETAIL_LIMIT:]
        if isinstance(error, HandlerError):
            return Failure(f"{where}: {error}", retry_at, detail)
        return Failure(f"{where} raised {type(error).__name__}{_raised_at(error)}", retry_at, detail)


def _once(
    proceed: Callable[[], Awaitable[tuple[Reply, ...]]], middleware: Handler
) -> Callable[[], Awaitable[tuple[Reply, ...]]]:
    called = False

    async def proceed_once() -> tuple[Reply, ...]:
        nonlocal called
        if called:
            raise HandlerError(f"the middleware {middleware.name!r} called proceed() twice")
        called = True
        return await proceed()

    return proceed_once


def _raised_at(error: BaseException) -> str:
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if not frame.filename.startswith(_PACKAGE)]
    own = [frame for frame in frames if "site-packages" not in frame.filename and "/lib/python" not in frame.filename]
    last = (own or frames)[-1:]
    return "".join(f" at {Path(frame.filename).name}:{frame.lineno}" for frame in last)
