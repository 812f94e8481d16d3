"""Chat: what a handler sees of the conversation it is in."""

from collections.abc import Awaitable, Callable, Iterable
from datetime import datetime, tzinfo

from botkit.events import Address, Event, Message, Status
from botkit.replies import Choice, Reply
from botkit.router import Match
from botkit.session import Session
from botkit.work import Work

Send = Callable[[object], Awaitable[None]]


class Chat:
    """The conversation a handler is in, for the length of one turn.

    ``text`` is what the user wrote, or the title of the choice that was taken; empty where the event is no text.
    ``session`` is a mutable JSON mapping, committed with the turn. ``match`` says what was understood, None where
    nothing was. ``choice`` is the one of the last reply's choices that the user took, None if none. ``language`` is the
    bot's.
    """

    __slots__ = ("_send", "_timezone", "_work", "choice", "language", "match", "session", "text")

    def __init__(self, work: Work, session: Session, send: Send, *, language: str, timezone: tzinfo) -> None:
        self._work = work
        self._send = send
        self._timezone = timezone
        self.session = session
        self.language = language
        self.text = work.event.text if isinstance(work.event, Message) else ""
        self.match: Match | None = None
        self.choice: Choice | None = None

    @property
    def event(self) -> Event:
        """What this turn is about: a message, or a status that the bot listens to."""
        return self._work.event

    @property
    def message(self) -> Message | None:
        """The user's message, None in a turn about a status."""
        return self._work.event if isinstance(self._work.event, Message) else None

    @property
    def status(self) -> Status | None:
        """The status in an ``@bot.on_status`` handler, None in a turn about a message."""
        return self._work.event if isinstance(self._work.event, Status) else None

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

    def now(self) -> datetime:
        """The time of this turn by the store's clock, aware, in the bot's time zone; the same throughout the turn."""
        return self._work.now.astimezone(self._timezone)

    async def send(self, reply: str | Reply | Iterable[str | Reply]) -> None:
        """Send *reply* at once: it leaves even if the handler fails later, and never twice if the handler runs again.

        Which one it is counts, not what it says: the second `send` of a run is the second of every run for this event.
        A sync handler cannot await it; one that has something to say on its way is written with ``async def``.
        Raises HandlerError for what is no reply, for a choice that cannot be taken, and after the turn has ended; and
        LeaseLost where another worker has taken the conversation over, which ends the turn.
        """
        await self._send(reply)
