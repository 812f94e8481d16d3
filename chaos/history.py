"""A history: what was seen at the edges, by those who send webhooks and by those who take replies."""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Self

from attrs import frozen

from botkit.simulator import Simulator


@frozen
class Taken:
    """A reply that the Messages API took from the bot, and showed to *user*; *ref* is its ``client_ref``."""

    at: datetime
    user: str
    ref: str
    text: str


@frozen
class Told:
    """The bot has taken a status of the reply *ref*."""

    at: datetime
    ref: str


@frozen
class Death:
    """The process, or the database, was struck at *point*."""

    at: datetime
    point: str


@frozen(kw_only=True)
class History:
    """Everything that happened in one run, each kind in order; *payments* are users and the keys they paid under."""

    taken: Sequence[Taken]
    told: Sequence[Told]
    deaths: Sequence[Death]
    payments: Mapping[str, Sequence[str]]
    unanswered: int = 0

    @classmethod
    def of(
        cls, simulator: Simulator, deaths: Iterable[Death], payments: Mapping[str, Sequence[str]], unanswered: int
    ) -> Self:
        """What the simulator has seen; *unanswered* webhooks were never acknowledged."""
        bodies = ((posted, json.loads(posted.body)) for posted in simulator.posted if posted.answer == 200)
        return cls(
            taken=[Taken(one.at, one.user, one.client_ref or "", one.shown()) for one in simulator.accepted],
            told=[Told(posted.answered_at, body["client_ref"]) for posted, body in bodies if "status" in body],
            deaths=tuple(deaths),
            payments=payments,
            unanswered=unanswered,
        )
