"""The process that is struck, made quickly: ``python -m chaos.victim`` has everything loaded, and forks one on demand.

It reads orders from its standard input, a JSON object a line, and answers each with two lines: the child's pid, and
when it has ended how, how many points it passed, and the last of them. Children share one listening socket, so that
what is sent while none lives waits for the next.
"""

import asyncio
import json
import os
import signal
import socket
import sys
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Final

import numpy as np
from aiohttp import web
from attrs import evolve, field, frozen

from botkit import App
from botkit.channels.vonage import Vonage
from botkit.channels.vonage.http import HTTP
from botkit.events import Address
from botkit.serving.listening import Listening, serve
from botkit.settings import Account, Settings
from botkit.stores import Engine
from botkit.stores.postgres import Postgres
from chaos.bot import bot_of
from chaos.points import MinedSQLite, MinedTransport, Points, Trail, kill
from chaos.seeded import BUGS, partition

HOST: Final = "127.0.0.1"


@frozen(kw_only=True)
class Order:
    """What kind of victim is wanted.

    It is struck at point *strike_at* (0: never) of all, or of those called *only*, and *again* after as many more. The
    strike kills it, or with *strikes* ``database`` tells whoever ordered it to kill the database, and goes on. Its
    clock is *ahead* of the world's, so that the leases of those who died before it are over. *bug* is one of
    `chaos.seeded`.
    """

    store: str
    cashier_url: str = ""
    account: Account = field(factory=Account)
    strike_at: int = 0
    only: str | None = None
    again: bool = False
    strikes: str = "process"
    every_statement: bool = False
    ahead_seconds: float = 0.0
    lease_seconds: float = 30.0
    doubt_seconds: float = 0.3
    bug: str | None = None
    is_partitioned: bool = False

    def to_json(self) -> str:
        """The order in a line."""
        account = {
            name: getattr(self.account, name)
            for name in ("application_id", "private_key", "api_key", "signature_secrets", "base_url")
        }
        rest = {name: getattr(self, name) for name in Order.__annotations__ if name != "account"}
        return json.dumps({**rest, "account": account})

    @classmethod
    def of_json(cls, line: str) -> "Order":
        """Read an order."""
        found = json.loads(line)
        account = Account(**{**found.pop("account"), "messages_per_second": 10_000.0})
        return cls(account=evolve(account, signature_secrets=tuple(account.signature_secrets)), **found)


@frozen
class Ahead:
    """A clock that shows what will be in *by*."""

    by: timedelta = timedelta()

    def now(self) -> datetime:
        """The moment that it shows."""
        return datetime.now(UTC) + self.by


def _engine(order: Order, clock: Ahead, points: Points) -> Engine:
    lease, doubt = order.lease_seconds, order.doubt_seconds
    if order.store.startswith("postgresql:"):
        return points.mine(Postgres(order.store, clock=clock, lease_seconds=lease, doubt_seconds=doubt))
    store = MinedSQLite(order.store, clock=clock, lease_seconds=lease, doubt_seconds=doubt)
    store.points, store.every_statement = points, order.every_statement
    return points.mine(store)


def _app(order: Order, points: Points) -> App:
    clock = Ahead(timedelta(seconds=order.ahead_seconds))
    store = _engine(order, clock, points)
    if order.is_partitioned:
        partition(store)
    if order.bug is not None:
        BUGS[order.bug](store)
    return App(
        bot_of(order.cashier_url, points.reach),
        settings=Settings(
            accounts=(order.account,), lease_seconds=order.lease_seconds, doubt_seconds=order.doubt_seconds
        ),
        store=store,
        # Its tokens are by the world's clock, as the simulator's is.
        channel=Vonage((order.account,), clock=Ahead(), transport=MinedTransport(HTTP(), points)),
        clock=clock,
    )


async def _live(order: Order, points: Points, listener: socket.socket) -> None:
    app = _app(order, points)

    async def signalled(request: web.Request) -> web.Response:
        told = await request.json()
        await app.signal(Address("messenger", told["page"], told["user"]), told["name"], told["data"], id=told["id"])
        return web.Response()

    listening = Listening(HOST, listener.getsockname()[1], listener.dup())
    await serve(app, listening, mount=[web.post("/signal", signalled)])


def _tell(**facts: object) -> None:
    # One write: a child and its parent share the pipe.
    os.write(sys.stdout.fileno(), (json.dumps(facts) + "\n").encode())


def _struck_database(trail: Trail) -> None:
    _tell(struck=trail.read()[1])
    # Whoever kills the database says when it is done.
    signal.sigwait({signal.SIGUSR1})


def _fork(order: Order, listener: socket.socket) -> None:
    trail = Trail()
    pid = os.fork()
    if pid == 0:
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGUSR1})
        strike = kill if order.strikes == "process" else partial(_struck_database, trail)
        try:
            asyncio.run(_live(order, Points(trail, order.strike_at, order.only, strike, order.again), listener))
        finally:
            os._exit(0)
    _tell(pid=pid)
    _, status = os.waitpid(pid, 0)
    count, last = trail.read()
    _tell(ended=status, points=count, last=last)


def main() -> None:
    """Fork a victim for each order."""
    # What a bot with phrases learns with is loaded, and has made its tables, before the first fork.
    np.linalg.norm(np.zeros((2, 2)))
    listener = socket.create_server((HOST, 0), backlog=1024)
    _tell(port=listener.getsockname()[1])
    for line in sys.stdin:
        _fork(Order.of_json(line), listener)


if __name__ == "__main__":
    main()
