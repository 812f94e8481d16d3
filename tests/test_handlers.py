"""Handlers: reading signatures, and what a function of every kind returns."""

import functools
import inspect
import itertools
import threading
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping

import pytest

from botkit.chat import Chat
from botkit.errors import DefinitionError, HandlerError, Place
from botkit.handlers import Handler, call, name_of, place_of, read_handler
from botkit.replies import Reply, Text

HERE = "tests/test_handlers.py"


def plain(chat: Chat, size: str, database: object = None) -> str:
    return "plain"


async def waiting(chat: Chat, **slots: object) -> str:
    return "waiting"


async def streaming(chat: Chat) -> AsyncIterator[str]:
    yield "one"
    yield "two"


def wrapped(function: Callable[..., object]) -> Callable[..., object]:
    @functools.wraps(function)
    def wrapper(*arguments: object, **named: object) -> object:
        return function(*arguments, **named)

    return wrapper


class Answer:
    def __call__(self, chat: Chat, *, size: str) -> str:
        return f"Answer {size}"

    async def later(self, chat: Chat) -> str:
        return "later"


def line(function: Callable[..., object]) -> int:
    return inspect.getsourcelines(function)[1]


# Reading


@pytest.mark.parametrize(
    ("function", "mode", "names", "required", "takes_all"),
    [
        (plain, "sync", {"size", "database"}, {"size"}, False),
        (waiting, "async", set(), set(), True),
        (streaming, "stream", set(), set(), False),
        (wrapped(plain), "sync", {"size", "database"}, {"size"}, False),
        (functools.partial(plain, size="small"), "sync", {"size", "database"}, set(), False),
        (functools.partial(waiting), "async", set(), set(), True),
        (Answer(), "sync", {"size"}, {"size"}, False),
        (Answer().later, "async", set(), set(), False),
        (lambda chat: "lambda", "sync", set(), set(), False),
        (lambda *arguments: "any", "sync", set(), set(), False),
    ],
)
def test_a_signature_is_read(
    function: Callable[..., object], mode: str, names: set[str], required: set[str], takes_all: bool
) -> None:
    """Every kind of callable says what it takes besides the chat, and how it is to be called."""
    handler = read_handler(function)

    assert (handler.mode, handler.takes_all) == (mode, takes_all)
    assert (set(handler.names), set(handler.required)) == (names, required)


@pytest.mark.parametrize(
    ("function", "name"),
    [
        (plain, "plain"),
        (wrapped(plain), "plain"),
        (functools.partial(functools.partial(plain, size="small")), "plain"),
        (Answer(), "Answer"),
        (Answer().later, "later"),
    ],
)
def test_a_function_is_called_as_it_is_written(function: Callable[..., object], name: str) -> None:
    """The name is the function's, whatever is wrapped around it, or that of its class."""
    assert name_of(function) == name


@pytest.mark.parametrize(
    ("function", "place"),
    [
        (plain, Place(HERE, line(plain))),
        (wrapped(plain), Place(HERE, line(plain))),
        (functools.partial(plain, size="small"), Place(HERE, line(plain))),
        (Answer(), Place(HERE, line(Answer.__call__))),
        (Answer().later, Place(HERE, line(Answer.later))),
        (print, None),
    ],
)
def test_a_function_has_a_place(function: Callable[..., object], place: Place | None) -> None:
    """The place is where somebody can change it, seen from the current folder."""
    assert place_of(function) == place


def test_a_place_elsewhere_is_a_whole_path() -> None:
    """A function outside the current folder is named by its full path."""
    place = place_of(functools.wraps)

    assert place is not None
    assert place.file == functools.__file__


def test_a_declared_place_and_name_win() -> None:
    """What bots.yaml declares is named by its line there."""
    handler = read_handler(plain, name="cake", place=Place("bots.yaml", 7, 5))

    assert str(handler) == "handler 'cake' at bots.yaml:7:5"


def test_a_function_without_source_has_no_place() -> None:
    """Errors do without the place then."""
    assert str(read_handler(print, ())) == "handler 'print'"


@pytest.mark.parametrize(
    ("function", "complaint"),
    [
        (7, "A handler is a function that takes (chat), not 7."),
        (Answer, f"A handler is a function that takes (chat), not {Answer!r:.60}."),
        (lambda: "nothing", "must take (chat) first, in this order."),
        (lambda *, chat: "by name", "must take (chat) first, in this order."),
        (lambda chat, size, /: "by position", "takes 'size' by position only; slots and resources come by name."),
    ],
)
def test_a_signature_that_cannot_be_called_is_refused(function: object, complaint: str) -> None:
    """The error says what is wrong and how it should be."""
    with pytest.raises(DefinitionError) as caught:
        read_handler(function)

    assert str(caught.value).endswith(complaint)


def test_a_refusal_names_function_and_place() -> None:
    """Whoever reads the error knows where to go."""

    def greet() -> str:
        return "Hello!"

    with pytest.raises(DefinitionError) as caught:
        read_handler(greet)

    assert str(caught.value) == f"The handler 'greet' at {HERE}:{line(greet)} must take (chat) first, in this order."


def test_a_function_whose_signature_is_hidden_is_refused() -> None:
    """What cannot be read cannot be checked."""
    with pytest.raises(DefinitionError, match="has no signature that can be read; wrap it in a function"):
        read_handler(max)


@pytest.mark.parametrize("retries", [-1, 1.5, "3", True])
def test_retries_is_a_whole_number(retries: object) -> None:
    """How often to run again is 0, 1, 2, …."""
    with pytest.raises(DefinitionError, match=r"retries=.*; it is a whole number, 0 or more"):
        read_handler(plain, retries=retries)  # type: ignore[arg-type]  # the mistake under test


# Arguments


@pytest.mark.parametrize(
    ("function", "slots", "resources", "arguments"),
    [
        (plain, {"size": "small", "extra": 1}, {}, {"size": "small"}),
        (plain, {"size": "small"}, {"database": "db", "other": 2}, {"size": "small", "database": "db"}),
        (waiting, {"size": "small", "extra": 1}, {"database": "db"}, {"size": "small", "extra": 1}),
        (waiting, {"chat": "a slot of an unlucky name"}, {}, {}),
        (streaming, {"size": "small"}, {"database": "db"}, {}),
    ],
)
def test_a_function_gets_what_it_names(
    function: Callable[..., object], slots: Mapping[str, object], resources: Mapping[str, object], arguments: object
) -> None:
    """Slots and resources go where they are named; ** takes every slot and no resource."""
    assert read_handler(function).arguments(slots, resources) == arguments


def test_a_name_that_nothing_fills_is_an_error() -> None:
    """A resource that was not opened is named."""
    with pytest.raises(HandlerError, match="nothing fills 'size'"):
        read_handler(plain).arguments({}, {})


# Calling


class Sent:
    """Keeps what a stream sends."""

    def __init__(self) -> None:
        self.replies: list[object] = []

    async def __call__(self, reply: object) -> None:
        self.replies.append(reply)


async def in_thread(function: Callable[[], object]) -> object:
    """Runs *function* in a thread of its own, and waits for it."""
    done: list[object] = []
    thread = threading.Thread(target=lambda: done.append(function()), name="handler-thread")
    thread.start()
    thread.join()
    return done[0]


async def called(handler: Handler, sent: Sent | None = None) -> tuple[Reply, ...] | None:
    return await call(handler, ("the chat",), {}, call_in_thread=in_thread, send=sent or Sent())


def generated(chat: object) -> Iterator[str]:
    yield "one"
    yield threading.current_thread().name


class Rows:
    """Something to iterate that is no list, such as the rows of a query."""

    def __iter__(self) -> Iterator[str]:
        yield threading.current_thread().name


async def coroutine() -> list[str]:
    return ["from a coroutine"]


async def many(chat: object) -> Iterator[str]:
    return (word for word in ("one", "two"))


@pytest.mark.parametrize(
    ("function", "replies"),
    [
        (lambda chat: None, None),
        (lambda chat: [], ()),
        (lambda chat: "text", (Text("text"),)),
        (lambda chat: Text("reply"), (Text("reply"),)),
        (lambda chat: threading.current_thread().name, (Text("handler-thread"),)),
        (generated, (Text("one"), Text("handler-thread"))),
        (lambda chat: Rows(), (Text("handler-thread"),)),
        (lambda chat: coroutine(), (Text("from a coroutine"),)),
        (many, (Text("one"), Text("two"))),
    ],
)
async def test_what_a_function_returns_becomes_replies(
    function: Callable[..., object], replies: tuple[Reply, ...] | None
) -> None:
    """Sync functions run and are iterated in a thread, a coroutine is awaited, and None stays None."""
    assert await called(read_handler(function)) == replies


async def test_an_async_function_runs_in_the_loop() -> None:
    """No thread is taken for what does not block."""

    async def where(chat: object) -> str:
        return threading.current_thread().name

    assert await called(read_handler(where)) == (Text(threading.current_thread().name),)


@pytest.mark.parametrize("function", [streaming, wrapped(streaming)])
async def test_what_a_stream_yields_is_sent(function: Callable[..., object]) -> None:
    """Each yield of an async generator leaves at once, also where a plain function returns it."""
    sent = Sent()

    assert await called(read_handler(function), sent) is None
    assert sent.replies == ["one", "two"]


async def test_a_stream_is_closed_when_sending_fails() -> None:
    """The finally of an async generator runs before the error goes on."""
    closed: list[str] = []

    async def stream(chat: object) -> AsyncIterator[str]:
        try:
            yield "one"
        finally:
            closed.append("closed")

    async def broken(reply: object) -> None:
        raise OSError("no store")

    with pytest.raises(OSError, match="no store"):
        await call(read_handler(stream), ("the chat",), {}, call_in_thread=in_thread, send=broken)
    assert closed == ["closed"]


async def endless(chat: object) -> Iterator[str]:
    return itertools.repeat("again")


@pytest.mark.parametrize(
    ("function", "complaint"),
    [
        (lambda chat: 7, "returned what is no reply: it is int, not None, a str, a Reply, or an iterable of those"),
        (lambda chat: {"text": "hi"}, "returned what is no reply: it is dict, not None, a str, a Reply, or an"),
        (lambda chat: ["hi", 7], "returned what is no reply: it holds int, not a str or a Reply"),
        (endless, "returned more than 1,000 replies; does it come to an end?"),
        (lambda chat: "", "returned what is no reply: A Text needs something to show"),
    ],
)
async def test_what_is_no_reply_is_an_error(function: Callable[..., object], complaint: str) -> None:
    """The error says what was returned and what may be."""
    with pytest.raises(HandlerError) as caught:
        await called(read_handler(function))

    assert str(caught.value).startswith(complaint)


async def test_an_error_while_iterating_is_the_handlers_own() -> None:
    """What a generator raises is not taken for a return value that is no reply."""

    async def lazy(chat: object) -> Iterator[int]:
        return (1 // nothing for nothing in [0])

    with pytest.raises(ZeroDivisionError):
        await called(read_handler(lazy))


async def test_a_stop_iteration_does_not_hang_the_turn() -> None:
    """No future can carry StopIteration, so it becomes an error that one can."""

    def first(chat: object) -> str:
        empty: Iterator[str] = iter(())
        return next(empty)

    async def by_future(function: Callable[[], object]) -> object:
        with pytest.raises(RuntimeError, match="StopIteration left a handler"):
            function()
        return "told"

    replies: Awaitable[object] = call(read_handler(first), ("the chat",), {}, call_in_thread=by_future, send=Sent())
    assert await replies == (Text("told"),)
