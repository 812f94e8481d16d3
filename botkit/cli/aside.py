"""What botkit would log, in sentences: for somebody who talks to a bot in a terminal, and reads no log."""

import logging
from collections.abc import Callable, Mapping
from typing import Final

from botkit.monitoring.logs import LOGGER

#: What is told already, beside the answer that came of it.
_TOLD: Final = frozenset({"botkit.lookup.missed"})
_FAULT: Final = "botkit itself failed with {error} at {lines}; please report it."
_SENTENCES: Final[Mapping[str, str]] = {
    "botkit.worker.fault": _FAULT,
    "botkit.sender.fault": _FAULT,
    "botkit.app.fault": _FAULT,
    "botkit.app.drain_timeout": "Something was still running at the end, and was given up.",
}


class Aside(logging.Handler):
    """Hands each warning to *show* as a sentence."""

    def __init__(self, show: Callable[[str], None]) -> None:
        super().__init__(logging.WARNING)
        self._show = show

    def emit(self, record: logging.LogRecord) -> None:
        """Show it, unless it is told already."""
        name, fields = record.getMessage(), getattr(record, "fields", {})
        if name in _TOLD:
            return
        if name in _SENTENCES:
            self._show(_SENTENCES[name].format_map(fields))
        else:
            told = ", ".join(f"{key}: {value}" for key, value in fields.items())
            self._show(f"{name.removeprefix('botkit.')}{f' ({told})' if told else ''}")


def tell_aside(show: Callable[[str], None]) -> None:
    """Let *show* have what botkit warns of from now on, in place of a log."""
    logger = logging.getLogger(LOGGER)
    logger.handlers[:] = [Aside(show)]
    logger.propagate = False
