"""What three statuses of a reply (submitted, delivered, read) cost, against the whole turn that made the reply.

A status is a webhook like any: it is verified, read, and moves its delivery in a transaction of its own or its group's.
"""

import asyncio
import json
import time

from benchmarks.processes import CONNECTIONS, PAGE, Upstream, cpu_seconds, post, signed, subject, webhook
from benchmarks.table import Figure, show

ROUNDS, MESSAGES = 5, 2_000
STATES = ("submitted", "delivered", "read")


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


def main() -> None:
    """Print what statuses cost."""
    costs = [asyncio.run(_measure()) for _ in range(ROUNDS)]
    show(
        "statuses: three webhooks about each reply",
        [
            Figure(
                name="CPU of three statuses / of the turn they are about",
                ratios=[statuses / turn for turn, statuses in costs],
                most=0.5,
            )
        ],
        [f"turn {min(turn for turn, _ in costs):.0f} us, three statuses {min(three for _, three in costs):.0f} us"],
    )


if __name__ == "__main__":
    main()
