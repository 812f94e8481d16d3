"""The async client of the Messages API, usable by itself."""

import json
from random import Random, SystemRandom
from types import TracebackType
from typing import Final, Self

from botkit.channels.vonage.http import HTTP, Transport
from botkit.channels.vonage.problems import message_id_from
from botkit.channels.vonage.tokens import Credentials
from botkit.channels.vonage.write import request_body
from botkit.observe import Clock, SystemClock
from botkit.replies import Reply, Text
from botkit.settings import API_URL, Account, MessagesAPI

_dump: Final = json.JSONEncoder(separators=(",", ":"), ensure_ascii=False).encode


class Client:
    """Sends Messenger messages through Vonage.

    With *application_id* and *private_key* (PEM or a path) requests carry a JWT, else *api_key* and *api_secret*.
    *base_url* chooses a region, or the sandbox: ``https://messages-sandbox.nexmo.com``. *messages_api* is "v1" or
    "v0.1". Nothing is retried and nothing is split: that is what a bot does.

    >>> async def greet():
    ...     async with Client(application_id="…", private_key="private.key") as client:
    ...         return await client.send(page="107083064136738", user="2519283798", reply="Hello!")

    Raises ConfigError for credentials that cannot work.
    """

    def __init__(
        self,
        account: Account | None = None,
        *,
        application_id: str | None = None,
        private_key: str | None = None,
        api_key: str | None = None,
        api_secret: str | None = None,
        base_url: str = API_URL,
        messages_api: MessagesAPI = "v1",
        clock: Clock | None = None,
        rng: Random | None = None,
        transport: Transport | None = None,
    ) -> None:
        self._account = account or Account(
            application_id=application_id,
            private_key=private_key,
            api_key=api_key,
            api_secret=api_secret,
            base_url=base_url,
            messages_api=messages_api,
        )
        self._clock = clock or SystemClock()
        self._credentials = Credentials(self._account, clock=self._clock, rng=rng or SystemRandom())
        self._transport = transport or HTTP()
        self._url = f"{self._account.base_url.rstrip('/')}/{self._account.messages_api}/messages"

    async def send(self, *, page: str, user: str, reply: Reply | str, client_ref: str | None = None) -> str:
        """Send *reply* from *page* to *user* and return the ``message_uuid``: accepted, not yet delivered.

        *client_ref* comes back in the statuses. Raises Rejected (it will never be accepted), AccountBlocked (an operator
        must act), Unavailable (nothing was accepted, try again) or InDoubt (it may have been accepted).
        """
        value = Text(reply) if isinstance(reply, str) else reply
        body = request_body(self._account.messages_api, page=page, user=user, reply=value, client_ref=client_ref)
        headers = {
            "Authorization": self._credentials.authorization(),
            "Content-Type": "application/json",
            "Accept": "application/json",
            "User-Agent": "botkit",
        }
        answer = await self._transport.post(self._url, headers, _dump(body).encode("utf-8", "replace"))
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
