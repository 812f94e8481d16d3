"""Bad weather: how the simulator misbehaves when it is asked to."""

from collections import deque
from collections.abc import Collection
from typing import Final, Literal, get_args

from attrs import evolve, field, frozen
from attrs.validators import and_, deep_iterable, ge, in_, instance_of, le, optional

from botkit.simulator.problems import PROBLEMS, Problem, problem, problem_of
from botkit.simulator.webhooks import Signing, parse_state

RequestMood = Literal[
    "answer",
    "hang",
    "half_close",
    "reset",
    "accept_and_hang",
    "accept_and_half_close",
    "accept_and_reset",
    "slow",
    "statuses",
    "status_first",
]
WebhookMood = Literal["duplicate", "hold_back", "late", "unsigned", "wrong_secret", "wrong_hash"]
Mood = RequestMood | WebhookMood

REQUEST_MOODS: Final[tuple[str, ...]] = get_args(RequestMood)
WEBHOOK_MOODS: Final[tuple[str, ...]] = get_args(WebhookMood)
MOODS: Final = (*REQUEST_MOODS, *WEBHOOK_MOODS)
SIGNINGS: Final[dict[str, Signing]] = {"unsigned": "none", "wrong_secret": "wrong_secret", "wrong_hash": "wrong_hash"}


def states(given: Collection[str]) -> tuple[str, ...]:
    """The statuses of a message as a tuple; raises TypeError for one that stands alone."""
    if isinstance(given, str) or not isinstance(given, list | tuple):
        raise TypeError("statuses must be a list, such as ['submitted', 'rejected:1340']")
    return tuple(given)


def check_states(instance: object, attribute: object, value: tuple[str, ...]) -> None:
    """Check that each of *value* names a status; raises ValueError."""
    for state in value:
        parse_state(state)


@frozen(kw_only=True)
class Weather:
    """What happens to the next *times* requests or inbound webhooks; *page* limits it to those of one page.

    A request that is good otherwise:

    ``answer``: is refused with *status*, 400 to 599, as documented; *problem* names another documented answer, such as
    ``unprovisioned``. 502, 503 and 504 come as a gateway's HTML. A 429 carries *retry_after_seconds*.
    ``hang``, ``half_close``, ``reset``: is not accepted and never answered: silence until the sender hangs up, an
    orderly end of our side of the connection, a broken connection.
    ``accept_and_hang``, ``accept_and_half_close``, ``accept_and_reset``: is accepted, and its sender never told.
    ``slow``: is accepted at once and answered after *seconds*.
    ``statuses``: is accepted, and its statuses are *statuses*: ``()`` for none, ``("rejected:1340",)`` for a failure.
    ``status_first``: is accepted and answered only after its first status was.

    An inbound webhook:

    ``duplicate``: is sent twice at once. ``hold_back``: is sent after the next one. ``late``: is sent after *seconds*,
    in the background. ``unsigned``, ``wrong_secret``, ``wrong_hash``: is signed so, and well when it is sent again.

    Raises ValueError or TypeError, naming the field, for what does not fit.

    >>> Weather(mood="answer", status=429, retry_after_seconds=2, times=3).times
    3
    """

    mood: Mood = field(default="answer", validator=in_(MOODS))
    status: int = field(default=503, validator=[instance_of(int), ge(400), le(599)])
    problem: str | None = field(default=None, validator=optional(in_(tuple(PROBLEMS))))
    retry_after_seconds: int = field(default=1, validator=[instance_of(int), ge(0)])
    seconds: float = field(default=1.0, validator=[instance_of((int, float)), ge(0)])
    statuses: tuple[str, ...] = field(
        default=(), converter=states, validator=and_(deep_iterable(instance_of(str)), check_states)
    )
    times: int = field(default=1, validator=[instance_of(int), ge(1)])
    page: str | None = field(default=None, validator=optional(instance_of(str)))

    def refusal(self) -> Problem:
        """What ``answer`` answers."""
        return problem_of(self.status) if self.problem is None else problem(self.problem)


class Forecast:
    """The weather to come; what was asked for first comes first."""

    def __init__(self) -> None:
        self._coming: deque[Weather] = deque()

    def add(self, weather: Weather) -> None:
        """Let *weather* come after what is coming already."""
        self._coming.append(weather)

    def clear(self) -> None:
        """Let nothing more come."""
        self._coming.clear()

    @property
    def coming(self) -> tuple[Weather, ...]:
        """What is to come, in order."""
        return tuple(self._coming)

    def for_request(self, page: str) -> Weather | None:
        """The weather of the next request of *page*, which uses it up."""
        return self._take(page, REQUEST_MOODS) if self._coming else None

    def for_webhook(self, page: str) -> Weather | None:
        """The weather of the next inbound webhook to *page*, which uses it up."""
        return self._take(page, WEBHOOK_MOODS) if self._coming else None

    def _take(self, page: str, moods: Collection[str]) -> Weather | None:
        for number, weather in enumerate(self._coming):
            if weather.mood in moods and weather.page in (None, page):
                if weather.times == 1:
                    del self._coming[number]
                else:
                    self._coming[number] = evolve(weather, times=weather.times - 1)
                return weather
        return None
