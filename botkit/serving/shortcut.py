"""The short cut of webhooks: they are answered without an application looking for their route or making the answer.

Both cost as much as verifying and reading one, and nearly everything that comes in is a webhook that is taken.
"""

from collections.abc import Awaitable, Callable, Mapping
from email.utils import formatdate
from time import time
from typing import Final

from aiohttp import HttpVersion11, hdrs, web

from botkit.server import Take, answered

Handle = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]


def cut_short(server: web.Server, webhooks: Mapping[str, Take]) -> None:
    """Let *server*, an application's, answer *webhooks* by their paths; all else is the application's as before."""
    server.request_handler = _ShortCut(webhooks, server.request_handler)


class _ShortCut:
    """Answers what is POSTed to the path of a webhook, and leaves the rest to *otherwise*."""

    def __init__(self, webhooks: Mapping[str, Take], otherwise: Handle) -> None:
        self._webhooks = webhooks
        self._otherwise = otherwise

    async def __call__(self, request: web.BaseRequest) -> web.StreamResponse:
        take = self._webhooks.get(request.path) if request.method == hdrs.METH_POST else None
        if take is None or hdrs.EXPECT in request.headers:
            return await self._otherwise(request)
        status, reason = await take(request)
        if status == 200 and request.keep_alive and request.version == HttpVersion11:
            return _TAKEN
        return answered(status, reason)


class _Taken(web.StreamResponse):
    """200 and nothing more, over a connection that stays open: the same for everybody who asks in one second."""

    def __init__(self) -> None:
        super().__init__()
        self._second = 0
        self._bytes = b""

    @property
    def keep_alive(self) -> bool:
        return True

    async def prepare(self, request: web.BaseRequest) -> None:
        if (now := int(time())) != self._second:
            date = formatdate(now, usegmt=True)
            self._second, self._bytes = now, f"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nDate: {date}\r\n\r\n".encode()
        await request.writer.write(self._bytes)

    async def write_eof(self, data: bytes = b"") -> None:
        """It was written whole."""


_TAKEN: Final = _Taken()
