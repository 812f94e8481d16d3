"""Meanings: a table of words as bytes, read in place."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from botkit.language.likeness.meanings import LEVELS, Meanings, MeaningsError, packed

WORDS = ["carriage", "kettle", "wagon"]
DIRECTIONS = np.array([[7, 1, 0, -7], [-3.5, 3.5, 0, 0], [6, 2, 0, -7]], np.float32)
CONTENT = packed("en", WORDS, DIRECTIONS)


def test_words_point_where_they_were_packed_to() -> None:
    """Each word's direction comes back, as exactly as four bits tell."""
    table = Meanings.read(CONTENT)
    assert table.language == "en"
    assert [table.together([word])[0].tolist() for word in WORDS] == DIRECTIONS.tolist()


def test_several_words_point_to_the_sum_of_theirs() -> None:
    """A word that comes twice counts twice, and a word that is not in the table not at all."""
    together, covered = Meanings.read(CONTENT).together(["wagon", "teapot", "wagon", "kettle"])
    assert covered == 3
    assert together.tolist() == (2 * DIRECTIONS[2] + DIRECTIONS[1]).tolist()


def test_words_that_are_not_in_the_table_point_nowhere() -> None:
    """What is not covered adds nothing, whatever it is."""
    table = Meanings.read(CONTENT)
    assert not table.covers("teapot")
    together, covered = table.together(["teapot", "", "kettle\nwagon"])
    assert (together.tolist(), covered) == ([0, 0, 0, 0], 0)


def test_another_table_has_another_version() -> None:
    """Models learned with one table are never taken for those of another."""
    changed = DIRECTIONS.copy()
    changed[1, 1] = 2
    assert Meanings.read(packed("en", WORDS, changed)).version != Meanings.read(CONTENT).version
    assert Meanings.read(CONTENT).version == Meanings.read(bytes(CONTENT)).version


@pytest.mark.parametrize("end", [0, 5, 20, 60, len(CONTENT) - 1])
def test_a_table_that_is_cut_off_is_refused(end: int) -> None:
    """Half a table is no table."""
    with pytest.raises(MeaningsError):
        Meanings.read(CONTENT[:end])


@given(at=st.integers(0, len(CONTENT) - 1), bit=st.integers(0, 7))
def test_a_table_with_a_changed_bit_is_refused(at: int, bit: int) -> None:
    """No change goes unseen, wherever it is."""
    changed = bytearray(CONTENT)
    changed[at] ^= 1 << bit
    with pytest.raises(MeaningsError):
        Meanings.read(bytes(changed))


@given(
    st.lists(
        st.lists(st.floats(-9, 9, width=32), min_size=4, max_size=4), min_size=3, max_size=3
    )
)  # fmt: skip
def test_packing_moves_no_number_by_more_than_half_a_step(rows: list[list[float]]) -> None:
    """What four bits cannot tell is at most half of a seventh of the word's largest number."""
    directions = np.array(rows, np.float32)
    table = Meanings.read(packed("en", WORDS, directions))
    found = np.stack([table.together([word])[0] for word in WORDS])
    step = np.maximum(np.abs(directions).max(axis=1, keepdims=True), 1e-4) / LEVELS
    # The scale itself is kept in sixteen bits.
    assert (np.abs(found - directions) <= step * (0.5 + LEVELS / 1_000) + 1e-6).all()
