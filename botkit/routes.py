"""Routes: which of a bot's functions answers an event, and under which name a flow of it is kept."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

from attrs import field, frozen

from botkit.bot import Bot
from botkit.events import Event, Message, Signal, Status, WakeUp
from botkit.handlers import Handler
from botkit.replies import Choice
from botkit.router import Match

_FALLBACK: Final = "fallback"


@frozen(kw_only=True)
class Route:
    """The way to a *handler*, with the *slots* it is given; *how* and *score* say why it was taken.

    *flow* is the name under which the handler is found again when it is brought back from its journal.
    """

    handler: Handler
    flow: str
    how: str
    score: float = 0.0
    slots: Mapping[str, object] = field(factory=dict)
    match: Match | None = None
    choice: Choice | None = None

    @property
    def intent(self) -> str | None:
        """The name of the intent it leads to, None where it leads to none."""
        what, _, name = self.flow.partition(" ")
        return name if what == "intent" else None


def route_of(bot: Bot, event: Event, *, now: datetime, choices: Sequence[Choice]) -> Route | None:
    """The route of an event to which no question is open; None where nobody answers it."""
    if isinstance(event, Status):
        handler = bot.hook("on_status", event.state)
        return None if handler is None else Route(handler=handler, flow=f"on_status {event.state}", how="status")
    if isinstance(event, (WakeUp, Signal)):
        return None
    return _understood(bot, event, now, choices) if event.kind == "text" else reaction(bot, event.kind)


def reaction(bot: Bot, kind: str) -> Route:
    """The route of a message of *kind* that is no intent."""
    if (handler := bot.hook("on", kind)) is not None:
        return Route(handler=handler, flow=f"on {kind}", how="kind")
    return Route(handler=bot.reaction(kind), flow=_FALLBACK, how="fallback")


def matched(bot: Bot, match: Match, choice: Choice | None = None) -> Route:
    """The route to the intent that was understood."""
    name = match.intent.name
    return Route(
        handler=bot.handler(name),
        flow=f"intent {name}",
        how=match.how,
        score=match.score,
        slots=match.slots,
        match=match,
        choice=choice,
    )


def handler_of(bot: Bot, flow: str) -> Handler | None:
    """Whose flow *flow* is, None where the bot has nobody of that name any more."""
    what, _, name = flow.partition(" ")
    if what == "intent":
        return bot.handler(name) if name in bot.intents else None
    if what == _FALLBACK:
        return bot.reaction("text")
    return bot.hook("on_status" if what == "on_status" else "on", name)


def _understood(bot: Bot, message: Message, now: datetime, choices: Sequence[Choice]) -> Route:
    choice = bot.router.chosen(message.text, choices) if choices else None
    match = bot.router.route(message.text, now=now, choices=choices)
    if match is None:
        found = reaction(bot, "text")
        return Route(handler=found.handler, flow=found.flow, how=found.how, choice=choice)
    return matched(bot, match, choice)
