"""Dialogues and time: reminders and time-outs, in the lane of their conversation."""

from collections.abc import Awaitable, Callable
from datetime import timedelta

from botkit import Bot, Chat, Timeout
from talks import Talk

HOUR = 3600.0
TIMED_OUT = "I have not heard from you, so I have stopped here. You can start again at any time."


def impatient(**options: timedelta) -> Bot:
    """A bot whose question does not wait for ever."""
    bot = Bot("desk")

    @bot.intent("go")
    async def go(chat: Chat) -> str:
        chat.session["asked"] = True
        return f"{await chat.ask('Well?', **options)} at {chat.now():%H:%M}."  # type: ignore[call-overload]  # a test's

    @bot.intent("what is this")
    async def what(chat: Chat) -> str:
        return "A desk."

    return bot


async def test_a_question_is_given_up_in_time() -> None:
    """The flow ends with a text, and never a moment too soon."""
    async with Talk(impatient(timeout=timedelta(hours=2))) as talk:
        await talk.say("go")
        assert await talk.wait(2 * HOUR - 1) == []
        assert await talk.wait(1) == [TIMED_OUT]
        assert (await talk.flow(), await talk.wakes_at()) == ("", None)
        assert await talk.wait(9 * HOUR) == []


async def test_an_answer_in_time_takes_the_time_out_away() -> None:
    """Nothing comes later."""
    async with Talk(impatient(timeout=timedelta(hours=2))) as talk:
        await talk.say("go")
        await talk.wait(HOUR)
        assert await talk.say("fine") == ["fine at 13:00."]
        assert await talk.wait(9 * HOUR) == []


async def test_a_digression_does_not_put_the_time_out_off() -> None:
    """What was asked at noon is given up at two."""
    async with Talk(impatient(timeout=timedelta(hours=2))) as talk:
        await talk.say("go")
        await talk.wait(HOUR)
        assert await talk.say("what is this") == ["A desk.", "Well?"]
        assert await talk.wait(HOUR) == [TIMED_OUT]


async def test_a_reminder_repeats_the_question_once() -> None:
    """Then the time-out comes, or nothing."""
    async with Talk(impatient(remind=timedelta(hours=1), timeout=timedelta(hours=3))) as talk:
        await talk.say("go")
        assert await talk.wait(HOUR) == ["Well?"]
        assert await talk.wait(HOUR) == []
        assert await talk.wait(HOUR) == [TIMED_OUT]


async def test_a_reminder_alone_lets_the_user_take_his_time() -> None:
    """The question stays open."""
    async with Talk(impatient(remind=timedelta(hours=1))) as talk:
        await talk.say("go")
        assert await talk.wait(HOUR) == ["Well?"]
        assert await talk.wait(99 * HOUR) == []
        assert await talk.say("fine") == ["fine at 16:00."]


async def test_a_handler_may_catch_the_time_out() -> None:
    """It goes on at the time of the time-out, with what other turns made of the session."""
    bot = Bot("desk")

    @bot.intent("go")
    async def go(chat: Chat) -> str:
        chat.session["asked"] = True
        try:
            return await chat.ask("Well?", timeout=timedelta(hours=1))
        except Timeout:
            await chat.send(f"{chat.now():%H:%M}, {chat.text}, {dict(chat.session)}")
            return await chat.ask("Still there?")

    async with Talk(bot) as talk:
        await talk.say("go")
        assert await talk.wait(HOUR) == ["13:00, go, {'asked': True}", "Still there?"]
        assert await talk.say("yes") == ["yes"]


async def test_a_time_out_that_was_set_aside_and_comes_late_ends_nothing() -> None:
    """What failed does not fail again at once; when an operator replays it, the question has been answered."""
    fails = [True]
    bot = Bot("desk")

    @bot.intent("go")
    async def go(chat: Chat) -> str:
        try:
            return await chat.ask("Well?", timeout=timedelta(hours=1))
        except Timeout:
            if fails.pop():
                raise LookupError("broken") from None
            return "Too late."

    async with Talk(bot) as talk:
        await talk.say("go")
        assert await talk.wait(HOUR) == []
        assert talk.failure is not None
        (letter,) = await talk.store.dead_letters()
        await talk.say("fine")
        await talk.store.replay([letter.id])
        assert await talk.answers() == []


async def test_the_outer_question_waits_for_the_inner_one() -> None:
    """Its clock starts anew when it is put again."""
    bot = impatient(timeout=timedelta(hours=2))

    @bot.intent("inner")
    async def inner(chat: Chat) -> str:
        return str(await chat.ask("Inner?", type=int))

    async with Talk(bot) as talk:
        await talk.say("go")
        await talk.say("inner")
        assert await talk.wait(5 * HOUR) == []
        assert await talk.say("1") == ["1", "Well?"]
        assert await talk.wait(HOUR) == []
        assert await talk.wait(HOUR) == [TIMED_OUT]


async def test_nobody_is_reminded_outside_the_window() -> None:
    """Messenger takes nothing more than a day after the user has written: no text of botkit's own is tried."""
    for options in ({"remind": timedelta(hours=30)}, {"timeout": timedelta(hours=30)}):
        async with Talk(impatient(**options)) as talk:
            await talk.say("go")
            assert await talk.wait(31 * HOUR) == []


async def test_a_wake_up_that_nobody_hears_is_not_repeated_for_ever() -> None:
    """A middleware that lets nothing through but messages does not keep the worker busy."""
    bot = impatient(timeout=timedelta(hours=2))

    @bot.middleware
    async def messages_only(chat: Chat, proceed: Callable[[], Awaitable[object]]) -> object:
        return None if chat.message is None else await proceed()

    async with Talk(bot) as talk:
        await talk.say("go")
        assert await talk.wait(3 * HOUR) == []
        assert await talk.wakes_at() is None
        assert await talk.say("fine") == ["fine at 15:00."]
