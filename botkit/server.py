"""Webhooks in: read, keep, answer 200. No handler runs before the answer, and no 200 comes before the disk's."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from typing import Final, Literal

from aiohttp import hdrs, web

from botkit.acceptances import Acceptances
from botkit.channels import Channel
from botkit.directory import Directory
from botkit.errors import StoreError, Unverifiable, WebhookError, WindowClosed
from botkit.events import Address, Message, Status
from botkit.observe import Alarm, Clock, EventKept, EventRead, Observer, StatusNoted, WebhookAnswered
from botkit.settings import ServerSettings
from botkit.stores import Desk, Store
from botkit.work import Noted

BODY_LIMIT: Final = 256 * 1024
READ_SECONDS: Final = 10.0
IN_FLIGHT_LIMIT: Final = 1_000

_NOBODY: Final = Address("messenger", "", "")

Route = Literal["inbound", "status", "unknown"]
#: A body, or what reads it within so many seconds.
Body = bytes | Callable[[float], Awaitable[bytes]]
#: Takes a webhook, its ``Authorization`` and its body, and gives the status of the answer and the reason in a word.
Take = Callable[[str | None, Body], Awaitable[tuple[int, str]]]


class Server:
    """The webhook and health routes of one installation.

    Vonage sends an event again only after 429 and 5xx, so every fault of ours, and everything that may come right
    later, is answered 503; what can never become right is answered 4xx and is lost (see docs/vonage.md). 503 is also
    the answer where a body has not come within *read_seconds*, and where *in_flight_limit* others are being taken.
    """

    def __init__(
        self,
        *,
        store: Store,
        desk: Desk,
        channel: Channel,
        directory: Directory,
        observer: Observer,
        clock: Clock,
        read_seconds: float = READ_SECONDS,
        in_flight_limit: int = IN_FLIGHT_LIMIT,
    ) -> None:
        self._store = store
        self._desk = desk
        self._channel = channel
        self._directory = directory
        self._observer = observer
        self._clock = clock
        #: What need not be looked up, for who sends to add to.
        self.acceptances = Acceptances()
        self._read_seconds = read_seconds
        self._in_flight_limit = in_flight_limit
        self._in_flight = 0
        self._taking = False

    def routes(self, settings: ServerSettings) -> list[web.RouteDef]:
        """The routes to add to an aiohttp application."""
        webhooks = [web.post(path, partial(_answer, take)) for path, take in self._webhooks(settings)]
        return [*webhooks, web.get("/health/live", self.live), web.get("/health/ready", self.ready)]

    def webhooks(self, settings: ServerSettings) -> Mapping[str, Take]:
        """What takes the webhook at each path, for who answers without an application."""
        return dict(self._webhooks(settings))

    def _webhooks(self, settings: ServerSettings) -> Sequence[tuple[str, Take]]:
        return (
            (settings.inbound, partial(self._told, "inbound")),
            (settings.status, partial(self._told, "status")),
            (settings.combined, partial(self._told, "unknown")),
        )

    def take(self, taking: bool) -> None:
        """Start or stop taking webhooks; while stopped they are answered 503, so that they are sent again."""
        self._taking = taking

    async def _told(self, route: Route, authorization: str | None, body: Body) -> tuple[int, str]:
        """Take a webhook, which may hold a message or a status whatever its route is for, and tell what it came to."""
        loop = asyncio.get_running_loop()
        started = loop.time()
        status, reason = await self._taken(authorization, body)
        seconds = loop.time() - started
        self._observer(WebhookAnswered(route=route, status=status, reason=reason, seconds=seconds))
        return status, reason

    async def _taken(self, authorization: str | None, body: Body) -> tuple[int, str]:
        if not self._taking:
            return 503, "draining"
        if self._in_flight >= self._in_flight_limit:
            return 503, "busy"
        self._in_flight += 1
        try:
            whole = body if isinstance(body, bytes) else await body(self._read_seconds)
            headers = {} if authorization is None else {"authorization": authorization}
            event = self._channel.read(headers, whole, self._clock.now())
            return await (self._noted(event) if isinstance(event, Status) else self._accepted(event))
        except Unverifiable as error:
            if error.reason != "no_token":
                self._observer(Alarm(f"webhook_{error.reason}", str(error)))
            return error.status, error.reason
        except WebhookError as error:
            return error.status, error.reason
        except StoreError:
            return 503, "store_unavailable"
        finally:
            self._in_flight -= 1

    async def _accepted(self, message: Message) -> tuple[int, str]:
        address = message.address
        self._observer(EventRead(address=address, event_id=message.id, kind=message.kind))
        claimed = self._directory.find(address) is not None
        aside = None if claimed else f"no bot claims page {address.page} of {address.channel}"
        new = await self._store.accept(message, set_aside=aside)
        self._observer(EventKept(address=address, event_id=message.id, duplicate=not new, set_aside=aside))
        if not new:
            return 200, "duplicate"
        return 200, "kept" if claimed else "unclaimed"

    async def _noted(self, status: Status) -> tuple[int, str]:
        self._observer(EventRead(address=status.address, event_id=status.id, kind="status"))
        bot = self._directory.find(status.address)
        listened = bot is not None and bot.listens_to(status.state)
        is_known = not listened and self.acceptances.take(status)
        noted = Noted() if is_known else await self._store.note(status, listened=listened)
        address = noted.address or status.address
        self._observer(StatusNoted(address=address, state=status.state, code=status.code, moved_to=noted.moved_to))
        if (error := status.error) is not None and not isinstance(error, WindowClosed):
            self._observer(Alarm(f"status_{error.reason}", str(error)))
        return 200, "noted"

    async def live(self, request: web.Request) -> web.Response:
        """200 while the loop runs."""
        return web.json_response({"live": True})

    async def ready(self, request: web.Request) -> web.Response:
        """200 once webhooks are taken and the store answers, else 503."""
        try:
            async with asyncio.timeout(self._read_seconds):
                # One look by a key, whatever waits: whoever asks, and however often, must not hold up the writer.
                await self._desk.conversation(_NOBODY)
        except (StoreError, TimeoutError):
            return web.json_response({"ready": False, "why": "the store does not answer"}, status=503)
        why = {} if self._taking else {"why": "webhooks are not taken"}
        return web.json_response({"ready": self._taking, **why}, status=200 if self._taking else 503)


async def _answer(take: Take, request: web.Request) -> web.Response:
    """Answer a webhook; who is told that it was taken need not be told why."""
    status, reason = await take(request.headers.get(hdrs.AUTHORIZATION), partial(_body, request))
    return web.Response(status=status, text=None if status == 200 else reason)


class _Refused(WebhookError):
    """A body that does not come in one piece, in time, and within the limit."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason, reason=reason)
        self.status = status


async def _body(request: web.BaseRequest, read_seconds: float) -> bytes:
    try:
        if request.content.is_eof():
            # All of it came with the headers, as a webhook's body nearly always does.
            body = request.content.read_nowait()
        elif (request.content_length or 0) > BODY_LIMIT:
            raise _Refused(413, "too_large")
        else:
            async with asyncio.timeout(read_seconds):
                body = await request.read()
    except web.HTTPRequestEntityTooLarge:
        raise _Refused(413, "too_large") from None
    except TimeoutError:
        raise _Refused(503, "slow_body") from None
    except (web.RequestPayloadError, ConnectionError):
        # It is no HTTP, or whoever sent it has hung up and will read no answer.
        raise _Refused(400, "broken_body") from None
    if len(body) > BODY_LIMIT:
        raise _Refused(413, "too_large")
    return body
