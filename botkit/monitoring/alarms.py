"""Alarms once a minute: an account that may not send says so with every try, and is to be heard, not to deafen."""

from datetime import datetime, timedelta
from typing import Final

from attrs import define, evolve

from botkit.observe import Alarm, Clock, Happening, Observer

QUIET: Final = timedelta(minutes=1)
#: How many different alarms are told apart; what comes beyond them is passed on as it is.
_KINDS: Final = 1_000


@define
class _Told:
    """When an alarm was told last, and how often it has come since."""

    at: datetime
    since: int = 0


class RareAlarms:
    """Tells *observer* everything, and of the alarms that are alike (name and text) one a minute.

    The first is told at once. Those that come within the minute are counted, and told as one, with ``times``, when
    something happens after it.

    >>> from botkit.observe import SystemClock
    >>> heard = []
    >>> observer = RareAlarms(heard.append, SystemClock())
    >>> for _ in range(3):
    ...     observer(Alarm("account_low_balance", "Top up the account."))
    >>> heard
    [Alarm(name='account_low_balance', text='Top up the account.', times=1)]
    """

    def __init__(self, observer: Observer, clock: Clock) -> None:
        self._observer = observer
        self._clock = clock
        self._told: dict[Alarm, _Told] = {}

    def __call__(self, happening: Happening) -> None:
        """Pass *happening* on, unless it is an alarm that was told within the last minute."""
        if self._told:
            self._tell_counted()
        if not isinstance(happening, Alarm):
            self._observer(happening)
        elif (told := self._told.get(happening)) is not None:
            told.since += 1
        else:
            if len(self._told) < _KINDS:
                self._told[happening] = _Told(self._clock.now())
            self._observer(happening)

    def _tell_counted(self) -> None:
        """Tell what was counted during a minute that is over, and forget what has come no more."""
        now = self._clock.now()
        # They stand in the order in which they were told last.
        while self._told and now - (told := next(iter(self._told.values()))).at >= QUIET:
            alarm = next(iter(self._told))
            del self._told[alarm]
            if told.since:
                self._told[alarm] = _Told(now)
                self._observer(evolve(alarm, times=told.since))
