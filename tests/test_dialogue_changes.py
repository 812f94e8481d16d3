"""Dialogues under which the code is changed: whatever breaks, the user gets an answer."""

import asyncio
from collections.abc import AsyncIterator, Callable

import pytest
from attrs import evolve

from botkit import Bot, Chat, Message
from botkit.errors import HandlerError
from talks import ANNA, Talk, bot_with, error_of

SORRY = "Sorry, something went wrong. Please try again."
CHANGED = "Sorry, something has changed here in the meantime. Let us start again."
LAST_TIME = 'Last time you said "4". Write "same" to keep it.'
GONE = "Sorry, what we were talking about is not possible any more."

Handler = Callable[[Chat], object]


def note() -> str:
    """Something done once."""
    return "noted"


async def first(chat: Chat) -> str:
    """What the users are in the middle of."""
    await chat.send("Welcome.")
    size = await chat.ask("How many?", type=int, name="size")
    await chat.once(note)
    day = await chat.ask("Which day?", name="day")
    return f"{size} on {day}."


async def asks_otherwise(chat: Chat) -> str:
    """Another question comes first."""
    await chat.send("Welcome.")
    name = await chat.ask("Your name?", name="name")
    return f"{name}, {await chat.ask('How many?', type=int, name='size')}."


async def sends_less(chat: Chat) -> str:
    """The greeting is gone."""
    return f"{await chat.ask('How many?', type=int, name='size')}."


async def greets_less(chat: Chat) -> str:
    """Nothing else has changed."""
    size = await chat.ask("How many?", type=int, name="size")
    await chat.once(note)
    day = await chat.ask("Which day?", name="day")
    return f"{size} on {day}."


async def does_otherwise(chat: Chat) -> str:
    """Something else is done after the first question."""
    await chat.send("Welcome.")
    size = await chat.ask("How many?", type=int, name="size")
    await chat.once(len, "other")
    return f"{size} on {await chat.ask('Which day?', name='day')}."


async def asks_no_more(chat: Chat) -> str:
    """It is over sooner."""
    await chat.send("Welcome.")
    return "We are closed."


async def takes_less(chat: Chat) -> str:
    """What was said is no answer any more."""
    await chat.send("Welcome.")
    size = await chat.ask("How many?", choices=["1", "2"], name="size")
    await chat.once(note)
    return f"{size} on {await chat.ask('Which day?', name='day')}."


def asks_nothing(chat: Chat) -> str:
    """It is a plain function now."""
    return "Closed."


async def streams(chat: Chat) -> AsyncIterator[str]:
    """It is a stream now."""
    yield "Welcome."
    yield str(await chat.ask("How much?", name="size"))


async def raises(chat: Chat) -> None:
    """It is broken before its question."""
    raise LookupError("broken")


async def awaits(chat: Chat) -> str:
    """It awaits something that replay would do again."""
    await chat.send("Welcome.")
    await asyncio.sleep(0)
    return str(await chat.ask("How many?", type=int, name="size"))


async def hangs(chat: Chat) -> None:
    """It never comes to its question."""
    await asyncio.Event().wait()


async def waits(chat: Chat) -> str:
    """It waits for something else than an answer."""
    await chat.send("Welcome.")
    return str(await chat.wait("paid"))


async def calls_what_raises(chat: Chat) -> str:
    """What it does once is broken."""
    await chat.send("Welcome.")
    size = await chat.ask("How many?", type=int, name="size")
    return f"{size} {await chat.once(int, 'x')}"


async def returns_nonsense(chat: Chat) -> object:
    """It gives no reply."""
    await chat.send("Welcome.")
    await chat.ask("How many?", type=int, name="size")
    return object()


async def swallows(chat: Chat) -> str:
    """It takes the change for an error of its own."""
    try:
        return await asks_otherwise(chat)
    except HandlerError:
        return "Never."


def edited(handler: Handler, **options: object) -> Bot:
    """The bot after a deploy."""
    bot = Bot("desk")
    bot.intent("go", name="go", **options)(handler)  # type: ignore[arg-type]  # options of the one test
    return bot


@pytest.mark.parametrize(
    ("said", "handler", "answer"),
    [
        (["4"], asks_otherwise, [CHANGED, "Welcome.", "Your name?"]),
        ([], asks_otherwise, [CHANGED, "Welcome.", "Your name?"]),
        (["4"], does_otherwise, [CHANGED, "Welcome.", LAST_TIME, "How many?"]),
        (["4"], takes_less, [CHANGED, "Welcome.", LAST_TIME, "How many?\n1. 1\n2. 2"]),
        ([], sends_less, [CHANGED, "How many?"]),
        (["4"], greets_less, [CHANGED, LAST_TIME, "How many?"]),
        (["4"], asks_no_more, [CHANGED, "Welcome.", "We are closed."]),
        ([], swallows, [CHANGED, "Welcome.", "Your name?"]),
    ],
)  # fmt: skip
async def test_a_flow_whose_code_has_changed_begins_anew(said: list[str], handler: Handler, answer: list[str]) -> None:
    """The user is told, and asked again from the start; what he said under a name is on offer."""
    async with Talk(bot_with(first)) as talk:
        for text in ["go", *said]:
            await talk.say(text)
        talk.bot = edited(handler)
        heard = await talk.say("x")

        assert sorted(heard) == sorted(answer)
        assert talk.failure is None
        assert [alarm.name for alarm in talk.alarms] == ["flow_changed"]


@pytest.mark.parametrize("said", [[], ["4"]], ids=["first question", "second question"])
@pytest.mark.parametrize(
    "handler",
    [asks_nothing, streams, raises, awaits, hangs, waits, calls_what_raises, returns_nonsense, takes_less, swallows],
)  # fmt: skip
async def test_whatever_the_new_code_does_the_user_is_answered(said: list[str], handler: Handler) -> None:
    """Each time he writes, in the same chat, for as long as he tries; and in the end the bot listens again."""
    async with Talk(bot_with(first)) as talk:
        for text in ["go", *said]:
            await talk.say(text)
        talk.bot = edited(handler)
        talk.bot.settings = evolve(talk.bot.settings, handler_timeout_seconds=0.2)
        answers = [await talk.say(str(number)) for number in range(6)]
        answers.append(await talk.say("cancel"))

        assert [] not in answers
        assert await talk.flow() == ""


async def test_the_alarm_names_flow_entry_and_line() -> None:
    """An operator reads what was recorded, what the code does now, and where."""
    async with Talk(bot_with(first)) as talk:
        for text in ("go", "4"):
            await talk.say(text)
        talk.bot = edited(does_otherwise)
        await talk.say("x")
        line = does_otherwise.__code__.co_firstlineno

        assert talk.alarms[0].text == (
            f"handler 'go' at tests/test_dialogue_changes.py:{line} was changed while a user was in the middle of it: "
            f"entry 1 of its journal is once(note) after 0 message(s), and now it calls once(len) after 0 message(s) "
            f"at tests/test_dialogue_changes.py:{line + 4}; raise its version= with such a change"
        )


async def test_a_named_answer_is_kept_with_one_word() -> None:
    """Same takes what was said before; anything else is a new answer."""
    async with Talk(bot_with(first)) as talk:
        for text in ("go", "4"):
            await talk.say(text)
        talk.bot = edited(does_otherwise)
        await talk.say("x")

        assert await talk.say("the same") == ["Which day?"]
        assert await talk.say("Monday") == ["4 on Monday."]


async def test_copy_edits_deploy_freely() -> None:
    """The words of prompts and messages are no part of the journal."""

    async def reworded(chat: Chat) -> str:
        await chat.send("Hello and welcome!")
        size = await chat.ask("How many of you?", type=int, name="size")
        await chat.once(note)
        return f"{size} people, {await chat.ask('On which day?', name='day')}!"

    async with Talk(bot_with(first)) as talk:
        await talk.say("go")
        talk.bot = edited(reworded)

        assert await talk.say("4") == ["On which day?"]
        assert await talk.say("Monday") == ["4 people, Monday!"]


async def test_a_raised_version_begins_anew() -> None:
    """Even where the questions are the same."""
    async with Talk(bot_with(first)) as talk:
        await talk.say("go")
        talk.bot = edited(first, version=1)

        assert CHANGED in await talk.say("4")
        assert "it is version 1" in talk.alarms[0].text


async def test_parked_messages_wait_for_the_old_code() -> None:
    """They are set aside, the user is told that it did not work, and the flow stays where it is."""
    async with Talk(bot_with(first)) as talk:
        await talk.say("go")
        talk.bot = edited(asks_otherwise, on_change="park")
        for _ in range(4):
            assert await talk.say("4") == [SORRY]
        assert "was changed while a user was in the middle of it" in error_of(talk)
        assert len(await talk.store.dead_letters()) == 4
        talk.bot = bot_with(first)

        assert await talk.say("4") == ["Which day?"]


async def test_a_handler_that_is_gone_leaves_no_silence() -> None:
    """The user is told, and what he says is answered if anybody can."""
    bot = Bot("desk")

    @bot.intent("hello")
    async def hello(chat: Chat) -> str:
        return "Hello."

    for text, answer in (("4", [GONE]), ("hello", [GONE, "Hello."])):
        async with Talk(bot_with(first)) as talk:
            await talk.say("go")
            talk.bot = bot

            assert await talk.say(text) == answer
            assert await talk.flow() == ""


async def test_a_journal_of_another_form_is_given_up() -> None:
    """What a newer botkit wrote is not guessed at."""
    async with Talk(bot_with(first)) as talk:
        await talk.say("go")
        await talk.store.accept(Message(id="m-x", address=ANNA, kind="text", text="4"))
        (work,) = await talk.store.claim(1)
        await talk.store.checkpoint(work, (), "[99]")
        talk.clock.advance(31)

        assert await talk.answers() == ["Sorry, I did not get that."]
        assert [alarm.name for alarm in talk.alarms] == ["flow_unreadable"]
        assert await talk.flow() == ""


async def test_an_outer_flow_that_has_changed_begins_anew_when_its_turn_comes() -> None:
    """The inner one ends as it is, and the outer one is not forgotten."""

    async def inner(chat: Chat) -> str:
        return f"Inner {await chat.ask('Inner?', type=int)}."

    before, after = bot_with(first), edited(asks_otherwise)
    for bot in (before, after):
        bot.intent("inner", name="inner")(inner)
    async with Talk(before) as talk:
        for text in ("go", "inner"):
            await talk.say(text)
        talk.bot = after

        assert sorted(await talk.say("1")) == sorted(["Inner 1.", CHANGED, "Welcome.", "Your name?"])
        assert await talk.say("Ann") == ["How many?"]
