"""Resources: what handlers share, opened with the app and closed with it."""

from collections.abc import AsyncGenerator, Iterable, Mapping
from contextlib import AsyncExitStack
from inspect import isasyncgen, isawaitable
from typing import Never

from attrs import frozen

from botkit.bot import Bot
from botkit.errors import DefinitionError
from botkit.failure import told
from botkit.handlers import Handler


@frozen
class _Held:
    """What is open of one bot: by which functions, what they gave, and what closes it."""

    functions: Mapping[str, object]
    values: Mapping[str, object]
    stack: AsyncExitStack


Held = Mapping[str, _Held]


class Resources:
    """The open resources of an installation's bots, by the bot's name; those *given* by name are used as they are.

    When bots are replaced, those whose resources are opened by the same functions as before keep what they have.
    """

    def __init__(self, given: Mapping[str, object]) -> None:
        self._given = given
        self._held: Held = {}
        #: What each bot's handlers are handed.
        self.of: dict[str, Mapping[str, object]] = {}

    async def opened(self, bots: Iterable[Bot]) -> Held:
        """Open what *bots* need and is not open yet; raises DefinitionError, and then nothing new stays open."""
        held: dict[str, _Held] = {}
        async with AsyncExitStack() as opening:
            for bot in bots:
                functions = {name: handler.function for name, handler in bot.resources.items()}
                before = self._held.get(bot.name)
                if before is None or before.functions != functions:
                    stack = await opening.enter_async_context(AsyncExitStack())
                    before = _Held(functions, await open_resources(bot, stack, self._given), stack)
                held[bot.name] = before
            # Each is closed by itself from now on.
            opening.pop_all()
        return held

    def use(self, held: Held) -> AsyncExitStack:
        """Hand out what is *held* from now on; returns what closes all that is not needed any more."""
        left = AsyncExitStack()
        for name, one in self._held.items():
            if held.get(name) is not one:
                left.push_async_callback(one.stack.aclose)
        self._held = held
        self.of.clear()
        self.of.update({name: one.values for name, one in held.items()})
        return left

    async def close(self) -> None:
        """Close everything."""
        await self.use({}).aclose()


async def open_resources(bot: Bot, stack: AsyncExitStack, given: Mapping[str, object]) -> dict[str, object]:
    """Open the resources of *bot* in the order they were registered; *stack* closes them, the last one first.

    What stands behind the ``yield`` of a resource runs however the app comes to its end. One that is *given* by name is
    used instead of being opened, as tests do. Raises DefinitionError, naming resource and place, for one that does not
    open; what it raised is the cause.
    """
    return {
        name: given[name] if name in given else await _opened(bot, handler, stack)
        for name, handler in bot.resources.items()
    }


async def _opened(bot: Bot, handler: Handler, stack: AsyncExitStack) -> object:
    try:
        opening = handler.function()
        if not isasyncgen(opening):
            return await opening if isawaitable(opening) else opening
        resource: object = await anext(opening)
    except StopAsyncIteration:
        raise DefinitionError(f"Bot {bot.name!r} cannot start: its {handler} yields nothing.") from None
    except Exception as error:
        # The words of a driver may hold a password: they stay in the cause.
        raise DefinitionError(f"Bot {bot.name!r} cannot start: its {told(error, handler)}.") from error
    stack.push_async_callback(_close, handler, opening)
    return resource


async def _close(handler: Handler, opened: AsyncGenerator[object, Never]) -> None:
    try:
        await anext(opened)
    except StopAsyncIteration:
        return
    await opened.aclose()
    raise DefinitionError(f"The {handler} yields more than once; a resource is one value.")
