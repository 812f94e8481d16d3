"""Compact JSON: what the standard library writes and reads, quicker."""

import json
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from botkit.compact import ascii_json, read_json, unicode_json

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
)


@given(VALUES)
def test_it_is_what_the_standard_library_writes(value: object) -> None:
    assert ascii_json(value) == json.dumps(value, separators=(",", ":"))
    assert unicode_json(value) == json.dumps(value, separators=(",", ":"), ensure_ascii=False)


def test_what_json_cannot_hold_is_refused_each_time() -> None:
    for _ in range(2):
        with pytest.raises(TypeError, match="set is not JSON serializable"):
            ascii_json([{1}])


def test_what_contains_itself_is_refused() -> None:
    endless: list[object] = []
    endless.append(endless)
    with pytest.raises(RecursionError):
        ascii_json(endless)


@given(VALUES, st.sampled_from(["", " ", "\n"]), st.sampled_from(["", " ", "\t\n", "x", "]"]))
def test_it_is_what_the_standard_library_reads(value: object, before: str, behind: str) -> None:
    text = before + json.dumps(value) + behind
    assert read(read_json, text) == read(json.loads, text)


@pytest.mark.parametrize("text", ["", " ", "[", "[1] [2]", "nul", "\ufeff1"])
def test_what_is_no_json_is_refused_likewise(text: str) -> None:
    assert read(read_json, text) == read(json.JSONDecoder().decode, text)


def read(reader: Callable[[str], object], text: str) -> str:
    """What comes out, or why nothing does."""
    try:
        return repr(reader(text))
    except json.JSONDecodeError as error:
        return str(error)
