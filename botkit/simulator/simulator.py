"""The simulator: takes what a bot sends as Vonage would, and sends what a user says as Vonage would."""

import asyncio
import secrets
import socket
import tempfile
from collections import defaultdict
from collections.abc import Callable, Coroutine, Sequence
from contextlib import AsyncExitStack
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Final, Self
from uuid import uuid4

from aiohttp import web
from attrs import define, field
from attrs.validators import in_
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from botkit.observe import Clock, SystemClock
from botkit.settings import Account
from botkit.simulator import keys
from botkit.simulator.accepted import API, Accepted, Ledger, NoReply, Parties
from botkit.simulator.credentials import Doorkeeper
from botkit.simulator.doors import Doors, local
from botkit.simulator.messages import Messages
from botkit.simulator.postman import ANSWER_SECONDS, Posted, Postman, Sleep, is_final
from botkit.simulator.record import Record
from botkit.simulator.scribe import Said, Scribe, Told, untold
from botkit.simulator.weather import SIGNINGS, Forecast, Weather, check_states, states
from botkit.simulator.webhooks import Payload, Signer, Signing, inbound, page_of, read_payload, written

#: Where it listens; never where others can reach it.
HOST: Final = "127.0.0.1"
#: A reply is complete when nothing more of it has come for so long.
QUIET_SECONDS: Final = 0.25
REPLY_SECONDS: Final = 10.0

Errand = Coroutine[None, None, int | None]
Send = Callable[[str, bytes, Signing], Errand]


async def _hang_up(runner: web.AppRunner) -> None:
    """Break whatever is still connected, and stop: an orderly end of TLS would wait for the other side."""
    for connection in runner.server.connections if runner.server is not None else ():
        if connection.transport is not None:
            connection.transport.abort()
    await runner.cleanup()
    # asyncio closes the sockets of broken connections, and of those that never shook hands, in its next turns.
    for _ in range(5):
        await asyncio.sleep(0)


def _or_new_id(given: str | None) -> str:
    return given or str(uuid4())


@define(kw_only=True, eq=False)
class Simulator:
    """A stand-in for the Vonage Messages API on this machine; ``async with`` serves it on a free port of loopback.

    An application, a key pair and an account are made unless they are given; with *public_key* only the application's
    owner can sign, and without a *key_pair*, which takes a moment to make, nobody: the account sends with Basic.
    Whatever stands first below may also be set while it runs.

    *inbound_url* and *status_url* are where webhooks go; without a *status_url* statuses go only where a request's
    ``webhook_url`` says. *statuses* are what every accepted message goes through, ``rejected:1340`` being one with a
    code. *messages_api* is the form of webhooks, *custom_on_v1* whether v1 takes custom objects, *page* who is written
    to where nobody says otherwise, and *quiet_seconds* the silence after which `say` takes a reply to be complete.

    In a *record* it writes down what was said and shown, for a page to show. *retry_factor* shortens the waits between
    tries of a webhook (5 seconds, doubling to 15 minutes, for 24 hours) and *answer_seconds* the wait for its answer;
    *clock* and *sleep* may be a test's own. With *tls* it serves https, with a certificate of the authority in
    *certificate_authority_file*, which is made, and deleted, with it.

    >>> async def talk():
    ...     async with Simulator(inbound_url="http://127.0.0.1:9000/webhooks/inbound-message") as simulator:
    ...         return await simulator.say("hello")
    """

    inbound_url: str | None = None
    status_url: str | None = None
    statuses: tuple[str, ...] = field(default=("submitted", "delivered"), converter=states, validator=check_states)
    messages_api: API = field(default="v1", validator=in_(("v1", "v0.1")))
    custom_on_v1: bool = False
    page: str = "1"
    quiet_seconds: float = QUIET_SECONDS

    public_key: RSAPublicKey | None = None
    key_pair: bool = True
    application_id: str = field(default=None, converter=_or_new_id)
    api_key: str = field(factory=lambda: secrets.token_hex(4))
    api_secret: str = field(factory=lambda: secrets.token_urlsafe(12), repr=False)
    signature_secret: str = field(factory=lambda: secrets.token_urlsafe(32), repr=False)
    tls: bool = False
    clock: Clock = field(factory=SystemClock)
    sleep: Sleep = asyncio.sleep
    retry_factor: float = 1.0
    answer_seconds: float = ANSWER_SECONDS
    record: Record | None = field(default=None, repr=False)

    private_key_pem: str | None = field(init=False, default=None, repr=False)
    base_url: str = field(init=False, default="")
    certificate_authority_file: Path | None = field(init=False, default=None)
    _told: Told = field(init=False, repr=False)
    _ledger: Ledger = field(init=False, repr=False)
    _forecast: Forecast = field(init=False, factory=Forecast, repr=False)
    _postman: Postman = field(init=False, repr=False)
    _messages: Messages = field(init=False, repr=False)
    _held: list[Callable[[], Errand]] = field(init=False, factory=list, repr=False)
    _talking: defaultdict[Parties, asyncio.Lock] = field(
        init=False, factory=lambda: defaultdict(asyncio.Lock), repr=False
    )
    _stack: AsyncExitStack = field(init=False, factory=AsyncExitStack, repr=False)

    def __attrs_post_init__(self) -> None:
        if self.public_key is None and self.key_pair:
            private = keys.new_private_key()
            self.private_key_pem = keys.private_pem(private)
            self.public_key = private.public_key()
        doorkeeper = Doorkeeper(
            public_key=self.public_key,
            application_id=self.application_id,
            api_key=self.api_key,
            api_secret=self.api_secret,
        )
        self._told = untold if self.record is None else Scribe(self.record)
        self._ledger = Ledger(self._told)
        self._postman = Postman(
            signer=Signer(self.api_key, self.signature_secret, self.application_id),
            clock=self.clock,
            retry_factor=self.retry_factor,
            sleep=self.sleep,
            answer_seconds=self.answer_seconds,
            told=self._told,
        )
        self._messages = Messages(
            self,
            doorkeeper=doorkeeper,
            ledger=self._ledger,
            forecast=self._forecast,
            postman=self._postman,
            told=self._told,
        )

    @property
    def account(self) -> Account:
        """The account a bot needs to send here and to trust its webhooks; without a private key it uses Basic."""
        return Account(
            application_id=self.application_id,
            private_key=self.private_key_pem,
            api_key=self.api_key,
            api_secret=self.api_secret,
            signature_secrets=(self.signature_secret,),
            base_url=self.base_url,
        )

    @property
    def accepted(self) -> list[Accepted]:
        """Everything that was accepted, in order."""
        return self._ledger.all

    @property
    def posted(self) -> list[Posted]:
        """Every try of every webhook and how it was answered, in order of the answers."""
        return self._postman.posted

    # Starting and stopping

    def routes(self, prefix: str = "") -> list[web.RouteDef]:
        """The API below *prefix*, and ways in for people and tests below ``/simulator``; for loopback only."""
        return [
            web.post(f"{prefix}/v1/messages", local(self._messages.v1)),
            web.post(f"{prefix}/v0.1/messages", local(self._messages.v01)),
            *Doors(self).routes(),
        ]

    async def open(self) -> None:
        """Begin to deliver webhooks; `serve` does it too."""
        await self._stack.enter_async_context(self._postman.open())

    async def serve(self, listener: socket.socket, mount: Sequence[web.RouteDef] = ()) -> None:
        """Listen on *listener*, bound to 127.0.0.1; raises ValueError for one that others can reach.

        *mount* are further routes.
        """
        host, port = listener.getsockname()[:2]
        if host != HOST:
            raise ValueError(f"The simulator is for this machine only: bind {HOST}, not {host}.")
        await self.open()
        application = web.Application()
        application.add_routes([*self.routes(), *mount])
        runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.1)
        await runner.setup()
        self._stack.push_async_callback(_hang_up, runner)
        context = None
        if self.tls:
            from botkit.simulator.tls import tls_context  # noqa: PLC0415 - most have no use for it, and it is slow

            folder = self._stack.enter_context(tempfile.TemporaryDirectory(prefix="botkit-simulator-"))
            context, self.certificate_authority_file = tls_context(Path(folder))
        await web.SockSite(runner, listener, ssl_context=context).start()
        self.base_url = f"{'https' if self.tls else 'http'}://{HOST}:{port}"

    async def close(self) -> None:
        """Give up what is still to be delivered and stop listening."""
        await self._stack.aclose()

    async def __aenter__(self) -> Self:
        await self.serve(socket.create_server((HOST, 0)))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    # What users do

    async def say(
        self,
        text: str = "",
        *,
        page: str | None = None,
        user: str = "2",
        kind: str = "text",
        url: str | None = None,
        timeout_seconds: float = REPLY_SECONDS,
    ) -> tuple[str, ...]:
        """Say *text* to *page* as *user*, or send it a picture by its *url*; return what the bot answers, in order.

        The answer begins with the first message that the user is sent after this, and ends when nothing more has come
        for *quiet_seconds*. Raises NoReply where none begins in time, or where the bot refuses the webhook; ValueError
        for what users do not send. *kind* is one of those of `webhooks.inbound`.
        """
        page = page or self.page
        payload = inbound(self.messages_api, page=page, user=user, now=self.clock.now(), kind=kind, text=text, url=url)
        async with self._talking[page, user]:
            before = len(self._ledger.of(page, user))
            await self._until_answered(written(payload), before, (page, user), timeout_seconds)
            await self._ledger.wait_for_silence(self.quiet_seconds, page, user)
            return self.shown(page, user)[before:]

    async def _until_answered(self, raw: bytes, before: int, parties: Parties, timeout_seconds: float) -> None:
        known = len(self.posted)
        try:
            async with asyncio.timeout(timeout_seconds):
                answer = (await self.begin(raw))[0]
                if answer is not None and is_final(answer) and answer >= 300:
                    raise NoReply(f"The bot answered the webhook with {answer}: Vonage will not send it again.")
                await self._ledger.wait_for(before + 1, *parties)
        except TimeoutError:
            last = next((one.answer for one in reversed(self.posted[known:]) if one.body == raw), None)
            how = "did not answer the webhook" if last is None else f"answered the webhook with {last}"
            raise NoReply(f"The user was sent nothing within {timeout_seconds:g} seconds; the bot {how}.") from None

    def shown(self, page: str, user: str) -> tuple[str, ...]:
        """Everything Messenger would show *user* of *page*."""
        return tuple(one.shown() for one in self._ledger.of(page, user))

    async def wait_for(
        self, count: int, *, page: str, user: str, timeout_seconds: float = REPLY_SECONDS
    ) -> tuple[str, ...]:
        """Wait until *user* has been sent *count* messages in all, and return them; raises NoReply."""
        try:
            async with asyncio.timeout(timeout_seconds):
                await self._ledger.wait_for(count, page, user)
        except TimeoutError:
            sent = len(self._ledger.of(page, user))
            raise NoReply(f"The user was sent {sent} of {count} messages within {timeout_seconds:g} seconds.") from None
        return self.shown(page, user)

    async def deliver(
        self, payload: Payload | bytes, *, url: str | None = None, signing: Signing = "right", copies: int = 1
    ) -> int | None:
        """Deliver a webhook, *copies* times at once, until it is taken or given up; returns the last answer.

        One with a ``status`` goes to *status_url*, any other to *inbound_url*, unless *url* is given; bytes are signed
        and sent as they are. None: it was not answered, or is held back. Raises ValueError where there is no URL.
        """
        answers = await self._send(self._postman.deliver, payload, url, signing, copies)
        return answers[-1]

    async def begin(
        self, payload: Payload | bytes, *, url: str | None = None, signing: Signing = "right", copies: int = 1
    ) -> list[int | None]:
        """Deliver a webhook as `deliver` does, but return the first answers; it is tried again in the background."""
        return await self._send(self._postman.begin, payload, url, signing, copies)

    def read(self, page: str, user: str) -> None:
        """Let *user* look at what *page* has sent: each message that was delivered gets the status ``read``, once."""
        self._messages.read(page, user)

    async def finish(self) -> None:
        """Wait until every webhook that is on its way has been taken or given up."""
        await self._postman.finish()

    async def _send(
        self, send: Send, payload: Payload | bytes, url: str | None, signing: Signing, copies: int
    ) -> list[int | None]:
        raw, read = (payload, read_payload(payload)) if isinstance(payload, bytes) else (written(payload), payload)
        is_status = "status" in read
        target = url or (self.status_url if is_status else self.inbound_url)
        if target is None:
            name = "status" if is_status else "inbound"
            raise ValueError(f"The simulator was not told where this webhook goes: set {name}_url, or --{name} URL.")
        self._told(Said(read, self.clock.now()))
        weather = None if is_status else self._forecast.for_webhook(page_of(read))
        mood = "fair" if weather is None else weather.mood
        copies = max(copies, 2) if mood == "duplicate" else copies
        errands = [partial(send, target, raw, SIGNINGS.get(mood, signing)) for _ in range(copies)]
        if mood == "hold_back":
            self._held += errands
            return [None] * copies
        if weather is not None and mood == "late":
            self._postman.run(self._later(weather.seconds, errands))
            return [None] * copies
        answers = await asyncio.gather(*(errand() for errand in errands))
        while self._held:
            self._postman.run(self._held.pop(0)())
        return answers

    async def _later(self, seconds: float, errands: Sequence[Callable[[], Errand]]) -> None:
        await self.sleep(seconds)
        await asyncio.gather(*(errand() for errand in errands))

    # What happens to them

    def change(self, weather: Weather) -> None:
        """Let *weather* happen to the next requests or webhooks; what was asked for before happens first."""
        self._forecast.add(weather)
        self._wake()

    def clear(self) -> None:
        """Let no more weather happen; what is held back is still sent after the next webhook."""
        self._forecast.clear()
        self._wake()

    @property
    def weather(self) -> tuple[Weather, ...]:
        """The weather to come, in order."""
        return self._forecast.coming

    def _wake(self) -> None:
        if self.record is not None:
            self.record.wake()
