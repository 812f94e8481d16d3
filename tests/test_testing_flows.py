"""The testing kit and conversations that ask: restarts, deaths, reminders and digressions on the way to an answer."""

from datetime import timedelta

import pytest

from botkit import Bot, Chat, Choice
from botkit.testing import Bench
from botkit.testing.fixture import BotTester
from botkit.testing.transcripts import play, read_transcript
from botkit.testing.watched import Point

pytest_plugins = ["botkit.testing"]

TRANSCRIPT = """
# booking survives everything
> book a table
< For how many people?
! restart
> when do you open?
< We open at noon.
< For how many people?
! intent hours
> 4
! duplicate
< Which day?
  1. Today
  2. Tomorrow
! wait 1h
> 2
< Booked for 4 the next day.
! intent book
! session booked = 4

# what is paid is shipped
> buy
< Pay first, please.
! signal paid = 12
! restart
< Thank you for 12.

# nobody waits for ever
> book a table
< For how many people?
! wait 2h
< For how many people?
! wait 1h
< …
> 4
< Sorry, I did not get that.
"""


def inn() -> Bot:
    """A bot that asks two questions, and reserves once."""
    bot = Bot("inn")
    reserved: list[int] = []

    def reserve(size: int) -> int:
        reserved.append(size)
        return len(reserved)

    @bot.intent("book a table")
    async def book(chat: Chat) -> str:
        size = await chat.ask("For how many people?", type=int, remind=timedelta(hours=2), timeout=timedelta(hours=3))
        day = await chat.ask("Which day?", choices=["Today", Choice("Tomorrow", value="the next day")])
        await chat.once(reserve, size)
        chat.session["booked"] = size
        return f"Booked for {size} {day}."

    @bot.intent("buy")
    async def buy(chat: Chat) -> str:
        await chat.send("Pay first, please.")
        paid = await chat.wait("paid")
        return f"Thank you for {paid}."

    @bot.intent("when do you open")
    async def hours(chat: Chat) -> str:
        return "We open at noon."

    return bot


@pytest.mark.parametrize("number", [0, 1, 2])
async def test_a_transcript_goes_through_a_conversation(number: int) -> None:
    """Questions, digressions, reminders and time-outs, at the time they are due."""
    async with Bench(inn()) as bench:
        played = await play(read_transcript(TRANSCRIPT, file="inn.chat.txt").tests[number], bench, page="1")

    assert [exchange for exchange in played.exchanges if not exchange.passed] == []


@pytest.mark.parametrize("point", ["claimed", "answered", "committed"])
async def test_a_process_may_die_at_every_turn(bot_tester: BotTester, point: Point) -> None:
    """Each question is asked once, and what is booked is booked once."""
    chat = bot_tester(inn())
    heard = []
    for words in ("book a table", "4", "Today"):
        chat.crash(point)
        heard += await chat.say(words) + await chat.wait("1min")

    assert heard == ["For how many people?", "Which day?\n1. Today\n2. Tomorrow", "Booked for 4 Today."]


async def test_a_signal_is_told_from_outside(bot_tester: BotTester) -> None:
    """To whom it is for, with its data; nobody else hears of it."""
    chat = bot_tester(inn())
    ben = chat.user("ben")
    await chat.say("buy")
    await ben.say("buy")

    assert await chat.signal("paid", 3) == ["Thank you for 3."]
    assert await ben.answer() == []


async def test_an_answer_is_told_from_an_intent(bot_tester: BotTester) -> None:
    """The last message's intent is that of the handler it went to, and how it got there."""
    chat = bot_tester(inn())
    understood = []
    for words in ("book a table", "when do you open", "4", "nonsense"):
        await chat.say(words)
        understood.append((chat.intent, chat.how))

    assert understood == [("book", "exact"), ("hours", "exact"), ("book", "flow"), ("book", "flow")]


async def test_a_handover_is_seen_and_ended(bot_tester: BotTester) -> None:
    """Why a person answers, as what the user was heard meanwhile, and what the bot does when it is back."""
    bot = inn()

    @bot.intent("there is a fly in my soup")
    def fly(chat: Chat) -> str:
        chat.handover("a fly")
        return "One moment."

    chat = bot_tester(bot)
    await chat.say("there is a fly in my soup")
    reasons, hows = [await chat.handover()], []
    for words in ("when do you open", "bot"):
        await chat.say(words)
        hows.append((chat.intent, chat.how))
    reasons.append(await chat.handover())
    await chat.say("there is a fly in my soup")

    assert (reasons, hows) == (["a fly", None], [(None, "muted"), (None, "resumed")])
    assert (await chat.resume(), await chat.handover()) == ([], None)
    assert await chat.say("when do you open") == ["We open at noon."]
    with pytest.raises(ValueError, match="The bot answers already"):
        await chat.resume()
