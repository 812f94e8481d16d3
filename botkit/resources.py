"""Resources: what handlers share, opened with the app and closed with it."""

from collections.abc import AsyncGenerator, Mapping
from contextlib import AsyncExitStack
from inspect import isasyncgen, isawaitable
from typing import Never

from botkit.bot import Bot
from botkit.errors import DefinitionError
from botkit.failure import told
from botkit.handlers import Handler


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
