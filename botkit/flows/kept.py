"""Flows as the JSON text that a store keeps, and back."""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Final

from botkit.events import Address, Message, Status
from botkit.flows.journal import Answer, Asked, Entry, Flow, Json, Result
from botkit.flows.values import milliseconds, moment, value_from_json, value_to_json
from botkit.replies import Choice

_FORM: Final = 1

#: In ASCII: lone surrogates come in as escapes and must go out as they came. Nothing plain contains itself.
_dump: Final = json.JSONEncoder(separators=(",", ":"), ensure_ascii=True, check_circular=False).encode


def written(flows: Sequence[Flow], signals: Sequence[tuple[str, object]] = ()) -> str:
    """What is kept of the open flows, the innermost last, and of *signals* that came early; empty without a flow."""
    return _dump([_FORM, signals, *map(_flow, flows)]) if flows else ""


def read_flows(text: str, address: Address) -> tuple[tuple[Flow, ...], tuple[tuple[str, object], ...]]:
    """Read what `written` wrote; raises ValueError for what another version of botkit wrote in a form of its own."""
    try:
        form, signals, *flows = json.loads(text)
        if form != _FORM:
            raise ValueError(f"the journal has the form {form}, and this botkit reads {_FORM}")
        return tuple(_flow_from(flow, address) for flow in flows), tuple((name, data) for name, data in signals)
    except (KeyError, TypeError, IndexError) as error:
        raise ValueError("the journal cannot be read") from error


def size_of(entries: Iterable[Entry]) -> int:
    """How many bytes *entries* have in a store."""
    return len(_dump(list(entries))) - 1


def json_text(value: object) -> str:
    """*value*, which is plain, as JSON: equal for what a store would keep alike."""
    return _dump(value)


def _written(moment: datetime | None) -> int | None:
    return None if moment is None else milliseconds(moment)


def _maybe(kept: int | None) -> datetime | None:
    return None if kept is None else moment(kept)


def _flow(flow: Flow) -> Json:
    choice = flow.choice
    given = {
        "slots": {name: value_to_json(value) for name, value in flow.slots.items()},
        "how": [flow.how, flow.score] if flow.how else None,
        "choice": None if choice is None else [choice.title, choice.value, choice.intent],
        "session": flow.session,
        "entries": flow.entries,
        "question": None if flow.question is None else _asked(flow.question),
        "turn": flow.turn,
        "kept": flow.kept,
        "failures": flow.failures,
        "before": flow.before,
        "heard": _written(flow.heard),
    }
    head = {"name": flow.name, "version": flow.version, "event": _event(flow.event), "at": milliseconds(flow.at)}
    return head | {key: value for key, value in given.items() if value}


def _flow_from(kept: Mapping[str, Json], address: Address) -> Flow:
    how, score = kept.get("how", ("", 1.0))
    choice, question = kept.get("choice"), kept.get("question")
    return Flow(
        name=kept["name"],
        version=kept["version"],
        event=_event_from(kept["event"], address),
        at=moment(kept["at"]),
        slots={name: value_from_json(value) for name, value in kept.get("slots", {}).items()},
        how=how,
        score=score,
        choice=Choice(choice[0], choice[1], intent=choice[2]) if choice else None,
        session=kept.get("session", {}),
        entries=tuple(map(_entry_from, kept.get("entries", ()))),
        question=_asked_from(question) if question else None,
        turn=kept.get("turn", ""),
        kept=tuple(map(Result._make, kept.get("kept", ()))),
        failures=kept.get("failures", 0),
        before=kept.get("before", {}),
        heard=_maybe(kept.get("heard")),
    )


def _event(event: Message | Status) -> Json:
    if isinstance(event, Message):
        return ["message", event.id, event.kind, event.text, event.url, _written(event.sent_at)]
    at = _written(event.at)
    return ["status", event.message_id, event.state, event.delivery_id, event.code, event.reason, at]


def _event_from(kept: Json, address: Address) -> Message | Status:
    what, first, second, third, fourth, *rest = kept
    if what == "message":
        sent_at = _maybe(rest[0])
        return Message(id=first, address=address, kind=second, text=third, url=fourth, sent_at=sent_at)
    reason, at = rest
    return Status(
        message_id=first,
        address=address,
        state=second,
        delivery_id=third,
        code=fourth,
        reason=reason,
        at=_maybe(at),
    )


def _entry_from(kept: Json) -> Entry:
    return Result._make(kept) if kept[0] == "once" else Answer._make(kept)


def _asked(asked: Asked) -> Json:
    return [
        asked.name,
        asked.sends,
        asked.at,
        asked.is_slot,
        asked.attempts,
        asked.digressions,
        _written(asked.remind_at),
        _written(asked.due_at),
    ]


def _asked_from(kept: Json) -> Asked:
    name, sends, at, is_slot, attempts, digressions, remind_at, due_at = kept
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
