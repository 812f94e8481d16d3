"""Flows: whatever a handler does, it does the same live, replayed at every turn, and killed at every point."""

import os
from collections.abc import Sequence

import pytest
from hypothesis import example, given, settings

from botkit import Bot, Chat, OnceFailed
from programs import HOURS, PROGRAMS, SAID, Effects, Model, Performer, Statement, counted
from talks import Talk

#: `make conversations` generates so many.
LONG = int(os.environ.get("CONVERSATIONS", "0"))
pytestmark = pytest.mark.timeout(7_200 if LONG else 120)


def bot_for(program: Sequence[Statement], effects: Effects) -> Bot:
    """A bot that performs *program*, and counts and tells its hours meanwhile."""
    bot = Bot("machine")

    @bot.intent("go")
    async def go(chat: Chat) -> str:
        return f"Done with {await Performer(effects, OnceFailed).perform(chat, program)}."  # type: ignore[arg-type]  # a chat has more

    @bot.intent("when do you open")
    async def hours(chat: Chat) -> str:
        return HOURS

    @bot.intent("count for me")
    async def count(chat: Chat) -> str:
        return f"Counted {counted(chat.session)}."

    return bot


Told = list[tuple[list[str], dict[str, object]]]


async def talked(
    program: Sequence[Statement], said: Sequence[str], kill_at: frozenset[int] = frozenset()
) -> tuple[Told, list[str], int]:
    """What was answered and remembered turn by turn, the effects, and at how many points the process could die."""
    effects = Effects()
    async with Talk(bot_for(program, effects)) as talk:
        talk.kill_at = kill_at
        told = [(await talk.say(text), await talk.session()) for text in ["go", *said]]
        return told, effects.keys, talk.points


@given(PROGRAMS, SAID)
@settings(max_examples=LONG or 60)
@example((Statement("once"), Statement("ask int"), Statement("count"), Statement("once")), ["count for me", "7"])
async def test_a_program_does_the_same_as_if_it_had_never_waited(
    program: tuple[Statement, ...], said: list[str]
) -> None:
    """Transcript, session and effects are those of a model that keeps its coroutine in memory."""
    model = Model(program)
    expected = [(model.say(text), dict(model.session)) for text in ["go", *said]]
    told, effects, _ = await talked(program, said)

    assert told == expected
    assert len(effects) == len(model.effects.keys)


@given(PROGRAMS, SAID)
@settings(max_examples=LONG or 25)
@example((Statement("send"), Statement("once"), Statement("ask int"), Statement("send"), Statement("once")), ["7"])
async def test_a_program_does_the_same_when_it_is_killed(program: tuple[Statement, ...], said: list[str]) -> None:
    """Killed once at every checkpoint and commit, it answers and remembers the same, with the same effects."""
    told, effects, points = await talked(program, said)
    killed = [await talked(program, said, frozenset({point})) for point in range(1, points + 1)]

    assert [one for one, _, _ in killed] == [told] * points
    assert [list(dict.fromkeys(keys)) for _, keys, _ in killed] == [list(dict.fromkeys(effects))] * points
    assert all(len(keys) - len(effects) <= 1 for _, keys, _ in killed)
