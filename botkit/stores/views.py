"""What an operator sees of a store, made of its rows; alike for every engine."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from botkit.events import Address
from botkit.instants import maybe_moment, milliseconds, moment
from botkit.stores.rows import choices_from, json_value, mute_from, reply_from, session_from
from botkit.work import Conversation, DeadLetter, DeliveryState, Kept, Mute

#: How long the ids of what is done are known, and how long dead letters wait for somebody.
IDS_KEPT: Final = timedelta(hours=72)
DEAD_KEPT: Final = timedelta(days=30)
ADOPTED_AT_ONCE: Final = 500
#: How long, in milliseconds, whoever has claimed a notice may take to say what became of it.
NOTICE_LEASE: Final = 60_000
EVENT_STATES: Final = ("waiting", "done", "dead")

Exported = Mapping[str, object]
#: conversation, sequence, since when, body, why
LetterRow = tuple[str, int, int, str | None, str | None]
#: session, choices, opened at, flow, mute, wake-up, how many events wait
ConversationRow = tuple[str | None, str | None, int | None, str | None, str | None, int | None, int]
#: id, body, state, attempts, message id, reason
KeptRow = tuple[str, str, DeliveryState, int, str | None, str | None]
#: session, choices, flow, opened at, session's time, mute
ExportedRow = tuple[str | None, str | None, str | None, int | None, int | None, str | None]
#: id, state, when, body, error
ExportedEvent = tuple[str, int, int, str | None, str | None]
#: id, state, when, attempts, message id, reason, body
ExportedDelivery = tuple[str, str, int, int, str | None, str | None, str]
#: text, bot, when
ExportedGap = tuple[str, str, int]


def letter(direction: str, row: LetterRow) -> DeadLetter:
    """A dead letter, *direction* ``inbound`` or ``outbound``."""
    conversation, sequence, at, body, reason = row
    return DeadLetter(
        id=f"{'in' if direction == 'inbound' else 'out'}/{conversation}/{sequence}",
        address=Address.parse(conversation),
        direction="inbound" if direction == "inbound" else "outbound",
        reason=reason or "",
        at=moment(at),
        body=body or "",
    )


def place_of(letter_id: str) -> tuple[str, str, int] | None:
    """Where a letter of that id is kept: ``in`` or ``out``, its conversation and sequence; None for nonsense.

    >>> place_of("in/messenger:1070:2519/7")
    ('in', 'messenger:1070:2519', 7)
    """
    direction, _, rest = letter_id.partition("/")
    conversation, _, sequence = rest.rpartition("/")
    if direction not in ("in", "out") or not sequence.isascii() or not sequence.isdecimal() or len(sequence) > 18:
        return None
    return direction, conversation, int(sequence)


def conversation_of(address: Address, row: ConversationRow | None, deliveries: Sequence[KeptRow]) -> Conversation:
    """Everything kept under one address."""
    session, choices, opened_at, flow, mute, wake_at, waiting = row or (None, None, None, None, None, None, 0)
    return Conversation(
        address=address,
        session=session_from(session),
        choices=choices_from(choices),
        opened_at=maybe_moment(opened_at),
        flow=flow or "",
        wake_at=maybe_moment(wake_at),
        mute=mute_from(mute),
        waiting=waiting,
        deliveries=tuple(
            Kept(
                id=delivery_id,
                reply=reply_from(body) if body else None,
                state=state,
                attempts=attempts,
                message_id=message_id,
                reason=reason,
            )
            for delivery_id, body, state, attempts, message_id, reason in deliveries
        ),
    )


def exported(
    address: Address,
    row: ExportedRow | None,
    events: Sequence[ExportedEvent],
    deliveries: Sequence[ExportedDelivery],
    gaps: Sequence[ExportedGap],
) -> Exported:
    """Everything kept under one address, as JSON values."""
    session, choices, flow, opened_at, session_at, mute = row or (None, None, None, None, None, None)
    return {
        "channel": address.channel,
        "page": address.page,
        "user": address.user,
        "last_wrote_at": _iso(opened_at),
        "session_at": _iso(session_at),
        "session": json_value(session),
        "choices": json_value(choices),
        "flow": json_value(flow),
        "handover": _handover(mute_from(mute)),
        "events": [
            {"id": one, "state": EVENT_STATES[state], "at": _iso(at), "body": json_value(body), "error": error}
            for one, state, at, body, error in events
        ],
        "deliveries": [
            {
                "id": one,
                "state": state,
                "at": _iso(at),
                "attempts": attempts,
                "message_id": message_id,
                "reason": reason,
                "reply": json_value(body),
            }
            for one, state, at, attempts, message_id, reason, body in deliveries
        ],
        "gaps": [{"text": text, "bot": bot, "at": _iso(at)} for text, bot, at in gaps],
    }


def _handover(mute: Mute | None) -> dict[str, str] | None:
    if mute is None:
        return None
    return {"reason": mute.reason, "at": mute.at.isoformat(), "until": mute.until.isoformat()}


def _iso(kept: int | None) -> str | None:
    return None if kept is None else moment(kept).isoformat()


def ages(now: datetime, keep: timedelta, limit: int) -> Mapping[str, int]:
    """What pruning binds: from when on something is old, where texts are kept for *keep*, and how many go at once."""
    return {
        "erase_before": milliseconds(now - keep),
        "before": milliseconds(now - max(keep, IDS_KEPT)),
        "dead_before": milliseconds(now - max(keep, DEAD_KEPT)),
        "ids_before": milliseconds(now - IDS_KEPT),
        "now": milliseconds(now),
        "most": limit,
    }
