"""The testing kit refuses what is mistyped, and names what there is: a typo would make a test pass of itself."""

from collections.abc import Awaitable, Callable

import pytest

from botkit import Bot, Chat, DefinitionError, Text
from botkit.events import Address
from botkit.testing import Bench, UserChat
from botkit.testing.fixture import BotTester

pytest_plugins = ["botkit.testing"]


def shop() -> Bot:
    """A bot that has one resource, and listens for a state of its own."""
    bot = Bot("shop")

    @bot.resource
    async def stock() -> int:
        return 3

    @bot.intent("bread")
    async def bread(chat: Chat, stock: int) -> Text:
        return Text(f"{stock} left", choices=["One", "Two"])

    @bot.on_status("seen")
    async def seen(chat: Chat) -> str:
        return "You have seen it."

    return bot


async def test_what_stands_in_for_nothing_is_refused(bot_tester: BotTester) -> None:
    """The real resource would be used."""
    with pytest.raises(
        DefinitionError, match=r"There is no resource 'stok' that .* stand in for; the bots have stock\."
    ):
        bot_tester(shop(), stok=7)
    with pytest.raises(DefinitionError, match=r"There is no resource 'nosuch' .*; the bots have none\."):
        bot_tester(Bot("shop"), nosuch=1)


Doing = Callable[[UserChat], Awaitable[object]]


async def crash(chat: UserChat) -> None:
    chat.crash("bogus")  # type: ignore[arg-type]  # what is tested


async def fault(chat: UserChat, what: object = "bogus", times: int = 1, *, arrives: bool = False) -> None:
    chat.fault(what, times=times, arrives=arrives)  # type: ignore[arg-type]  # what is tested


async def lookup(chat: UserChat) -> None:
    chat.lookup("nourl", {})


async def user(chat: UserChat) -> None:
    chat.user("")


@pytest.mark.parametrize(
    ("doing", "told"),
    [
        (crash, 'No process dies at the point "bogus"; known are claimed, said, answered, committed, sending, sent.'),
        (fault, "'bogus' is no fault; it takes 'time_out' or 'no_connection', or an HTTP status such as 429 or 503."),
        (lambda chat: fault(chat, 200), "200 is no fault; it takes 'time_out'"),
        (lambda chat: fault(chat, True), "True is no fault; it takes 'time_out'"),
        (lambda chat: fault(chat, 503, 0), "times is 0; a fault happens once or more often."),
        (lambda chat: fault(chat, 429, arrives=True), "Nothing arrives behind a fault 429; behind a 5xx or a time-out"),
        (lambda chat: chat.status("bogus"), 'There is no status "bogus"; known are submitted, delivered, read, rejec'),
        (lambda chat: chat.status("read", of=1), "There is no message 1: 1 were shown, and the first of them is 0."),
        (lambda chat: chat.say(kind="sticker"), 'There is no kind "sticker"; known are text, image, audio, video, fi'),
        (lambda chat: chat.say(kind="image"), 'What is of kind "image" comes with its url, such as url="https://exa'),
        (lambda chat: chat.say(kind="file", url="menu.pdf"), 'What is of kind "file" comes with its url'),
        (lambda chat: chat.say("hm", url="https://example.com/a"), 'A text has no url; say which kind it is'),
        (lookup, '"nourl" is no URL; it begins with https://, or with http:// on this machine.'),
        (user, 'A user needs a name, such as "ann".'),
    ],
)  # fmt: skip
async def test_a_typo_is_told_with_what_is_known(bot_tester: BotTester, doing: Doing, told: str) -> None:
    """In one sentence, and nothing of it happens."""
    chat = bot_tester(shop())
    await chat.say("bread")
    with pytest.raises(ValueError) as found:  # noqa: PT011 - compared below
        await doing(chat)

    assert str(found.value).startswith(told)
    assert await chat.say("bread") == ["3 left\n1. One\n2. Two"]


async def test_a_user_has_a_name(bot_tester: BotTester) -> None:
    """Nobody is not somebody."""
    with pytest.raises(ValueError, match="A user needs a name"):
        bot_tester(shop(), user="")


async def test_a_bot_may_know_further_states(bot_tester: BotTester) -> None:
    """A channel may tell more than botkit knows, and what a bot listens for is no typo."""
    chat = bot_tester(shop())
    await chat.say("bread")

    assert await chat.status("seen") == ["You have seen it."]


async def test_what_is_no_text_may_lack_its_url(bot_tester: BotTester) -> None:
    """A thumbs-up and a sticker come without one."""
    chat = bot_tester(shop())

    assert await chat.say(kind="unsupported") == ["Sorry, I did not get that."]


async def test_what_is_still_to_go_wrong_is_known() -> None:
    """The fixture looks at it when a test has passed."""
    async with Bench(shop()) as bench:
        chat = UserChat(bench, Address("messenger", "1", "ann"))
        chat.fault(503, times=2)
        chat.crash("answered")
        await chat.say("bread")

        assert bench.to_come == ["fault(503)"]
