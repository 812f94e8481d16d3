"""Compact JSON: what the standard library writes, quicker."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from botkit.compact import ascii_json, unicode_json

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
