"""Beginnings: what set a flow going, which never changes, and is written only once."""

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Final, NamedTuple

from botkit.events import Address, Message, Status
from botkit.flows.entries import Json
from botkit.flows.values import completed, json_text, shortened, value_from_json, value_to_json
from botkit.instants import maybe_milliseconds, maybe_moment, milliseconds, moment
from botkit.replies import Choice

# What mostly stands in a row, place by place; what is given whatever it is, is usual nowhere.
_MESSAGE: Final = (..., ..., ..., "", None, None)
_STATUS: Final = (..., ..., ..., None, None, None, None)

_NOTHING: Final[Mapping[str, object]] = MappingProxyType({})


class Beginning(NamedTuple):
    """*name* and *version* say whose flow it is, *event* and *at* what began it, and when.

    *slots*, *how*, *score* and *choice* are what was understood of that event; *session* is as it was then. *before*
    are the named answers of a run that was begun anew. *text* is all that as it is kept: see `written`.
    """

    name: str
    version: int
    event: Message | Status
    at: datetime
    slots: Mapping[str, object] = _NOTHING
    how: str = ""
    score: float = 1.0
    choice: Choice | None = None
    session: Mapping[str, object] = _NOTHING
    before: Mapping[str, str] = MappingProxyType({})
    text: str = ""

    def written(self) -> "Beginning":
        """The same with its text: a JSON object that is still open at its end, in which what is empty is left out."""
        choice = self.choice
        given = {
            "version": self.version,
            "slots": {name: value_to_json(value) for name, value in self.slots.items()},
            "how": [self.how, self.score] if self.how else None,
            "choice": None if choice is None else [choice.title, choice.value, choice.intent],
            "session": self.session,
            "before": self.before,
        }
        head = {"name": self.name, "event": _event(self.event), "at": milliseconds(self.at)}
        return self._replace(text=json_text(head | {key: value for key, value in given.items() if value})[:-1])


def beginning_from(kept: Mapping[str, Json], address: Address, text: str) -> Beginning:
    """Read what is kept of a beginning as *text*, empty where that did not stand by itself."""
    how, score = kept.get("how", ("", 1.0))
    choice, slots = kept.get("choice"), kept.get("slots")
    begun = Beginning(
        kept["name"],
        kept.get("version", 0),
        _event_from(kept["event"], address),
        moment(kept["at"]),
        {name: value_from_json(value) for name, value in slots.items()} if slots else _NOTHING,
        how,
        score,
        Choice(choice[0], choice[1], intent=choice[2]) if choice else None,
        kept.get("session", _NOTHING),
        kept.get("before", _NOTHING),
        text,
    )
    return begun if text else begun.written()


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
