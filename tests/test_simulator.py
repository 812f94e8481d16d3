"""Talking to a bot through the simulator."""

import asyncio
import socket
from base64 import b64encode
from collections.abc import AsyncIterator, Callable, Sequence
from typing import Any

import aiohttp
import pytest
from aiohttp import web
from attrs import evolve

from botkit import AccountBlocked, Client, Custom, Image, InDoubt, Rejected
from botkit.settings import MessagesAPI
from botkit.simulator import NoReply, Posted, Simulator, Weather, keys
from botkit.simulator.webhooks import inbound
from botkit.testing import FakeClock

PAGE = "9107"
KEY = keys.new_private_key()


class EchoingBot:
    """A bot of a few lines, made without botkit: it answers 200, then POSTs an answer for each word it was sent."""

    def __init__(self, simulator: Simulator, *, status: int = 200) -> None:
        self.simulator = simulator
        self.status = status
        self.statuses: list[dict[str, Any]] = []
        self._tasks: set[asyncio.Task[None]] = set()

    async def inbound(self, request: web.Request) -> web.Response:
        task = asyncio.create_task(self.answer(await request.json()))
        self._tasks.add(task)
        return web.Response(status=self.status)

    async def status_webhook(self, request: web.Request) -> web.Response:
        self.statuses.append(await request.json())
        return web.Response()

    async def answer(self, payload: dict[str, Any]) -> None:
        for word in payload.get("text", payload["message_type"]).split():
            await post(self.simulator, to=payload["from"], sender=payload["to"], text=word)

    async def listen(self, aiohttp_server: Any) -> None:
        application = web.Application()
        application.router.add_post("/inbound", self.inbound)
        application.router.add_post("/status", self.status_webhook)
        server = await aiohttp_server(application)
        self.simulator.inbound_url = str(server.make_url("/inbound"))
        self.simulator.status_url = str(server.make_url("/status"))


async def post(simulator: Simulator, *, to: str = "61", sender: str = PAGE, text: str = "hi", **more: object) -> str:
    """Send a text with the account's key and secret, and return its id."""
    credentials = b64encode(f"{simulator.api_key}:{simulator.api_secret}".encode()).decode()
    body = {"channel": "messenger", "message_type": "text", "to": to, "from": sender, "text": text, **more}
    url, headers = f"{simulator.base_url}/v1/messages", {"Authorization": f"Basic {credentials}"}
    async with aiohttp.ClientSession() as session, session.post(url, json=body, headers=headers) as answer:
        assert answer.status == 202
        return str((await answer.json())["message_uuid"])


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


# Saying something


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


# What was accepted


async def test_what_was_accepted_is_written_down() -> None:
    """An accepted message is a value that says everything about it."""
    clock = FakeClock()
    async with Simulator(clock=clock) as simulator:
        client = Client(simulator.account, clock=clock)
        async with client:
            identity = await client.send(PAGE, "61", Image("https://a.example/b.png"), client_ref="c1")
    (accepted,) = simulator.accepted

    assert evolve(accepted, raw={}) == evolve(
        accepted,
        message_uuid=identity,
        page=PAGE,
        user="61",
        kind="image",
        text="",
        url="https://a.example/b.png",
        client_ref="c1",
        api="v1",
        authorised_by="jwt",
        at=clock.now(),
        raw={},
    )
    assert accepted.raw["image"] == {"url": "https://a.example/b.png"}
    assert accepted.shown() == "[image] https://a.example/b.png"


@pytest.mark.parametrize("api", ["v1", "v0.1"])
async def test_botkits_own_client_is_understood(api: MessagesAPI) -> None:
    """The account is all that the client needs, in either version of the API."""
    async with Simulator() as simulator, Client(evolve(simulator.account, messages_api=api)) as client:
        identity = await client.send(PAGE, "61", "Grüße \N{THUMBS UP SIGN}", client_ref="c1")
    (accepted,) = simulator.accepted

    assert (accepted.message_uuid, accepted.api, accepted.authorised_by) == (identity, api, "jwt")
    assert (accepted.page, accepted.user, accepted.text) == (PAGE, "61", "Grüße \N{THUMBS UP SIGN}")


async def test_custom_objects_are_taken_where_they_are_documented() -> None:
    """v0.1 takes custom objects, v1 only from a simulator that was told so."""
    custom = Custom({"attachment": {"type": "template"}}, v1=True)
    async with Simulator() as simulator, Client(simulator.account) as client:
        with pytest.raises(Rejected):
            await client.send(PAGE, "61", custom)
        simulator.custom_on_v1 = True
        await client.send(PAGE, "61", custom)

    assert [(one.kind, one.text, one.url, one.shown()) for one in simulator.accepted] == [
        ("custom", "", None, "[custom]")
    ]


async def test_without_the_private_key_the_account_uses_basic() -> None:
    """Who gives a public key signs for himself; the account offers the key and secret."""
    async with Simulator(public_key=KEY.public_key()) as simulator, Client(simulator.account) as client:
        await client.send(PAGE, "61", "hi")

    assert [one.authorised_by for one in simulator.accepted] == ["basic"]


async def test_a_given_public_key_decides() -> None:
    """A bot that has its own key is taken, and one with another is not."""
    async with Simulator(public_key=KEY.public_key(), application_id="ours") as simulator:
        account = evolve(simulator.account, private_key=keys.private_pem(KEY))
        async with Client(account) as ours:
            await ours.send(PAGE, "61", "hi")
        async with Client(evolve(account, private_key=keys.private_pem(keys.new_private_key()))) as stranger:
            with pytest.raises(AccountBlocked):
                await stranger.send(PAGE, "61", "hi")

    assert len(simulator.accepted) == 1


async def test_what_was_accepted_and_not_told_is_written_down() -> None:
    """A message whose sender is in doubt was accepted all the same."""
    async with Simulator() as simulator, Client(simulator.account) as client:
        simulator.change(Weather(mood="accept_and_reset"))
        with pytest.raises(InDoubt):
            await client.send(PAGE, "61", "hi")

    assert simulator.shown(PAGE, "61") == ("hi",)


# Statuses


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


# Making one


@pytest.mark.parametrize(
    "make",
    [
        lambda: Simulator(statuses=["Delivered!"]),
        lambda: Simulator(statuses="delivered"),
        lambda: Simulator(messages_api="v2"),  # type: ignore[arg-type]  # wrong on purpose
    ],
)
def test_a_mistake_is_found_when_it_is_made(make: Callable[[], Simulator]) -> None:
    """What could never work is refused at once."""
    with pytest.raises((TypeError, ValueError)):
        make()


def test_no_secret_is_shown() -> None:
    """A failing test prints its simulator, and that shows no secret."""
    simulator = Simulator()
    shown = repr(simulator)

    assert [one for one in (simulator.signature_secret, simulator.api_secret, "PRIVATE KEY") if one in shown] == []


async def test_it_is_for_this_machine_only() -> None:
    """A socket that others could reach is refused."""
    with socket.create_server(("0.0.0.0", 0)) as public:  # noqa: S104 - to be refused
        simulator = Simulator(public_key=KEY.public_key())
        with pytest.raises(ValueError, match="for this machine only"):
            await simulator.serve(public)


async def test_it_ends_with_its_block() -> None:
    """After the block nothing listens any more."""
    async with Simulator(public_key=KEY.public_key()) as simulator:
        url = simulator.base_url
    with pytest.raises(aiohttp.ClientConnectionError):
        async with aiohttp.ClientSession() as session:
            await session.get(url)
