"""Work: the table of delivery states and the ids that make a reply leave once."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from botkit.events import Address
from botkit.work import MOVES, OPEN, STATE_OF_STATUS, Allowance, DeliveryState, delivery_id, may_move

ANNA = Address("messenger", "page-1", "anna")
FORWARD: list[DeliveryState] = ["queued", "sending", "sent", "delivered", "read"]


def test_the_table_names_every_state_it_leads_to() -> None:
    """No move ends in a state that has no row."""
    assert frozenset().union(*MOVES.values()) <= MOVES.keys()


def test_a_delivery_never_moves_back_once_it_was_sent() -> None:
    """Statuses that come late or out of order cannot undo a later state."""
    backward = [
        (old, new)
        for at, old in enumerate(FORWARD)
        for new in FORWARD[: at + 1]
        if may_move(old, new) and (old, new) != ("sending", "queued")
    ]

    assert backward == []


def test_only_open_states_may_still_be_posted() -> None:
    """What is no longer open can never be sent again."""
    assert {state for state, after in MOVES.items() if "sending" in after or state == "sending"} == OPEN


def test_a_status_moves_what_is_being_sent() -> None:
    """Every status word that means a state may come while the POST is still under way, or in doubt."""
    assert all(may_move("sending", state) and may_move("in_doubt", state) for state in STATE_OF_STATUS.values())


def test_a_delivery_id_fits_every_version_of_the_api() -> None:
    """An id is 32 hex digits."""
    assert re.fullmatch("[0-9a-f]{32}", delivery_id(ANNA, "m-1", "return.0", 0))


CAUSES = st.tuples(st.sampled_from(["anna", "bert"]), st.text(max_size=3), st.text(max_size=3), st.integers(0, 3))


@given(CAUSES, CAUSES)
def test_a_delivery_id_is_fixed_by_its_cause(one: tuple[str, str, str, int], other: tuple[str, str, str, int]) -> None:
    """The same cause gives the same id, and another cause another one."""
    ids = [
        delivery_id(Address("messenger", "1", user), cause, ordinal, part)
        for user, cause, ordinal, part in (one, other)
    ]

    assert (ids[0] == ids[1]) == (one == other)


@pytest.mark.parametrize(("page", "allowed"), [("1", 0), ("2", 3), ("3", 1)])
def test_a_page_that_is_not_named_has_the_allowance_of_others(page: str, allowed: int) -> None:
    """Named pages have what is said of them."""
    assert Allowance(pages={"1": 0, "2": 3}).of(page) == allowed
