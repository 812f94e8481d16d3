"""Tests into the text of a transcript, so that a chat can be saved; what is written is read back as it was."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import timedelta
from typing import Final

from botkit.testing.transcripts.steps import (
    YOU,
    Answered,
    Duplicated,
    Holds,
    Moved,
    Reported,
    Restarted,
    Resumed,
    Said,
    Signalled,
    Stated,
    Step,
    Test,
    Waited,
)

#: The directives that say nothing more.
_BARE: Final[Mapping[type[Step], str]] = {Restarted: "restart", Duplicated: "duplicate", Resumed: "resume"}
_UNITS: Final = (("d", 86_400), ("h", 3_600), ("min", 60), ("s", 1))


def written(test: Test) -> str:
    """The lines of *test*, the last one ended too; what is blank at the end of a text is left out.

    >>> print(written(Test(name="greeting", steps=(Said(text="hello"), Answered(text="Hello!")))), end="")
    # greeting
    > hello
    < Hello!
    """
    return "".join(f"{line}\n" for line in (f"# {test.name}", *lines_of(test.steps)))


def lines_of(steps: Iterable[Step]) -> Iterator[str]:
    """The lines that *steps* are written in."""
    speaker = YOU
    for step in steps:
        unnamed = YOU if isinstance(step, Said) else speaker
        name = "" if step.user == unnamed else step.user
        if isinstance(step, (Said, Answered)):
            speaker = step.user
        yield from _step(name, step)


def _step(name: str, step: Step) -> Iterator[str]:
    match step:
        case Said():
            yield from _text(f"{name}>", _said(step))
        case Answered():
            yield from _text(f"{name}<", step.text)
        case _:
            yield f"{name}! {directive(step)}"


def directive(step: Step) -> str:
    """What stands behind the ``!`` of a step; raises TypeError for one that is written otherwise."""
    match step:
        case Restarted() | Duplicated() | Resumed():
            words = _BARE[type(step)]
        case Waited():
            words = f"wait {_length(step.length)}"
        case Moved():
            words = f"at {step.when}"
        case Reported():
            words = f"status {step.state}" + ("" if step.code is None else f" {step.code}")
        case Signalled():
            words = f"signal {step.name} = {step.data}" if step.data else f"signal {step.name}"
        case Stated():
            words = f"lookup {step.url} = {step.found}"
        case Holds():
            words = f"{step.what} {step.key} = {step.value}" if step.key else f"{step.what} {step.value}"
        case _:
            raise TypeError(f"{type(step).__name__} is written without a !.")
    return words


def _said(step: Said) -> str:
    if step.kind != "text":
        return f"[{step.kind} {step.url}]" if step.url else f"[{step.kind}]"
    return f"\\{step.text}" if step.text.lstrip("\\").startswith("[") else step.text


def _text(mark: str, text: str) -> Iterator[str]:
    first, *more = text.replace("\r\n", "\n").replace("\r", "\n").rstrip().split("\n")
    yield f"{mark} {first}".rstrip()
    for line in more:
        yield f"  {line}".rstrip()


def _length(length: timedelta) -> str:
    left, parts = int(length.total_seconds()), []
    for unit, seconds in _UNITS:
        if left >= seconds:
            parts.append(f"{left // seconds}{unit}")
            left %= seconds
    return " ".join(parts) or "0s"
