"""Handlers: what a user's function takes, found out once when it is registered, and how it is called."""

import inspect
from collections.abc import Callable, Mapping
from pathlib import Path
from types import CodeType
from typing import Final, Literal

from attrs import frozen

from botkit.errors import DefinitionError, Place

Function = Callable[..., object]
Mode = Literal["sync", "async", "stream"]

_NAMED: Final = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)


@frozen(kw_only=True)
class Handler:
    """A function with its signature read: *leading* arguments by position, then slots and resources by name.

    *required* are the names without a default. *takes_all* says that it has ``**kwargs`` and takes every slot. *mode* is
    "sync" (runs in a thread), "async", or "stream" (an async generator, each of whose values leaves at once).
    """

    function: Function
    name: str
    place: Place | None
    mode: Mode
    names: frozenset[str]
    required: frozenset[str]
    takes_all: bool

    def arguments(self, slots: Mapping[str, object], resources: Mapping[str, object]) -> dict[str, object]:
        """The keyword arguments for one call."""
        if self.takes_all:
            return {**slots, **{name: value for name, value in resources.items() if name in self.names}}
        if not self.names:
            return {}
        found = {name: resources[name] for name in self.names if name in resources}
        found.update({name: value for name, value in slots.items() if name in self.names})
        return found

    def __str__(self) -> str:
        return f"handler {self.name!r}" if self.place is None else f"handler {self.name!r} at {self.place}"


def place_of(function: Function) -> Place | None:
    """Where *function* is written, None for what has no source."""
    code = getattr(inspect.unwrap(function), "__code__", None)
    if not isinstance(code, CodeType):
        return None
    return Place(_shown(code.co_filename), code.co_firstlineno)


def _shown(filename: str) -> str:
    path = Path(filename)
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else filename


def name_of(function: Function) -> str:
    """What *function* is called in errors and logs."""
    return str(getattr(function, "__name__", type(function).__name__))


def read_handler(function: Function, *leading: str) -> Handler:
    """Read the signature of *function*, which is called with the *leading* arguments by position.

    Raises DefinitionError, naming the function and its place, for what cannot be called like that.
    """
    name, place = name_of(function), place_of(function)
    here = f"handler {name!r}" + (f" at {place}" if place else "")
    if not callable(function):
        raise DefinitionError(f"{function!r} is not a function; a handler is a function that takes chat.")
    try:
        parameters = list(inspect.signature(function).parameters.values())
    except (TypeError, ValueError):
        raise DefinitionError(f"The {here} has no signature that can be read; wrap it in a function.") from None
    _check_leading(here, parameters, leading)
    named = [one for one in parameters[len(leading) :] if one.kind in _NAMED]
    _check_rest(here, parameters[len(leading) :])
    return Handler(
        function=function,
        name=name,
        place=place,
        mode=_mode(function),
        names=frozenset(one.name for one in named),
        required=frozenset(one.name for one in named if one.default is inspect.Parameter.empty),
        takes_all=any(one.kind is inspect.Parameter.VAR_KEYWORD for one in parameters),
    )


def _check_leading(here: str, parameters: list[inspect.Parameter], leading: tuple[str, ...]) -> None:
    positional = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    given = [one for one in parameters if one.kind in positional]
    if len(given) < len(leading):
        wanted = ", ".join(leading)
        raise DefinitionError(f"The {here} must take {wanted} first: def {here.split(chr(39))[1]}({wanted}, …).")


def _check_rest(here: str, rest: list[inspect.Parameter]) -> None:
    for one in rest:
        if one.kind is inspect.Parameter.POSITIONAL_ONLY:
            raise DefinitionError(f"The {here} takes {one.name!r} by position only; slots are given by name.")
        if one.kind is inspect.Parameter.VAR_POSITIONAL:
            raise DefinitionError(f"The {here} takes *{one.name}; slots are given by name, so use **{one.name}.")


def _mode(function: Function) -> Mode:
    called = function if inspect.isroutine(function) else getattr(function, "__call__", function)  # noqa: B004 - read, not tested
    if inspect.isasyncgenfunction(called):
        return "stream"
    return "async" if inspect.iscoroutinefunction(called) else "sync"
