"""Plain values: what passes, what is refused, and how the complaint names the place."""

import enum
import json
from collections import OrderedDict
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from botkit.plain import DEPTH_LIMIT, NotPlain, plain

JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


class Colour(enum.StrEnum):
    RED = "red"


def nested(depth: int) -> object:
    value: object = 1
    for _ in range(depth):
        value = [value]
    return value


@given(JSON_VALUES)
def test_a_plain_value_comes_back_from_json_as_its_copy(value: object) -> None:
    """Whatever is plain is copied as JSON would give it back."""
    assert plain(value) == json.loads(json.dumps(value))


def test_the_copy_shares_no_container_with_its_original() -> None:
    """A change of the original after the copy is not seen in the copy."""
    original: dict[str, object] = {"basket": [["bread"]]}

    copied = plain(original)
    original["basket"] = None

    assert copied == {"basket": [["bread"]]}


@pytest.mark.parametrize(
    "value",
    [{1, 2}, (1, 2), b"a", Decimal(1), datetime(2031, 5, 6, tzinfo=UTC), Colour.RED, OrderedDict(a=1)],
    ids=lambda value: type(value).__name__,
)
def test_a_type_that_json_lacks_is_refused_by_its_name(value: object) -> None:
    """Whatever would come back as another type, or not at all, is refused."""
    with pytest.raises(NotPlain) as caught:
        plain(value)

    kind = type(value).__name__
    assert caught.value.about("x") == (
        f"x is of type {kind}, which JSON cannot hold; use text, numbers, lists or dicts"
    )


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
def test_a_number_that_is_not_finite_is_refused(value: float) -> None:
    """JSON has no such numbers, although Python would write them."""
    with pytest.raises(NotPlain) as caught:
        plain(value)

    assert caught.value.about("x") == "x is a number that JSON cannot hold, because it is not finite"


def test_a_number_that_python_refuses_to_write_is_refused() -> None:
    """Thousands of digits would fail when the session is written."""
    with pytest.raises(NotPlain) as caught:
        plain(1 << 20_000)

    assert caught.value.about("x") == "x is a number of thousands of digits, which JSON cannot hold"


@pytest.mark.parametrize(
    ("value", "start"),
    [
        ({3: "three"}, "x has a key of type int; JSON takes only text as keys"),
        ({"a": [0, {"b": {1}}]}, "x['a'][1]['b'] is of type set"),
        ({"k" * 90: {1}}, f"x['{'k' * 40}'] is of type set"),
    ],
)
def test_the_complaint_names_the_way_to_the_value(value: object, start: str) -> None:
    """Keys and indexes from the outermost value inward, each shortened to what a line can show."""
    with pytest.raises(NotPlain) as caught:
        plain(value)

    assert caught.value.about("x").startswith(start)


def test_nesting_is_bounded() -> None:
    """32 levels are taken, and 33 are not."""
    assert plain(nested(DEPTH_LIMIT)) == nested(DEPTH_LIMIT)
    with pytest.raises(NotPlain, match="more than 32 levels deep"):
        plain(nested(DEPTH_LIMIT + 1))


def test_a_list_that_contains_itself_is_refused() -> None:
    """A cycle is found by its depth and does not run for ever."""
    cycle: list[object] = []
    cycle.append(cycle)

    with pytest.raises(NotPlain, match="contains itself"):
        plain(cycle)


def test_the_longest_whole_numbers_taken_can_be_written() -> None:
    """Python writes every whole number that is taken for plain."""
    longest = (1 << 14_000) - 1

    assert json.loads(json.dumps(plain(longest))) == longest
