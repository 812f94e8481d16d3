"""The panel of `botkit run --dev`: for each message what was understood and why, and what became of the answer."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextvars import ContextVar
from datetime import datetime
from typing import Final

from attrs import define, field

from botkit.bot import Bot
from botkit.events import Address, Message
from botkit.flows.kept import read_flows
from botkit.lookups import Found, Missed
from botkit.observe import Clock, DeliveryMoved, Handled, Happening, Routed
from botkit.replies import Text, reply_to_json
from botkit.session import without_language
from botkit.simulator.record import Record
from botkit.stores import Desk
from botkit.work import Kept, Outcome, Queued, Work

CHANNEL: Final = "messenger"
#: More candidates than these fit the page, and the question, less.
_CANDIDATES: Final = 12

Find = Callable[[Address], Bot | None]


@define
class _Turn:
    """What is known of a turn that runs."""

    deliveries: list[Queued] = field(factory=list)
    routed: Routed | None = None
    handler: str | None = None
    lookups: list[dict[str, object]] = field(factory=list)


#: The turn that what is looked up is for: each turn has a task of its own.
_turn: ContextVar[_Turn | None] = ContextVar("botkit_panel_turn", default=None)


@define(eq=False)
class Panel:
    """Writes into the simulator's *record* what the bot's side did; an observer, and the witness of a lens.

    *find* names the bot of an address, *clock* is the machine's.
    """

    _record: Record
    _find: Find
    _clock: Clock
    _turns: dict[tuple[Address, str], _Turn] = field(init=False, factory=dict)
    _explaining: set[asyncio.Task[None]] = field(init=False, factory=set)

    # An observer

    def __call__(self, happening: Happening) -> None:
        """Take note of *happening*."""
        if isinstance(happening, DeliveryMoved):
            self._moved(happening)
        elif isinstance(happening, Routed | Handled):
            turn = self._turns.get((happening.address, happening.event_id))
            if turn is not None and isinstance(happening, Routed):
                turn.routed = happening
                _turn.set(turn)
            elif turn is not None and isinstance(happening, Handled):
                turn.handler = happening.handler

    def _moved(self, moved: DeliveryMoved) -> None:
        facts = {
            "state": moved.state,
            "attempts": moved.attempts,
            "reason": moved.reason,
            "seconds": round(moved.seconds, 4),
        }
        self._add("delivery", moved.address, moved.delivery_id, self._clock.now(), facts)

    # What is told of lookups

    def looked_up(self, url: str, found: Found | Missed) -> None:
        """Take note of what was looked up in the turn that runs here."""
        turn = _turn.get()
        if turn is None:
            return
        if isinstance(found, Found):
            turn.lookups.append({"url": url, "value": found.value, "why": None, "status": None})
        else:
            turn.lookups.append({"url": url, "value": None, "why": found.why, "status": found.status})

    # A witness

    def began(self, work: Work) -> None:
        """A turn begins."""
        self._turns[work.address, work.event.id] = _Turn()

    def sent(self, work: Work, deliveries: Sequence[Queued]) -> None:
        """Deliveries were kept in the middle of it."""
        self._turns.setdefault((work.address, work.event.id), _Turn()).deliveries += deliveries

    def ended(self, work: Work, outcome: Outcome) -> None:
        """What it made of its work is kept; why is told a moment later, so that no reply waits for it."""
        turn = self._turns.pop((work.address, work.event.id), _Turn())
        task = asyncio.create_task(self._tell(work, outcome, turn))
        self._explaining.add(task)
        task.add_done_callback(self._explaining.discard)

    async def _tell(self, work: Work, outcome: Outcome, turn: _Turn) -> None:
        bot, at = self._find(work.address), self._clock.now()
        before = without_language(work.session)[0]
        after, language = without_language(work.session if outcome.session is None else outcome.session)
        explanation = None
        if bot is not None and isinstance(work.event, Message) and work.event.kind == "text":
            explanation = await asyncio.to_thread(_explained, bot, work.event.text, work)
        facts = {
            **_understood(bot, outcome, turn),
            "explanation": explanation,
            "now": work.now,
            "lookups": turn.lookups,
            "choices": [choice.title for choice in work.choices],
            "flows": None if outcome.flow is None else _flows(outcome.flow, work.address),
            "session": {"before": before, "after": after},
            "language": language or bot.settings.language if bot and len(bot.voice.languages) > 1 else None,
            "claims": work.claims,
            "error": outcome.failure.error if outcome.failure else None,
            "again": outcome.failure.retry_at if outcome.failure else None,
            "deliveries": [_delivery(one) for one in (*turn.deliveries, *outcome.deliveries)],
        }
        self._add("turn", work.address, work.event.id, at, facts)

    def _add(self, kind: str, address: Address, about: str, at: datetime, facts: Mapping[str, object]) -> None:
        self._record.add(
            "turn" if kind == "turn" else "delivery",
            page=address.page,
            user=address.user,
            about=about,
            at=at,
            facts=facts,
        )


def _understood(bot: Bot | None, outcome: Outcome, turn: _Turn) -> dict[str, object]:
    routed = turn.routed
    return {
        "bot": bot.name if bot else None,
        "intent": outcome.intent,
        "how": routed.how if routed else None,
        "score": round(routed.score, 3) if routed else None,
        "handler": turn.handler,
    }


def _explained(bot: Bot, text: str, work: Work) -> dict[str, object]:
    spoken = without_language(work.session)[1] or ""
    found = bot.router.explain(text, now=work.now, choices=work.choices, language=spoken).to_json()
    candidates = found["candidates"]
    assert isinstance(candidates, list)
    shown = sorted(candidates, key=lambda one: (-one["won"], -one["matched"], -one["reached"]))
    return {**found, "candidates": shown[:_CANDIDATES], "more": max(0, len(shown) - _CANDIDATES)}


def _flows(kept: str, address: Address) -> list[dict[str, object]]:
    """The flows that are open after a turn, the innermost last; empty where none is."""
    flows = read_flows(kept, address)[0] if kept else ()
    return [
        {
            "name": flow.name,
            "question": None if flow.question is None else flow.question.operation,
            "answers": len(flow.entries),
            "due_at": None if flow.question is None else flow.question.due_at,
        }
        for flow in flows
    ]


def _delivery(queued: Queued) -> dict[str, object]:
    reply = queued.reply
    return {"id": queued.id, "kind": reply.kind, "text": reply.text if isinstance(reply, Text) else ""}


class Drawer:
    """What a store keeps of one conversation now, as JSON for the page."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    async def __call__(self, page: str, user: str) -> dict[str, object]:
        """Everything kept of *user* of *page*; ``known`` is false where nothing is."""
        found = await self._desk.conversation(Address(CHANNEL, page, user))
        if found is None:
            return {"known": False}
        return {
            "known": True,
            "session": without_language(found.session)[0],
            "choices": [choice.title for choice in found.choices],
            "opened_at": found.opened_at,
            "waiting": found.waiting,
            "deliveries": [_kept(one) for one in found.deliveries],
        }


def _kept(kept: Kept) -> dict[str, object]:
    return {
        "id": kept.id,
        "state": kept.state,
        "attempts": kept.attempts,
        "reason": kept.reason,
        "reply": None if kept.reply is None else reply_to_json(kept.reply),
    }
