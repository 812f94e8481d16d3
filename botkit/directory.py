"""Which bot answers on which page."""

from collections.abc import Iterable, Sequence

from botkit.bot import Bot
from botkit.errors import DefinitionError
from botkit.events import Address
from botkit.pictures import Picture


class Directory:
    """The bots of one installation, found by page.

    A bot without pages answers on every page, which makes sense only if it is the only one. Raises DefinitionError
    where two bots claim one page, or one of several has no page.
    """

    def __init__(self, bots: Iterable[Bot], *, channel: str = "messenger") -> None:
        self.channel = channel
        self.pictures: dict[str, Picture] = {}
        self.replace(bots)

    def replace(self, bots: Iterable[Bot]) -> None:
        """Let *bots* answer from now on in place of those that are there; raises like the making, and changes nothing.

        >>> directory = Directory([Bot("shop", pages=["1"])])
        >>> directory.replace([Bot("bar", pages=["2"])])
        >>> directory.find(Address("messenger", "2", "ann")).name
        'bar'
        """
        bots = tuple(bots)
        by_page = _by_page(bots)
        self.bots: Sequence[Bot] = bots
        # What a user was shown by a bot that was replaced is still to be seen.
        self.pictures.update({key: one for bot in bots for key, one in bot.pictures.items()})
        self._by_page = by_page
        self._everywhere = bots[0] if len(bots) == 1 and not bots[0].pages else None

    @property
    def pages(self) -> Sequence[str | None]:
        """The pages that are claimed; one None where every page is."""
        return [None] if self._everywhere else list(self._by_page)

    def find(self, address: Address) -> Bot | None:
        """The bot that answers at *address*, None if no bot claims its page."""
        if address.channel != self.channel:
            return None
        return self._by_page.get(address.page, self._everywhere)


def _by_page(bots: Sequence[Bot]) -> dict[str, Bot]:
    found: dict[str, Bot] = {}
    for bot in bots:
        if not bot.pages and len(bots) > 1:
            raise DefinitionError(f"Bot {bot.name!r} has no pages; where there are several bots each needs its own.")
        for page in bot.pages:
            other = found.setdefault(page, bot)
            if other is not bot:
                raise DefinitionError(f"Page {page} is claimed by bot {other.name!r} and by bot {bot.name!r}.")
    return found
