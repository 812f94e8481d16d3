"""Handlers: what a user's function takes, found out once when it is registered, and how it is called in a turn."""

import functools
import inspect
from collections.abc import Awaitable, Callable, Iterable, Mapping
from contextlib import aclosing
from itertools import islice
from types import CodeType, FrameType
from typing import Final, Literal

from attrs import field, frozen

from botkit.errors import DefinitionError, HandlerError, Place
from botkit.places import shown
from botkit.replies import Reply, replies_from

Function = Callable[..., object]
CallInThread = Callable[[Callable[[], object]], Awaitable[object]]
Mode = Literal["sync", "async", "stream"]
#: What becomes of a flow whose code was changed under it: begun anew, or its messages set aside.
OnChange = Literal["restart", "park"]

#: More than this nobody reads, and what never ends would take all memory first.
MOST_REPLIES: Final = 1_000

_POSITIONAL: Final = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)


@frozen(kw_only=True)
class Handler:
    """A user's function with its signature read.

    *what* it is for (handler, middleware, …) and its *name* are what errors call it. It is called with *leading* by
    position, then with slots and resources by name: *names* are those it can take, *required* those without a default,
    and *takes_all* says that ``**`` takes every slot. *mode* is "sync" (run in a thread), "async", or "stream" (an
    async generator, each of whose values leaves at once). *retries* is how often it is run again when it raises.
    *version* and *on_change* say what becomes of its flows when its code changes.
    """

    function: Function
    what: str
    name: str
    place: Place | None
    mode: Mode
    leading: tuple[str, ...]
    names: frozenset[str]
    required: frozenset[str]
    takes_all: bool = False
    retries: int = 0
    version: int = 0
    on_change: OnChange = "restart"
    told: str = field(init=False)

    @told.default
    def _told(self) -> str:
        at = "" if self.place is None else f" at {self.place}"
        return f"{self.what} {self.name!r}{at}"

    def __str__(self) -> str:
        return self.told

    def arguments(self, slots: Mapping[str, object], resources: Mapping[str, object]) -> dict[str, object]:
        """What to call it with by name; raises HandlerError where nothing fills a name without a default."""
        if not self.names and not self.takes_all:
            return {}
        found = {name: resources[name] for name in self.names if name in resources}
        taken = slots.keys() - self.leading if self.takes_all else slots.keys() & self.names
        found |= {name: slots[name] for name in taken}
        if missing := self.required - found.keys():
            raise HandlerError(f"nothing fills {min(missing)!r}, which is no slot of this message and no open resource")
        return found


def read_handler(
    function: object,
    leading: tuple[str, ...] = ("chat",),
    *,
    what: str = "handler",
    name: str | None = None,
    place: Place | None = None,
    retries: int = 0,
) -> Handler:
    """Read the signature of *function*, which is to be called with the *leading* arguments by position.

    Raises DefinitionError, naming the function and its place, for what cannot be called like that.

    >>> def greet(chat, name, database=None): ...
    >>> handler = read_handler(greet)
    >>> sorted(handler.names), sorted(handler.required), handler.mode
    (['database', 'name'], ['name'], 'sync')
    """
    if not callable(function) or isinstance(function, type):
        raise DefinitionError(f"A {what} is a function that takes {_listed(leading)}, not {function!r:.60}.")
    name, place = name or name_of(function), place or place_of(function)
    here = f"{what} {name!r}" + ("" if place is None else f" at {place}")
    if type(retries) is not int or retries < 0:
        raise DefinitionError(f"The {here} has retries={retries!r}; it is a whole number, 0 or more.")
    rest = _rest(here, function, leading)
    named = [one for one in rest if one.kind not in (one.VAR_POSITIONAL, one.VAR_KEYWORD)]
    return Handler(
        function=function,
        what=what,
        name=name,
        place=place,
        mode=mode_of(function),
        leading=leading,
        names=frozenset(one.name for one in named),
        required=frozenset(one.name for one in named if one.default is one.empty),
        takes_all=any(one.kind is one.VAR_KEYWORD for one in rest),
        retries=retries,
    )


def _rest(here: str, function: Function, leading: tuple[str, ...]) -> list[inspect.Parameter]:
    """The parameters behind the leading ones."""
    try:
        parameters = list(inspect.signature(function).parameters.values())
    except (TypeError, ValueError):
        raise DefinitionError(f"The {here} has no signature that can be read; wrap it in a function.") from None
    positional = [one for one in parameters if one.kind in _POSITIONAL]
    if len(positional) < len(leading) and not any(one.kind is one.VAR_POSITIONAL for one in parameters):
        raise DefinitionError(f"The {here} must take {_listed(leading)} first, in this order.")
    rest = parameters[min(len(positional), len(leading)) :]
    if unnamed := [one.name for one in rest if one.kind is one.POSITIONAL_ONLY]:
        raise DefinitionError(f"The {here} takes {unnamed[0]!r} by position only; slots and resources come by name.")
    return rest


def _listed(names: tuple[str, ...]) -> str:
    return f"({', '.join(names)})" if names else "nothing"


def mode_of(function: Function) -> Mode:
    """How *function* is to be called: as it is, awaited, or gone through value by value."""
    called = function if inspect.isroutine(function) or _is_partial(function) else type(function).__call__
    if inspect.isasyncgenfunction(called):
        return "stream"
    return "async" if inspect.iscoroutinefunction(called) else "sync"


def _is_partial(function: Function) -> bool:
    return isinstance(function, functools.partial)


def name_of(function: Function) -> str:
    """What *function* is called, in errors and as an intent: its name, or that of its class."""
    while isinstance(function, functools.partial):
        function = function.func
    return str(getattr(function, "__name__", type(function).__name__))


def place_of(function: Function) -> Place | None:
    """Where *function* is written, None for what has no source."""
    while isinstance(function, functools.partial):
        function = function.func
    unwrapped = inspect.unwrap(function)
    code = getattr(unwrapped, "__code__", None) or getattr(type(unwrapped).__call__, "__code__", None)
    return Place(shown(code.co_filename), code.co_firstlineno) if isinstance(code, CodeType) else None


async def call(
    handler: Handler,
    leading: tuple[object, ...],
    arguments: Mapping[str, object],
    *,
    call_in_thread: CallInThread,
    send: Callable[[object], Awaitable[None]],
) -> tuple[Reply, ...] | None:
    """Call *handler* as its mode asks and give the replies it returned, None where it returned None.

    What a stream yields is sent. A sync function runs in a thread, and what it returns is iterated there: a blocking
    one delays only its own user. Whatever it raises passes; HandlerError is raised where it returned what is no reply.
    """
    if handler.mode == "sync":
        returned = await call_in_thread(functools.partial(call_listed, handler.function, leading, arguments))
    else:
        returned = handler.function(*leading, **arguments)
    if inspect.isasyncgen(returned):
        async with aclosing(returned):
            async for value in returned:
                await send(value)
        return None
    if inspect.isawaitable(returned):
        returned = _in_list(await returned)
    try:
        return None if returned is None else replies_from(returned)
    except (TypeError, ValueError) as error:
        raise HandlerError(f"returned what is no reply: {error}") from None


def handler_of(frame: FrameType) -> Handler | None:
    """The handler that is called in *frame*, None where that is not what it is about."""
    handler = frame.f_locals.get("handler") if frame.f_code is call.__code__ else None
    return handler if isinstance(handler, Handler) else None


def call_listed(function: Function, leading: tuple[object, ...], arguments: Mapping[str, object]) -> object:
    """Call a sync function, to its very end: a generator it returns is run through."""
    try:
        return _in_list(function(*leading, **arguments))
    except StopIteration as error:
        # No future can carry this one: whoever waits for the thread would wait for ever.
        raise RuntimeError("StopIteration left a handler") from error


def _in_list(returned: object) -> object:
    """Run through what the user's code may still be making, so that it counts as theirs."""
    if not isinstance(returned, (str, bytes, Mapping)) and isinstance(returned, Iterable):
        replies = list(islice(returned, MOST_REPLIES + 1))
        if len(replies) > MOST_REPLIES:
            raise HandlerError(f"returned more than {MOST_REPLIES:,} replies; does it come to an end?")
        return replies
    return returned
