"""A shop's order desk, as tests have it: a real server that answers lookups, or misbehaves as its paths say."""

import asyncio
import gzip
import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Final

from aiohttp import web
from aiohttp.test_utils import TestServer

ORDER: Final = '{"status": "baked", "customer": {"email": "Ann@example.com"}, "items": [{"name": "rye"}]}'
#: What it answers, by what stands behind /orders/: a status, a body, and headers.
ANSWERS: Final[Mapping[str, tuple[int, bytes, Mapping[str, str]]]] = {
    "7": (200, ORDER.encode(), {"Content-Type": "application/json"}),
    "marked": (200, b"\xef\xbb\xbf" + ORDER.encode(), {}),
    "list": (200, b'[{"status": "baked"}]', {}),
    "empty": (200, b"", {}),
    "created": (201, ORDER.encode(), {}),
    "broken": (500, ORDER.encode(), {}),
    "away": (302, b"", {"Location": "/orders/7"}),
    "moved": (308, b"", {"Location": "http://169.254.169.254/latest"}),
    "page": (200, b"<html>Not found</html>", {"Content-Type": "text/html"}),
    "latin": (200, '{"status": "größer"}'.encode("latin-1"), {}),
    "utf16": (200, ORDER.encode("utf-16"), {}),
    "nan": (200, b'{"price": NaN}', {}),
    "infinite": (200, b'{"price": [-1e999]}', {}),
    "text": (200, b'"baked"', {}),
    "deep": (200, b"[" * 30_000, {}),
    "digits": (200, b'{"number": ' + b"1" * 20_000 + b"}", {}),
    "full": (200, b'["' + b"x" * (64_000 - 4) + b'"]', {}),
    "huge": (200, b'["' + b"x" * (64_000 - 3) + b'"]', {}),
    "bomb": (200, gzip.compress(b'["' + b" " * 50_000_000 + b'"]'), {"Content-Encoding": "gzip"}),
    "deflated": (200, b"{}", {"Content-Encoding": "Deflate"}),
}


class OrderDesk:
    """Answers below *url*; *asked* are the paths that it was asked for, with the headers that came."""

    def __init__(self) -> None:
        self.url = ""
        self.asked: list[tuple[str, Mapping[str, str]]] = []

    @property
    def host(self) -> str:
        """Its host and port."""
        return self.url.partition("://")[2]

    async def answer(self, request: web.Request) -> web.StreamResponse:
        """Answer as the last part of the path says."""
        self.asked.append((request.raw_path, request.headers))
        name = request.match_info["name"]
        if name == "silent":
            await asyncio.sleep(3600)
        if name == "slow":
            return await self._trickle(request)
        if name == "endless":
            return await self._pour(request)
        status, body, headers = ANSWERS.get(name, (404, b"{}", {}))
        return web.Response(status=status, body=body, headers=headers)

    async def _trickle(self, request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        while True:
            await response.write(b" ")
            await asyncio.sleep(0.02)

    async def _pour(self, request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        while True:
            await response.write(b" " * 10_000)


@asynccontextmanager
async def an_order_desk(*, tls: ssl.SSLContext | None = None) -> AsyncIterator[OrderDesk]:
    """One that is open; over https with *tls*."""
    desk = OrderDesk()
    application = web.Application()
    application.router.add_get("/orders/{name:.*}", desk.answer)
    server = TestServer(application, shutdown_timeout=0)
    await server.start_server(ssl=tls)
    try:
        desk.url = f"{'http' if tls is None else 'https'}://localhost:{server.port}"
        yield desk
    finally:
        await server.close()
