"""Resources: opened with the app, closed with it, and replaced by what is given."""

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack

import pytest

from botkit.bot import Bot
from botkit.errors import DefinitionError
from botkit.resources import open_resources

HERE = "tests/test_resources.py"


class Journal:
    """Writes down what is opened and closed."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    def bot(self) -> Bot:
        bot = Bot("shop")

        @bot.resource
        async def database() -> AsyncIterator[str]:
            self.lines.append("open database")
            yield "the database"
            self.lines.append("close database")

        @bot.resource
        async def cache() -> AsyncIterator[str]:
            self.lines.append("open cache")
            try:
                yield "the cache"
            finally:
                self.lines.append("close cache")

        @bot.resource
        async def prices() -> dict[str, int]:
            self.lines.append("make prices")
            return {"cake": 3}

        return bot


async def test_resources_open_in_order_and_close_in_reverse() -> None:
    """What was opened first may be used by what was opened later, and is closed last."""
    journal = Journal()

    async with AsyncExitStack() as stack:
        opened = await open_resources(journal.bot(), stack, {})
        journal.lines.append("running")

    assert opened == {"database": "the database", "cache": "the cache", "prices": {"cake": 3}}
    assert journal.lines == [
        "open database",
        "open cache",
        "make prices",
        "running",
        "close cache",
        "close database",
    ]


async def test_what_is_given_is_not_opened() -> None:
    """A test hands in its own, and what belongs to another bot is left out."""
    journal = Journal()

    async with AsyncExitStack() as stack:
        opened = await open_resources(journal.bot(), stack, {"database": None, "cache": "a fake", "other": 1})

    assert opened == {"database": None, "cache": "a fake", "prices": {"cake": 3}}
    assert journal.lines == ["make prices"]


async def refused() -> AsyncIterator[str]:
    raise ConnectionRefusedError("postgres://shop:secret@db")
    yield "never"


async def failing() -> str:
    raise ConnectionRefusedError("postgres://shop:secret@db")


@pytest.mark.parametrize(
    ("function", "told"),
    [
        (refused, "resource 'refused' raised ConnectionRefusedError at {here}:{line}"),
        (failing, "resource 'failing' raised ConnectionRefusedError at {here}:{line}"),
    ],
)
async def test_a_resource_that_does_not_open_is_named(function: Callable[..., object], told: str) -> None:
    """The error names resource and place, and keeps the words of the driver in its cause."""
    bot = Bot("shop")
    bot.resource(function)

    async with AsyncExitStack() as stack:
        with pytest.raises(DefinitionError) as caught:
            await open_resources(bot, stack, {})

    line = function.__code__.co_firstlineno + 1
    assert str(caught.value) == f"Bot 'shop' cannot start: its {told.format(here=HERE, line=line)}."
    assert caught.value.__cause__ is not None


async def empty() -> AsyncIterator[str]:
    nothing: list[str] = []
    for one in nothing:
        yield one


async def test_a_resource_that_yields_nothing_does_not_open() -> None:
    """There would be nothing to hand to a handler."""
    bot = Bot("shop")
    bot.resource(empty)

    async with AsyncExitStack() as stack:
        with pytest.raises(DefinitionError, match=r"cannot start: its resource 'empty' at .*\d yields nothing"):
            await open_resources(bot, stack, {})


async def test_a_resource_that_yields_twice_is_told_so_when_it_closes() -> None:
    """The second value would go nowhere."""
    bot, closed = Bot("shop"), []

    @bot.resource
    async def both() -> AsyncIterator[str]:
        yield "one"
        try:
            yield "two"
        finally:
            closed.append("closed")

    with pytest.raises(DefinitionError, match=r"The resource 'both' at .*\d yields more than once"):
        async with AsyncExitStack() as stack:
            await open_resources(bot, stack, {})
    assert closed == ["closed"]


async def test_what_was_opened_is_closed_when_a_later_one_does_not_open() -> None:
    """Nothing stays open when the app does not start."""
    journal = Journal()
    bot = journal.bot()
    bot.resource(failing)

    with pytest.raises(DefinitionError):
        async with AsyncExitStack() as stack:
            await open_resources(bot, stack, {})

    assert journal.lines[-2:] == ["close cache", "close database"]
