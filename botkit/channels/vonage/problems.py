"""What the Messages API answers, as typed errors that say who must act.

Decided by the HTTP status alone: the number in a problem's ``type`` follows an old table that contradicts the current
one. Sources: https://developer.vonage.com/en/api-errors and https://developer.vonage.com/en/api/messages
"""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Final

from botkit.channels.vonage.http import Answer
from botkit.errors import AccountBlocked, ChannelError, InDoubt, Rejected, Unavailable

_LONGEST_RETRY_SECONDS: Final = 3_600.0

#: Status -> the branch, a stable word, and who must do what.
_MEANING: Final[Mapping[int, tuple[type[ChannelError], str, str]]] = {
    400: (Rejected, "invalid_request", "the delivery is dead; its form is wrong"),
    401: (AccountBlocked, "unauthorized", "check application_id and private_key, or api_key and api_secret"),
    402: (AccountBlocked, "low_balance", "top up the Vonage account"),
    403: (AccountBlocked, "forbidden", "check that the account may use the Messages API and has credit"),
    404: (Rejected, "not_found", "check base_url, and that the page is linked to the application"),
    422: (Rejected, "invalid_message", "the delivery is dead; see which parameter is refused"),
    429: (Unavailable, "rate_limited", "lower messages_per_second if this comes often"),
    503: (Unavailable, "unavailable", "it is tried again"),
}


def message_id_from(answer: Answer, now: datetime) -> str:
    """The id of the message that *answer* accepts; raises a branch of ChannelError for every other answer."""
    problem = _object(answer.body)
    if 200 <= answer.status < 300:
        message_id = problem.get("message_uuid")
        if isinstance(message_id, str) and message_id:
            return message_id
        raise InDoubt(
            "The Messages API accepted a message without naming it.", reason="no_message_uuid", status=answer.status
        )
    raise error_from(answer, problem, now)


def error_from(answer: Answer, problem: Mapping[str, object], now: datetime) -> ChannelError:
    """The typed error for an answer that is not 2xx."""
    branch, reason, advice = _MEANING.get(answer.status, _unknown(answer.status))
    text = f"The Messages API answered {answer.status}{_words(problem)}: {advice}.{_traces(answer, problem)}"
    if branch is Unavailable:
        seconds = _retry_after(answer.headers.get("retry-after"), now)
        return Unavailable(text, reason=reason, status=answer.status, retry_after_seconds=seconds)
    return branch(text, reason=reason, status=answer.status)


def _unknown(status: int) -> tuple[type[ChannelError], str, str]:
    if status >= 500:
        return InDoubt, f"http_{status}", "it may have been accepted; a status will tell, else it is sent again"
    return Rejected, f"http_{status}", "the delivery is dead"


def _object(body: bytes) -> Mapping[str, object]:
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _words(problem: Mapping[str, object]) -> str:
    said = [str(problem[name])[:200] for name in ("title", "detail") if isinstance(problem.get(name), str)]
    parameters = problem.get("invalid_parameters")
    if isinstance(parameters, list):
        said += [f"{one.get('name')}: {one.get('reason')}"[:200] for one in parameters[:10] if isinstance(one, Mapping)]
    return f" ({'; '.join(said)})" if said else ""


def _traces(answer: Answer, problem: Mapping[str, object]) -> str:
    found = {"instance": problem.get("instance"), "request": answer.headers.get("x-request-id")}
    return "".join(f" [{name} {str(value)[:64]}]" for name, value in found.items() if value)


def _retry_after(header: str | None, now: datetime) -> float | None:
    """Seconds, or an HTTP date; anything else, and waits over an hour, are cut down to what is sensible."""
    if header is None:
        return None
    text = header.strip()
    if text.isascii() and text.isdigit():
        return min(float(text[:9]), _LONGEST_RETRY_SECONDS)
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return min(max(0.0, (aware - now).total_seconds()), _LONGEST_RETRY_SECONDS)
