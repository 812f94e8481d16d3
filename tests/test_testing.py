"""The testing kit: talking to a bot in a test, and looking at what came of it."""

import asyncio
import sys
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from botkit import Bot, Chat, Choice, ConfigError, DefinitionError, HandlerError, Image, RetryLater, Text
from botkit.events import Address
from botkit.testing import Bench, UserChat
from botkit.testing.fixture import BotTester

pytest_plugins = ["botkit.testing"]


def shop() -> Bot:
    """A bot that counts, remembers, puts off, fails, and listens."""
    bot = Bot("shop", timezone="Europe/Berlin")
    bot.intent("count", name="count")(count)
    bot.intent("track {number:int}", name="track")(track)
    bot.intent("which cake", name="which")(which)
    bot.intent("call me", name="call")(call)
    bot.intent("break", name="broken")(broken)
    bot.on("image")(lambda chat: Image(chat.message.url))
    bot.on_status("read")(lambda chat: "Any questions?")
    bot.fallback(lambda chat: f"What is {chat.text!r}?")
    return bot


async def count(chat: Chat) -> str:
    chat.session["count"] = int(str(chat.session.get("count", 0))) + 1
    return f"{chat.session['count']}"


async def track(chat: Chat, number: int) -> list[str]:
    return [f"Order {number}", "is on its way."]


async def which(chat: Chat) -> Text:
    return Text("Which?", choices=["Apple", Choice("Order 7", intent="count")])


async def call(chat: Chat) -> str:
    if chat.now().hour < 15:
        raise RetryLater(3600)
    return f"Called at {chat.now():%H:%M}."


async def broken(chat: Chat) -> str:
    chat.session["count"] = 99
    raise OSError("not today")


async def test_a_bot_answers_and_remembers(bot_tester: BotTester) -> None:
    """Each `say` returns its own answer, every reply of it."""
    chat = bot_tester(shop())

    assert await chat.say("count") == ["1"]
    assert await chat.say("Count!") == ["2"]
    assert await chat.say("track 5") == ["Order 5", "is on its way."]
    assert await chat.session() == {"count": 2}
    assert (chat.intent, chat.slots) == ("track", {"number": 5})
    assert chat.shown == ["1", "2", "Order 5", "is on its way."]


async def test_choices_are_numbered_and_taken(bot_tester: BotTester) -> None:
    """As Messenger shows them."""
    chat = bot_tester(shop())

    assert await chat.say("which cake") == ["Which?\n1. Apple\n2. Order 7"]
    assert await chat.say("2") == ["1"]
    assert chat.intent == "count"


async def test_other_kinds_go_both_ways(bot_tester: BotTester) -> None:
    """A medium is its URL, and a reply can be looked at as the value it is."""
    chat = bot_tester(shop())

    assert await chat.say(kind="image", url="https://example.com/a.png") == ["[image] https://example.com/a.png"]
    assert chat.replies == (Image("https://example.com/a.png"),)
    assert chat.explain() is None
    assert await chat.say(kind="audio", url="https://example.com/a.mp3") == ["What is ''?"]


async def test_users_do_not_meet(bot_tester: BotTester) -> None:
    """Each has a session of their own, and only their own answers, also where they talk at once."""
    anna = bot_tester(shop(), user="anna")
    ben = anna.user("ben")
    await anna.say("count")

    answers = await asyncio.gather(anna.say("count"), ben.say("count"))

    assert list(answers) == [["2"], ["1"]]
    assert await ben.session() == {"count": 1}


async def test_several_things_are_said_at_once(bot_tester: BotTester) -> None:
    """They are answered in order."""
    chat = bot_tester(shop())
    await chat.begin("count")
    await chat.begin("track 1")

    assert await chat.answer() == ["1", "Order 1", "is on its way."]


async def test_nothing_but_the_store_survives_a_restart(bot_tester: BotTester) -> None:
    """The session is kept, resources are opened again, and what was offered can still be taken."""
    opened: list[str] = []
    bot = shop()

    @bot.resource
    async def pool() -> AsyncIterator[str]:
        opened.append("open")
        yield "pool"
        opened.append("closed")

    chat = bot_tester(bot)
    await chat.say("count")
    await chat.say("which cake")
    await chat.restart()

    assert opened == ["open", "closed", "open"]
    assert await chat.say("Order 7") == ["2"]


async def test_a_message_that_comes_twice_has_one_effect(bot_tester: BotTester) -> None:
    """Even after a restart."""
    chat = bot_tester(shop())
    await chat.say("count")
    again = await chat.duplicate()
    await chat.restart()

    assert (again, await chat.duplicate(), await chat.session()) == ([], [], {"count": 1})


async def test_time_passes_only_when_it_is_told_to(bot_tester: BotTester) -> None:
    """What is due meanwhile happens when it is due."""
    chat = bot_tester(shop())

    assert chat.now().isoformat() == "2026-11-23T13:00:00+01:00"
    assert await chat.say("call me") == []
    assert await chat.wait(timedelta(minutes=59)) == []
    assert await chat.wait("1d") == ["Called at 15:00."]
    assert chat.now().isoformat() == "2026-11-24T13:59:00+01:00"


async def test_the_clock_is_set_in_the_bots_time_zone(bot_tester: BotTester) -> None:
    """By hand or as a datetime, but never back."""
    chat = bot_tester(shop(), now=datetime(2031, 1, 1, tzinfo=UTC))
    await chat.at("2031-01-01 16:00")

    assert await chat.say("call me") == ["Called at 16:00."]
    await chat.at(datetime(2031, 7, 1, tzinfo=UTC))
    assert f"{chat.now():%Y-%m-%d %H:%M}" == "2031-07-01 02:00"
    with pytest.raises(ValueError, match="It is 2031-07-01 02:00 already, and no clock goes back"):
        await chat.at("2031-06-30 09:00")
    with pytest.raises(ValueError, match="No time goes back"):
        await chat.wait(timedelta(seconds=-1))


async def test_a_failure_can_be_looked_at(bot_tester: BotTester) -> None:
    """The user gets the bot's words, the test why."""
    chat = bot_tester(shop())

    assert await chat.say("break") == ["Sorry, something went wrong. Please try again."]
    assert [failure.partition(" at ")[0] for failure in chat.failures] == ["handler 'broken' raised OSError"]
    (letter,) = await chat.dead_letters()
    assert (letter.direction, await chat.session()) == ("inbound", {})


async def test_a_status_moves_its_delivery_and_is_listened_to(bot_tester: BotTester) -> None:
    """Statuses are about the last message that was shown, or another one."""
    chat = bot_tester(shop())
    await chat.say("track 5")

    assert await chat.status("delivered", of=0) == []
    assert await chat.status("read") == ["Any questions?"]
    assert (chat.intent, chat.slots) == ("track", {"number": 5})
    assert [kept.state for kept in await chat.deliveries()] == ["delivered", "read", "sent"]


async def test_what_app_send_sends_is_seen(bot_tester: BotTester) -> None:
    """Also where another user's message is the cause."""
    chat = bot_tester(shop())
    await chat.say("count")
    await (await chat.app()).send(chat.address, "Your cake is ready.", key="ready")

    assert await chat.answer() == ["Your cake is ready."]


async def test_a_fake_takes_the_place_of_a_resource(bot_tester: BotTester) -> None:
    """By its name; the real one is never opened."""
    bot = Bot("shop")

    @bot.resource
    async def stock() -> AsyncIterator[dict[str, int]]:
        pytest.fail("the real one was opened")
        yield {}

    bot.intent("bread", name="bread")(lambda chat, stock: f"{stock['bread']} left")

    assert await bot_tester(bot, stock={"bread": 3}).say("bread") == ["3 left"]


async def test_a_handler_that_never_stops_asking_is_told(bot_tester: BotTester) -> None:
    """A test does not hang where no time would ever pass."""
    bot = Bot("shop")

    @bot.intent("again")
    async def again(chat: Chat) -> None:
        raise RetryLater(0)

    with pytest.raises(HandlerError, match=r"A turn was run again without end\. handler 'again' at "):
        await bot_tester(bot).say("again")


async def test_nothing_was_said_or_shown_yet(bot_tester: BotTester) -> None:
    """What cannot come twice, or have a status, is told."""
    chat = bot_tester(shop())

    with pytest.raises(ValueError, match="Nothing was said yet"):
        await chat.duplicate()
    with pytest.raises(ValueError, match="Nothing was shown yet"):
        await chat.status("read")
    assert (chat.turn, chat.intent, chat.slots, await chat.conversation()) == (None, None, {}, None)
    assert (await chat.session(), await chat.deliveries()) == ({}, ())


YAML = """
version: 1
bots:
  library: {pages: ["10"], python: "%(module)s:bot", intents: {hours: {phrases: [hours], reply: We open at 9.}}}
  museum: {pages: ["20"], fallback: Come and see.}
"""
PYTHON = """
from botkit import Bot

bot = Bot()
seen = []


@bot.intent("count")
async def count(chat):
    seen.append(chat.text)
    return str(len(seen))
"""


async def test_a_bots_yaml_is_tested_as_it_is(bot_tester: BotTester, tmp_path: Path) -> None:
    """A restart imports its modules again, so that what they held is gone."""
    (tmp_path / "tested_books.py").write_text(PYTHON)
    (tmp_path / "bots.yaml").write_text(YAML % {"module": "tested_books"})
    chat = bot_tester(tmp_path / "bots.yaml", bot="library")

    assert await chat.say("hours") == ["We open at 9."]
    assert [await chat.say("count"), await chat.say("count")] == [["1"], ["2"]]
    await chat.restart()
    assert await chat.say("count") == ["1"]
    assert await chat.user("ben", page="20").say("hours") == ["Come and see."]


async def test_two_folders_may_have_modules_of_one_name(bot_tester: BotTester, tmp_path: Path) -> None:
    """Each bot gets its own."""
    answers, path = [], list(sys.path)
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "tested_twin.py").write_text(f"{PYTHON}\nbot.fallback(lambda chat: 'from {name}')\n")
        (tmp_path / name / "bots.yaml").write_text("{version: 1, bots: {one: {python: tested_twin:bot}}}")
    for name in ("a", "b"):
        # A bench that is closed has forgotten its modules; here two fixtures' worth run one after the other.
        async with Bench(tmp_path / name / "bots.yaml") as bench:
            answers += await UserChat(bench, Address("messenger", "1", "you")).say("hello")

    assert answers == ["from a", "from b"]
    assert sys.path == path


async def test_what_cannot_be_tested_is_told_at_once(bot_tester: BotTester, tmp_path: Path) -> None:
    """In the words of whoever complains."""
    (tmp_path / "bots.yaml").write_text("{version: 1, bots: {a: {pages: ['1']}, b: {pages: ['2']}}}")

    with pytest.raises(DefinitionError, match="Say which bot: a, b"):
        bot_tester(tmp_path / "bots.yaml")
    with pytest.raises(ConfigError, match=r"There is no nowhere here"):
        bot_tester("nowhere")
    with pytest.raises(DefinitionError, match="No bot claims page 3"):
        bot_tester(tmp_path / "bots.yaml", page="3").now()
