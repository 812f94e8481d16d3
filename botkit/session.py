"""A session: what a bot remembers of one user, as JSON."""

import json
from collections.abc import Iterator, Mapping, MutableMapping
from math import isfinite
from typing import Final

from botkit.errors import SessionError

SIZE_LIMIT: Final = 64 * 1024
DEPTH_LIMIT: Final = 20


class Session(MutableMapping[str, object]):
    """A mutable JSON mapping, committed with its turn and untouched when the handler raises.

    Values are checked when they are set: text, whole and finite numbers, booleans, None, lists, and dicts with text as
    keys. What is put into a nested list or dict later is checked when the turn is committed. At most 64 kB as JSON.

    >>> session = Session({"count": 1})
    >>> session["count"] += 1
    >>> session["when"] = {1, 2}
    Traceback (most recent call last):
        ...
    botkit.errors.SessionError: session['when'] is a set, which JSON cannot hold; keep text, numbers, lists or dicts.
    """

    def __init__(self, kept: Mapping[str, object] | None = None) -> None:
        self.started = kept if kept is not None else {}
        self._live: dict[str, object] | None = None

    def _opened(self) -> dict[str, object]:
        # A turn that never touches the session does not pay for a copy of it.
        if self._live is None:
            self._live = {key: _copied(value) for key, value in self.started.items()}
        return self._live

    def __getitem__(self, key: str) -> object:
        return self._opened()[key]

    def __setitem__(self, key: str, value: object) -> None:
        if not isinstance(key, str):
            raise SessionError(f"session[{key!r}]: the keys of a session are text.")
        _check(value, f"session[{key!r}]", 1)
        self._opened()[key] = value

    def __delitem__(self, key: str) -> None:
        del self._opened()[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._opened())

    def __len__(self) -> int:
        return len(self.started if self._live is None else self._live)

    def __repr__(self) -> str:
        return f"Session({len(self)} keys)"

    def frozen(self) -> Mapping[str, object] | None:
        """What is to be kept, None if nothing changed; raises SessionError for what JSON cannot hold, or too much."""
        if self._live is None or self._live == self.started:
            return None
        for key, value in self._live.items():
            _check(value, f"session[{key!r}]", 1)
        size = len(json.dumps(self._live))
        if size > SIZE_LIMIT:
            raise SessionError(f"The session is {size} bytes as JSON; at most {SIZE_LIMIT} are kept. {self._largest()}")
        return self._live

    def _largest(self) -> str:
        sizes = {key: len(json.dumps(value)) for key, value in self._opened().items()}
        key = max(sizes, key=sizes.__getitem__)
        return f"The largest key is {key!r} with {sizes[key]} bytes."


def _copied(value: object) -> object:
    if isinstance(value, dict):
        return {key: _copied(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_copied(item) for item in value]
    return value


def _check(value: object, path: str, depth: int) -> None:
    if depth > DEPTH_LIMIT:
        raise SessionError(f"{path} is nested more than {DEPTH_LIMIT} deep.")
    if isinstance(value, dict):
        for key, item in value.items():
            if type(key) is not str:
                raise SessionError(f"{path} has the key {key!r}; JSON takes only text as keys.")
            _check(item, f"{path}[{key!r}]", depth + 1)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            _check(item, f"{path}[{index}]", depth + 1)
    elif isinstance(value, float) and not isfinite(value):
        raise SessionError(f"{path} is {value}, which JSON cannot hold.")
    elif value is not None and type(value) not in (str, int, float, bool):
        raise SessionError(
            f"{path} is a {type(value).__name__}, which JSON cannot hold; keep text, numbers, lists or dicts."
        )
