"""What users asked that no bot has an answer to, for the page of `botkit run --dev`."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Final

from botkit.bot import Bot
from botkit.review.gaps import by_count, grouped, pastes
from botkit.stores import Desk
from botkit.work import Gap

#: More groups than these nobody reads at once.
_MOST: Final = 100


class Unanswered:
    """The gaps that a store keeps, in groups, as JSON for the page; *bots* are those that run now."""

    def __init__(self, desk: Desk, bots: Callable[[], Sequence[Bot]]) -> None:
        self._desk = desk
        self._bots = bots

    async def __call__(self) -> dict[str, object]:
        """How many messages were not understood, and the groups with what to paste for each."""
        gaps = await self._desk.gaps()
        # It may take a second, in which turns go on.
        return await asyncio.to_thread(_told, gaps, self._bots())


def _told(gaps: Sequence[Gap], bots: Sequence[Bot]) -> dict[str, object]:
    groups = by_count(grouped(gaps, bots))[:_MOST]
    taken = [intent for bot in bots for intent in bot.intents]
    return {
        "count": len(gaps),
        "groups": [
            {**group.to_json(), "yaml": yaml} for group, yaml in zip(groups, pastes(groups, taken), strict=True)
        ],
    }
