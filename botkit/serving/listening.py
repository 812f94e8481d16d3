"""Listening on ports until a signal says stop: one port for webhooks and health, one for metrics."""

import asyncio
import errno
import gc
import os
import signal
import socket
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager, AsyncExitStack, ExitStack, contextmanager
from types import FrameType
from typing import Final

from aiohttp import web
from attrs import frozen

from botkit.app import THREADS, App
from botkit.errors import BotkitError
from botkit.monitoring import Metrics
from botkit.observe import Alarm, Observer
from botkit.server import BODY_LIMIT
from botkit.serving.connections import Connections, runner_of
from botkit.serving.watchdog import FORCED_EXIT, Watchdog
from botkit.threads import Threads

BACKLOG: Final = 1024


@frozen
class Listening:
    """A socket that is bound: where, and the socket."""

    host: str
    port: int
    socket: socket.socket

    @property
    def url(self) -> str:
        """Where it can be reached from this machine."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self.port}"


class PortTaken(BotkitError):
    """The port cannot be listened on: it is taken, or not ours to use."""


def bind(host: str, port: int, *, option: str = "--port") -> socket.socket:
    """Bind *host* and *port* (0: any free one) before anything else is done; raises PortTaken, saying what to do.

    *option* is what names another port.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=BACKLOG)
    except OSError as error:
        if isinstance(error.__context__, socket.gaierror):
            raise PortTaken(f"There is no host {host} to listen on. Name another one with --host.") from error
        if error.errno == errno.EADDRNOTAVAIL:
            raise PortTaken(f"{host} is no address of this machine. Name another one with --host.") from error
        raise PortTaken(
            f"Cannot listen on {host} port {port}: {os.strerror(error.errno or 0)}. Name another one with {option}."
        ) from error


async def serve(
    app: App,
    listening: Listening,
    *,
    metrics: Metrics | None = None,
    mount: Sequence[web.RouteDef] = (),
    announce: Callable[[], None] = lambda: None,
    beside: AbstractAsyncContextManager[None] | None = None,
    watchdog: Watchdog | None = None,
) -> None:
    """Serve *app* on *listening* until SIGTERM or SIGINT, then drain; a second signal exits at once.

    *mount* are further routes, *metrics* is served on its own port, and *announce* is called once webhooks are taken.
    *beside* is entered when the app has started, and left before it stops. The *watchdog* watches from before the
    first turn until everything has stopped.
    """
    stop = asyncio.Event()
    # What a handler calls with asyncio.to_thread must not hold up the end either.
    asyncio.get_running_loop().set_default_executor(Threads(THREADS, name="botkit-thread"))
    application = web.Application(client_max_size=BODY_LIMIT)
    application.add_routes(app.routes())
    application.add_routes(mount)
    async with AsyncExitStack() as stack:
        stack.enter_context(_on_signals(stop, watchdog))
        runner = await _runner(stack, application, app.observer)
        connections = Connections(runner, app.observer, app.server.webhooks(app.settings.server))
        stack.callback(connections.close)
        if metrics is not None:
            await _metrics_site(stack, metrics, app, listening)
        watching = stack.enter_context(ExitStack())
        await app.start()
        if watchdog is not None:
            watching.enter_context(watchdog)
        stack.push_async_callback(app.stop)
        if beside is not None:
            await stack.enter_async_context(beside)
        door = await asyncio.get_running_loop().create_server(connections, sock=listening.socket, backlog=BACKLOG)
        _collect_seldom()
        announce()
        await stop.wait()
        door.close()


def _collect_seldom() -> None:
    """Let the cyclic collector leave alone what was made at the start, and look less often at the rest.

    A turn frees nearly everything it makes by itself; by default the collector takes a tenth of the processor.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


async def _runner(stack: AsyncExitStack, application: web.Application, observer: Observer) -> web.AppRunner:
    runner = runner_of(application, observer)
    await runner.setup()
    stack.push_async_callback(runner.cleanup)
    return runner


async def _metrics_site(stack: AsyncExitStack, metrics: Metrics, app: App, listening: Listening) -> None:
    wanted = app.settings.server.metrics_port
    try:
        port = listening.port + 1 if wanted is None else wanted
        taken = bind("127.0.0.1", port, option="server: {metrics_port: …} in bots.yaml")
    except (PortTaken, OverflowError) as error:
        app.observer(Alarm("metrics_port", f"Metrics are not served. {error}"))
        return

    async def scrape(request: web.Request) -> web.Response:
        metrics.update(await app.store.backlog(), app.clock.now())
        body, content_type = metrics.exposition()
        return web.Response(body=body, headers={"Content-Type": content_type})

    application = web.Application()
    application.router.add_get("/metrics", scrape)
    runner = await _runner(stack, application, app.observer)
    await web.SockSite(runner, taken).start()


@contextmanager
def _on_signals(stop: asyncio.Event, watchdog: Watchdog | None) -> Iterator[None]:
    """Set *stop* on the first signal, and exit on the second, also while the loop stands still."""
    loop, is_stopping = asyncio.get_running_loop(), False

    def on_signal(number: int, frame: FrameType | None) -> None:
        nonlocal is_stopping
        if is_stopping:
            # What is not committed was never promised: the next start does it again.
            os._exit(FORCED_EXIT)
        is_stopping = True
        if watchdog is not None:
            watchdog.end_for_good()
        loop.call_soon_threadsafe(stop.set)

    # Not by the loop's own add_signal_handler, which calls nobody while the loop stands still.
    before = {number: signal.signal(number, on_signal) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
