"""The numbers by which statuses say what went wrong, where somebody must act, or a handler may want to know.

Source: https://developer.vonage.com/en/api-errors/messages
"""

from collections.abc import Mapping
from typing import Final

from botkit.errors import AccountBlocked, ChannelError, Unavailable, WindowClosed

#: Code -> the branch, a stable word, and who must do what.
_MEANING: Final[Mapping[int, tuple[type[ChannelError], str, str]]] = {
    402: (AccountBlocked, "low_balance", "top up the Vonage account"),
    1000: (Unavailable, "throttled", "lower messages_per_second"),
    1060: (AccountBlocked, "account_barred", "ask Vonage why the account is barred"),
    1070: (AccountBlocked, "quota_exceeded", "top up the Vonage account, or have its quota raised"),
    1241: (Unavailable, "throttled", "lower messages_per_second"),
    1340: (WindowClosed, "window_closed", "the user wrote more than 24 hours ago, and the reply had no tag"),
    1370: (AccountBlocked, "page_token_expired", "link the Page to the application again, in the Vonage dashboard"),
}


def error_of(code: int | None, page: str) -> ChannelError | None:
    """What a status with *code* is about, for a delivery of *page*; None where nobody can do anything.

    >>> str(error_of(1370, "1070"))
    'Page 1070 cannot send (1370): link the Page to the application again, in the Vonage dashboard.'
    """
    if code is None or code not in _MEANING:
        return None
    branch, reason, advice = _MEANING[code]
    return branch(f"Page {page} cannot send ({code}): {advice}.", reason=reason)
