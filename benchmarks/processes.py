"""The load, the upstream and the processes that are measured."""

import asyncio
import hashlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from types import MappingProxyType
from uuid import uuid4

import jwt
from attrs import frozen

API_KEY, SECRET, PAGE = "a1b2c3", "a secret for measuring, thirty-two bytes and more", "1070"
PHRASES_ENV = "MEASURED_PHRASES"
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
    whole = {**os.environ, PHRASES_ENV: str(phrases), **environment}
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


async def _measure(
    kind: str, messages: int, phrases: int, environment: Mapping[str, str], *, replies: bool
) -> Measured:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(Upstream, "127.0.0.1", 0)
    upstream = server.sockets[0].getsockname()[1]
    requests = [webhook(number, 1_000) for number in range(messages + CONNECTIONS)]
    with subject(kind, upstream, phrases, environment) as port:
        await post(port, requests[:CONNECTIONS], wait_for=CONNECTIONS if replies else 0)
        before, started = await cpu_seconds(port), time.perf_counter()
        await post(port, requests[CONNECTIONS:], wait_for=messages if replies else 0)
        seconds = time.perf_counter() - started
        used = await cpu_seconds(port) - before
    server.close()
    return Measured(used / messages * 1e6, messages / seconds)


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
    phrases: int = 100,
    replies: bool = False,
    environment: Mapping[str, str] = MappingProxyType({}),
) -> Measured:
    """Run one round against a fresh process of *kind*, with that *environment* besides its own."""
    return asyncio.run(_measure(kind, messages, phrases, environment, replies=replies))
