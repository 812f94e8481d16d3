"""Who may hold a connection open, and for how long; and what becomes of those who speak no HTTP."""

import asyncio
import logging
from collections.abc import Mapping
from contextlib import suppress
from typing import Final

from aiohttp import http, web

from botkit.observe import Alarm, Observer, WebhookAnswered
from botkit.server import Take
from botkit.serving.detour import end_detours
from botkit.serving.shortcut import Line

try:
    import resource
except ImportError:  # Windows has no such limits.
    resource = None  # type: ignore[assignment]  # a module or nothing

#: Within which time a new connection must have said what it wants.
HEAD_SECONDS: Final = 10.0
#: How long it may be silent afterwards; longer than most proxies keep theirs, so that it is they who hang up.
IDLE_SECONDS: Final = 150.0
CONNECTIONS: Final = 8_192
_FILES: Final = 65_536
#: What aiohttp raises for a request that is none, before a handler has seen it.
_THEIRS: Final = (http.HttpProcessingError, web.RequestPayloadError)

_log = logging.getLogger("botkit.connections")


def runner_of(application: web.Application, observer: Observer, *, idle_seconds: float = IDLE_SECONDS) -> web.AppRunner:
    """What serves *application*: silent ones are hung up on, and what is no HTTP is told to the *observer*."""
    return web.AppRunner(
        application,
        access_log=None,
        logger=_Complaints(observer),
        handle_signals=False,
        keepalive_timeout=idle_seconds,
        shutdown_timeout=1.0,
    )


class Connections:
    """Takes connections for *runner*, at most *limit* at once; the others are closed, with an alarm ``connections``.

    What is posted to the paths of *webhooks* takes the short cut. A connection whose first request has not come, as far
    as its header goes, within *head_seconds* is closed, and so is one over which webhooks came that is then silent for
    *idle_seconds*; for all others the runner sees to that.
    """

    def __init__(
        self,
        runner: web.AppRunner,
        observer: Observer,
        webhooks: Mapping[str, Take],
        *,
        limit: int = CONNECTIONS,
        head_seconds: float = HEAD_SECONDS,
        idle_seconds: float = IDLE_SECONDS,
    ) -> None:
        assert runner.server is not None, "The runner is to be set up before."
        self._server = runner.server
        end_detours(self._server, webhooks)
        self._observer = observer
        self._webhooks = {path.encode(): take for path, take in webhooks.items()}
        self._limit = min(limit, _files() // 2)
        self._head_seconds = head_seconds
        self._idle_seconds = idle_seconds
        self._lines: set[Line] = set()

    def __call__(self) -> asyncio.BaseProtocol:
        """What speaks on a new connection."""
        if len(self._server.connections) + len(self._lines) < self._limit:
            return Line(
                self._webhooks,
                self._otherwise,
                self._lines,
                head_seconds=self._head_seconds,
                idle_seconds=self._idle_seconds,
            )
        self._observer(
            Alarm(
                "connections",
                f"{self._limit} connections are open, and no more are taken: let the proxy before botkit keep fewer, or"
                " raise the limit of open files (ulimit -n).",
            )
        )
        return _Closed()

    def close(self) -> None:
        """Hang up on all whose webhooks took the short cut; the others are the runner's."""
        for line in tuple(self._lines):
            line.close()

    def _otherwise(self) -> asyncio.Protocol:
        protocol = self._server()
        asyncio.get_running_loop().call_later(self._head_seconds, _hang_up, protocol)
        return protocol


def _hang_up(protocol: web.RequestHandler) -> None:
    """Close a connection on which no request has begun."""
    # aiohttp counts them, and tells nobody.
    if protocol._request_count == 0:  # noqa: SLF001
        protocol.force_close()


class _Closed(asyncio.Protocol):
    """Hangs up at once."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        transport.close()


def _files() -> int:
    """How many files this process may have open, once it may have as many as it is allowed to."""
    if resource is None:
        return _FILES
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = _FILES if hard == resource.RLIM_INFINITY else min(hard, _FILES)
    if soft == resource.RLIM_INFINITY or soft >= wanted:
        return _FILES if soft == resource.RLIM_INFINITY else soft
    with suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
        soft = wanted
    return soft


class _Complaints(logging.Logger):
    """What aiohttp would log with a traceback, in which a stranger's bytes stand, or a token's."""

    def __init__(self, observer: Observer) -> None:
        super().__init__("botkit.connections")
        self._observer = observer

    def exception(self, msg: object, *args: object, exc_info: object = None, **more: object) -> None:
        """Count what was no request; log what is a fault of botkit's own, or of a route's that was mounted."""
        if not isinstance(exc_info, _THEIRS):
            _log.error("botkit.connections.fault", exc_info=exc_info if isinstance(exc_info, Exception) else True)
        elif "request" in str(msg):
            # The other ones have had their answer.
            self._observer(WebhookAnswered(route="unknown", status=400, reason="no_http", seconds=0.0))
