"""The schema of bots.yaml: what fits it, by our own quick look and by jsonschema."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from botkit.config.schema import fits, part

ROOT = Path(__file__).parent.parent


def parts(schema: Any) -> list[dict[str, Any]]:
    """*schema* and every schema in it."""
    if not isinstance(schema, dict):
        return []
    named = [*schema.get("properties", {}).values(), *schema.get("$defs", {}).values()]
    inner = [*named, *schema.get("anyOf", ()), schema.get("items"), schema.get("additionalProperties")]
    return [schema, *(one for item in inner for one in parts(item))]


PARTS = parts(part(""))
SAYING_NOTHING = {"$defs", "$schema", "title", "description", "x-expected", "x-said"}
KEYWORDS = sorted({keyword for one in PARTS for keyword in one} - SAYING_NOTHING)
# What lies on either side of every line that the schema draws. A whole number is never read as 1.0.
BOUNDS = {one[key] for one in PARTS for key in ("minimum", "maximum", "exclusiveMinimum") if key in one}
LENGTHS = {one["maxLength"] for one in PARTS if "maxLength" in one}
VALUES = [
    *(bound + by for bound in BOUNDS for by in (-1, -0.5, 0, 0.5, 1) if isinstance(by, int) or bound + by < 10),
    *("https://x/".ljust(length + by, "y") for length in LENGTHS for by in (0, 1)),
    *(text for one in PARTS for text in one.get("enum", ())),
    *("", " ", "x", "X_1", "a b", "1", "+1", "${A}", "${A", "/x", "/x?y", "https://x.example/y", "http://x", "a.png"),
    *(None, True, False, [], ["x"], ["x", None], {}, {"x": "x"}, {"x": None}, {"version": 1}),
    *({"version": number, "bots": {"shop": {"fallback": "Hello"}}} for number in (1, 2, True)),
]


@pytest.mark.parametrize("keyword", KEYWORDS)
def test_every_keyword_means_what_it_means_to_jsonschema(keyword: str) -> None:
    """Whatever is held against a part of the schema that says it, the verdict is jsonschema's."""
    for one in PARTS:
        if keyword in one:
            judge = Draft202012Validator({**one, "$defs": part("")["$defs"]})
            for value in VALUES:
                assert fits(value, one) == judge.is_valid(value), (one, value)


def test_a_good_file_is_read_without_jsonschema() -> None:
    """Loading jsonschema takes longer than reading a file: only what is wrong with one is told with it."""
    code = "import sys; from botkit.loading import load; load('bots.yaml', secrets=False); print(*sys.modules)"
    said = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)

    assert {"botkit.config.shape", "jsonschema"} & set(said.stdout.split()) == {"botkit.config.shape"}
