"""Watching botkit: structured logs and Prometheus metrics, both made from what the Observer is told."""

from botkit.monitoring.alarms import RareAlarms
from botkit.monitoring.logs import LogObserver, configure_logging
from botkit.monitoring.metrics import Metrics
from botkit.monitoring.tracebacks import Tracebacks
from botkit.observe import Happening, Observer

__all__ = ["LogObserver", "Metrics", "RareAlarms", "Tracebacks", "configure_logging", "observers"]


def observers(*each: Observer) -> Observer:
    """One observer that tells *each*, in order."""

    def tell(happening: Happening) -> None:
        for observer in each:
            observer(happening)

    return tell
