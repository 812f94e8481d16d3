"""One GET of JSON, within bounds of time and size."""

import asyncio
import json
import logging
import ssl
from collections.abc import Callable, Iterable
from http import HTTPStatus
from typing import Final
from urllib.parse import urlsplit

import aiohttp
from aiohttp.abc import AbstractResolver

from botkit.inquiries.guard import NotPublic, guarded
from botkit.lookups import LOOKUP_BYTES, LOOKUP_SECONDS, Found, Missed
from botkit.plain import finite
from botkit.reach import is_loopback
from botkit.settings import LookupHost

_log = logging.getLogger("botkit.lookup")

#: An answer that is compressed would have to be unpacked to learn how large it is.
_HEADERS: Final = {"Accept": "application/json", "Accept-Encoding": "identity", "User-Agent": "botkit"}
_CONNECTIONS: Final = 50


class Inquiries:
    """Looks things up at *hosts*, and nowhere else: a call with a URL is one GET.

    Redirects are not followed, cookies are not kept, proxies of the environment are not used. An answer of 200 with at
    most `LOOKUP_BYTES` of JSON, an object or a list, within *seconds*, is Found; everything else is Missed, and why is
    logged under ``botkit.lookup.missed`` with the host, but nothing more of the URL. *resolver* and *tls* stand in for
    those of the system.
    """

    def __init__(
        self,
        hosts: Iterable[LookupHost],
        *,
        seconds: float = LOOKUP_SECONDS,
        resolver: AbstractResolver | None = None,
        tls: ssl.SSLContext | None = None,
    ) -> None:
        self.use(hosts)
        self._seconds = seconds
        self._resolver = resolver
        self._tls = tls
        self._sessions: dict[bool, aiohttp.ClientSession] = {}
        #: Told of each URL that was looked up, and what came of it.
        self.on_answer: Callable[[str, Found | Missed], None] | None = None

    def use(self, hosts: Iterable[LookupHost]) -> None:
        """Ask *hosts* from now on, with their headers."""
        self._hosts = {one.host: one for one in hosts}

    @property
    def hosts(self) -> tuple[LookupHost, ...]:
        """Those that are asked."""
        return tuple(self._hosts.values())

    async def __call__(self, url: str) -> Found | Missed:
        """What is at *url*, whose slots are filled and encoded."""
        host = self._hosts.get(urlsplit(url).netloc.lower())
        found = await self._asked(url, host) if host is not None else Missed("no such host is named in lookups:")
        if isinstance(found, Missed):
            fields = {"host": "?" if host is None else host.host, "why": found.why}
            # A number that somebody mistyped is nobody's fault here.
            level = logging.INFO if found.status == HTTPStatus.NOT_FOUND else logging.WARNING
            _log.log(level, "botkit.lookup.missed", extra={"fields": fields})
        if self.on_answer is not None:
            self.on_answer(url, found)
        return found

    async def close(self) -> None:
        """Let go of connections."""
        while self._sessions:
            _, session = self._sessions.popitem()
            await session.close()

    async def _asked(self, url: str, host: LookupHost) -> Found | Missed:
        if not host.is_complete:
            return Missed("its headers refer to variables or files that are not there")
        parts = urlsplit(url)
        is_here = is_loopback(parts.hostname or "")
        if parts.scheme != "https" and not (parts.scheme == "http" and is_here):
            return Missed("only https is asked")
        try:
            async with asyncio.timeout(self._seconds):
                getting = self._session(loopback=is_here).get(url, headers=host.headers, allow_redirects=False)
                async with getting as answer:
                    return await _read(answer)
        except TimeoutError:
            return Missed(f"it did not answer within {self._seconds:g} s")
        except aiohttp.ClientConnectorError as error:
            refused = isinstance(error.os_error, NotPublic)
            return Missed(str(error.os_error) if refused else f"it could not be reached ({type(error).__name__})")
        except (aiohttp.ClientError, OSError, ValueError) as error:
            return Missed(f"it could not be reached ({type(error).__name__})")

    def _session(self, *, loopback: bool) -> aiohttp.ClientSession:
        """The session for this machine, or for all others; their connections never meet."""
        if loopback not in self._sessions:
            connector = aiohttp.TCPConnector(
                ssl=self._tls or True,
                resolver=self._resolver,
                socket_factory=guarded(loopback=loopback),
                limit=_CONNECTIONS,
            )
            self._sessions[loopback] = aiohttp.ClientSession(
                connector=connector,
                cookie_jar=aiohttp.DummyCookieJar(),
                headers=_HEADERS,
                auto_decompress=False,
                trust_env=False,
            )
        return self._sessions[loopback]


async def _read(answer: aiohttp.ClientResponse) -> Found | Missed:
    if answer.status != HTTPStatus.OK:
        return Missed(f"it answered {answer.status}", answer.status)
    if answer.headers.get("Content-Encoding", "identity").strip().lower() not in ("", "identity"):
        return Missed("its answer is compressed, which nobody has asked for")
    body = bytearray()
    async for chunk in answer.content.iter_any():
        body += chunk
        if len(body) > LOOKUP_BYTES:
            return Missed(f"its answer has more than {LOOKUP_BYTES:,} bytes")
    return _value(bytes(body))


def _value(body: bytes) -> Found | Missed:
    try:
        value = json.loads(body.decode("utf-8-sig"), parse_float=finite, parse_constant=finite)
    except (ValueError, RecursionError):
        return Missed("its answer is not JSON")
    if not isinstance(value, (dict, list)):
        return Missed("its answer is neither an object nor a list")
    return Found(value)
