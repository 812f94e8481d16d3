"""Lookups: what a bot asks of a host elsewhere in the middle of a turn, and what comes of it."""

from collections.abc import Awaitable, Callable
from typing import Final

from attrs import field, frozen

#: How long an answer is waited for, from the search for the host's address to its last byte.
LOOKUP_SECONDS: Final = 5.0
#: How much an answer may hold.
LOOKUP_BYTES: Final = 64_000


@frozen
class Found:
    """What a host has answered: a *value* that JSON can hold."""

    value: object


@frozen
class Missed:
    """Why nothing was found, in words for an operator, which hold nothing that a user said and no secret.

    *status* is what the host answered where that was not 200.
    """

    why: str
    status: int | None = field(default=None, eq=False)


#: Looks up what is at a URL, by one GET. It raises for nothing that a host can do.
LookUp = Callable[[str], Awaitable[Found | Missed]]
