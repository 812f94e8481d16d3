"""Threads for plain functions: one that hangs costs no other its place, and none holds up the end of the process."""

import asyncio
import contextvars
import threading
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from queue import SimpleQueue
from typing import Final, ParamSpec, TypeVar

from botkit.observe import Alarm, Observer, unobserved

P = ParamSpec("P")
T = TypeVar("T")

#: How many calls that nobody waits for any more are given up their places; what hangs beyond them keeps its own.
LEFT_LIMIT: Final = 512

_Job = tuple[Future[object], Callable[[], object]]


class Threads(ThreadPoolExecutor):
    """Runs at most *limit* functions at once, each in a thread that ends with the process, whatever it does.

    A call that is left while it runs, as at a handler's deadline, can be stopped by nobody. Another thread takes its
    place, and the *observer* hears an alarm ``threads_hang`` once *limit* calls have been left like that.

    It is a ThreadPoolExecutor only because event loops accept nothing else as their own; Python waits for the threads
    of such a one before it lets a process end.
    """

    def __init__(self, limit: int, *, name: str, observer: Observer = unobserved) -> None:
        super().__init__(limit)
        self._limit = limit
        self._name = name
        self._observer = observer
        self._waiting = SimpleQueue[_Job | None]()
        self._idle = threading.Semaphore(0)
        self._lock = threading.Lock()
        self._begun = 0
        self._left = set[Future[object]]()
        self._is_closed = False

    async def call(self, function: Callable[[], T]) -> T:
        """Run *function* with the caller's context, and wait for it; cancelled, leave it."""
        future = self.submit(contextvars.copy_context().run, function)
        try:
            return await asyncio.wrap_future(future)
        finally:
            if not future.done() and not future.cancel():
                self._leave(future)

    def submit(self, function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Run *function* as soon as a thread is free."""
        future = Future[T]()
        with self._lock:
            if self._is_closed:
                raise RuntimeError("These threads are closed.")
            self._waiting.put((future, partial(function, *args, **kwargs)))  # type: ignore[arg-type]  # T is an object
            if not self._idle.acquire(blocking=False) and self._begun < self._limit:
                self._begun += 1
                self._begin()
        return future

    def shutdown(self, wait: bool = True, *, cancel_futures: bool = False) -> None:
        """Take no more calls, and let those run that do; those that wait are cancelled with *cancel_futures*."""
        with self._lock:
            self._is_closed = True
            while cancel_futures and not self._waiting.empty():
                if (job := self._waiting.get()) is not None:
                    job[0].cancel()
            self._waiting.put(None)

    def _begin(self) -> None:
        threading.Thread(target=self._serve, name=self._name, daemon=True).start()

    def _serve(self) -> None:
        while True:
            if self._waiting.empty():
                self._idle.release()
            job = self._waiting.get()
            if job is None:
                self._waiting.put(None)
                return
            future, function = job
            _run(future, function)
            with self._lock:
                if future in self._left:
                    self._left.discard(future)
                    return

    def _leave(self, future: "Future[T]") -> None:
        """Give the place of a call that goes on for nobody to another thread."""
        with self._lock:
            if not future.running() or len(self._left) >= LEFT_LIMIT:
                return
            self._left.add(future)  # type: ignore[arg-type]  # T is an object
            hanging = len(self._left)
            self._begin()
        if hanging >= self._limit:
            self._observer(
                Alarm(
                    "threads_hang",
                    f"{self._limit} plain handlers or more run on behind their deadline, and nobody can end a thread:"
                    " give what they wait for a time-out of its own, and start again to be rid of them.",
                )
            )


def _run(future: Future[object], function: Callable[[], object]) -> None:
    if not future.set_running_or_notify_cancel():
        return
    try:
        result = function()
    except BaseException as error:  # noqa: BLE001 - whoever waits for it is told
        future.set_exception(error)
    else:
        future.set_result(result)
