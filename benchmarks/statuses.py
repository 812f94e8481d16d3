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
from functools import partial
from importlib.util import find_spec
from pathlib import Path

from benchmarks.processes import CONNECTIONS, PAGE, Upstream, cpu_seconds, measure, post, signed, subject, webhook
from benchmarks.table import Figure, show
from botkit.events import Address, Message, Status
from botkit.observe import SystemClock
from botkit.replies import Text
from botkit.stores.sqlite import SQLite
from botkit.work import Allowance, Delivery, Outcome, Queued, Settlement, Work

ROUNDS, MESSAGES = 5, 2_000
STATES = ("submitted", "delivered", "read")
#: On which the turn runs, too.
LOOP = "uvloop" if find_spec("uvloop") else "asyncio"


class Remembering(Upstream):
    """Remembers whom it has sent what."""

    sent: list[tuple[str, str]]

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


async def _measure() -> tuple[float, float]:
    """The processor time, in microseconds, of a turn and of the three statuses of its reply."""
    server = await asyncio.get_running_loop().create_server(Remembering, "127.0.0.1", 0)
    requests = [webhook(number, 1_000) for number in range(MESSAGES + CONNECTIONS)]
    Remembering.sent = []
    with subject("turn", server.sockets[0].getsockname()[1], 100) as port:
        await post(port, requests[:CONNECTIONS], wait_for=CONNECTIONS)
        Remembering.sent.clear()
        at = [await cpu_seconds(port)]
        await post(port, requests[CONNECTIONS:], wait_for=MESSAGES)
        at.append(await cpu_seconds(port))
        for state in STATES:
            statuses = [_status(state, user, client_ref) for user, client_ref in Remembering.sent]
            before = await cpu_seconds(port)
            await post(port, statuses, wait_for=0)
            at.append(await cpu_seconds(port) - before)
    server.close()
    return (at[1] - at[0]) / MESSAGES * 1e6, sum(at[2:]) / MESSAGES * 1e6


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
    costs, stored, taken = list[tuple[float, float]](), list[tuple[float, float]](), list[tuple[float, float]]()
    for _ in range(ROUNDS):
        costs.append(asyncio.run(_measure()))
        stored.append(asyncio.run(_measure_store()))
        bare, verified = (measure(kind, loop=LOOP).cpu_microseconds for kind in ("bare", "verified"))
        taken.append((3 * bare, 3 * verified))
    show(
        "statuses: three webhooks about each reply",
        [
            Figure(
                name="CPU of three statuses / of the turn they are about",
                ratios=[statuses / turn for turn, statuses in costs],
                most=0.5,
            ),
            Figure(
                name="the store's part of both",
                ratios=[statuses / turn for turn, statuses in stored],
                most=0.5,
            ),
            Figure(
                name="three bodies taken by a bare aiohttp handler / a turn",
                ratios=[bare / turn for (bare, _), (turn, _) in zip(taken, costs, strict=True)],
            ),
            Figure(
                name="three webhooks verified and not kept / a turn",
                ratios=[verified / turn for (_, verified), (turn, _) in zip(taken, costs, strict=True)],
            ),
        ],
        [
            f"{name} {min(turn for turn, _ in found):.0f} us, three statuses {min(three for _, three in found):.0f} us"
            for name, found in (("turn", costs), ("the store's part of a turn", stored))
        ],
    )


if __name__ == "__main__":
    main()
