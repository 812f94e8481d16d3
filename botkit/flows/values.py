"""Moments and the values of answers as JSON, and back: what a phrase, an answer or a signal can become."""

import datetime as dt
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Final

_READ: Final[Mapping[str, Callable[..., object]]] = {
    "decimal": Decimal,
    "date": dt.date.fromisoformat,
    "time": dt.time.fromisoformat,
    "json": lambda value: value,
}

_EPOCH: Final = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_MILLISECOND: Final = dt.timedelta(milliseconds=1)


def milliseconds(moment: dt.datetime) -> int:
    """A moment as whole milliseconds since 1970."""
    return (moment - _EPOCH) // _MILLISECOND


def moment(kept: int) -> dt.datetime:
    """Read what `milliseconds` wrote."""
    return _EPOCH + kept * _MILLISECOND


def value_to_json(value: object) -> object:
    """Write one value.

    >>> value_to_json(dt.date(2031, 5, 6)), value_to_json(4)
    ({'date': '2031-05-06'}, 4)
    """
    if isinstance(value, Decimal):
        return {"decimal": str(value)}
    if isinstance(value, dt.date):
        return {"date": value.isoformat()}
    if isinstance(value, dt.time):
        return {"time": value.isoformat()}
    if isinstance(value, (dict, list)):
        return {"json": value}
    return value


def value_from_json(kept: object) -> object:
    """Read what `value_to_json` wrote.

    >>> value_from_json({"decimal": "3.50"})
    Decimal('3.50')
    """
    if isinstance(kept, dict):
        ((kind, text),) = kept.items()
        return _READ[kind](text)
    return kept
