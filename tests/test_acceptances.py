"""What was just accepted: a status that only says so once more is answered without the store."""

import asyncio
import json
from collections.abc import Mapping
from datetime import UTC, datetime

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from botkit import Address, App, Bot, Chat, Text
from botkit.acceptances import Acceptances
from botkit.channels.vonage import Vonage
from botkit.events import Status
from botkit.observe import DeliveryMoved, Happening
from botkit.settings import Account, Settings
from botkit.simulator.webhooks import Signer, inbound
from botkit.stores.sqlite import SQLite
from botkit.testing import FakeClock
from botkit.work import Delivery

PAGE, ANN = "2207", Address("messenger", "2207", "ann")
SIGNER = Signer("key-8", "the secret that statuses of this test carry", "app-8")
ACCOUNT = Account(api_key="key-8", api_secret="s", signature_secrets=("the secret that statuses of this test carry",))
NOW = datetime(2026, 11, 28, 12, tzinfo=UTC)


def sent(number: int, address: Address = ANN) -> Delivery:
    """A delivery that was accepted."""
    return Delivery(
        id=f"d{number}",
        address=address,
        reply=Text("Hi!"),
        sequence=number,
        epoch=1,
        attempts=1,
        queued_at=NOW,
        now=NOW,
        opened_at=NOW,
    )


def says(state: str, number: int | None = 1, address: Address = ANN) -> Status:
    """A status about a delivery."""
    return Status(message_id="m", address=address, state=state, delivery_id=None if number is None else f"d{number}")


@pytest.mark.parametrize(
    "status",
    [
        says("delivered"),
        says("rejected"),
        says("unheard_of"),
        says("submitted", 2),
        says("submitted", None),
        says("submitted", address=Address("messenger", PAGE, "bob")),
    ],
)
def test_what_says_anything_else_is_news(status: Status) -> None:
    acceptances = Acceptances()
    acceptances.add(sent(1))
    assert not acceptances.take(status)
    assert acceptances.take(says("submitted"))


def test_only_so_many_are_remembered() -> None:
    acceptances = Acceptances(limit=2)
    for number in range(1, 4):
        acceptances.add(sent(number))
    assert [acceptances.take(says("submitted", number)) for number in (1, 2, 3)] == [False, True, True]


class Taking(Vonage):
    """A channel that takes everything at once."""

    async def send(self, delivery: Delivery) -> str:
        """Take it."""
        return f"uuid-{delivery.id}"


@pytest.mark.parametrize(("listens", "answers"), [(False, [200, 503]), (True, [503, 503])])
async def test_what_is_known_needs_no_disk(listens: bool, answers: list[int]) -> None:
    """The first ``submitted`` of a reply is answered 200 though the store is gone; not where a handler listens."""
    bot, told, clock = Bot("shop", pages=[PAGE]), asyncio.Queue[Happening](), FakeClock()

    @bot.fallback
    async def answer(chat: Chat) -> str:
        return "Hi!"

    if listens:

        @bot.on_status("submitted")
        async def submitted(chat: Chat) -> None:
            """Whatever it does."""

    store = SQLite(":memory:", clock=clock)
    channel = Taking([ACCOUNT], clock=clock)
    app = App(
        bot, settings=Settings(accounts=(ACCOUNT,)), store=store, clock=clock, channel=channel, observer=told.put_nowait
    )
    application = web.Application()
    app.mount(application)
    async with TestClient(TestServer(application)) as client:

        async def post(payload: Mapping[str, object]) -> int:
            body = json.dumps(payload).encode()
            headers = {"Authorization": SIGNER.authorization(body, clock.now()) or ""}
            async with client.post("/webhooks", data=body, headers=headers) as answer:
                return answer.status

        await post(inbound("v1", page=PAGE, user="41", now=clock.now(), text="hello"))
        while not isinstance(moved := await asyncio.wait_for(told.get(), 10), DeliveryMoved):
            pass
        await store.close()
        status = {"channel": "messenger", "message_uuid": f"uuid-{moved.delivery_id}", "to": "41", "from": PAGE}
        status |= {"status": "submitted", "client_ref": moved.delivery_id}
        assert [await post(status), await post(status)] == answers
