"""Plain values: what JSON can hold and give back as it was."""

from math import isfinite
from typing import Final

DEPTH_LIMIT: Final = 32

#: Python refuses to write whole numbers of more than 4,300 digits.
_INT_BITS: Final = 14_000
_SHOWN_KEY: Final = 40


class NotPlain(ValueError):
    """A value that JSON cannot hold: *reason* says why, *path* are the keys that lead to it from the outermost one."""

    def __init__(self, reason: str, path: tuple[str | int, ...] = ()) -> None:
        super().__init__(reason)
        self.reason = reason
        self.path = path

    def under(self, key: str | int) -> "NotPlain":
        """The same complaint, seen from the container that has the value under *key*."""
        return NotPlain(self.reason, (key, *self.path))

    def about(self, name: str) -> str:
        """The complaint as a sentence about the outermost value, which the developer knows as *name*.

        >>> NotPlain("is a set", ("basket", 2)).about("session")
        "session['basket'][2] is a set"
        """
        keys = (repr(key[:_SHOWN_KEY] if isinstance(key, str) else key) for key in self.path)
        return f"{name}{''.join(f'[{key}]' for key in keys)} {self.reason}"


def plain(value: object, depth: int = 0) -> object:
    """Copy *value*, all the way down; raises NotPlain for what JSON would not give back as it was.

    Plain are None, bool, str, finite numbers, and lists and dicts (with str as keys) of these, at most 32 deep. A
    subclass is not plain, because it would come back as another type.

    >>> plain({"size": [1, 2.5, None]})
    {'size': [1, 2.5, None]}
    """
    kind = type(value)
    if kind in (str, bool) or value is None:
        return value
    if kind in (int, float):
        return _number(value)
    if isinstance(value, (dict, list)) and depth >= DEPTH_LIMIT:
        raise NotPlain(f"lies more than {DEPTH_LIMIT} levels deep, or contains itself")
    if isinstance(value, list) and kind is list:
        return [_item(index, item, depth) for index, item in enumerate(value)]
    if isinstance(value, dict) and kind is dict:
        return {_key(key): _item(key, item, depth) for key, item in value.items()}
    raise NotPlain(f"is of type {kind.__name__}, which JSON cannot hold; use text, numbers, lists or dicts")


def _item(key: str | int, item: object, depth: int) -> object:
    try:
        return plain(item, depth + 1)
    except NotPlain as complaint:
        raise complaint.under(key) from None


def _key(key: object) -> str:
    if type(key) is not str:
        raise NotPlain(f"has a key of type {type(key).__name__}; JSON takes only text as keys")
    return key


def _number(value: object) -> object:
    if isinstance(value, float) and not isfinite(value):
        raise NotPlain("is a number that JSON cannot hold, because it is not finite")
    if isinstance(value, int) and value.bit_length() > _INT_BITS:
        raise NotPlain("is a number of thousands of digits, which JSON cannot hold")
    return value


def finite(written: str) -> float:
    """The number that JSON has as *written*: for ``json.loads``, which takes ``NaN`` and ``1e999`` otherwise.

    >>> finite("2.5")
    2.5

    Raises ValueError for one that is not finite.
    """
    number = float(written)
    if not isfinite(number):
        raise ValueError(f"{written:.20} is no finite number")
    return number
