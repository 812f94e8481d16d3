"""The shape of bots.yaml: one JSON Schema, checked by jsonschema, its complaints told in words and with places."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from importlib.resources import files
from typing import Any, Final, TypeAlias

from attrs import evolve
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError
from jsonschema.validators import extend

from botkit.config.nodes import Broken, Items, Keys, Node, Path, Scalar, find, shown
from botkit.config.problems import Problems, closest, cut_off, is_secret
from botkit.config.translations import is_by_language

# A JSON Schema is JSON: what stands in it is looked up by key.
Schema = Mapping[str, Any]
# Which nodes to break: by each step of their paths, and None at the end.
_Marks: TypeAlias = "dict[str | int | None, _Marks]"

#: Where the complaints of the alternative come from that was meant.
_MEANT: Final = -1
_GLUED: Final = re.compile(r"([\w-]{1,40}):(?!//)\S")
_KINDS: Final[Mapping[type, str]] = {dict: "object", list: "array"}
_BOOLEANS: Final = {"true": True, "yes": True, "on": True, "false": False, "no": False, "off": False}
_INTEGER: Final = re.compile(r"[+-]?[0-9]{1,15}")
_NUMBER: Final = re.compile(r"[+-]?[0-9]{1,15}(\.[0-9]{1,15})?")


def schema_text() -> str:
    """The JSON Schema of bots.yaml, as it stands in the package."""
    return (files("botkit.config") / "schema.json").read_text("utf-8")


def bot_schema_text() -> str:
    """The JSON Schema of bots/NAME.yaml, which holds what stands below one name in bots.yaml."""
    schema = json.loads(schema_text())
    part = {"$schema": schema["$schema"], "title": "bots/NAME.yaml", "description": "One bot, called as its file is."}
    return json.dumps({**part, "$ref": "#/$defs/bot", "$defs": schema["$defs"]}, indent=2, ensure_ascii=False)


@cache
def _schema() -> Schema:
    schema: dict[str, Any] = json.loads(schema_text())
    # Here every reference has been followed, or its text is broken: what still looks like one is none.
    schema["$defs"]["reference"] = False
    return schema


def _any_of(
    validator: Draft202012Validator, alternatives: list[Schema], instance: object, schema: Schema
) -> Iterator[ValidationError]:
    """What is wrong with *instance*, one complaint after the other, by the alternative that was meant.

    jsonschema's own ``anyOf`` collects the complaints of every alternative before it gives the first one away.
    """
    kind = _KINDS.get(type(instance), "")
    if not kind:
        yield from Draft202012Validator.VALIDATORS["anyOf"](validator, alternatives, instance, schema)
        return
    meant = _branch(schema, kind, instance if isinstance(instance, dict) else ())
    if not meant:
        yield ValidationError("none is of that kind")
        return
    for error in validator.descend(instance, meant, schema_path=_MEANT):
        yield ValidationError("not of that kind", context=[error])


def _later(
    validator: Draft202012Validator, names: Schema, instance: object, schema: Schema
) -> Iterator[ValidationError]:
    """Nothing: whoever reads what is written in several languages knows more of them than a pattern says."""
    yield from ()


@cache
def _part(definition: str) -> Schema:
    """The whole schema, or with *definition* that part of it."""
    return {"$ref": f"#/$defs/{definition}", "$defs": _schema()["$defs"]} if definition else _schema()


@cache
def _validator(definition: str) -> Draft202012Validator:
    lazy: type[Draft202012Validator] = extend(  # type: ignore[no-untyped-call]  # jsonschema's own types leave it out
        Draft202012Validator, {"anyOf": _any_of, "propertyNames": _later}
    )
    return lazy(_part(definition))


def shaped(tree: Node, problems: Problems, definition: str = "") -> Node:
    """The tree with its values converted and what does not fit broken; each of those is added to *problems*.

    It is that of a bots.yaml, or of what the *definition* of the schema is about.
    """
    typed = _typed(tree, _part(definition), (), problems)
    broken: _Marks = {}
    for error in _validator(definition).iter_errors(_plain(typed)):
        for path in _tell(error, typed, problems):
            _mark(broken, path)
    return _pruned(typed, broken)


def _resolved(schema: Any) -> Schema:
    while isinstance(schema, dict) and "$ref" in schema:
        schema = _schema()["$defs"][schema["$ref"].rpartition("/")[2]]
    return schema if isinstance(schema, dict) else {}


def _alternatives(schema: Any) -> list[Schema]:
    """What a node may be by *schema*, references followed."""
    resolved = _resolved(schema)
    return [one for inner in resolved["anyOf"] for one in _alternatives(inner)] if "anyOf" in resolved else [resolved]


def _branch(schema: Any, kind: str, keys: Iterable[str] = ()) -> Schema:
    """What *schema* says of a node of *kind* (array, or object with such *keys*)."""
    found = [one for one in _alternatives(schema) if one.get("type") == kind]
    by_language = next((one for one in found if one.get("x-languages")), {})
    if by_language and is_by_language(keys):
        return by_language
    return next((one for one in found if one is not by_language), {})


def _takes_text(schema: Any) -> bool:
    return any("string" in one.get("type", ()) for one in _alternatives(schema))


# Values


def _typed(node: Node, schema: Any, path: Path, problems: Problems) -> Node:
    if isinstance(node, Items):
        inner = _branch(schema, "array").get("items", {})
        items = (_typed(item, inner, (*path, number), problems) for number, item in enumerate(node.items))
        return evolve(node, items=tuple(items))
    if isinstance(node, Keys):
        schema = _branch(schema, "object", node.entries)
        known, others = schema.get("properties", {}), schema.get("additionalProperties", {})
        entries = {
            key: _typed(inner, known.get(key, others), (*path, key), problems) for key, inner in node.entries.items()
        }
        return evolve(node, entries=entries)
    if isinstance(node, Scalar):
        return _scalar(node, _alternatives(schema), path, problems)
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


# Complaints


def _tell(error: ValidationError, tree: Node, problems: Problems) -> Iterator[Path]:
    """Tell one of the validator's complaints, and give the paths of what it is about."""
    path = tuple(error.absolute_path)
    node = find(tree, path)
    if isinstance(node, Broken):
        return
    schema: Schema = error.schema if isinstance(error.schema, dict) else {}
    inner = _of_branch(error, node, schema)
    for one in inner:
        yield from _tell(one, tree, problems)
    if not inner and error.validator == "additionalProperties" and isinstance(node, Keys):
        yield from _tell_unknown(node, path, tuple(schema.get("properties", ())), problems)
    elif not inner and error.validator == "required" and isinstance(node, Keys):
        _tell_missing(node, path, schema, problems)
    elif not inner:
        problems.add(node, path, _said(error, node, schema, path))
        yield path


def _of_branch(error: ValidationError, node: Node, schema: Schema) -> list[ValidationError]:
    """Of several alternatives the complaints of the one that was meant: the one of the node's own kind."""
    kind = "object" if isinstance(node, Keys) else "array" if isinstance(node, Items) else ""
    if error.validator != "anyOf" or not kind or _trap(node, schema):
        return []
    return [one for one in error.context or () if one.schema_path[0] == _MEANT]


def _tell_unknown(node: Keys, path: Path, known: tuple[str, ...], problems: Problems) -> Iterator[Path]:
    for key, place in node.keys.items():
        if key in known:
            continue
        yield (*path, key)
        if (told := _glued(key)) and node.flow:
            problems.add(place, path, told)
            continue
        problems.add(place, path, f'unknown key "{shown(key)}"', word=key, known=known)
        # Whoever misses what was meant by it is not to complain once more.
        if (meant := closest(key, known)) is not None and meant not in node.entries:
            yield (*path, meant)


def _tell_missing(node: Keys, path: Path, schema: Schema, problems: Problems) -> None:
    for key in schema["required"]:
        # A key that looks like the missing one is unknown, and is told as that.
        if key not in node.entries and closest(key, node.keys) is None:
            hint = "; write version: 1 at the top" if key == "version" else ""
            problems.add(node, path, f'the key "{key}" is missing{hint}')


def _said(error: ValidationError, node: Node, schema: Schema, path: Path) -> str:
    """What to tell about a node that is not as *schema* says."""
    if error.validator == "maxLength":
        return f"this is longer than {schema['maxLength']:,} characters"
    if error.validator in ("minItems", "minProperties"):
        return "there is nothing in here; write at least one"
    return _trap(node, schema) or f"expected {schema.get('x-expected', 'something else')}, found {_found(node, path)}"


def _trap(node: Node, schema: Schema) -> str:
    """What to tell about something that was meant as a text and read as something else; empty where nothing was."""
    if isinstance(node, Scalar):
        return _glued(node.text) if node.style == "plain" and not _takes_text(schema) else ""
    if isinstance(node, Items) and _takes_text(schema) and node.flow and not _branch(schema, "array"):
        return "a text that begins with [ needs quotes around it"
    if isinstance(node, Keys) and _takes_text(schema) and node.entries:
        return _trap_of_keys(node, tuple(_branch(schema, "object").get("properties", ())))
    return ""


def _glued(text: str) -> str:
    found = _GLUED.match(text)
    return f'a space is missing behind "{found[1]}:"' if found else ""


def _trap_of_keys(node: Keys, known: tuple[str, ...]) -> str:
    if is_by_language(node.entries):
        return ""
    first = next(iter(node.entries.values()))
    if node.flow and isinstance(first, Scalar) and not first.text:
        return "a text that begins with { needs quotes around it"
    key = next(iter(node.keys.values()))
    if node.flow and (key.line, key.column) != (node.line, node.column):
        return ""  # in braces that somebody has typed, a colon is meant
    is_meant = any(key in known or closest(key, known) for key in node.entries)
    return "" if is_meant else 'a text with ": " in it needs quotes around it'


def _found(node: Node, path: Path) -> str:
    if isinstance(node, Scalar) and not node.text.strip():
        return "nothing"
    if is_secret(path):
        return "something else"
    if isinstance(node, Scalar):
        return "something else behind the reference" if node.secret else f'"{shown(node.text)}"'
    if isinstance(node, Keys) and node.entries:
        return f'keys such as "{shown(next(iter(node.entries)))}:"'
    return "a list" if isinstance(node, Items) else "nothing"


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
