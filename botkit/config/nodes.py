"""The tree of a bots.yaml: texts, lists and keys, each with the place it stands at, counted from 1."""

import datetime as dt
from collections.abc import Mapping
from typing import Literal

from attrs import frozen

Style = Literal["plain", "quoted", "lines", "folded"]
Path = tuple[str | int, ...]

#: How much of a key is shown in a path.
_SHOWN: int = 40


@frozen(kw_only=True)
class Scalar:
    """A text as its author typed it.

    *style* is how: plain, in quotes, one a line after ``|``, or folded after ``>``. *comment* is the place of a ``#``
    behind a plain text, where a comment begins. *value* is what the schema makes of the text, such as a number.
    *secret* says that the text was brought in by a reference, and is never shown.
    """

    text: str
    line: int
    column: int
    style: Style = "plain"
    comment: tuple[int, int] | None = None
    value: object = None
    secret: bool = False


@frozen(kw_only=True)
class Items:
    """A list; *flow* says that it is written in brackets."""

    items: "tuple[Node, ...]"
    line: int
    column: int
    flow: bool = False


@frozen(kw_only=True)
class Keys:
    """Values by key; *keys* are where each key stands, and *flow* says that they are written in braces."""

    entries: "Mapping[str, Node]"
    keys: Mapping[str, Scalar]
    line: int
    column: int
    flow: bool = False


@frozen(kw_only=True)
class Broken:
    """Something its author was told about already, so that whoever meets it says nothing."""

    line: int
    column: int


Node = Scalar | Items | Keys | Broken


def entry(node: Node | None, key: str) -> Node | None:
    """What stands under *key*; None where there is no such key, or *node* has none at all."""
    return node.entries.get(key) if isinstance(node, Keys) else None


def keys_of(node: Node | None) -> Mapping[str, Node]:
    """The values by key of *node*; empty where it is something else."""
    return node.entries if isinstance(node, Keys) else {}


def items_of(node: Node | None) -> tuple[Node, ...]:
    """The items of a list; anything else is a list of one, and None an empty one."""
    if isinstance(node, Items):
        return node.items
    return () if node is None else (node,)


def hours_of(node: Node | None) -> dt.timedelta | None:
    """The length of time that a number of hours says, None where there is no number."""
    if not isinstance(node, Scalar) or not isinstance(node.value, float):
        return None
    return dt.timedelta(hours=node.value)


def scalars_of(node: Node | None) -> tuple[Scalar, ...]:
    """The texts among `items_of`."""
    return tuple(item for item in items_of(node) if isinstance(item, Scalar))


def said(node: Node | None) -> str:
    """The text of a scalar without the white space around it; empty for anything else.

    >>> said(Scalar(text=" Europe/Berlin", line=3, column=15))
    'Europe/Berlin'
    """
    return node.text.strip() if isinstance(node, Scalar) else ""


def find(tree: Node, path: Path) -> Node:
    """The node at *path*; where the path leads nowhere, the last one on the way."""
    node = tree
    for step in path:
        if isinstance(node, Keys) and isinstance(step, str) and step in node.entries:
            node = node.entries[step]
        elif isinstance(node, Items) and isinstance(step, int) and step < len(node.items):
            node = node.items[step]
    return node


def shown_path(path: Path) -> str:
    """A path for people, list items counted from 1.

    >>> shown_path(("bots", "bakery", "pages", 0))
    'bots.bakery.pages[1]'
    """
    return "".join(f"[{step + 1}]" if isinstance(step, int) else f".{shown(step)}" for step in path).lstrip(".")


def shown(text: str) -> str:
    r"""The beginning of *text* in one line, with what cannot be seen spelled out.

    >>> shown("two\u00a0words\nand more")
    'two\\xa0words…'
    """
    stripped = text.strip(" \t\r\n")
    first = stripped.splitlines()[0] if stripped else ""
    cut = first[:_SHOWN]
    visible = "".join(char if char.isprintable() else ascii(char)[1:-1] for char in cut)
    return visible if cut == stripped else f"{visible}…"
