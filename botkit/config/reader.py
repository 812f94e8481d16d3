"""The text of a bots.yaml into a tree of texts: every scalar stays what its author typed, with its place.

YAML's own guesses (``yes`` a boolean, ``8:30`` a number, ``0301234567`` an octal) are what trips people: here the
schema says what a value is. Anchors, aliases, tags and second documents are refused, so that a tree is as large as its
file.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Final

import yaml

from botkit.config.nodes import Broken, Items, Keys, Node, Path, Scalar, Style, shown
from botkit.config.problems import Problems, is_secret
from botkit.config.source import complain_of_spaces, decode
from botkit.config.syntax import explain

DEPTH_LIMIT: Final = 20
#: How many texts, lists and groups of keys a file may hold; what stands below ``|`` is one text.
NODE_LIMIT: Final = 50_000

Loader = type[yaml.SafeLoader] | type[yaml.CSafeLoader]

# PyYAML's wheels bring libyaml, and what is built without it reads the same, twenty times slower.
_LOADER: Final[Loader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_STYLES: Final[Mapping[str, Style]] = {'"': "quoted", "'": "quoted", "|": "lines", ">": "folded"}
_CURLY: Final = re.compile(r"[“”„«].*[”“»]|[‘‚‹].*[’‘›]", re.DOTALL)


def parse(text: str | bytes, problems: Problems, *, loader: Loader = _LOADER) -> Node | None:
    """Read *text* into a tree; what is wrong is added to *problems*, and None given where nothing can be read."""
    decoded = decode(text, problems)
    if decoded is None:
        return None
    complain_of_spaces(problems)
    if problems.found:
        return None
    # The parser itself is of use only to events: PyYAML's own constructor never sees the text.
    reader = _Reader(yaml.parse(decoded, Loader=loader), problems)
    try:
        return reader.document()
    except yaml.MarkedYAMLError as error:
        told = explain(error, problems.lines, reader.quoted, reader.opened)
        if all((one.place.line, one.place.column) != told[:2] for one in problems.found):
            problems.add(told[:2], (), told.text)
    except _TooMuch as error:
        problems.add(error.place, (), error.text)
    return None


class _Reader:
    """Builds the tree from the parser's *events*.

    *quoted* is the text in quotes that was read last, and *opened* are the brackets that are not closed yet.
    """

    def __init__(self, events: Iterator[yaml.Event], problems: Problems) -> None:
        self._events = events
        self._problems = problems
        self._anchors: set[str] = set()
        self._nodes = 0
        self.quoted: Scalar | None = None
        self.opened: list[tuple[int, int]] = []

    def document(self) -> Node | None:
        tree: Node | None = None
        for event in self._events:
            if isinstance(event, yaml.DocumentStartEvent) and tree is not None:
                told = 'a second document begins here; take away the line "---", and keep one in a file'
                self._problems.add(_place(event), (), told)
                return None
            if isinstance(event, yaml.NodeEvent):
                tree = self._node(event, ())
        return tree

    def _node(self, event: yaml.Event, path: Path, *, depth: int = 1, flow: str = "") -> Node:
        line, column = _place(event)
        self._nodes += 1
        if depth > DEPTH_LIMIT:
            raise _TooMuch((line, column), f"this is nested more than {DEPTH_LIMIT} deep")
        if self._nodes > NODE_LIMIT:
            told = f"there are more than {NODE_LIMIT:,} texts, lists and keys before this; write phrases below a |"
            raise _TooMuch((line, column), told)
        told = self._refused(event)
        if told:
            self._problems.add((line, column), path, told)
        node = self._built(event, path, depth=depth, flow=flow)
        return Broken(line=line, column=column) if told else node

    def _refused(self, event: yaml.Event) -> str:
        """What to tell about a part of YAML that is not used here, empty for all others."""
        anchor, tag = getattr(event, "anchor", None), getattr(event, "tag", None)
        if isinstance(event, yaml.AliasEvent):
            return _not_used("*", "aliases", is_meant=anchor in self._anchors)
        if anchor is not None:
            self._anchors.add(anchor)
            return _not_used("&", "anchors", is_meant=not isinstance(event, yaml.ScalarEvent) or bool(event.value))
        if tag is not None:
            return _not_used("!", "tags", is_meant=tag.startswith("tag:") or not isinstance(event, yaml.ScalarEvent))
        return ""

    def _built(self, event: yaml.Event, path: Path, *, depth: int, flow: str) -> Node:
        if isinstance(event, yaml.CollectionStartEvent):
            if event.flow_style:
                self.opened.append(_place(event))
            built = self._collection(event, path, depth + 1)
            if event.flow_style:
                self.opened.pop()
            return built
        if isinstance(event, yaml.ScalarEvent):
            return self._scalar(event, path, flow=flow)
        line, column = _place(event)
        return Broken(line=line, column=column)

    def _collection(self, event: yaml.CollectionStartEvent, path: Path, depth: int) -> Node:
        if isinstance(event, yaml.MappingStartEvent):
            return self._keys(event, path, depth)
        line, column = _place(event)
        items = self._items(path, depth, flow="[ ]" if event.flow_style else "")
        return Items(items=tuple(items), line=line, column=column, flow=bool(event.flow_style))

    def _items(self, path: Path, depth: int, *, flow: str) -> Iterator[Node]:
        for number, event in enumerate(self._events):
            if isinstance(event, yaml.SequenceEndEvent):
                return
            yield self._node(event, (*path, number), depth=depth, flow=flow)

    def _keys(self, start: yaml.MappingStartEvent, path: Path, depth: int) -> Keys | Broken:
        entries: dict[str, Node] = {}
        keys: dict[str, Scalar] = {}
        flow = "{ }" if start.flow_style else ""
        is_broken = False
        for event in self._events:
            if isinstance(event, yaml.MappingEndEvent):
                break
            key = self._node(event, path, depth=depth, flow=flow)
            name = key.text if isinstance(key, Scalar) else ""
            value = self._node(next(self._events), (*path, name), depth=depth, flow=flow)
            if isinstance(key, Scalar) and self._is_new(key, keys, path):
                keys[name] = key
                entries[name] = value
            elif isinstance(key, (Keys, Items)):
                sign = "{" if isinstance(key, Keys) else "["
                self._problems.add(key, path, f"a text that begins with {sign} needs quotes around it")
                is_broken = True
        line, column = _place(start)
        if is_broken:
            return Broken(line=line, column=column)
        return Keys(entries=entries, keys=keys, line=line, column=column, flow=bool(flow))

    def _is_new(self, key: Scalar, keys: Mapping[str, Scalar], path: Path) -> bool:
        if key.text == "<<":
            self._problems.add(key, path, "YAML's merge key << is not used here; write its keys out")
            return False
        if key.text not in keys:
            return True
        name = "a key" if is_secret(path) else f'the key "{shown(key.text)}"'
        told = f"{name} stands here a second time; the first is in line {keys[key.text].line}"
        self._problems.add(key, path, told)
        return False

    def _scalar(self, event: yaml.ScalarEvent, path: Path, *, flow: str) -> Scalar | Broken:
        line, column = _place(event)
        style = _STYLES.get(event.style or "", "plain")
        text: str = event.value
        comment = self._comment(event) if style == "plain" else None
        scalar = Scalar(text=text, line=line, column=column, style=style, comment=comment)
        if style == "quoted":
            self.quoted = scalar
        told = "" if style != "plain" else _misread(text, flow=flow)
        if told:
            self._problems.add(scalar, path, told)
            return Broken(line=line, column=column)
        return scalar

    def _comment(self, event: yaml.ScalarEvent) -> tuple[int, int] | None:
        """The place of the comment behind a text, None if there is none."""
        end = event.end_mark
        # Behind a file without a last line break libyaml stands in a line that there is not.
        if end is None or end.line >= len(self._problems.lines):
            return None
        behind = self._problems.lines[end.line][end.column : end.column + 200]
        spaces = len(behind) - len(behind.lstrip(" \t"))
        return (end.line + 1, end.column + spaces + 1) if behind[spaces : spaces + 1] == "#" else None


class _TooMuch(Exception):
    """The tree is deeper or larger than anybody means; *place* says from where on, and *text* what is too much."""

    def __init__(self, place: tuple[int, int], text: str) -> None:
        super().__init__(text)
        self.place = place
        self.text = text


def _place(event: yaml.Event) -> tuple[int, int]:
    mark = event.start_mark
    return (1, 1) if mark is None else (mark.line + 1, mark.column + 1)


def _not_used(sign: str, what: str, *, is_meant: bool) -> str:
    if is_meant:
        return f"YAML's {what} ({sign}) are not used here; write out what is meant"
    return f"a text that begins with {sign} needs quotes around it"


def _misread(text: str, *, flow: str) -> str:
    """What to tell about a text without quotes that its author hardly meant like that, empty for all others."""
    if _CURLY.fullmatch(text):
        return f"put straight quotes around this text: curly ones ({text[0]} {text[-1]}) are part of it"
    if flow == "[ ]" and "?" in text:
        return "a text with ? in it needs quotes around it inside [ ]"
    if text.startswith("-") and text[1:2].isalpha():
        return 'a space is missing behind the "-" of a list; a text that begins with "-" needs quotes around it'
    return ""
