"""What owners are told of a handover, and the links that nobody else can make."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from botkit.events import Address
from botkit.handover import Linked, Links, letter
from botkit.work import Mute, Notice

AT = datetime(2031, 5, 6, 12, tzinfo=UTC)
ANNA = Address("messenger", "1070", "2519")
MUTE = Mute(id="a1", reason="billing", at=AT, until=AT + timedelta(hours=12))
LINKS = Links("https://bots.example.com/x/", b"s" * 32)


def test_a_letter_says_everything_and_where_to_click() -> None:
    """In fields for machines and in a sentence for people."""
    told = letter(Notice(address=ANNA, mute=MUTE, attempts=3, now=AT), "bakery", LINKS)
    link = f"https://bots.example.com/x/handover/{LINKS.token(ANNA, MUTE)}"

    assert told == {
        "id": "a1",
        "event": "handover",
        "bot": "bakery",
        "page": "1070",
        "user": "2519",
        "reason": "billing",
        "when": "2031-05-06T12:00:00+00:00",
        "until": "2031-05-07T00:00:00+00:00",
        "link": link,
        "command": "botkit user resume 1070/2519",
        "text": (
            "User 2519 of page 1070 needs a person: billing. The bot says nothing until 2031-05-07 00:00 UTC. "
            f"Let it answer again, or be silent for longer: {link}"
        ),
    }


def test_without_a_public_url_a_letter_says_what_to_type() -> None:
    """Quoted, where a page or a user has odd characters."""
    odd = Address("messenger", "1070", "a b")
    told = letter(Notice(address=odd, mute=MUTE, attempts=1, now=AT), None, Links(None, b"s" * 32))

    assert (told["link"], told["command"]) == (None, "botkit user resume '1070/a b'")
    assert str(told["text"]).endswith("Let it answer again with: botkit user resume '1070/a b'")


texts = st.text(max_size=20)


@given(st.builds(Address, texts, texts, texts), texts, st.integers(0, 2**31))
def test_a_link_is_read_as_it_was_made(address: Address, mute_id: str, seconds: int) -> None:
    """Whatever the ids are; it is good for a week."""
    at = datetime.fromtimestamp(seconds, UTC)
    mute = Mute(id=mute_id, reason="x", at=at, until=at)
    linked = LINKS.read(LINKS.token(address, mute))

    assert linked == Linked(address=address, mute_id=mute_id, expires_at=at + timedelta(days=7))


@given(st.integers(0, 400), st.characters())
def test_a_link_with_one_character_changed_is_nobodys(place: int, character: str) -> None:
    """Wherever it is."""
    token = LINKS.token(ANNA, MUTE)
    place %= len(token)
    changed = token[:place] + character + token[place + 1 :]

    assert (LINKS.read(changed) is None) == (changed != token)


@given(st.text())
def test_no_text_is_a_link(text: str) -> None:
    """Nor does any of it raise."""
    assert LINKS.read(text) is None


def test_another_stores_link_is_nobodys_here() -> None:
    """The key is made of the store's secret."""
    token = Links(LINKS.public_url, b"t" * 32).token(ANNA, MUTE)

    assert (LINKS.read(token), LINKS.read(f"{token}.{'x' * 2000}")) == (None, None)


def test_nothing_shows_the_key() -> None:
    """A traceback would show it."""
    assert "sss" not in repr(LINKS)
