"""A channel whose other end is this terminal."""

from collections.abc import Callable, Mapping
from datetime import datetime

from botkit.errors import BadRequest
from botkit.events import Message, Status
from botkit.replies import Limits, Text
from botkit.work import Delivery

_FAST = 10_000.0


class Terminal:
    """Shows what Messenger would show, through *show*; there are no webhooks here."""

    def __init__(self, show: Callable[[str], None]) -> None:
        self._show = show
        self.sent = 0

    def read(self, headers: Mapping[str, str], body: bytes, now: datetime) -> Message | Status:
        """No webhook comes to a terminal."""
        raise BadRequest("A terminal takes no webhooks.", reason="terminal")

    def limits(self, page: str) -> Limits:
        """As on Messenger, but for the waiting."""
        return Limits(messages_per_second=_FAST, media_per_second=_FAST)

    def account_pages(self, page: str) -> tuple[str, ...]:
        """A terminal has no accounts."""
        return (page,)

    async def send(self, delivery: Delivery) -> str:
        """Show one delivery."""
        reply = delivery.reply
        self._show(reply.text if isinstance(reply, Text) else f"[{reply.kind}] {getattr(reply, 'url', '')}".rstrip())
        self.sent += 1
        return delivery.id

    async def close(self) -> None:
        """Nothing is held."""
