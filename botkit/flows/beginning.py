"""Beginnings: what set a flow going, which never changes, and is written only once."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from attrs import field, frozen

from botkit.events import Address, Message, Status
from botkit.flows.entries import Json
from botkit.flows.values import (
    completed,
    json_text,
    maybe_milliseconds,
    maybe_moment,
    milliseconds,
    moment,
    shortened,
    value_from_json,
    value_to_json,
)
from botkit.replies import Choice

# What mostly stands in a row, place by place; what is given whatever it is, is usual nowhere.
_MESSAGE: Final = (..., ..., ..., "", None, None)
_STATUS: Final = (..., ..., ..., None, None, None, None)


@frozen(kw_only=True)
class Beginning:
    """*name* and *version* say whose flow it is, *event* and *at* what began it, and when.

    *slots*, *how*, *score* and *choice* are what was understood of that event; *session* is as it was then. *before*
    are the named answers of a run that was begun anew. *text* is what `beginning_text` wrote of all that, where it is
    at hand.
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
    before: Mapping[str, str] = field(factory=dict, repr=False)
    text: str = field(default="", eq=False, repr=False)


def beginning_text(begun: Beginning) -> str:
    """A beginning as a JSON object that is still open at its end; what is empty is left out."""
    choice = begun.choice
    given = {
        "version": begun.version,
        "slots": {name: value_to_json(value) for name, value in begun.slots.items()},
        "how": [begun.how, begun.score] if begun.how else None,
        "choice": None if choice is None else [choice.title, choice.value, choice.intent],
        "session": begun.session,
        "before": begun.before,
    }
    head = {"name": begun.name, "event": _event(begun.event), "at": milliseconds(begun.at)}
    return json_text(head | {key: value for key, value in given.items() if value})[:-1]


def beginning_from(kept: Mapping[str, Json], address: Address, text: str) -> Beginning:
    """Read what `beginning_text` wrote as *text*, empty where it is not at hand."""
    how, score = kept.get("how", ("", 1.0))
    choice, slots = kept.get("choice"), kept.get("slots")
    return Beginning(
        name=kept["name"],
        version=kept.get("version", 0),
        event=_event_from(kept["event"], address),
        at=moment(kept["at"]),
        slots={name: value_from_json(value) for name, value in slots.items()} if slots else {},
        how=how,
        score=score,
        choice=Choice(choice[0], choice[1], intent=choice[2]) if choice else None,
        session=kept.get("session", {}),
        before=kept.get("before", {}),
        text=text,
    )


def _event(event: Message | Status) -> Json:
    if isinstance(event, Message):
        message = ("message", event.id, event.kind, event.text, event.url, maybe_milliseconds(event.sent_at))
        return shortened(message, _MESSAGE)
    status = (event.message_id, event.state, event.delivery_id, event.code, event.reason, maybe_milliseconds(event.at))
    return shortened(("status", *status), _STATUS)


def _event_from(kept: Json, address: Address) -> Message | Status:
    if kept[0] == "message":
        _, id_, kind, text, url, sent_at = completed(kept, _MESSAGE)
        return Message(id=id_, address=address, kind=kind, text=text, url=url, sent_at=maybe_moment(sent_at))
    _, message_id, state, delivery_id, code, reason, at = completed(kept, _STATUS)
    return Status(
        message_id=message_id,
        address=address,
        state=state,
        delivery_id=delivery_id,
        code=code,
        reason=reason,
        at=maybe_moment(at),
    )
