"""Two versions of a bot, compared by what they make of the same texts."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Literal

from attrs import field, frozen

from botkit.bot import Bot
from botkit.language import parse, tokens
from botkit.language.lessons import taught
from botkit.router import Intent

#: ``understood``: another intent answers, or none. ``slots``: the same, with other slots. ``reply``: the same intent
#: says something else.
What = Literal["understood", "slots", "reply"]


@frozen(kw_only=True)
class Answer:
    """What a bot makes of a text: the *intent* that answers, None for none, with its *slots*."""

    intent: str | None
    slots: Mapping[str, object] = field(factory=dict)
    handler: object = field(default=None, repr=False)

    def __str__(self) -> str:
        if self.intent is None:
            return "nothing: the fallback answers"
        slots = ", ".join(f"{name} = {value}" for name, value in self.slots.items())
        return f"{self.intent} with {slots}" if slots else self.intent

    def to_json(self) -> dict[str, object]:
        """The answer as JSON values; slots as text."""
        return {"intent": self.intent, "slots": {name: str(value) for name, value in self.slots.items()}}


@frozen(kw_only=True)
class Change:
    """A *text* that the two versions of the bot called *bot* answer differently, and in *what*."""

    bot: str
    text: str
    what: What
    before: Answer
    after: Answer

    def to_json(self) -> dict[str, object]:
        """The change as JSON values."""
        return {
            "bot": self.bot,
            "text": self.text,
            "what": self.what,
            "before": self.before.to_json(),
            "after": self.after.to_json(),
        }


def compared(old: Bot, new: Bot, texts: Iterable[str], *, now: datetime) -> Iterator[Change]:
    """The texts that *old* and *new* answer differently; *now* gives dates their meaning for both."""
    for text in texts:
        before, after = _answer(old, text, now), _answer(new, text, now)
        what = _difference(before, after)
        if what is not None:
            yield Change(bot=new.name, text=text, what=what, before=before, after=after)


def texts_of(bot: Bot) -> Iterator[str]:
    """What the phrases of *bot* say, with values in the place of slots that have such."""
    for intent in bot.intents.values():
        for phrase in intent.phrases:
            yield from taught(parse(phrase.text, intent.slots, bot.router.types)) or (phrase.text,)


def different(texts: Iterable[str]) -> list[str]:
    """*texts* without those that are compared as one before is, and without those that say nothing."""
    found: dict[str, str] = {}
    for text in texts:
        if key := tokens(text).key:
            found.setdefault(key, text)
    return list(found.values())


def pairs(old: Sequence[Bot], new: Sequence[Bot]) -> tuple[list[tuple[Bot, Bot]], list[str], list[str]]:
    """The bots that are in both, by name, or the only ones of each; and the names of those that are gone and new."""
    if len(old) == len(new) == 1:
        return [(old[0], new[0])], [], []
    before, after = {bot.name: bot for bot in old}, {bot.name: bot for bot in new}
    both = [(before[name], after[name]) for name in after if name in before]
    return both, [name for name in before if name not in after], [name for name in after if name not in before]


def _answer(bot: Bot, text: str, now: datetime) -> Answer:
    match = bot.router.route(text, now=now)
    if match is None:
        return Answer(intent=None, handler=_handler(bot.hook("fallback")))
    return Answer(intent=match.intent.name, slots=match.slots, handler=_handler(match.intent))


def _handler(where: object) -> object:
    """What tells one answer from another: the value of one from bots.yaml, the name of a function."""
    handler = where.handler if isinstance(where, Intent) else getattr(where, "function", where)
    return getattr(handler, "__qualname__", handler)


def _difference(before: Answer, after: Answer) -> What | None:
    if before.intent != after.intent:
        return "understood"
    if before.slots != after.slots:
        return "slots"
    return None if before.handler == after.handler else "reply"
