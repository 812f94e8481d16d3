"""Talking to a bot through the simulator."""

import asyncio
import socket
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import web

from botkit.simulator import NoReply, Posted, Simulator
from botkit.simulator.webhooks import inbound
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


async def test_a_user_gets_the_whole_answer(simulator: Simulator, bot: EchoingBot) -> None:
    """Every message of the reply is returned, in order."""
    assert await simulator.say("one two three") == ("one", "two", "three")


async def test_each_answer_is_returned_once(simulator: Simulator, bot: EchoingBot) -> None:
    """What was said before is not part of the next reply, and remains shown."""
    answers = [await simulator.say("one two"), await simulator.say("three")]

    assert answers == [("one", "two"), ("three",)]
    assert simulator.shown(PAGE, "2") == ("one", "two", "three")


async def test_users_and_pages_are_told_apart(simulator: Simulator, bot: EchoingBot) -> None:
    """Whoever talks at the same time is answered for himself."""
    said = (simulator.say(f"{user} {page}", user=user, page=page) for user in ("ann", "ben") for page in ("1", "2"))
    answers = await asyncio.gather(*said)

    assert answers == [("ann", "1"), ("ann", "2"), ("ben", "1"), ("ben", "2")]
    assert simulator.shown("1", "ben") == ("ben", "1")


async def test_one_user_talks_in_turn(simulator: Simulator, bot: EchoingBot) -> None:
    """Two things said by one user at once have an answer each."""
    first, second = await asyncio.gather(simulator.say("one two"), simulator.say("three"))

    assert (first, second) == (("one", "two"), ("three",))


async def test_a_user_sends_more_than_text(simulator: Simulator, bot: EchoingBot) -> None:
    """A picture, or a thumbs-up, is said as well."""
    answers = [await simulator.say(kind="image", url="https://a.example/b.png"), await simulator.say(kind="thumbs_up")]

    assert answers == [("image",), ("unsupported",)]


async def test_nothing_said_is_told(simulator: Simulator, bot: EchoingBot) -> None:
    """A bot without an answer is an error that says how the webhook fared."""
    with pytest.raises(NoReply) as caught:
        await simulator.say(" ", timeout_seconds=0.05)

    assert str(caught.value) == "The user was sent nothing within 0.05 seconds; the bot answered the webhook with 200."


async def test_a_refused_webhook_is_told_at_once(simulator: Simulator, bot: EchoingBot) -> None:
    """Where the bot does not take the message, nobody waits for its answer."""
    bot.status = 401
    with pytest.raises(NoReply) as caught:
        await simulator.say("hello", timeout_seconds=60)

    assert str(caught.value) == "The bot answered the webhook with 401: Vonage will not send it again."


async def test_a_bot_that_is_not_there_is_told(simulator: Simulator) -> None:
    """Who forgot to start the bot is told that nothing answers."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        simulator.inbound_url = f"http://127.0.0.1:{free.getsockname()[1]}/inbound"
    with pytest.raises(NoReply, match=r"the bot did not answer the webhook"):
        await simulator.say("hello", timeout_seconds=0.2)


async def test_a_bot_that_comes_back_is_heard(simulator: Simulator, bot: EchoingBot, aiohttp_server: Any) -> None:
    """A webhook that is taken at a later try is answered as well."""
    answers = iter([503, 503, 200])

    async def inbound_later(request: web.Request) -> web.Response:
        bot.status = next(answers)
        return await bot.inbound(request) if bot.status == 200 else web.Response(status=bot.status)

    application = web.Application()
    application.router.add_post("/", inbound_later)
    simulator.inbound_url = str((await aiohttp_server(application)).make_url("/"))

    assert await simulator.say("hello") == ("hello",)
    assert [(one.attempt, one.answer) for one in simulator.posted if one.url == simulator.inbound_url] == [
        (1, 503),
        (2, 503),
        (3, 200),
    ]


async def test_a_simulator_without_a_bot_says_so(simulator: Simulator) -> None:
    """There is no guessing where a webhook should go."""
    with pytest.raises(ValueError, match=r"was not told where this webhook goes: set inbound_url, or --inbound URL"):
        await simulator.say("hello")


async def test_waiting_for_more_than_comes_says_how_many_came(simulator: Simulator) -> None:
    """A test that waits in vain learns what there was."""
    await post(simulator)
    with pytest.raises(NoReply) as caught:
        await simulator.wait_for(2, page=PAGE, user="61", timeout_seconds=0.05)

    assert str(caught.value) == "The user was sent 1 of 2 messages within 0.05 seconds."


async def test_waiting_ends_when_enough_has_come(simulator: Simulator) -> None:
    """Who waits is woken by the message, and is given all of them."""
    waiting = asyncio.create_task(simulator.wait_for(2, page=PAGE, user="61"))
    for text in ("first", "second"):
        await post(simulator, text=text)

    assert await waiting == ("first", "second")


# Delivering


async def test_a_status_goes_to_the_status_url(simulator: Simulator, bot: EchoingBot) -> None:
    """A payload with a status finds its own way."""
    answer = await simulator.deliver({"status": "delivered", "message_uuid": "u1"})

    assert (answer, bot.statuses) == (200, [{"status": "delivered", "message_uuid": "u1"}])


async def test_bytes_are_delivered_as_they_are(simulator: Simulator, aiohttp_server: Any) -> None:
    """A test may send what no simulator would write."""
    bodies = []

    async def keep(request: web.Request) -> web.Response:
        bodies.append(await request.read())
        return web.Response(status=400)

    application = web.Application()
    application.router.add_post("/", keep)
    url = str((await aiohttp_server(application)).make_url("/"))

    assert (await simulator.deliver(b'{ "text": \xff', url=url), bodies) == (400, [b'{ "text": \xff'])


async def test_copies_are_delivered_at_once(simulator: Simulator, bot: EchoingBot) -> None:
    """The same webhook may come ten times over, each with a token of its own."""
    payload = inbound("v1", page=PAGE, user="61", now=simulator.clock.now(), text="hi")
    await simulator.deliver(payload, copies=10)
    sent: list[Posted] = [one for one in simulator.posted if one.url == simulator.inbound_url]

    assert (len({one.body for one in sent}), len({one.authorization for one in sent})) == (1, 10)
