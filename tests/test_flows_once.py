"""Once: a function is called once, and what came of it is what comes of it again."""

import asyncio
import uuid
from collections.abc import Callable

from botkit import Chat, OnceFailed, RetryLater
from talks import Talk, bot_with, error_of


async def test_what_once_gives_is_what_it_gave() -> None:
    """A plain function and a coroutine are called once, with a key of their own, and JSON comes back as it was."""
    keys: list[str] = []

    def plain(number: int, idempotency_key: str) -> object:
        keys.append(idempotency_key)
        return {"number": number}

    async def slow(number: int, *, idempotency_key: str) -> list[int]:
        await asyncio.sleep(0)
        keys.append(idempotency_key)
        return [number]

    async def go(chat: Chat) -> str:
        first, second, third = await chat.once(plain, 1), await chat.once(slow, 2), await chat.once(slow, 2)
        await chat.ask("Well?")
        return f"{first} {second} {third}"

    async with Talk(bot_with(go)) as talk:
        await talk.say("go")
        assert await talk.say("x") == ["{'number': 1} [2] [2]"]
        assert [len(key) for key in keys] == [32, 32, 32]
        assert len(set(keys)) == 3


async def test_what_once_raises_is_raised_alike() -> None:
    """Now and on every replay: the kind and the words of the exception, and not the exception itself."""
    calls = []

    def refuse() -> None:
        calls.append(1)
        raise LookupError("no seat")

    async def go(chat: Chat) -> str:
        try:
            await chat.once(refuse)
        except OnceFailed as error:
            told = f"{error.function.rpartition('.')[2]} {error.kind} {error.text}"
        await chat.ask("Well?")
        return told

    async with Talk(bot_with(go)) as talk:
        await talk.say("go")
        assert await talk.say("x") == ["refuse LookupError no seat"]
        assert calls == [1]


async def test_an_exception_of_once_that_nobody_catches_names_no_words_of_the_user() -> None:
    """The error that is logged has the kind and the place, and not what the exception said."""

    def refuse() -> None:
        raise LookupError("Ann Lee, 1 Mill Street")

    async def go(chat: Chat) -> None:
        await chat.once(refuse)

    async with Talk(bot_with(go)) as talk:
        await talk.say("go")
        assert "raised OnceFailed at tests/test_flows_once.py:" in error_of(talk)
        assert "Ann" not in error_of(talk)


async def test_a_result_that_json_cannot_hold_is_refused() -> None:
    """The failure names the function and the key."""

    def give() -> object:
        return {"id": uuid.UUID(int=1)}

    async def go(chat: Chat) -> None:
        await chat.once(give)

    async with Talk(bot_with(go)) as talk:
        await talk.say("go")
        assert "its result['id'] is of type UUID" in error_of(talk)


async def test_retry_later_is_no_result() -> None:
    """The event is run again, and the function is called again."""
    calls = []

    def later() -> str:
        calls.append(1)
        if len(calls) == 1:
            raise RetryLater(60)
        return "done"

    async def go(chat: Chat) -> str:
        await chat.ask("Well?")
        return await chat.once(later)

    async with Talk(bot_with(go)) as talk:
        await talk.say("go")
        assert await talk.say("x") == []
        assert await talk.wait(60) == ["done"]


async def test_what_was_recorded_is_not_done_again() -> None:
    """Wherever the process dies after the result is committed; before that it is done again, with the same key."""
    counts = []
    for point in range(1, 7):
        keys: list[str] = []

        def act(keys: list[str] = keys, *, idempotency_key: str) -> str:
            keys.append(idempotency_key)
            return "done"

        async def go(chat: Chat, act: Callable[..., str] = act) -> str:
            first = await chat.once(act)
            await chat.send(first)
            return await chat.once(len, first) * "!"

        async with Talk(bot_with(go)) as talk:
            talk.kill_at = frozenset({point})
            assert await talk.say("go") == ["done", "!!!!"]
        counts.append((len(keys), len(set(keys))))

    assert counts == [(2, 1), *[(1, 1)] * 5]


async def test_an_error_that_ended_the_turn_is_tried_again() -> None:
    """The user answers once more, and the function is called once more."""
    calls = []

    def fragile() -> str:
        calls.append(1)
        if len(calls) == 1:
            raise LookupError("not now")
        return "done"

    async def go(chat: Chat) -> str:
        await chat.ask("Well?")
        return await chat.once(fragile)

    async with Talk(bot_with(go)) as talk:
        await talk.say("go")
        assert await talk.say("x") == ["Sorry, something went wrong. Please try again."]
        assert await talk.say("x") == ["done"]
