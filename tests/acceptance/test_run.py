"""The promises, kept by real processes: signed webhooks in, replies out, and `kill -9` between."""

import asyncio
import json
import os
import signal
import socket
import sys
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from botkit.simulator import Simulator
from botkit.simulator.webhooks import inbound

pytestmark = pytest.mark.acceptance

PAGE = "1070"
FIXTURES = Path(__file__).parents[2].parent / "shared" / "vonage" / "fixtures"
DATA = Path(__file__).parents[1] / "data"

# The process under test is started by the fixtures of conftest.py.
Running = Any
Run = Callable[[list[str]], Awaitable[Running]]


def said(simulator: Simulator, user: str, text: str, page: str = PAGE) -> dict[str, object]:
    """The webhook of a text with a fresh id."""
    return inbound("v1", page=page, user=user, now=simulator.clock.now(), text=text)


async def replies_to(simulator: Simulator, user: str, count: int) -> tuple[str, ...]:
    """Wait until *user* has been sent *count* messages."""
    return await simulator.wait_for(count, page=PAGE, user=user, timeout_seconds=30)


@pytest.mark.parametrize("api", ["v1", "v0.1"])
@pytest.mark.parametrize("kind", ["text", "image", "audio", "video", "file", "unsupported"])
async def test_every_kind_of_message_is_answered(simulator: Simulator, running: Running, api: Any, kind: str) -> None:
    """Whatever a user sends, in either form of webhook, the bot answers through the API with its own key."""
    payload = inbound(
        api, page=PAGE, user="ann", now=simulator.clock.now(), kind=kind, text="hello", url="https://example.com/a.png"
    )
    answer = await simulator.deliver(payload)
    (reply,) = await replies_to(simulator, "ann", 1)

    assert (answer, simulator.accepted[0].authorised_by) == (200, "jwt")
    assert reply == ("what is that?" if kind == "unsupported" else f"got {kind}")


async def test_published_payloads_are_taken(simulator: Simulator, run: Run) -> None:
    """Every published inbound payload of Messenger is answered, and every other channel's is taken with 200."""
    payloads = [json.loads(path.read_text()) for path in sorted(FIXTURES.glob("*inbound*.json"))]
    payloads += [inbound(api, page="7", user="8", now=simulator.clock.now(), text="hi") for api in ("v1", "v0.1")]
    messenger = (one for one in payloads if "messenger" in (one.get("channel"), _type(one["to"])))
    ours = [
        one for one in messenger if _id(one["to"]).isdecimal()
    ]  # one page's id is a shell variable, which no bot claims
    await run(sorted({_id(one["to"]) for one in ours}))
    answers = [
        await simulator.deliver({**payload, "message_uuid": f"fresh-{number}"})
        for number, payload in enumerate(payloads)
    ]
    expected = Counter((_id(one["to"]), _id(one["from"])) for one in ours)
    for (page, user), count in expected.items():
        await simulator.wait_for(count, page=page, user=user, timeout_seconds=30)

    assert answers == [200] * len(payloads)
    assert Counter((one.page, one.user) for one in simulator.accepted) == expected


def _type(party: object) -> object:
    return party.get("type") if isinstance(party, dict) else None


def _id(party: Any) -> str:
    return str(party["id"] if isinstance(party, dict) else party)


async def test_the_same_webhook_ten_times_at_once_is_answered_once(simulator: Simulator, running: Running) -> None:
    """Duplicates have one effect, however they come."""
    await simulator.deliver(said(simulator, "ann", "count 1"), copies=10)
    await simulator.deliver(said(simulator, "ann", "count 2"))

    assert await replies_to(simulator, "ann", 2) == ("1 after 0", "2 after 1")


async def test_each_users_messages_are_answered_in_order(simulator: Simulator, running: Running) -> None:
    """Two hundred messages of twenty users, interleaved: each user is answered in the order he wrote."""
    for number in range(10):
        turns = (simulator.deliver(said(simulator, f"user{user}", f"count {number}")) for user in range(20))
        assert set(await asyncio.gather(*turns)) == {200}
    answers = [await replies_to(simulator, f"user{user}", 10) for user in range(20)]

    assert answers == [tuple(f"{number} after {number}" for number in range(10))] * 20


async def test_a_slow_handler_delays_nobody_else(simulator: Simulator, running: Running) -> None:
    """Somebody else is answered while a handler blocks its thread."""
    await simulator.deliver(said(simulator, "slow", "slow"))
    started = time.monotonic()
    await simulator.deliver(said(simulator, "ann", "quick"))
    quick = await replies_to(simulator, "ann", 1)
    waited = time.monotonic() - started

    assert quick == ("at once",)
    assert waited < 1.5
    assert await replies_to(simulator, "slow", 1) == ("at last",)


async def test_a_body_that_does_not_come_is_cut_off(simulator: Simulator, running: Running) -> None:
    """Within the read deadline of ten seconds, while others are answered; what was not taken may come again."""
    reader, writer = await asyncio.open_connection("127.0.0.1", running.port)
    writer.write(b"POST /webhooks/inbound-message HTTP/1.1\r\nHost: here\r\nContent-Length: 100\r\n\r\n{")
    answer = asyncio.create_task(reader.readline())
    meanwhile = await simulator.say("quick", user="ann")
    was_waiting = not answer.done()
    async with asyncio.timeout(15):
        status = (await answer).split()[1]
    writer.close()

    assert (meanwhile, was_waiting, status) == (("at once",), True, b"503")


async def burst(simulator: Simulator, users: int, messages: int) -> None:
    """Many messages at once, each tried again until it is taken."""
    for number in range(messages):
        turns = (simulator.deliver(said(simulator, f"user{user}", f"count {number}")) for user in range(users))
        await asyncio.gather(*turns)


def in_order_and_once(simulator: Simulator, user: str) -> tuple[list[str], int]:
    """What *user* was shown without what was sent again after a crash, and how much that was."""
    first: dict[str, str] = {}
    for one in simulator.accepted:
        if one.user == user:
            first.setdefault(one.client_ref or "", one.text)
    shown = len(simulator.shown(PAGE, user))
    return list(first.values()), shown - len(first)


async def test_kill_nine_in_a_burst_loses_nothing(simulator: Simulator, running: Running) -> None:
    """Every acknowledged message is answered in order and once; at most what was on its way is sent again."""
    users, messages = 10, 8
    sending = asyncio.create_task(burst(simulator, users, messages))
    for count in (15, 40):
        await _accepted(simulator, count)
        await running.end(signal.SIGKILL)
        await running.start()
    await sending
    for user in range(users):
        await replies_to(simulator, f"user{user}", messages)
    await _until(lambda: all(len(in_order_and_once(simulator, f"user{u}")[0]) == messages for u in range(users)))
    answers = {f"user{user}": in_order_and_once(simulator, f"user{user}") for user in range(users)}

    expected = [f"{number} after {number}" for number in range(messages)]
    assert {user: shown for user, (shown, _) in answers.items()} == {f"user{user}": expected for user in range(users)}
    assert sum(again for _, again in answers.values()) <= 2 * 64


async def _accepted(simulator: Simulator, count: int) -> None:
    await _until(lambda: len(simulator.accepted) >= count)


async def _until(true: Callable[[], bool], seconds: float = 30) -> None:
    async with asyncio.timeout(seconds):
        while not true():
            await asyncio.sleep(0.01)


async def test_sigterm_in_a_burst_loses_nothing(simulator: Simulator, running: Running) -> None:
    """It finishes what it has begun, exits 0, and the next process goes on."""
    users, messages = 10, 6
    sending = asyncio.create_task(burst(simulator, users, messages))
    await _accepted(simulator, 15)
    code = await running.end(signal.SIGTERM)
    await running.start()
    await sending
    for user in range(users):
        await replies_to(simulator, f"user{user}", messages)
    expected = tuple(f"{number} after {number}" for number in range(messages))

    assert code == 0
    assert [simulator.shown(PAGE, f"user{user}") for user in range(users)] == [expected] * users


async def test_sigterm_lets_a_running_handler_answer(simulator: Simulator, running: Running) -> None:
    """A turn that runs when the signal comes is finished, and its reply sent, before the process ends."""
    await simulator.deliver(said(simulator, "ann", "slow"))
    await _turn_begun(running)
    code = await running.end(signal.SIGTERM)

    assert (code, simulator.shown(PAGE, "ann")) == (0, ("at last",))


@pytest.mark.parametrize("text", ["hang", "hang elsewhere"])
async def test_a_thread_that_hangs_does_not_hold_up_the_end(simulator: Simulator, running: Running, text: str) -> None:
    """Python itself would wait for it, for as long as it takes."""
    await running.end(signal.SIGTERM)
    file = running.folder / "bots.yaml"
    file.write_text(json.dumps({**json.loads(file.read_text()), "server": {"drain_seconds": "0.5"}}))
    await running.start()
    await simulator.deliver(said(simulator, "ann", text))
    await _until((running.folder / "hangs").exists)
    async with asyncio.timeout(10):
        code = await running.end(signal.SIGTERM)

    assert code == 0


async def _turn_begun(running: Running) -> None:
    """Wait until the first turn runs: a message that is not yet claimed when the signal comes is for the next start."""
    url = f"http://127.0.0.1:{running.port + 1}/metrics"
    async with asyncio.timeout(10), aiohttp.ClientSession() as session:
        while True:
            async with session.get(url) as answer:
                if "botkit_event_wait_seconds_count 1.0" in await answer.text():
                    return
            await asyncio.sleep(0.01)


@pytest.mark.parametrize("signals", [("SIGTERM", "SIGTERM"), ("SIGINT", "SIGINT"), ("SIGTERM", "SIGINT")], ids="-".join)
async def test_a_second_signal_ends_it_at_once(
    simulator: Simulator, running: Running, signals: tuple[str, str]
) -> None:
    """Who is in a hurry need not wait, and loses nothing: the next start answers."""
    first, second = (signal.Signals[name] for name in signals)
    await simulator.deliver(said(simulator, "ann", "slow"))
    assert running.process is not None
    running.process.send_signal(first)
    await _draining(running)
    started = time.monotonic()
    code = await running.end(second)
    waited = time.monotonic() - started
    await running.start()

    assert (code, waited < 1.5) == (130, True)
    assert await replies_to(simulator, "ann", 1) == ("at last",)


async def _draining(running: Running) -> None:
    async def taken() -> bool:
        try:
            async with aiohttp.ClientSession() as session, session.get(f"{running.url}/health/live") as answer:
                return answer.status == 200
        except aiohttp.ClientError:
            return False

    async with asyncio.timeout(10):
        while await taken():
            await asyncio.sleep(0.01)


async def test_health_and_metrics_answer(simulator: Simulator, running: Running) -> None:
    """An operator's probes find the process, and the age of the oldest unanswered message."""
    await simulator.say("quick", user="ann")
    async with aiohttp.ClientSession() as session:
        async with session.get(f"{running.url}/health/live") as live:
            assert live.status == 200
        async with session.get(f"{running.url}/health/ready") as ready:
            assert (ready.status, await ready.json()) == (200, {"ready": True})
        async with session.get(f"http://127.0.0.1:{running.port + 1}/metrics") as metrics:
            text = await metrics.text()
        async with session.get(f"{running.url}/webhooks/inbound-message") as wrong:
            assert wrong.status == 405

    assert "botkit_oldest_unanswered_age_seconds 0.0" in text
    assert 'botkit_turns_total{bot="counting",ending="finished"} 1.0' in text


@pytest.mark.parametrize(("signing", "answer"), [("none", 503), ("wrong_secret", 503), ("wrong_hash", 401)])
async def test_a_forged_webhook_is_refused(simulator: Simulator, running: Running, signing: Any, answer: int) -> None:
    """What is not signed with the account's secret has no effect; what may come right later is asked for again."""
    (status,) = await simulator.begin(said(simulator, "ann", "quick"), signing=signing)
    url = simulator.inbound_url or ""
    async with aiohttp.ClientSession() as session, session.post(url, data=b"x" * 300_000) as response:
        large = response.status

    assert (status, large, simulator.accepted) == (answer, 413, [])


async def test_a_hangup_reads_the_file_again(simulator: Simulator, running: Running) -> None:
    """SIGHUP takes over what is good and leaves what is broken, and the session stays."""
    log, file = running.folder / "log.txt", running.folder / "bots.yaml"
    config = json.loads(file.read_text())
    await simulator.say("count 1", user="ann")
    config["bots"]["counting"]["intents"] = {"news": {"phrases": ["news"], "reply": "Hot!"}}
    for text, words in ((json.dumps(config), "Reloaded: counting."), ("bots: [", "The new bots have mistakes")):
        file.write_text(text)
        running.process.send_signal(signal.SIGHUP)
        async with asyncio.timeout(30):
            while words not in log.read_text():
                await asyncio.sleep(0.02)

    assert await simulator.say("news", user="ann") == ("Hot!",)
    assert await simulator.say("count 2", user="ann") == ("2 after 1",)


async def test_output_that_nobody_reads_stops_nothing(simulator: Simulator, running: Running) -> None:
    """A terminal that was closed, a disk that is full: what is printed is lost, and no message is."""
    await running.end(signal.SIGTERM)
    reading, writing = os.pipe()
    os.close(reading)
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "botkit", "run", "--port", str(running.port)),
        cwd=running.folder,
        stdout=writing,
        stderr=writing,
    )
    os.close(writing)
    running.process = process
    await _until(lambda: process.returncode is not None or _listens(running.port))
    first = await simulator.say("count 1", user="ann")
    process.send_signal(signal.SIGHUP)
    second = await simulator.say("count 2", user="ann")

    assert (first, second) == (("1 after 0",), ("2 after 1",))
    assert await running.end(signal.SIGTERM) == 0


def _listens(port: int) -> bool:
    with socket.socket() as tried:
        return tried.connect_ex(("127.0.0.1", port)) == 0
