"""Two versions of a bot, compared by what they make of the same texts."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from difflib import ndiff
from typing import Literal

from attrs import field, frozen

from botkit.bot import Bot
from botkit.language import parse, tokens
from botkit.language.lessons import taught
from botkit.review.scripts import Script, sayings, script_of

#: ``understood``: another intent answers, or none. ``offered``: none does, and others are offered. ``slots``: the same
#: intent, with other slots. ``reply``: the same intent, or the fallback, says or asks something else.
What = Literal["understood", "offered", "slots", "reply"]


@frozen(kw_only=True)
class Answer:
    """What a bot makes of a text: the *intent* that answers with its *slots*, None for none, and what it *says*.

    Where none does, *offered* are those that may have been meant.
    """

    intent: str | None
    slots: Mapping[str, object] = field(factory=dict)
    offered: tuple[str, ...] = ()
    says: Script = ()

    def __str__(self) -> str:
        if self.offered:
            return f"nothing: {', '.join(self.offered)} {'is' if len(self.offered) == 1 else 'are'} offered"
        if self.intent is None:
            return "nothing: the fallback answers"
        slots = ", ".join(f"{name} = {value}" for name, value in self.slots.items())
        return f"{self.intent} with {slots}" if slots else self.intent

    def to_json(self) -> dict[str, object]:
        """The answer as JSON values; slots as text."""
        return {
            "intent": self.intent,
            "slots": {name: str(value) for name, value in self.slots.items()},
            "offered": list(self.offered),
            "says": list(self.says),
        }


@frozen(kw_only=True)
class Change:
    """A *text* that the two versions of the bot called *bot* answer differently, and in *what*.

    *language* is that of the conversations in which they do, None for those in the bot's own.
    """

    bot: str
    text: str
    what: What
    before: Answer
    after: Answer
    language: str | None = None

    def to_json(self) -> dict[str, object]:
        """The change as JSON values."""
        return {
            "bot": self.bot,
            "what": self.what,
            "text": self.text,
            "language": self.language,
            "before": self.before.to_json(),
            "after": self.after.to_json(),
        }


@frozen(kw_only=True)
class Rewording:
    """Something that the two versions of the bot called *bot* say differently, whatever text leads there: *name*."""

    bot: str
    name: str
    before: Script
    after: Script

    def to_json(self) -> dict[str, object]:
        """The change as JSON values."""
        return {
            "bot": self.bot,
            "what": "said",
            "name": self.name,
            "before": {"says": list(self.before)},
            "after": {"says": list(self.after)},
        }


def compared(old: Bot, new: Bot, texts: Iterable[str], *, now: datetime) -> Iterator[Change]:
    """The texts that *old* and *new* answer differently; *now* gives dates their meaning for both.

    They are tried in conversations in each language that both speak. What changes alike in several is told once.
    """
    scripts = _scripts(old), _scripts(new)
    others = [one for one in new.voice.languages[1:] if one in old.voice.languages]
    for text in texts:
        told: list[tuple[Answer, Answer]] = []
        for language in (None, *others):
            answers = _answer(old, text, language, scripts[0], now), _answer(new, text, language, scripts[1], now)
            what = _difference(*answers)
            if what is not None and answers not in told:
                told.append(answers)
                yield Change(bot=new.name, text=text, what=what, before=answers[0], after=answers[1], language=language)


def reworded(old: Bot, new: Bot, changes: Iterable[Change]) -> Iterator[Rewording]:
    """What is said differently and none of the *changes* shows: what no text that was tried leads to."""
    found = [*changes]
    replies = {change.after.intent for change in found if change.what == "reply"}
    touched = {one.intent for change in found for one in (change.before, change.after)}
    shown = {
        f"intent {name}" for name in touched if name in replies or not (name in old.intents and name in new.intents)
    }
    had, has = _said_by(old), _said_by(new)
    for name in dict.fromkeys([*had, *has]):
        said, says = had.get(name, ()), has.get(name, ())
        if said != says and name not in shown and not (name == "fallback" and None in replies):
            yield Rewording(bot=new.name, name=name, before=said, after=says)


def _said_by(bot: Bot) -> Mapping[str, Script]:
    return {**{f"intent {name}": script_of(one) for name, one in bot.intents.items()}, **sayings(bot)}


def difference(before: Script, after: Script) -> list[str]:
    """The lines that are only in one of the two, in order, each with its sign.

    >>> difference(("Hello!", "Bye."), ("Hi!", "Bye."))
    ['- Hello!', '+ Hi!']
    """
    return [line for line in ndiff(before, after) if line[0] in "-+"]


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


#: What each intent says, by name; with None for no intent what the fallback does.
_Scripts = Mapping[str | None, Script]


def _scripts(bot: Bot) -> _Scripts:
    return {None: sayings(bot)["fallback"], **{name: script_of(intent) for name, intent in bot.intents.items()}}


def _answer(bot: Bot, text: str, language: str | None, scripts: _Scripts, now: datetime) -> Answer:
    """What *bot* makes of *text* in a conversation in *language*, None for its own."""
    spoken = language or bot.settings.language
    match = bot.router.route(text, now=now, language=spoken)
    if match is not None:
        return Answer(intent=match.intent.name, slots=match.slots, says=scripts[match.intent.name])
    near = bot.router.near(text, now=now, language=spoken) if bot.settings.did_you_mean else ()
    return Answer(intent=None, offered=tuple(one.name for one in near), says=() if near else scripts[None])


def _difference(before: Answer, after: Answer) -> What | None:
    if before.intent != after.intent:
        return "understood"
    if before.offered != after.offered:
        return "offered"
    if before.slots != after.slots:
        return "slots"
    return None if before.says == after.says else "reply"
