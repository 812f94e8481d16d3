"""The fixture `bot_tester`. PYTEST_DONT_REWRITE: nothing here asserts for a test."""

import inspect
from collections.abc import AsyncIterator, Generator
from contextlib import AsyncExitStack
from datetime import UTC, datetime

import pytest
import pytest_asyncio

from botkit.events import Address
from botkit.testing.bench import Bench, Bots
from botkit.testing.clock import FakeClock
from botkit.testing.userchat import UserChat


class BotTester:
    """Puts bots on a bench of their own; `bot_tester` in a test is one."""

    def __init__(self, stack: AsyncExitStack) -> None:
        self._stack = stack
        self._benches: list[Bench] = []

    def __call__(
        self,
        bots: Bots,
        /,
        *,
        user: str = "you",
        page: str | None = None,
        bot: str | None = None,
        now: datetime | None = None,
        **resources: object,
    ) -> UserChat:
        """A conversation with *bots*: a Bot, several, the path of a bots.yaml, or ``module:bot``.

        It is *user*'s, on *page*, or on the first page of the *bot* of that name where there are several. *now* is when
        it begins. Every other name is that of a resource, and its value is used in place of the bot's own. Raises
        ConfigError or DefinitionError for bots that cannot work, and for a resource that none of them has.
        """
        clock = FakeClock() if now is None else FakeClock(now.astimezone(UTC))
        bench = Bench(bots, clock=clock, resources=resources)
        self._benches.append(bench)
        self._stack.push_async_callback(bench.close)
        return UserChat(bench, Address("messenger", page or bench.page_of(bot), user))

    @property
    def to_come(self) -> list[str]:
        """What was to go wrong and has not yet."""
        return [one for bench in self._benches for one in bench.to_come]


@pytest_asyncio.fixture
async def bot_tester() -> AsyncIterator[BotTester]:
    """Talks to bots, with a clock set by hand; see `BotTester`."""
    async with AsyncExitStack() as stack:
        yield BotTester(stack)


@pytest.hookimpl(tryfirst=True)
def pytest_pycollect_makeitem(obj: object) -> None:
    """Let an async test that talks to bots run as it is written, also where pytest-asyncio's mode is left alone."""
    if inspect.iscoroutinefunction(obj) and "bot_tester" in inspect.signature(obj).parameters:
        pytest.mark.asyncio(obj)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_call(item: pytest.Item) -> Generator[None, object, object]:
    """Fail a test that has passed although what it let go wrong never did."""
    result = yield
    tester = getattr(item, "funcargs", {}).get("bot_tester")
    if isinstance(tester, BotTester) and tester.to_come:
        pytest.fail(f"It was to go wrong, and never did: {', '.join(tester.to_come)}.", pytrace=False)
    return result
