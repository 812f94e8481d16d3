"""Chat: what a handler sees of the conversation it is in."""

from collections.abc import Awaitable, Callable
from datetime import datetime

from botkit.events import Address, Event, Message, Status
from botkit.replies import Choice, Reply
from botkit.router import Match
from botkit.session import Session
from botkit.work import Work

Send = Callable[[object], Awaitable[None]]


class Chat:
    """The conversation, for the length of one turn.

    ``session`` is a mutable JSON mapping that is committed with the turn. ``match`` says what was understood, None for
    what is no text or was not understood. ``choice`` is the one the user took of the last reply's choices, if any.
    """

    def __init__(self, work: Work, session: Session, send: Send, *, language: str) -> None:
        self._work = work
        self._send = send
        self.session = session
        self.language = language
        self.text = work.event.text if isinstance(work.event, Message) else ""
        self.match: Match | None = None
        self.choice: Choice | None = None

    @property
    def event(self) -> Event:
        """What this turn is about: a message, or a listened-to status."""
        return self._work.event

    @property
    def message(self) -> Message:
        """The user's message; raises AttributeError in a turn that is about a status."""
        if isinstance(self._work.event, Message):
            return self._work.event
        raise AttributeError("This turn is about a status: use chat.status.")

    @property
    def status(self) -> Status:
        """The status in an ``@bot.on_status`` handler; raises AttributeError in a turn that is about a message."""
        if isinstance(self._work.event, Status):
            return self._work.event
        raise AttributeError("This turn is about a message: use chat.message.")

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
        """The page the user writes to."""
        return self._work.address.page

    def now(self) -> datetime:
        """The time of this turn by the store's clock, aware and in UTC."""
        return self._work.now

    async def send(self, reply: str | Reply) -> None:
        """Send *reply* now: it is committed and leaves at once, also if the handler fails later, and never twice.

        Raises TypeError for what is no reply, and LeaseLost where another worker has taken the conversation over; let
        that one pass.
        """
        await self._send(reply)
