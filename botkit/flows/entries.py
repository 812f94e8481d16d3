"""The entries of a journal: what became of questions and of functions that were called once, as they are kept.

An entry is the row that is written of it, because a replay reads many and looks at little of each. What stands at the
end of a row as it mostly is, is left out of it.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, Literal, NamedTuple, Self

from botkit.events import Address, Kind, Message
from botkit.flows.values import id_from_json, id_to_json, json_text, shortened, value_from_json, value_to_json
from botkit.instants import milliseconds, moment

# What json.loads gives: it is as it was written here, or the journal has another form.
Json = Any

How = Literal["said", "cancelled", "gave up", "timed out"]

#: What stands before the name of a signal in the name of the question that waits for it.
SIGNAL: Final = "signal:"
#: What the row of a result begins with; that of an answer begins with a number.
ONCE: Final = "once"


def operation_of(name: str, *, is_slot: bool) -> str:
    """The question *name* in the words of an error."""
    if name.startswith(SIGNAL):
        return f"wait({name.removeprefix(SIGNAL)!r})"
    if is_slot:
        return f"the slot {name!r}"
    return f"ask(name={name!r})" if name else "ask without a name"


class Heard(NamedTuple):
    """What a user sent, as far as a journal keeps it, and when the turn about it began."""

    id: str
    at: datetime
    kind: Kind | Literal["nothing"] = "nothing"
    text: str = ""
    url: str | None = None


class Answer(NamedTuple):
    """What became of the question *name*, which came after *sends* messages since the entry before: see `answer`.

    *event* is the id of what came in, and *after* how many milliseconds after the flow had begun.
    """

    sends: int
    name: str
    event: str
    after: int
    text: str = ""
    kind: str | None = None
    given: Json = None
    choice: str | None = None
    is_slot: bool = False
    how: How = "said"
    medium: Kind | Literal["nothing"] = "text"
    url: str | None = None
    change: Sequence[Json] | None = None

    def at(self, begun: datetime) -> datetime:
        """When the turn about it began, in a flow that had *begun* then."""
        return moment(milliseconds(begun) + self.after)

    def heard(self, begun: datetime) -> Heard:
        """What the user sent, in a flow that had *begun* then."""
        return Heard(id=id_from_json(self.event), at=self.at(begun), kind=self.medium, text=self.text, url=self.url)

    def message(self, address: Address) -> Message | None:
        """What the user sent as a message; None where nobody wrote."""
        if self.medium == "nothing":
            return None
        return Message(id=id_from_json(self.event), address=address, kind=self.medium, text=self.text, url=self.url)

    @property
    def value(self) -> object:
        """What was understood, where it was something of a type."""
        return value_from_json(self.given)

    @property
    def operation(self) -> str:
        """The entry in the words of an error."""
        return operation_of(self.name, is_slot=self.is_slot)

    def with_change(self, written: Mapping[str, object], removed: tuple[str, ...]) -> "Answer":
        """The same entry, with what other turns made of the session since the question was asked."""
        return self._replace(change=(written, removed)) if written or removed else self


def answer(
    name: str,
    sends: int,
    heard: Heard,
    *,
    begun: datetime,
    choice: str | None = None,
    kind: str | None = None,
    value: object = None,
    is_slot: bool = False,
) -> Answer:
    """The entry for what was *heard* when the question *name* was open, in a flow that had *begun* then.

    *choice* is the title of the choice that was taken, None where none was. *value* is what was understood, where it
    was something of the type *kind*; None of both where the text says it all. *is_slot* marks an asked slot.
    """
    event, after = id_to_json(heard.id), milliseconds(heard.at) - milliseconds(begun)
    given, medium, url = value_to_json(value), heard.kind, heard.url
    return Answer(sends, name, event, after, heard.text, kind, given, choice, is_slot, medium=medium, url=url)


class Result(NamedTuple):
    """What the function *name* returned or raised when it was called with `chat.once`; *mark* tells its arguments."""

    what: str
    name: str
    sends: int
    mark: str
    value: Json = None
    error: Sequence[str] | None = None

    @property
    def is_slot(self) -> bool:
        """Whether an asked slot was filled: never."""
        return False

    @property
    def operation(self) -> str:
        """The entry in the words of an error."""
        return f"once({self.name})"


def result(name: str, sends: int, mark: str, *, value: object = None, error: tuple[str, str] | None = None) -> Result:
    """The entry for a call of the function *name* that came to an end."""
    return Result(ONCE, name, sends, mark, value, error)


Entry = Answer | Result

#: What each place of a row mostly holds; nothing is equal to what stands where that cannot be told.
_USUAL: Final[Mapping[type, Sequence[object]]] = {
    kind: tuple(kind._field_defaults.get(name, ...) for name in kind._fields) for kind in (Answer, Result)
}


def text_of(entry: Entry) -> str:
    """An entry as the JSON text that is kept of it."""
    return json_text(shortened(entry, _USUAL[type(entry)]))


class Journal(NamedTuple):
    """The *entries* of a flow, and the JSON *text* of them: it only ever grows at its end, and is written once."""

    entries: tuple[Entry, ...] = ()
    text: str = ""

    @classmethod
    def of(cls, entries: Iterable[Entry]) -> Self:
        """The journal with *entries*."""
        entries = tuple(entries)
        return cls(entries, ",".join(map(text_of, entries)))

    @classmethod
    def read(cls, rows: Iterable[Json], text: str) -> Self:
        """The journal whose *text* holds *rows*."""
        return cls(tuple([Result(*row) if row[0] == ONCE else Answer(*row) for row in rows]), text)

    def until(self, number: int) -> Self:
        """What it was before its entry *number*."""
        return self.of(self.entries[:number])
