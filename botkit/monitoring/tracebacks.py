"""Tracebacks for whoever writes the bot: in development only, because a traceback may hold what a user wrote."""

from collections.abc import Callable

from botkit.observe import Happening, TurnFailed


class Tracebacks:
    """Shows through *show* why a handler raised, with its traceback; everything else is not its business.

    >>> from botkit.events import Address
    >>> ann, why = Address("messenger", "1", "2"), "handler 'hours' raised ValueError"
    >>> shows = Tracebacks(print)
    >>> shows(TurnFailed(address=ann, event_id="m", bot="shop", error=why, retry_at=None, detail="Traceback …"))
    handler 'hours' raised ValueError:
    Traceback …
    """

    def __init__(self, show: Callable[[str], None]) -> None:
        self._show = show

    def __call__(self, happening: Happening) -> None:
        """Show the traceback of a turn that failed, if it has one."""
        if isinstance(happening, TurnFailed) and happening.detail:
            self._show(f"{happening.error}:\n{happening.detail.rstrip()}")
