"""One HTTP/1.1 connection: a request goes out, an answer comes in, and then the next."""

import asyncio
import select
from collections.abc import Callable, Mapping
from typing import Final, cast

import httptools
from attrs import frozen

from botkit.errors import InDoubt, Unavailable

#: More than this, head and body together, is no answer of the Messages API.
ANSWER_LIMIT: Final = 1024 * 1024

_MAYBE: Final = "it may have taken the message, so look in the chat before it is sent by hand again"


@frozen
class Answer:
    """An HTTP answer; header names are in lower case, and of one that comes twice the last counts."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Connection(asyncio.Protocol):
    """Speaks HTTP on one socket; `asyncio.loop.create_connection` makes it."""

    def __init__(self) -> None:
        self.idle_since = 0.0
        self._usable = True
        self._transport: asyncio.Transport | None = None
        self._is_readable: Callable[[], bool] = _never
        self._answer: asyncio.Future[Answer] | None = None
        self._parser = httptools.HttpResponseParser(self)
        self._received = 0
        self._headers: dict[str, str] = {}
        self._body = bytearray()
        self._until_closed = False

    async def ask(self, request: bytes, timeout_seconds: float) -> Answer:
        """Send *request* and wait for the whole answer.

        Raises Unavailable if the connection was closed before anything was sent, and InDoubt where no answer comes, or
        not within *timeout_seconds*. A connection whose ask was cancelled is good for nothing more.
        """
        if not self._usable or self._transport is None or self._transport.is_closing():
            raise Unavailable(
                "The Messages API closed a new connection at once: nothing was sent, try again.", reason="no_connection"
            )
        loop = asyncio.get_running_loop()
        self._answer = loop.create_future()
        self._received = 0
        self._until_closed = False
        timer = loop.call_later(timeout_seconds, self._fail, f"did not answer within {timeout_seconds:g} s", "time_out")
        self._transport.write(request)
        try:
            return await self._answer
        finally:
            timer.cancel()

    @property
    def reusable(self) -> bool:
        """Whether the last answer is complete and another request may follow it."""
        return self._usable and self._answer is not None and self._answer.done() and not self._answer.cancelled()

    @property
    def fresh(self) -> bool:
        """Whether a request may go out now: the peer has neither closed, not even just now, nor spoken unasked."""
        return self._usable and not self._is_readable()

    def abort(self) -> None:
        """Close at once."""
        self._usable = False
        if self._transport is not None:
            self._transport.abort()

    # Called by the event loop

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The connection stands."""
        # Not asked of it but known: uvloop's transports do all of this and are no subclass.
        self._transport = cast("asyncio.Transport", transport)
        self._is_readable = _looks_at(transport)

    def data_received(self, data: bytes) -> None:
        """Something came in."""
        self._received += len(data)
        if self._received > ANSWER_LIMIT:
            self._fail(f"answered with more than {ANSWER_LIMIT} bytes", "bad_answer")
            return
        try:
            self._parser.feed_data(data)
        except (httptools.HttpParserError, httptools.HttpParserUpgrade):
            self._fail("sent what is no HTTP answer", "bad_answer")

    def eof_received(self) -> None:
        """The peer will send no more."""
        if self._until_closed:
            self._finish()
        self._fail("closed the connection before it had answered", "connection_lost")

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection is gone."""
        self._fail("closed the connection before it had answered", "connection_lost")

    def _fail(self, what: str, reason: str) -> None:
        self._usable = False
        if self._answer is not None and not self._answer.done():
            self._answer.set_exception(InDoubt(f"The Messages API {what}: {_MAYBE}.", reason=reason))

    def _finish(self) -> None:
        if self._answer is not None and not self._answer.done():
            self._answer.set_result(Answer(self._parser.get_status_code(), self._headers, bytes(self._body)))

    # Called by the parser

    def on_message_begin(self) -> None:
        """An answer begins."""
        if self._answer is None or self._answer.done():
            # Nobody asked: what comes next could be taken for the answer to a later request.
            self._usable = False
        self._headers = {}
        self._body = bytearray()

    def on_header(self, name: bytes, value: bytes) -> None:
        """A header is read."""
        self._headers[name.decode("latin-1").lower()] = value.decode("latin-1").strip()

    def on_headers_complete(self) -> None:
        """All headers are read."""
        measured = "content-length" in self._headers or "transfer-encoding" in self._headers
        self._until_closed = not measured and self._parser.get_status_code() >= 200

    def on_body(self, body: bytes) -> None:
        """A piece of the body is read."""
        self._body += body

    def on_message_complete(self) -> None:
        """The answer is complete, or was only a word in between (1xx)."""
        if self._parser.get_status_code() < 200:
            return
        self._usable = self._usable and self._parser.should_keep_alive()
        self.idle_since = asyncio.get_running_loop().time()
        self._finish()


def _never() -> bool:
    return False


def _looks_at(transport: asyncio.BaseTransport) -> Callable[[], bool]:
    """Whether the peer has sent something, or closed, that the event loop has not come round to yet."""
    if not hasattr(select, "poll"):
        return _never
    poll = select.poll()
    poll.register(transport.get_extra_info("socket").fileno(), select.POLLIN)
    return lambda: bool(poll.poll(0))
