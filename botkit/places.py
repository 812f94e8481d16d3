"""Places in a bot's own code: where somebody can open the file and look."""

import os
import sys
import traceback
from collections.abc import Iterator
from pathlib import Path
from types import CoroutineType, FrameType, TracebackType
from typing import Final

from botkit.errors import Place

_BOTKIT: Final = str(Path(__file__).parent) + os.sep
_PYTHON: Final = str(Path(os.__file__).parent) + os.sep
_PACKAGES: Final = "site-packages"


def shown(filename: str) -> str:
    """*filename* as a person in the current folder would write it."""
    try:
        return str(Path(filename).relative_to(Path.cwd()))
    except (ValueError, OSError):
        return filename


def is_library(filename: str) -> bool:
    """Whether *filename* is Python's, botkit's or a package's, and not the bot's own."""
    return _is_beneath(filename) or _PACKAGES in filename


def _is_beneath(filename: str) -> bool:
    """Whether *filename* is botkit's or Python's own, where nobody who has made a mistake need look."""
    return filename.startswith((_BOTKIT, "<")) or (filename.startswith(_PYTHON) and _PACKAGES not in filename)


def is_botkits(trace: TracebackType | None) -> bool:
    """Whether what was raised along *trace* was raised by botkit itself; so is what was never raised."""
    filenames = [frame.f_code.co_filename for frame, _ in traceback.walk_tb(trace)]
    return not filenames or filenames[-1].startswith(_BOTKIT)


def trail(trace: TracebackType | None) -> tuple[Place, ...]:
    """Every line on the way to where something was raised, the innermost last."""
    return tuple(Place(shown(frame.f_code.co_filename), line) for frame, line in traceback.walk_tb(trace))


def suspended_at(coroutine: object) -> Place | None:
    """The innermost line of the bot's own code in which *coroutine* waits, None if there is none."""
    own = [frame for frame in _frames(coroutine) if not is_library(frame.f_code.co_filename)]
    return Place(shown(own[-1].f_code.co_filename), own[-1].f_lineno) if own else None


def called_at() -> Place | None:
    """The innermost line of the bot's own code that has called the caller, None if there is none."""
    frame = sys._getframe(1)  # noqa: SLF001 - what inspect does, without reading source files
    while frame.f_back is not None and is_library(frame.f_code.co_filename):
        frame = frame.f_back
    own = not is_library(frame.f_code.co_filename)
    return Place(shown(frame.f_code.co_filename), frame.f_lineno) if own else None


def raised_in(error: BaseException) -> str:
    """What code of the bot's own has raised, with its place: its innermost line, or that of its mistake in writing.

    Where it was in no code of the bot's own, the place is that of the package; in botkit and Python there is none.
    """
    if isinstance(error, SyntaxError):
        return f"{shown(error.filename or '')}:{error.lineno}: {error.msg}"
    frames = [one for one in traceback.extract_tb(error.__traceback__)[::-1] if not _is_beneath(one.filename)]
    last = next((one for one in frames if not is_library(one.filename)), frames[0] if frames else None)
    where = "" if last is None else f"{shown(last.filename)}:{last.lineno}: "
    return f"{where}{type(error).__name__}: {error}"


def _frames(awaited: object) -> Iterator[FrameType]:
    while isinstance(awaited, CoroutineType):
        if awaited.cr_frame is not None:
            yield awaited.cr_frame
        awaited = awaited.cr_await
