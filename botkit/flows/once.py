"""Calling a function once: its arguments told apart, its key, and what it returned or raised as an entry."""

import hashlib
import inspect
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Final

from botkit.errors import HandlerError, RetryLater, StoreError
from botkit.flows.entries import Result, result
from botkit.flows.values import json_text
from botkit.plain import NotPlain, plain

CallInThread = Callable[[Callable[[], object]], Awaitable[object]]

#: How much of what an exception says is kept.
_LONGEST: Final = 2_000


def mark_of(arguments: tuple[object, ...]) -> str:
    """What tells *arguments* from others: their values where JSON can hold them, else their types."""
    marked = [_marked(argument) for argument in arguments]
    return hashlib.sha256(json_text(marked).encode()).hexdigest()[:16] if marked else ""


def _marked(argument: object) -> object:
    try:
        return [plain(argument)]
    except NotPlain:
        return type(argument).__name__


def key_of(seed: str, name: str, mark: str, number: int) -> str:
    """The idempotency key of a call: 32 hex digits, the same whenever the same call is made again in its flow."""
    return hashlib.sha256("\x1f".join((seed, name, mark, str(number))).encode()).hexdigest()[:32]


async def called(
    function: Callable[..., object],
    arguments: tuple[object, ...],
    *,
    name: str,
    sends: int,
    key: str,
    call_in_thread: CallInThread,
) -> Result:
    """Call *function* and record what came of it; raises RetryLater and HandlerError, which are no results."""
    mark = mark_of(arguments)
    try:
        value = plain(await _result(function, arguments, key, call_in_thread))
    except (RetryLater, StoreError):
        raise
    except NotPlain as complaint:
        raise HandlerError(f"chat.once called {name}: {complaint.about('its result')}") from None
    except Exception as error:  # noqa: BLE001 - it is recorded, and raised again for the handler
        return result(name, sends, mark, error=(type(error).__name__, str(error)[:_LONGEST]))
    return result(name, sends, mark, value=value)


async def _result(
    function: Callable[..., object], arguments: tuple[object, ...], key: str, call_in_thread: CallInThread
) -> object:
    if _takes_key(function):
        function = partial(function, idempotency_key=key)
    if inspect.iscoroutinefunction(function):
        return await function(*arguments)
    returned = await call_in_thread(partial(function, *arguments))
    return await returned if inspect.isawaitable(returned) else returned


def _takes_key(function: Callable[..., object]) -> bool:
    try:
        return "idempotency_key" in inspect.signature(function).parameters
    except (TypeError, ValueError):
        return False
