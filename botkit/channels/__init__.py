"""A channel: the one place where the wire's JSON is read and written."""

from collections.abc import Mapping
from datetime import datetime
from typing import Protocol

from botkit.events import Message, Status
from botkit.replies import Limits
from botkit.work import Delivery


class Channel(Protocol):
    """Reads webhooks into values and sends deliveries; knows the wire and nothing of bots."""

    def read(self, headers: Mapping[str, str], body: bytes, now: datetime) -> Message | Status:
        """Verify and read a webhook; header names are in lower case.

        Raises Unverifiable, Unauthorized or BadRequest, and nothing else, whatever the bytes are.
        """
        ...

    def limits(self, page: str) -> Limits:
        """What *page* may send in one POST, and how fast."""
        ...

    def account_pages(self, page: str) -> tuple[str, ...]:
        """The pages that send with the same account as *page*; EVERY_PAGE where one account sends for all."""
        ...

    async def send(self, delivery: Delivery) -> str:
        """POST *delivery* and return the channel's message id; raises a branch of ChannelError."""
        ...

    async def close(self) -> None:
        """Let go of the connections."""
        ...
