"""Moments as stores and journals keep them: whole milliseconds since 1970."""

from datetime import UTC, datetime, timedelta
from typing import Final

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND: Final = timedelta(milliseconds=1)


def milliseconds(moment: datetime) -> int:
    """*moment*, aware, as whole milliseconds since 1970; what is less is left out.

    >>> milliseconds(datetime(1970, 1, 1, 0, 0, 1, 999, tzinfo=UTC))
    1000
    """
    return (moment - _EPOCH) // _MILLISECOND


def moment(kept: int) -> datetime:
    """The aware moment that `milliseconds` wrote."""
    return _EPOCH + kept * _MILLISECOND


def maybe_milliseconds(moment: datetime | None) -> int | None:
    """The same as `milliseconds` for what may not be set."""
    return None if moment is None else milliseconds(moment)


def maybe_moment(kept: int | None) -> datetime | None:
    """Read what `maybe_milliseconds` wrote."""
    return None if kept is None else moment(kept)
