"""Failure: where something was raised, and in which words that is told."""

import json
from collections.abc import Callable
from datetime import UTC, datetime

import attrs
import pytest

from botkit.errors import HandlerError, Place
from botkit.events import Address, Message
from botkit.failure import DETAIL_LIMIT, failure_of, raised_at, told
from botkit.handlers import Handler, read_handler
from botkit.work import Work

NOON = datetime(2031, 5, 6, 12, 0, tzinfo=UTC)
ANNA = Address("messenger", "page-1", "anna")
WORK = Work(
    address=ANNA,
    event=Message(id="m-1", address=ANNA, kind="text", text="go"),
    sequence=1,
    epoch=1,
    now=NOON,
    accepted_at=NOON,
)
HERE = "tests/test_failure.py"


def raised_by(function: Callable[..., object]) -> BaseException:
    try:
        function("the chat")
    except Exception as error:  # noqa: BLE001 - whatever it is, it is what the test is about
        error.__traceback__ = error.__traceback__ and error.__traceback__.tb_next
        return error
    raise AssertionError("nothing was raised")


def helping() -> None:
    raise LookupError("Anna's secret")


def calling(chat: object) -> None:
    helping()


def parsing(chat: object) -> object:
    return json.loads("not JSON")


def line_of(function: Callable[..., object], offset: int = 1) -> Place:
    return Place(HERE, function.__code__.co_firstlineno + offset)


def naming(chat: object) -> object:
    return attrs.fields(str)  # type: ignore[arg-type]  # the mistake of a handler


@pytest.mark.parametrize(
    ("function", "place"),
    [
        (calling, line_of(helping)),
        (parsing, line_of(parsing)),
        (naming, line_of(naming)),
        (int, None),
    ],
)
def test_the_place_is_the_innermost_line_of_the_bots_own(function: Callable[..., object], place: Place | None) -> None:
    """Not where a library gave up, but where the bot's author can do something."""
    error = raised_by(function)

    assert raised_at(error.__traceback__, read_handler(print, ())) == place


def test_a_bot_that_is_installed_like_a_library_is_still_the_bots_own() -> None:
    """The handler's own file counts wherever it lies."""
    handler = read_handler(json.loads)

    place = raised_at(raised_by(parsing).__traceback__, handler)

    assert place is not None
    assert place.file == json.__file__


def test_the_words_of_botkit_are_told() -> None:
    """Errors that botkit itself raises say nothing of a user."""
    handler = read_handler(calling)

    assert told(HandlerError("took longer than 3 s"), handler) == (
        f"handler 'calling' at {line_of(calling, 0)}: took longer than 3 s"
    )


def test_the_words_of_others_are_not_told() -> None:
    """An exception's text may hold what a user wrote."""
    assert told(ValueError("Anna's secret"), read_handler(print, ())) == "handler 'print' raised ValueError"


def test_the_detail_is_the_end_of_the_traceback() -> None:
    """It is bounded, and the end is where the error stands."""
    failure = failure_of(ValueError("x" * 20_000), read_handler(calling), WORK, 0)

    assert len(failure.detail) == DETAIL_LIMIT
    assert failure.detail.endswith("xxx\n")


def test_a_handler_declared_in_bots_yaml_is_named_by_that_line() -> None:
    """An answer in bots.yaml that cannot be given leads its author there."""
    handler: Handler = read_handler(print, (), name="cake", place=Place("bots.yaml", 7, 5))

    assert told(HandlerError("offers a choice"), handler) == "handler 'cake' at bots.yaml:7:5: offers a choice"
