"""Texts of bots.yaml, which may say ``{slot}``, ``{session.key}`` and ``{hours.today}``."""

import datetime as dt
import re
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

from attrs import frozen

from botkit.chat import Chat
from botkit.hours import Hours
from botkit.language.braces import pieces_of, shown
from botkit.language.openings import day_in_words, moment_in_words
from botkit.language.vocabulary import known_language
from botkit.translated import said_in

SESSION: Final = re.compile(r"session(\.[^.\s]+)+")


@frozen
class Words:
    """A text with names in braces; *pieces* are literal text and, every second one, a name.

    ``{hours.today}`` and ``{hours.next}`` are told from *hours*. *titles* are what the values of slots are called.
    """

    pieces: tuple[str, ...]
    hours: Hours | None = None
    titles: "Titles" = MappingProxyType({})

    @classmethod
    def read(cls, text: str) -> "Words":
        """Take *text* apart once, when the bot is built; raises what `pieces_of` raises."""
        return cls(pieces_of(text))

    def __str__(self) -> str:
        """The text with its names in braces."""
        return "".join(f"{{{piece}}}" if number % 2 else piece for number, piece in enumerate(self.pieces))

    @property
    def names(self) -> tuple[str, ...]:
        """The names in braces that are no keys of the session."""
        return tuple(name for name in self.pieces[1::2] if not SESSION.fullmatch(name))

    def said(self, chat: Chat, slots: Mapping[str, object], *, escape: Callable[[str], str] = str) -> str:
        """The text with its names replaced; a slot that was not filled, and a key that is not set, are empty."""
        return "".join(
            escape(self._told(piece, chat, slots)) if number % 2 else piece for number, piece in enumerate(self.pieces)
        )

    def _told(self, name: str, chat: Chat, slots: Mapping[str, object]) -> str:
        if self.hours is not None and name in HOURS:
            return HOURS[name](self.hours, chat.now(), known_language(chat.languages))
        value = value_of(name, chat, slots)
        return said_in(self.titles[name].get(value, value), chat.languages) if name in self.titles else value


#: What the values of slots are called, by slot and value: texts in several languages.
Titles = Mapping[str, Mapping[str, str]]


def _today(hours: Hours, now: dt.datetime, language: str) -> str:
    return day_in_words(((shift.opens, shift.closes) for shift in hours.on(now.date())), language)


def _next(hours: Hours, now: dt.datetime, language: str) -> str:
    opening = hours.next_opening(now)
    return "" if opening is None else moment_in_words(opening, now, language)


#: What is told of a bot's hours, by its name.
HOURS: Final[Mapping[str, Callable[[Hours, dt.datetime, str], str]]] = {"hours.today": _today, "hours.next": _next}


def value_of(name: str, chat: Chat, slots: Mapping[str, object]) -> str:
    """What a slot or a key of the session is now, in words; empty where it has no value."""
    if not SESSION.fullmatch(name):
        return shown(slots.get(name))
    value: object = chat.session
    for key in name.split(".")[1:]:
        value = value.get(key) if isinstance(value, Mapping) else None
    return shown(value)
