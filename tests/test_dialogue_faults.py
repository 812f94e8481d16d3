"""What becomes of a question whose own functions raise: the handler is to blame, and the user is told."""

from collections.abc import Callable

import pytest

from botkit import Bot, Chat
from talks import Talk, bot_with, error_of

SORRY = "Sorry, something went wrong. Please try again."
CODES = {"a": 1}


def coded(text: str) -> int:
    """Raise KeyError for what is no code."""
    return CODES[text]


def not_zero(value: int) -> bool:
    """Raise ZeroDivisionError for 0."""
    return bool(1 / value)


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
