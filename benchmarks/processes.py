"""The load, the upstream and the processes that are measured."""

import asyncio
import hashlib
import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from types import MappingProxyType
from uuid import uuid4

import jwt
from attrs import frozen

API_KEY, SECRET, PAGE = "a1b2c3", "a secret for measuring, thirty-two bytes and more", "1070"
PHRASES_ENV, LOOP_ENV = "MEASURED_PHRASES", "MEASURED_LOOP"
CONNECTIONS = 64


def webhook(number: int, users: int, text: str = "hello Bob, how are you on this fine day?") -> bytes:
    """One signed inbound webhook as an HTTP request."""
    payload = {
        "channel": "messenger",
        "message_uuid": str(uuid4()),
        "to": PAGE,
        "from": str(2_000_000 + number % users),
        "timestamp": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "message_type": "text",
        "text": text,
    }
    return signed("inbound-message", payload)


def signed(route: str, payload: Mapping[str, object]) -> bytes:
    """A signed webhook as an HTTP request."""
    body = json.dumps(payload, separators=(",", ":")).encode()
    claims = {
        "iat": int(time.time()),
        "jti": str(uuid4()),
        "iss": "Vonage",
        "payload_hash": hashlib.sha256(body).hexdigest(),
        "api_key": API_KEY,
        "application_id": "measured",
    }
    token = jwt.encode(claims, SECRET, algorithm="HS256")
    head = (
        f"POST /webhooks/{route} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        f"Authorization: Bearer {token}\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


class Upstream(asyncio.Protocol):
    """Answers every POST with 202 and counts; as cheap as can be, in the process that makes the load."""

    count = 0
    changed: asyncio.Event
    _answer = (
        b"HTTP/1.1 202 Accepted\r\nContent-Type: application/json\r\nContent-Length: 55\r\n\r\n"
        b'{"message_uuid":"aaaaaaaa-bbbb-4ccc-8ddd-0123456789ab"}'
    )

    def __init__(self) -> None:
        self._buffer = b""

    def take(self, body: bytes) -> None:
        """Count it."""
        Upstream.count += 1

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Remember where to answer."""
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """Answer each request that is complete."""
        self._buffer += data
        while (end := self._buffer.find(b"\r\n\r\n")) >= 0:
            head = self._buffer[:end].lower()
            length = int(head.partition(b"content-length:")[2].partition(b"\r\n")[0])
            if len(self._buffer) < end + 4 + length:
                return
            body, self._buffer = self._buffer[end + 4 : end + 4 + length], self._buffer[end + 4 + length :]
            self.take(body)
            self._transport.write(self._answer)  # type: ignore[attr-defined]  # a stream's transport writes


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port: int = free.getsockname()[1]
        return port


@frozen
class Measured:
    """What one round cost: processor time of the server for each message, and messages a second."""

    cpu_microseconds: float
    per_second: float


@contextmanager
def subject(
    kind: str, upstream: int, phrases: int, environment: Mapping[str, str] = MappingProxyType({})
) -> Iterator[int]:
    """Start a server to be measured, with that *environment* besides its own; gives its port."""
    command = [sys.executable, "-m", "benchmarks.subject", kind, str(upstream)]
    whole = {**os.environ, PHRASES_ENV: str(phrases), LOOP_ENV: "", **environment}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=whole) as child:
        assert child.stdout is not None
        try:
            yield int(child.stdout.readline())
        finally:
            child.kill()


async def cpu_seconds(port: int) -> float:
    """The processor time that the server on *port* has used so far."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"GET /cpu HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
    answer = await reader.read()
    writer.close()
    return float(answer.rpartition(b"\r\n")[2])


async def _at_rest(port: int) -> None:
    """Return once the server does nothing any more: its bot may still be learning from its phrases."""
    used, before = await cpu_seconds(port), 0.0
    while used - before > 0.01:
        await asyncio.sleep(0.1)
        used, before = await cpu_seconds(port), used


async def _connection(port: int, requests: Sequence[bytes]) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for request in requests:
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        assert b" 200 " in head.split(b"\r\n")[0], head
        length = int(head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0] or 0)
        if length:
            await reader.readexactly(length)
    writer.close()


@frozen
class Side:
    """A server to be measured: what is posted to it, and on which event loop it runs ("": as it would be run)."""

    kind: str
    phrases: int = 100
    replies: bool = True
    loop: str = ""


class Subject:
    """A server that runs on *port*, and what it has used."""

    def __init__(self, side: Side, port: int) -> None:
        self._side = side
        self._port = port
        self._used = self._seconds = 0.0
        self._messages = 0

    async def warm(self) -> None:
        """Make it do everything once, and wait until it does nothing any more."""
        await self._post(CONNECTIONS)
        await _at_rest(self._port)

    async def run(self, messages: int) -> None:
        """Have it do a part of its work."""
        before, started = await cpu_seconds(self._port), time.perf_counter()
        await self._post(messages)
        self._seconds += time.perf_counter() - started
        self._used += await cpu_seconds(self._port) - before
        self._messages += messages

    async def _post(self, messages: int) -> None:
        requests = [webhook(number, 1_000) for number in range(messages)]
        await post(self._port, requests, wait_for=messages if self._side.replies else 0)

    @property
    def measured(self) -> Measured:
        """What it took so far."""
        return Measured(self._used / self._messages * 1e6, self._messages / self._seconds)


async def _interleaved(
    sides: Sequence[Side], messages: int, parts: int, environment: Mapping[str, str]
) -> list[Measured]:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(Upstream, "127.0.0.1", 0)
    upstream = server.sockets[0].getsockname()[1]
    with ExitStack() as stack:
        subjects = []
        for side in sides:
            whole = {LOOP_ENV: side.loop, **environment}
            subjects.append(Subject(side, stack.enter_context(subject(side.kind, upstream, side.phrases, whole))))
        for one in subjects:
            await one.warm()
        for _ in range(parts):
            for one in subjects:
                await one.run(messages // parts)
    server.close()
    return [one.measured for one in subjects]


def interleave(
    *sides: Side, messages: int = 3_000, parts: int = 12, environment: Mapping[str, str] = MappingProxyType({})
) -> list[Measured]:
    """Run one round of each of *sides*, each in a fresh process, part by part and turn about.

    How fast a shared machine is changes within seconds: so each part of one side stands beside one of every other.
    """
    return asyncio.run(_interleaved(sides, messages, parts, environment))


async def post(port: int, requests: Sequence[bytes], wait_for: int) -> None:
    """Post *requests* over all connections, and wait until upstream was asked *wait_for* times."""
    Upstream.count = 0
    await asyncio.gather(*(_connection(port, requests[first::CONNECTIONS]) for first in range(CONNECTIONS)))
    while Upstream.count < wait_for:
        await asyncio.sleep(0.005)


def measure(
    kind: str,
    *,
    messages: int = 3_000,
    replies: bool = False,
    environment: Mapping[str, str] = MappingProxyType({}),
) -> Measured:
    """Run one round against a fresh process of *kind*, with that *environment* besides its own."""
    side = Side(kind, replies=replies)
    return interleave(side, messages=messages, parts=1, environment=environment)[0]
