"""Sides: old and new code side by side, each of which takes up what it knows.

Words for what a process knows are compared with those of others in the store: a page, and a flow of a bot with its
version.
"""

from collections.abc import Sequence

from botkit.bot import Bot
from botkit.events import Address
from botkit.flows.journal import Flow
from botkit.routes import flows_of, handler_of


def knowledge_of(bots: Sequence[Bot]) -> frozenset[str]:
    """All that *bots*, those of one process, know.

    >>> bot = Bot("shop", pages=["1"])
    >>> @bot.intent("book a table", version=2)
    ... async def book(chat): ...
    >>> sorted(knowledge_of([bot]))
    ['page 1', 'shop: fallback, version 0', 'shop: intent book, version 2']
    """
    flows = (_flow(bot, name, handler.version) for bot in bots for name, handler in flows_of(bot))
    pages = (_page(page) for bot in bots for page in bot.pages)
    return frozenset((*flows, *pages))


def needed_for(bot: Bot, flows: Sequence[Flow]) -> frozenset[str]:
    """What a process must know to take up *flows* where they stand; nothing where *bot* knows all of it."""
    for flow in flows:
        if not knows(bot, flow):
            return frozenset(_flow(bot, needed.name, needed.version) for needed in flows)
    return frozenset()


def needed_at(address: Address) -> frozenset[str]:
    """What a process must know to answer anything at *address*."""
    return frozenset({_page(address.page)})


def knows(bot: Bot, flow: Flow) -> bool:
    """Whether *bot* has the handler of *flow*, in its version."""
    handler = handler_of(bot, flow.name)
    return handler is not None and handler.version == flow.version


def _page(page: str) -> str:
    return f"page {page}"


def _flow(bot: Bot, name: str, version: int) -> str:
    return f"{bot.name}: {name}, version {version}"
