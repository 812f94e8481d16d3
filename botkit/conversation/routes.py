"""Routes: which of a bot's functions answers an event, and under which name a flow of it is kept."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Final

from attrs import field, frozen

from botkit.bot import Bot
from botkit.events import Event, Message, Signal, Status, WakeUp
from botkit.handlers import Handler, read_handler
from botkit.replies import Choice, Text
from botkit.router import Intent, Match

_FALLBACK: Final = "fallback"
#: What a phrase is written with that is not to be shown.
_BRACKETS: Final = frozenset("[](){}|\\")


@frozen(kw_only=True)
class Route:
    """The way to a *handler*, with the *slots* it is given; *how* and *score* say why it was taken.

    *flow* is the name under which the handler is found again when it is brought back from its journal. *language* is
    the one that the user has spoken, None where that cannot be told. *suggested* are the intents that are offered where
    none is understood.
    """

    handler: Handler
    flow: str
    how: str
    score: float = 0.0
    slots: Mapping[str, object] = field(factory=dict)
    match: Match | None = None
    choice: Choice | None = None
    language: str | None = None
    suggested: tuple[str, ...] = ()

    @property
    def intent(self) -> str | None:
        """The name of the intent it leads to, None where it leads to none."""
        what, _, name = self.flow.partition(" ")
        return name if what == "intent" else None


def route_of(bot: Bot, event: Event, *, now: datetime, choices: Sequence[Choice], language: str) -> Route | None:
    """The route of an event to which no question is open, in a conversation in *language*; None: nobody answers it."""
    if isinstance(event, Status):
        handler = bot.hook("on_status", event.state)
        return None if handler is None else Route(handler=handler, flow=f"on_status {event.state}", how="status")
    if isinstance(event, (WakeUp, Signal)):
        return None
    return _understood(bot, event, now, choices, language) if event.kind == "text" else reaction(bot, event.kind)


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
        language=match.language,
    )


def handler_of(bot: Bot, flow: str) -> Handler | None:
    """Whose flow *flow* is, None where the bot has nobody of that name any more."""
    what, _, name = flow.partition(" ")
    if what == "intent":
        return bot.handler(name) if name in bot.intents else None
    if what == _FALLBACK:
        return bot.reaction("text")
    return bot.hook("on_status" if what == "on_status" else "on", name)


def flows_of(bot: Bot) -> Iterator[tuple[str, Handler]]:
    """Every name under which a flow of *bot* may be kept, and whose it is."""
    hooks = (f"{hook.moment} {hook.name}" for hook in bot.hooks if hook.moment in ("on", "on_status"))
    for flow in (*(f"intent {name}" for name in bot.intents), *hooks, _FALLBACK):
        if (handler := handler_of(bot, flow)) is not None:
            yield flow, handler


def _understood(bot: Bot, message: Message, now: datetime, choices: Sequence[Choice], language: str) -> Route:
    text = message.text
    choice = bot.router.taken(text, choices, now=now, language=language)
    match = bot.router.route(text, now=now, choices=choices, language=language)
    if choice is None and (match is None or match.how == "likeness") and (asked := bot.voice.asked_for(text)):
        return speaking(bot, asked)
    if match is None:
        is_near = bot.settings.did_you_mean and choice is None
        near = bot.router.near(text, now=now, language=language) if is_near else ()
        if near:
            return _suggesting(bot, near, language)
        found = reaction(bot, "text")
        return Route(handler=found.handler, flow=found.flow, how=found.how, choice=choice)
    return matched(bot, match, choice)


async def _speaks(chat: object, told: str) -> str:
    return told


_SPEAKS: Final = read_handler(_speaks, what="built-in change of language")


def speaking(bot: Bot, language: str) -> Route:
    """The route to going on in *language*, because the user asks for it."""
    told = {"told": bot.voice.vocabulary(language).text("language")}
    return Route(handler=_SPEAKS, flow="language", how="language", score=1.0, slots=told, language=language)


async def _did_you_mean(chat: object, suggestion: Text) -> Text:
    return suggestion


_SUGGESTS: Final = read_handler(_did_you_mean, what="built-in suggestion")


def _suggesting(bot: Bot, near: Sequence[Intent], language: str) -> Route:
    """The route to a choice of the intents that a text may have meant."""
    names = tuple(intent.name for intent in near)
    text = Text(bot.voice.vocabulary(language).text("did_you_mean"), choices=tuple(_offered(near, language)))
    return Route(handler=_SUGGESTS, flow="suggestion", how="suggestion", slots={"suggestion": text}, suggested=names)


def _offered(near: Sequence[Intent], language: str) -> Iterator[Choice]:
    titles: set[str] = set()
    for intent in near:
        title = title_of(intent, language)
        if title not in titles:
            titles.add(title)
            yield Choice(title, intent=intent.name)


def title_of(intent: Intent, language: str = "en") -> str:
    """What *intent* is called in a choice: its first phrase without brackets, in *language* if it can be, or its name.

    >>> title_of(Intent(name="opening_hours", phrases=(), handler=print))
    'opening hours'
    """
    plain = [phrase for phrase in intent.phrases if _BRACKETS.isdisjoint(phrase.text)]
    plain.sort(key=lambda phrase: phrase.language not in (language, None))
    return plain[0].text if plain else intent.name.replace("_", " ")
