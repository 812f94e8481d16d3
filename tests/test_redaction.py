"""What may say who somebody is does not stay in what is kept."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from botkit.language.redaction import LENGTH_LIMIT, redacted


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("where is my order 4711?", "where is my order #?"),
        ("Call me: +49 (30) 901-820, or 0170/1234567!", "Call me: #, or #!"),
        ("my IBAN is DE89 3704 0044 0532 0130 00", "my IBAN is DE#"),
        ("born on 24.12.1990.", "born on #."),
        ("write to ann.lee@example.com or @anna", "write to @ or @anna"),
        ("see https://example.com/me?id=7 and www.example.org", "see @ and @"),
        ("٣٤٥ and ４７１１", "# and #"),
        ("two  cakes\nand more", "two cakes and more"),
        ("一个蛋糕", "一个蛋糕"),
        ("(really) + more", "(really) + more"),
        ("", ""),
    ],
)
def test_numbers_and_addresses_are_left_out(said: str, kept: str) -> None:
    """One sign stands for each, whatever its form or script."""
    assert redacted(said) == kept


@given(st.text(max_size=700))
def test_no_digit_stays(said: str) -> None:
    """Nothing that is a digit in any script, and never more than may be kept."""
    kept = redacted(said)

    assert [sign for sign in kept if sign.isdecimal()] == []
    assert len(kept) <= LENGTH_LIMIT
