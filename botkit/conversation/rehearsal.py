"""Rehearsals: live flows replayed along their journals with a bot's code, up to their open questions, and no further.

Nothing is sent, kept or called on the way: all of that was done before and stands in the journal.
"""

import asyncio
from collections.abc import Mapping
from datetime import datetime
from typing import Literal

from attrs import evolve, frozen

from botkit.bot import Bot
from botkit.conversation.routes import handler_of
from botkit.conversation.runs import Runs, Surroundings
from botkit.errors import CodeChanged
from botkit.events import Address, WakeUp
from botkit.flows.drive import Ended
from botkit.flows.journal import Flow
from botkit.flows.kept import read_flows
from botkit.flows.run import Run
from botkit.handlers import Handler
from botkit.observe import unobserved
from botkit.replies import Text
from botkit.work import Conversation, Work

#: ``goes on``: it stands where it stood. ``begins anew``, ``is parked``: its code has changed, and its author wants
#: that. ``ends``: the bot has no such handler any more. ``fails``: the handler raises, or its journal cannot be read.
Fate = Literal["goes on", "begins anew", "is parked", "ends", "fails"]


@frozen(kw_only=True)
class Live:
    """A flow that waits: the handler *name* of the bot *bot*, in its *version*, with so many journal *entries*.

    It began *since* then. *question* is what it waits for, in the words of errors, and *until* when it gives up.
    *fate* and *why* are what a rehearsal found, None before one.
    """

    address: Address
    bot: str | None
    name: str
    version: int = 0
    entries: int = 0
    question: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    fate: Fate | None = None
    why: str = ""

    def to_json(self) -> dict[str, object]:
        """The flow as JSON values; nothing in it is of the user's own."""
        return {
            "conversation": self.address.key,
            "bot": self.bot,
            "flow": self.name,
            "version": self.version,
            "entries": self.entries,
            "question": self.question,
            "since": None if self.since is None else self.since.isoformat(),
            "until": None if self.until is None else self.until.isoformat(),
            "fate": self.fate,
            "why": self.why,
        }


def live_flows(bot: Bot | None, conversation: Conversation) -> list[tuple[Live, Flow | None]]:
    """The flows of a conversation, the outermost first; one that cannot be read stands for all."""
    name, address = None if bot is None else bot.name, conversation.address
    try:
        flows, _ = read_flows(conversation.flow, address)
    except ValueError as error:
        return [(Live(address=address, bot=name, name="?", fate="fails", why=str(error)), None)]
    return [(_live(address, name, flow), flow) for flow in flows]


def _live(address: Address, bot: str | None, flow: Flow) -> Live:
    question = flow.question
    return Live(
        address=address,
        bot=bot,
        name=flow.name,
        version=flow.version,
        entries=len(flow.entries),
        question=None if question is None else question.operation,
        since=flow.at,
        until=None if question is None else question.due_at,
    )


async def rehearsed(
    bot: Bot | None, conversation: Conversation, *, now: datetime, resources: Mapping[str, object]
) -> list[Live]:
    """The flows of *conversation* with what becomes of each when *bot* takes it up; *resources* are its own."""
    found = []
    for live, flow in live_flows(bot, conversation):
        if flow is None or bot is None:
            told = live if flow is None else evolve(live, fate="ends", why="no bot claims its page")
        else:
            fate, why = await _fate(bot, conversation, flow, now, resources)
            told = evolve(live, fate=fate, why=why)
        found.append(told)
    return found


async def _fate(
    bot: Bot, conversation: Conversation, flow: Flow, now: datetime, resources: Mapping[str, object]
) -> tuple[Fate, str]:
    handler = handler_of(bot, flow.name)
    if handler is None:
        return "ends", "the bot has no such handler any more"
    if handler.version != flow.version:
        return _changed(handler), f"it is version {handler.version} now"
    if flow.question is None:
        return "goes on", "it was interrupted before its first question, and is run again from its start"
    try:
        return await _replayed(bot, conversation, at_question(flow), handler, now, resources)
    except CodeChanged as error:
        return _changed(handler), str(error)
    except Exception as error:  # noqa: BLE001 - whatever a user's code raises is what is to be found out
        return "fails", f"{handler} raised {type(error).__name__}"


def at_question(flow: Flow) -> Flow:
    """*flow* back at its open question, where a turn that answers it was interrupted."""
    assert flow.question is not None
    return flow._replace(turn="", journal=flow.journal.until(flow.question.at))


async def _replayed(
    bot: Bot, conversation: Conversation, flow: Flow, handler: Handler, now: datetime, resources: Mapping[str, object]
) -> tuple[Fate, str]:
    surroundings = _surroundings(bot, conversation, now, resources)
    runs = Runs(surroundings, lambda: bot.settings.language, _kept)
    chat = runs.chat_of(flow)
    run = runs.run(flow, handler, runs.drive(handler, flow.name, flow.begun.slots, chat), chat)
    try:
        step = await run.advance()
    finally:
        runs.close()
    assert not isinstance(step, Ended), "a run that waits raises when it comes to its end"
    return "goes on", ""


def _changed(handler: Handler) -> Fate:
    return "is parked" if handler.on_change == "park" else "begins anew"


async def _kept(run: Run) -> None:
    """Nothing is kept: everything up to the question was."""


def _surroundings(bot: Bot, conversation: Conversation, now: datetime, resources: Mapping[str, object]) -> Surroundings:
    event = WakeUp(id="rehearsal", address=conversation.address, at=now)
    work = Work(
        address=event.address, event=event, sequence=0, epoch=0, now=now, accepted_at=now, flow=conversation.flow
    )

    async def nothing(*_: object) -> None:
        """What was sent was sent, and what was kept was kept."""

    return Surroundings(
        bot=bot,
        work=work,
        send=nothing,
        hand_over=lambda *_: Text("-"),
        is_handed_over=lambda: False,
        keep=nothing,
        resources=resources,
        call_in_thread=asyncio.to_thread,
        observer=unobserved,
        engaged=lambda route: None,
        blame=lambda blamed, error: None,
    )
