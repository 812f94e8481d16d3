"""Kinds of answers: what `chat.ask` may be asked for, by class, by name, or with a function."""

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from typing import Final

from botkit.errors import HandlerError
from botkit.handlers import mode_of, name_of
from botkit.language.slots import SlotType
from botkit.replies import Audio, Choice, File, Image, Video

#: What an answer may be asked to be: a class, the name of a slot type or list, or a function that raises ValueError.
Type = type | str | Callable[[str], object]
#: What makes the value of what a slot type or a choice gives.
Convert = Callable[..., object]

#: The classes that are media, with the kinds of messages that they are.
MEDIA: Final[Mapping[object, str]] = {kind: kind.kind for kind in (Image, Audio, Video, File)}

#: The slot type that a class asks for, and what makes its value of the one that the slot type gives.
_CLASSES: Final[Mapping[object, tuple[str, Convert | None]]] = {
    str: ("text", None),
    int: ("int", int),
    float: ("decimal", float),
    Decimal: ("decimal", Decimal),
    dt.date: ("date", None),
    dt.time: ("time", None),
}

#: The classes whose values are kept, and not only their texts, by what they are called in a journal.
KEPT: Final[Mapping[str, object]] = {
    name if convert is None else f"{name}/{convert.__name__}": kind
    for kind, (name, convert) in _CLASSES.items()
    if kind is not str
} | {"bool": bool}

_KNOWN: Final = "str, int, float, Decimal, bool, date, time, Image, Audio, Video and File"


def read_kind(given: Type, types: Mapping[str, SlotType]) -> tuple[Type, Convert | None]:
    """What is asked for, as a name where it is a slot type, and what makes the value of it.

    Raises HandlerError for what can make nothing of a text.
    """
    if isinstance(given, str):
        if given not in types:
            known = ", ".join(sorted(types))
            raise HandlerError(
                f"chat.ask was given type={given!r}, and there is none of that name; take one of {known}"
            )
        return given, None
    if not isinstance(given, type):
        check_function("type", given, "neither a type nor a function")
    elif given in _CLASSES:
        return _CLASSES[given]
    elif given.__module__ in ("builtins", "datetime") and given is not bool:
        raise HandlerError(
            f"chat.ask was given type={given.__name__}, which makes nothing of a text; take one of {_KNOWN}, or a "
            f"function that takes the text"
        )
    return given, None


def check_function(option: str, given: object, otherwise: str) -> None:
    """Raise HandlerError where *given* is no function that can be called with an answer, whenever that is read."""
    if not callable(given):
        raise HandlerError(f"chat.ask was given {option}={given!r}, which is {otherwise}")
    if mode_of(given) != "sync":
        raise HandlerError(
            f"chat.ask was given {option}={name_of(given)}, which is async; it takes a plain function: await "
            f"what there is to await once the answer is there"
        )


def check_choices(given: Type, kind: Type, convert: Convert | None, choices: Iterable[Choice]) -> None:
    """Raise HandlerError where the value of one of *choices* is not what was asked for as *given*."""
    offered = [choice for choice in choices if choice.intent is None]
    if not offered or kind == "text":
        return
    named = repr(given) if isinstance(given, str) else name_of(given)
    if convert is None:
        raise HandlerError(
            f"chat.ask was given type={named} and choices; the answer is the value of a choice, so leave type= out, or "
            f"take int, float or Decimal"
        )
    for number, choice in enumerate(offered, 1):
        try:
            convert(choice.value)
        except (TypeError, ValueError, ArithmeticError):
            raise HandlerError(
                f"chat.ask was given type={named}, and the value of choice {number} is none; give it one, as in "
                f'Choice("One", value="1")'
            ) from None
