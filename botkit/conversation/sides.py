"""Sides: old and new code side by side, each of which takes up what it knows.

Words for what a process knows are compared with those of others in the store: a page, and of a bot each flow with its
version, and each form of journals.
"""

from collections.abc import Sequence

from botkit.bot import Bot
from botkit.conversation.routes import flows_of, handler_of
from botkit.events import Address
from botkit.flows.journal import Flow
from botkit.flows.kept import FORMS, form_of


def knowledge_of(bots: Sequence[Bot]) -> frozenset[str]:
    """All that *bots*, those of one process, know.

    >>> bot = Bot("shop", pages=["1"])
    >>> @bot.intent("book a table", version=2)
    ... async def book(chat): ...
    >>> print(*sorted(knowledge_of([bot])), sep="; ")
    page 1; shop: fallback, version 0; shop: intent book, version 2; shop: journals, form 1; shop: journals, form 2
    """
    flows = (_flow(bot, name, handler.version) for bot in bots for name, handler in flows_of(bot))
    forms = (_journals(bot, form) for bot in bots for form in FORMS)
    pages = (_page(page) for bot in bots for page in bot.pages or [None])
    return frozenset((*flows, *forms, *pages))


def needed_to_read(bot: Bot, kept: str) -> frozenset[str]:
    """What a process must know to read the flows of *bot* that are *kept*; nothing where this one can, or nobody."""
    form = form_of(kept)
    return frozenset() if form in (0, *FORMS) else frozenset({_journals(bot, form)})


def needed_for(bot: Bot, flows: Sequence[Flow], kept: str) -> frozenset[str]:
    """What a process must know to take up *flows* where they stand; nothing where *bot* knows all of it.

    The form in which they are *kept* is of it: two of which one knows the flow and the other the form would leave them
    to one another for ever.
    """
    for flow in flows:
        if not knows(bot, flow):
            needed = (_flow(bot, needed.name, needed.version) for needed in flows)
            return frozenset((*needed, _journals(bot, form_of(kept))))
    return frozenset()


def needed_at(address: Address, bot: Bot | None) -> frozenset[str]:
    """What a process must know to answer anything at *address*, where *bot* does, or nobody.

    Who knows the flows and not the page would leave them to one another for ever, too.
    """
    return frozenset({_page(None if bot is not None and not bot.pages else address.page)})


def knows(bot: Bot, flow: Flow) -> bool:
    """Whether *bot* has the handler of *flow*, in its version."""
    handler = handler_of(bot, flow.name)
    return handler is not None and handler.version == flow.version


def _page(page: str | None) -> str:
    return "every page" if page is None else f"page {page}"


def _journals(bot: Bot, form: int) -> str:
    # Said of each bot: whoever can read a journal, and has not the bot, cannot take it up.
    return f"{bot.name}: journals, form {form}"


def _flow(bot: Bot, name: str, version: int) -> str:
    return f"{bot.name}: {name}, version {version}"
