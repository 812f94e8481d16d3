"""Events: addresses there and back, the window a message opens, and a status as an event."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from botkit.events import Address, Message, Status

NOON = datetime(2031, 5, 6, 12, 0, tzinfo=UTC)
ANNA = Address("messenger", "page-1", "anna")


@given(st.text(), st.text(), st.text())
def test_an_address_comes_back_from_its_key(channel: str, page: str, user: str) -> None:
    """Ids are opaque: whatever they hold, the key is read back as the same address."""
    address = Address(channel, page, user)

    assert Address.parse(address.key) == address


@given(*[st.tuples(st.text("a:%", max_size=3), st.text("a:%", max_size=3), st.text("a:%", max_size=3))] * 2)
def test_two_addresses_never_share_a_key(one: tuple[str, str, str], other: tuple[str, str, str]) -> None:
    """Separators inside ids cannot make two conversations one."""
    assert (Address(*one).key == Address(*other).key) == (one == other)


@pytest.mark.parametrize("key", ["", "messenger:1", "messenger:1:2:3"])
def test_what_is_no_key_is_refused(key: str) -> None:
    """A key has three parts."""
    with pytest.raises(ValueError, match="channel:page:user"):
        Address.parse(key)


@pytest.mark.parametrize(
    ("sent_at", "opened_at"),
    [
        (None, NOON),
        (NOON, NOON),
        (NOON - timedelta(hours=3), NOON - timedelta(hours=3)),
        (NOON - timedelta(hours=25), NOON - timedelta(hours=25)),
        (NOON - timedelta(hours=25, seconds=1), NOON),
        (NOON + timedelta(seconds=1), NOON),
    ],
)
def test_a_message_opens_the_window_at_its_own_time_where_that_is_believable(
    sent_at: datetime | None, opened_at: datetime
) -> None:
    """Believable is at most 25 hours before receipt and not after it; else receipt counts."""
    message = Message(id="m-1", address=ANNA, kind="text", sent_at=sent_at)

    assert message.opened_at(NOON) == opened_at


def test_the_same_state_of_the_same_message_is_one_event() -> None:
    """A status that comes twice has one id, and each state its own."""
    read = Status(message_id="m-9", address=ANNA, state="read")
    again = Status(message_id="m-9", address=ANNA, state="read", at=NOON)
    delivered = Status(message_id="m-9", address=ANNA, state="delivered")

    assert (read.id, again.id, delivered.id) == ("status:m-9:read", "status:m-9:read", "status:m-9:delivered")
