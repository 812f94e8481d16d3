"""Options: the settings of a bot as keyword arguments of `Bot`, and what is made of them."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import TypedDict
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from attrs import evolve

from botkit.errors import DefinitionError
from botkit.hours import Hours
from botkit.replies import InDoubtPolicy
from botkit.settings import BotSettings, Gaps


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


def settings_of(given: BotSettings, options: BotOptions) -> BotSettings:
    """*given*, changed by *options*; raises DefinitionError for what cannot be."""
    settings = evolve(given, **options)  # type: ignore[arg-type]  # pages may be a list here, and is a tuple below
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


def _listed(name: str, given: Sequence[str]) -> tuple[str, ...]:
    if isinstance(given, str):
        raise DefinitionError(f"{name} takes a list, not the one string {given!r}.")
    return tuple(given)


def zone_of(name: str) -> ZoneInfo:
    """The time zone called *name*; raises DefinitionError where there is none."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise DefinitionError(f"There is no time zone {name!r}; write one such as Europe/Berlin.") from None
