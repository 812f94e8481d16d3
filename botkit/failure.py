"""Failure: from what a user's function raised to what is kept of the turn, in words that may be logged."""

import traceback
from datetime import datetime, timedelta
from types import TracebackType
from typing import Final

from botkit.backoff import Backoff
from botkit.errors import HandlerError, Place, RetryLater
from botkit.handlers import Handler
from botkit.places import is_library, shown
from botkit.work import Failure, Work

RETRY_FOR: Final = timedelta(hours=24)
DETAIL_LIMIT: Final = 8_000

_RETRIES: Final = Backoff(first_seconds=1.0, longest_seconds=60.0)


def failure_of(error: BaseException, handler: Handler, work: Work, retries: int) -> Failure:
    """Say why the turn failed: *handler* raised *error*; and when to run the event again, if at all.

    The words name handler, type of exception and place. What the exception itself says may be a user's words and stands
    in the detail only, unless botkit said it.
    """
    detail = "".join(traceback.format_exception(error))[-DETAIL_LIMIT:]
    retry_at = _retry_at(error, work, retries)
    if isinstance(error, RetryLater):
        late = "" if retry_at else ", which was accepted more than 24 hours ago"
        return Failure(f"{handler} asks to run this event later{late}", retry_at, detail)
    return Failure(told(error, handler), retry_at, detail)


def told(error: BaseException, handler: Handler) -> str:
    """What went wrong, without what a user may have written."""
    words = f": {error}" if isinstance(error, HandlerError) else ""
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
