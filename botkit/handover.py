"""Handovers in words: what an owner is told, and the link with which he lets the bot answer again.

A link is good for one handover of one conversation, for a week. Whoever has it can end that handover or let it last
longer, and nothing else; it is signed with a key that is made of the store's secret.
"""

import hmac
import json
import shlex
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Final

from attrs import field, frozen

from botkit.events import Address
from botkit.work import Mute, Notice

#: Where links lead, below ``server.public_url``.
PATH: Final = "/handover/"
LINK_KEPT: Final = timedelta(days=7)
TOKEN_LIMIT: Final = 1_000


@frozen(kw_only=True)
class Linked:
    """What a link is about: the mute *mute_id* of the conversation at *address*; it is good until *expires_at*."""

    address: Address
    mute_id: str
    expires_at: datetime


@frozen
class Links:
    """Makes and reads links to the server at *public_url* (None: there are none), with the store's *secret*.

    >>> at = datetime(2031, 5, 6, tzinfo=UTC)
    >>> mute = Mute(id="a1", reason="billing", at=at, until=at + timedelta(hours=12))
    >>> links = Links("https://bots.example.com", b"secret")
    >>> linked = links.read(links.token(Address("messenger", "1070", "2519"), mute))
    >>> linked.mute_id, linked.expires_at.isoformat()
    ('a1', '2031-05-13T00:00:00+00:00')
    >>> links.read("anything") is None
    True
    """

    public_url: str | None
    secret: bytes = field(repr=False)

    def url(self, address: Address, mute: Mute) -> str | None:
        """The link for *mute*, None where the server cannot be reached from outside."""
        return None if self.public_url is None else f"{self.public_url.rstrip('/')}{PATH}{self.token(address, mute)}"

    def token(self, address: Address, mute: Mute) -> str:
        """The last part of a link."""
        expires_at = int((mute.at + LINK_KEPT).timestamp())
        told = _encoded(json.dumps([address.key, mute.id, expires_at], separators=(",", ":")).encode())
        return f"{told}.{self._signature(told)}"

    def read(self, token: str) -> Linked | None:
        """What *token* is about, None where nobody here has made it; it may have expired."""
        told, _, signature = token.partition(".")
        if len(token) > TOKEN_LIMIT or not hmac.compare_digest(
            self._signature(told).encode(), signature.encode("utf-8", "replace")
        ):
            return None
        key, mute_id, expires_at = json.loads(urlsafe_b64decode(told + "=" * (-len(told) % 4)))
        return Linked(address=Address.parse(key), mute_id=mute_id, expires_at=datetime.fromtimestamp(expires_at, UTC))

    def _signature(self, told: str) -> str:
        key = hmac.digest(self.secret, b"botkit handover link", "sha256")
        return _encoded(hmac.digest(key, told.encode("utf-8", "replace"), "sha256"))


def _encoded(content: bytes) -> str:
    return urlsafe_b64encode(content).decode().rstrip("=")


def letter(notice: Notice, bot: str | None, links: Links) -> Mapping[str, object]:
    """What the webhook is sent: everything about a handover as JSON values, and as a ``text`` for people."""
    address, mute = notice.address, notice.mute
    link, command = links.url(address, mute), command_for(address)
    way = f"Let it answer again, or be silent for longer: {link}" if link else f"Let it answer again with: {command}"
    return {
        "id": mute.id,
        "event": "handover",
        "bot": bot,
        "page": address.page,
        "user": address.user,
        "reason": mute.reason,
        "when": mute.at.isoformat(),
        "until": mute.until.isoformat(),
        "link": link,
        "command": command,
        "text": (
            f"User {address.user} of page {address.page} needs a person: {mute.reason}. "
            f"The bot says nothing until {mute.until:%Y-%m-%d %H:%M} UTC. {way}"
        ),
    }


def command_for(address: Address) -> str:
    """What an operator types to let the bot answer again.

    >>> command_for(Address("messenger", "1070", "2519"))
    'botkit user resume 1070/2519'
    """
    return f"botkit user resume {shlex.quote(f'{address.page}/{address.user}')}"
