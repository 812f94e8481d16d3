"""Chat: what a handler sees of the conversation it is in."""

import inspect
import re
import uuid
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Sequence
from datetime import datetime, timedelta, tzinfo
from decimal import Decimal
from typing import Final, TypeVar, overload

from botkit.errors import HandlerError
from botkit.events import Address, Event, Message, Status
from botkit.flows.drive import Drive
from botkit.flows.entries import SIGNAL, Answer
from botkit.flows.kinds import Type
from botkit.flows.question import question
from botkit.flows.run import Run
from botkit.replies import Choice, Reply, Text
from botkit.router import Match
from botkit.session import Session
from botkit.work import Work

#: Sends a reply, with its texts in a language.
Send = Callable[[object, str], Awaitable[None]]
HandOver = Callable[[str, timedelta | None, bool], Text]
T = TypeVar("T")
#: What the value of a choice may be made into.
N = TypeVar("N", str, int, float, Decimal)

_LANGUAGE: Final = re.compile(r"[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{2,8})*")


class Chat:
    """The conversation a handler is in, for the length of one turn; one that asks sees it go on from turn to turn.

    ``text`` is what the user wrote, or the title of the choice that was taken; empty where the event is no text.
    ``session`` is a mutable JSON mapping, committed with the turn. ``match`` says what was understood, None where
    nothing was. ``choice`` is the one of the last reply's choices that the user took, None if none.

    >>> from botkit import Bot
    >>> bot = Bot("shop")
    >>> @bot.intent("hello")
    ... async def greet(chat: Chat) -> str:
    ...     name = chat.session.get("name") or await chat.ask("What is your name?")
    ...     chat.session["name"] = name
    ...     return f"Hello, {name}! It is {chat.now():%H:%M}."
    """

    __slots__ = (
        "_begun",
        "_default_language",
        "_event",
        "_hand_over",
        "_heard",
        "_now",
        "_send",
        "_sending",
        "_since",
        "_timezone",
        "_work",
        "choice",
        "drive",
        "match",
        "run",
        "session",
        "start",
        "text",
    )

    def __init__(
        self,
        work: Work,
        session: Session,
        send: Send,
        *,
        language: str,
        timezone: tzinfo,
        hand_over: HandOver | None = None,
    ) -> None:
        self._work = work
        #: The answers that the event and the time have still to be read of.
        self._heard: Answer | None = None
        self._since: Answer | None = None
        self._send = send
        #: What `send` gave, until the handler is over.
        self._sending: list[Coroutine[object, object, None]] = []
        self._timezone = timezone
        self._hand_over = hand_over
        self.session = session
        self._default_language = language
        self.match: Match | None = None
        self.choice: Choice | None = None
        #: What drives the handler whose chat this is, None where there is none, as in a middleware.
        self.drive: Drive | None = None
        #: What leads it along its journal, None until it is needed; and what makes it.
        self.run: Run | None = None
        self.start: Callable[[], Run] | None = None
        self.stand(work.event, work.now)

    def stand(self, event: Event, now: datetime) -> None:
        """Be in the conversation where *event* has come."""
        self._event, self._now, self._begun = event, now, now
        self.text = event.text if isinstance(event, Message) else ""

    @property
    def event(self) -> Event:
        """What this turn is about: a message, a status that the bot listens to, or a wake-up."""
        if self._heard is not None:
            self._event = self._heard.message(self._work.address) or self._event
            self._heard = None
        return self._event

    @property
    def message(self) -> Message | None:
        """The user's message, None in a turn about a status; after `ask` it is the answer, without its ``raw``."""
        event = self.event
        return event if isinstance(event, Message) else None

    @property
    def status(self) -> Status | None:
        """The status in an ``@bot.on_status`` handler, None in a turn about a message."""
        event = self.event
        return event if isinstance(event, Status) else None

    @property
    def address(self) -> Address:
        """The conversation's address, as `App.send` takes it."""
        return self._work.address

    @property
    def user_id(self) -> str:
        """The user's page-scoped id (PSID)."""
        return self._work.address.user

    @property
    def page_id(self) -> str:
        """The page that the user writes to."""
        return self._work.address.page

    @property
    def language(self) -> str:
        """The language of the conversation: that of the phrases the user said last, else the bot's.

        It may be set, and is remembered like the session. In a flow it is what it was at this point, whatever the user
        has spoken since: what he speaks when he answers holds from that answer on.
        """
        return self.session.language or self._default_language

    @language.setter
    def language(self, language: str) -> None:
        if not _LANGUAGE.fullmatch(str(language)):
            raise HandlerError(f'chat.language is a code such as "en" or "de", not {language!r:.60}')
        if language != self.language:
            self.session.language = language

    @property
    def languages(self) -> tuple[str, str]:
        """The languages to look for texts in: the conversation's, then the bot's."""
        return (self.language, self._default_language)

    def now(self) -> datetime:
        """The time of this turn by the store's clock, aware, in the bot's time zone; the same throughout the turn."""
        if self._since is not None:
            self._now, self._since = self._since.at(self._begun), None
        return self._now.astimezone(self._timezone)

    def random(self) -> float:
        """A number from 0 up to 1; when a flow is replayed, the numbers that it had before."""
        return self.running("random").chance.random()

    def uuid(self) -> uuid.UUID:
        """A random UUID; when a flow is replayed, the one that it had before."""
        return self.running("uuid").uuid()

    def send(self, reply: str | Reply | Iterable[str | Reply]) -> Coroutine[object, object, None]:
        """Send *reply* at once, when it is awaited.

        It leaves even if the handler fails later, and never twice if the handler runs again.

        Which one it is counts, not what it says: the second `send` of a run is the second of every run for this event.
        A sync handler cannot await it; one that has something to say on its way is written with ``async def``.
        Raises HandlerError for what is no reply, for a choice that cannot be taken, and after the turn has ended; and
        LeaseLost where another worker has taken the conversation over, which ends the turn. A handler that does not
        await it fails.
        """
        sending = self.send_anything(reply)
        self._sending.append(sending)
        return sending

    def check_sent(self) -> None:
        """Raise HandlerError where `send` was called and not awaited: nothing would be sent, and nobody would know."""
        unsent = [one for one in self._sending if inspect.getcoroutinestate(one) == inspect.CORO_CREATED]
        self._sending.clear()
        for one in unsent:
            one.close()
        if unsent:
            raise HandlerError("called chat.send without await, so that nothing was sent: await it, with async def")

    async def send_anything(self, reply: object) -> None:
        """The same for what nobody has looked at yet, such as what a generator yields."""
        if self.run is not None:
            if not self.run.has_sent():
                await self.run.send(lambda: self._send(reply, self.language))
        elif self.drive is not None and self.drive.is_here():
            self.drive.sends += 1
            with self.drive.ours():
                await self._send(reply, self.language)
        else:
            await self._send(reply, self.language)

    @overload
    async def once(self, function: Callable[..., Awaitable[T]], *arguments: object) -> T: ...

    @overload
    async def once(self, function: Callable[..., T], *arguments: object) -> T: ...

    async def once(self, function: Callable[..., object], *arguments: object) -> object:
        """Call *function* with *arguments* once, and give its result whenever the handler is run again.

        The result is committed before the handler goes on. It is what JSON can hold; HandlerError says where it is not.
        A plain function runs in a thread. Where *function* has a parameter ``idempotency_key``, it gets 32 hex digits
        that are the same should the process die before the result is committed, and the call be made again.

        What *function* raises is recorded, too, and raised as `OnceFailed`, now and whenever the handler is run again;
        only RetryLater passes as it is. After a turn that failed, results are kept for the same call with the same
        arguments, and errors are not. Raises JournalFull where there is no room for the result.
        """
        return await self.running("once").once(function, arguments)

    @overload
    async def ask(
        self,
        prompt: str | Reply | Iterable[str | Reply],
        *,
        choices: Sequence[Choice | str] | None = None,
        check: Callable[[str], object] | None = None,
        retry_text: str | None = None,
        attempts: int = 3,
        timeout: timedelta | None = None,  # noqa: ASYNC109 - for the user, not for the coroutine
        remind: timedelta | None = None,
        strict: bool = False,
        name: str | None = None,
    ) -> str: ...

    @overload
    async def ask(
        self,
        prompt: str | Reply | Iterable[str | Reply],
        *,
        type: type[N],
        choices: Sequence[Choice | str],
        check: Callable[[N], object] | None = None,
        retry_text: str | None = None,
        attempts: int = 3,
        timeout: timedelta | None = None,  # noqa: ASYNC109 - for the user, not for the coroutine
        remind: timedelta | None = None,
        strict: bool = False,
        name: str | None = None,
    ) -> N: ...

    @overload
    async def ask(
        self,
        prompt: str | Reply | Iterable[str | Reply],
        *,
        type: type[T] | Callable[[str], T],
        choices: None = None,
        check: Callable[[T], object] | None = None,
        retry_text: str | None = None,
        attempts: int = 3,
        timeout: timedelta | None = None,  # noqa: ASYNC109 - for the user, not for the coroutine
        remind: timedelta | None = None,
        strict: bool = False,
        name: str | None = None,
    ) -> T: ...

    @overload
    async def ask(
        self,
        prompt: str | Reply | Iterable[str | Reply],
        *,
        type: str,
        choices: Sequence[Choice | str] | None = None,
        check: Callable[..., object] | None = None,
        retry_text: str | None = None,
        attempts: int = 3,
        timeout: timedelta | None = None,  # noqa: ASYNC109 - for the user, not for the coroutine
        remind: timedelta | None = None,
        strict: bool = False,
        name: str | None = None,
    ) -> object: ...

    async def ask(
        self,
        prompt: str | Reply | Iterable[str | Reply],
        *,
        type: Type = str,  # noqa: A002 - the word for it, here and in slots
        choices: Sequence[Choice | str] | None = None,
        name: str | None = None,
        **options: object,
    ) -> object:
        """Ask the user, and give his answer, however long it takes him and whatever happens to this process meanwhile.

        The handler ends here for now. With the next message it is run again from its start, as it was run before:
        answers and results of `once` come from its journal, and what it sent is not sent again.

        *type* is str, int, float, Decimal, bool, date or time; the name of a slot type or of one of the bot's lists;
        Image, Audio, Video or File; or a function that takes the text and raises ValueError for what is no answer.
        *choices* are offered below the prompt and taken by title or number: the answer is the choice's ``value``, as
        *type*, which is then str, int, float or Decimal.
        *check* is called with the value, and refuses it with a ValueError, whose text the user gets, or with False.
        *retry_text* is said to what is no answer; without it botkit's own text and the prompt are. After *attempts*
        answers that were none `GaveUp` is raised. *remind* repeats the prompt after that time, and after *timeout*
        `Timeout` is raised. With *strict* everything the user writes is taken for an answer, apart from the words for
        cancel, which raise `Cancelled`, help and handover; without it other intents are answered meanwhile and the
        question is repeated. *name* identifies the question when the code changes, and keeps the answer for a new
        start.

        Raises HandlerError for what cannot be asked, UnjournalledAwait where the handler has awaited something outside
        `once` before, JournalFull, and CodeChanged where the handler does not do what it did before.
        """
        run = self.run or self.running("ask")
        name = str(name or "")
        if choices is None and (recorded := run.recorded_value(name, type)) is not None:
            return recorded[0]
        return await run.ask(question(prompt, type, choices, run.means.reading, name=name, **options))

    async def wait(self, name: str, *, timeout: timedelta | None = None) -> object:  # noqa: ASYNC109 - as in ask
        """Wait for the signal *name* (`App.signal`, or `botkit signal`), and give its data, as JSON can hold it.

        The handler ends here for now, as with `ask`; what the user writes meanwhile is answered as if nothing was open,
        but for the words for cancel, which raise `Cancelled`. A signal that came earlier in this conversation, while a
        handler was at a question, is taken at once. After *timeout* `Timeout` is raised.
        """
        run = self.running("wait")
        waits = question("-", "text", None, run.means.reading, timeout=timeout, name=f"{SIGNAL}{name}")
        return await run.ask(waits._replace(prompt=(), kind="signal", is_wait=True))

    def handover(self, reason: str, *, length: timedelta | None = None) -> Text:
        """Hand the conversation over to a person: from the end of this turn on the bot says nothing in it.

        What this turn answers still leaves; what comes back is a text that says what is going on, for a handler that
        has none of its own: ``return chat.handover("billing")``. *reason* is for the owner, who is told where settings
        name a webhook. The bot answers again after *length* (default: the bot's ``handover_length``, 12 hours), or when
        the owner or the user says so. Questions that are open stay open, and their time-outs wait as well.

        Nothing is handed over by a turn that fails, but an error handler may do so. Raises HandlerError for a reason
        that says nothing, a length of zero or less, or of more than a year, and after the turn has ended.
        """
        if self._hand_over is None:
            raise HandlerError("chat.handover was called outside a turn")
        return self._hand_over(reason, length, self.run is not None and self.run.is_past)

    def go_on(self, answer: Answer) -> None:
        """Take up the conversation where *answer* was given, with what other turns made of the session meanwhile."""
        self._since = answer
        if answer.medium != "nothing":
            self._heard, self.text, self.choice = answer, answer.text, None
        if answer.change:
            self.session.take(*answer.change)

    def running(self, name: str) -> Run:
        """The handler's run, made when it is first needed; raises HandlerError outside a handler, for `chat.name`."""
        if self.run is None:
            if self.start is None:
                raise HandlerError(f"chat.{name} was called outside a handler, where nothing waits for an answer")
            self.run = self.start()
        return self.run

    def leave(self) -> None:
        """Belong to no handler any more."""
        self.drive = self.run = self.start = None
