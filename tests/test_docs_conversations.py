"""The conversations in docs/conversations.md go as they are written there."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from botkit import Bot
from botkit.config import read
from botkit.conversation.muted import resuming
from botkit.events import Signal
from talks import ANNA, Talk

PAGE = Path(__file__).parent.parent / "docs" / "conversations.md"
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def bots() -> dict[str, Bot]:
    """The bots of the page by name: variables of its Python blocks, and those of its bots.yaml."""
    module: dict[str, object] = {}
    found: dict[str, Bot] = {}
    for language, body in BLOCK.findall(PAGE.read_text("utf-8")):
        if language == "python":
            exec(compile(body, str(PAGE), "exec"), module)  # noqa: S102 - our own documentation
        elif language == "yaml":
            loaded = read(
                body,
                file=PAGE.name,
                environment={},
                read_file=lambda name: b"",
                import_name=lambda name: None,
                secrets=False,
            )
            found |= {bot.name: bot for bot in loaded.bots}
    return found | {name: bot for name, bot in module.items() if isinstance(bot, Bot)}


def talks() -> Iterator[tuple[str, list[tuple[str, list[str]]]]]:
    """Each written conversation: with which bot, what is said, and what is answered."""
    for language, body in BLOCK.findall(PAGE.read_text("utf-8")):
        if language == "text":
            name, *lines = body.splitlines()
            turns: list[tuple[str, list[str]]] = []
            for line in lines:
                if line.startswith(("> ", "! ")):
                    turns.append((line, []))
                else:
                    turns[-1][1].append(line[2:].replace("\\n", "\n"))
            yield name.removeprefix("# "), turns


@pytest.mark.parametrize(("name", "turns"), list(talks()), ids=[name for name, _ in talks()])
async def test_a_conversation_goes_as_it_is_written(name: str, turns: list[tuple[str, list[str]]]) -> None:
    """The bot says what the page says it says."""
    async with Talk(bots()[name]) as talk:
        assert [(line, await happens(talk, line)) for line, _ in turns] == turns


async def happens(talk: Talk, line: str) -> list[str]:
    """What is answered when the user says something, a signal comes, the owner lets the bot answer, or code changes."""
    if line.startswith("> "):
        return await talk.say(line[2:])
    if line == "! resume":
        conversation = await talk.store.conversation(ANNA)
        assert conversation is not None
        assert conversation.mute is not None
        return await talk.happens(resuming(ANNA, conversation.mute))
    if line.startswith("! deploy "):
        talk.bot = bots()[line.removeprefix("! deploy ")]
        return []
    _, what, signal, data = line.split()
    assert what == "signal"
    return await talk.happens(Signal(id=f"signal:{line}", address=ANNA, name=signal, data=json.loads(data)))
