"""Text as it is compared."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from botkit.language import normalise, tokens
from botkit.language.text import TEXT_LIMIT


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("What's the PRICE, please?", ("whats", "the", "price", "please")),
        ("Crème brûlée!", ("creme", "brulee")),
        ("ＨＥＬＬＯ　１２", ("hello", "12")),
        ("Straße", ("strasse",)),
        ("l’été", ("lete",)),
        ("'quoted'", ("quoted",)),
        ("👍🏽", ("👍",)),
        ("👍️ ok", ("👍", "ok")),
        ("I❤️you", ("i", "❤", "you")),
        ("東京都 ramen", ("東", "京", "都", "ramen")),
        ("สวัสดี", ("ส", "ว", "ั", "ส", "ด", "ี")),
        ("हिन्दी में", ("हिन्दी", "में")),
        ("привет, мир", ("привет", "мир")),
        ("a\u200bb", ("ab",)),
        ("e-mail_address", ("e", "mail", "address")),
        ("", ()),
        (" ?!… ", ()),
    ],
)
def test_words_are_what_matters(text: str, words: tuple[str, ...]) -> None:
    """Case, accents, punctuation, width and decoration do not matter, in any script."""
    assert tokens(text).words == words


def test_a_token_knows_its_original_spelling() -> None:
    """What a slot takes is given back as it was written."""
    said = tokens("  Zoë’s  CAFÉ! ")

    assert (said.original(0, 1), said.original(0, 2), said.original(1, 2)) == ("Zoë’s", "Zoë’s  CAFÉ", "CAFÉ")


def test_a_long_text_is_cut() -> None:
    """Nobody asks a question in more than 2,000 characters."""
    assert len(tokens("a " * 5_000)) == TEXT_LIMIT // 2


@given(st.text())
def test_tokens_lie_in_their_text_in_order(text: str) -> None:
    """Every token has a place, no two overlap, and none is empty."""
    said = tokens(text)
    places = [at for pair in zip(said.starts, said.ends, strict=True) for at in pair]

    assert places == sorted(places)
    assert all(start < end <= len(text) for start, end in zip(said.starts, said.ends, strict=True))
    assert all(said.words)


# ŉ is spelled as two letters, of which the first is an apostrophe.
@given(st.text(st.characters(max_codepoint=0x052F, exclude_characters="ŉ")))
def test_normalising_twice_changes_nothing_more(text: str) -> None:
    """What is compared is compared the same when it is read again."""
    once = normalise(text)

    assert normalise(once) == once
