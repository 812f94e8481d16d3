"""bots.yaml as a tree of texts: every scalar stays what its author typed, with the place it stands at.

YAML's own guesses (``yes`` a boolean, ``8:30`` a number, ``0301234567`` an octal) are what trips people: here the
schema says what a value is. Anchors, aliases, tags and second documents are refused, so that a tree is as large as its
file.
"""

import re
from collections.abc import Iterator
from typing import Final

import yaml
from attrs import frozen

from botkit.config.problems import Problems

SIZE_LIMIT: Final = 1_000_000
DEPTH_LIMIT: Final = 20

_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@frozen
class Scalar:
    """A text; *cut* says that a ``#`` behind it began a comment, *plain* that it has no quotes."""

    text: str
    line: int
    column: int
    plain: bool = True
    cut: bool = False
    block: bool = False


@frozen
class Items:
    """A list."""

    items: "tuple[Node, ...]"
    line: int
    column: int


@frozen
class Keys:
    """A mapping; *keys* are where each key stands; *flow* says that it is written in braces."""

    entries: "dict[str, Node]"
    keys: dict[str, Scalar]
    line: int
    column: int
    flow: bool = False


Node = Scalar | Items | Keys


def parse(text: str | bytes, problems: Problems) -> Node | None:
    """Read *text* into a tree; what is wrong is added to *problems*, and None returned where nothing can be read."""
    decoded = _decoded(text, problems)
    if decoded is None:
        return None
    problems.lines = tuple(decoded.splitlines())
    if _complained(problems):
        return None
    try:
        return _Reader(yaml.parse(decoded, Loader=_Loader), problems).document()
    except yaml.MarkedYAMLError as error:
        _explain(error, problems)
    except _TooDeep as error:
        problems.add(error.line, error.column, "", f"this is nested more than {DEPTH_LIMIT} deep")
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        problems.add(1, 1, "", f"the file cannot be read as YAML ({str(error).splitlines()[0]})")
    return None


def _decoded(text: str | bytes, problems: Problems) -> str | None:
    if len(text) > SIZE_LIMIT:
        problems.add(1, 1, "", f"the file has more than {SIZE_LIMIT:,} bytes; split it into several bots")
        return None
    if isinstance(text, str):
        return text
    try:
        return text.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = text.count(b"\n", 0, error.start) + 1
        problems.add(line, 1, "", "the file is not in UTF-8; save it as UTF-8 in your editor")
        return None


_LEADING: Final = re.compile(r"[ \t\u00a0]*")


def _complained(problems: Problems) -> bool:
    """Complain about the characters that nobody sees."""
    for number, line in enumerate(problems.lines, 1):
        leading = _LEADING.match(line)
        blank = leading.group() if leading else ""
        if "\u00a0" in blank:
            told = (
                "this line begins with a non-breaking space, which looks like a space but is none; type spaces instead"
            )
            problems.add(number, blank.index("\u00a0") + 1, "", told)
        elif "\t" in blank and line.strip() and not line.lstrip().startswith("#"):
            problems.add(number, blank.index("\t") + 1, "", "this line is indented with a tab; use spaces")
    return bool(problems.found)


class _Reader:
    """Builds the tree from the parser's events."""

    def __init__(self, events: Iterator[yaml.Event], problems: Problems) -> None:
        self._events = events
        self._problems = problems

    def document(self) -> Node | None:
        tree: Node | None = None
        documents = 0
        for event in self._events:
            if isinstance(event, yaml.DocumentStartEvent):
                documents += 1
                if documents > 1:
                    self._complain(event, "a second document begins here; keep one in a file, without ---")
                    return None
            elif isinstance(event, yaml.NodeEvent):
                tree = self._node(event, 1)
        return tree

    def _complain(self, event: yaml.Event, text: str) -> None:
        self._problems.add(*_place(event), "", text)

    def _node(self, event: yaml.Event, depth: int) -> Node:
        line, column = _place(event)
        self._check(event, depth)
        if depth > DEPTH_LIMIT:
            raise _TooDeep(line, column)
        if isinstance(event, yaml.SequenceStartEvent):
            return Items(tuple(self._items(depth)), line, column)
        if isinstance(event, yaml.MappingStartEvent):
            return self._keys(event, depth)
        if isinstance(event, yaml.ScalarEvent):
            return self._scalar(event)
        return Scalar("", line, column)

    def _check(self, event: yaml.Event, depth: int) -> None:
        if isinstance(event, yaml.AliasEvent):
            self._complain(event, "a text that begins with * needs quotes (YAML's aliases are not used here)")
        elif getattr(event, "anchor", None) is not None:
            self._complain(event, "a text that begins with & needs quotes (YAML's anchors are not used here)")
        elif getattr(event, "tag", None) not in (None, "!"):
            self._complain(event, "a text that begins with ! needs quotes (YAML's tags are not used here)")

    def _items(self, depth: int) -> Iterator[Node]:
        for event in self._events:
            if isinstance(event, yaml.SequenceEndEvent):
                return
            yield self._node(event, depth + 1)

    def _keys(self, start: yaml.MappingStartEvent, depth: int) -> Keys:
        entries: dict[str, Node] = {}
        keys: dict[str, Scalar] = {}
        for event in self._events:
            if isinstance(event, yaml.MappingEndEvent):
                break
            key = self._node(event, depth + 1)
            value = self._node(next(self._events), depth + 1)
            if not isinstance(key, Scalar):
                self._problems.add(key.line, key.column, "", "a text that begins with { or [ needs quotes")
            elif key.text in keys:
                first = keys[key.text].line
                told = f'the key "{key.text}" stands here a second time; the first is in line {first}'
                self._problems.add(key.line, key.column, "", told)
            else:
                keys[key.text] = key
                entries[key.text] = value
        return Keys(entries, keys, *_place(start), flow=bool(start.flow_style))

    def _scalar(self, event: yaml.ScalarEvent) -> Scalar:
        plain = not event.style
        return Scalar(
            event.value,
            *_place(event),
            plain=plain,
            cut=plain and self._after(event).lstrip(" ").startswith("#"),
            block=event.style in ("|", ">"),
        )

    def _after(self, event: yaml.Event) -> str:
        """What stands behind a scalar in its last line."""
        end = event.end_mark
        if end is None or end.line >= len(self._problems.lines):
            return ""
        return self._problems.lines[end.line][end.column :]


class _TooDeep(Exception):
    """The tree is nested deeper than anybody means; where."""

    def __init__(self, line: int, column: int) -> None:
        super().__init__()
        self.line = line
        self.column = column


def _place(event: yaml.Event) -> tuple[int, int]:
    mark = event.start_mark
    return (1, 1) if mark is None else (mark.line + 1, mark.column + 1)


def _explain(error: yaml.MarkedYAMLError, problems: Problems) -> None:
    """Say a parser's complaint in the words of somebody who has never heard of YAML."""
    mark, start = error.problem_mark or error.context_mark, error.context_mark
    line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
    opened = (start.line + 1, start.column + 1) if start else (line, column)
    source = problems.lines[line - 1] if line <= len(problems.lines) else ""
    problem, context = error.problem or "", error.context or ""
    if "quoted scalar" in context:
        problems.add(*opened, "", "the quote that opens here is never closed")
    elif "mapping values are not allowed" in problem:
        _explain_colon(line, column, source, problems)
    elif "flow" in context:
        opening = problems.lines[opened[0] - 1] if opened[0] <= len(problems.lines) else ""
        problems.add(*opened, "", _flow_words(opening, source))
    elif "cannot start any token" in problem:
        problems.add(line, column, "", f"a text that begins with {source[column - 1 : column]} needs quotes around it")
    else:
        _explain_line(line, column, source, problems)


def _explain_colon(line: int, column: int, source: str, problems: Problems) -> None:
    if _KEY.match(source[:column]):
        told = "this line is indented further than the one above it, or the one above it has no colon"
        problems.add(line, len(source) - len(source.lstrip()) + 1, "", told)
    else:
        problems.add(line, column, "", 'a text with ": " in it needs quotes around it')


def _explain_line(line: int, column: int, source: str, problems: Problems) -> None:
    value = _VALUE.search(source)
    if value is None:
        problems.add(line, column, "", "this line does not fit the lines above it; compare how far they are indented")
        return
    sign = value.group(1)
    told = f"a text that begins with {sign} needs quotes around it"
    if sign in "\"'":
        told = "the text goes on behind the closing quote; put all of it between the quotes"
    problems.add(line, value.start(1) + 1, "", told)


_KEY: Final = re.compile(r"\s*[\w-]+:$")
_VALUE: Final = re.compile(r"(?:: |- )\s*([{\[\"'*&!])")


def _flow_words(opening: str, source: str) -> str:
    if "?" in opening + source:
        return 'a text with ? inside [ ] needs quotes around it; or write the texts one a line after "|"'
    if "{" in opening:
        return "a text with { in it needs quotes around it"
    return "the bracket that opens here is never closed, or a comma is missing"
