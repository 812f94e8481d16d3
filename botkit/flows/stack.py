"""The open flows of one conversation, in one turn: the innermost is the last, and its question is open."""

from datetime import datetime, timedelta
from typing import Final

from botkit.events import Event, Message, Signal, WakeUp
from botkit.flows.entries import SIGNAL
from botkit.flows.journal import Asked, Flow
from botkit.flows.kept import read_flows, written
from botkit.flows.question import Question
from botkit.flows.run import Run
from botkit.work import Work

#: How many signals are kept for handlers that do not wait for them yet.
SIGNAL_LIMIT: Final = 20
#: How long after a user has written Messenger takes what is sent to him.
WINDOW: Final = timedelta(hours=24)


class Stack:
    """The open flows, as the turn finds them and as it leaves them.

    *broken* says why what was kept could not be read, None where it could.
    """

    def __init__(self, work: Work) -> None:
        self._event: Event = work.event
        self._now = work.now
        self.broken: str | None = None
        #: Whether the store has something that it should not have any more.
        self.is_touched = bool(work.flow)
        #: Signals that nobody waits for yet, the oldest first.
        self.signals: list[tuple[str, object]] = []
        self.flows = self._read(work) if work.flow else []
        self._first = (tuple(self.flows), tuple(self.signals))
        self._taken: Flow | None = None
        #: The run of the flow that was taken up.
        self.run: Run | None = None

    def _read(self, work: Work) -> list[Flow]:
        """What is kept; flows that died in the middle of another event's turn go back to their question."""
        try:
            kept, signals = read_flows(work.flow, work.address)
        except ValueError as error:
            self.broken = str(error)
            return []
        flows, self.signals = list(kept), list(signals)
        while flows and flows[-1].turn not in ("", work.event.id):
            failed = flows.pop().failed()
            if failed is not None:
                flows.append(failed)
        return flows

    @property
    def top(self) -> Flow:
        """The flow whose question is open."""
        return self.flows[-1]

    @property
    def wake_at(self) -> datetime | None:
        """When the conversation is to be looked at although nobody wrote; a wake-up does not ask for itself again."""
        wake_at = self.due_at(self._now)
        is_over = wake_at is not None and wake_at <= self._now and isinstance(self._event, WakeUp)
        return None if is_over else wake_at

    def due_at(self, at_once: datetime) -> datetime | None:
        """When the innermost question is to be looked at: *at_once* where the signal that it waits for is there."""
        asked = self.top.question if self.flows else None
        if asked is None:
            return None
        if self.signals and any(asked.name == f"{SIGNAL}{name}" for name, _ in self.signals):
            return at_once
        return asked.wake_at

    def is_too_late(self, flow: Flow) -> bool:
        """Whether Messenger takes nothing more that nobody has asked for."""
        return isinstance(self._event, WakeUp) and self._now - (flow.heard or flow.at) >= WINDOW

    def shift(self, length: timedelta) -> None:
        """Let every question that is open wait so much longer, or shorter, for its reminder and its end."""
        self.flows = [
            flow if flow.question is None else flow._replace(question=_shifted(flow.question, length))
            for flow in self.flows
        ]

    def text(self) -> str | None:
        """The flows as a store keeps them, None where it need not keep anything."""
        return written(self.flows, self.signals) if self.flows or self.is_touched else None

    def text_with(self, run: Run) -> str:
        """The same in the middle of the turn, with the journal of the handler that is running."""
        self.is_touched = True
        return written([*self.flows, run.in_turn(self._event.id)], self.signals)

    def keep_signal(self, name: str, data: object) -> None:
        """Keep a signal for whoever will wait for it; of very many the newest."""
        self.signals = [*self.signals, (name, data)][-SIGNAL_LIMIT:]

    def waits_for(self, signal: Signal) -> bool:
        """Whether the question that is open, or was before the process died, waits for *signal*."""
        flow = self.top
        return flow.turn == signal.id or (flow.question is not None and flow.question.name == f"{SIGNAL}{signal.name}")

    def give_back(self, flow: Flow) -> None:
        """Keep the signals that *flow* has had for the run that begins anew: they do not come a second time."""
        self.signals = [*flow.signals, *self.signals][-SIGNAL_LIMIT:]

    def take_signal(self, question: Question) -> tuple[str, object] | None:
        """The oldest signal that *question* waits for, which is kept no longer; None where there is none."""
        for signal in self.signals if question.is_wait else ():
            if question.name == f"{SIGNAL}{signal[0]}":
                self.signals.remove(signal)
                return signal
        return None

    def take_up(self) -> Flow:
        """Take the innermost flow, which the event is for."""
        self._taken = self.flows.pop()
        return self._taken

    def put_back(self, flow: Flow) -> None:
        """Leave the flow that was taken up at the question where it was."""
        self._taken = self.run = None
        self.push(flow)

    def heard(self, flow: Flow) -> datetime | None:
        """When the user of *flow* has last written, this event counted."""
        return self._now if isinstance(self._event, Message) else flow.heard

    def push(self, flow: Flow) -> None:
        """Leave a flow at its question."""
        heard = self.heard(flow)
        self.flows.append(flow if heard == flow.heard else flow._replace(heard=heard))

    def fail(self, *, counts: bool = True) -> None:
        """Go back to where the turn began; a flow that was taken up has failed once more, if it *counts*."""
        self.flows, self.signals = map(list, self._first)  # type: ignore[assignment]  # each as it was
        if self._taken is None or not counts:
            return
        top = self.flows.pop()
        failed = top.failed() if self.run is None else self.run.in_turn(self._event.id).failed()
        if failed is not None and failed.question is not None and isinstance(self._event, WakeUp):
            # What failed in its time would fail again at once.
            failed = failed._replace(question=failed.question._replace(remind_at=None, due_at=None))
        if failed is not None:
            self.flows.append(failed)


def _shifted(asked: Asked, length: timedelta) -> Asked:
    return asked._replace(
        remind_at=None if asked.remind_at is None else asked.remind_at + length,
        due_at=None if asked.due_at is None else asked.due_at + length,
    )
