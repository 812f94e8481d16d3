"""The short cut of webhooks: one that has come whole is answered by its connection, and never becomes a request.

To make a request, a task and an answer of aiohttp's out of one costs more than verifying, reading and keeping it, and
nearly everything that comes in is a webhook. Only the plainest is taken here: a POST to the path of a webhook over a
connection that stays open, with nothing behind it. Everything else is aiohttp's.
"""

import asyncio
import logging
from collections.abc import Callable, Mapping
from email.utils import formatdate
from functools import lru_cache
from http import HTTPStatus
from time import time
from typing import Final, cast

from botkit.failure import traced
from botkit.server import Take
from botkit.serving.posted import Posted

#: A longer webhook is aiohttp's, which need not hold it.
WHOLE_LIMIT: Final = 16 * 1024
#: So long the rest of a webhook whose header has come is waited for before aiohttp waits for it.
WHOLE_SECONDS: Final = 1.0

# A look at the member costs as much as reading the request.
_OK: Final = HTTPStatus.OK.value

_log = logging.getLogger("botkit.shortcut")


class Line(asyncio.Protocol):
    """A connection over which webhooks come, whole and one after the other.

    *webhooks* are what takes each, by its path. As soon as anything else comes, the connection is that of the protocol
    that *otherwise* makes, to its end. Whoever has posted nothing within *head_seconds*, or later for *idle_seconds*,
    is hung up on. While it is ours, it is one of *lines*.
    """

    def __init__(
        self,
        webhooks: Mapping[bytes, Take],
        otherwise: Callable[[], asyncio.Protocol],
        lines: "set[Line]",
        *,
        head_seconds: float,
        idle_seconds: float,
    ) -> None:
        self._webhooks = webhooks
        self._otherwise = otherwise
        self._lines = lines
        # A loop takes many at once, and tells of each that it is open only afterwards, or never.
        self._lines.add(self)
        self._transport: asyncio.Transport | None = None
        self._idle_seconds = idle_seconds
        self._loop = asyncio.get_running_loop()
        self._looking = self._loop.call_later(head_seconds, self._look)
        self._waiting: asyncio.TimerHandle | None = None
        self._answering: asyncio.Task[None] | None = None
        self._posted_at = float("-inf")
        self._posted = Posted()
        self._held = b""

    def close(self) -> None:
        """Hang up."""
        self._let_go()
        if self._transport is not None:
            self._transport.close()

    # Called by the event loop

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Wait for the first webhook."""
        # uvloop's is one without being called so.
        self._transport = cast("asyncio.Transport", transport)

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget about it; what is being kept is kept."""
        self._let_go()

    def pause_writing(self) -> None:
        """Hang up on whoever asks and asks, and reads no answer."""
        if self._transport is not None:
            self._transport.abort()

    def data_received(self, data: bytes) -> None:
        """Answer it, once it is whole."""
        self._held += data
        if self._answering is None:
            self._read_on(data)
        elif self._transport is not None:
            # Whoever does not wait for his answer has to wait for it after all.
            self._transport.pause_reading()

    def _read_on(self, data: bytes) -> None:
        """Answer what has come, or wait for the rest of it; where it is nothing for us, hand over."""
        if len(self._held) > WHOLE_LIMIT:
            self._hand_over()
            return
        posted = self._posted
        posted.feed(data)
        take = self._webhooks.get(posted.path)
        if posted.is_odd or (posted.has_head and take is None):
            self._hand_over()
        elif take is not None and posted.is_whole:
            if self._waiting is not None:
                self._waiting.cancel()
                self._waiting = None
            self._held, self._posted_at = b"", self._loop.time()
            self._answering = self._loop.create_task(self._answer(take, posted.authorization, posted.body))
            posted.clear()
        elif posted.has_head and self._waiting is None:
            self._waiting = self._loop.call_later(WHOLE_SECONDS, self._hand_over)

    async def _answer(self, take: Take, authorization: str | None, body: bytes) -> None:
        try:
            status, reason = await take(authorization, body)
        except Exception as error:  # noqa: BLE001 - a fault of ours, after which the webhook is sent again
            _log.error("botkit.shortcut.fault", extra={"fields": traced(error)})
            status, reason = 500, "fault"
        self._answering = None
        if self._transport is None or self._transport.is_closing():
            return
        now = int(time())
        self._transport.write(_taken(now) if status == _OK else _refused(status, reason, now))
        if self._held:
            self._transport.resume_reading()
            self._read_on(self._held)

    def _hand_over(self) -> None:
        """Let the other protocol have the connection, with all that is not answered."""
        self._let_go()
        if self._transport is None or self._transport.is_closing():
            return
        other = self._otherwise()
        self._transport.set_protocol(other)
        other.connection_made(self._transport)
        self._transport.resume_reading()
        other.data_received(self._held)

    def _let_go(self) -> None:
        self._lines.discard(self)
        self._looking.cancel()
        if self._waiting is not None:
            self._waiting.cancel()

    def _look(self) -> None:
        """Hang up where nothing was posted for too long."""
        left_seconds = self._posted_at + self._idle_seconds - self._loop.time()
        if left_seconds > 0 or self._answering is not None or self._posted.has_head:
            self._looking = self._loop.call_later(left_seconds if left_seconds > 0 else self._idle_seconds, self._look)
        else:
            self.close()


@lru_cache(maxsize=1)
def _taken(now: int) -> bytes:
    """200 and nothing more: the same for everybody in one second."""
    return f"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nDate: {formatdate(now, usegmt=True)}\r\n\r\n".encode()


def _refused(status: int, reason: str, now: int) -> bytes:
    head = (
        f"HTTP/1.1 {status} {HTTPStatus(status).phrase}\r\nContent-Type: text/plain; charset=utf-8\r\n"
        f"Content-Length: {len(reason)}\r\nDate: {formatdate(now, usegmt=True)}\r\n\r\n"
    )
    return f"{head}{reason}".encode()
