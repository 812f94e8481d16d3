"""The owner of a page, as tests have him: a real server that takes notices, or misbehaves as it is told."""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web
from aiohttp.test_utils import TestServer


class Owner:
    """Takes notices at *url*: *answers* are the statuses it gives first, 0 for none; then it gives 200."""

    def __init__(self) -> None:
        self.url = ""
        self.answers: deque[int] = deque()
        self.told: list[Any] = []
        self.headers: list[Mapping[str, str]] = []
        self._changed = asyncio.Event()

    async def take(self, request: web.Request) -> web.Response:
        """Note down what is said."""
        self.told.append(await request.json())
        self.headers.append(request.headers)
        self._changed.set()
        status = self.answers.popleft() if self.answers else 200
        if status == 0:
            await asyncio.sleep(3600)
        return web.Response(status=status, headers={"Location": str(request.url)} if status == 302 else None)

    async def wait_for(self, count: int) -> None:
        """Return when he has been told *count* times."""
        async with asyncio.timeout(30):
            while len(self.told) < count:
                self._changed.clear()
                await self._changed.wait()


@asynccontextmanager
async def an_owner() -> AsyncIterator[Owner]:
    """One who listens."""
    owner = Owner()
    application = web.Application()
    application.router.add_post("/notices", owner.take)
    async with TestServer(application, shutdown_timeout=0) as server:
        owner.url = str(server.make_url("/notices"))
        yield owner
