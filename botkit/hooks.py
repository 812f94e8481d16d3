"""Hooks: the functions a bot calls for what is no intent, and what each must look like."""

from collections.abc import Callable, Mapping
from typing import Final, Literal

from attrs import frozen

from botkit.errors import DefinitionError, Place
from botkit.handlers import Handler, Mode, read_handler

Moment = Literal["on", "on_status", "fallback", "greeting", "error", "middleware", "resource", "migrate_session"]

_ANY: Final[tuple[Mode, ...]] = ("sync", "async", "stream")


@frozen(kw_only=True)
class Hook:
    """A *function* to call at a *moment*; *name* is the kind of message, the state or the resource it is for.

    *place* is where somebody declared it, where that is not where the function is written. Decorators and bots.yaml
    build the same value.
    """

    moment: Moment
    function: Callable[..., object]
    name: str = ""
    retries: int = 0
    place: Place | None = None


@frozen
class _Shape:
    """What the function at one moment is called in errors, what it is given by position, and how it may be written."""

    what: str
    leading: tuple[str, ...] = ("chat",)
    modes: tuple[Mode, ...] = _ANY
    form: str = ""


_SHAPES: Final[Mapping[Moment, _Shape]] = {
    "on": _Shape("handler"),
    "on_status": _Shape("handler"),
    "fallback": _Shape("fallback"),
    "greeting": _Shape("greeting"),
    "error": _Shape("error handler", ("chat", "error")),
    "middleware": _Shape(
        "middleware", ("chat", "proceed"), ("async",), "async def m(chat, proceed) that returns replies"
    ),
    "resource": _Shape(
        "resource", (), ("async", "stream"), "an async function, or an async generator that yields once"
    ),
    "migrate_session": _Shape(
        "session migration", ("session", "version"), ("sync",), "a plain function, not an async one"
    ),
}


def read_hook(hook: Hook) -> Handler:
    """Read the signature of a hook's function; raises DefinitionError, naming it, where its moment asks for another."""
    shape = _SHAPES[hook.moment]
    handler = read_handler(hook.function, shape.leading, what=shape.what, place=hook.place, retries=hook.retries)
    if handler.mode not in shape.modes:
        raise DefinitionError(f"The {handler} must be {shape.form}.")
    if hook.moment in ("resource", "migrate_session") and handler.required:
        raise DefinitionError(f"The {handler} takes {min(handler.required)!r}, and nothing would fill it.")
    return handler
