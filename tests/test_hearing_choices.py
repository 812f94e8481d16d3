"""Choices while a question is open: taken by likeness too, and never against a phrase."""

from botkit import Bot, Choice
from botkit.chat import Chat
from botkit.testing.fixture import BotTester

pytest_plugins = ["botkit.testing"]


def tables() -> Bot:
    """A bot that asks for a day."""
    bot = Bot("tables")

    @bot.intent("book a table")
    async def book(chat: Chat) -> str:
        day = await chat.ask("Which day?", choices=[Choice("Today", value="0"), Choice("Tomorrow", value="1")])
        return f"Booked: {day}."

    @bot.intent("what is on the menu today", "menu")
    def menu(chat: Chat) -> str:
        return "Soup."

    return bot


async def test_a_typo_or_a_word_more_takes_a_choice(bot_tester: BotTester) -> None:
    """Its value is the answer."""
    for said, answer in (
        ("tomorow", "Booked: 1."),
        ("tody please", "Booked: 0."),
        ("well, tomorrow then", "Booked: 1."),
    ):
        chat = bot_tester(tables())
        await chat.say("book a table")

        assert await chat.say(said) == [answer]


async def test_what_is_no_choice_is_asked_again(bot_tester: BotTester) -> None:
    """Rather once too often than wrong."""
    chat = bot_tester(tables())
    await chat.say("book a table")

    assert "Booked" not in "".join(await chat.say("not today"))
    assert "Booked" not in "".join(await chat.say("today or tomorrow"))


async def test_another_intent_by_likeness_goes_before_a_choice_that_is_less_alike(bot_tester: BotTester) -> None:
    """It is answered, and the question repeated."""
    chat = bot_tester(tables())
    await chat.say("book a table")

    assert (await chat.say("what is on teh menu today"))[0] == "Soup."
    assert await chat.say("today") == ["Booked: 0."]
