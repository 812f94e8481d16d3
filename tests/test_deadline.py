"""The deadline of a turn: watched once somebody waits, with a clock that can be stopped."""

import asyncio

import pytest

from botkit.deadline import Deadline, Expired


async def hang() -> None:
    await asyncio.Event().wait()


async def test_what_never_waits_is_not_watched() -> None:
    """It has its value, and no timer was set for it."""

    async def answer() -> int:
        return 42

    assert await Deadline(0.0).keep(answer()) == 42


async def test_what_waits_in_time_has_its_value() -> None:
    """As if nobody had watched."""

    async def answer() -> int:
        await asyncio.sleep(0)
        return await asyncio.sleep(0, 42)

    assert await Deadline(5.0).keep(answer()) == 42


async def test_what_waits_too_long_is_stopped() -> None:
    """It sees a cancellation, and the caller that the time is over."""
    with pytest.raises(Expired) as caught:
        await Deadline(0.01).keep(hang())
    assert caught.value.stopped


async def test_what_does_not_let_itself_be_stopped_is_told_apart() -> None:
    """Its value comes too late."""

    async def stubborn() -> int:
        try:
            await hang()
        except asyncio.CancelledError:
            return 42
        return 0

    with pytest.raises(Expired) as caught:
        await Deadline(0.01).keep(stubborn())
    assert not caught.value.stopped


@pytest.mark.parametrize("waits", [True, False])
async def test_a_stopped_clock_does_not_run(waits: bool) -> None:
    """Whether that is the first thing that is waited for or not."""
    deadline = Deadline(0.05)

    async def slow() -> int:
        if waits:
            await asyncio.sleep(0)
        with deadline.stopped():
            await asyncio.sleep(0.2)
        await asyncio.sleep(0)
        return 42

    assert await deadline.keep(slow()) == 42


async def test_a_clock_that_goes_on_runs_out() -> None:
    """With what was left when it was stopped."""
    deadline = Deadline(0.02)

    async def slow() -> None:
        with deadline.stopped():
            await asyncio.sleep(0)
        await hang()

    with pytest.raises(Expired):
        await deadline.keep(slow())


async def test_what_is_raised_passes() -> None:
    """Also a TimeoutError of its own, which is no missed deadline."""

    async def fail() -> None:
        await asyncio.sleep(0)
        raise TimeoutError("mine")

    with pytest.raises(TimeoutError, match="mine"):
        await Deadline(5.0).keep(fail())


async def test_a_cancellation_from_outside_passes() -> None:
    """It reaches whatever is waited for."""
    seen: list[str] = []

    async def wait() -> None:
        try:
            await hang()
        finally:
            seen.append("left")

    task = asyncio.create_task(Deadline(5.0).keep(wait()))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert seen == ["left"]
