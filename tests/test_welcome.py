"""The first message: whoever writes it is told whom he has to do with, once."""

import pytest

from botkit import Bot, Chat, DefinitionError
from botkit.events import Address
from botkit.testing import Bench, UserChat
from botkit.testing.watched import Point

ANN = Address("messenger", "1", "ann")


def shop(disclosure: str | None = "You are talking to a program.") -> Bot:
    """A shop that greets, and knows its hours."""
    bot = Bot("shop", disclosure=disclosure)

    @bot.greeting
    def welcome(chat: Chat) -> str:
        return "Welcome!"

    @bot.intent("when do you open")
    def hours(chat: Chat) -> str:
        return "At noon."

    @bot.fallback
    def lost(chat: Chat) -> str:
        return "Pardon?"

    return bot


DISCLOSURE = "You are talking to a program."


@pytest.mark.parametrize(
    ("said", "answered"),
    [("when do you open", ["Welcome!", "At noon."]), ("hello", ["Welcome!"])],
    ids=["what is understood", "what is not"],
)
async def test_the_first_message_is_greeted(said: str, answered: list[str]) -> None:
    """Before the answer, and in place of the fallback."""
    async with Bench(shop()) as bench:
        chat = UserChat(bench, ANN)

        assert await chat.say(said) == [DISCLOSURE, *answered]


async def test_nobody_is_greeted_twice() -> None:
    """Neither later, nor after a restart, nor where the first message comes again; somebody else is greeted."""
    async with Bench(shop()) as bench:
        chat = UserChat(bench, ANN)
        await chat.say("hello")

        assert await chat.duplicate() == []
        await chat.restart()
        assert await chat.say("hello") == ["Pardon?"]
        assert await chat.user("ben").say("hello") == [DISCLOSURE, "Welcome!"]


async def test_who_was_silent_for_three_days_is_greeted_again() -> None:
    """Unless something is remembered of him; a day less, and he is known."""
    bot = shop()

    @bot.intent("my name is {name:word}")
    def named(chat: Chat, name: str) -> str:
        chat.session["name"] = name
        return "Noted."

    async with Bench(bot) as bench:
        ann, ben = UserChat(bench, ANN), UserChat(bench, ANN).user("ben")
        await ann.say("hello")
        await ben.say("my name is Ben")
        await ann.wait("2d")
        known = await ann.say("hello")
        await ann.wait("3d 1min")

        assert known == ["Pardon?"]
        assert await ann.say("hello") == [DISCLOSURE, "Welcome!"]
        assert await ben.say("hello") == ["Pardon?"]


@pytest.mark.parametrize("point", ["claimed", "said", "answered", "committed"])
async def test_a_crash_while_somebody_is_greeted(point: Point) -> None:
    """He is greeted once all the same, and in order."""
    async with Bench(shop()) as bench:
        chat = UserChat(bench, ANN)
        chat.crash(point)
        await chat.say("when do you open")
        await chat.wait("2h")

        assert list(chat.shown) == [DISCLOSURE, "Welcome!", "At noon."]


async def test_a_disclosure_alone_leaves_the_fallback() -> None:
    """It is no answer."""
    bot = Bot("quiet", disclosure=DISCLOSURE)
    async with Bench(bot) as bench:
        shown = await UserChat(bench, ANN).say("hello")

    assert (shown[0], len(shown)) == (DISCLOSURE, 2)


async def test_whoever_is_handed_to_a_person_at_once_is_greeted_first() -> None:
    """The greeting is said before the handler runs, whatever it does."""
    bot = shop(None)

    @bot.intent("a person please")
    def person(chat: Chat) -> object:
        return chat.handover("wants a person")

    async with Bench(bot) as bench:
        shown = await UserChat(bench, ANN).say("a person please")

    assert (shown[0], len(shown)) == ("Welcome!", 2)


def test_a_disclosure_says_something() -> None:
    """An empty one is refused when the bot is built."""
    with pytest.raises(DefinitionError, match="leave it out to say nothing"):
        Bot("shop", disclosure=" ")
