"""The journal: everything that is kept of a flow, as frozen values.

A flow is brought back by running its handler again from the start, with the answers and results that stand in its
journal. Messages that it sent are not kept: how many there were before each entry is, because a run that differs there
is not the same run.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final, Literal, NamedTuple

from attrs import evolve, field, frozen

from botkit.events import Address, Kind, Message, Status
from botkit.flows.values import milliseconds, moment, value_from_json, value_to_json
from botkit.replies import Choice

# What json.loads gives: it is as it was written here, or the journal has another form.
Json = Any

How = Literal["said", "cancelled", "gave up", "timed out"]

#: How much the journal of one flow may hold.
ENTRY_LIMIT: Final = 200
SIZE_LIMIT: Final = 64 * 1024


#: What stands before the name of a signal in the name of the question that waits for it.
SIGNAL: Final = "signal:"


def _operation(name: str, *, is_slot: bool) -> str:
    if name.startswith(SIGNAL):
        return f"wait({name.removeprefix(SIGNAL)!r})"
    if is_slot:
        return f"the slot {name!r}"
    return f"ask(name={name!r})" if name else "ask without a name"


@frozen(kw_only=True)
class Heard:
    """What a user sent, as far as a journal keeps it, and when the turn about it began."""

    id: str
    at: datetime
    kind: Kind | Literal["nothing"] = "nothing"
    text: str = ""
    url: str | None = None

    def message(self, address: Address) -> Message | None:
        """It as a message; None where nobody wrote."""
        if self.kind == "nothing":
            return None
        return Message(id=self.id, address=address, kind=self.kind, text=self.text, url=self.url)


class Answer(NamedTuple):
    """What became of the question *name*, which came after *sends* messages since the entry before: see `answer`.

    An entry is the row that is written of it, because a replay reads many and looks at little of each.
    """

    what: str
    name: str
    sends: int
    said: Sequence[Json]
    how: How
    choice: str | None
    given: Sequence[Json] | None
    change: Sequence[Json] | None

    @property
    def heard(self) -> Heard:
        """What the user sent, and when."""
        event_id, at, kind, text, url = self.said
        return Heard(id=event_id, at=moment(at), kind=kind, text=text, url=url)

    @property
    def at(self) -> datetime:
        """When the turn about it began."""
        return moment(self.said[1])

    @property
    def text(self) -> str:
        """What the user wrote."""
        return str(self.said[3])

    @property
    def kind(self) -> str | None:
        """The type of the value, None where the text says it all."""
        return self.given[0] if self.given else None

    @property
    def value(self) -> object:
        """What was understood, where it was something of a type."""
        return value_from_json(self.given[1]) if self.given else None

    @property
    def is_slot(self) -> bool:
        """Whether an asked slot was filled."""
        return bool(self.given and self.given[2])

    @property
    def operation(self) -> str:
        """The entry in the words of an error."""
        return _operation(self.name, is_slot=self.is_slot)

    def with_change(self, written: Mapping[str, object], removed: tuple[str, ...]) -> "Answer":
        """The same entry, with what other turns made of the session since the question was asked."""
        return self._replace(change=(written, removed)) if written or removed else self


def answer(
    name: str,
    sends: int,
    heard: Heard,
    *,
    how: How = "said",
    choice: str | None = None,
    kind: str | None = None,
    value: object = None,
    is_slot: bool = False,
) -> Answer:
    """The entry for what was *heard* when the question *name* was open.

    *choice* is the title of the choice that was taken, None where none was. *value* is what was understood, where it
    was something of the type *kind*; None of both where the text says it all. *is_slot* marks an asked slot.
    """
    said = (heard.id, milliseconds(heard.at), heard.kind, heard.text, heard.url)
    given = None if kind is None else (kind, value_to_json(value), is_slot)
    return Answer("ask", name, sends, said, how, choice, given, None)


class Result(NamedTuple):
    """What the function *name* returned or raised when it was called with `chat.once`; *mark* tells its arguments."""

    what: str
    name: str
    sends: int
    mark: str
    value: Json
    error: Sequence[str] | None

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
    return Result("once", name, sends, mark, value, error)


Entry = Answer | Result


@frozen(kw_only=True)
class Asked:
    """The open question *name*: asked after *sends* messages, as entry number *at*.

    *attempts* counts answers that were none, *digressions* other intents that were answered meanwhile. The question is
    repeated at *remind_at* and given up at *due_at*.
    """

    name: str
    sends: int
    at: int
    is_slot: bool = False
    attempts: int = 0
    digressions: int = 0
    remind_at: datetime | None = None
    due_at: datetime | None = None

    @property
    def wake_at(self) -> datetime | None:
        """When the conversation is to be looked at although nobody wrote."""
        return min((at for at in (self.remind_at, self.due_at) if at is not None), default=None)

    @property
    def operation(self) -> str:
        """The question in the words of an error."""
        return _operation(self.name, is_slot=self.is_slot)


@frozen(kw_only=True)
class Flow:
    """One handler in the middle of its work: *name* and *version* say which, *event* and *at* what began it, and when.

    *slots*, *how*, *score* and *choice* are what was understood of that event; *session* is as it was then. *turn* is
    the id of the event in whose turn it is, empty between turns. *kept* are results of a turn that failed, of which
    there were *failures* in a row. *before* are the named answers of a run that was begun anew. *heard* is when the
    user last wrote.
    """

    name: str
    version: int
    event: Message | Status
    at: datetime
    slots: Mapping[str, object] = field(factory=dict)
    how: str = ""
    score: float = 1.0
    choice: Choice | None = None
    session: Mapping[str, object] = field(factory=dict, repr=False)
    entries: tuple[Entry, ...] = field(default=(), repr=False)
    question: Asked | None = None
    turn: str = ""
    kept: tuple[Result, ...] = field(default=(), repr=False)
    failures: int = 0
    before: Mapping[str, str] = field(factory=dict, repr=False)
    heard: datetime | None = None

    def failed(self) -> "Flow | None":
        """The flow back at its question, after a turn that failed; None where it has none or has failed too often."""
        if self.question is None or self.failures >= 2:
            return None
        if not self.turn:
            return evolve(self, failures=self.failures + 1)
        made = [entry for entry in self.entries[self.question.at :] if isinstance(entry, Result)]
        return evolve(
            self,
            entries=self.entries[: self.question.at],
            turn="",
            kept=(*self.kept, *(result for result in made if result.error is None)),
            failures=self.failures + 1,
        )

    def anew(self, *, version: int, at: datetime, session: Mapping[str, object]) -> "Flow":
        """The flow before its first question, in another version, with what the user answered so far on offer."""
        return Flow(
            name=self.name,
            version=version,
            event=self.event,
            at=at,
            slots=self.slots,
            how=self.how,
            score=self.score,
            choice=self.choice,
            session=session,
            before=self.named_answers(),
        )

    def named_answers(self) -> dict[str, str]:
        """What the user answered so far, by the names of the questions."""
        said = [entry for entry in self.entries if isinstance(entry, Answer) and entry.how == "said"]
        answers = {**self.before, **{entry.name: entry.choice or entry.text for entry in said if entry.name}}
        return {name: text for name, text in answers.items() if not name.startswith(SIGNAL)}

    @property
    def signals(self) -> list[tuple[str, object]]:
        """The signals that it has had, by name, with their data, the oldest first."""
        had = [entry for entry in self.entries if isinstance(entry, Answer) and entry.how == "said"]
        return [(entry.name.removeprefix(SIGNAL), entry.value) for entry in had if entry.name.startswith(SIGNAL)]
