"""What three statuses of a reply (submitted, delivered, read) cost, against the whole turn that made the reply.

A status is a webhook like any: it is received, verified and read, and moves its delivery. Measured are all of it, in a
server of its own, and what the store does of it; and for comparison what no way of noting them could spare: three
bodies of JSON taken by a bare aiohttp handler, and three webhooks that are taken, verified, and kept nowhere.
"""

import asyncio
import json
import tempfile
import time
from collections.abc import Awaitable, Callable, Sequence
from contextlib import ExitStack
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import ClassVar, NamedTuple

from benchmarks.processes import CONNECTIONS, LOOP_ENV, PAGE, Upstream, cpu_seconds, post, signed, subject, webhook
from benchmarks.table import Figure, show
from botkit.events import Address, Message, Status
from botkit.observe import SystemClock
from botkit.replies import Text
from botkit.stores.sqlite import SQLite
from botkit.work import Allowance, Delivery, Outcome, Queued, Settlement, Work

ROUNDS, PARTS, PART = 5, 10, 250
MESSAGES = PARTS * PART
STATES = ("submitted", "delivered", "read")
#: On which the turn runs, too.
LOOP = "uvloop" if find_spec("uvloop") else "asyncio"


class Remembering(Upstream):
    """Remembers whom it has sent what."""

    sent: ClassVar[list[tuple[str, str]]] = []

    def take(self, body: bytes) -> None:
        """Remember the user and our name for the message."""
        super().take(body)
        payload = json.loads(body)
        Remembering.sent.append((payload["to"], payload["client_ref"]))


def _status(state: str, user: str, client_ref: str) -> bytes:
    payload = {
        "message_uuid": "aaaaaaaa-bbbb-4ccc-8ddd-0123456789ab",
        "to": user,
        "from": PAGE,
        "timestamp": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "status": state,
        "channel": "messenger",
        "client_ref": client_ref,
    }
    return signed("message-status", payload)


class Costs(NamedTuple):
    """The processor time, in microseconds, of a turn and of the three statuses of its reply; and of two baselines."""

    turn: float
    statuses: float
    bare: float
    verified: float


async def _measure() -> Costs:
    """Turn about, in parts, for how fast a shared machine is changes within seconds."""
    server = await asyncio.get_running_loop().create_server(Remembering, "127.0.0.1", 0)
    upstream = server.sockets[0].getsockname()[1]
    used = dict.fromkeys(("turn", "statuses", "bare", "verified"), 0.0)
    with ExitStack() as stack:
        ports = {
            kind: stack.enter_context(subject(kind, upstream, 100, {LOOP_ENV: LOOP}))
            for kind in ("turn", "bare", "verified")
        }

        async def took(name: str, port: int, requests: Sequence[bytes], wait_for: int = 0) -> None:
            before = await cpu_seconds(port)
            await post(port, requests, wait_for=wait_for)
            used[name] += await cpu_seconds(port) - before

        for kind, port in ports.items():
            await post(port, _webhooks(CONNECTIONS), wait_for=CONNECTIONS if kind == "turn" else 0)
        for _ in range(PARTS):
            Remembering.sent = []
            await took("turn", ports["turn"], _webhooks(PART), wait_for=PART)
            for state in STATES:
                statuses = [_status(state, user, client_ref) for user, client_ref in Remembering.sent]
                await took("statuses", ports["turn"], statuses)
            for kind in ("bare", "verified"):
                await took(kind, ports[kind], _webhooks(PART))
    server.close()
    return Costs(**{name: seconds / MESSAGES * 1e6 for name, seconds in used.items()})


def _webhooks(count: int) -> list[bytes]:
    return [webhook(number, 1_000) for number in range(count)]


async def _side_by_side(operations: Sequence[Callable[[], Awaitable[object]]]) -> None:
    async def client(number: int) -> None:
        for operation in operations[number::CONNECTIONS]:
            await operation()

    await asyncio.gather(*map(client, range(CONNECTIONS)))


async def _replied(store: SQLite) -> list[Delivery]:
    """All that a store does of turns: keep, claim, commit, hand out what is to be sent, settle."""
    messages = [
        Message(id=f"m{number}", address=Address("messenger", PAGE, str(number)), kind="text", text="hello")
        for number in range(MESSAGES)
    ]
    await _side_by_side([partial(store.accept, message) for message in messages])
    works, deliveries = list[Work](), list[Delivery]()
    while len(works) < MESSAGES:
        works += await store.claim(256)
    outcomes = [Outcome(session={"n": 1}, deliveries=(Queued(work.event.id, Text("Hi!")),)) for work in works]
    pairs = list(zip(works, outcomes, strict=True))
    await _side_by_side([partial(store.commit, *pair) for pair in pairs])
    while len(deliveries) < MESSAGES:
        deliveries += await store.deliveries(Allowance(others=256))
    settled = [(one, Settlement(state="sent", message_id=f"sent-{one.id}")) for one in deliveries]
    await _side_by_side([partial(store.settle, *pair) for pair in settled])
    return deliveries


async def _measure_store() -> tuple[float, float]:
    """As `_measure`, the store's part of it."""
    with tempfile.TemporaryDirectory() as folder:
        store = SQLite(Path(folder) / "store.db", clock=SystemClock())
        await store.open()
        at = [time.process_time()]
        deliveries = await _replied(store)
        at.append(time.process_time())
        for state in STATES:
            statuses = [
                Status(message_id=f"sent-{one.id}", address=one.address, state=state, delivery_id=one.id)
                for one in deliveries
            ]
            await _side_by_side([partial(store.note, status) for status in statuses])
        at.append(time.process_time())
        await store.close()
    return (at[1] - at[0]) / MESSAGES * 1e6, (at[2] - at[1]) / MESSAGES * 1e6


def main() -> None:
    """Print what statuses cost."""
    costs, stored = list[Costs](), list[tuple[float, float]]()
    for _ in range(ROUNDS):
        costs.append(asyncio.run(_measure()))
        stored.append(asyncio.run(_measure_store()))
    show(
        "statuses: three webhooks about each reply",
        [
            Figure(
                name="CPU of three statuses / of the turn they are about",
                ratios=[one.statuses / one.turn for one in costs],
                most=0.5,
            ),
            Figure(
                name="the store's part of both",
                ratios=[statuses / turn for turn, statuses in stored],
                most=0.5,
            ),
            Figure(
                name="three bodies taken by a bare aiohttp handler / a turn",
                ratios=[3 * one.bare / one.turn for one in costs],
            ),
            Figure(
                name="three webhooks verified and not kept / a turn",
                ratios=[3 * one.verified / one.turn for one in costs],
            ),
        ],
        [
            f"turn {min(one.turn for one in costs):.0f} us, three statuses {min(one.statuses for one in costs):.0f} us",
            (
                f"the store's part of a turn {min(turn for turn, _ in stored):.0f} us, "
                f"three statuses {min(statuses for _, statuses in stored):.0f} us"
            ),
        ],
    )


if __name__ == "__main__":
    main()
