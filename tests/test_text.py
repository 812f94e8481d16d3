"""Text as it is compared."""

import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from botkit.language import normalise, tokens
from botkit.language.text import TEXT_LIMIT, _any_script


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("What's the PRICE, please?", ("whats", "the", "price", "please")),
        ("Crème brûlée!", ("creme", "brulee")),
        ("ＨＥＬＬＯ　１２", ("hello", "12")),
        ("Straße", ("strasse",)),
        ("smørrebrød w Łodzi, œuvre", ("smorrebrod", "w", "lodzi", "oeuvre")),
        ("l’été, don´t, don`t", ("lete", "dont", "dont")),
        ("'quoted' ‘x’", ("quoted", "x")),
        ("👍🏽", ("👍",)),
        ("👍️ ok 1️⃣ ②", ("👍", "ok", "1", "2")),
        ("I❤️you", ("i", "❤", "you")),
        ("Nike™ ﬁne 5㎏", ("nike", "fine", "5kg")),
        ("½ and 3½", ("½", "and", "3", "½")),
        ("東京都の人々 ramen", ("東", "京", "都", "の", "人", "々", "ramen")),
        ("ｶﾞｷﾞ ガギ", ("ガ", "ギ", "ガ", "ギ")),
        ("สวัสดี น้ำ", ("ส", "วั", "ส", "ดี", "น้", "ำ")),
        ("หก ๖๖", ("ห", "ก", "66")),
        ("한국어 할까요", ("한국어", "할까요")),
        ("हिन्दी में", ("हिन्दी", "में")),
        ("كِتَابٌ أحمد ٤٢", ("كتاب", "احمد", "42")),
        ("שָׁלוֹם", ("שלום",)),
        ("привет, мир", ("привет", "мир")),
        ("a\u200bb c\u00add", ("ab", "cd")),
        ("e-mail_address", ("e", "mail", "address")),
        ("", ()),
        (" ?!… ", ()),
    ],
)
def test_words_are_what_matters(text: str, words: tuple[str, ...]) -> None:
    """Case, accents, punctuation, width and decoration do not matter, in any script."""
    assert tokens(text).words == words


@pytest.mark.parametrize("form", ["NFC", "NFD"])
@pytest.mark.parametrize("text", ["한국어 ガギ", "Zoë à Łódź", "हिन्दी", "สวัสดี", "Ἀθῆναι", "ᾒ\ua8ee", "Việt Nam"])
def test_every_keyboard_writes_the_same_words(text: str, form: str) -> None:
    """A letter with its marks in one character, or in several, is the same letter."""
    assert normalise(unicodedata.normalize(form, text)) == normalise(text)  # type: ignore[arg-type]  # one of the four


@pytest.mark.parametrize("around", ["{}", "a{}b", "ก{}ก", "カ{}", "한{}"])
def test_every_letter_there_is_has_one_spelling(around: str) -> None:
    """Composed, decomposed and read again, alone and inside words of several scripts."""
    letters = [chr(code) for code in range(sys.maxunicode) if unicodedata.normalize("NFKD", chr(code)) != chr(code)]
    wrong = []
    for text in map(around.format, letters):
        once = tokens(text).key
        others = (once, unicodedata.normalize("NFC", text), unicodedata.normalize("NFD", text))
        wrong += [text for other in others if tokens(other).key != once]

    assert (wrong, len(letters) > 10_000) == ([], True)


@pytest.mark.parametrize(
    ("text", "first", "end", "original"),
    [
        ("  Zoë’s  CAFÉ! ", 0, 1, "Zoë’s"),
        ("  Zoë’s  CAFÉ! ", 0, 2, "Zoë’s  CAFÉ"),
        ("plain ASCII's words", 1, 3, "ASCII's words"),
        ("Zoe\u0308!", 0, 1, "Zoe\u0308"),
        ("a 👍🏽 b", 1, 2, "👍🏽"),
        ("say x\u200b.", 1, 2, "x"),
        ("น้ำแข็ง", 0, 2, "น้ำ"),
    ],
)
def test_a_token_knows_its_original_spelling(text: str, first: int, end: int, original: str) -> None:
    """What a slot takes is given back as it was written, accents and skin tones too, but nothing invisible."""
    assert tokens(text).original(first, end) == original


def test_a_long_text_is_cut() -> None:
    """Nobody asks a question in more than 2,000 characters."""
    assert (len(tokens("a " * 5_000)), len(tokens("ä " * 5_000))) == (TEXT_LIMIT // 2, TEXT_LIMIT // 2)


def test_a_word_of_nothing_but_marks_takes_no_longer() -> None:
    """What would take Unicode's composition time that grows with its square is compared as it is."""
    marks = "\u0e48\u0e38" * 600

    assert tokens("ก" + marks).words == ("ก" + marks,)


@given(st.text())
def test_tokens_lie_in_their_text_in_order(text: str) -> None:
    """Every token has a place, no two overlap, and none is empty."""
    said = tokens(text)
    places = [at for pair in zip(*said.spans.of(0, len(said)), strict=True) for at in pair]

    assert places == sorted(places)
    assert all(start < end <= len(text) for start, end in zip(*said.spans.of(0, len(said)), strict=True))
    assert all(said.words)


@given(
    st.one_of(st.text(st.characters(codec="ascii")), st.text(st.sampled_from("aB1'` .-_@\n"))),
    st.sampled_from(["", " " * 300, "'" * 300, "a" * 300]),
    st.booleans(),
)
def test_the_quick_ways_for_plain_text_give_the_same(text: str, more: str, is_behind: bool) -> None:
    """Most messages are ASCII, and long ones take a way of their own; all lead to the same words and places."""
    text = text + more if is_behind else more + text
    quick, slow = tokens(text), _any_script(text)

    assert (quick.words, quick.spans.of(0, len(quick))) == (slow.words, slow.spans.of(0, len(slow)))


@given(st.text())
def test_normalising_twice_changes_nothing_more(text: str) -> None:
    """What is compared is compared the same when it is read again."""
    once = normalise(text)

    assert normalise(once) == once


@given(st.text(st.characters(codec="utf-8")))
def test_composed_and_decomposed_are_the_same(text: str) -> None:
    """For whatever text: how its letters are put together does not matter."""
    assert normalise(unicodedata.normalize("NFC", text)) == normalise(unicodedata.normalize("NFD", text))


def test_figures_of_any_script_are_those_of_ascii() -> None:
    """So that a telephone number is its words."""
    figures = [sign for sign in map(chr, range(sys.maxunicode + 1)) if sign.isdecimal()]

    assert [tokens(sign).words for sign in figures] == [(str(unicodedata.decimal(sign)),) for sign in figures]
