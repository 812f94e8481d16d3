"""Resources: what handlers share, opened with the app and closed with it."""

from collections.abc import Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from inspect import isasyncgen, isawaitable

from botkit.bot import Bot
from botkit.errors import DefinitionError
from botkit.failure import told
from botkit.handlers import Handler


async def open_resources(bot: Bot, stack: AsyncExitStack, given: Mapping[str, object]) -> dict[str, object]:
    """Open the resources of *bot* in the order they were registered; *stack* closes them, the last one first.

    One that is *given* by name is used instead of being opened, as tests do. Raises DefinitionError, naming resource
    and place, for one that does not open; what it raised is the cause.
    """
    return {
        name: given[name] if name in given else await _opened(handler, stack) for name, handler in bot.resources.items()
    }


async def _opened(handler: Handler, stack: AsyncExitStack) -> object:
    try:
        opening = handler.function()
        if isasyncgen(opening):
            return await stack.enter_async_context(asynccontextmanager(lambda: opening)())
        return await opening if isawaitable(opening) else opening
    except Exception as error:
        # The words of a driver may hold a password: they stay in the cause.
        raise DefinitionError(f"The resource did not open: {told(error, handler)}.") from error
