"""Faults of botkit's own: what the log says of them, and that nobody's words are in it."""

import asyncio
import json
import logging
from collections.abc import Callable

import pytest

from botkit import App, Bot, HandlerError
from botkit.events import Address, Message
from botkit.failure import told
from botkit.handlers import read_handler
from botkit.monitoring import configure_logging
from botkit.replies import Limits
from botkit.stores.sqlite import SQLite
from botkit.testing import FakeClock
from botkit.testing.messenger import Messenger
from botkit.work import Delivery

ANNA = Address("messenger", "1", "anna")
SECRET = "my IBAN is DE89"


class Deaf(Messenger):
    """A channel that fails when a turn asks for its limits."""

    def limits(self, page: str) -> Limits:
        """Raise what a user wrote."""
        raise KeyError(SECRET)


class Mute(Messenger):
    """A channel that fails when it sends."""

    async def send(self, delivery: Delivery) -> str:
        """Raise what a user wrote."""
        raise KeyError(SECRET)


class Hoarder(SQLite):
    """A store that cannot prune."""

    async def prune(self, limit: int = 0) -> int:
        """Raise what a user wrote."""
        raise KeyError(SECRET)


async def faults(
    caplog: pytest.LogCaptureFixture, name: str, store: type[SQLite], channel: type[Messenger]
) -> list[logging.LogRecord]:
    """What an app logs under *name* where a user writes to it."""
    clock = FakeClock()
    bot = Bot("shop")
    bot.fallback(lambda chat: "Hm?")
    async with App(bot, clock=clock, store=store(":memory:", clock=clock), channel=channel()) as app:
        await app.store.accept(Message(id="m-1", address=ANNA, kind="text", text=SECRET))
        async with asyncio.timeout(10):
            while not (found := [one for one in caplog.records if one.message == name]):
                await asyncio.sleep(0.01)
    return found


@pytest.mark.parametrize(
    ("name", "store", "channel", "raiser"),
    [
        ("botkit.worker.fault", SQLite, Deaf, Deaf.limits),
        ("botkit.sender.fault", SQLite, Mute, Mute.send),
        ("botkit.app.fault", Hoarder, Messenger, Hoarder.prune),
    ],
)
async def test_a_fault_is_logged_by_type_and_lines(
    caplog: pytest.LogCaptureFixture,
    name: str,
    store: type[SQLite],
    channel: type[Messenger],
    raiser: Callable[..., object],
) -> None:
    """Enough to report it; what the exception says may be a user's words."""
    fault, *_ = await faults(caplog, name, store, channel)
    fields = fault.__dict__["fields"]

    assert fields["error"] == "KeyError"
    assert fields["lines"].endswith(f" > tests/test_faults.py:{raiser.__code__.co_firstlineno + 2}")
    assert SECRET not in caplog.text


def test_an_exception_that_is_logged_is_told_by_its_type(capsys: pytest.CaptureFixture[str]) -> None:
    """Whoever logs it, and in either form."""
    logger = logging.getLogger("botkit")
    handlers, level, propagate = logger.handlers[:], logger.level, logger.propagate
    try:
        for form in ("text", "json"):
            configure_logging(form=form)
            try:
                raise KeyError(SECRET)
            except KeyError:
                logging.getLogger("botkit.theirs").exception("theirs.fault")
    finally:
        logger.handlers[:], logger.propagate = handlers, propagate
        logger.setLevel(level)
    text, line = capsys.readouterr().err.splitlines()

    assert text.endswith("ERROR   theirs.fault error=KeyError")
    assert json.loads(line)["error"] == "KeyError"
    assert SECRET not in text + line


def test_what_a_handler_says_in_our_name_is_not_told() -> None:
    """A HandlerError of its own may hold a user's words; ours does not."""

    def go(chat: object) -> None:
        raise HandlerError(SECRET)

    with pytest.raises(HandlerError) as raised:
        go(None)

    line = go.__code__.co_firstlineno + 1
    assert told(raised.value, read_handler(go)) == f"handler 'go' raised HandlerError at tests/test_faults.py:{line}"
