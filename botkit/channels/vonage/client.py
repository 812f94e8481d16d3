"""The async client of the Messages API, usable by itself."""

from ipaddress import ip_address
from random import Random, SystemRandom
from types import TracebackType
from typing import Self, TypedDict, Unpack

from botkit.channels.vonage.http import HTTP, Transport, target
from botkit.channels.vonage.problems import message_id_from
from botkit.channels.vonage.tokens import Credentials
from botkit.channels.vonage.write import request_body
from botkit.compact import unicode_json
from botkit.errors import ConfigError
from botkit.observe import Clock, SystemClock
from botkit.replies import Reply, Text
from botkit.settings import Account, MessagesAPI


class Given(TypedDict, total=False):
    """What a Client may be given instead of an Account: the fields of one that matter for sending."""

    application_id: str
    private_key: str
    api_key: str
    api_secret: str
    base_url: str
    messages_api: MessagesAPI


class Client:
    """Sends Messenger messages through Vonage.

    It is given an Account, or an account's fields by name: with *application_id* and *private_key* (PEM, or a path to
    it) requests carry a JWT, else *api_key* and *api_secret*. *base_url* chooses a region, or the sandbox
    ``https://messages-sandbox.nexmo.com``; *messages_api* is "v1" or "v0.1". Nothing is retried, split or held back:
    that is what a bot does.

    >>> async def greet():
    ...     async with Client(application_id="…", private_key="private.key") as client:
    ...         return await client.send("107083064136738", "2519283798", "Hello!")

    Raises ConfigError for credentials or a URL that cannot work; plain http goes only to this machine.
    """

    def __init__(
        self,
        account: Account | None = None,
        *,
        transport: Transport | None = None,
        clock: Clock | None = None,
        rng: Random | None = None,
        **given: Unpack[Given],
    ) -> None:
        if account is not None and given:
            raise TypeError(f"A Client takes an Account or {', '.join(given)}, not both.")
        self._account = account or Account(**given)
        self._url = _url(self._account)
        self._clock = clock or SystemClock()
        self._credentials = Credentials(self._account, clock=self._clock, rng=rng or SystemRandom())
        self._transport = transport or HTTP()

    async def send(self, page: str, user: str, reply: Reply | str, *, client_ref: str | None = None) -> str:
        """Send *reply* from *page* to *user* and return the ``message_uuid``: accepted, not yet delivered.

        *client_ref* (at most 100 characters, under v0.1 40) comes back in the statuses. Raises Rejected (it will never
        be accepted; also without a POST where that is known before), AccountBlocked (an operator must act), Unavailable
        (nothing was accepted, try again) or InDoubt (it may have been accepted); and ValueError for a blank text.
        """
        value = Text(reply) if isinstance(reply, str) else reply
        body = request_body(self._account.messages_api, page=page, user=user, reply=value, client_ref=client_ref)
        headers = {
            "Authorization": self._credentials.authorization(),
            "Content-Type": "application/json",
            "Accept": "application/json",
            "User-Agent": "botkit",
        }
        answer = await self._transport.post(self._url, headers, unicode_json(body).encode("utf-8", "replace"))
        return message_id_from(answer, self._clock.now())

    async def close(self) -> None:
        """Close the connections that are kept."""
        await self._transport.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()


def _url(account: Account) -> str:
    url = f"{account.base_url.rstrip('/')}/{account.messages_api}/messages"
    to = target(url)
    if not to.tls and not _is_this_machine(to.host):
        raise ConfigError(f"base_url {account.base_url!r} would send credentials in the clear: use https.")
    return url


def _is_this_machine(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
