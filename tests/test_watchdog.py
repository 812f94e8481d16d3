"""The watchdog: when a loop counts as standing still, who is named for it, and what is done about it."""

import asyncio
import re
import subprocess
import sys
import threading
from collections.abc import Callable

import pytest

from botkit.errors import ConfigError, Place
from botkit.handlers import call, read_handler
from botkit.observe import Alarm, Happening, unobserved
from botkit.places import shown
from botkit.serving.watchdog import LIMIT_SECONDS, Pulse, Stall, Watchdog, limit_from

SHORT = 0.06


def test_a_loop_that_answers_is_alive() -> None:
    """However long it is watched."""
    pulse = Pulse(look_seconds=5)

    assert [pulse.still_seconds(look, 5.0 * look) for look in range(100)] == [0.0] * 100


def test_silence_is_counted_until_an_answer() -> None:
    """From the last answer on, and from nothing after the next."""
    pulse = Pulse(look_seconds=5)
    answers = [0, 1, 1, 1, 2, 2]

    assert [pulse.still_seconds(count, 5.0 * look) for look, count in enumerate(answers)] == [0, 0, 5, 10, 0, 5]


def test_a_process_that_was_stopped_itself_did_not_stand_still() -> None:
    """After an hour in which nobody could look, one look has passed."""
    pulse = Pulse(look_seconds=5)

    assert [pulse.still_seconds(1, now) for now in (0, 5, 3605, 3610)] == [0, 5, 10, 15]


@pytest.mark.parametrize(("written", "seconds"), [("", LIMIT_SECONDS), ("2.5", 2.5), ("0", 0)])
def test_the_limit_is_read_from_the_environment(written: str, seconds: float) -> None:
    """Seconds, 0 for none, and a minute where nothing is written."""
    assert limit_from({"BOTKIT_STALL_SECONDS": written}) == seconds


@pytest.mark.parametrize("written", ["soon", "-1", "nan", "inf", "1e300"])
def test_what_is_no_limit_is_refused(written: str) -> None:
    """The variable is named, and what to write."""
    with pytest.raises(ConfigError, match=r"BOTKIT_STALL_SECONDS is .*: write a number of seconds, or 0"):
        limit_from({"BOTKIT_STALL_SECONDS": written})


async def in_no_thread(function: Callable[[], object]) -> object:
    """What an async handler never needs."""
    raise AssertionError


async def nothing(reply: object) -> None:
    """What nobody sends."""


async def test_the_handler_and_its_line_are_named() -> None:
    """The handler as it is registered, and the innermost line that is the bot's own, though Python's stands inside."""
    found: list[Stall] = []

    def look(match: re.Match[str]) -> str:
        found.append(Stall.at(sys._getframe().f_back or sys._getframe()))
        return ""

    async def busy(chat: object) -> None:
        await asyncio.sleep(0)
        re.sub("a", look, "a")

    handler = read_handler(busy, name="order cake")
    await call(handler, (None,), {}, call_in_thread=in_no_thread, send=nothing)
    place = Place(shown(__file__), busy.__code__.co_firstlineno + 2)

    assert (found, str(found[0])) == ([Stall(handler, place)], f"handler 'order cake' at {place}")


def test_without_a_handler_the_line_is_named() -> None:
    """What stands still outside a handler, in a resource or a task of one's own."""
    assert str(Stall.at(sys._getframe())).startswith("what runs at ")


async def stalled(watchdog: Watchdog, ended: threading.Event) -> None:
    """Hold the loop up until the watchdog has done what it does."""
    with watchdog:
        await asyncio.sleep(0)
        assert ended.wait(30)


async def test_a_loop_that_stands_still_is_told_and_ended() -> None:
    """In this order, and once."""
    told: list[Happening] = []
    ended = threading.Event()

    def end() -> None:
        told.append(Alarm("ended", ""))
        ended.set()

    await stalled(Watchdog(limit_seconds=SHORT, observer=told.append, end=end), ended)
    alarm, last = told
    assert isinstance(alarm, Alarm)

    assert (alarm.name, last) == ("loop_stalled", Alarm("ended", ""))
    assert alarm.text.startswith(f"Nobody was served for {SHORT:g} s, because what runs at ")


async def test_a_log_that_blocks_does_not_keep_the_process() -> None:
    """Whoever is to be told may be what stands still."""
    ended, never = threading.Event(), threading.Event()

    def observer(happening: Happening) -> None:
        never.wait(30)

    await stalled(Watchdog(limit_seconds=SHORT, observer=observer, end=ended.set), ended)
    never.set()


async def test_a_loop_that_serves_is_left_alone() -> None:
    """Also when it is watched for longer than it may stand still."""
    ended, loop, limit = threading.Event(), asyncio.get_running_loop(), 0.25
    until = loop.time() + 2 * limit
    with Watchdog(limit_seconds=limit, observer=unobserved, end=ended.set):
        while loop.time() < until:
            await asyncio.sleep(0)

    assert not ended.is_set()


async def test_a_limit_of_zero_watches_nothing() -> None:
    """No thread is started, and no signal is waited for."""
    before = threading.active_count()
    with Watchdog(limit_seconds=0, observer=unobserved):
        watching = threading.active_count()

    assert watching == before


def test_a_program_that_is_gone_ends_the_process() -> None:
    """Where it cannot be started again the process is not left standing."""
    code = "import sys; sys.executable = '/nowhere/python'; from botkit.serving.watchdog import Again; Again()()"

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 70
