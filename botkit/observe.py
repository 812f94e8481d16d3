"""What happened, told to whoever watches: one frozen value for each step of a message's way; and the clock.

The names of the values are stable: logs and metrics are made from them (`botkit.monitoring`). None carries personal
text; addresses are hashed before they are written anywhere.
"""

from datetime import UTC, datetime
from typing import Literal, Protocol

from attrs import field, frozen

from botkit.events import Address
from botkit.work import DeliveryState


class Clock(Protocol):
    """Tells the time; injected everywhere, so that a test can set it."""

    def now(self) -> datetime:
        """The present moment, aware and in UTC."""
        ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        """The present moment by the machine's clock, in UTC."""
        return datetime.now(UTC)


@frozen(kw_only=True)
class WebhookAnswered:
    """Step 1: a webhook was answered; *reason* is a stable word, such as ``kept`` or ``bad_signature``."""

    route: Literal["inbound", "status", "unknown"]
    status: int
    reason: str
    seconds: float


@frozen(kw_only=True)
class EventRead:
    """Step 2: a body was verified and read as a message or a status."""

    address: Address
    event_id: str
    kind: str


@frozen(kw_only=True)
class EventKept:
    """Step 3: an event is durable, or was recognised as a duplicate; *set_aside* says why it became a dead letter."""

    address: Address
    event_id: str
    duplicate: bool = False
    set_aside: str | None = None


@frozen(kw_only=True)
class TurnStarted:
    """Step 4: a worker has claimed a conversation; *waited_seconds* is how long the event lay in the store."""

    address: Address
    event_id: str
    bot: str
    claims: int
    waited_seconds: float


@frozen(kw_only=True)
class Routed:
    """Step 6: text was matched to an intent (None: to none), and *how*: choice, exact, template, kind, fallback …."""

    address: Address
    event_id: str
    intent: str | None
    how: str
    score: float


@frozen(kw_only=True)
class Handled:
    """Steps 7 and 8: the handler returned; its value became *replies* replies in *parts* parts."""

    address: Address
    event_id: str
    handler: str
    replies: int
    parts: int


@frozen(kw_only=True)
class TurnFinished:
    """Steps 5 and 9: the turn is committed."""

    address: Address
    event_id: str
    bot: str
    intent: str | None
    deliveries: int
    seconds: float


@frozen(kw_only=True)
class TurnFailed:
    """A turn did not come to its end; *error* names the handler and the place, never a user's words.

    *detail* is the traceback, in which users' words may stand: it is shown in development, and never logged.
    """

    address: Address
    event_id: str
    bot: str
    error: str
    retry_at: datetime | None
    lease_lost: bool = False
    detail: str = field(default="", repr=False)


@frozen(kw_only=True)
class TurnLeft:
    """A turn was left to another process, for it needs what only that one knows: another version of the code."""

    address: Address
    event_id: str
    bot: str


@frozen(kw_only=True)
class DeliveryMoved:
    """Step 10: a delivery was sent, put off, left in doubt or given up; *seconds* is how long the POST took."""

    address: Address
    delivery_id: str
    state: DeliveryState
    attempts: int
    reason: str | None
    seconds: float


@frozen(kw_only=True)
class StatusNoted:
    """Step 11: a status came; *moved_to* is None where it moved no delivery."""

    address: Address
    state: str
    code: int | None
    moved_to: DeliveryState | None


@frozen(kw_only=True)
class UserForgotten:
    """An operator had everything erased that was kept of a user."""

    address: Address
    events: int
    deliveries: int


@frozen(kw_only=True)
class NoticeTold:
    """The owner of a page was told of a handover (*taken*), or could not be; *reason* says why, *seconds* how long."""

    address: Address
    notice_id: str
    taken: bool
    attempts: int
    reason: str | None
    seconds: float


@frozen
class Alarm:
    """Something an operator should act on now; *name* is stable, *text* says what to do, *times* how often it came."""

    name: str
    text: str
    times: int = 1


@frozen
class Lifecycle:
    """The process started, is ready, has new bots, drains or has stopped; *detail* is for people."""

    name: Literal["started", "ready", "reloaded", "draining", "stopped"]
    detail: str = ""


Happening = (
    WebhookAnswered | EventRead | EventKept | TurnStarted | Routed | Handled | TurnFinished | TurnFailed | TurnLeft
    | DeliveryMoved | StatusNoted | NoticeTold | UserForgotten | Alarm | Lifecycle
)  # fmt: skip


class Observer(Protocol):
    """Is told what happened, at once and in order; must be quick and must not raise."""

    def __call__(self, happening: Happening, /) -> None:
        """Take note of *happening*."""
        ...


def unobserved(happening: Happening) -> None:
    """An observer that looks away."""
