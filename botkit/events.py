"""What comes in: who wrote to whom, what a user sent, what became of a delivery, and what the time has brought."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Final, Literal
from urllib.parse import quote, unquote

from attrs import field, frozen

from botkit.codes import error_of
from botkit.errors import ChannelError

Kind = Literal["text", "image", "audio", "video", "file", "unsupported"]
KINDS: Final[tuple[Kind, ...]] = ("text", "image", "audio", "video", "file", "unsupported")

#: How far in the past a message's own timestamp is believed: Vonage re-sends a webhook for 24 hours.
OLDEST_BELIEVED = timedelta(hours=25)


@frozen
class Address:
    """One conversation's address: a *user* (PSID) writing to a *page* over a *channel*. Ids are opaque strings.

    >>> Address("messenger", "1070", "2519").key
    'messenger:1070:2519'
    >>> Address.parse("messenger:1070:2519").user
    '2519'
    """

    channel: str
    page: str
    user: str

    @property
    def key(self) -> str:
        """The address as one string, unique per conversation, in which the three parts are percent-encoded."""
        return _key(self.channel, self.page, self.user)

    @classmethod
    def parse(cls, key: str) -> "Address":
        """Read back what `key` wrote; raises ValueError for anything that has not three parts."""
        parts = key.split(":")
        if len(parts) != 3:
            raise ValueError(f"{key!r} is not an address: it takes channel:page:user.")
        if "%" not in key:
            return cls(*parts)
        return cls(*(unquote(part, errors="surrogatepass") for part in parts))


@lru_cache(maxsize=16_384)
def _key(channel: str, page: str, user: str) -> str:
    # Asked for by every operation of a store: the same few thousand users over and over.
    return f"{_quoted(channel)}:{_quoted(page)}:{_quoted(user)}"


def _quoted(part: str) -> str:
    return part if part.isalnum() and part.isascii() else quote(part, safe="", errors="surrogatepass")


@frozen(kw_only=True)
class Message:
    """Something a user sent.

    ``id`` is the channel's (``message_uuid``), unique per user. ``kind`` is one of KINDS: what the channel calls
    otherwise is "unsupported", with the original in ``raw``. ``url`` is set for image, audio, video and file where the
    channel named one. ``sent_at`` is the channel's own time, None where it could not be read.

    >>> message = Message(id="m-1", address=Address("messenger", "1070", "anna"), kind="text", text="Hello!")
    >>> message.text, message.url
    ('Hello!', None)
    """

    id: str
    address: Address
    kind: Kind
    text: str = ""
    url: str | None = None
    sent_at: datetime | None = None
    raw: Mapping[str, object] = field(factory=dict, repr=False)

    def opened_at(self, received_at: datetime) -> datetime:
        """When this message opened the 24-hour window: its own time where believable, else when it was received.

        Believable is a time at most 25 hours before *received_at* and not after it.
        """
        if self.sent_at is not None and received_at - OLDEST_BELIEVED <= self.sent_at <= received_at:
            return self.sent_at
        return received_at


@frozen(kw_only=True)
class Status:
    """What became of a delivery: ``state`` is the channel's word (submitted, delivered, read, rejected, …).

    ``address`` is the conversation's (the page that sent, the user it went to). ``delivery_id`` is the ``client_ref``
    we gave, None where the channel did not return it. ``code`` is the channel's error number (1340: outside the
    window), None where there is none or it is no number; ``reason`` its words.

    >>> Status(message_id="m-2", address=Address("messenger", "1070", "anna"), state="read").id
    'status:m-2:read'
    """

    message_id: str
    address: Address
    state: str
    delivery_id: str | None = None
    code: int | None = None
    reason: str | None = None
    at: datetime | None = None
    raw: Mapping[str, object] = field(factory=dict, repr=False)

    @property
    def error(self) -> ChannelError | None:
        """The error that ``code`` stands for, such as WindowClosed; None for one that nobody can do anything about."""
        return error_of(self.code, self.address.page)

    @property
    def id(self) -> str:
        """The status as an event's id: a listened-to status has one effect however often it comes."""
        return f"status:{self.message_id}:{self.state}"


@frozen(kw_only=True)
class WakeUp:
    """The moment *at* which a conversation asked to be looked at, though nobody wrote: a time-out or a reminder."""

    id: str
    address: Address
    at: datetime


@frozen(kw_only=True)
class Signal:
    """Something that has happened elsewhere, for a handler that waits for *name*; *data* is what JSON can hold."""

    id: str
    address: Address
    name: str
    data: object = None


Event = Message | Status | WakeUp | Signal
