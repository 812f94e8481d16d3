"""The JSON Schema of bots.yaml: what it says of a place in the file, and whether a value fits it."""

import json
import re
from collections.abc import Iterable, Mapping
from functools import cache
from importlib.resources import files
from typing import Any, Final, TypeAlias

from botkit.config.translations import is_by_language

# A JSON Schema is JSON: what stands in it is looked up by key.
Schema: TypeAlias = Mapping[str, Any]

_TYPES: Final[Mapping[str, type | tuple[type, ...]]] = {
    "object": dict,
    "array": list,
    "string": str,
    "boolean": bool,
    "integer": int,
    "number": (int, float),
}


def schema_text() -> str:
    """The JSON Schema of bots.yaml, as it stands in the package."""
    return (files("botkit.config") / "schema.json").read_text("utf-8")


def bot_schema_text() -> str:
    """The JSON Schema of bots/NAME.yaml, which holds what stands below one name in bots.yaml."""
    schema = json.loads(schema_text())
    head = {"$schema": schema["$schema"], "title": "bots/NAME.yaml", "description": "One bot, called as its file is."}
    return json.dumps({**head, "$ref": "#/$defs/bot", "$defs": schema["$defs"]}, indent=2, ensure_ascii=False)


@cache
def _whole() -> Schema:
    schema: dict[str, Any] = json.loads(schema_text())
    # Here every reference has been followed, or its text is broken: what still looks like one is none.
    schema["$defs"]["reference"] = False
    return schema


@cache
def part(definition: str) -> Schema:
    """The whole schema, or with *definition* that part of it."""
    return {"$ref": f"#/$defs/{definition}", "$defs": _whole()["$defs"]} if definition else _whole()


# What it says of a place


def resolved(schema: Any) -> Schema:
    """*schema*, its references followed; nothing where it is no object."""
    while isinstance(schema, dict) and "$ref" in schema:
        schema = _defined(schema["$ref"])
    return schema if isinstance(schema, dict) else {}


def _defined(reference: str) -> Any:
    return _whole()["$defs"][reference.rpartition("/")[2]]


def alternatives(schema: Any) -> list[Schema]:
    """What a node may be by *schema*, references followed."""
    found = resolved(schema)
    return [one for inner in found["anyOf"] for one in alternatives(inner)] if "anyOf" in found else [found]


def branch(schema: Any, kind: str, keys: Iterable[str] = ()) -> Schema:
    """What *schema* says of a node of *kind* (array, or object with such *keys*)."""
    found = [one for one in alternatives(schema) if one.get("type") == kind]
    by_language = next((one for one in found if one.get("x-languages")), {})
    if by_language and is_by_language(keys):
        return by_language
    return next((one for one in found if one is not by_language), {})


def meant_for(value: object, schema: Any) -> Schema:
    """The alternative that was meant by *value*, a list or an object; nothing where there is none of that kind."""
    return branch(schema, "object", value) if isinstance(value, dict) else branch(schema, "array")


def takes_text(schema: Any) -> bool:
    """Whether a node may be a text by *schema*."""
    return any("string" in one.get("type", ()) for one in alternatives(schema))


# Whether a value fits


def fits(value: object, schema: Any) -> bool:
    """Whether *value* is as *schema* says, by the keywords that ours is written with.

    Why one does not fit is for jsonschema to say: it tells all, and takes longer to load than most files to read.
    """
    return schema if isinstance(schema, bool) else _is_meant(value, schema) and _holds(value, schema)


def _is_meant(value: object, schema: Schema) -> bool:
    return (
        ("$ref" not in schema or fits(value, _defined(schema["$ref"])))
        and ("anyOf" not in schema or _fits_one(value, schema))
        and ("type" not in schema or _is_one_of(schema["type"], value))
        and value in schema.get("enum", (value,))
        and value == schema.get("const", value)
    )


def _fits_one(value: object, schema: Schema) -> bool:
    """Whether *value* is as the alternative says that was meant."""
    if isinstance(value, (dict, list)):
        return bool(meant := meant_for(value, schema)) and fits(value, meant)
    return any(fits(value, one) for one in schema["anyOf"])


def _is_one_of(types: str | list[str], value: object) -> bool:
    names = [types] if isinstance(types, str) else types
    # To Python True is a number, to JSON it is none.
    return any(isinstance(value, _TYPES[one]) and (one == "boolean") == isinstance(value, bool) for one in names)


def _holds(value: object, schema: Schema) -> bool:
    if isinstance(value, dict):
        return _keys_fit(value, schema)
    if isinstance(value, list):
        return _items_fit(value, schema)
    return _text_fits(value, schema) if isinstance(value, str) else _number_fits(value, schema)


def _keys_fit(value: Mapping[str, object], schema: Schema) -> bool:
    known, others = schema.get("properties", {}), schema.get("additionalProperties", True)
    if len(value) < schema.get("minProperties", 0) or not value.keys() >= set(schema.get("required", ())):
        return False
    names = schema.get("propertyNames", True)
    return all(fits(key, names) and fits(inner, known.get(key, others)) for key, inner in value.items())


def _items_fit(value: list[object], schema: Schema) -> bool:
    items = schema.get("items", True)
    return len(value) >= schema.get("minItems", 0) and all(fits(item, items) for item in value)


def _text_fits(value: str, schema: Schema) -> bool:
    if len(value) > schema.get("maxLength", len(value)):
        return False
    return "pattern" not in schema or re.search(schema["pattern"], value) is not None


def _number_fits(value: Any, schema: Schema) -> bool:
    if "exclusiveMinimum" in schema and not value > schema["exclusiveMinimum"]:
        return False
    return bool(schema.get("minimum", value) <= value <= schema.get("maximum", value))
