"""Flows as the JSON text that a store keeps, and back."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Final

from botkit.events import Address, Message, Status
from botkit.flows.entries import Journal, Json, Result
from botkit.flows.former import FORMER, former_journal
from botkit.flows.journal import Asked, Flow
from botkit.flows.values import (
    completed,
    json_text,
    milliseconds,
    moment,
    shortened,
    value_from_json,
    value_to_json,
)
from botkit.replies import Choice

_FORM: Final = 2
#: The forms that are read; what is written has the last.
FORMS: Final = (FORMER, _FORM)
# Whatever else may change with it, what is kept begins with its form.
_BEGINNING: Final = re.compile(r"\[([0-9]{1,9})[],]")

# What mostly stands in a row, place by place; what is given whatever it is, is usual nowhere.
_MESSAGE: Final = (..., ..., ..., "", None, None)
_STATUS: Final = (..., ..., ..., None, None, None, None)
_ASKED: Final = (..., ..., ..., False, 0, 0, None, None)


def written(flows: Sequence[Flow], signals: Sequence[tuple[str, object]] = ()) -> str:
    """What is kept of the open flows, the innermost last, and of *signals* that came early; empty without a flow.

    Each flow has two lines, of which the second is its journal: that text grows with the flow, and is not made anew.
    """
    if not flows:
        return ""
    lines = [f",{json_text(_head(flow))}\n,[{flow.journal.text}]\n" for flow in flows]
    early = json_text(signals) if signals else "[]"
    return f"[{_FORM},{early}\n{''.join(lines)}]"


def form_of(text: str) -> int:
    """The form in which flows are kept in *text*, which is not read any further; 0 where it says none.

    >>> form_of('[3,{"signals":[]}]'), form_of("")
    (3, 0)
    """
    found = _BEGINNING.match(text)
    return int(found[1]) if found else 0


def read_flows(text: str, address: Address) -> tuple[tuple[Flow, ...], tuple[tuple[str, object], ...]]:
    """Read what `written` wrote; raises ValueError for what another version of botkit wrote in a form of its own."""
    form = form_of(text)
    if form not in FORMS:
        told = f"has the form {form}, and this botkit reads {_FORM}" if form else "cannot be read"
        raise ValueError(f"the journal {told}")
    try:
        _, signals, *flows = json.loads(text)
        early = tuple([(name, data) for name, data in signals])
        read = _read_former(flows) if form == FORMER else _read(flows, text)
        return tuple([_flow_from(*one, address) for one in read]), early
    except (KeyError, TypeError, IndexError, ValueError) as error:
        raise ValueError("the journal cannot be read") from error


def _read_former(flows: Sequence[Json]) -> Iterator[tuple[Json, Journal]]:
    return ((flow, former_journal(flow)) for flow in flows)


def _read(flows: Sequence[Json], text: str) -> Iterator[tuple[Json, Journal]]:
    """What is kept of each flow, and its journal with the line of *text* that it stands in."""
    for head, rows, line in zip(flows[::2], flows[1::2], text.split("\n")[2::2], strict=True):
        yield head, Journal.read(rows, line.removeprefix(",[").removesuffix("]"))


def _written(moment: datetime | None) -> int | None:
    return None if moment is None else milliseconds(moment)


def _maybe(kept: int | None) -> datetime | None:
    return None if kept is None else moment(kept)


def _head(flow: Flow) -> Json:
    """All of a flow but its journal; what is empty is left out."""
    choice = flow.choice
    given = {
        "version": flow.version,
        "slots": {name: value_to_json(value) for name, value in flow.slots.items()},
        "how": [flow.how, flow.score] if flow.how else None,
        "choice": None if choice is None else [choice.title, choice.value, choice.intent],
        "session": flow.session,
        "question": None if flow.question is None else _asked(flow.question),
        "turn": flow.turn,
        "kept": flow.kept,
        "failures": flow.failures,
        "before": flow.before,
        "heard": _written(flow.heard),
    }
    head = {"name": flow.name, "event": _event(flow.event), "at": milliseconds(flow.at)}
    return head | {key: value for key, value in given.items() if value}


def _flow_from(kept: Mapping[str, Json], journal: Journal, address: Address) -> Flow:
    how, score = kept.get("how", ("", 1.0))
    choice, question = kept.get("choice"), kept.get("question")
    return Flow(
        name=kept["name"],
        version=kept.get("version", 0),
        event=_event_from(kept["event"], address),
        at=moment(kept["at"]),
        slots={name: value_from_json(value) for name, value in kept.get("slots", {}).items()},
        how=how,
        score=score,
        choice=Choice(choice[0], choice[1], intent=choice[2]) if choice else None,
        session=kept.get("session", {}),
        journal=journal,
        question=_asked_from(question) if question else None,
        turn=kept.get("turn", ""),
        kept=tuple(map(Result._make, kept.get("kept", ()))),
        failures=kept.get("failures", 0),
        before=kept.get("before", {}),
        heard=_maybe(kept.get("heard")),
    )


def _event(event: Message | Status) -> Json:
    if isinstance(event, Message):
        message = ("message", event.id, event.kind, event.text, event.url, _written(event.sent_at))
        return shortened(message, _MESSAGE)
    status = (event.message_id, event.state, event.delivery_id, event.code, event.reason, _written(event.at))
    return shortened(("status", *status), _STATUS)


def _event_from(kept: Json, address: Address) -> Message | Status:
    if kept[0] == "message":
        _, id_, kind, text, url, sent_at = completed(kept, _MESSAGE)
        return Message(id=id_, address=address, kind=kind, text=text, url=url, sent_at=_maybe(sent_at))
    _, message_id, state, delivery_id, code, reason, at = completed(kept, _STATUS)
    return Status(
        message_id=message_id,
        address=address,
        state=state,
        delivery_id=delivery_id,
        code=code,
        reason=reason,
        at=_maybe(at),
    )


def _asked(asked: Asked) -> Json:
    counted = (asked.attempts, asked.digressions)
    times = (_written(asked.remind_at), _written(asked.due_at))
    return shortened((asked.name, asked.sends, asked.at, asked.is_slot, *counted, *times), _ASKED)


def _asked_from(kept: Json) -> Asked:
    name, sends, at, is_slot, attempts, digressions, remind_at, due_at = completed(kept, _ASKED)
    return Asked(
        name=name,
        sends=sends,
        at=at,
        is_slot=is_slot,
        attempts=attempts,
        digressions=digressions,
        remind_at=_maybe(remind_at),
        due_at=_maybe(due_at),
    )
