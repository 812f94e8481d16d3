"""The language model in docs/conversations.md, in front of a server that answers as those do, or does not."""

import asyncio
import re
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, Final

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from botkit import Bot
from botkit.events import Address
from botkit.testing import Bench, UserChat

PAGE: Final = Path(__file__).parent.parent / "docs" / "conversations.md"
PYTHON: Final = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)
PLAIN: Final = "I cannot think of an answer just now. Ask me when we open, or try again later."


class FakeModel:
    """A server of chat completions that answers with how many messages it was sent, unless its *mood* is another."""

    def __init__(self) -> None:
        self.mood = "fine"
        self.asked: list[list[dict[str, str]]] = []

    async def complete(self, request: web.Request) -> web.Response:
        """Answer a request for a completion."""
        asked = await request.json()
        self.asked.append(asked["messages"])
        match self.mood:
            case "slow":
                await asyncio.Event().wait()
            case "broken":
                return web.Response(status=500)
            case "strange":
                return web.json_response({"choices": []})
            case "talkative":
                return web.json_response({"choices": [{"message": {"content": "word " * 5_000}}]})
        return web.json_response({"choices": [{"message": {"content": f"Answer {len(self.asked)}."}}]})


@pytest.fixture
async def llm(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[FakeModel]:
    """A fake model, where the page's bot looks for one."""
    fake, application = FakeModel(), web.Application()
    application.router.add_post("/v1/chat/completions", fake.complete)
    server = TestServer(application)
    async with server:
        monkeypatch.setenv("LLM_URL", str(server.make_url("/v1/")))
        monkeypatch.setenv("LLM_SECONDS", "0.3")
        yield fake


@pytest.fixture
async def chat(llm: FakeModel) -> AsyncIterator[UserChat]:
    """A user of the page's bot."""
    module: dict[str, Any] = {}
    for body in PYTHON.findall(PAGE.read_text("utf-8")):
        exec(compile(body, str(PAGE), "exec"), module)  # noqa: S102 - our own documentation
    adviser = module["adviser"]
    assert isinstance(adviser, Bot)
    async with Bench(adviser) as bench:
        yield UserChat(bench, Address("messenger", "1", "ann"))


async def test_only_what_is_not_understood_is_asked(chat: UserChat, llm: FakeModel) -> None:
    """An intent answers by itself."""
    assert await chat.say("when do you open") == ["At nine."]
    assert await chat.say("which flowers like shade?") == ["Answer 1."]
    assert len(llm.asked) == 1


async def test_the_model_is_told_what_was_said_before(chat: UserChat, llm: FakeModel) -> None:
    """The newest messages only: the session does not grow."""
    for number in range(10):
        await chat.say(f"question {number}")

    contents = [message["content"] for message in llm.asked[-1]]
    assert contents[1:] == [
        *("Answer 6.", "question 6", "Answer 7.", "question 7", "Answer 8.", "question 8", "Answer 9.", "question 9"),
    ]


@pytest.mark.parametrize("mood", ["slow", "broken", "strange"])
async def test_there_is_an_answer_when_none_comes(chat: UserChat, llm: FakeModel, mood: str) -> None:
    """And the next question is asked as if nothing had been."""
    llm.mood = mood
    assert await chat.say("which flowers like shade?") == [PLAIN]
    llm.mood = "fine"
    assert await chat.say("which like the sun?") == ["Answer 2."]


async def test_a_long_answer_is_cut(chat: UserChat, llm: FakeModel) -> None:
    """It is kept and sent within bounds."""
    llm.mood = "talkative"
    await chat.say("tell me everything " * 200)

    assert sum(map(len, chat.shown)) <= 1_000
    history: Any = (await chat.session())["history"]
    assert [len(message["content"]) <= 1_000 for message in history] == [True, True]


async def test_a_question_is_asked_once_though_the_process_dies(chat: UserChat, llm: FakeModel) -> None:
    """What it answered was kept before the process died."""
    chat.crash("answered")
    await chat.say("which flowers like shade?")
    await chat.wait("2h")

    assert (list(chat.shown), len(llm.asked)) == (["Answer 1."], 1)
