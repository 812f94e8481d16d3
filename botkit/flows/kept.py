"""Flows as the JSON text that a store keeps, and back."""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from botkit.events import Address, Message, Status
from botkit.flows.journal import Answer, Asked, Entry, Flow, Heard, Result
from botkit.flows.values import value_from_json, value_to_json
from botkit.replies import Choice

# What json.loads gives: it is as it was written here, or it is another form.
Json = Any

_FORM: Final = 1
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND: Final = timedelta(milliseconds=1)

#: In ASCII: lone surrogates come in as escapes and must go out as they came.
_dump: Final = json.JSONEncoder(separators=(",", ":"), ensure_ascii=True).encode


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
    return len(_dump([_entry(entry) for entry in entries])) - 1


def json_text(value: object) -> str:
    """*value*, which is plain, as JSON: equal for what a store would keep alike."""
    return _dump(value)


def _milliseconds(moment: datetime | None) -> int | None:
    return None if moment is None else (moment - _EPOCH) // _MILLISECOND


def _moment(kept: int) -> datetime:
    return _EPOCH + kept * _MILLISECOND


def _maybe(kept: int | None) -> datetime | None:
    return None if kept is None else _moment(kept)


def _flow(flow: Flow) -> Json:
    choice = flow.choice
    given = {
        "slots": {name: value_to_json(value) for name, value in flow.slots.items()},
        "how": [flow.how, flow.score] if flow.how else None,
        "choice": None if choice is None else [choice.title, choice.value, choice.intent],
        "session": flow.session,
        "entries": [_entry(entry) for entry in flow.entries],
        "question": None if flow.question is None else _asked(flow.question),
        "turn": flow.turn,
        "kept": [_entry(entry) for entry in flow.kept],
        "failures": flow.failures,
        "before": flow.before,
        "heard": _milliseconds(flow.heard),
    }
    head = {"name": flow.name, "version": flow.version, "event": _event(flow.event), "at": _milliseconds(flow.at)}
    return head | {key: value for key, value in given.items() if value}


def _flow_from(kept: Mapping[str, Json], address: Address) -> Flow:
    how, score = kept.get("how", ("", 1.0))
    choice, question = kept.get("choice"), kept.get("question")
    return Flow(
        name=kept["name"],
        version=kept["version"],
        event=_event_from(kept["event"], address),
        at=_moment(kept["at"]),
        slots={name: value_from_json(value) for name, value in kept.get("slots", {}).items()},
        how=how,
        score=score,
        choice=Choice(choice[0], choice[1], intent=choice[2]) if choice else None,
        session=kept.get("session", {}),
        entries=tuple(map(_entry_from, kept.get("entries", ()))),
        question=_asked_from(question) if question else None,
        turn=kept.get("turn", ""),
        kept=tuple(map(_result_from, kept.get("kept", ()))),
        failures=kept.get("failures", 0),
        before=kept.get("before", {}),
        heard=_maybe(kept.get("heard")),
    )


def _event(event: Message | Status) -> Json:
    if isinstance(event, Message):
        return ["message", event.id, event.kind, event.text, event.url, _milliseconds(event.sent_at)]
    at = _milliseconds(event.at)
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


def _entry(entry: Entry) -> Json:
    if isinstance(entry, Result):
        return ["once", entry.name, entry.sends, entry.mark, entry.value, entry.error]
    heard = entry.heard
    said = [heard.id, _milliseconds(heard.at), heard.kind, heard.text, heard.url]
    value = None if entry.kind is None else [entry.kind, value_to_json(entry.value), entry.is_slot]
    change = [entry.written, entry.removed] if entry.written or entry.removed else None
    return ["ask", entry.name, entry.sends, said, entry.how, entry.choice, value, change]


def _entry_from(kept: Json) -> Entry:
    if kept[0] == "once":
        return _result_from(kept)
    _, name, sends, (event_id, at, kind, text, url), how, choice, value, change = kept
    changed, removed = change or ({}, ())
    return Answer(
        name=name,
        sends=sends,
        heard=Heard(id=event_id, at=_moment(at), kind=kind, text=text, url=url),
        how=how,
        choice=choice,
        kind=value and value[0],
        value=value and value_from_json(value[1]),
        is_slot=bool(value and value[2]),
        written=changed,
        removed=tuple(removed),
    )


def _result_from(kept: Json) -> Result:
    _, name, sends, mark, value, error = kept
    return Result(name=name, sends=sends, mark=mark, value=value, error=tuple(error) if error else None)


def _asked(asked: Asked) -> Json:
    return [
        asked.name,
        asked.sends,
        asked.at,
        asked.is_slot,
        asked.attempts,
        asked.digressions,
        _milliseconds(asked.remind_at),
        _milliseconds(asked.due_at),
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
