"""What tests of the simulator share: a bot that echoes, what takes webhooks, and who sends byte for byte."""

import asyncio
import json
from base64 import b64encode
from typing import Any

import aiohttp
from aiohttp import web

from botkit.simulator import Simulator

PAGE = "9107"


class EchoingBot:
    """A bot of a few lines, made without botkit: it answers 200, then POSTs an answer for each word it was sent."""

    def __init__(self, simulator: Simulator, *, status: int = 200) -> None:
        self.simulator = simulator
        self.status = status
        self.statuses: list[dict[str, Any]] = []
        self._tasks: set[asyncio.Task[None]] = set()

    async def inbound(self, request: web.Request) -> web.Response:
        task = asyncio.create_task(self.answer(await request.json()))
        self._tasks.add(task)
        return web.Response(status=self.status)

    async def status_webhook(self, request: web.Request) -> web.Response:
        self.statuses.append(await request.json())
        return web.Response()

    async def answer(self, payload: dict[str, Any]) -> None:
        for word in payload.get("text", payload["message_type"]).split():
            await post(self.simulator, to=payload["from"], sender=payload["to"], text=word)

    async def listen(self, aiohttp_server: Any) -> None:
        application = web.Application()
        application.router.add_post("/inbound", self.inbound)
        application.router.add_post("/status", self.status_webhook)
        server = await aiohttp_server(application)
        self.simulator.inbound_url = str(server.make_url("/inbound"))
        self.simulator.status_url = str(server.make_url("/status"))


async def post(simulator: Simulator, *, to: str = "61", sender: str = PAGE, text: str = "hi", **more: object) -> str:
    """Send a text with the account's key and secret, and return its id."""
    credentials = b64encode(f"{simulator.api_key}:{simulator.api_secret}".encode()).decode()
    body = {"channel": "messenger", "message_type": "text", "to": to, "from": sender, "text": text, **more}
    url, headers = f"{simulator.base_url}/v1/messages", {"Authorization": f"Basic {credentials}"}
    async with aiohttp.ClientSession() as session, session.post(url, json=body, headers=headers) as answer:
        assert answer.status == 202
        return str((await answer.json())["message_uuid"])


class Gate:
    """A sleep that lasts until it is opened."""

    def __init__(self) -> None:
        self.seconds: list[float] = []
        self.open = asyncio.Event()

    async def __call__(self, seconds: float) -> None:
        self.seconds.append(seconds)
        await self.open.wait()


class Listener:
    """Takes every webhook, and remembers what it said and how it was signed."""

    def __init__(self) -> None:
        self.heard: list[tuple[str, str | None]] = []

    async def answer(self, request: web.Request) -> web.Response:
        payload = await request.json()
        authorization = request.headers.get("Authorization")
        self.heard.append((payload.get("status") or payload["text"], authorization))
        return web.Response()

    @property
    def words(self) -> list[str]:
        return [word for word, _ in self.heard]


class Connection:
    """A sender's connection, byte for byte."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer

    async def rest(self) -> bytes:
        """Everything until the other side ends its half."""
        return await self.reader.read()

    async def status(self) -> int:
        """The status of the answer."""
        return int((await self.reader.readline()).split()[1])


async def send(simulator: Simulator, text: str = "hi", page: str = PAGE) -> Connection:
    """Send one message over a connection of its own."""
    credentials = b64encode(f"{simulator.api_key}:{simulator.api_secret}".encode()).decode()
    message = {"channel": "messenger", "message_type": "text", "to": "61", "from": page, "text": text}
    body = json.dumps(message)
    port = int(simulator.base_url.rpartition(":")[2])
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    head = f"POST /v1/messages HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAuthorization: Basic {credentials}\r\n"
    writer.write(f"{head}Content-Length: {len(body)}\r\n\r\n{body}".encode())
    return Connection(reader, writer)


async def answered(simulator: Simulator, text: str = "hi", page: str = PAGE) -> int:
    """Send one message and return the status of its answer."""
    connection = await send(simulator, text, page)
    status = await connection.status()
    connection.writer.close()
    return status
