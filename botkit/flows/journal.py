"""The journal: everything that is kept of a flow, as frozen values.

A flow is brought back by running its handler again from the start, with the answers and results that stand in its
journal. Messages that it sent are not kept: how many there were before each entry is, because a run that differs there
is not the same run.
"""

from collections.abc import Mapping
from datetime import datetime

from attrs import evolve, field, frozen

from botkit.events import Message, Status
from botkit.flows.entries import SIGNAL, Answer, Entry, Journal, Result, operation_of
from botkit.replies import Choice


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
        return operation_of(self.name, is_slot=self.is_slot)


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
    journal: Journal = field(factory=Journal, repr=False)
    question: Asked | None = None
    turn: str = ""
    kept: tuple[Result, ...] = field(default=(), repr=False)
    failures: int = 0
    before: Mapping[str, str] = field(factory=dict, repr=False)
    heard: datetime | None = None

    @property
    def entries(self) -> tuple[Entry, ...]:
        """What stands in its journal, the oldest first."""
        return self.journal.entries

    def failed(self) -> "Flow | None":
        """The flow back at its question, after a turn that failed; None where it has none or has failed too often."""
        if self.question is None or self.failures >= 2:
            return None
        if not self.turn:
            return evolve(self, failures=self.failures + 1)
        made = [entry for entry in self.entries[self.question.at :] if isinstance(entry, Result)]
        return evolve(
            self,
            journal=self.journal.until(self.question.at),
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
