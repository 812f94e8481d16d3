"""Scripts: what a bot says, as its authors wrote it, in lines to be read and compared. Nothing is run for them.

What a function in Python says nobody can know without running it: its script is its source.
"""

import inspect
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import dropwhile
from typing import Protocol, runtime_checkable

from botkit.bot import Bot
from botkit.hours import Hours, Shifts, named
from botkit.language import Slot
from botkit.language.vocabulary import vocabulary
from botkit.matching.intents import Intent
from botkit.replies import Choice, Custom, Reply, Text, replies_from
from botkit.translated import Translated

#: The lines of something that is said.
Script = tuple[str, ...]


@runtime_checkable
class Scripted(Protocol):
    """A function that knows what it will say, as answers of bots.yaml do."""

    def script(self) -> Iterator[str]:
        """What it says, a line each."""
        ...


def script_of(intent: Intent) -> Script:
    """What *intent* asks for, what it has confirmed, and what it answers."""
    asked = (line for name, slot in intent.asked.items() for line in _asked(name, slot))
    confirmed = under("asks to confirm", spelled(intent.confirm)) if intent.confirm else ()
    return (*asked, *confirmed, *_said_by(intent.handler))


def sayings(bot: Bot) -> Mapping[str, Script]:
    """Everything that *bot* says besides its intents, by what it is, such as a greeting or ``texts.retry``.

    And the words of its own that it understands while a question is open, such as ``words.cancel``.
    """
    settings = bot.settings
    said = {
        f"{hook.moment} {hook.name}".strip(): _said_by(hook.function)
        for hook in bot.hooks
        if hook.moment in ("fallback", "greeting", "error", "on", "on_status")
    }
    own = vocabulary(settings.language)
    said.setdefault("fallback", (own.text("retry"),))
    said["error_reply"] = tuple(spelled(bot.error_text.text))
    if settings.disclosure is not None:
        said["disclosure"] = tuple(spelled(settings.disclosure))
    if settings.did_you_mean:
        said["did_you_mean"] = ("what is near is offered",)
    if settings.hours is not None:
        said["hours"] = tuple(_opened(settings.hours))
    texts = {name: tuple(spelled(text)) for name, text in {**own.texts, **settings.texts}.items()}
    said |= {f"texts.{name}": lines for name, lines in texts.items()}
    return {**said, **{f"words.{name}": tuple(_words(given)) for name, given in settings.words.items()}}


def _asked(name: str, slot: Slot) -> Iterator[str]:
    # Text takes whatever is said, and needs no word.
    takes = ", ".join(map(joined, slot.choices)) or ("" if slot.type == "text" else slot.type)
    yield from under(f"asks for {name} ({takes})" if takes else f"asks for {name}", _replies(slot.ask))
    if slot.retry_text is not None:
        yield from under(f"asks for {name} again", _replies(slot.retry_text))


def _said_by(function: Callable[..., object]) -> Script:
    if isinstance(function, Scripted):
        return tuple(function.script())
    name = getattr(function, "__qualname__", type(function).__name__)
    return (f"[python] {getattr(function, '__module__', '')}:{name}", *_source(function))


def _source(function: Callable[..., object]) -> Iterator[str]:
    """The lines of *function*, without its decorators, which hold phrases; none where they cannot be found."""
    try:
        lines = inspect.getsource(function).splitlines()
    except (OSError, TypeError):
        return
    yield from dropwhile(lambda line: not line.lstrip().startswith(("def ", "async def ")), lines)


def _replies(given: object) -> Iterator[str]:
    for reply in replies_from(given):
        yield from reply_lines(reply)


def reply_lines(reply: Reply) -> Iterator[str]:
    """A reply as it is shown, in all its languages."""
    if isinstance(reply, Text):
        yield from spelled(reply.text)
        yield from choice_lines(reply.choices)
    else:
        yield f"[{reply.kind}] {reply.content if isinstance(reply, Custom) else getattr(reply, 'url', '')}"


def choice_lines(choices: Sequence[Choice]) -> Iterator[str]:
    """Choices as they are numbered, each with the intent that it runs."""
    for number, one in enumerate(choices, 1):
        value = "" if one.value == str(one.title) else f" = {one.value}"
        yield f"{number}. {joined(one.title)}{value}{f' -> {one.intent}' if one.intent else ''}"


def spelled(text: str) -> Iterator[str]:
    r"""The lines of *text*, of each of its languages where there are several.

    >>> [*spelled(Translated(en="Yes?", de="Ja?"))], [*spelled("One,\ntwo.")]
    (['en: Yes?', 'de: Ja?'], ['One,', 'two.'])
    """
    if not isinstance(text, Translated):
        yield from text.splitlines()
        return
    for language, said in text.by_language.items():
        yield from under(language, said.splitlines())


def joined(text: str) -> str:
    """*text* in one line."""
    return " / ".join(dict.fromkeys(text.by_language.values())) if isinstance(text, Translated) else text


def under(head: str, lines: Iterable[str]) -> Iterator[str]:
    """*lines* below *head*, or behind it where there is one only.

    >>> [*under("de", ["Ja?"])], [*under("de", ["Ja?", "Nein?"])]
    (['de: Ja?'], ['de:', '  Ja?', '  Nein?'])
    """
    found = [*lines]
    if len(found) == 1 and not found[0].startswith(" "):
        yield f"{head}: {found[0]}"
        return
    yield f"{head}:"
    yield from (f"  {line}" for line in found)


def _words(given: Sequence[str] | Mapping[str, Sequence[str]]) -> Iterator[str]:
    """Words, each in a line, or by language."""
    if isinstance(given, Mapping):
        yield from (line for language, words in given.items() for line in under(language, words))
    else:
        yield from given


def _opened(hours: Hours) -> Iterator[str]:
    for number, shifts in enumerate(hours.week):
        yield f"{named(number)}: {_shifts(shifts)}"
    for day, shifts in hours.exceptions.items():
        yield f"{named(day)}: {_shifts(shifts)}"


def _shifts(shifts: Shifts) -> str:
    return ", ".join(f"{_time(one.opens)}-{_time(one.closes)}" for one in shifts) or "closed"


def _time(minutes: int) -> str:
    return f"{minutes // 60 % 24}:{minutes % 60:02}"
