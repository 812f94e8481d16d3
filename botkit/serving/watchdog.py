"""The watchdog: a process whose event loop stands still is started again in its place, and who held it up is named.

A handler that blocks the loop stops everybody: no webhook is answered, no lease renewed, and no deadline can end it,
because deadlines are kept by the loop. A thread sees it from outside. The process keeps its id, so that whoever
supervises it notices nothing; what was not committed is done again, and an event that does this five times is set
aside.
"""

import asyncio
import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from types import FrameType, TracebackType
from typing import Final, NoReturn, Self

from attrs import define, frozen

from botkit.errors import ConfigError, Place
from botkit.handlers import Handler, handler_of
from botkit.observe import Alarm, Observer
from botkit.places import is_library, shown

#: The environment variable that says after how many seconds; 0: never.
VARIABLE: Final = "BOTKIT_STALL_SECONDS"
LIMIT_SECONDS: Final = 60.0
LOOKS: Final = 12
FORCED_EXIT: Final = 130
_CANNOT_START_EXIT: Final = 70
_TELL_SECONDS: Final = 2.0


def limit_from(environment: Mapping[str, str]) -> float:
    """For how many seconds a loop may stand still; raises ConfigError for what is no number of seconds.

    >>> limit_from({}), limit_from({"BOTKIT_STALL_SECONDS": "0"})
    (60.0, 0.0)
    """
    written = environment.get(VARIABLE, "") or str(LIMIT_SECONDS)
    with suppress(ValueError):
        if 0 <= (seconds := float(written)) < threading.TIMEOUT_MAX:
            return seconds
    raise ConfigError(f"{VARIABLE} is {written!r}: write a number of seconds, or 0 for a process that is not watched.")


@define
class Pulse:
    """For how long a loop has not answered, when somebody looks every *look_seconds*.

    A look that comes late counts as one that came in time: when the whole process was stopped, or the machine slept,
    the loop had no chance to answer.

    >>> pulse = Pulse(look_seconds=5.0)
    >>> [pulse.still_seconds(1, 0.0), pulse.still_seconds(1, 5.0), pulse.still_seconds(1, 905.0)]
    [0.0, 5.0, 10.0]
    """

    look_seconds: float
    _answers: int = -1
    _looked_at: float = 0.0
    _still_seconds: float = 0.0

    def still_seconds(self, answers: int, now: float) -> float:
        """How long the loop has stood still, when it has answered *answers* times by *now*."""
        if answers != self._answers:
            self._answers, self._still_seconds = answers, 0.0
        else:
            self._still_seconds += min(now - self._looked_at, self.look_seconds)
        self._looked_at = now
        return self._still_seconds


@frozen
class Stall:
    """Where a loop stands still: in which handler, if in one, and at which line."""

    handler: Handler | None
    place: Place

    @classmethod
    def at(cls, frame: FrameType) -> Self:
        """What *frame*, the innermost of the loop's thread, is about."""
        frames = list(_outwards(frame))
        own = (one for one in frames if not is_library(one.f_code.co_filename))
        here = next(own, frame)
        handler = next(filter(None, map(handler_of, frames)), None)
        return cls(handler, Place(shown(here.f_code.co_filename), here.f_lineno))

    def __str__(self) -> str:
        who = "what runs" if self.handler is None else f"{self.handler.what} {self.handler.name!r}"
        return f"{who} at {self.place}"


def _outwards(frame: FrameType | None) -> Iterator[FrameType]:
    while frame is not None:
        yield frame
        frame = frame.f_back


class Watchdog:
    """Watches the loop that it is entered in, and calls *end* once it has stood still for *limit_seconds*; 0: never.

    Before that the *observer* is told, in an alarm ``loop_stalled``. `end_for_good` is called when the process is to
    end anyway: then it is ended, not started again. Python code and most of what is written in C is seen, and so is a
    regular expression that never comes to an end. What is written in C, keeps the interpreter and looks for no signals
    is not: nothing in the process could.
    """

    def __init__(self, *, limit_seconds: float, observer: Observer, end: Callable[[], None] | None = None) -> None:
        self._limit_seconds = limit_seconds
        self._look_seconds = limit_seconds / LOOKS
        self._observer = observer
        self._end = end or Again()
        self._answers = 0
        self._left = threading.Event()
        self._ending = threading.Lock()

    def __enter__(self) -> Self:
        if self._limit_seconds:
            self._loop, self._thread = asyncio.get_running_loop(), threading.get_ident()
            self._watch_processor()
            threading.Thread(target=self._watch, name="botkit-watchdog", daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._left.set()
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)

    def end_for_good(self) -> None:
        """The process has been told to stop: should the loop stand still now, exit with 130."""
        self._end = _exit

    def _watch(self) -> None:
        pulse = Pulse(self._look_seconds)
        while not self._left.wait(self._look_seconds):
            if pulse.still_seconds(self._answers, time.monotonic()) >= self._limit_seconds:
                self._stalled(sys._current_frames().get(self._thread))  # noqa: SLF001 - the only way to see it
                return
            with suppress(RuntimeError):  # the loop is closed, and whoever closed it is about to say so
                self._loop.call_soon_threadsafe(self._answer)
            self._rearm()

    def _answer(self) -> None:
        self._answers += 1

    def _watch_processor(self) -> None:
        """Have what keeps the interpreter to itself, so that no thread of ours runs, seen by a signal."""
        if threading.current_thread() is threading.main_thread():
            signal.signal(signal.SIGVTALRM, lambda number, frame: self._stalled(frame))
            self._rearm()

    def _rearm(self) -> None:
        # Twice the limit: the thread comes first wherever it can, and the timer has said so by the next look.
        signal.setitimer(signal.ITIMER_VIRTUAL, 2 * self._limit_seconds)

    def _stalled(self, frame: FrameType | None) -> None:
        if frame is None or self._left.is_set() or not self._ending.acquire(blocking=False):
            return
        alarm = Alarm("loop_stalled", _words(Stall.at(frame), self._limit_seconds))
        # Beside us: what stands still may hold the lock of the log, or write to a pipe that nobody reads.
        telling = threading.Thread(target=self._observer, args=(alarm,), daemon=True)
        telling.start()
        telling.join(min(_TELL_SECONDS, self._limit_seconds))
        self._end()


def _words(stall: Stall, seconds: float) -> str:
    return (
        f"Nobody was served for {seconds:g} s, because {stall} did not let go of the event loop: make it a plain def, "
        "which runs in a thread, or let it await. The process starts again in its place."
    )


class Again:
    """Starts the program again in its place: same process id, same arguments, same folder as when this was made."""

    def __init__(self) -> None:
        self._folder = os.getcwd()

    def __call__(self) -> NoReturn:
        """Never returns: where the program cannot be started the process ends with 70."""
        # A timer outlives the program that has set it.
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)
        with suppress(OSError):
            os.chdir(self._folder)
            os.execv(sys.executable, [sys.executable, *sys.orig_argv[1:]])  # noqa: S606 - ourselves, as we were started
        os._exit(_CANNOT_START_EXIT)


def _exit() -> NoReturn:
    os._exit(FORCED_EXIT)
