"""Values as a store writes them: JSON text and milliseconds, and back."""

import hmac
import secrets
from collections.abc import Iterable
from datetime import datetime
from typing import Final

from botkit.compact import ascii_json, read_json
from botkit.events import Address, Event, Message, Signal, Status, WakeUp
from botkit.instants import maybe_milliseconds, maybe_moment, milliseconds, moment
from botkit.replies import Choice, Reply, reply_from_json, reply_to_json
from botkit.work import Mute, Notice

#: A value as JSON. Lone surrogates come in as escapes and must go out as they came: no driver takes them in its text.
json_text: Final = ascii_json
_load: Final = read_json


def new_epoch() -> int:
    """Where the epochs of a conversation or lane begin: elsewhere than those of one that was there before."""
    return secrets.randbits(40)


def storable(text: str) -> str:
    r"""*text* with what no database can hold, half characters and zeros, written as escapes.

    >>> storable("caf\u00e9 \ud800\0")
    'caf\xe9 \\ud800\\x00'
    """
    if "\0" not in text and text.isascii():
        return text
    return text.encode("utf-8", "backslashreplace").decode("utf-8").replace("\0", r"\x00")


def maybe_storable(text: str | None) -> str | None:
    """The same for what may not be set."""
    return None if text is None else storable(text)


def json_value(text: str | None) -> object:
    """What JSON text holds, None where there is none."""
    return _load(text) if text else None


def fingerprint(secret: bytes, conversation: str, event_id: str) -> str:
    """Of one event; without *secret* nobody can tell whose it was."""
    told = f"{conversation}\x1f{storable(event_id)}".encode()
    return hmac.digest(secret, told, "sha256").hex()[:32]


def event_text(event: Event) -> str:
    """*event* without its address and id, which have columns of their own."""
    if isinstance(event, Message):
        sent_at = maybe_milliseconds(event.sent_at)
        return json_text(["message", event.kind, event.text, event.url, sent_at, event.raw])
    if isinstance(event, WakeUp):
        return json_text(["wake-up", milliseconds(event.at)])
    if isinstance(event, Signal):
        return json_text(["signal", event.name, event.data])
    at = maybe_milliseconds(event.at)
    code, reason = event.code, event.reason
    return json_text(["status", event.message_id, event.state, event.delivery_id, code, reason, at, event.raw])


def event_from(address: Address, event_id: str, text: str) -> Event:
    """Read what `event_text` wrote."""
    what, *rest = _load(text)
    if what == "message":
        kind, words, url, sent_at, raw = rest
        return Message(
            id=event_id, address=address, kind=kind, text=words, url=url, sent_at=maybe_moment(sent_at), raw=raw
        )
    if what == "wake-up":
        return WakeUp(id=event_id, address=address, at=moment(rest[0]))
    if what == "signal":
        return Signal(id=event_id, address=address, name=rest[0], data=rest[1])
    message_id, state, delivery_id, code, reason, at, raw = rest
    return Status(
        message_id=message_id,
        address=address,
        state=state,
        delivery_id=delivery_id,
        code=code,
        reason=reason,
        at=maybe_moment(at),
        raw=raw,
    )


def reply_text(reply: Reply) -> str:
    """A reply that is one POST."""
    return json_text(reply_to_json(reply))


def reply_from(text: str) -> Reply:
    """Read what `reply_text` wrote."""
    return reply_from_json(_load(text))


def choices_text(choices: Iterable[Choice]) -> str:
    """The choices of the last reply; an empty list where it offered none."""
    return (
        json_text(listed) if (listed := [[choice.title, choice.value, choice.intent] for choice in choices]) else "[]"
    )


def choices_from(text: str | None) -> tuple[Choice, ...]:
    """Read what `choices_text` wrote."""
    if text is None or text == "[]":
        return ()
    return tuple(Choice(title, value, intent=intent) for title, value, intent in _load(text))


def mute_text(mute: Mute) -> str:
    """How a conversation is muted."""
    return json_text([mute.id, mute.reason, milliseconds(mute.at), milliseconds(mute.until)])


def mute_from(text: str | None) -> Mute | None:
    """Read what `mute_text` wrote, None where there never was a mute."""
    if text is None:
        return None
    mute_id, reason, at, until = _load(text)
    return Mute(id=mute_id, reason=reason, at=moment(at), until=moment(until))


def muted_from(row: tuple[str, str]) -> tuple[Address, Mute]:
    """A conversation that a person answers."""
    conversation, text = row
    mute = mute_from(text)
    assert mute is not None
    return Address.parse(conversation), mute


def notice_from(row: tuple[str, str, int, str], now: datetime) -> Notice:
    """A notice that was claimed *now*: its id, conversation, attempts and body."""
    _, conversation, attempts, body = row
    mute = mute_from(body)
    assert mute is not None
    return Notice(address=Address.parse(conversation), mute=mute, attempts=attempts, now=now)


def session_from(text: str | None) -> dict[str, object]:
    """A kept session, empty where there is none."""
    kept: dict[str, object] = {} if text is None else _load(text)
    return kept
