"""What a store keeps and hands out: work, what a turn made of it, and deliveries with their table of states."""

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Final, Literal

from attrs import field, frozen

from botkit.events import Address, Event
from botkit.replies import Choice, Reply

DeliveryState = Literal[
    "queued", "sending", "in_doubt", "sent", "delivered", "read", "rejected", "undeliverable", "dead"
]

#: The legal moves of a delivery. A state that is not a key of its own row is final but for what is listed.
MOVES: Final[Mapping[DeliveryState, frozenset[DeliveryState]]] = {
    "queued": frozenset({"sending", "dead"}),
    "sending": frozenset({"queued", "in_doubt", "sent", "delivered", "read", "rejected", "undeliverable", "dead"}),
    "in_doubt": frozenset({"sending", "sent", "delivered", "read", "rejected", "undeliverable", "dead"}),
    "sent": frozenset({"delivered", "read", "rejected", "undeliverable"}),
    "delivered": frozenset({"read"}),
    "read": frozenset(),
    "rejected": frozenset(),
    "undeliverable": frozenset(),
    "dead": frozenset(),
}

#: The states in which a delivery still holds back the later ones of its conversation.
OPEN: Final[frozenset[DeliveryState]] = frozenset({"queued", "sending", "in_doubt"})

#: What a channel's status word makes of a delivery; other words are data and move nothing.
STATE_OF_STATUS: Final[Mapping[str, DeliveryState]] = {
    "submitted": "sent",
    "delivered": "delivered",
    "read": "read",
    "rejected": "rejected",
    "undeliverable": "undeliverable",
}

#: An event that was claimed more often than this without an outcome is suspected of ending its process.
TRUSTED_CLAIMS: Final = 3


def may_move(old: DeliveryState, new: DeliveryState) -> bool:
    """Whether a delivery in state *old* may become *new*.

    >>> may_move("sent", "read"), may_move("read", "delivered")
    (True, False)
    """
    return new in MOVES[old]


def delivery_id(address: Address, cause: str, ordinal: str, part: int) -> str:
    """Give the id of a delivery: fixed by the conversation, what caused it, which reply it is, and which part.

    32 hex digits, so that it fits every version's ``client_ref``; the same arguments always give the same id.
    """
    text = "\x1f".join((address.key, cause, ordinal, str(part)))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]


@frozen(kw_only=True)
class Mute:
    """A conversation in which the bot says nothing from *at* to *until*, because a person answers; it may be over.

    *id* is the same however often the turn that began it is run. *reason* is the bot's author's word for why.
    """

    id: str
    reason: str
    at: datetime
    until: datetime


@frozen(kw_only=True)
class Notice:
    """What the owner of a page is still to be told: that the conversation at *address* was handed over.

    *attempts* counts how often that was tried, this time included. *now* is the time by the store's clock.
    """

    address: Address
    mute: Mute
    attempts: int
    now: datetime


@frozen(kw_only=True)
class Work:
    """One conversation, claimed: its oldest event and everything a turn needs to handle it.

    *epoch* is the fencing token of the claim. *claims* counts claims of this event including this one, *failures* how
    often its handler asked to be run again. *session_at* is when the session was last committed, None for a new user.
    *flow* is where the conversation's open flows stand, as text that a store need not understand; empty: none is open.
    *mute* is the last one there was. *now* is the time by the store's clock, aware and in UTC.
    """

    address: Address
    event: Event
    sequence: int
    epoch: int
    now: datetime
    accepted_at: datetime
    claims: int = 1
    failures: int = 0
    session: Mapping[str, object] = field(factory=dict, repr=False)
    session_version: int = 0
    session_at: datetime | None = None
    choices: tuple[Choice, ...] = ()
    flow: str = field(default="", repr=False)
    mute: Mute | None = None

    @property
    def is_muted(self) -> bool:
        """Whether a person answers now, and not the bot."""
        return self.mute is not None and self.now < self.mute.until

    @property
    def is_suspect(self) -> bool:
        """Whether this event may be what ends its process: it was claimed often, and nothing has come of it."""
        return self.claims > TRUSTED_CLAIMS


@frozen
class Queued:
    """A delivery on its way into the outbox: its fixed id, and a reply that is one POST."""

    id: str
    reply: Reply


@frozen
class Failure:
    """Why a turn did not come to its end: run the event again at *retry_at*, or set it aside where that is None.

    *error* names handler, kind of exception and place, and is logged. *detail* is the traceback, which may hold a
    user's words: it is kept with the dead letter and not logged by default.
    """

    error: str
    retry_at: datetime | None = None
    detail: str = field(default="", repr=False)


@frozen(kw_only=True)
class Gap:
    """Something a user said that the bot called *bot* has no answer to, as far as it may be kept.

    *suggested* are the intents that were offered in place of an answer. *until* is when it is erased, *at* when it was
    said; *language* is the bot's for that user.
    """

    bot: str
    language: str
    text: str = field(repr=False)
    suggested: tuple[str, ...] = ()
    at: datetime
    until: datetime


@frozen(kw_only=True)
class Outcome:
    """What a turn made of its work, kept in one transaction.

    *session*, *choices* and *flow* are None where they stay as they were. Where *flow* is given, *wake_at* is when
    the conversation is to be looked at without a message, None for never. Without *failure* the event is done. *intent*
    is the name of what was understood, for whoever watches; it is not kept.

    *mute* is how the conversation is muted from now on, None: as it was; with *notice* its owner is told. *unanswered*
    says why nobody answers the event, whose text then stays in the store. *gap* is what the bot has no answer to.
    """

    deliveries: tuple[Queued, ...] = ()
    session: Mapping[str, object] | None = None
    session_version: int = 0
    choices: tuple[Choice, ...] | None = None
    flow: str | None = field(default=None, repr=False)
    wake_at: datetime | None = None
    failure: Failure | None = None
    intent: str | None = None
    mute: Mute | None = None
    notice: bool = False
    unanswered: str | None = None
    gap: Gap | None = None


@frozen(kw_only=True)
class Delivery:
    """One POST on its way out, claimed by a sender and already marked ``sending``.

    *epoch* is the fencing token of the claim. *attempts* counts POSTs including this one. *opened_at* is when the user
    last wrote, None if never: a reply more than 24 hours later is refused by Messenger unless it is tagged.
    *is_doubted*: it may have been taken before.
    """

    id: str
    address: Address
    reply: Reply
    sequence: int
    epoch: int
    attempts: int
    queued_at: datetime
    now: datetime
    opened_at: datetime | None = None
    is_doubted: bool = False


@frozen(kw_only=True)
class Allowance:
    """How many deliveries each page may be handed now; a page that is not named may have *others*.

    *per_second* is how fast each page may send: a store that several processes share keeps to it over all of them.
    With *since* only what was queued from then on is meant, by a sender that is about to stop.

    >>> Allowance(pages={"1": 0}).of("1"), Allowance(pages={"1": 0}).of("2")
    (0, 1)
    """

    pages: Mapping[str, int] = field(factory=dict)
    others: int = 1
    per_second: Mapping[str, float] = field(factory=dict)
    since: datetime | None = None

    def of(self, page: str) -> int:
        """How many deliveries *page* may be handed now."""
        return self.pages.get(page, self.others)


#: Stands for every page where a `Hold` names pages.
EVERY_PAGE: Final = "*"


@frozen
class Hold:
    """Nothing of *pages* goes out before *until*, whichever process would send it; *reason* is one word."""

    pages: tuple[str, ...]
    until: datetime
    reason: str


@frozen(kw_only=True)
class Settlement:
    """What became of a delivery that was being sent.

    ``sent`` carries *message_id*; ``queued`` (to be tried again) and ``in_doubt`` carry *due_at*, until when the
    conversation's lane rests; ``dead`` and ``queued`` carry *reason*. With *hold* whole pages rest.
    """

    state: DeliveryState
    message_id: str | None = None
    due_at: datetime | None = None
    reason: str | None = None
    hold: Hold | None = None


@frozen(kw_only=True)
class Noted:
    """What a status did: whose delivery it was (None: not known yet, or not ours), and which state it moved to."""

    address: Address | None = None
    delivery_id: str | None = None
    moved_to: DeliveryState | None = None


@frozen(kw_only=True)
class DeadLetter:
    """An event or a delivery that was set aside, with the reason, for an operator to look at and replay."""

    id: str
    address: Address
    direction: Literal["inbound", "outbound"]
    reason: str
    at: datetime
    body: str = field(default="", repr=False)


@frozen(kw_only=True)
class Backlog:
    """How much is waiting, and since when; dead letters are counted apart and are not waiting. *holds* are in force.

    *notices* are for owners who are still to be told of a handover, and *muted* are the conversations that a person
    answers now.
    """

    events: int = 0
    oldest_event_at: datetime | None = None
    deliveries: int = 0
    oldest_delivery_at: datetime | None = None
    dead_events: int = 0
    dead_deliveries: int = 0
    holds: tuple[Hold, ...] = ()
    notices: int = 0
    oldest_notice_at: datetime | None = None
    muted: int = 0


@frozen(kw_only=True)
class Forgotten:
    """How much was erased of one user: events (done ones among them) and deliveries."""

    events: int
    deliveries: int


@frozen(kw_only=True)
class Kept:
    """A delivery as the store keeps it, for an operator, a simulator or a test to look at.

    *reply* is None once it is done and its body was erased.
    """

    id: str
    reply: Reply | None
    state: DeliveryState
    attempts: int
    message_id: str | None = None
    reason: str | None = None


@frozen(kw_only=True)
class Conversation:
    """Everything kept under one address that a person may want to see."""

    address: Address
    session: Mapping[str, object]
    choices: tuple[Choice, ...]
    opened_at: datetime | None
    flow: str = field(default="", repr=False)
    wake_at: datetime | None = None
    mute: Mute | None = None
    waiting: int
    deliveries: tuple[Kept, ...]
