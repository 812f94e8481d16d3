"""The testing kit: processes that die, and a Messages API that fails."""

import asyncio
import time
from collections.abc import Callable
from typing import Literal

import pytest

from botkit import Bot, Chat, Custom
from botkit.testing.fixture import BotTester
from botkit.testing.watched import Point

pytest_plugins = ["botkit.testing"]

ONCE = ["One moment …", "Paid 1 times."]


def till(runs: list[str]) -> Bot:
    """A bot whose handler says something on its way, and has a side effect."""
    bot = Bot("till")

    @bot.intent("pay")
    async def pay(chat: Chat) -> str:
        runs.append(chat.text)
        await chat.send("One moment …")
        chat.session["paid"] = int(str(chat.session.get("paid", 0))) + 1
        return f"Paid {chat.session['paid']} times."

    return bot


@pytest.mark.parametrize(("point", "runs"), [("claimed", 1), ("said", 2), ("answered", 2), ("committed", 1)], ids=str)
async def test_a_turn_that_dies_is_run_again(bot_tester: BotTester, point: Point, runs: int) -> None:
    """Wherever it dies, its user gets each message once, and the session counts once."""
    ran: list[str] = []
    chat = bot_tester(till(ran))
    chat.crash(point)
    answer = await chat.say("pay") + await chat.wait("1min")

    assert (answer, len(ran)) == (ONCE, runs)
    assert await chat.session() == {"paid": 1}


async def test_what_was_said_before_a_death_is_settled(bot_tester: BotTester) -> None:
    """Only what a process dies of is left in doubt, so that a test passes as often as it is run."""
    chat = bot_tester(till([]))
    answers = []
    for _ in range(20):
        chat.crash("answered")
        answers.append(await chat.say("pay"))

    assert answers == [["One moment …", f"Paid {number} times."] for number in range(1, 21)]


async def test_a_delivery_that_was_being_sent_waits_for_a_status(bot_tester: BotTester) -> None:
    """When none has come in 30 seconds it is sent, and nothing overtakes it."""
    chat = bot_tester(till([]))
    chat.crash("sending")

    assert await chat.say("pay") == []
    assert [kept.state for kept in await chat.deliveries()] == ["in_doubt", "queued"]
    assert await chat.wait("29s") == []
    assert await chat.wait("1s") == ONCE


@pytest.mark.parametrize(("told", "twice"), [(True, False), (False, True)], ids=["a status comes", "none comes"])
async def test_a_delivery_that_was_sent_is_in_doubt(bot_tester: BotTester, told: bool, twice: bool) -> None:
    """A status settles it; without one the user may see it twice, which is promised as the one window for that."""
    chat = bot_tester(till([]))
    chat.crash("sent")
    answer = await chat.say("pay")
    if told:
        answer += await chat.status("delivered")
    answer += await chat.wait("1min")

    assert answer == [ONCE[0], *ONCE] if twice else ONCE


async def test_several_crashes_come_one_after_the_other(bot_tester: BotTester) -> None:
    """In the order they were asked for."""
    ran: list[str] = []
    chat = bot_tester(till(ran))
    chat.crash("answered")
    chat.crash("answered")
    chat.crash("committed")

    assert await chat.say("pay") + await chat.wait("1min") == ONCE
    assert len(ran) == 3


Fault = int | Literal["time_out", "no_connection"]


@pytest.mark.parametrize("what", [429, 500, 502, 503, 401, 402, "time_out", "no_connection"], ids=str)
async def test_a_fault_delays_and_loses_nothing(bot_tester: BotTester, what: Fault) -> None:
    """What was not accepted is sent again, in order."""
    chat = bot_tester(till([]))
    chat.fault(what, times=3)

    assert await chat.say("pay") == []
    assert await chat.wait("1h") == ONCE
    assert [kept.attempts for kept in await chat.deliveries()] == [4, 1]


async def test_a_fault_asks_for_time(bot_tester: BotTester) -> None:
    """A 429 names the seconds, and nothing leaves before they are over."""
    chat = bot_tester(till([]))
    chat.fault(429, retry_after_seconds=90)

    assert await chat.say("pay") == []
    assert await chat.wait("89s") == []
    assert await chat.wait("1s") == ONCE


async def test_a_time_out_may_hide_what_arrived(bot_tester: BotTester) -> None:
    """The message is shown, and its delivery is in doubt until a status comes."""
    chat = bot_tester(till([]))
    chat.fault("time_out", arrives=True)

    assert await chat.say("pay") == ONCE[:1]
    assert await chat.status("submitted") == ONCE[1:]
    assert await chat.wait("1h") == []


@pytest.mark.parametrize(
    ("answer", "faults", "reason"),
    [
        (lambda chat: Custom({"attachment": {}}), [], "invalid_message: Not sent: v1 of the Messages API documents no"),
        (lambda chat: "ok", [422], "invalid_message: The Messages API answered 422"),
    ],
    ids=["refused by its schema", "refused by a fault"],
)
async def test_what_the_api_refuses_is_given_up(
    bot_tester: BotTester, answer: Callable[[Chat], object], faults: list[int], reason: str
) -> None:
    """As it would be on Messenger."""
    bot = Bot("till")
    bot.intent("go", name="go")(answer)
    chat = bot_tester(bot)
    for fault in faults:
        chat.fault(fault)

    assert await chat.say("go") == []
    (kept,) = await chat.deliveries()
    assert kept.state == "dead"
    assert (kept.reason or "").startswith(reason)


async def test_a_lease_that_is_renewed_just_after_its_turn_changes_nothing(bot_tester: BotTester) -> None:
    """In a long test a turn may end while its lease is being renewed: the next answer is waited for all the same."""
    bot = Bot("slow")

    @bot.intent("think")
    async def think(chat: Chat) -> str:
        await asyncio.to_thread(time.sleep, 0.05)
        return "Thought."

    chat = bot_tester(bot)
    await chat.say("think")
    assert chat.turn is not None
    lost = await (await chat.app()).store.renew([chat.turn.work])

    assert lost == []
    assert await chat.say("think") == ["Thought."]
