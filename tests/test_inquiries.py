"""Lookups over a real connection: what is found, and everything that a host can do instead of answering."""

import asyncio
import logging
import socket
import ssl
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager

import pytest
import trustme
from aiohttp.abc import AbstractResolver, ResolveResult

from botkit.inquiries import Inquiries
from botkit.lookups import Found, Missed
from botkit.settings import LookupHost
from order_desk import OrderDesk, an_order_desk

AUTHORITY = trustme.CA()
BAKED = {"status": "baked", "customer": {"email": "Ann@example.com"}, "items": [{"name": "rye"}]}
PUBLIC = "93.184.216.34"
REFUSED = Missed("the address is not one of the public internet")


class Book(AbstractResolver):
    """A resolver that gives, one time after the other, *addresses*; the last one for ever."""

    def __init__(self, *addresses: str) -> None:
        self.addresses = list(addresses)
        self.asked = 0

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """The next address."""
        self.asked += 1
        address = self.addresses.pop(0) if len(self.addresses) > 1 else self.addresses[0]
        kind = socket.AF_INET6 if ":" in address else socket.AF_INET
        return [ResolveResult(hostname=host, host=address, port=port, family=kind, proto=0, flags=0)]

    async def close(self) -> None:
        """There is nothing to close."""


@asynccontextmanager
async def inquiries(
    *hosts: str,
    headers: Mapping[str, str] | None = None,
    seconds: float = 5,
    resolver: AbstractResolver | None = None,
    tls: ssl.SSLContext | None = None,
) -> AsyncIterator[Inquiries]:
    """The way out to *hosts*."""
    named = [LookupHost(host=host, headers=headers or {}) for host in hosts]
    found = Inquiries(named, seconds=seconds, resolver=resolver, tls=tls)
    try:
        yield found
    finally:
        await found.close()


async def looked_up(name: str, *, seconds: float = 5) -> tuple[Found | Missed, OrderDesk]:
    """What is found at the order desk under *name*."""
    async with an_order_desk() as desk, inquiries(desk.host, seconds=seconds) as ask:
        return await ask(f"{desk.url}/orders/{name}"), desk


@pytest.mark.parametrize(
    ("name", "value"),
    [("7", BAKED), ("7?x=1", BAKED), ("marked", BAKED), ("list", [{"status": "baked"}]), ("full", ["x" * 63_996])],
)
async def test_json_is_found(name: str, value: object) -> None:
    """An object or a list, of as many bytes as there may be."""
    assert (await looked_up(name))[0] == Found(value)


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("8", "it answered 404"),
        ("broken", "it answered 500"),
        ("created", "it answered 201"),
        ("away", "it answered 302"),
        ("moved", "it answered 308"),
        ("empty", "its answer is not JSON"),
        ("page", "its answer is not JSON"),
        ("latin", "its answer is not JSON"),
        ("utf16", "its answer is not JSON"),
        ("nan", "its answer is not JSON"),
        ("infinite", "its answer is not JSON"),
        ("deep", "its answer is not JSON"),
        ("digits", "its answer is not JSON"),
        ("text", "its answer is neither an object nor a list"),
        ("huge", "its answer has more than 64,000 bytes"),
        ("endless", "its answer has more than 64,000 bytes"),
        ("bomb", "its answer is compressed, which nobody has asked for"),
        ("deflated", "its answer is compressed, which nobody has asked for"),
    ],
)
async def test_everything_else_is_missed(name: str, why: str) -> None:
    """It is asked once, and nobody is followed elsewhere."""
    found, desk = await looked_up(name)

    assert (found, len(desk.asked)) == (Missed(why), 1)


@pytest.mark.parametrize("name", ["silent", "slow"])
async def test_nobody_is_waited_for(name: str) -> None:
    """Neither who says nothing, nor who says a little all the time."""
    assert (await looked_up(name, seconds=0.15))[0] == Missed("it did not answer within 0.15 s")


async def test_nobody_at_home_is_missed() -> None:
    """A connection that is refused."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        host = f"127.0.0.1:{free.getsockname()[1]}"
    async with inquiries(host) as ask:
        assert await ask(f"http://{host}/orders/7") == Missed("it could not be reached (ClientConnectorError)")


async def test_what_is_asked_says_who_asks_and_takes_nothing_compressed() -> None:
    """With the headers of the host, and no others of a user's."""
    async with an_order_desk() as desk, inquiries(desk.host, headers={"Authorization": "Bearer abc"}) as ask:
        await ask(f"{desk.url}/orders/a%2Fb%20%C3%A9%25?x=%26y%2B%20%3D%23")
        ((path, headers),) = desk.asked

    assert path == "/orders/a%2Fb%20%C3%A9%25?x=%26y%2B%20%3D%23"
    assert [headers.get(name) for name in ("Authorization", "Accept", "Accept-Encoding", "Cookie")] == [
        "Bearer abc",
        "application/json",
        "identity",
        None,
    ]


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "10.1.2.3", "169.254.169.254", "0.0.0.7", "::1", "::ffff:127.0.0.1", "fd00::1", "224.0.0.1"],
)
async def test_a_name_that_leads_inside_is_refused(address: str) -> None:
    """Whatever the name server says, nothing is connected to."""
    async with an_order_desk() as desk:
        port = desk.host.partition(":")[2]
        async with inquiries(f"api.example.com:{port}", resolver=Book(address)) as ask:
            found = await ask(f"https://api.example.com:{port}/orders/7")

    assert (found, desk.asked) == (REFUSED, [])


async def test_a_name_that_leads_elsewhere_the_second_time_gains_nothing() -> None:
    """The address that is connected to is the one that is judged."""
    book = Book("0.0.0.7", "127.0.0.1")
    async with an_order_desk() as desk:
        port = desk.host.partition(":")[2]
        async with inquiries(f"api.example.com:{port}", resolver=book) as ask:
            found = [await ask(f"https://api.example.com:{port}/orders/7") for _ in range(2)]

    assert (found, desk.asked) == ([REFUSED, REFUSED], [])


async def test_a_name_of_this_machine_that_leads_outside_is_refused() -> None:
    """What is sent in the clear stays here."""
    async with inquiries("localhost:80", resolver=Book(PUBLIC)) as ask:
        assert await ask("http://localhost:80/orders/7") == REFUSED


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("https://other.example.com/orders/7", "no such host is named in lookups:"),
        ("https://api.example.com:8443/orders/7", "no such host is named in lookups:"),
        ("https://api.example.com@127.0.0.1/orders/7", "no such host is named in lookups:"),
        ("http://api.example.com/orders/7", "only https is asked"),
        ("ftp://api.example.com/orders/7", "only https is asked"),
    ],
)
async def test_nothing_is_asked_elsewhere(url: str, why: str) -> None:
    """Nobody is looked for before."""
    book = Book(PUBLIC)
    async with inquiries("api.example.com", resolver=book) as ask:
        assert (await ask(url), book.asked) == (Missed(why), 0)


async def test_a_host_without_its_secrets_is_not_asked() -> None:
    """It would only say no, and count it."""
    async with an_order_desk() as desk:
        ask = Inquiries([LookupHost(host=desk.host, is_complete=False)])
        found = await ask(f"{desk.url}/orders/7")

    assert (found, desk.asked) == (Missed("its headers refer to variables or files that are not there"), [])


def certified(name: str) -> ssl.SSLContext:
    """What a server needs to prove that it is *name*."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    AUTHORITY.issue_cert(name).configure_cert(context)
    return context


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("localhost", Found(BAKED)),
        ("other.example", Missed("it could not be reached (ClientConnectorCertificateError)")),
    ],
)
async def test_https_is_spoken_with_who_can_prove_who_they_are(name: str, found: Found | Missed) -> None:
    """No secret goes to anybody else."""
    trusting = ssl.create_default_context()
    AUTHORITY.configure_trust(trusting)
    async with an_order_desk(tls=certified(name)) as desk, inquiries(desk.host, tls=trusting) as ask:
        assert await ask(f"{desk.url}/orders/7") == found
        assert len(desk.asked) == isinstance(found, Found)


async def test_many_ask_at_once() -> None:
    """One who waits delays nobody else."""
    async with an_order_desk() as desk, inquiries(desk.host, seconds=0.3) as ask:
        waiting = [asyncio.create_task(ask(f"{desk.url}/orders/silent")) for _ in range(5)]
        found = await asyncio.gather(*(ask(f"{desk.url}/orders/7") for _ in range(20)))
        missed = await asyncio.gather(*waiting)

    assert found == [Found(BAKED)] * 20
    assert missed == [Missed("it did not answer within 0.3 s")] * 5


async def test_the_log_says_which_host_and_why_and_nothing_of_the_user(caplog: pytest.LogCaptureFixture) -> None:
    """Neither what was looked up nor any secret."""
    with caplog.at_level(logging.DEBUG):
        async with an_order_desk() as desk, inquiries(desk.host, headers={"X-Key": "hush"}) as ask:
            await ask(f"{desk.url}/orders/ann%40example.com?key=secret")
    (record,) = [one for one in caplog.records if one.name.startswith("botkit")]

    assert (record.getMessage(), vars(record)["fields"]) == (
        "botkit.lookup.missed",
        {"host": desk.host, "why": "it answered 404"},
    )
    assert "ann" not in str([vars(one) for one in caplog.records if one.name != "aiohttp.access"])
