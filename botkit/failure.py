"""Failure: from what a user's function raised to what is kept of the turn, in words that may be logged."""

import traceback
from collections.abc import Mapping
from datetime import datetime, timedelta
from types import TracebackType
from typing import Final

from botkit.backoff import Backoff
from botkit.errors import HandlerError, Place, RetryLater
from botkit.handlers import Handler
from botkit.places import is_botkits, is_library, shown, trail
from botkit.work import Failure, Work

RETRY_FOR: Final = timedelta(hours=24)
DETAIL_LIMIT: Final = 8_000
#: How many lines of the way to a fault are logged, the innermost ones.
_TRAIL_LIMIT: Final = 12

_RETRIES: Final = Backoff(first_seconds=1.0, longest_seconds=60.0)


def failure_of(error: BaseException, handler: Handler, work: Work, retries: int) -> Failure:
    """Say why the turn failed: *handler* raised *error*; and when to run the event again, if at all.

    The words name handler, type of exception and place. What the exception itself says may be a user's words and stands
    in the detail only, unless botkit said it.
    """
    detail = _detail(error)
    retry_at = _retry_at(error, work, retries)
    if isinstance(error, RetryLater):
        late = "" if retry_at else ", which was accepted more than 24 hours ago"
        return Failure(f"{handler} asks to run this event later{late}", retry_at, detail)
    return Failure(told(error, handler), retry_at, detail)


def fault_of(error: BaseException) -> Failure:
    """Say that botkit itself has failed with *error*, which is nobody's fault who writes bots."""
    return Failure(f"botkit itself failed with {type(error).__name__}; please report it", detail=_detail(error))


def traced(error: BaseException) -> Mapping[str, object]:
    """What a log says of a fault of botkit's own: its type and its lines, and nobody's words."""
    return {"error": type(error).__name__, "lines": " > ".join(map(str, trail(error.__traceback__)[-_TRAIL_LIMIT:]))}


def _detail(error: BaseException) -> str:
    return "".join(traceback.format_exception(error))[-DETAIL_LIMIT:]


def told(error: BaseException, handler: Handler) -> str:
    """What went wrong, without what a user may have written."""
    words = f": {error}" if isinstance(error, HandlerError) and is_botkits(error.__traceback__) else ""
    place = raised_at(error.__traceback__, handler)
    if place is None and words:
        return f"{handler}{words}"
    if place is None:
        return f"{handler} raised {type(error).__name__}"
    return f"{handler.what} {handler.name!r} raised {type(error).__name__} at {place}{words}"


def raised_at(trace: TracebackType | None, handler: Handler) -> Place | None:
    """The innermost line of the bot's own code on the way to where it was raised, None if there is none."""
    own = None if handler.place is None else handler.place.file
    places = (
        Place(shown(frame.f_code.co_filename), line)
        for frame, line in traceback.walk_tb(trace)
        if not is_library(frame.f_code.co_filename) or shown(frame.f_code.co_filename) == own
    )
    return max(enumerate(places), default=(0, None), key=lambda numbered: numbered[0])[1]


def _retry_at(error: BaseException, work: Work, retries: int) -> datetime | None:
    if isinstance(error, RetryLater):
        late = work.now - work.accepted_at > RETRY_FOR
        return None if late else work.now + timedelta(seconds=error.seconds)
    if work.failures >= retries:
        return None
    return work.now + timedelta(seconds=_RETRIES.seconds(work.failures + 1))
