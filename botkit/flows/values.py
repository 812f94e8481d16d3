"""Ids and the values of answers as JSON, and back: what a phrase, an answer or a signal can become."""

import datetime as dt
import re
from binascii import a2b_base64, b2a_base64
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

from botkit.compact import ascii_json

_READ: Final[Mapping[str, Callable[..., object]]] = {
    "decimal": Decimal,
    "date": dt.date.fromisoformat,
    "time": dt.time.fromisoformat,
    "json": lambda value: value,
}

_UUID: Final = re.compile("[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
#: What stands before an id that is written in another way than it is.
_OTHERWISE: Final = "~"


def json_text(value: object) -> str:
    """*value*, which is plain, as JSON: equal for what a store would keep alike.

    In ASCII: lone surrogates come in as escapes and must go out as they came.
    """
    return ascii_json(value)


def shortened(row: Sequence[object], usual: Sequence[object]) -> Sequence[object]:
    """*row* up to the last value that is not the *usual* one at its place: the rest need not be written.

    >>> shortened(["count", 0, 1, None], [..., 0, 0, None])
    ['count', 0, 1]
    """
    end = len(row)
    while end and row[end - 1] == usual[end - 1]:
        end -= 1
    return row[:end]


def completed(row: Sequence[object], usual: Sequence[object]) -> list[Any]:
    """Read what `shortened` left: all of the row.

    >>> completed(["count", 0, 1], [..., 0, 0, None])
    ['count', 0, 1, None]
    """
    return [*row, *usual[len(row) :]]


def id_to_json(id_: str) -> str:
    """Write the id of an event, and a UUID, as most of them are, in 23 letters.

    >>> id_to_json("aaaaaaaa-bbbb-4ccc-8ddd-0123456789ab"), id_to_json("m-1")
    ('~qqqqqru7TMyN3QEjRWeJqw', 'm-1')
    """
    if _UUID.fullmatch(id_):
        return _OTHERWISE + b2a_base64(bytes.fromhex(id_.replace("-", "")))[:22].decode("ascii")
    return _OTHERWISE + id_ if id_.startswith(_OTHERWISE) else id_


def id_from_json(kept: str) -> str:
    """Read what `id_to_json` wrote.

    >>> id_from_json("~qqqqqru7TMyN3QEjRWeJqw")
    'aaaaaaaa-bbbb-4ccc-8ddd-0123456789ab'
    """
    if not kept.startswith(_OTHERWISE):
        return kept
    letters = kept.removeprefix(_OTHERWISE)
    is_uuid = not letters.startswith(_OTHERWISE)
    return str(UUID(bytes=a2b_base64(f"{letters}=="))) if is_uuid else letters


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
    if not isinstance(kept, dict):
        return kept
    ((kind, text),) = kept.items()
    return _READ[kind](text)
