"""What a bot has no answer to is kept with the turn, as its settings say."""

from datetime import timedelta

import pytest

from botkit import Bot, Chat, DefinitionError, Gaps
from botkit.config import read
from botkit.events import Address
from botkit.testing import Bench
from botkit.testing.userchat import UserChat


def shop(gaps: Gaps = Gaps()) -> Bot:  # noqa: B008 - a frozen value
    """A bot that knows one thing, and asks another."""
    bot = Bot("shop", gaps=gaps)

    @bot.intent("hello")
    def hello(chat: object) -> str:
        return "Hello!"

    return bot


async def told(bot: Bot, *texts: str) -> list[tuple[str, timedelta]]:
    """What is kept of *texts*, and for how long, the oldest first."""
    async with Bench(bot) as bench:
        chat = UserChat(bench, Address("messenger", "1", "ann"))
        for text in texts:
            await chat.say(text)
        return [(gap.text, gap.until - gap.at) for gap in reversed(await chat.gaps())]


async def test_what_nobody_understands_is_kept() -> None:
    """Without numbers and addresses, for thirty days; what was understood is not."""
    assert await told(shop(), "hello", "do you repair 2 bikes?", "write to ann@example.com") == [
        ("do you repair # bikes?", timedelta(days=30)),
        ("write to @", timedelta(days=30)),
    ]


async def test_a_bot_may_keep_the_words_as_they_are() -> None:
    """With redact=False, and for as long as it says."""
    gaps = Gaps(keep_days=2, redact=False)

    assert await told(shop(gaps), "do you repair 2 bikes?") == [("do you repair 2 bikes?", timedelta(days=2))]


async def test_a_bot_may_keep_nothing() -> None:
    """With keep_days=0."""
    assert await told(shop(Gaps(keep_days=0)), "do you repair bikes?") == []


async def test_what_says_nothing_is_no_gap() -> None:
    """White space and what is no text at all."""
    bot = shop()
    async with Bench(bot) as bench:
        chat = UserChat(bench, Address("messenger", "1", "ann"))
        await chat.say(kind="unsupported")
        await chat.say(" \u200b ")

        assert [gap.text for gap in await chat.gaps() if gap.text.strip("\u200b")] == []


async def test_an_answer_to_a_question_is_no_gap() -> None:
    """Nor is one that was none: it may be a name, or anything else of the user's own."""
    bot = shop()

    @bot.intent("register")
    async def register(chat: Chat) -> str:
        return f"Hello {await chat.ask('How many are you?', type=int)}."

    assert await told(bot, "register", "we are Ann and Ben") == []


async def test_a_fallback_that_fails_leaves_its_gap() -> None:
    """What was said is as unknown as it was."""
    bot = shop()

    @bot.fallback
    def lost(chat: Chat) -> str:
        raise ValueError("no")

    assert [text for text, _ in await told(bot, "what now")] == ["what now"]


def test_the_days_have_bounds() -> None:
    """A bot is refused whose gaps would stay for ever, or for less than no time."""
    with pytest.raises(DefinitionError, match=r"gaps.keep_days is -1; it must be from 0 to 3650\."):
        Bot(gaps=Gaps(keep_days=-1))


def test_bots_yaml_says_it_too() -> None:
    """One key changes one thing."""
    text = "{version: 1, bots: {shop: {fallback: What?, gaps: {keep_days: 7}}}}"
    configuration = read(
        text, file="bots.yaml", environment={}, read_file=lambda name: b"", import_name=lambda name: None, secrets=False
    )

    assert configuration.bots[0].settings.gaps == Gaps(keep_days=7, redact=True)


async def test_a_near_miss_is_a_gap_with_what_was_offered() -> None:
    """Its writers see what it may have meant."""
    bot = Bot("shop", did_you_mean=True)
    bot.intent("do you repair bicycles", "my bicycle is broken", name="repair")(lambda chat: "")
    async with Bench(bot) as bench:
        chat = UserChat(bench, Address("messenger", "1", "ann"))
        await chat.say("can anybody repair wristwatches")
        (gap,) = await chat.gaps()

    assert (chat.how, gap.text, gap.suggested) == ("suggestion", "can anybody repair wristwatches", ("repair",))
