"""The shape of bots.yaml: one JSON Schema, checked by jsonschema, its complaints told in words and with places."""

import json
import re
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any, Final

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

from botkit.config.nodes import Items, Keys, Node, Scalar
from botkit.config.problems import Problems, meant

_TRUE: Final = frozenset({"true", "yes", "on"})
_FALSE: Final = frozenset({"false", "no", "off"})
_WORDS: Final[Mapping[str, str]] = {
    "string": "a text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "array": "a list",
    "object": "keys with values",
}

# A JSON Schema is JSON: what stands in it is looked up by key.
Schema = Mapping[str, Any]


def schema_text() -> str:
    """The JSON Schema of bots.yaml, as it stands in the package."""
    return (files("botkit.config") / "schema.json").read_text("utf-8")


@cache
def _schema() -> Schema:
    schema: Schema = json.loads(schema_text())
    return schema


def check(tree: Node, problems: Problems) -> object:
    """The tree as plain values, numbers and booleans converted; what does not fit is added to *problems*."""
    value = _plain(tree, _schema())
    for error in Draft202012Validator(_schema()).iter_errors(value):
        for one in _relevant(error):
            _tell(one, tree, problems)
    return value


def _resolved(schema: Schema) -> Schema:
    while "$ref" in schema:
        schema = _schema()["$defs"][schema["$ref"].rpartition("/")[2]]
    return schema


def _branch(schema: Schema, kind: str) -> Schema:
    """The alternative of *schema* that a node of *kind* (string, array, object) can be meant to be."""
    schema = _resolved(schema)
    for alternative in schema.get("anyOf", ()):
        if _resolved(alternative).get("type") == kind:
            return _resolved(alternative)
    return schema


def _plain(node: Node, schema: Schema) -> object:
    if isinstance(node, Items):
        inner = _branch(schema, "array").get("items", {})
        return [_plain(item, inner) for item in node.items]
    if isinstance(node, Keys):
        schema = _branch(schema, "object")
        known, others = schema.get("properties", {}), schema.get("additionalProperties")
        fallback = others if isinstance(others, dict) else {}
        return {key: _plain(value, known.get(key, fallback)) for key, value in node.entries.items()}
    return _converted(node.text, _resolved(schema).get("type", "string"))


def _converted(text: str, wanted: object) -> object:
    stripped = text.strip()
    if wanted == "integer" and re.fullmatch(r"[+-]?[0-9]{1,18}", stripped):
        return int(stripped)
    if wanted == "number" and re.fullmatch(r"[+-]?[0-9]{1,18}(\.[0-9]{1,18})?", stripped):
        return float(stripped)
    if wanted == "boolean" and stripped.lower() in _TRUE | _FALSE:
        return stripped.lower() in _TRUE
    return text


def _relevant(error: ValidationError) -> list[ValidationError]:
    """Of an alternative that fits none, the complaints of the one that was meant: the one of the node's own kind."""
    if error.validator != "anyOf" or not error.context:
        return [error]
    kind = _kind(error.instance)
    for number, branch in enumerate(_of(error)["anyOf"]):
        if _resolved(branch).get("type") == kind:
            inner = [one for one in error.context if one.schema_path[0] == number]
            return [deeper for one in inner for deeper in _relevant(one)]
    return [error]


def _kind(value: object) -> str:
    return "object" if isinstance(value, dict) else "array" if isinstance(value, list) else "string"


def find(tree: Node, path: list[str | int]) -> Node:
    """The node at *path*; where the path leads nowhere, the last one on the way."""
    node = tree
    for step in path:
        if isinstance(node, Keys) and isinstance(step, str) and step in node.entries:
            node = node.entries[step]
        elif isinstance(node, Items) and isinstance(step, int) and step < len(node.items):
            node = node.items[step]
    return node


def named(path: list[str | int]) -> str:
    """A path for people: ``bots.bakery.phrases[2]``, counted from 1."""
    text = ""
    for step in path:
        text += f"[{step + 1}]" if isinstance(step, int) else f".{step}"
    return text.lstrip(".")


def _tell(error: ValidationError, tree: Node, problems: Problems) -> None:
    path = list(error.absolute_path)
    node = find(tree, path)
    if error.validator == "additionalProperties":
        _tell_unknown(error, node, path, problems)
        return
    problems.add(node.line, node.column, named(path), _said(error, node))


def _tell_unknown(error: ValidationError, node: Node, path: list[str | int], problems: Problems) -> None:
    known = list(_of(error).get("properties", ()))
    assert isinstance(node, Keys)
    for key, scalar in node.keys.items():
        if key in known:
            continue
        empty = isinstance(node.entries[key], Scalar) and not str(getattr(node.entries[key], "text", "")).strip()
        if node.flow and empty:
            text = f'a text that begins with {{ needs quotes around it: "{{{key}}} …"'
            problems.add(node.line, node.column, named(path), text)
        else:
            text = f'unknown key "{key}"{meant(key, known)}'
            problems.add(scalar.line, scalar.column, named(path), text)


def _of(error: ValidationError) -> Schema:
    """The part of the schema that was not met."""
    part = error.schema
    return part if isinstance(part, dict) else {}


def _said(error: ValidationError, node: Node) -> str:
    found = "nothing" if isinstance(node, Scalar) and not node.text else _found(node)
    part: Any = error.validator_value
    expected = _of(error).get("x-expected")
    match str(error.validator):
        case "required":
            missing = next(key for key in part if not (isinstance(node, Keys) and key in node.entries))
            return f'the key "{missing}" is missing'
        case "type":
            return f"expected {expected or _WORDS[part]}, found {found}"
        case "enum" | "const" as kind:
            allowed = part if kind == "enum" else [part]
            return f"expected {' or '.join(map(str, allowed))}, found {found}"
        case "minItems" | "minProperties":
            return "at least one is needed here"
        case "minimum" | "maximum" | "exclusiveMinimum" as kind:
            bound = {"minimum": "at least", "maximum": "at most", "exclusiveMinimum": "more than"}[kind]
            return f"expected {bound} {part}, found {found}"
        case _:
            return f"expected {expected or 'something else'}, found {found}"


def _found(node: Node) -> str:
    if isinstance(node, Scalar):
        shown = node.text.strip().splitlines()[0] if node.text.strip() else ""
        return f'"{shown[:40]}"'
    return "a list" if isinstance(node, Items) else "keys with values"
