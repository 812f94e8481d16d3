"""Complaints about a file, each with its place, collected so that all of them can be told at once."""

import difflib
import re
import unicodedata
from collections.abc import Collection, Sequence
from typing import Final

from attrs import define, field, frozen

from botkit.config.nodes import Node, Path, Scalar, shown_path
from botkit.errors import ConfigError, Place

#: How many complaints are told at once: whoever has made more has made one of them often.
TOLD_LIMIT: Final = 100
#: How many are looked for: a file with more of them was not made to be mended.
FOUND_LIMIT: Final = 1_000

_WIDTH: Final = 120
_LONGEST_SHOWN: Final = 2_000
_CANDIDATES: Final = 1_000
_LISTED: Final = 12
# What secrets are called; the lint rule takes the pattern for one.
_SECRET_NAME: Final = r"(?:secret|private_key|password|token|authorization)\w{0,20}[\"']?\s{0,20}:\s{0,20}"  # noqa: S105 - see above
_SECRET: Final = re.compile(rf"({_SECRET_NAME})(?!(?:[\s\[\],\"'-]|\$\{{[^{{}}]*\}})*$)(\S.*)", re.IGNORECASE)
_SECRET_IN_BRACES: Final = re.compile(
    rf"({_SECRET_NAME})(?![\"']?\$\{{)(\[[^\]]*\]|\"[^\"]*\"|'[^']*'|[^\s,}}][^,}}]*)", re.IGNORECASE
)
_OPENED_BEFORE: Final = re.compile(rf".*(?<!\$)\{{.*{_SECRET_NAME}", re.IGNORECASE)
_SECRET_KEY: Final = re.compile(r"\s*[\"']?\w*(secret|private_key|password|token|authorization|headers)", re.IGNORECASE)
_KEY_LINE: Final = re.compile(r" *(?:- +)*[\w\"']+ *:(?: |$)")
# Which of the headers of a lookup is a secret, nobody knows.
_HEADERS: Final = re.compile(r"(\bheaders[\"']?\s{0,20}:\s{0,20})(\S.*)")
_KEY_MATERIAL: Final = re.compile(r"()([A-Za-z0-9+/=]{40,})")
_PASSWORD: Final = re.compile(r"(://[^/\s:@]{0,100}:)([^@\s/]+)(?=@)")


@frozen
class Problem:
    """One complaint: where, about which key (``bots.bakery.intents``), and what to do.

    Where the author wrote a *word* that nobody knows, *known* are those that would do.
    """

    place: Place
    path: Path
    text: str
    word: str = ""
    known: Collection[str] = field(default=(), eq=False)


class Enough(Exception):
    """As many complaints were found as are looked for: whoever reads the file stops."""


@define
class Problems:
    """The complaints about one *file*, whose *lines* are shown below each with a caret; each is noted once."""

    file: str
    lines: Sequence[str] = ()
    found: dict[Problem, None] = field(factory=dict)
    warnings: list[str] = field(factory=list)

    def add(
        self,
        place: tuple[int, int] | Node,
        path: Path,
        text: str,
        *,
        word: str = "",
        known: Collection[str] = (),
    ) -> None:
        """Note a complaint about a node, or about a line and column counted from 1; raises Enough."""
        line, column = place if isinstance(place, tuple) else (place.line, place.column)
        self.found[Problem(Place(self.file, line, column), path, text, word, known)] = None
        if len(self.found) > FOUND_LIMIT:
            raise Enough

    def warn(self, place: Place, text: str) -> None:
        """Note something that works but is hardly meant."""
        self.warnings.append(f"{place}: {text}")

    def place(self, node: Node) -> Place:
        """Where *node* stands, as everybody else writes it."""
        return Place(self.file, node.line, node.column)

    def error(self) -> ConfigError:
        """Everything found so far, in the order of the file, as one error."""
        ordered = sorted(self.found, key=lambda one: (one.place.line, one.place.column or 0))
        told = [self._told(one) for one in ordered[:TOLD_LIMIT]]
        if len(ordered) > TOLD_LIMIT:
            least = "at least " if len(ordered) > FOUND_LIMIT else ""
            told.append(f"{self.file}: and {least}{min(len(ordered), FOUND_LIMIT) - TOLD_LIMIT} more; mend these first")
        return ConfigError(*told)

    def _told(self, one: Problem) -> str:
        text = one.text + (meant(one.word, one.known) if one.word else "")
        path = shown_path(_without_secret(one.path))
        named = f"{one.place}: {path}: {text}" if path else f"{one.place}: {text}"
        source = self.lines[one.place.line - 1] if 1 <= one.place.line <= len(self.lines) else ""
        if not source.strip() or len(source) > _LONGEST_SHOWN:
            return named
        line, column = self._shown(one.place.line, one.place.column or 1)
        return f"{named}\n    {line}\n    {' ' * _columns(line[: column - 1])}^"

    def _shown(self, number: int, column: int) -> tuple[str, int]:
        """The part of a line around *column*, and where that is in it; secrets are left out."""
        line = self._without_secrets(number)
        column = min(column, len(line) + 1)
        start = 0 if column <= _WIDTH else column - _WIDTH // 2
        part = line[start : start + _WIDTH]
        before, after = ("…" if start else ""), ("…" if start + _WIDTH < len(line) else "")
        return f"{before}{part}{after}", column - start + len(before)

    def _without_secrets(self, number: int) -> str:
        line = "".join(char if char.isprintable() else " " for char in self.lines[number - 1])
        if _SECRET_KEY.match(_above(self.lines, number)):
            return " " * _indent(line) + "*" * (len(line) - _indent(line))
        for pattern in (
            _SECRET_IN_BRACES if _OPENED_BEFORE.match(line) else _SECRET,
            _HEADERS,
            _KEY_MATERIAL,
            _PASSWORD,
        ):
            line = pattern.sub(lambda found: found[1] + "*" * len(found[2]), line)
        return line


def is_secret(path: Path) -> bool:
    """Whether nothing that stands at *path* may be shown, because somebody may have typed a secret there.

    >>> is_secret(("vonage", "signature_secret", 0)), is_secret(("vonage", "api_key"))
    (True, False)
    """
    return (
        path[:1] == ("store",)
        or "headers" in path
        or any(isinstance(step, str) and _SECRET_KEY.match(step) for step in path)
    )


def _without_secret(path: Path) -> Path:
    """The beginning of *path*, as far as it may be shown."""
    last = next((number for number in range(1, len(path) + 1) if is_secret(path[:number])), len(path))
    kept = path[last:]
    return (*path[:last], *[step for step in kept if isinstance(step, int)])


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(" "))


def _above(lines: Sequence[str], number: int) -> str:
    """The line whose key holds what stands in line *number*; empty where there is none."""
    line = lines[number - 1]
    is_key, is_item = _KEY_LINE.match(line) is not None, line.lstrip(" ").startswith("-")
    for above in reversed(lines[max(0, number - 1_000) : number - 1]):
        if not _KEY_LINE.match(above):
            continue
        holds_item = is_item and not above.lstrip(" ").startswith("-")
        if _indent(above) < _indent(line) or (_indent(above) == _indent(line) and (holds_item or not is_key)):
            return above
    return ""


def _columns(text: str) -> int:
    """How many columns of a terminal *text* takes."""
    return sum(
        0 if unicodedata.combining(char) else 2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text
    )


def meant(word: str, known: Collection[str]) -> str:
    """``, did you mean "…"?`` where something known is close to *word*, else the beginning of what is known.

    >>> meant("siz", ["size", "colour"]), meant("x", ["size", "colour"])
    (', did you mean "size"?', '; known are size, colour')
    """
    close = closest(word, known)
    if close is not None:
        return f', did you mean "{close}"?'
    listed = [name for name in known if len(name) <= _WIDTH][:_LISTED]
    return f"; known are {', '.join(listed)}{', …' if len(known) > len(listed) else ''}" if listed else ""


def closest(word: str, known: Collection[str]) -> str | None:
    """The one of *known* that *word* is most likely meant to be, None if none is."""
    near = [name for name in known if abs(len(name) - len(word)) <= max(3, len(word) // 2)] if len(word) < 100 else []
    found = difflib.get_close_matches(word.casefold(), near[:_CANDIDATES], 1, cutoff=0.6)
    return found[0] if found else None


def cut_off(scalar: Scalar) -> str:
    """What to tell the author of a text that ends where a comment begins."""
    if not scalar.text:
        return "a text that begins with # needs quotes around it; without them it is a comment"
    return 'this text is cut off at " #", which begins a comment; put quotes around the text'
