"""A session: what a bot remembers of one user, as JSON."""

from collections.abc import Iterable, Iterator, Mapping, MutableMapping
from datetime import timedelta
from typing import Final

from botkit.compact import unicode_json
from botkit.errors import SessionError
from botkit.plain import NotPlain, plain
from botkit.work import Work

#: How many bytes of JSON (UTF-8) one session may have.
SIZE_LIMIT: Final = 64 * 1024

#: Under which key the conversation's language is kept, out of handlers' sight.
LANGUAGE: Final = "botkit.language"


class Session(MutableMapping[str, object]):
    """A mutable JSON mapping, committed with its turn and untouched when the handler raises.

    It holds what JSON gives back as it was: None, bool, str, finite numbers, and lists and dicts (with str as keys) of
    these. A value is checked when it is set; what is put into a nested list or dict later is checked when the turn is
    committed. At most 64 kB of JSON are kept. Raises SessionError, naming the keys, for anything else.

    >>> session = Session({"visits": 1})
    >>> session["basket"] = [{"item": "bread"}]
    >>> session["seen"] = {"today"}  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    botkit.errors.SessionError: session['seen'] is of type set, which JSON cannot hold; ...

    *kept* is never changed. *rewritten* says that the store does not hold *kept* yet. The language that the user speaks
    is kept with it, and travels wherever it does, but is none of its keys.
    """

    def __init__(self, kept: Mapping[str, object], *, rewritten: bool = False) -> None:
        self._kept = kept
        self._rewritten = rewritten
        self._live: dict[str, object] | None = None
        self._own: set[str] = set()

    def _opened(self) -> dict[str, object]:
        # A turn that never touches the session pays nothing for it.
        if self._live is None:
            self._live = dict(self._kept)
        return self._live

    def __getitem__(self, key: str) -> object:
        if key == LANGUAGE:
            raise KeyError(key)
        value = (self._kept if self._live is None else self._live)[key]
        if not isinstance(value, (dict, list)) or key in self._own:
            return value
        # The handler may change what it is handed, and the kept session must stay as it was.
        copied = self._opened()[key] = _plain(value, key)
        self._own.add(key)
        return copied

    def __setitem__(self, key: str, value: object) -> None:
        if type(key) is not str:
            raise SessionError(f"A key of the session is of type {type(key).__name__}; JSON takes only text as keys.")
        if key == LANGUAGE:
            raise SessionError(f"session[{key!r}] is botkit's own; set chat.language instead.")
        _plain(value, key)
        self._opened()[key] = value
        self._own.add(key)

    def __delitem__(self, key: str) -> None:
        if key == LANGUAGE:
            raise KeyError(key)
        del self._opened()[key]

    def __iter__(self) -> Iterator[str]:
        return (key for key in (self._kept if self._live is None else self._live) if key != LANGUAGE)

    def __len__(self) -> int:
        held = self._kept if self._live is None else self._live
        return len(held) - (LANGUAGE in held)

    def __repr__(self) -> str:
        return f"<Session with {len(self)} keys>"

    @property
    def language(self) -> str | None:
        """The language that the user speaks, None where he has not shown it."""
        language = (self._kept if self._live is None else self._live).get(LANGUAGE)
        return language if isinstance(language, str) else None

    @language.setter
    def language(self, language: str) -> None:
        self._opened()[LANGUAGE] = language

    def take(self, written: Mapping[str, object], removed: Iterable[str]) -> None:
        """Take over a `difference` from another session."""
        for key in removed:
            self._opened().pop(key, None)
        for key, value in written.items():
            self._opened()[key] = _plain(value, key)
            self._own.add(key)

    def snapshot(self) -> Mapping[str, object]:
        """What it holds now, which nothing that happens to it afterwards changes; raises SessionError like `frozen`."""
        if self._live is None:
            return self._kept
        return {key: _plain(value, key) for key, value in self._live.items()}

    def detached(self) -> "Session":
        """The same session for another holder: what either of them writes, the other does not see."""
        other = Session(self._kept, rewritten=self._rewritten)
        if self._live is not None:
            other.become(self.snapshot())
        return other

    def become(self, content: Mapping[str, object]) -> None:
        """Hold *content* from now on, and nothing else."""
        if self._live is None and not any(difference(self._kept, content)):
            return
        self._live = dict(content)
        self._own = set()

    @property
    def changed(self) -> bool:
        """Whether the store has to keep this session anew; raises SessionError like `frozen`."""
        return self.frozen() is not None

    def frozen(self) -> Mapping[str, object] | None:
        """The session to keep, None where the store has it already.

        A copy: nothing that happens to the session afterwards reaches it. Raises SessionError for what JSON cannot
        hold, and for more than 64 kB of it.
        """
        if self._live is None and not self._rewritten:
            return None
        frozen = {key: _plain(value, key) for key, value in self._opened().items()}
        written = unicode_json(frozen)
        if not self._rewritten and frozen == self._kept and written == unicode_json(self._kept):
            return None
        size = _bytes(written)
        if size > SIZE_LIMIT:
            raise SessionError(f"The session has {size} bytes of JSON, and {SIZE_LIMIT} may be kept{_largest(frozen)}.")
        return frozen


def difference(before: Mapping[str, object], after: Mapping[str, object]) -> tuple[dict[str, object], tuple[str, ...]]:
    """What was written and what was removed between two snapshots of a session.

    >>> difference({"a": 1, "b": [2], "c": 3}, {"a": 1, "b": [2, 3]})
    ({'b': [2, 3]}, ('c',))
    """
    if before is after or not (before or after):
        return {}, ()
    written = {key: value for key, value in after.items() if key not in before or not _is_same(before[key], value)}
    return written, tuple(key for key in before if key not in after)


def _is_same(one: object, other: object) -> bool:
    # What is equal need not be the same in JSON: True and 1 are not, nor are 0.0 and -0.0.
    if type(one) is type(other) and isinstance(one, (str, int)):
        return one == other
    return unicode_json(one) == unicode_json(other)


def session_of(work: Work, ttl: timedelta | None) -> Session:
    """The session a turn starts with: the kept one, or an empty one where that was last used longer than *ttl* ago.

    What language a user speaks is remembered all the same.
    """
    expired = ttl is not None and work.session_at is not None and work.now - work.session_at > ttl
    if not expired:
        return Session(work.session)
    language = {key: value for key, value in work.session.items() if key == LANGUAGE}
    return Session(language, rewritten=len(work.session) > len(language))


def without_language(kept: Mapping[str, object]) -> tuple[dict[str, object], str | None]:
    """A session as a store has it: what handlers see of it, and the language that is kept with it."""
    session = Session(kept)
    return {key: kept[key] for key in session}, session.language


def _plain(value: object, key: str) -> object:
    try:
        return plain(value)
    except NotPlain as complaint:
        raise SessionError(f"{complaint.under(key).about('session')}.") from None


def _bytes(written: str) -> int:
    return len(written.encode("utf-8", "surrogatepass"))


def _largest(session: Mapping[str, object]) -> str:
    sizes = {key: _bytes(unicode_json(value)) for key, value in session.items()}
    key = max(sizes, key=sizes.__getitem__)
    return f"; session[{key[:40]!r}] alone has {sizes[key]}"
