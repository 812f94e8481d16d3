"""POSTing a message: botkit's HTTP client against aiohttp's, plain and over TLS, and tokens kept against made anew.

Only the processor time of the client's process counts; the server is another process, as cheap as can be. What the
kernel does for a POST (some 25 us on loopback) is the same for every client, so that it is also shown without.
"""

import asyncio
import multiprocessing
import resource
import ssl
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from multiprocessing.connection import Connection
from random import SystemRandom
from typing import Final

import aiohttp
import trustme
from attrs import frozen
from cryptography.hazmat.primitives.asymmetric import rsa

from benchmarks.processes import Upstream
from benchmarks.table import Figure, show
from botkit.channels.vonage import Client
from botkit.channels.vonage.http import HTTP
from botkit.channels.vonage.tokens import application_token
from botkit.observe import SystemClock

ROUNDS: Final = 7
POSTS: Final = 4_000
AT_ONCE: Final = 64
BODY: Final = b'{"channel":"messenger","message_type":"text","to":"2519","from":"1070","text":"%s"}' % (b"x" * 200)
HEADERS: Final = {"Authorization": "Basic YTE6YjI=", "Content-Type": "application/json", "Accept": "application/json"}

Post = Callable[[], Awaitable[object]]


def _serve(pipe: Connection, authority: bytes | None) -> None:
    async def serve() -> None:
        context = None
        if authority is not None:
            context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
            trustme.CA.from_pem(*authority.split(b"\0")).issue_cert("127.0.0.1").configure_cert(context)
        server = await asyncio.get_running_loop().create_server(Upstream, "127.0.0.1", 0, ssl=context)
        pipe.send(server.sockets[0].getsockname()[1])
        await asyncio.Event().wait()

    asyncio.run(serve())


@contextmanager
def _upstream(authority: trustme.CA | None = None) -> Iterator[str]:
    """A server in a process of its own; gives its URL."""
    here, there = multiprocessing.Pipe()
    secret = None if authority is None else authority.cert_pem.bytes() + b"\0" + authority.private_key_pem.bytes()
    process = multiprocessing.get_context("spawn").Process(target=_serve, args=(there, secret), daemon=True)
    process.start()
    try:
        yield f"http{'s' if authority else ''}://127.0.0.1:{here.recv()}"
    finally:
        process.kill()
        process.join()


@asynccontextmanager
async def _ours(url: str, tls: ssl.SSLContext | None) -> AsyncIterator[Post]:
    http = HTTP(tls=tls)
    yield lambda: http.post(url, HEADERS, BODY)
    await http.close()


@asynccontextmanager
async def _aiohttp(url: str, tls: ssl.SSLContext | None) -> AsyncIterator[Post]:
    timeout = aiohttp.ClientTimeout(sock_connect=5, sock_read=20)
    async with aiohttp.ClientSession(timeout=timeout, connector=aiohttp.TCPConnector(ssl=tls or True)) as session:

        async def post() -> object:
            async with session.post(url, data=BODY, headers=HEADERS) as answer:
                return await answer.read()

        yield post


@asynccontextmanager
async def _bot(url: str, tls: ssl.SSLContext | None) -> AsyncIterator[Post]:
    """What somebody writes who sends with aiohttp's client: JSON out, JSON in."""
    message = {"channel": "messenger", "message_type": "text", "to": "2519", "from": "1070", "text": "x" * 200}
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=tls or True)) as session:

        async def post() -> object:
            async with session.post(f"{url}/v1/messages", json=message, headers=HEADERS) as answer:
                return (await answer.json())["message_uuid"]

        yield post


@asynccontextmanager
async def _client(url: str, tls: ssl.SSLContext | None) -> AsyncIterator[Post]:
    transport = HTTP(tls=tls)
    async with Client(api_key="a1", api_secret="b2", base_url=url, transport=transport) as client:
        yield lambda: client.send("1070", "2519", "x" * 200)


@frozen
class Cost:
    """Microseconds of processor time for one POST, and those of them that are not the kernel's."""

    all: float
    own: float


async def _cost(post: Post, at_once: int) -> Cost:
    async def some(count: int) -> None:
        for _ in range(count):
            await post()

    await asyncio.gather(*(some(3) for _ in range(at_once)))
    before = resource.getrusage(resource.RUSAGE_SELF)
    await asyncio.gather(*(some(POSTS // at_once) for _ in range(at_once)))
    after = resource.getrusage(resource.RUSAGE_SELF)
    own, kernel = after.ru_utime - before.ru_utime, after.ru_stime - before.ru_stime
    return Cost((own + kernel) / POSTS * 1e6, own / POSTS * 1e6)


async def _rounds(url: str, tls: ssl.SSLContext | None, at_once: int) -> tuple[list[Cost], ...]:
    """What our transport, aiohttp's, botkit's whole client and the same with aiohttp's cost, taken in turns."""
    measured: tuple[list[Cost], ...] = ([], [], [], [])
    async with (
        _ours(url, tls) as ours,
        _aiohttp(url, tls) as theirs,
        _client(url, tls) as whole,
        _bot(url, tls) as bot,
    ):
        for _ in range(ROUNDS):
            for costs, post in zip(measured, (ours, theirs, whole, bot), strict=True):
                costs.append(await _cost(post, at_once))
    return measured


def _ratios(measured: list[Cost], baseline: list[Cost]) -> list[float]:
    return [one.all / other.all for one, other in zip(measured, baseline, strict=True)]


def _minted() -> float:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    started = time.process_time()
    for _ in range(100):
        application_token("measured", key, clock=SystemClock(), rng=SystemRandom())
    return (time.process_time() - started) / 100 * 1e6


def main() -> None:
    """Print the ratios."""
    authority = trustme.CA()
    tls = ssl.create_default_context()
    authority.configure_trust(tls)
    with _upstream() as url:
        ours, theirs, whole, bot = asyncio.run(_rounds(url, None, AT_ONCE))
        ours_alone, theirs_alone, *_ = asyncio.run(_rounds(url, None, 1))
    with _upstream(authority) as url:
        ours_tls, theirs_tls, *_ = asyncio.run(_rounds(url, tls, AT_ONCE))
    without = [one.own / other.own for one, other in zip(ours, theirs, strict=True)]
    least = [min(cost.all for cost in costs) for costs in (ours, theirs, whole, bot)]
    show(
        "send: one POST over a kept connection",
        [
            Figure(name=f"CPU of ours / aiohttp's client, {AT_ONCE} at once", ratios=_ratios(ours, theirs), most=0.5),
            Figure(name="the same without the kernel's part", ratios=without, most=0.35),
            Figure(
                name="CPU of ours / aiohttp's client, one by one", ratios=_ratios(ours_alone, theirs_alone), most=0.6
            ),
            Figure(name="CPU of ours / aiohttp's client, TLS", ratios=_ratios(ours_tls, theirs_tls), most=0.5),
            Figure(name="CPU of botkit.Client / the same done with aiohttp", ratios=_ratios(whole, bot), most=0.5),
        ],
        [
            "ours {:.0f} us, aiohttp {:.0f} us; botkit.Client {:.0f} us, the same with aiohttp {:.0f} us".format(
                *least
            ),
            f"a token made anew for each message would cost {_minted():.0f} us more",
        ],
    )


if __name__ == "__main__":
    main()
