"""How the simulator misbehaves towards a bot that takes its webhooks, when it is asked to."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

import jwt
import pytest
from aiohttp import web

from botkit.simulator import NoReply, Simulator, Weather
from botkit.simulator.webhooks import inbound
from simulated import PAGE, Gate, Listener, answered


@pytest.fixture
def gate() -> Gate:
    """What the simulator sleeps with."""
    return Gate()


@pytest.fixture
async def simulator(gate: Gate) -> AsyncIterator[Simulator]:
    """A simulator in fair weather."""
    async with Simulator(page=PAGE, sleep=gate) as simulator:
        yield simulator


@pytest.fixture
async def listener(simulator: Simulator, aiohttp_server: Any) -> Listener:
    """What takes the simulator's webhooks."""
    listener = Listener()
    application = web.Application()
    application.router.add_post("/", listener.answer)
    simulator.inbound_url = simulator.status_url = str((await aiohttp_server(application)).make_url("/"))
    return listener


def said(text: str, page: str = PAGE) -> dict[str, object]:
    """The webhook of a text."""
    return inbound("v1", page=page, user="61", now=datetime.now(UTC), text=text)


async def test_a_duplicate_is_delivered_twice(simulator: Simulator, listener: Listener) -> None:
    """The same webhook comes two times, and the next one once."""
    simulator.change(Weather(mood="duplicate"))
    for text in ("one", "two"):
        await simulator.deliver(said(text))

    assert listener.words == ["one", "one", "two"]


async def test_what_is_held_back_comes_after_the_next(simulator: Simulator, listener: Listener) -> None:
    """Two webhooks change places."""
    simulator.change(Weather(mood="hold_back"))
    answers = [await simulator.deliver(said(text)) for text in ("one", "two", "three")]
    await simulator.finish()

    assert (answers, listener.words[0], sorted(listener.words)) == ([None, 200, 200], "two", ["one", "three", "two"])


async def test_what_is_late_comes_when_its_time_has_come(simulator: Simulator, listener: Listener, gate: Gate) -> None:
    """Nobody waits for it, and others overtake it."""
    simulator.change(Weather(mood="late", seconds=40))
    answers = [await simulator.deliver(said(text)) for text in ("one", "two")]
    early = list(listener.words)
    gate.open.set()
    await simulator.finish()

    assert (answers, early, gate.seconds) == ([None, 200], ["two"], [40])
    assert listener.words == ["two", "one"]


@pytest.mark.parametrize("mood", ["unsigned", "wrong_secret", "wrong_hash"])
async def test_a_webhook_may_be_signed_wrongly(simulator: Simulator, listener: Listener, mood: Any) -> None:
    """One webhook has no token, or one that does not fit; the next is signed well."""
    simulator.change(Weather(mood=mood))
    for text in ("one", "two"):
        await simulator.deliver(said(text))
    seen = [_signed(simulator, one.body, one.authorization) for one in simulator.posted]

    assert seen == [mood, "right"]
    assert [authorization for _, authorization in listener.heard] == [one.authorization for one in simulator.posted]


def _signed(simulator: Simulator, body: bytes, authorization: str | None) -> str:
    if authorization is None:
        return "unsigned"
    try:
        claims = jwt.decode(authorization.removeprefix("Bearer "), simulator.signature_secret, algorithms=["HS256"])
    except jwt.InvalidSignatureError:
        return "wrong_secret"
    return "right" if claims["payload_hash"] == sha256(body).hexdigest() else "wrong_hash"


async def test_statuses_do_not_use_up_the_weather_of_webhooks(simulator: Simulator, listener: Listener) -> None:
    """What is asked for the next message of a user happens to no status in between."""
    simulator.change(Weather(mood="duplicate"))
    await answered(simulator)
    await simulator.finish()
    await simulator.deliver({"status": "read", "to": "61"})
    await simulator.deliver(said("one"))

    assert listener.words == ["submitted", "delivered", "read", "one", "one"]


async def test_requests_do_not_use_up_the_weather_of_webhooks(simulator: Simulator, listener: Listener) -> None:
    """Either way has its own weather."""
    simulator.change(Weather(mood="duplicate"))
    simulator.change(Weather(mood="answer", status=500))
    await simulator.deliver(said("one"))

    assert (await answered(simulator), listener.words) == (500, ["one", "one"])


async def test_saying_meets_the_weather_too(simulator: Simulator, listener: Listener) -> None:
    """What a user says may come twice."""
    simulator.change(Weather(mood="duplicate"))
    with pytest.raises(NoReply):
        await simulator.say("one", timeout_seconds=0.1)

    assert listener.words == ["one", "one"]
