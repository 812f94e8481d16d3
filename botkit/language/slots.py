"""Slot types: what a slot in a template takes, from which token to which, and the value it becomes."""

import datetime as dt
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Final
from zoneinfo import ZoneInfo

from attrs import field, frozen

from botkit.language.calendar import dates, times
from botkit.language.text import Tokens, normalise
from botkit.replies import Reply, replies_from

Found = tuple[int, object]

#: How many tokens a phone number, a date or a time may take: what bounds the work at each token.
SPAN_LIMIT: Final = 8

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
    return tuple(given)


@frozen
class Slot:
    """What a slot takes: a *type* by Python class or by name, or, with type "choice", one of *choices*.

    With *ask*, a text or another reply, a slot that a phrase does not fill is asked for before the handler is called;
    *retry_text* is said to what is no answer.

    Names are int, decimal, word, text, email, phone, url, date, time, choice, and those of the bot's own lists.

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
        if self.ask is not None:
            replies_from(self.ask)


@frozen
class Context:
    """What a value may depend on besides the words: *now*, aware, and the bot's time zone."""

    now: datetime
    timezone: ZoneInfo

    @property
    def today(self) -> dt.date:
        """The day it is where the bot is."""
        return self.now.astimezone(self.timezone).date()


@frozen
class SlotType:
    """A slot type by *name*: *find* gives each end and value of a slot that starts at a token, nearest first."""

    name: str
    find: Callable[[Tokens, int, Context], Iterable[Found]]


def _chunk(tokens: Tokens, first: int) -> str:
    """The characters from a token up to the next white space, without the punctuation that ends a sentence."""
    start = tokens.starts[first]
    if start and not tokens.surface[start - 1].isspace() and tokens.surface[start - 1] not in "<(\"'":
        return ""
    return tokens.surface[start:].split(maxsplit=1)[0].rstrip(".,;:!?)>\"'")


def _ending(tokens: Tokens, first: int, length: int) -> int:
    """The token after the one that ends *length* characters behind the start of *first*, 0 if none ends there."""
    end = tokens.starts[first] + length
    for number in range(first, min(len(tokens), first + 64)):
        if tokens.ends[number] >= end:
            return number + 1 if tokens.ends[number] == end else 0
    return 0


_NUMBER: Final = re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:[.,]\d+)?")
_EMAIL: Final = re.compile(r"[^\s@]{1,64}@[^\s@]{1,255}")
_URL: Final = re.compile(r"(?:https?://|www\.)[^\s]+", re.IGNORECASE)
_PHONE: Final = re.compile(r"\(?\d[\d ()./-]{3,28}\d")


def _number(tokens: Tokens, first: int) -> tuple[int, str]:
    """The number that starts at a token, with its sign, as ASCII digits; (0, "") if none does."""
    surface, start = tokens.surface, tokens.starts[first]
    found = _NUMBER.match(surface, start)
    if found is None or surface[found.end() : found.end() + 1].isalnum():
        return 0, ""
    if re.match(r"[.,:/-]\d", surface[found.end() : found.end() + 2]) or _inside_number(surface, start):
        return 0, ""
    end = _ending(tokens, first, found.end() - start)
    digits = "".join(str(int(char)) if char.isdecimal() else char for char in found.group())
    return end, _sign(surface, start) + digits


def _inside_number(surface: str, start: int) -> bool:
    return start > 1 and surface[start - 1] in ".,:/" and surface[start - 2].isdecimal()


def _sign(surface: str, start: int) -> str:
    signed = start and surface[start - 1] in "-−" and (start == 1 or surface[start - 2].isspace())
    return "-" if signed else ""


def _int(tokens: Tokens, first: int, context: Context) -> Iterator[Found]:
    end, number = _number(tokens, first)
    plain = number.replace(",", "") if re.fullmatch(r"-?\d{1,3}(?:,\d{3})+", number) else number
    if end and plain.lstrip("-").isdigit() and len(plain) <= 40:
        yield end, int(plain)


def _decimal(tokens: Tokens, first: int, context: Context) -> Iterator[Found]:
    end, number = _number(tokens, first)
    if end and len(number) <= 40:
        grouped = re.fullmatch(r"-?\d{1,3}(?:,\d{3})+(?:\.\d+)?", number)
        yield end, Decimal(number.replace(",", "" if grouped else "."))


def _word(tokens: Tokens, first: int, context: Context) -> Iterator[Found]:
    yield first + 1, tokens.original(first, first + 1)


def _text(tokens: Tokens, first: int, context: Context) -> Iterator[Found]:
    for end in range(first + 1, len(tokens) + 1):
        yield end, tokens.original(first, end)


def _email(tokens: Tokens, first: int, context: Context) -> Iterator[Found]:
    chunk = _chunk(tokens, first)
    if _EMAIL.fullmatch(chunk) and "." in chunk.rpartition("@")[2].strip("."):
        yield _ending(tokens, first, len(chunk)), chunk


def _url(tokens: Tokens, first: int, context: Context) -> Iterator[Found]:
    chunk = _chunk(tokens, first).rstrip("/")
    if _URL.fullmatch(chunk):
        whole = tokens.surface[tokens.starts[first] :].split(maxsplit=1)[0]
        yield _ending(tokens, first, len(chunk)), chunk + ("/" if whole.startswith(chunk + "/") else "")


def _phone(tokens: Tokens, first: int, context: Context) -> Iterator[Found]:
    start = tokens.starts[first]
    found = _PHONE.match(tokens.surface, start)
    if found is None or tokens.surface[found.end() : found.end() + 1].isalnum():
        return
    digits = "".join(char for char in found.group() if char.isdecimal())
    if 5 <= len(digits) <= 15:
        plus = "+" if tokens.surface[:start].rstrip("(").endswith("+") else ""
        yield _ending(tokens, first, found.end() - start), plus + digits


def _date(tokens: Tokens, first: int, context: Context) -> Iterator[Found]:
    yield from dates(tokens, first, context.today)


def _time(tokens: Tokens, first: int, context: Context) -> Iterator[Found]:
    yield from times(tokens, first)


BUILT_IN: Final[Mapping[str, SlotType]] = {
    name: SlotType(name, find)
    for name, find in {
        "int": _int,
        "decimal": _decimal,
        "date": _date,
        "time": _time,
        "email": _email,
        "url": _url,
        "phone": _phone,
        "word": _word,
        "text": _text,
    }.items()
}


def list_type(name: str, values: Mapping[str, Sequence[str]]) -> SlotType:
    """A slot type that takes the keys of *values* and their synonyms, and gives the key.

    >>> from botkit.language.text import tokens
    >>> size = list_type("size", {"large": ["big", "very big"]})
    >>> list(size.find(tokens("Very big!"), 0, None))
    [(2, 'large')]
    """
    known: dict[str, list[tuple[tuple[str, ...], str]]] = {}
    for key, synonyms in values.items():
        for spelling in (key, *synonyms):
            words = tuple(normalise(spelling).split(" "))
            known.setdefault(words[0], []).append((words, key))
    for entries in known.values():
        entries.sort(key=lambda entry: len(entry[0]))

    def find(tokens: Tokens, first: int, context: Context) -> Iterator[Found]:
        for words, key in known.get(tokens.words[first], ()):
            if tokens.words[first : first + len(words)] == words:
                yield first + len(words), key

    return SlotType(name, find)
