"""The keys of bots.yaml."""

import json
from collections.abc import Iterator, Mapping
from typing import Any

from botkit.config import schema_text

_Schema = Mapping[str, Any]


def yaml_page() -> str:
    """Every key of bots.yaml, below the part of the file where it stands."""
    schema = json.loads(schema_text())
    text = [
        "# Keys of bots.yaml",
        "What each key is for and what it takes. [bots.yaml](../yaml.md) tells how they are used.",
    ]
    for title, part in _parts("At the top", schema):
        text += [f"## {title}", *_keys(part, schema)]
    return "\n\n".join(text)


def _parts(title: str, part: _Schema) -> Iterator[tuple[str, _Schema]]:
    """Everything that has keys: first *part* itself, then what stands in it by name."""
    if _properties(part):
        yield title, part
    for name, inner in {**_properties(part), **part.get("$defs", {})}.items():
        yield from _parts(f"In {name}", inner)


def _properties(part: _Schema) -> dict[str, _Schema]:
    return {
        name: inner for branch in (part, *part.get("anyOf", ())) for name, inner in branch.get("properties", {}).items()
    }


def _keys(part: _Schema, schema: _Schema) -> Iterator[str]:
    needed = part.get("required", ())
    for name, value in _properties(part).items():
        takes = f"Takes {_expected(value, schema)}{'; must be there' if name in needed else ''}."
        yield "\n\n".join(filter(None, (f"### {name}", value.get("description"), takes)))


def _expected(value: _Schema, schema: _Schema) -> str:
    """What a value may be, in words; a reference's own, unless the key says it better."""
    expected = None
    while "$ref" in value:
        expected = expected or value.get("x-expected")
        value = schema["$defs"][value["$ref"].rpartition("/")[2]]
    told = str(expected or value.get("x-expected") or value.get("type", "a value"))
    return f"{told}; or that by language" if _is_by_language(value, schema) else told


def _is_by_language(value: _Schema, schema: _Schema) -> bool:
    each = (schema["$defs"].get(one.get("$ref", "").rpartition("/")[2], one) for one in value.get("anyOf", ()))
    return any(one.get("x-languages") for one in each)
