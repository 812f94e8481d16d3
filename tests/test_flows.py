"""Flows: what is kept of a handler that asks, what replays alike, and what cannot be replayed."""

import asyncio
from collections.abc import AsyncIterator, Callable
from datetime import date, datetime
from decimal import Decimal

import pytest

from botkit import Bot, Cancelled, Chat, Choice, GaveUp, Image, Text
from talks import Talk, bot_with, error_of

# The chat of a flow


async def test_chance_and_time_are_the_same_whenever_a_flow_is_replayed() -> None:
    """What was decided before a question still holds after it."""

    async def go(chat: Chat) -> str:
        before = (chat.random(), chat.uuid(), chat.now())
        chat.session["before"] = repr(before)
        await chat.ask("Well?")
        chat.session["after"] = repr(before)
        return f"{chat.now():%H:%M} {chat.uuid() == before[1]}"

    async with Talk(bot_with(go)) as talk:
        await talk.say("go")
        session = await talk.session()
        talk.clock.advance(3600)

        assert await talk.say("x") == ["13:00 False"]
        assert await talk.session() == {**session, "after": session["before"]}


async def test_the_chat_goes_on_with_the_conversation() -> None:
    """Before a question a handler sees what began it, and after it the answer."""

    async def go(chat: Chat) -> str:
        first = (chat.text, chat.message.id if chat.message else "", chat.match.how if chat.match else "")
        await chat.ask("Well?")
        await chat.ask("And?")
        return f"{first} {chat.text} {chat.message.id if chat.message else ''}"

    async with Talk(bot_with(go)) as talk:
        for text in ("go", "one"):
            await talk.say(text)

        assert await talk.say("two") == ["('go', 'm-1', 'exact') two m-3"]


async def test_what_a_digression_writes_is_seen() -> None:
    """The session is the handler's own, and what others made of it meanwhile."""

    async def go(chat: Chat) -> str:
        chat.session["visits"] = 1 + int(str(chat.session.get("visits", 0)))
        chat.session["old"] = True
        await chat.ask("Well?")
        return str(dict(sorted(chat.session.items())))

    async with Talk(bot_with(go)) as talk:
        await talk.say("go")
        await talk.say("remember milk")

        assert await talk.say("x") == ["{'visits': 1, 'word': 'milk'}"]


async def test_a_stream_may_ask() -> None:
    """What it yields leaves at once, and once."""

    async def go(chat: Chat) -> AsyncIterator[str]:
        yield "Hello."
        answer = await chat.ask("Well?")
        yield f"{answer}, then."

    async with Talk(bot_with(go)) as talk:
        assert await talk.say("go") == ["Hello.", "Well?"]
        assert await talk.say("fine") == ["fine, then."]


async def test_a_stream_that_is_left_at_its_question_is_closed() -> None:
    """Like any other handler: what it does in ``finally`` is done then and there, and nobody is alarmed."""
    left: list[str] = []

    async def go(chat: Chat) -> AsyncIterator[str]:
        yield "Hello."
        try:
            yield str(await chat.ask("Well?"))
        finally:
            left.append(chat.text)
            await asyncio.sleep(0)
            left.append("never")

    async with Talk(bot_with(go)) as talk:
        await talk.say("go")

        assert (left, talk.alarms) == (["go"], [])


async def test_a_handler_may_catch_what_ends_a_question() -> None:
    """It goes on, and may ask something else."""

    async def go(chat: Chat) -> str:
        try:
            await chat.ask("How many?", type=int, attempts=1)
        except GaveUp:
            await chat.ask("Why not?")
        try:
            return await chat.ask("Well?")
        except Cancelled:
            return "Goodbye."

    async with Talk(bot_with(go)) as talk:
        await talk.say("go")
        assert await talk.say("many") == ["Why not?"]
        assert await talk.say("well") == ["Well?"]
        assert await talk.say("cancel") == ["Goodbye."]
        assert await talk.flow() == ""


async def test_a_flow_may_begin_another_and_wait_for_it() -> None:
    """At most three wait for one another; each question is repeated when what was begun meanwhile has ended."""
    bot = Bot("desk")

    def asking(name: str) -> None:
        @bot.intent(name, name=name)
        async def ask(chat: Chat) -> str:
            await chat.send(f"{name} begins.")
            return f"{name}: {await chat.ask(f'{name}?', type=int)}"

    for name in ("north", "east", "south", "west"):
        asking(name)
    async with Talk(bot) as talk:
        assert await talk.say("north") == ["north begins.", "north?"]
        assert await talk.say("east") == ["east begins.", "east?"]
        assert await talk.say("south") == ["south begins.", "south?"]
        assert await talk.say("west") == ["west begins.", "Sorry, I did not get that.", "south?"]
        assert await talk.say("3") == ["south: 3", "east?"]
        assert await talk.say("cancel") == ["All right, I have stopped.", "north?"]
        assert await talk.say("1") == ["north: 1"]
        assert await talk.flow() == ""


async def test_what_a_handler_does_when_it_is_left_has_no_effect() -> None:
    """A coroutine that waits is closed in its loop, and nothing it does in ``finally`` leaks out."""
    left = []

    async def go(chat: Chat) -> str:
        try:
            return await chat.ask("Well?")
        finally:
            left.append(asyncio.get_running_loop())
            chat.session["left"] = len(left)
            await chat.send("Leaving.")

    async with Talk(bot_with(go)) as talk:
        assert await talk.say("go") == ["Well?"]
        assert await talk.session() == {}
        assert left == [asyncio.get_running_loop()]
        assert await talk.say("x") == ["Leaving.", "x"]
        assert await talk.session() == {"left": 2}


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # Python's own complaint about it
async def test_a_handler_that_does_not_let_itself_be_left_is_let_alone() -> None:
    """A bare except around a question does not hold up the process."""

    async def go(chat: Chat) -> None:
        while True:
            try:
                await chat.ask("Well?")
            except:  # noqa: E722, S112 - the mistake that is tested
                continue

    async with Talk(bot_with(go)) as talk:
        assert await talk.say("go") == ["Well?"]
        assert ["RuntimeError when it was left" in alarm.text for alarm in talk.alarms] == [True]


# What cannot be replayed


async def test_a_plain_handler_may_await_anything() -> None:
    """Without a question nothing is ever replayed."""

    async def go(chat: Chat) -> str:
        await asyncio.sleep(0)
        await chat.send("One.")
        await asyncio.gather(asyncio.sleep(0), chat.send("Two."))
        return "Three."

    async with Talk(bot_with(go)) as talk:
        assert await talk.say("go") == ["One.", "Two.", "Three."]


async def test_an_await_outside_once_is_found_at_the_first_question() -> None:
    """The error names the line, in the first turn and not in the second."""

    async def fetch() -> None:
        await asyncio.sleep(0)

    async def go(chat: Chat) -> None:
        await fetch()
        await chat.ask("Well?")

    async with Talk(bot_with(go)) as talk:
        await talk.say("go")
        line = fetch.__code__.co_firstlineno + 1
        assert f"awaited something outside chat.once at tests/test_flows.py:{line} and then asked" in error_of(talk)


async def test_an_await_after_the_last_question_is_free() -> None:
    """Whatever comes then happens once."""

    async def go(chat: Chat) -> str:
        answer = await chat.ask("Well?")
        await asyncio.sleep(0)
        return answer

    async with Talk(bot_with(go)) as talk:
        await talk.say("go")
        assert await talk.say("x") == ["x"]


@pytest.mark.parametrize("operation", ["ask", "once"])
async def test_a_task_of_its_own_cannot_ask(operation: str) -> None:
    """Only the handler itself is replayed."""

    async def go(chat: Chat) -> None:
        call = chat.ask("Well?") if operation == "ask" else chat.once(print)
        await asyncio.gather(call)

    async with Talk(bot_with(go)) as talk:
        await talk.say("go")
        assert f"chat.{operation} was called in another task than the handler's" in error_of(talk)


async def test_a_middleware_cannot_ask() -> None:
    """It runs once for each event, outside of what is replayed."""

    async def go(chat: Chat) -> str:
        return "Hello."

    bot = bot_with(go)

    @bot.middleware
    async def curious(chat: Chat, proceed: Callable[[], object]) -> Text:
        return Text(await chat.ask("Who are you?"))

    async with Talk(bot) as talk:
        await talk.say("go")
        assert "chat.ask was called outside a handler" in error_of(talk)


async def test_a_plain_function_that_asks_is_told_to_be_async() -> None:
    """Which is all that is wrong with it."""

    def go(chat: Chat) -> object:
        return chat.ask("Well?")

    async with Talk(bot_with(go)) as talk:
        await talk.say("go")

        assert error_of(talk).endswith("asked, and is a plain function: write async def, and await what it asks")


async def later(value: object) -> bool:
    """No answer yet."""
    return False


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        ({"prompt": None}, "chat.ask was given what is no prompt: there is nothing to show"),
        ({"prompt": 5}, "chat.ask was given what is no prompt: it is int"),
        ({"type": "siz"}, "there is none of that name; take one of date, decimal"),
        ({"type": 5}, "neither a type nor a function"),
        ({"attempts": 0}, "attempts=0; it is 1 or more"),
        ({"timeout": 60}, "timeout=60; it takes a timedelta"),
        ({"type": {"a": 1}}, "type={'a': 1}, which is neither a type nor a function"),
        (
            {"type": datetime},
            "type=datetime, which makes nothing of a text; take one of str, int, float, Decimal, bool",
        ),
        ({"type": list}, "type=list, which makes nothing of a text"),
        ({"type": later}, "type=later, which is async; it takes a plain function"),
        ({"check": "y"}, "check='y', which is no function"),
        ({"check": later}, "check=later, which is async; it takes a plain function"),
        ({"retry_text": " "}, "chat.ask was given what is no retry_text: A Text needs something to show"),
        ({"retry_text": 5}, "chat.ask was given what is no retry_text: "),
        ({"type": int, "choices": ["one", "2"]}, "type=int, and the value of choice 1 is none"),
        ({"type": Decimal, "choices": [Choice("Half", "1/2")]}, "type=Decimal, and the value of choice 1 is none"),
        ({"type": bool, "choices": ["yes", "no"]}, "type=bool and choices; the answer is the value of a choice"),
        ({"type": date, "choices": ["2031-05-06"]}, "type=date and choices"),
        ({"type": Image, "choices": ["skip"]}, "type=Image and choices"),
        ({"type": "email", "choices": ["a@example.com"]}, "type='email' and choices"),
        ({"type": str.upper, "choices": ["a"]}, "type=upper and choices"),
    ],
)
async def test_what_cannot_be_asked_is_refused(options: dict[str, object], complaint: str) -> None:
    """The failure says what was given and what is taken."""

    async def go(chat: Chat) -> None:
        await chat.ask(**{"prompt": "Well?", **options})  # type: ignore[call-overload]  # the mistakes are the test

    async with Talk(bot_with(go)) as talk:
        await talk.say("go")
        assert complaint in error_of(talk)


# Limits


async def test_a_journal_has_an_end() -> None:
    """Two hundred entries, with a warning at half; the user is told, and the flow ends after three failures."""

    async def go(chat: Chat) -> None:
        while True:
            await chat.ask("More?")

    async with Talk(bot_with(go)) as talk:
        await talk.say("go")
        for number in range(199):
            assert await talk.say(str(number)) == ["More?"]
        here = f"tests/test_flows.py:{go.__code__.co_firstlineno}"
        told = f"the journal of the handler 'go' at {here} is half full: 100 entries."
        assert [alarm.text for alarm in talk.alarms] == [told]
        for _ in range(3):
            assert await talk.say("x") == ["Sorry, something went wrong. Please try again."]
            assert "than its journal may hold, which is 200 entries" in error_of(talk)
        assert await talk.flow() == ""


async def test_a_journal_has_a_size() -> None:
    """64 kB, whatever it is that takes them."""

    async def go(chat: Chat) -> None:
        await chat.once(lambda: "x" * 40_000)
        await chat.ask("Well?")
        await chat.once(lambda: "y" * 40_000)

    async with Talk(bot_with(go)) as talk:
        await talk.say("go")
        await talk.say("x")
        assert "than its journal may hold, which is 65536 bytes" in error_of(talk)


async def test_half_of_the_size_is_warned_of() -> None:
    """Once, and by what the entries take: a session that is kept beside them does not count."""

    async def go(chat: Chat) -> None:
        chat.session["long"] = "z" * 40_000
        for _ in range(4):
            await chat.ask("Well?")
            await chat.once(lambda: "x" * 10_000)
        await chat.ask("And?")

    async with Talk(bot_with(go)) as talk:
        alarms = []
        for text in ["go", "1", "2", "3", "4"]:
            await talk.say(text)
            alarms.append(["half full: 8 entries" in alarm.text for alarm in talk.alarms])
    assert alarms == [[], [], [], [], [True]]


async def test_a_waiting_conversation_is_small() -> None:
    """It costs less than a kilobyte on disk."""

    async def go(chat: Chat) -> None:
        await chat.ask("How many?", type=int, name="count")
        await chat.ask("Which day?", choices=["Today", "Tomorrow"], name="day")

    async with Talk(bot_with(go)) as talk:
        await talk.say("go")
        await talk.say("4")
        assert len(await talk.flow()) < 1024


async def test_a_turn_that_goes_wrong_leaves_no_handler_behind() -> None:
    """An answer for which the journal has no room: the coroutine that waits is closed in its loop all the same."""
    left = []

    async def go(chat: Chat) -> str:
        try:
            return await chat.ask("Well?")
        finally:
            left.append(asyncio.get_running_loop())

    async with Talk(bot_with(go)) as talk:
        await talk.say("go")
        await talk.say("x" * 70_000)
        assert "than its journal may hold, which is 65536 bytes" in error_of(talk)
        assert left == [asyncio.get_running_loop()] * 2
