"""What the Messages API answers when it refuses: the documented problems, written as RFC 7807 says.

Titles, types and statuses are the API's; the details are the simulator's own and say what is wrong. The numbers behind
``#`` are as odd as the real ones: a client that decides by them, and not by status and title, is to be found out.

Source: https://developer.vonage.com/en/api/messages and https://developer.vonage.com/en/api-errors
"""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Final
from uuid import uuid4

from attrs import frozen

_GENERIC: Final = "https://developer.vonage.com/api-errors"
_MESSAGES: Final = f"{_GENERIC}/messages"

Invalid = tuple[str, str]


@frozen
class Documented:
    """A problem as it is documented."""

    status: int
    type: str
    title: str
    detail: str


#: Every documented problem that a request for Messenger can meet, by a name of our own.
PROBLEMS: Final[Mapping[str, Documented]] = {
    # "unathorized" is how the API itself spells it.
    "unauthorized": Documented(
        401,
        f"{_GENERIC}/#unathorized",
        "You did not provide correct credentials.",
        "The token or the key and secret are not those of this application and account.",
    ),
    "unprovisioned": Documented(
        401,
        f"{_GENERIC}/#unprovisioned",
        "The credentials provided do not have access to the requested product",
        "The application has no messages capability.",
    ),
    "multiple_auth_methods": Documented(
        401,
        f"{_GENERIC}#multiple-auth-methods",
        "You did not provide correct credentials.",
        "A request carries a token or a key and secret, never both.",
    ),
    "low_balance": Documented(
        402, f"{_GENERIC}#low-balance", "Low balance", "The account's balance does not cover this message."
    ),
    "forbidden": Documented(
        403, f"{_GENERIC}#forbidden", "Forbidden", "The account is not allowed to send this message."
    ),
    "not_found": Documented(404, f"{_GENERIC}#not-found", "Not Found", "There is no such message."),
    "json": Documented(
        422,
        f"{_GENERIC}#invalid-json",
        "The request body did not contain valid JSON",
        "The body is not a JSON object in UTF-8.",
    ),
    "channel": Documented(
        422, f"{_MESSAGES}#1100", "Unsupported channel", "The simulator stands in for the channel messenger only."
    ),
    "channel_params": Documented(
        422, f"{_MESSAGES}#1110", "Invalid channel parameters", "A parameter below `messenger` is not as it must be."
    ),
    "sender": Documented(
        422, f"{_MESSAGES}#1120", "Invalid sender", "`from` must be a string of 1 to 50 characters: the Page's id."
    ),
    "recipient": Documented(
        422, f"{_MESSAGES}#110", "Invalid recipient", "`to` must be a string of 1 to 50 characters: the user's PSID."
    ),
    "message_type": Documented(
        422, f"{_MESSAGES}#1140", "Invalid message type", "The channel messenger does not carry this `message_type`."
    ),
    "params": Documented(422, f"{_MESSAGES}#1150", "Invalid params", "A parameter is missing or not as it must be."),
    "client_ref": Documented(
        422, f"{_MESSAGES}#1060", "Invalid client reference", "`client_ref` must be a string of at most 100 characters."
    ),
    "v0.1": Documented(
        400,
        "https://www.nexmo.com/messages/Errors#InvalidParams",
        "Invalid Parameters",
        "Your request parameters did not validate.",
    ),
    "throttled": Documented(
        429,
        "https://developer.nexmo.com/api-errors/messages-olympus#1010",
        "Rate Limit Hit",
        "Wait as long as Retry-After says, then send it again.",
    ),
    "internal": Documented(500, _GENERIC, "An error occurred", "The message was not taken, or perhaps it was."),
}

#: Which problem a status stands for where only the status was asked for.
_BY_STATUS: Final[Mapping[int, str]] = {
    400: "v0.1",
    401: "unauthorized",
    402: "low_balance",
    403: "forbidden",
    404: "not_found",
    422: "params",
    429: "throttled",
    500: "internal",
}
#: A gateway in front of the API answers these, and it speaks no JSON.
GATEWAY: Final = frozenset({502, 503, 504})


@frozen
class Problem(Exception):
    """A request that is refused: which documented problem, what about it, and which parameters."""

    documented: Documented
    invalid: tuple[Invalid, ...] = ()

    @property
    def status(self) -> int:
        """The HTTP status."""
        return self.documented.status

    def body(self) -> dict[str, object]:
        """The problem as the API writes it."""
        documented = self.documented
        body: dict[str, object] = {
            "type": documented.type,
            "title": documented.title,
            "detail": documented.detail,
            "instance": uuid4().hex,
        }
        if self.invalid and documented.status == 422:
            body["invalid_parameters"] = [{"name": name, "reason": reason} for name, reason in self.invalid]
        elif self.invalid:
            # v0.1 documents no list of parameters; without their names nobody would find the mistake.
            body["detail"] = " ".join([documented.detail, *(f"{name} {reason}" for name, reason in self.invalid)])
        return body


def problem(name: str, *invalid: Invalid) -> Problem:
    """The documented problem called *name*; raises KeyError for one that is not documented.

    >>> problem("params", ("text", "is required.")).body()["invalid_parameters"]
    [{'name': 'text', 'reason': 'is required.'}]
    """
    return Problem(PROBLEMS[name], invalid)


def problem_of(status: int) -> Problem:
    """The problem that *status* most likely stands for; one in its own words where none is documented.

    >>> problem_of(402).documented.title
    'Low balance'
    """
    if status in _BY_STATUS:
        return problem(_BY_STATUS[status])
    return Problem(Documented(status, _GENERIC, HTTPStatus(status).phrase, "The simulator was asked to answer this."))
