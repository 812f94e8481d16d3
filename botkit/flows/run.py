"""A run: a handler that is driven along its journal, and asks, calls and sends where that ends."""

import random
import types
import uuid
from collections.abc import Awaitable, Callable, Generator, Mapping
from datetime import datetime
from typing import Final, NamedTuple, Protocol

from botkit.errors import (
    Cancelled,
    CodeChanged,
    GaveUp,
    HandlerError,
    OnceFailed,
    Place,
    Timeout,
    UnjournalledAwait,
)
from botkit.flows.drive import Drive, Ended
from botkit.flows.entries import Answer, Entry, Result
from botkit.flows.journal import Asked, Flow
from botkit.flows.kinds import KEPT, Type
from botkit.flows.once import CallInThread, called, key_of, mark_of
from botkit.flows.question import Question, Reading, Unfit
from botkit.flows.record import Record
from botkit.flows.values import value_from_json
from botkit.handlers import name_of
from botkit.places import called_at
from botkit.plain import plain
from botkit.work import delivery_id

#: How often a coroutine that is being closed may still call its chat before it is left alone.
_PATIENCE: Final = 10

_ENDS: Final[Mapping[str, Callable[[str], BaseException]]] = {
    "cancelled": Cancelled,
    "gave up": GaveUp,
    "timed out": Timeout,
}


class Stage(Protocol):
    """What a run moves along: the chat of its handler."""

    def go_on(self, answer: Answer) -> None:
        """Take up the conversation where *answer* was given."""
        ...


class Means(NamedTuple):
    """What a run is given by its turn.

    *reading* reads answers, *keep* makes the journal of a run durable in the middle of the turn, *call_in_thread* is
    for plain functions, and *warn* tells the operator.
    """

    reading: Reading
    keep: "Callable[[Run], Awaitable[None]]"
    call_in_thread: CallInThread
    warn: Callable[[str], None]


class Gone(BaseException):
    """Raised by a chat whose handler is being closed: nothing it does any more has an effect."""


class Run:
    """One handler's coroutine for *flow* in one turn; *title* is what errors call the handler."""

    def __init__(self, flow: Flow, title: str, means: Means, drive: Drive, stage: Stage) -> None:
        self.flow = flow
        self.title = title
        self.means = means
        self.record = Record(flow.journal, sends=drive.sends)
        #: Whether it stands where the last turn left it: at a question that is still open.
        self.is_waiting = flow.question is not None and not flow.turn
        self._changed: CodeChanged | None = None
        self._kept = list(flow.kept)
        self._chance: random.Random | None = None
        self._drive = drive
        self._stage = stage
        self._calls: dict[str, int] = {}
        self._closing = 0

    # Driving

    async def advance(self) -> Question | Ended:
        """Drive the handler until it asks what nobody has answered, or comes to its end; raises what it raises."""
        try:
            step = await self._drive.advance()
        except BaseException:
            if self._changed is not None:
                raise self._changed from None
            raise
        if self._changed is not None:
            raise self._changed
        if isinstance(step, Ended) and (self.is_waiting or self.record.next is not None):
            raise self._change("comes to its end")
        return step

    def answer(self, answer: Answer) -> None:
        """Give the open question its answer: `advance` goes on from there."""
        self.add(answer)
        self._drive.give(answer)

    def add(self, answer: Answer) -> None:
        """Record an answer of this turn: the open question's, or one that the same message gave to another slot."""
        self._write(answer)
        self.record.answers += 1
        self.is_waiting = False
        self._take(answer)

    def drop(self) -> None:
        """Close the handler's coroutine in this loop, if it has not ended; whatever it still does has no effect."""
        if self._drive.is_over:
            return
        self._closing = 1
        try:
            # Before CPython 3.13 close() alone does not reach into an async generator; one may await on its way out.
            for _ in range(_PATIENCE):
                self._drive.coroutine.throw(Gone())
            self._drive.coroutine.close()
        except (Gone, StopIteration):
            return
        except Exception as error:  # noqa: BLE001 - nothing waits for it any more
            self.means.warn(f"{self.title} raised {type(error).__name__} when it was left at its question")

    # What the chat asks of it

    async def check_open(self) -> None:
        """Raise `Gone` where the handler has been left, and hold up what does not want to end."""
        if self._closing:
            self._closing += 1
            if self._closing > _PATIENCE:
                await _nothing()
            raise Gone

    async def ask(self, question: Question) -> object:
        """The value of the answer to *question*, once there is one; raises GaveUp, Timeout or Cancelled."""
        await self.check_open()
        self._check_here("ask")
        if self._drive.taint is not None and self._drive.is_plain:
            raise UnjournalledAwait("asked, and is a plain function: write async def, and await what it asks")
        if self._drive.taint is not None:
            raise UnjournalledAwait(
                f"awaited something outside chat.once at {self._drive.taint} and then asked: with the next message "
                f"that would be done again; wrap it in chat.once, or do it after the last question"
            )
        entry = self._recorded(question)
        if entry is None:
            self.record.check_room()
            entry = await _answered(question)
        if entry.how != "said":
            raise _ENDS[entry.how](f"the question {question.name!r} was {entry.how}")
        return self._value(question, entry)

    def recorded_value(self, name: str, kind: Type) -> tuple[object] | None:
        """The value of the recorded answer to a question without choices, where nothing need be read again for it."""
        record, drive = self.record, self._drive
        entry = record.next
        if not isinstance(entry, Answer):
            return None
        # All of it at once: this is done for every entry of every turn.
        sends, asked, _, _, text, kept, given, choice, _, how, medium, _, _ = entry
        if asked != name or sends != record.sends or how != "said" or choice is not None:
            return None
        if kept is None:
            if medium != "text" or kind not in (str, "text"):
                return None
            value: object = text
        elif KEPT.get(kept) is kind or kept == kind:
            value = value_from_json(given)
        else:
            return None
        if drive.taint is not None or not drive.is_here():
            return None
        record.go_on()
        record.answers -= 1
        self._stage.go_on(entry)
        return (value,)

    def _value(self, question: Question, entry: Answer) -> object:
        if question.is_wait:
            return plain(entry.value)
        if entry.is_slot or (entry.kind is not None and entry.kind == question.type_name):
            return entry.value
        try:
            return question.again(entry.heard(self.flow.at), entry.choice, self.means.reading)
        except Unfit:
            raise self._change(f"does not take the recorded answer to {entry.operation}", called_at()) from None

    async def once(self, function: Callable[..., object], arguments: tuple[object, ...]) -> object:
        """What *function* returned the one time it came to its end; raises OnceFailed where it raised."""
        if self._closing:
            await self.check_open()
        self._check_here("once")
        name = name_of(function)
        self._calls[name] = self._calls.get(name, 0) + 1
        result = self._recorded_result(name) or await self._fresh(function, name, arguments)
        if result.error is not None:
            raise OnceFailed(name, *result.error)
        return plain(result.value)

    def has_sent(self) -> bool:
        """Whether the next message left in an earlier turn; if so it is counted."""
        if self._closing or not (self.record.answers or self.is_waiting) or not self._drive.is_here():
            return False
        self.record.sends += 1
        return True

    async def send(self, send: Callable[[], Awaitable[None]]) -> None:
        """Count a message on its way, and send it."""
        await self.check_open()
        if not self._drive.is_here():
            await send()
            return
        self.record.sends += 1
        with self._drive.ours():
            await send()

    @property
    def is_past(self) -> bool:
        """Whether what the handler does now was done before, or is not to be done at all."""
        return bool(self._closing or self.record.answers or self.is_waiting)

    @property
    def _seed(self) -> str:
        """What makes chance and keys: the same for each run of the same flow."""
        event = self.flow.begun.event
        return delivery_id(event.address, event.id, self.flow.name, 0)

    @property
    def chance(self) -> random.Random:
        """Chance that is the same whenever the flow is replayed."""
        if self._chance is None:
            self._chance = random.Random(self._seed)  # noqa: S311 - it is to be repeated, and no secret
        return self._chance

    def uuid(self) -> uuid.UUID:
        """A random UUID, the same whenever the flow is replayed."""
        return uuid.UUID(int=self.chance.getrandbits(128), version=4)

    # Asked slots, which are found by name

    def take_slots(self) -> None:
        """Take up the conversation behind the slots that have been asked for."""
        for answer in self.record.slot_answers():
            self._take(answer)

    def leave_slots(self) -> None:
        """Go on to the handler: a slot that was asked for, and is not any more, needs no answer."""
        self.is_waiting = self.is_waiting and self.flow.question is not None and not self.flow.question.is_slot

    # What is kept

    def asked(self, question: Question, now: datetime) -> Asked:
        """A new *question* as it is to be kept."""
        return Asked(
            name=question.name,
            sends=self.record.sends,
            at=len(self.record.entries),
            is_slot=question.is_slot,
            remind_at=None if question.remind is None else now + question.remind,
            due_at=None if question.timeout is None else now + question.timeout,
        )

    def at_question(self, asked: Asked, *, heard: datetime | None) -> Flow:
        """The flow as it is to be kept where that was *asked*, and the user last *heard*."""
        return Flow(self.flow.begun, self.record.journal, asked, heard=heard)

    def in_turn(self, turn: str) -> Flow:
        """The flow as it is to be kept in the middle of the turn about the event *turn*."""
        return self.flow._replace(journal=self.record.journal, turn=turn, kept=tuple(self._kept))

    # The journal

    def _recorded(self, question: Question) -> Answer | None:
        """The recorded answer to *question*, None where there is none yet; raises CodeChanged where another was put."""
        asked = self.flow.question
        if question.is_slot:
            self.is_waiting = self.is_waiting and asked is not None and asked.name == question.name
            return None
        doing = f"asks {question.name!r}" if question.name else "asks"
        entry = self.record.next
        if entry is not None:
            if not (isinstance(entry, Answer) and (entry.name, entry.sends) == (question.name, self.record.sends)):
                raise self._change(doing, called_at())
            self.record.go_on()
            self._take(entry)
            return entry
        if self.is_waiting and asked is not None and (asked.name, asked.sends) != (question.name, self.record.sends):
            raise self._change(doing, called_at())
        return None

    def _recorded_result(self, name: str) -> Result | None:
        entry = self.record.next
        if entry is None and not self.is_waiting:
            return None
        if not (isinstance(entry, Result) and (entry.name, entry.sends) == (name, self.record.sends)):
            raise self._change(f"calls once({name})", called_at())
        self.record.go_on()
        return entry

    def _take(self, answer: Answer) -> None:
        self.record.answers -= 1
        self._stage.go_on(answer)

    async def _fresh(self, function: Callable[..., object], name: str, arguments: tuple[object, ...]) -> Result:
        """Call *function* now, unless a turn that failed later has its result."""
        mark = mark_of(arguments)
        for kept in self._kept:
            if (kept.name, kept.mark) == (name, mark):
                self._kept.remove(kept)
                self._write(kept._replace(sends=self.record.sends))
                return kept
        self.record.check_room()
        means, key = self.means, key_of(self._seed, name, mark, self._calls[name])
        with self._drive.ours():
            result = await called(
                function, arguments, name=name, sends=self.record.sends, key=key, call_in_thread=means.call_in_thread
            )
            self._write(result)
            await means.keep(self)
        return result

    def _write(self, entry: Entry) -> None:
        if self.record.write(entry):
            self.means.warn(f"the journal of the {self.title} is half full: {len(self.record.entries)} entries")

    def _check_here(self, name: str) -> None:
        if not self._drive.is_here():
            raise HandlerError(f"chat.{name} was called in another task than the handler's; await it in the handler")

    def _change(self, doing: str, at: Place | None = None) -> CodeChanged:
        """The error for a run that is not the recorded one, raised again should the handler swallow it."""
        entry = self.record.next
        recorded = entry or self.flow.question
        told = "its end" if recorded is None else f"{recorded.operation} after {recorded.sends} message(s)"
        self._changed = CodeChanged(
            f"was changed while a user was in the middle of it: entry {self.record.number} of its journal is {told}, "
            f"and now it {doing} after {self.record.sends} message(s){'' if at is None else f' at {at}'}; "
            f"raise its version= with such a change"
        )
        return self._changed


@types.coroutine
def _answered(question: Question) -> Generator[Question, Answer, Answer]:
    return (yield question)


@types.coroutine
def _nothing() -> Generator[None, None, None]:
    yield
