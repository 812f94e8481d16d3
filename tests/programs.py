"""Programs for handlers, made at random, and a model that runs them as if no process ever ended.

A program is a tree of statements: ask, once, send, write to the session, branch on the last answer, loop. The model
keeps its coroutine in memory and has a session that nobody ever writes down; it knows nothing of journals.
"""

import types
from collections.abc import Callable, Coroutine, Generator, Mapping, Sequence
from typing import Final, Protocol

from attrs import field, frozen
from hypothesis import strategies as st

RETRY: Final = "Sorry, I did not get that."
CANCELLED: Final = "All right, I have stopped."
GAVE_UP: Final = "Let us leave it at that. You can start again at any time."
HOURS: Final = "At noon."
LOST: Final = "Sorry, I did not get that."


@frozen
class Statement:
    """What to do; *block* and *other* are for branches and loops."""

    what: str
    number: int = 0
    block: "tuple[Statement, ...]" = ()
    other: "tuple[Statement, ...]" = ()


def _simple() -> st.SearchStrategy[Statement]:
    return st.builds(
        Statement,
        st.sampled_from(["ask int", "ask str", "ask choice", "once", "fail once", "send", "count", "note", "chance"]),
        st.integers(0, 3),
    )


def _nested(inner: st.SearchStrategy[Statement]) -> st.SearchStrategy[Statement]:
    blocks = st.lists(inner, max_size=3).map(tuple)
    branches = st.builds(Statement, st.just("branch"), st.just(0), blocks, blocks)
    return branches | st.builds(Statement, st.just("loop"), st.integers(0, 2), blocks)


PROGRAMS: Final = st.lists(st.recursive(_simple(), _nested, max_leaves=8), min_size=1, max_size=6).map(tuple)
SAID: Final = st.lists(
    st.sampled_from(["1", "2", "7", "red", "Blue", "whatever you say", "when do you open", "count for me", "cancel"]),
    max_size=8,
)


class AnyChat(Protocol):
    """As much of a chat as a program uses."""

    @property
    def session(self) -> "Sessionlike":
        """What is remembered."""
        ...

    async def ask(self, prompt: str, **options: object) -> object:
        """Ask."""
        ...

    async def once(self, function: Callable[..., object], *arguments: object) -> object:
        """Call once."""
        ...

    async def send(self, reply: str) -> None:
        """Send."""
        ...


#: How each kind of question is asked.
ASKED: Final[Mapping[str, Mapping[str, object]]] = {
    "int": {"type": int, "name": "number"},
    "str": {},
    "choice": {"choices": ["red", "blue"]},
}


class Sessionlike(Protocol):
    """As much of a session as a program uses."""

    def get(self, key: str, default: object, /) -> object:
        """What is there."""
        ...

    def __setitem__(self, key: str, value: object, /) -> None:
        """Write."""
        ...


def counted(session: Sessionlike) -> int:
    """Count in the session, and give how many it is now."""
    count = session.get("count", 0)
    assert isinstance(count, int)
    session["count"] = count + 1
    return count + 1


@frozen
class Effects:
    """What `once` did: the keys of its calls, in order."""

    keys: list[str] = field(factory=list)

    def act(self, number: int, last: object, idempotency_key: str) -> str:
        """Have an effect."""
        self.keys.append(idempotency_key)
        return f"{number}/{last}"

    def fail(self, number: int, last: object, idempotency_key: str) -> str:
        """Have an effect, and fail."""
        self.keys.append(idempotency_key)
        raise LookupError(f"{number}/{last}")


@frozen
class Performer:
    """Performs a program on a chat, real or not; *failed* is what `once` raises there."""

    effects: Effects
    failed: type[Exception]

    async def perform(self, chat: AnyChat, program: Sequence[Statement], last: object = 0) -> object:
        """Perform each statement, and give the last answer."""
        for statement in program:
            if statement.what == "branch":
                last = await self.perform(chat, statement.block if str(last) > "5" else statement.other, last)
            elif statement.what == "loop":
                for _ in range(statement.number):
                    last = await self.perform(chat, statement.block, last)
            else:
                last = await self._do(chat, statement, last)
        return last

    async def _do(self, chat: AnyChat, statement: Statement, last: object) -> object:
        number = statement.number
        match statement.what.split():
            case ["ask", kind]:
                return await chat.ask(f"Which {number}?", **ASKED[kind])
            case ["once"]:
                return await chat.once(self.effects.act, number, last)
            case ["fail", _]:
                return await self._fail(chat, number, last)
            case ["send"]:
                await chat.send(f"Now {last}.")
            case ["count"]:
                counted(chat.session)
            case ["note"]:
                chat.session[f"note {number}"] = str(last)
        return last

    async def _fail(self, chat: AnyChat, number: int, last: object) -> object:
        try:
            return await chat.once(self.effects.fail, number, last)
        except self.failed as error:
            return getattr(error, "kind", "LookupError")


class ModelFailed(Exception):
    """What a function raised in the model."""


class ModelCancelled(BaseException):
    """A question that came to nothing, in the model; it says how."""


class Model:
    """A conversation in which nothing is ever interrupted."""

    def __init__(self, program: Sequence[Statement]) -> None:
        self.program = program
        self.session: dict[str, object] = {}
        self.effects = Effects()
        self._out: list[str] = []
        self._open: Coroutine[dict[str, object], object, object] | None = None
        self._question: dict[str, object] = {}
        self._attempts = self._digressions = 0

    def say(self, text: str) -> list[str]:
        """What is answered to *text*."""
        self._out = []
        if self._open is None:
            self._begin(text)
        else:
            self._heard(text)
        return self._out

    def _begin(self, text: str) -> None:
        other = self._other(text)
        if other is not None:
            self._out.append(other)
        elif text == "go":
            self._open = self._handler()
            self._step(lambda: self._coroutine.send(None))
        else:
            self._out.append(LOST)

    def _other(self, text: str) -> str | None:
        if text == "when do you open":
            return HOURS
        if text == "count for me":
            return f"Counted {counted(self.session)}."
        return None

    @property
    def _coroutine(self) -> Coroutine[dict[str, object], object, object]:
        assert self._open is not None
        return self._open

    async def _handler(self) -> object:
        performer = Performer(self.effects, ModelFailed)
        return await performer.perform(self, self.program)

    def _step(self, resume: Callable[[], dict[str, object]]) -> None:
        try:
            self._question = resume()
        except StopIteration as end:
            self._open = None
            self._out.append(f"Done with {end.value}.")
        except ModelCancelled as end:
            self._open = None
            self._out.append(str(end))
        else:
            self._attempts = self._digressions = 0
            self._out.append(str(self._question["shown"]))

    def _heard(self, text: str) -> None:
        if text == "cancel":
            self._step(lambda: self._coroutine.throw(ModelCancelled(CANCELLED)))
            return
        value = self._value(text)
        if value is not None:
            self._step(lambda: self._coroutine.send(value))
        elif self._digressions < 3 and (other := self._other(text)) is not None:
            self._digressions += 1
            self._out += [other, str(self._question["shown"])]
        elif self._question["kind"] == "str":
            self._step(lambda: self._coroutine.send(text))
        elif self._attempts == 2:
            self._step(lambda: self._coroutine.throw(ModelCancelled(GAVE_UP)))
        else:
            self._attempts += 1
            self._out += [RETRY, str(self._question["shown"])]

    def _value(self, text: str) -> object:
        kind = self._question["kind"]
        if kind == "int":
            return int(text) if text.isdigit() else None
        if kind == "choice":
            return {"1": "red", "2": "blue", "red": "red", "blue": "blue"}.get(text.lower())
        return None

    async def ask(self, prompt: str, **options: object) -> object:
        """Wait for an answer."""
        choices = "choices" in options
        kind = "choice" if choices else "int" if options.get("type") is int else "str"
        return await _wait({"kind": kind, "shown": f"{prompt}\n1. red\n2. blue" if choices else prompt})

    async def once(self, function: Callable[..., object], *arguments: object) -> object:
        """Call it."""
        try:
            return function(*arguments, idempotency_key="")
        except LookupError as error:
            raise ModelFailed from error

    async def send(self, reply: str) -> None:
        """Say it."""
        self._out.append(reply)


@types.coroutine
def _wait(question: dict[str, object]) -> Generator[dict[str, object], object, object]:
    return (yield question)
