"""Webhooks of owners: a POST of JSON, and an honest word about it."""

import socket

import pytest

from botkit.notices import Webhook
from owners import an_owner


async def test_what_is_told_arrives_as_it_is() -> None:
    """As JSON, with its key for who is told twice."""
    async with an_owner() as owner:
        webhook = Webhook(owner.url)
        reasons = [await webhook.post({"reason": "Größe \ud800"}, key="a1") for _ in range(2)]
        await webhook.close()

    assert (reasons, owner.told) == ([None, None], [{"reason": "Größe \ud800"}] * 2)
    assert (owner.headers[0]["Content-Type"], owner.headers[0]["Idempotency-Key"]) == ("application/json", "a1")


@pytest.mark.parametrize(
    ("status", "reason"),
    [
        (204, None),
        (302, "it answered 302"),
        (410, "it answered 410"),
        (500, "it answered 500"),
        (0, "it did not answer within 0.2 s"),
    ],
)
async def test_only_2xx_in_time_says_that_it_was_taken(status: int, reason: str | None) -> None:
    """Nobody is followed elsewhere, and nobody is waited for."""
    async with an_owner() as owner:
        owner.answers.append(status)
        webhook = Webhook(owner.url, answer_seconds=0.2 if status == 0 else 10)
        told = await webhook.post({}, key="a1")
        await webhook.close()

    assert (told, len(owner.told)) == (reason, 1)


async def test_nobody_at_home_is_said_without_the_address() -> None:
    """The URL is a secret."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    webhook = Webhook(f"http://127.0.0.1:{port}/secret-path")
    told = await webhook.post({}, key="a1")
    await webhook.close()

    assert told == "it could not be reached (ClientConnectorError)"
