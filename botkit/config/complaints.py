"""What is wrong with the shape of bots.yaml: jsonschema's complaints, told in words and with places."""

import re
from collections.abc import Iterator
from functools import cache
from typing import Final

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError
from jsonschema.validators import extend

from botkit.config.nodes import Broken, Items, Keys, Node, Path, Scalar, find, shown
from botkit.config.problems import Problems, closest, is_secret
from botkit.config.schema import Schema, branch, meant_for, part, takes_text
from botkit.config.translations import is_by_language

_GLUED: Final = re.compile(r"([\w-]{1,40}):(?!//)\S")
#: Where the complaints of the alternative come from that was meant.
_MEANT: Final = -1


def complaints(value: object, tree: Node, problems: Problems, definition: str) -> Iterator[Path]:
    """Tell all that *definition* finds wrong with *value*, that of *tree*, and give the paths of what is broken."""
    for error in _validator(definition).iter_errors(value):
        yield from _tell(error, tree, problems)


@cache
def _validator(definition: str) -> Draft202012Validator:
    lazy: type[Draft202012Validator] = extend(  # type: ignore[no-untyped-call]  # jsonschema's own types leave it out
        Draft202012Validator, {"anyOf": _any_of, "propertyNames": _later}
    )
    return lazy(part(definition))


def _any_of(
    validator: Draft202012Validator, alternatives: list[Schema], instance: object, schema: Schema
) -> Iterator[ValidationError]:
    """What is wrong with *instance*, one complaint after the other, by the alternative that was meant.

    jsonschema's own ``anyOf`` collects the complaints of every alternative before it gives the first one away.
    """
    if not isinstance(instance, (dict, list)):
        yield from Draft202012Validator.VALIDATORS["anyOf"](validator, alternatives, instance, schema)
        return
    meant = meant_for(instance, schema)
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
        return _glued(node.text) if node.style == "plain" and not takes_text(schema) else ""
    if isinstance(node, Items) and takes_text(schema) and node.flow and not branch(schema, "array"):
        return "a text that begins with [ needs quotes around it"
    if isinstance(node, Keys) and takes_text(schema) and node.entries:
        return _trap_of_keys(node, tuple(branch(schema, "object").get("properties", ())))
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
