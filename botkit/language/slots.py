"""Slot types: what a slot in a template takes, from which token to which, and the value it becomes."""

import datetime as dt
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from functools import cached_property
from typing import Final
from zoneinfo import ZoneInfo

from attrs import field, frozen

from botkit.language.addresses import EMAIL_LIMIT, SCHEMES, all_emails, emails, urls
from botkit.language.calendar import date_endings, date_words, dates
from botkit.language.daytime import time_endings, time_words, times
from botkit.language.numbers import all_decimals, all_phones, all_whole_numbers, decimals, phones, whole_numbers
from botkit.language.spots import Spots, between
from botkit.language.text import Tokens
from botkit.language.wordlists import WordList
from botkit.replies import Choice, Reply, replies_from, tell_apart
from botkit.translated import Translated, said_in, spellings

#: Where a slot ends, as the number of the token behind it, and the value it has then.
Found = tuple[int, object]
#: How many tokens values take that start at a token from one up to another, and where those start.
FindAll = Callable[[Tokens, int, int], Iterable[tuple[int, Spots]]]
FindHere = Callable[[Tokens, int], Iterable[Found]]

#: How many tokens a number, a phone number, a date, a time or a word with hyphens may take.
SPAN_LIMIT: Final = 8
#: For text and web addresses, which may be as long as the message.
UNLIMITED: Final = sys.maxsize
#: Signs that no word is written like: that a word begins with a figure, and that there is an @.
FIGURE: Final = "{figure}"
AT: Final = "@"
_FIGURES: Final = frozenset({FIGURE})
#: That some word is the first of a value of a list.
LIST_SIGN: Final = "{a list}"
#: What joins the parts of a word, as in Anne-Marie and AB-12/7.
_JOINTS: Final = frozenset("-‐‑_./&")

_NAMES: Final[Mapping[type, str]] = {
    int: "int",
    float: "decimal",
    Decimal: "decimal",
    str: "text",
    dt.date: "date",
    dt.time: "time",
}


def _type_name(given: type | str) -> str:
    if isinstance(given, str):
        return given
    if given in _NAMES:
        return _NAMES[given]
    raise ValueError(f"A slot cannot be a {given.__name__}; take one of {', '.join(sorted(set(_NAMES.values())))}.")


def _as_tuple(given: Iterable[str]) -> tuple[str, ...]:
    if isinstance(given, str):
        raise TypeError(f"choices takes a list, not the one string {given!r}.")
    return tuple(given)


@frozen
class Slot:
    """What a slot takes: a *type* by Python class or by name, or, with type "choice", one of *choices*.

    With *ask*, a text or another reply, a slot that a phrase does not fill is asked for before the handler is called;
    *retry_text* is said to what is no answer.

    Classes are int, float, Decimal, str, date and time. Names are int, decimal, word, text, email, phone, url, date,
    time, choice, and those of the bot's own lists. Raises ValueError for another class, and for choices that are
    missing, go with another type, cannot be shown, or are the same; TypeError or ValueError for an *ask* or
    *retry_text* that is no reply.

    >>> Slot(int).type, Slot("size").type, Slot(choices=["red", "blue"]).type
    ('int', 'size', 'choice')
    """

    type: str = field(default="text", converter=_type_name)
    choices: tuple[str, ...] = field(default=(), converter=_as_tuple, kw_only=True)
    ask: str | Reply | None = field(default=None, kw_only=True)
    retry_text: str | None = field(default=None, kw_only=True)

    def __attrs_post_init__(self) -> None:
        if self.choices and self.type == "text":
            object.__setattr__(self, "type", "choice")
        if (self.type == "choice") != bool(self.choices):
            raise ValueError("A slot of type choice needs its choices, and only that type takes any.")
        tell_apart(map(Choice, self.choices))
        replies_from(self.ask)
        replies_from(self.retry_text)

    def called(self, value: object, language: str) -> str:
        """What *value* is called in *language*: a choice as it is shown, everything else as it is."""
        return next((said_in(one, (language,)) for one in self.choices if one == value), str(value))


@frozen
class Context:
    """What a value may depend on besides the words: *now*, aware, the bot's time zone, and the *languages* of dates."""

    now: datetime
    timezone: ZoneInfo
    languages: tuple[str, ...] = ("en",)

    @cached_property
    def today(self) -> dt.date:
        """The day it is where the bot is."""
        return self.now.astimezone(self.timezone).date()


@frozen
class SlotType:
    """A slot type by *name*, with how it finds its values and how many tokens they *most* take.

    The index relies on that bound to stay linear in the text. A list tells its *spellings*, so that the index can look
    all lists up at once. What *is_tight* has a character at most between its tokens, what *is_unbroken* goes on to the
    next white space, and what *is_as_written* gives the words as they are. *find_all* tells with less where values are,
    and not what they are. A text that has something of a type has one of its *signs* too, if it has any, and what ends
    with it one of its *endings* as its last word: see `botkit.language.signs`. *titles* are what values are called that
    have a name in several languages.
    """

    name: str
    _find: Callable[[Tokens, int, Context], Iterable[Found]]
    most: int = SPAN_LIMIT
    spellings: WordList | None = None
    is_tight: bool = False
    is_unbroken: bool = False
    find_all: FindAll | None = None
    is_as_written: bool = False
    signs: frozenset[str] = frozenset()
    endings: frozenset[str] = frozenset()
    titles: Mapping[str, str] = field(factory=dict, eq=False)

    @cached_property
    def sign(self) -> str:
        """What stands for its signs; empty if it has none."""
        if self.spellings is not None:
            return LIST_SIGN
        return f"{{{self.name}}}" if self.signs else ""

    def may_begin_with(self, word: str) -> bool:
        """Whether a value may: it begins with one of its signs, but for addresses with an @."""
        signs = self.signs
        return not signs or word in signs or AT in signs or (word[:1].isdecimal() and FIGURE in signs)

    @property
    def is_text(self) -> bool:
        """Whether it takes any words."""
        return self.name == "text"

    def values(self, tokens: Tokens, first: int, context: Context) -> Sequence[Found]:
        """Each end and value of a slot that starts at a token, the one to be preferred first.

        That is the longest, but the shortest of type text.
        """
        last = first + self.most
        return [one for one in self._find(tokens, first, context) if first < one[0] <= last]


def _words(tokens: Tokens, first: int) -> Sequence[Found]:
    """All that is joined to one word by hyphens and the like, or that word alone."""
    surface, (starts, ends) = tokens.surface, tokens.spans.of(first, first + SPAN_LIMIT + 1)
    more = 1
    while more < len(starts) and surface[ends[more - 1] : starts[more]] in _JOINTS:
        more += 1
    alone = (first + 1, surface[starts[0] : ends[0]])
    return [alone] if more == 1 else [(first + more, surface[starts[0] : ends[more - 1]]), alone]


def _all_words(tokens: Tokens, first: int, end: int) -> Iterator[tuple[int, Spots]]:
    """How many tokens such words take that start at one from *first* up to *end*, and where they start."""
    end = min(end, len(tokens))
    here = between(first, end)
    yield 1, here
    surface, (starts, ends) = tokens.surface, tokens.spans.of(first, end + SPAN_LIMIT + 1)
    joined = 0
    for at, (stop, start) in enumerate(zip(ends, starts[1:], strict=False), first):
        if start - stop == 1 and surface[stop] in _JOINTS:
            joined |= 1 << at
    length, going_on = 2, joined & here
    while going_on and length <= SPAN_LIMIT:
        goes_further = joined >> (length - 1)
        yield length, going_on & ~goes_further
        length, going_on = length + 1, going_on & goes_further


def _texts(tokens: Tokens, first: int) -> Iterator[Found]:
    for end in range(first + 1, len(tokens) + 1):
        yield end, tokens.original(first, end)


def _here(find: FindHere) -> Callable[[Tokens, int, Context], Iterable[Found]]:
    return lambda tokens, first, _: find(tokens, first)


BUILT_IN: Final[Mapping[str, SlotType]] = {
    one.name: one
    for one in (
        SlotType(
            "int", _here(whole_numbers), is_tight=True, find_all=all_whole_numbers, signs=_FIGURES, endings=_FIGURES
        ),
        SlotType("decimal", _here(decimals), is_tight=True, find_all=all_decimals, signs=_FIGURES, endings=_FIGURES),
        SlotType(
            "date",
            lambda tokens, first, context: dates(tokens, first, context.today, context.languages),
            6,
            signs=_FIGURES | date_words(),
            endings=_FIGURES | date_endings(),
        ),
        SlotType(
            "time",
            lambda tokens, first, context: times(tokens, first, context.languages),
            4,
            signs=_FIGURES | time_words(),
            endings=_FIGURES | time_endings(),
        ),
        SlotType("email", _here(emails), EMAIL_LIMIT, is_unbroken=True, find_all=all_emails, signs=frozenset({AT})),
        SlotType("url", _here(urls), UNLIMITED, is_unbroken=True, signs=SCHEMES),
        SlotType("phone", _here(phones), find_all=all_phones, signs=_FIGURES, endings=_FIGURES),
        SlotType("word", _here(_words), is_tight=True, find_all=_all_words, is_as_written=True),
        SlotType("text", _here(_texts), UNLIMITED),
    )
}


def list_type(name: str, values: Mapping[str, Sequence[str]]) -> SlotType:
    """A slot type that takes the keys of *values* and their synonyms, and gives the key.

    A key may be `Translated`: it is taken in any of its languages, and given in the first. Raises DefinitionError for a
    value or synonym of more than 20 words.

    >>> from botkit.language.text import tokens
    >>> size = list_type("size", {"large": ["big", "very big"]})
    >>> list(size.values(tokens("Very big!"), 0, None))
    [(2, 'large')]
    """
    found = WordList(values)
    titles = {str(value): value for value in values if isinstance(value, Translated)}
    return SlotType(name, lambda tokens, first, _: found.find(tokens, first), found.longest, found, titles=titles)


def choice_type(choices: Iterable[str]) -> SlotType:
    """A slot type that takes one of *choices* in any of its languages, and gives it in the first.

    Raises DefinitionError for a choice of more than 20 words.
    """
    each = [spellings(choice) for choice in choices]
    name = f"choice of {', '.join(repr('/'.join(one)) for one in each)}"
    return list_type(name, {one[0]: one[1:] for one in each})


def found_in(said: Tokens, slot_type: SlotType, context: Context) -> Iterator[tuple[int, int, object]]:
    """The values of a type in a text, from where to where: at each place the longest, and none inside another."""
    at = 0
    while at < len(said):
        found = max(slot_type.values(said, at, context), key=lambda one: one[0], default=None)
        if found is None or found[0] <= at:
            at += 1
        else:
            yield at, found[0], found[1]
            at = found[0]
