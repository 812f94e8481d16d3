"""Messenger's end of a test: takes what is sent, shows it to its users, and fails when it is told to."""

from collections import defaultdict, deque
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from itertools import count
from typing import Final, Literal

from attrs import frozen

from botkit.channels.vonage.connection import Answer
from botkit.channels.vonage.problems import error_from
from botkit.channels.vonage.write import request_body
from botkit.errors import BadRequest, ChannelError, InDoubt, Unavailable
from botkit.events import Address, Message, Status
from botkit.pictures import shown_url
from botkit.replies import Limits, Reply, Text
from botkit.settings import MessagesAPI
from botkit.work import Delivery

#: No test waits for a page's pace.
_FAST: Final = 1_000_000.0
_NO_ANSWERS: Final = ("time_out", "no_connection")
_FAILURES: Final = range(400, 600)
_IN_DOUBT: Final = range(500, 600)


@frozen(kw_only=True)
class Fault:
    """What happens to a delivery instead of a 202.

    *what* is the HTTP status the Messages API answers with, ``time_out`` for no answer, or ``no_connection`` for
    nothing sent. With *arrives* the message is shown to its user all the same, which only a 5xx or a time-out may hide.
    *retry_after_seconds* is what a 429 or 503 asks for. Raises ValueError for what is no failure.
    """

    what: int | Literal["time_out", "no_connection"]
    arrives: bool = False
    retry_after_seconds: int | None = None

    def __attrs_post_init__(self) -> None:
        """Refuse what is no failure, and what fails and arrives all the same."""
        is_status = isinstance(self.what, int)
        if self.what not in _NO_ANSWERS and not (is_status and self.what in _FAILURES):
            known = " or ".join(map(repr, _NO_ANSWERS))
            raise ValueError(f"{self.what!r} is no fault; it takes {known}, or an HTTP status such as 429 or 503.")
        if self.arrives and not (self.what == "time_out" or (is_status and self.what in _IN_DOUBT)):
            raise ValueError(f"Nothing arrives behind a fault {self.what!r}; behind a 5xx or a time-out it may.")

    def error(self, now: datetime) -> ChannelError:
        """What the Vonage channel raises for it.

        >>> Fault(what=429).error(datetime.now()).reason
        'rate_limited'
        """
        if self.what == "time_out":
            return InDoubt("The Messages API did not answer.", reason="time_out")
        if self.what == "no_connection":
            return Unavailable("The Messages API cannot be reached.", reason="no_connection")
        seconds = self.retry_after_seconds
        headers = {} if seconds is None else {"retry-after": str(seconds)}
        return error_from(Answer(self.what, headers, b""), {}, now)


@frozen(kw_only=True)
class Shown:
    """One message as Messenger shows it: the *reply* that was sent, its words in *text*, and the channel's id of it."""

    address: Address
    reply: Reply
    text: str
    message_id: str
    delivery_id: str


class Messenger:
    """A channel without a wire, with the limits of Messenger over Vonage but for the waiting.

    Refuses what the Messages API would. Whoever is set as *on_shown* is told of every message as it is shown.
    """

    def __init__(self, api: MessagesAPI = "v1") -> None:
        self._shown: defaultdict[Address, list[Shown]] = defaultdict(list)
        self._numbers = count(1)
        self.faults: deque[Fault] = deque()
        self._api = api
        self.on_shown: Callable[[Shown], None] | None = None

    def read(self, headers: Mapping[str, str], body: bytes, now: datetime) -> Message | Status:
        """Nothing comes in over a wire that is not there."""
        raise BadRequest("This channel takes no webhooks.", reason="no_wire")

    def limits(self, page: str) -> Limits:
        """As on Messenger, but for the waiting."""
        return Limits(messages_per_second=_FAST, media_per_second=_FAST)

    def account_pages(self, page: str) -> tuple[str, ...]:
        """Each page has an account of its own."""
        return (page,)

    async def send(self, delivery: Delivery) -> str:
        """Show one delivery, unless a fault comes first."""
        address = delivery.address
        request_body(self._api, page=address.page, user=address.user, reply=delivery.reply, client_ref=delivery.id)
        fault = self.faults.popleft() if self.faults else None
        if fault is not None and not fault.arrives:
            raise fault.error(delivery.now)
        shown = self._show(delivery)
        if fault is not None:
            raise fault.error(delivery.now)
        return shown.message_id

    def _show(self, delivery: Delivery) -> Shown:
        shown = Shown(
            address=delivery.address,
            reply=delivery.reply,
            text=words_of(delivery.reply),
            message_id=f"sent-{next(self._numbers)}",
            delivery_id=delivery.id,
        )
        self._shown[delivery.address].append(shown)
        if self.on_shown is not None:
            self.on_shown(shown)
        return shown

    def shown(self, address: Address) -> Sequence[Shown]:
        """What the user at *address* was shown, in order."""
        return self._shown[address]

    async def close(self) -> None:
        """Nothing is held."""


def words_of(reply: Reply) -> str:
    """A reply in a line: its text, or its kind and URL.

    >>> words_of(Text("Hello!"))
    'Hello!'
    """
    return reply.text if isinstance(reply, Text) else f"[{reply.kind}] {shown_url(getattr(reply, 'url', ''))}".rstrip()
