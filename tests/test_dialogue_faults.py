"""Dialogues that fail: the handler is to blame, the user is told, and the question stays open."""

from collections.abc import Awaitable, Callable

import pytest

from botkit import Bot, Chat, Slot
from talks import Talk, bot_with, error_of

SORRY = "Sorry, something went wrong. Please try again."
CODES = {"a": 1}


def coded(text: str) -> int:
    """Raise KeyError for what is no code."""
    return CODES[text]


def not_zero(value: int) -> bool:
    """Raise ZeroDivisionError for 0."""
    return bool(1 / value)


async def booking(chat: Chat) -> str:
    """Ask twice."""
    return f"{await chat.ask('How many?', type=int)} on {await chat.ask('Which day?')}."


def asking(**options: object) -> Bot:
    """A bot that asks with *options*."""

    async def go(chat: Chat) -> str:
        return repr(await chat.ask("Well?", **options))  # type: ignore[call-overload]  # they are wrong on purpose

    return bot_with(go)


@pytest.mark.parametrize(
    ("options", "said", "raised", "by"),
    [
        ({"type": coded}, "my secret IBAN DE89", "KeyError", coded),
        ({"type": CODES.__getitem__}, "my secret IBAN DE89", "KeyError", None),
        ({"type": int, "check": not_zero}, "0", "ZeroDivisionError", not_zero),
    ],
    ids=["type", "type of Python's own", "check"],
)
async def test_what_a_questions_functions_raise_is_its_handlers_fault(
    options: dict[str, object], said: str, raised: str, by: Callable[..., object] | None
) -> None:
    """It is told with its line, and without what the user wrote; the user gets the apology."""
    async with Talk(asking(**options)) as talk:
        await talk.say("go")

        assert await talk.say(said) == [SORRY]
        at = "tests/test_dialogue_faults.py"
        place = f"'go' raised {raised} at {at}:{by.__code__.co_firstlineno + 2}" if by else f"raised {raised}"
        assert error_of(talk).startswith(f"handler 'go'{'' if by else f' at {at}:'}")
        assert error_of(talk).endswith(place)


async def test_a_question_that_fails_three_times_is_over() -> None:
    """The conversation goes on without it; until then the question stays open."""
    async with Talk(asking(type=coded)) as talk:
        await talk.say("go")

        assert [await talk.say(text) for text in ("b", "c")] == [[SORRY], [SORRY]]
        assert await talk.flow() != ""
        assert await talk.say("d") == [SORRY]
        assert await talk.flow() == ""
        assert await talk.say("remember milk") == ["Remembered."]


async def test_a_question_that_failed_may_still_be_answered() -> None:
    """What the function takes is taken."""
    async with Talk(asking(type=coded)) as talk:
        await talk.say("go")
        await talk.say("b")

        assert await talk.say("a") == ["1"]


async def test_a_check_that_refuses_without_a_word_is_answered_in_ours() -> None:
    """A ValueError that says nothing leaves nothing to show."""

    def check(value: str) -> None:
        raise ValueError(" ")

    async with Talk(asking(check=check)) as talk:
        await talk.say("go")

        assert await talk.say("x") == ["Sorry, I did not get that.", "Well?"]


# What a handler does between its questions


class Failing:
    """A handler that fails after its question as often as it is told to."""

    def __init__(self) -> None:
        self.failures = 0
        self.calls: list[object] = []

    def reserve(self, size: int) -> int:
        """Reserve seats."""
        self.calls.append(size)
        return size * 10

    async def __call__(self, chat: Chat) -> str:
        size = await chat.ask("How many?", type=int)
        number = await chat.once(self.reserve, size)
        if self.failures:
            self.failures -= 1
            raise LookupError("broken")
        return f"{size} seats, number {number}."


async def test_a_flow_that_fails_stays_at_its_question() -> None:
    """The user is told, answers again, and what was done for the same answer is not done again."""
    handler = Failing()
    async with Talk(bot_with(handler)) as talk:
        await talk.say("go")
        handler.failures = 2
        assert await talk.say("4") == [SORRY]
        assert await talk.say("6") == [SORRY]
        assert await talk.say("4") == ["4 seats, number 40."]
        assert handler.calls == [4, 6]


async def test_a_flow_that_fails_three_times_in_a_row_ends() -> None:
    """Nobody is held at a question that leads nowhere."""
    handler = Failing()
    async with Talk(bot_with(handler)) as talk:
        await talk.say("go")
        handler.failures = 3
        for _ in range(3):
            assert await talk.say("4") == [SORRY]
        assert await talk.flow() == ""
        assert len(await talk.store.dead_letters()) == 3


async def test_a_turn_that_dies_for_good_goes_back_to_its_question() -> None:
    """Its event is set aside after five claims, with a result in its journal; the next answer is heard."""
    handler = Failing()
    async with Talk(bot_with(handler)) as talk:
        await talk.say("go")
        talk.kill_at = frozenset(range(talk.points + 2, talk.points + 100))
        assert await talk.say("4") == []
        talk.kill_at = frozenset()
        assert await talk.say("6") == ["6 seats, number 60."]
        assert len(await talk.store.dead_letters()) == 1


async def test_a_digression_that_fails_leaves_the_question_open() -> None:
    """Only what failed is set aside."""
    bot = bot_with(booking)

    @bot.intent("break")
    async def broken(chat: Chat) -> str:
        raise LookupError("broken")

    async with Talk(bot) as talk:
        await talk.say("go")
        assert await talk.say("break") == [SORRY]
        assert await talk.say("4") == ["Which day?"]


async def test_a_form_that_fails_stays_at_its_question() -> None:
    """The slot is asked for again."""
    bot = Bot("desk")
    fails = [True]

    @bot.intent("go", slots={"size": Slot(int, ask="How many?")})
    async def go(chat: Chat, size: int) -> str:
        if fails.pop():
            raise LookupError("broken")
        return f"{size}."

    async with Talk(bot) as talk:
        await talk.say("go")
        assert await talk.say("4") == [SORRY]
        fails[:] = [False]
        assert await talk.say("5") == ["5."]


async def test_a_middleware_that_fails_takes_nothing_from_a_flow() -> None:
    """The turn is not kept, and the question is open as before."""
    bot = bot_with(booking)
    fails: list[str] = []

    @bot.middleware
    async def fragile(chat: Chat, proceed: Callable[[], Awaitable[object]]) -> object:
        replies = await proceed()
        if fails:
            raise LookupError(fails.pop())
        return replies

    async with Talk(bot) as talk:
        for text in ("go", "4"):
            await talk.say(text)
        fails.append("broken")
        assert await talk.say("Monday") == [SORRY]
        assert await talk.say("Tuesday") == ["4 on Tuesday."]
