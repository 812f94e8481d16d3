"""Options: what `Bot` and its decorators are given by keyword, and what is made of it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import timedelta
from difflib import get_close_matches
from typing import Final, TypedDict
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from attrs import evolve, fields

from botkit.errors import DefinitionError
from botkit.hours import Hours
from botkit.language import Slot
from botkit.replies import IN_DOUBT_POLICIES, InDoubtPolicy
from botkit.settings import BotSettings, Gaps

Lists = Mapping[str, Mapping[str, Sequence[str]]]


class BotOptions(TypedDict, total=False):
    """The settings of a bot as keyword arguments of `Bot`; see `BotSettings`."""

    pages: Sequence[str]
    timezone: str
    language: str
    session_ttl: timedelta | None
    handover_length: timedelta
    handler_timeout_seconds: float
    error_reply: str | None
    disclosure: str | None
    in_doubt: InDoubtPolicy
    gaps: Gaps
    did_you_mean: bool
    likeness: str
    languages: Sequence[str]
    words: Mapping[str, Sequence[str] | Mapping[str, Sequence[str]]]
    texts: Mapping[str, str]
    hours: Hours | None


#: Of which type each option is, and how that is called.
_TAKES: Final[Mapping[str, tuple[tuple[type, ...], str]]] = {
    "timezone": ((str,), "a text"),
    "language": ((str,), "a text"),
    "session_ttl": ((timedelta, type(None)), "a timedelta, or None"),
    "handover_length": ((timedelta,), "a timedelta"),
    "handler_timeout_seconds": ((int, float), "a number"),
    "error_reply": ((str, type(None)), "a text, or None"),
    "disclosure": ((str, type(None)), "a text, or None"),
    "gaps": ((Gaps,), "Gaps"),
    "did_you_mean": ((bool,), "True or False"),
    "likeness": ((str,), "a text"),
    "words": ((Mapping,), "a mapping"),
    "texts": ((Mapping,), "a mapping"),
    "hours": ((Hours, type(None)), "Hours, or None"),
    "strict": ((bool,), "True or False"),
    "confirm": ((str, type(None)), "a text, or None"),
    "name": ((str, type(None)), "a text, or None"),
}
_OF_BOTS: Final = [one.name for one in fields(BotSettings) if one.name in _TAKES]


def _check_type(name: str, given: object) -> None:
    types, told = _TAKES[name]
    if not isinstance(given, types):
        raise DefinitionError(f"{name} is {given!r:.60}; it takes {told}.")


def _check_texts(name: str, given: object) -> None:
    """Refuse what is no list of texts: the one text would be taken letter by letter."""
    if isinstance(given, str) or not (isinstance(given, Iterable) and all(isinstance(one, str) for one in given)):
        raise DefinitionError(f"{name} takes a list of texts, not {given!r:.60}.")


def _check_types(settings: BotSettings) -> None:
    for option in _OF_BOTS:
        _check_type(option, getattr(settings, option))
    if settings.in_doubt not in IN_DOUBT_POLICIES:
        raise DefinitionError(f"in_doubt is {settings.in_doubt!r}; it takes {' or '.join(IN_DOUBT_POLICIES)}.")
    for name, words in settings.words.items():
        for texts in words.values() if isinstance(words, Mapping) else [words]:
            _check_texts(f"words[{name!r}]", texts)
    shown: Mapping[str, object] = settings.texts
    for name, text in shown.items():
        if not (isinstance(text, str) and text.strip()):
            raise DefinitionError(f"texts[{name!r}] takes a text with something to show, not {text!r:.60}.")


def _check_known(options: Iterable[str]) -> None:
    known = list(BotOptions.__annotations__)
    for option in options:
        if option not in known:
            close = get_close_matches(option, known, 1)
            hint = f"did you mean {close[0]}=?" if close else f"known are {', '.join(known)}."
            raise DefinitionError(f"Bot takes no {option:.60}=; {hint}")


def check_bot(name: object, settings: object, session_version: object) -> None:
    """Raise DefinitionError where `Bot` was given something else for what is no option."""
    if not isinstance(name, str) or not name.strip():
        raise DefinitionError(f'A bot has a name, such as Bot("shop"), and {name!r:.60} is none.')
    if settings is not None and not isinstance(settings, BotSettings):
        raise DefinitionError(f"settings is {settings!r:.60}; it takes BotSettings, or give them one by one.")
    if type(session_version) is not int or session_version < 0:
        raise DefinitionError(f"session_version is {session_version!r:.60}; it takes a whole number from 0 on.")


def settings_of(given: BotSettings, options: BotOptions) -> BotSettings:
    """*given*, changed by *options*; raises DefinitionError for what cannot be."""
    _check_known(options)
    settings = evolve(given, **options)  # type: ignore[arg-type]  # pages may be a list here, and is a tuple below
    _check_types(settings)
    if not settings.handler_timeout_seconds > 0:
        raise DefinitionError(f"handler_timeout_seconds is {settings.handler_timeout_seconds!r}; it must be above 0.")
    if settings.session_ttl is not None and settings.session_ttl <= timedelta(0):
        raise DefinitionError(f"session_ttl is {settings.session_ttl}; it must be above 0, or None for no end.")
    if settings.handover_length <= timedelta(0):
        raise DefinitionError(f"handover_length is {settings.handover_length}; it must be above 0.")
    if not 0 <= settings.gaps.keep_days <= 3650:
        raise DefinitionError(f"gaps.keep_days is {settings.gaps.keep_days!r}; it must be from 0 to 3650.")
    if settings.error_reply is not None and not settings.error_reply.strip():
        raise DefinitionError("error_reply needs something to show; leave it out for the built-in text.")
    if settings.disclosure is not None and not settings.disclosure.strip():
        raise DefinitionError("disclosure needs something to show; leave it out to say nothing.")
    return evolve(settings, pages=_listed("pages", settings.pages), languages=_listed("languages", settings.languages))


def lists_of(given: Lists | None) -> dict[str, Mapping[str, Sequence[str]]]:
    """The lists that `Bot` was given; raises DefinitionError for what is none."""
    example = '{"small": ["little"], "large": []}'
    if given is not None and not isinstance(given, Mapping):
        raise DefinitionError(f'lists takes a mapping, as in lists={{"size": {example}}}.')
    for name, values in (given or {}).items():
        if not isinstance(values, Mapping):
            raise DefinitionError(f"lists[{name!r}] takes a mapping, as in {example}.")
        for value, synonyms in values.items():
            _check_texts(f"lists[{name!r}][{value!r}]", synonyms)
    return dict(given or {})


def phrases_of(phrases: Iterable[str | Mapping[str, Sequence[str]]]) -> Iterator[tuple[str, str | None]]:
    """Each of the phrases that a decorator was given, with its language; raises DefinitionError for what is none."""
    for given in phrases:
        each = given.items() if isinstance(given, Mapping) else [(None, [given])]
        for language, texts in each:
            if isinstance(texts, str) or any(not isinstance(text, str) for text in texts):
                raise DefinitionError('@bot.intent takes phrases: write @bot.intent("a phrase") above the function.')
            yield from ((text, language) for text in texts)


def check_intent(*, name: object, slots: object, regexes: object, flags: Mapping[str, object]) -> None:
    """Raise DefinitionError where `Bot.intent` was given options of other types."""
    version, on_change = flags["version"], flags["on_change"]
    if type(version) is not int or version < 0 or on_change not in ("restart", "park"):
        raise DefinitionError(f"version={version!r} is a whole number, and on_change={on_change!r} restart or park.")
    try:
        _check_type("name", name)
        _check_type("strict", flags["strict"])
        _check_type("confirm", flags["confirm"])
        _check_texts("regexes", regexes)
    except DefinitionError as error:
        raise DefinitionError(f"@bot.intent: {error}") from None
    if not isinstance(slots, Mapping) or any(not isinstance(slot, Slot) for slot in slots.values()):
        told = f'slots takes a Slot for each name, as in slots={{"count": Slot(int)}}, not {slots!r:.60}'
        raise DefinitionError(f"@bot.intent: {told}.")


def _listed(name: str, given: object) -> tuple[str, ...]:
    if isinstance(given, str):
        raise DefinitionError(f"{name} takes a list, not the one string {given!r}.")
    if not isinstance(given, Iterable):
        raise DefinitionError(f"{name} takes a list of texts, not {given!r:.60}.")
    listed = tuple(given)
    _check_texts(name, listed)
    return listed


def zone_of(name: str) -> ZoneInfo:
    """The time zone called *name*; raises DefinitionError where there is none."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise DefinitionError(f"There is no time zone {name!r}; write one such as Europe/Berlin.") from None
