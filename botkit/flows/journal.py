"""The journal: everything that is kept of a flow, as frozen values.

A flow is brought back by running its handler again from the start, with the answers and results that stand in its
journal. Messages that it sent are not kept: how many there were before each entry is, because a run that differs there
is not the same run.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

from botkit.flows.beginning import Beginning
from botkit.flows.entries import SIGNAL, Answer, Entry, Journal, Result, operation_of


class Asked(NamedTuple):
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
        if self.remind_at is None or self.due_at is None:
            return self.remind_at or self.due_at
        return min(self.remind_at, self.due_at)

    @property
    def operation(self) -> str:
        """The question in the words of an error."""
        return operation_of(self.name, is_slot=self.is_slot)


class Flow(NamedTuple):
    """One handler in the middle of its work, which *begun* as it did, and has its *journal* and its open *question*.

    *turn* is the id of the event in whose turn it is, empty between turns. *kept* are results of a turn that failed, of
    which there were *failures* in a row. *heard* is when the user last wrote.
    """

    begun: Beginning
    journal: Journal = Journal()
    question: Asked | None = None
    turn: str = ""
    kept: tuple[Result, ...] = ()
    failures: int = 0
    heard: datetime | None = None

    @property
    def name(self) -> str:
        """Whose it is."""
        return self.begun.name

    @property
    def version(self) -> int:
        """In which version of its handler it has begun."""
        return self.begun.version

    @property
    def at(self) -> datetime:
        """When it has begun."""
        return self.begun.at

    @property
    def entries(self) -> tuple[Entry, ...]:
        """What stands in its journal, the oldest first."""
        return self.journal.entries

    def failed(self) -> "Flow | None":
        """The flow back at its question, after a turn that failed; None where it has none or has failed too often."""
        if self.question is None or self.failures >= 2:
            return None
        if not self.turn:
            return self._replace(failures=self.failures + 1)
        made = [entry for entry in self.entries[self.question.at :] if isinstance(entry, Result)]
        return self._replace(
            journal=self.journal.until(self.question.at),
            turn="",
            kept=(*self.kept, *(result for result in made if result.error is None)),
            failures=self.failures + 1,
        )

    def anew(self, *, version: int, at: datetime, session: Mapping[str, object]) -> "Flow":
        """The flow before its first question, in another version, with what the user answered so far on offer."""
        begun = self.begun._replace(version=version, at=at, session=session, before=self.named_answers())
        return Flow(begun.written())

    def named_answers(self) -> dict[str, str]:
        """What the user answered so far, by the names of the questions."""
        said = [entry for entry in self.entries if isinstance(entry, Answer) and entry.how == "said"]
        answers = {**self.begun.before, **{entry.name: entry.choice or entry.text for entry in said if entry.name}}
        return {name: text for name, text in answers.items() if not name.startswith(SIGNAL)}

    @property
    def signals(self) -> list[tuple[str, object]]:
        """The signals that it has had, by name, with their data, the oldest first."""
        had = [entry for entry in self.entries if isinstance(entry, Answer) and entry.how == "said"]
        return [(entry.name.removeprefix(SIGNAL), entry.value) for entry in had if entry.name.startswith(SIGNAL)]
