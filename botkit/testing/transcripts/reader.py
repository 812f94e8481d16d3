"""The text of a transcript into its tests; every mistake at once, each with file and line.

A line begins with what it is: ``#`` a test and its name, ``>`` what a user says, ``<`` what the bot answers, ``!`` what
happens or must be true, ``//`` a note. A user may be named in front (``ann> hello``). An indented line goes on with the
text above it. What stands before the first test is about all of them.
"""

import difflib
from collections.abc import Callable, Mapping
from typing import Final
from zoneinfo import ZoneInfo

from attrs import define, field

from botkit.errors import ConfigError
from botkit.events import KINDS, Kind
from botkit.testing.lookups import found_as, is_url
from botkit.testing.moments import duration, moment
from botkit.testing.transcripts.expected import value_of
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
    Transcript,
    Waited,
)

_MARKS: Final = "><!"
_UTC: Final = ZoneInfo("UTC")
_SHOWN: Final = 60
_MEDIA: Final = KINDS[1:]


class _Mistake(ValueError):
    """What is wrong with one line, in words."""


def read_transcript(text: str, *, file: str) -> Transcript:
    r"""Read the *text* of a transcript called *file*; raises ConfigError with every mistake as ``file:line: …``.

    >>> found = read_transcript("# greeting\n> hello\n< Hello!\n", file="shop.chat.txt")
    >>> found.tests[0].name, [step.text for step in found.tests[0].steps]
    ('greeting', ['hello', 'Hello!'])
    """
    reading = _Reading(file)
    for number, line in enumerate(text.removeprefix("\ufeff").split("\n"), 1):
        reading.read(number, line.removesuffix("\r").rstrip())
    return reading.done()


@define
class _Open:
    """A text that indented lines may still go on with."""

    line: int
    user: str
    mark: str
    lines: list[str]


@define
class _Reading:
    """The file so far."""

    file: str
    _head: dict[str, str] = field(factory=dict)
    _resources: dict[str, str] = field(factory=dict)
    _lines: dict[str, int] = field(factory=dict)
    _tests: list[Test] = field(factory=list)
    _steps: list[Step] = field(factory=list)
    _name: str | None = None
    _line: int = 0
    _speaker: str = YOU
    _open: _Open | None = None
    _blank: int = 0
    _mistakes: list[tuple[int, str]] = field(factory=list)

    def read(self, number: int, line: str) -> None:
        """Take one line."""
        if not line.strip():
            self._blank += 1
            return
        try:
            if line[0].isspace():
                self._go_on(line)
            else:
                self._close()
                self._begin(number, line)
        except ValueError as mistake:
            self._mistakes.append((number, str(mistake)))
        self._blank = 0

    def done(self) -> Transcript:
        """The whole, or every mistake."""
        self._close()
        self._end_test()
        if self._mistakes:
            raise ConfigError(*(f"{self.file}:{line}: {told}" for line, told in sorted(self._mistakes)))
        return Transcript(
            file=self.file,
            tests=tuple(self._tests),
            config=self._head.get("config"),
            bot=self._head.get("bot"),
            resources=self._resources,
            lines=self._lines,
        )

    # Lines

    def _begin(self, number: int, line: str) -> None:
        if line.startswith("//"):
            return
        if line.startswith("#"):
            self._end_test()
            self._name, self._line = line.lstrip("#").strip(), number
            if not self._name:
                raise _Mistake("a test needs a name behind its #")
            return
        at = min((found for mark in _MARKS if (found := line.find(mark)) >= 0), default=-1)
        user = line[:at]
        if at < 0 or (user and not _is_name(user)):
            raise _Mistake(f"a line begins with #, >, <, ! or //, or is indented; this one with {_shown(line)}")
        if line[at] == "!":
            self._direct(number, user or self._speaker, line[at + 1 :].strip())
            return
        # Whoever is not named answers whoever spoke last.
        self._speaker = user or (YOU if line[at] == ">" else self._speaker)
        self._open = _Open(number, self._speaker, line[at], [line[at + 1 :].removeprefix(" ")])

    def _go_on(self, line: str) -> None:
        if self._open is None:
            raise _Mistake("an indented line goes on with the text above it, and there is none")
        self._open.lines += [""] * self._blank
        self._open.lines.append(line[2:] if line.startswith("  ") else line.lstrip())

    def _close(self) -> None:
        opened, self._open = self._open, None
        if opened is None:
            return
        text = "\n".join(opened.lines)
        try:
            read = said if opened.mark == ">" else _answered
            self._steps.append(read(text, user=opened.user, line=opened.line))
        except ValueError as mistake:
            self._mistakes.append((opened.line, str(mistake)))

    def _end_test(self) -> None:
        if self._name is None and not self._steps:
            return
        if not any(isinstance(step, Said) for step in self._steps) and not self._mistakes:
            self._mistakes.append((self._line or 1, "nothing is said in this test; begin a line with >"))
        line = self._line or self._steps[0].line
        self._tests.append(Test(name=self._name or "", steps=tuple(self._steps), line=line))
        self._name, self._steps, self._speaker = None, [], YOU

    # Directives

    def _direct(self, number: int, user: str, text: str) -> None:
        word, _, rest = text.partition(" ")
        rest = rest.strip()
        if word in _HEAD:
            if self._name is not None or self._steps:
                raise _Mistake(f"! {word} is about the whole file, and stands above the first test")
            self._know(number, word, rest)
            return
        read = _READERS.get(word)
        if read is None:
            close = difflib.get_close_matches(word, DIRECTIVES, 1)
            hint = f"did you mean ! {close[0]}?" if close else f"known are {', '.join(DIRECTIVES)}"
            raise _Mistake(f"there is no ! {word[:_SHOWN]}; {hint}" if word else f"nothing stands behind the !; {hint}")
        self._steps.append(read(number, user, rest))

    def _know(self, number: int, word: str, rest: str) -> None:
        if word == "resource":
            name, value = _pair(rest, "! resource database = fakes:database")
            self._resources[name], self._lines[f"resource {name}"] = value, number
        elif not rest:
            raise _Mistake(f"! {word} needs a name behind it")
        else:
            self._head[word], self._lines[word] = rest, number


#: What may stand behind a ``!`` above the first test.
_HEAD: Final = ("config", "bot", "resource")


def said(text: str, *, user: str = YOU, line: int = 0) -> Said:
    """What *user* says with *text* behind a ``>``; raises ValueError for nothing, and for what is no medium."""
    if not text.strip():
        raise _Mistake("nothing is said; write the text behind the >")
    bracket = _bracket(text)
    if bracket is not None and (medium := _sent(*bracket)) is not None:
        return Said(line=line, user=user, kind=medium[0], url=medium[1] or None)
    # A text that looks like a medium is written with a backslash before its bracket.
    escaped = text.startswith("\\") and text.lstrip("\\").startswith("[")
    return Said(line=line, user=user, text=text[1:] if escaped else text)


def _answered(text: str, *, user: str, line: int) -> Answered:
    if not text.strip():
        raise _Mistake("nothing is answered; write the text behind the <, or < … for anything")
    word, url, behind = ("\n" not in text and _bracket(text)) or ("", "", "")
    if word in _MEDIA and " " not in (url or behind) and not (url and behind):
        text = f"[{word}] {url or behind}".rstrip()
    elif word not in _MEDIA and is_url(url or behind):
        raise _Mistake(_no_kind(word))
    return Answered(line=line, user=user, text=text)


def _bracket(text: str) -> tuple[str, str, str] | None:
    """The word and the rest that stand in ``[image https://…]``, and what stands behind it; None for another text."""
    inside, closed, behind = text[1:].partition("]")
    if not text.startswith("[") or not closed or "\n" in inside:
        return None
    word, _, rest = inside.strip().partition(" ")
    return word, rest.strip(), behind.strip()


def _sent(word: str, url: str, behind: str) -> tuple[Kind, str] | None:
    """The kind and the URL of a medium, None for a text; what is neither is refused."""
    if word not in _MEDIA:
        if behind and not is_url(url or behind):
            return None
        raise _Mistake(_no_kind(word))
    if word == "unsupported" and not url and not behind:
        return "unsupported", ""
    if not is_url(url or behind):
        raise _Mistake(f"what is sent has a URL, as in > [{word} https://example.com/a]")
    if url and behind:
        raise _Mistake(f"[{word} …] stands alone; what is said besides it begins with a > of its own")
    return word, url or behind


def _no_kind(word: str) -> str:
    known = f"{', '.join(_MEDIA[:-1])} or {_MEDIA[-1]}"
    return f"there is no kind {_shown(word)}; write {known}, and \\[ where a text begins so"


def _restart(line: int, user: str, rest: str) -> Step:
    _nothing("restart", rest)
    return Restarted(line=line, user=user)


def _duplicate(line: int, user: str, rest: str) -> Step:
    _nothing("duplicate", rest)
    return Duplicated(line=line, user=user)


def _wait(line: int, user: str, rest: str) -> Step:
    return Waited(line=line, user=user, length=duration(rest))


def _at(line: int, user: str, rest: str) -> Step:
    moment(rest, _UTC)
    return Moved(line=line, user=user, when=rest)


def _status(line: int, user: str, rest: str) -> Step:
    state, _, code = rest.partition(" ")
    code = code.strip()
    if not state or (code and not (code.isascii() and code.isdecimal() and len(code) < 10)):
        raise _Mistake("write a status and perhaps its code, such as ! status read, or ! status rejected 1340")
    return Reported(line=line, user=user, state=state, code=int(code) if code else None)


def _signal(line: int, user: str, rest: str) -> Step:
    name, _, data = (part.strip() for part in rest.partition("="))
    if not name:
        raise _Mistake('write the name of the signal, such as ! signal paid, or ! signal paid = {"amount": 12}')
    value_of(data)
    return Signalled(line=line, user=user, name=name, data=data)


def _lookup(line: int, user: str, rest: str) -> Step:
    # A URL may hold a = of its own, but no space.
    url, _, found = (part.strip() for part in rest.partition(" = "))
    if not is_url(url):
        raise _Mistake('write what is looked up and what is found, such as ! lookup https://… = {"status": "baked"}')
    found_as(value_of(found))
    return Stated(line=line, user=user, url=url, found=found)


def _resume(line: int, user: str, rest: str) -> Step:
    _nothing("resume", rest)
    return Resumed(line=line, user=user)


def _handover(line: int, user: str, rest: str) -> Step:
    if not rest:
        raise _Mistake("write why a person answers, such as ! handover billing, or ! handover nothing")
    return Holds(line=line, user=user, what="handover", value=rest)


def _intent(line: int, user: str, rest: str) -> Step:
    if not rest:
        raise _Mistake("write the name of the intent, such as ! intent opening_hours, or ! intent nothing")
    return Holds(line=line, user=user, what="intent", value=rest)


def _language(line: int, user: str, rest: str) -> Step:
    if not rest:
        raise _Mistake("write the code of the language, such as ! language de")
    return Holds(line=line, user=user, what="language", value=rest)


def _session(line: int, user: str, rest: str) -> Step:
    key, value = _pair(rest, "! session basket.size = large")
    return Holds(line=line, user=user, what="session", key=key, value=value)


def _slot(line: int, user: str, rest: str) -> Step:
    key, value = _pair(rest, "! slot number = 42")
    return Holds(line=line, user=user, what="slot", key=key, value=value)


#: What may stand behind a ``!`` in a test; each reads the rest of its line.
_READERS: Final[Mapping[str, Callable[[int, str, str], Step]]] = {
    "restart": _restart,
    "wait": _wait,
    "at": _at,
    "duplicate": _duplicate,
    "status": _status,
    "signal": _signal,
    "resume": _resume,
    "session": _session,
    "slot": _slot,
    "intent": _intent,
    "handover": _handover,
    "language": _language,
    "lookup": _lookup,
}


#: Everything that may stand behind a ``!``.
DIRECTIVES: Final = (*_READERS, *_HEAD)


def _pair(text: str, example: str) -> tuple[str, str]:
    key, _, value = text.partition("=")
    if not key.strip() or not value.strip():
        raise _Mistake(f"write what it is about, = and its value, such as {example}")
    return key.strip(), value.strip()


def _nothing(word: str, rest: str) -> None:
    if rest:
        raise _Mistake(f"nothing stands behind ! {word}, and here is {_shown(rest)}")


def _is_name(user: str) -> bool:
    return len(user) <= 40 and all(letter.isalnum() or letter in "-_" for letter in user)


def _shown(text: str) -> str:
    return f'"{text[:_SHOWN]}…"' if len(text) > _SHOWN else f'"{text}"'
