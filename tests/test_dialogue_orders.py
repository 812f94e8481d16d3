"""Dialogues: every order of four events, at each question of two flows, against a table of what must come of it.

The events are an answer, silence for three hours, a signal, cancelling and another intent. Whatever their order, each
message is answered, and nothing is set aside.
"""

from datetime import timedelta
from itertools import product
from typing import Final

import pytest
from attrs import define

from botkit import Bot, Chat
from botkit.events import Signal
from talks import ANNA, Talk

EVENTS: Final = ("answer", "silence", "signal", "cancel", "other")
LOST: Final = "Sorry, I did not get that."
CANCELLED: Final = "All right, I have stopped."
TIMED_OUT: Final = "I have not heard from you, so I have stopped here. You can start again at any time."

#: What brings a conversation to each question, and how the question is put.
QUESTIONS: Final = {
    "size": (["book"], "How many?"),
    "day": (["book", "1"], "Which day?\n1. Today\n2. Tomorrow"),
    "cake": (["order"], "How big?"),
    "paid": (["order", "1"], ""),
}


def bot() -> Bot:
    """A bot with a flow that asks twice, and one that asks and waits."""
    made = Bot("inn")

    @made.intent("book")
    async def book(chat: Chat) -> str:
        size = await chat.ask("How many?", type=int, timeout=timedelta(hours=2))
        return f"{size}, {await chat.ask('Which day?', choices=['Today', 'Tomorrow'])}."

    @made.intent("order")
    async def order(chat: Chat) -> str:
        size = await chat.ask("How big?", type=int)
        await chat.send("Please pay.")
        return f"{size}, {await chat.wait('paid', timeout=timedelta(hours=1))}."

    @made.intent("when do you open")
    async def hours(chat: Chat) -> str:
        return "At noon."

    return made


@define
class Table:
    """What must come of each event: the open question ("" for none), digressions at it, and an early signal."""

    question: str
    digressions: int = 0
    has_signal: bool = False

    def expect(self, event: str) -> list[str]:
        """What is answered to *event*."""
        answered: list[str] = getattr(self, event)()
        return answered

    @property
    def _prompt(self) -> list[str]:
        shown = QUESTIONS[self.question][1] if self.question else ""
        return [shown] if shown else []

    def _go(self, question: str) -> None:
        self.question, self.digressions = question, 0
        self.has_signal = self.has_signal and bool(question)

    def answer(self) -> list[str]:
        """The user says "1"."""
        match self.question:
            case "size":
                self._go("day")
                return self._prompt
            case "day":
                self._go("")
                return ["1, Today."]
            case "cake":
                early = self.has_signal
                self._go("" if early else "paid")
                return ["Please pay.", "1, 12."] if early else ["Please pay."]
        return [LOST]

    def silence(self) -> list[str]:
        """Three hours pass."""
        if self.question not in ("size", "paid"):
            return []
        self._go("")
        return [TIMED_OUT]

    def signal(self) -> list[str]:
        """Somebody has paid."""
        self.has_signal = bool(self.question)
        if self.question != "paid":
            return []
        self._go("")
        return ["1, 12."]

    def cancel(self) -> list[str]:
        """The user has had enough."""
        was_open = bool(self.question)
        self._go("")
        return [CANCELLED if was_open else LOST]

    def other(self) -> list[str]:
        """The user wants to know something else."""
        self.digressions += self.question not in ("", "paid")
        return [LOST if self.digressions > 3 else "At noon.", *self._prompt]


async def happens(talk: Talk, event: str, number: int) -> list[str]:
    """Let *event* happen."""
    match event:
        case "silence":
            return await talk.wait(3 * 3600)
        case "signal":
            return await talk.happens(Signal(id=f"signal:{number}", address=ANNA, name="paid", data=12))
    return await talk.say({"answer": "1", "cancel": "cancel", "other": "when do you open"}[event])


@pytest.mark.parametrize("first", EVENTS)
@pytest.mark.parametrize("question", QUESTIONS)
async def test_every_order_of_events_comes_out_as_it_must(question: str, first: str) -> None:
    """All orders of four events that begin with *first*, and with them all shorter ones."""
    made = bot()
    for rest in product(EVENTS, repeat=3):
        async with Talk(made) as talk:
            for text in QUESTIONS[question][0]:
                await talk.say(text)
            table, events = Table(question), (first, *rest)
            expected = [table.expect(event) for event in events]

            assert [await happens(talk, event, number) for number, event in enumerate(events)] == expected, events
            assert (await talk.flow() != "", await talk.store.dead_letters()) == (table.question != "", [])
