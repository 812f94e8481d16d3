"""Muted: what becomes of events while a person answers in the bot's place, and how the bot comes back."""

from datetime import datetime, timedelta
from typing import Final

from attrs import evolve

from botkit.bot import Bot
from botkit.events import Address, Message, Signal
from botkit.flows.stack import Stack
from botkit.observe import Observer, Routed
from botkit.work import Mute, Outcome, Work

#: The signal that lets a mute end earlier or later.
RESUME: Final = "botkit.resume"
UNANSWERED: Final = "not answered by the bot: the conversation was handed over to a person"


def resuming(address: Address, mute: Mute, length: timedelta | None = None) -> Signal:
    """The event that ends *mute*, or lets it last *length* longer; asked for twice it has one effect."""
    # By its end a mute is told from what it was before it was moved.
    event_id = f"resume:{mute.id}:{mute.until:%Y%m%d%H%M%S%f}"
    if length is None:
        return Signal(id=event_id, address=address, name=RESUME, data={"mute": mute.id})
    seconds = length.total_seconds()
    data = {"mute": mute.id, "seconds": seconds}
    return Signal(id=f"{event_id}:{seconds:g}", address=address, name=RESUME, data=data)


def hushed(bot: Bot, work: Work, observer: Observer) -> Outcome | None:
    """The outcome of an event that a muted bot does not answer; None for one that it does.

    What the user wrote stays in the store. A signal is kept for the handler that waits for it, until the bot is back.
    """
    event = work.event
    if isinstance(event, Signal) and event.name == RESUME:
        return _changed(work, event.data)
    if work.mute is None or not work.is_muted or is_called_back(bot, work):
        return None
    observer(Routed(address=work.address, event_id=event.id, intent=None, how="muted", score=0.0))
    if isinstance(event, Message):
        return Outcome(unanswered=UNANSWERED)
    stack = Stack(work)
    if not stack.flows:
        return Outcome()
    if isinstance(event, Signal):
        stack.keep_signal(event.name, event.data)
    return Outcome(flow=stack.text(), wake_at=stack.due_at(work.mute.until))


def is_called_back(bot: Bot, work: Work) -> bool:
    """Whether the user asks for the bot, in the bot's own words for that, while a person answers."""
    event = work.event
    return (
        work.is_muted
        and isinstance(event, Message)
        and bot.voice.vocabulary(bot.settings.language).means("resume", event.text)
    )


def over(work: Work) -> Mute:
    """The mute of *work*, which ends now."""
    assert work.mute is not None
    return evolve(work.mute, until=work.now)


def lengthened(mute: Mute, length: timedelta, now: datetime) -> datetime:
    """When *mute* ends if it lasts *length* longer: than it would have, or from *now* on where it is over."""
    return max(mute.until, now) + length


def _changed(work: Work, data: object) -> Outcome:
    """The end of the mute that *data* names, moved; nothing, where it is another one, or was over before."""
    mute = work.mute
    if mute is None or not isinstance(data, dict) or data.get("mute") != mute.id:
        return Outcome()
    seconds = data.get("seconds")
    end = work.now if seconds is None else lengthened(mute, timedelta(seconds=seconds), work.now)
    if end <= work.now and not work.is_muted:
        return Outcome()
    stack = Stack(work)
    stack.shift(end - max(mute.until, work.now))
    moved = evolve(mute, until=end)
    if not stack.flows:
        return Outcome(mute=moved)
    return Outcome(mute=moved, flow=stack.text(), wake_at=stack.due_at(end))
