"""Conversations through the whole of an app: webhooks' store, worker, sender, restarts and crashes."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from botkit import Bot, Chat, Timeout
from botkit.testing import UserChat

pytest_plugins = ["botkit.testing"]

BotTester = Callable[[Bot], UserChat]


def inn() -> Bot:
    """A bot that books, and waits for what happens elsewhere."""
    bot = Bot("inn")

    @bot.intent("book a table")
    async def book(chat: Chat) -> str:
        await chat.send("With pleasure.")
        size = await chat.ask("For how many people?", type=int, timeout=timedelta(hours=2))
        day = await chat.ask("Which day?", choices=["Today", "Tomorrow"])
        number = await chat.once(len, day)
        return f"Booked for {size}, {day}: {number}."

    @bot.intent("deposit")
    async def deposit(chat: Chat) -> str:
        try:
            return f"Thank you for {await chat.wait('paid', timeout=timedelta(hours=1))} euro."
        except Timeout:
            return "Too late."

    return bot


async def test_a_booking_survives_a_restart_at_every_turn(bot_tester: BotTester) -> None:
    """Another process goes on where the first one stopped."""
    chat = bot_tester(inn())
    assert await chat.say("book a table") == ["With pleasure.", "For how many people?"]
    await chat.restart()
    assert await chat.say("4") == ["Which day?\n1. Today\n2. Tomorrow"]
    await chat.restart()
    assert await chat.say("2") == ["Booked for 4, Tomorrow: 8."]


@pytest.mark.parametrize("point", ["claimed", "answered"])
async def test_a_crash_in_the_middle_of_a_turn_changes_nothing(bot_tester: BotTester, point: str) -> None:
    """The user notices nothing of it."""
    chat = bot_tester(inn())
    for text in ("book a table", "4"):
        await chat.say(text)
    chat.crash(point)  # type: ignore[arg-type]  # one of its points
    assert await chat.say("1") == ["Booked for 4, Today: 5."]


async def test_a_duplicate_answers_no_other_question(bot_tester: BotTester) -> None:
    """The second "2" of one message is not the day."""
    chat = bot_tester(inn())
    for text in ("book a table", "2"):
        await chat.say(text)
    assert await chat.duplicate() == []
    assert await chat.say("1") == ["Booked for 2, Today: 5."]


async def test_a_time_out_comes_although_nobody_writes(bot_tester: BotTester) -> None:
    """After a restart, too."""
    chat = bot_tester(inn())
    await chat.say("book a table")
    await chat.restart()
    assert await chat.wait("1h 59min") == []
    told = "I have not heard from you, so I have stopped here. You can start again at any time."
    assert await chat.wait("2min") == [told]


async def test_the_app_tells_a_signal_once(bot_tester: BotTester) -> None:
    """The handler that waits goes on, and the same id changes nothing."""
    chat = bot_tester(inn())
    await chat.say("deposit")
    app = await chat.app()

    assert await app.signal(chat.address, "paid", 20, id="invoice-7")
    assert not await app.signal(chat.address, "paid", 20, id="invoice-7")
    assert await chat.answer() == ["Thank you for 20 euro."]


async def test_a_signal_holds_only_what_json_holds(bot_tester: BotTester) -> None:
    """Its data is refused where it is given."""
    chat = bot_tester(inn())
    with pytest.raises(ValueError, match="of type set"):
        await (await chat.app()).signal(chat.address, "paid", {1, 2}, id="invoice-7")
