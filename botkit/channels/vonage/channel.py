"""Messenger over Vonage, with as many accounts as there are: each page sends with its own."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from random import Random, SystemRandom
from typing import Final
from urllib.parse import urlsplit

from botkit.channels.vonage.client import Client
from botkit.channels.vonage.http import HTTP, Transport
from botkit.channels.vonage.read import read
from botkit.channels.vonage.verify import Verifier
from botkit.channels.vonage.write import TEXT_LIMIT
from botkit.errors import AccountBlocked
from botkit.events import Message, Status
from botkit.observe import Clock
from botkit.replies import Limits
from botkit.settings import SANDBOX_HOST, Account
from botkit.work import Delivery

SANDBOX_PER_SECOND: Final = 1.0
DEFAULT_PER_SECOND: Final = 30.0
#: Meta's own limit for audio and video of one page.
MEDIA_PER_SECOND: Final = 10.0


class Vonage:
    """The channel of one installation, over all its *accounts*.

    An account without pages serves every page that no other account names. Raises ConfigError for credentials that
    cannot work, and ValueError for an empty signature secret.
    """

    def __init__(
        self,
        accounts: Sequence[Account],
        *,
        clock: Clock,
        rng: Random | None = None,
        transport: Transport | None = None,
    ) -> None:
        self._verifier = Verifier(accounts)
        self._transport = transport or HTTP()
        rng = rng or SystemRandom()
        clients = [Client(account, clock=clock, rng=rng, transport=self._transport) for account in accounts]
        served = list(zip(accounts, clients, strict=True))
        self._by_page = {page: one for one in served for page in one[0].pages}
        self._others = next((one for one in served if not one[0].pages), None)
        self._limits = {id(account): _limits(account) for account in accounts}

    def read(self, headers: Mapping[str, str], body: bytes, now: datetime) -> Message | Status:
        """Verify and read a webhook; raises Unverifiable, Unauthorized or BadRequest."""
        self._verifier.verify(headers.get("authorization"), body, now)
        return read(body)

    def limits(self, page: str) -> Limits:
        """What *page* may send in one POST, and how fast."""
        served = self._by_page.get(page, self._others)
        return Limits() if served is None else self._limits[id(served[0])]

    async def send(self, delivery: Delivery) -> str:
        """POST *delivery* with its page's account and return the ``message_uuid``."""
        address = delivery.address
        served = self._by_page.get(address.page, self._others)
        if served is None:
            raise AccountBlocked(
                f"No account has page {address.page}: add it to the pages of one under vonage: in bots.yaml.",
                reason="no_account",
            )
        return await served[1].send(page=address.page, user=address.user, reply=delivery.reply, client_ref=delivery.id)

    async def close(self) -> None:
        """Close the connections that are kept."""
        await self._transport.close()


def _limits(account: Account) -> Limits:
    sandbox = urlsplit(account.base_url).hostname == SANDBOX_HOST
    default = SANDBOX_PER_SECOND if sandbox else DEFAULT_PER_SECOND
    per_second = account.messages_per_second or default
    return Limits(
        text_length=TEXT_LIMIT, messages_per_second=per_second, media_per_second=min(per_second, MEDIA_PER_SECOND)
    )
