"""The shape of bots.yaml: values converted as the schema says, and what does not fit taken out."""

import re
from typing import Final, TypeAlias

from attrs import evolve

from botkit.config.nodes import Broken, Items, Keys, Node, Path, Scalar
from botkit.config.problems import Problems, cut_off
from botkit.config.schema import Schema, alternatives, branch, fits, part

# Which nodes to break: by each step of their paths, and None at the end.
_Marks: TypeAlias = "dict[str | int | None, _Marks]"

_BOOLEANS: Final = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}
_INTEGER: Final = re.compile(r"[+-]?[0-9]{1,15}")
_NUMBER: Final = re.compile(r"[+-]?[0-9]{1,15}(\.[0-9]{1,15})?")


def shaped(tree: Node, problems: Problems, definition: str = "") -> Node:
    """The tree with its values converted and what does not fit broken; each of those is added to *problems*.

    It is that of a bots.yaml, or of what the *definition* of the schema is about.
    """
    typed = _typed(tree, part(definition), (), problems)
    value = _plain(typed)
    if fits(value, part(definition)):
        return typed
    # jsonschema takes longer to load than most files take to read.
    from botkit.config.complaints import complaints  # noqa: PLC0415 - see above

    broken: _Marks = {}
    for path in complaints(value, typed, problems, definition):
        _mark(broken, path)
    return _pruned(typed, broken)


# Values


def _typed(node: Node, schema: object, path: Path, problems: Problems) -> Node:
    if isinstance(node, Items):
        inner = branch(schema, "array").get("items", {})
        items = (_typed(item, inner, (*path, number), problems) for number, item in enumerate(node.items))
        return evolve(node, items=tuple(items))
    if isinstance(node, Keys):
        schema = branch(schema, "object", node.entries)
        known, others = schema.get("properties", {}), schema.get("additionalProperties", {})
        entries = {
            key: _typed(inner, known.get(key, others), (*path, key), problems) for key, inner in node.entries.items()
        }
        return evolve(node, entries=entries)
    if isinstance(node, Scalar):
        return _scalar(node, alternatives(schema), path, problems)
    return node


def _scalar(scalar: Scalar, alternatives: list[Schema], path: Path, problems: Problems) -> Node:
    is_said = any(one.get("x-said") for one in alternatives)
    if is_said and scalar.comment is not None and (scalar.text or _is_glued(scalar.comment, problems)):
        problems.add(scalar.comment if scalar.text else scalar, path, cut_off(scalar))
        return Broken(line=scalar.line, column=scalar.column)
    return evolve(scalar, value=_converted(scalar.text, [one.get("type") for one in alternatives]))


def _is_glued(comment: tuple[int, int], problems: Problems) -> bool:
    """Whether a text stands directly behind the ``#``, as in ``#1``, so that it was hardly meant as a comment."""
    line, column = comment
    return bool(problems.lines[line - 1][column : column + 1].strip())


def _converted(text: str, kinds: list[object]) -> object:
    stripped = text.strip()
    if "integer" in kinds and _INTEGER.fullmatch(stripped):
        return int(stripped)
    if "number" in kinds and _NUMBER.fullmatch(stripped):
        return float(stripped)
    if "boolean" in kinds:
        return _BOOLEANS.get(stripped.lower(), text)
    return text


def _plain(node: Node) -> object:
    if isinstance(node, Items):
        return [_plain(item) for item in node.items]
    if isinstance(node, Keys):
        return {key: _plain(inner) for key, inner in node.entries.items()}
    return node.value if isinstance(node, Scalar) else None


# Pruning


def _mark(marks: _Marks, path: Path) -> None:
    for step in path:
        marks = marks.setdefault(step, {})
    marks[None] = {}


def _pruned(node: Node, marks: _Marks) -> Node:
    """The tree with Broken in the place of every marked node."""
    if None in marks:
        return Broken(line=node.line, column=node.column)
    if isinstance(node, Items) and marks:
        items = (_pruned(item, marks[number]) if number in marks else item for number, item in enumerate(node.items))
        return evolve(node, items=tuple(items))
    if isinstance(node, Keys) and marks:
        absent = {str(key): Broken(line=node.line, column=node.column) for key in marks if key not in node.entries}
        kept = {key: _pruned(inner, marks[key]) if key in marks else inner for key, inner in node.entries.items()}
        return evolve(node, entries={**kept, **absent})
    return node
