"""Messenger over Vonage, with as many accounts as there are: each page sends with its own."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from random import Random, SystemRandom
from typing import Final
from urllib.parse import urlsplit

from attrs import evolve, frozen

from botkit.channels.vonage.client import Client
from botkit.channels.vonage.http import HTTP, Transport
from botkit.channels.vonage.read import read
from botkit.channels.vonage.verify import Verifier
from botkit.channels.vonage.write import TEXT_LIMIT
from botkit.errors import AccountBlocked, ConfigError, Rejected
from botkit.events import Message, Status
from botkit.observe import Clock
from botkit.pictures import SCHEME, reachable
from botkit.replies import Image, Limits, Reply
from botkit.settings import SANDBOX_HOST, Account
from botkit.work import EVERY_PAGE, Delivery

CHANNEL: Final = "messenger"
SANDBOX_PER_SECOND: Final = 1.0
DEFAULT_PER_SECOND: Final = 30.0
#: Meta's own limit for audio and video of one page.
MEDIA_PER_SECOND: Final = 10.0


@frozen
class _Sending:
    """How a page sends."""

    client: Client
    limits: Limits


class Vonage:
    """The channel of one installation, over all its *accounts*.

    Webhooks are verified by any account; a page sends with the account that names it, or, where there is only one
    account and it names no pages, with that one. Pictures of a bot's own are below *public_url*. Raises ConfigError for
    credentials, secrets or URLs that cannot work, and for a page that two accounts name.
    """

    def __init__(
        self,
        accounts: Sequence[Account],
        *,
        clock: Clock,
        rng: Random | None = None,
        transport: Transport | None = None,
        public_url: str | None = None,
    ) -> None:
        self._verifier = Verifier(accounts)
        self._transport = transport or HTTP()
        self._public_url = public_url
        self._by_page: dict[str, _Sending] = {}
        self._others: _Sending | None = None
        for account in accounts:
            client = Client(account, clock=clock, rng=rng or SystemRandom(), transport=self._transport)
            self._add(account, _Sending(client, _limits(account)), alone=len(accounts) == 1)

    def _add(self, account: Account, sending: _Sending, *, alone: bool) -> None:
        for page in account.pages:
            if self._by_page.setdefault(page, sending) is not sending:
                raise ConfigError(f"Page {page} is among the pages of two accounts: it can send with one only.")
        if alone and not account.pages:
            self._others = sending

    def read(self, headers: Mapping[str, str], body: bytes, now: datetime) -> Message | Status:
        """Verify and read a webhook; raises Unverifiable, Unauthorized or BadRequest, and nothing else."""
        self._verifier.verify(headers.get("authorization"), body, now)
        return read(body)

    def limits(self, page: str) -> Limits:
        """What *page* may send in one POST, and how fast."""
        sending = self._by_page.get(page, self._others)
        return Limits() if sending is None else sending.limits

    def account_pages(self, page: str) -> tuple[str, ...]:
        """The pages that send with the same account as *page*; EVERY_PAGE where one account sends for all."""
        sending = self._by_page.get(page)
        if sending is None:
            return (page,) if self._others is None else (EVERY_PAGE,)
        return tuple(one for one, other in self._by_page.items() if other is sending)

    async def send(self, delivery: Delivery) -> str:
        """POST *delivery* with its page's account and return the ``message_uuid``; raises a branch of ChannelError."""
        address = delivery.address
        if address.channel != CHANNEL:
            raise Rejected(
                f"Not sent: botkit sends to {CHANNEL} only, not to {address.channel}.", reason="other_channel"
            )
        sending = self._by_page.get(address.page, self._others)
        if sending is None:
            raise AccountBlocked(
                f"No account has page {address.page}: add it to the pages of one under vonage: in bots.yaml.",
                reason="no_account",
            )
        reply = _reachable(delivery.reply, self._public_url)
        return await sending.client.send(address.page, address.user, reply, client_ref=delivery.id)

    async def close(self) -> None:
        """Close the connections that are kept."""
        await self._transport.close()


def _reachable(reply: Reply, public_url: str | None) -> Reply:
    """The reply with a picture of the bot's own at the address where Meta can fetch it."""
    if not isinstance(reply, Image) or not reply.url.startswith(SCHEME):
        return reply
    if public_url is None:
        raise Rejected(
            "Not sent: a picture of the bot's own needs the address at which botkit can be reached; write server:"
            " public_url: in bots.yaml.",
            reason="no_public_url",
        )
    return evolve(reply, url=reachable(reply.url, public_url))


def _limits(account: Account) -> Limits:
    sandbox = urlsplit(account.base_url).hostname == SANDBOX_HOST
    default = SANDBOX_PER_SECOND if sandbox else DEFAULT_PER_SECOND
    per_second = default if account.messages_per_second is None else account.messages_per_second
    return Limits(
        text_length=TEXT_LIMIT, messages_per_second=per_second, media_per_second=min(per_second, MEDIA_PER_SECOND)
    )
