"""What the Messages API answers, as typed errors that say who must act.

Decided by the HTTP status alone: the number in a problem's ``type`` follows an old table that contradicts the current
one. Sources: https://developer.vonage.com/en/api-errors and https://developer.vonage.com/en/api/messages
"""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final

from botkit.channels.vonage.connection import Answer
from botkit.errors import AccountBlocked, ChannelError, InDoubt, Rejected, Unavailable

ID_LIMIT: Final = 256
LONGEST_RETRY_SECONDS: Final = 3_600.0
_SHOWN_LENGTH: Final = 200
_SHOWN_PARAMETERS: Final = 10

#: Status -> the branch, a stable word, and who must do what.
_MEANING: Final[Mapping[int, tuple[type[ChannelError], str, str]]] = {
    400: (Rejected, "invalid_request", "it will never be accepted in this form"),
    401: (AccountBlocked, "unauthorized", "check application_id and private_key, or api_key and api_secret"),
    402: (AccountBlocked, "low_balance", "top up the Vonage account"),
    403: (AccountBlocked, "forbidden", "check that the account has credit and may use the Messages API"),
    404: (Rejected, "not_found", "check base_url, and that the page is linked to the application"),
    422: (Rejected, "invalid_message", "it will never be accepted in this form"),
    429: (Unavailable, "rate_limited", "lower messages_per_second if this comes often"),
    503: (Unavailable, "unavailable", "nothing was accepted, try again"),
}


def message_id_from(answer: Answer, now: datetime) -> str:
    """The ``message_uuid`` that *answer* names; raises a branch of ChannelError for every other answer.

    An answer of 2xx that names none is InDoubt: something was accepted, and only a status can tell what.
    """
    found = _object(answer.body)
    if not 200 <= answer.status < 300:
        raise error_from(answer, found, now)
    message_id = found.get("message_uuid")
    if isinstance(message_id, str) and 1 <= len(message_id) <= ID_LIMIT:
        return message_id
    raise InDoubt(
        f"The Messages API answered {answer.status} without a message_uuid: it may have taken the message."
        f"{_traces(answer, found)}",
        reason="no_message_uuid",
        status=answer.status,
    )


def error_from(answer: Answer, problem: Mapping[str, object], now: datetime) -> ChannelError:
    """The typed error for an answer that is not 2xx; *problem* is its body."""
    branch, reason, advice = _MEANING.get(answer.status) or _unlisted(answer.status)
    text = f"The Messages API answered {answer.status}{_words(problem)}: {advice}.{_traces(answer, problem)}"
    if branch is Unavailable:
        seconds = _retry_after_seconds(answer.headers.get("retry-after", ""), now)
        return Unavailable(text, reason=reason, status=answer.status, retry_after_seconds=seconds)
    return branch(text, reason=reason, status=answer.status)


def _unlisted(status: int) -> tuple[type[ChannelError], str, str]:
    if status >= 500:
        return InDoubt, f"http_{status}", "it may have been accepted"
    return Rejected, f"http_{status}", "check base_url; it will never be accepted like this"


def _object(body: bytes) -> Mapping[str, object]:
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _words(problem: Mapping[str, object]) -> str:
    said = [_shown(problem[name]) for name in ("title", "detail") if problem.get(name)]
    parameters = problem.get("invalid_parameters")
    if isinstance(parameters, list):
        listed = (one for one in parameters[:_SHOWN_PARAMETERS] if isinstance(one, dict))
        said += [f"{_shown(one.get('name'))}: {_shown(one.get('reason'))}" for one in listed]
    return f" ({'; '.join(said)})" if said else ""


def _traces(answer: Answer, problem: Mapping[str, object]) -> str:
    found = {"instance": problem.get("instance"), "X-Request-Id": answer.headers.get("x-request-id")}
    return "".join(f" [{name} {_shown(value)}]" for name, value in found.items() if value)


def _shown(value: object) -> str:
    """Words of a stranger, fit for one line of a log."""
    words = str(value) if isinstance(value, (str, int)) else "?"
    line = " ".join(words[:_SHOWN_LENGTH].split())
    return "".join(character if character.isprintable() else "\ufffd" for character in line).rstrip(".")


def _retry_after_seconds(header: str, now: datetime) -> float | None:
    """Seconds or an HTTP date, at most an hour; None for anything else."""
    text = header.strip()
    if text.isascii() and text.isdigit():
        return min(float(text[:9]), LONGEST_RETRY_SECONDS)
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, OverflowError):
        return None
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return min(max(0.0, (aware - now).total_seconds()), LONGEST_RETRY_SECONDS)
