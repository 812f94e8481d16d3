"""Threads for plain functions: bounded, and at nobody's mercy."""

import asyncio
import threading
from collections.abc import Iterator
from contextvars import ContextVar

import pytest

from botkit.observe import Alarm, Happening
from botkit.threads import Threads

WHO = ContextVar("WHO", default="nobody")


@pytest.fixture
def gate() -> Iterator[threading.Event]:
    """What hanging calls wait for; it opens when the test is over."""
    gate = threading.Event()
    yield gate
    gate.set()


async def left(threads: Threads, gate: threading.Event) -> None:
    """Begin a call that hangs, and wait no longer once it runs."""
    running = threading.Event()

    def hang() -> None:
        running.set()
        gate.wait()

    call = asyncio.create_task(threads.call(hang))
    await asyncio.to_thread(running.wait)
    call.cancel()
    await asyncio.wait([call])


async def test_a_call_has_its_callers_context_and_gives_what_it_returns() -> None:
    """In a thread that does not keep the process from its end."""
    threads = Threads(2, name="handlers")
    WHO.set("ann")

    assert await threads.call(lambda: (WHO.get(), threading.current_thread().daemon)) == ("ann", True)


async def test_what_a_call_raises_is_raised() -> None:
    """Also what ends a program: a thread is no program."""
    threads = Threads(1, name="handlers")
    for error in (ValueError, SystemExit):
        with pytest.raises(error):
            await threads.call(lambda error=error: (_ for _ in ()).throw(error))  # type: ignore[misc]  # of the loop

    assert await threads.call(lambda: "still here") == "still here"


async def test_no_more_run_at_once_than_may(gate: threading.Event) -> None:
    """The others wait for a thread, and get one."""
    threads, most, lock = Threads(3, name="handlers"), 0, threading.Lock()
    running: list[int] = []

    def run(number: int) -> int:
        nonlocal most
        with lock:
            running.append(number)
            most = max(most, len(running))
        gate.wait(0.01)
        with lock:
            running.remove(number)
        return number

    found = await asyncio.gather(*(threads.call(lambda number=number: run(number)) for number in range(20)))  # type: ignore[misc]  # of the loop

    assert (found, most) == ([*range(20)], 3)


async def test_a_call_that_hangs_costs_no_other_its_place(gate: threading.Event) -> None:
    """However many have been left behind, the next ones find threads."""
    threads = Threads(1, name="handlers")
    for _ in range(5):
        await left(threads, gate)

    assert await threads.call(lambda: "served") == "served"


async def test_threads_that_were_left_end_with_their_calls(gate: threading.Event) -> None:
    """There are as many as before once nothing hangs any more."""
    threads = Threads(1, name="ending")
    for _ in range(3):
        await left(threads, gate)
    gate.set()
    names = [one.name for one in threading.enumerate()]
    async with asyncio.timeout(10):
        while names.count("ending") > 1:
            names = [one.name for one in threading.enumerate()]
            await asyncio.sleep(0)

    assert await threads.call(lambda: "served") == "served"


async def test_an_operator_hears_of_threads_that_hang(gate: threading.Event) -> None:
    """Once as many have been left behind as may run."""
    told: list[Happening] = []
    threads = Threads(2, name="handlers", observer=told.append)
    await left(threads, gate)
    before = list(told)
    await left(threads, gate)

    assert (before, [(type(one), getattr(one, "name", None)) for one in told]) == ([], [(Alarm, "threads_hang")])


async def test_a_call_that_nobody_waits_for_does_not_begin(gate: threading.Event) -> None:
    """It had no thread yet when its caller went away."""
    threads, ran = Threads(1, name="handlers"), []
    hanging = asyncio.create_task(threads.call(gate.wait))
    waiting = asyncio.create_task(threads.call(lambda: ran.append(1)))
    await asyncio.sleep(0)
    waiting.cancel()
    await asyncio.wait([waiting])
    gate.set()
    await hanging
    await threads.call(lambda: None)

    assert ran == []


async def test_closed_threads_take_nothing_more() -> None:
    """What waits is cancelled if it is to be, and idle threads end."""
    threads = Threads(1, name="closing")
    await threads.call(lambda: None)
    threads.shutdown(cancel_futures=True)
    with pytest.raises(RuntimeError, match="closed"):
        await threads.call(lambda: None)
    async with asyncio.timeout(10):
        while "closing" in {one.name for one in threading.enumerate()}:
            await asyncio.sleep(0)
