"""What the simulator tells a sender of his messages."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import Any

import pytest
from aiohttp import web

from botkit.settings import MessagesAPI
from botkit.simulator import Simulator
from simulated import PAGE, EchoingBot, post


@pytest.fixture
async def simulator() -> AsyncIterator[Simulator]:
    """A simulator that says quickly whether a reply is complete."""
    async with Simulator(page=PAGE, quiet_seconds=0.05, retry_factor=0.0001) as simulator:
        yield simulator


@pytest.fixture
async def bot(simulator: Simulator, aiohttp_server: Any) -> EchoingBot:
    """A bot that the simulator talks to."""
    bot = EchoingBot(simulator)
    await bot.listen(aiohttp_server)
    return bot


def states(statuses: Sequence[dict[str, Any]]) -> list[str]:
    """The words of statuses."""
    return [one["status"] for one in statuses]


async def test_every_message_goes_through_its_statuses(simulator: Simulator, bot: EchoingBot) -> None:
    """What is accepted is submitted and delivered, and says so in order with the sender's reference."""
    identity = await post(simulator, client_ref="c1")
    await simulator.finish()

    assert states(bot.statuses) == ["submitted", "delivered"]
    assert {(one["message_uuid"], one["client_ref"], one["to"], one["from"]) for one in bot.statuses} == {
        (identity, "c1", "61", PAGE)
    }


@pytest.mark.parametrize(
    ("chosen", "words"),
    [
        (("submitted", "delivered", "read"), ["submitted", "delivered", "read"]),
        ((), []),
        (["rejected:1340"], ["rejected"]),
    ],
)
async def test_statuses_can_be_chosen(
    simulator: Simulator, bot: EchoingBot, chosen: tuple[str, ...], words: list[str]
) -> None:
    """A bot may be shown that its messages are read, fail, or vanish."""
    simulator.statuses = chosen
    await post(simulator)
    await simulator.finish()

    assert states(bot.statuses) == words


@pytest.mark.parametrize("api", ["v1", "v0.1"])
async def test_statuses_have_the_form_of_the_application(
    simulator: Simulator, bot: EchoingBot, api: MessagesAPI
) -> None:
    """The version of webhooks is the application's, whatever version the message was sent with."""
    simulator.messages_api = api
    await post(simulator)
    await simulator.finish()

    assert [isinstance(one["to"], dict) for one in bot.statuses] == [api == "v0.1"] * 2


async def test_a_request_may_choose_where_its_statuses_go(
    simulator: Simulator, bot: EchoingBot, aiohttp_server: Any
) -> None:
    """``webhook_url`` and ``webhook_version`` are honoured for that message alone."""
    other = EchoingBot(simulator)
    before = simulator.inbound_url, simulator.status_url
    await other.listen(aiohttp_server)
    (simulator.inbound_url, simulator.status_url), elsewhere = before, simulator.status_url
    await post(simulator, text="there", webhook_url=elsewhere, webhook_version="v0.1")
    await post(simulator, text="here")
    await simulator.finish()

    assert [one["to"] for one in other.statuses] == [{"type": "messenger", "id": "61"}] * 2
    assert [one["to"] for one in bot.statuses] == ["61"] * 2


async def test_a_status_that_is_not_taken_holds_back_no_other(aiohttp_server: Any) -> None:
    """Each status is tried again by itself, so that a later one may come before an earlier one."""
    seen: list[str] = []
    delivered = asyncio.Event()

    async def refuse_once(request: web.Request) -> web.Response:
        seen.append((await request.json())["status"])
        if seen[-1] == "delivered":
            delivered.set()
        return web.Response(status=503 if len(seen) == 1 else 200)

    async def until_delivered(seconds: float) -> None:
        await delivered.wait()

    application = web.Application()
    application.router.add_post("/", refuse_once)
    url = str((await aiohttp_server(application)).make_url("/"))
    async with Simulator(status_url=url, sleep=until_delivered) as simulator, asyncio.timeout(10):
        await post(simulator)
        await simulator.finish()

    assert seen == ["submitted", "delivered", "submitted"]


async def test_without_a_status_url_nothing_is_told(simulator: Simulator) -> None:
    """A bot that listens to no status is sent none."""
    await post(simulator)
    await simulator.finish()

    assert simulator.posted == []
