"""What a slot takes, by its type, and what it makes of it."""

import datetime as dt
from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from botkit.language import Context, Slot, tokens
from botkit.language.slots import BUILT_IN, list_type
from botkit.router import Intent, Phrase, Router

#: Past midnight already in Berlin: Tuesday, 24 November.
NOW = datetime(2026, 11, 23, 23, 30, tzinfo=UTC)
BERLIN = ZoneInfo("Europe/Berlin")
LISTS = {"size": {"small": ["little", "very little"], "large": [], "東京": ["tokyo"]}}
DAY = dt.date


def value(slot: Slot, said: str) -> object:
    """What a slot makes of a text that is nothing else."""
    router = Router(lists=LISTS, timezone=BERLIN)
    router.add(Intent(name="it", phrases=(Phrase("it is {x} ok"),), handler=print, slots={"x": slot}))
    match = router.route(f"It is {said} ok?", now=NOW)
    return match.slots["x"] if match else None


@pytest.mark.parametrize(
    ("slot", "said", "found"),
    [
        (Slot(int), "42", 42),
        (Slot(int), "+42", 42),
        (Slot(int), "-7", -7),
        (Slot(int), "−7", -7),
        (Slot(int), "007", 7),
        (Slot(int), "1,234", 1_234),
        (Slot(int), "1,234,567", 1_234_567),
        (Slot(int), "٤٢", 42),
        (Slot(int), "४२", 42),
        (Slot(int), "４２", 42),
        (Slot(int), "42.", 42),
        (Slot(int), "(42)", 42),
        (Slot(int), "3.5", None),
        (Slot(int), "1,23", None),
        (Slot(int), "12,3456", None),
        (Slot(int), "forty", None),
        (Slot(int), "42nd", None),
        (Slot(int), "8:30", None),
        (Slot(int), "1/2", None),
        (Slot(int), "½", None),
        (Slot(int), "9" * 40, int("9" * 40)),
        (Slot(int), "9" * 41, None),
        (Slot(int), "1" + ",111" * 7, int("1" + "111" * 7)),
        (Slot(int), "1" + ",111" * 8, None),
        (Slot(Decimal), "3.5", Decimal("3.5")),
        (Slot(Decimal), "-3.50", Decimal("-3.50")),
        (Slot(float), "3,50", Decimal("3.50")),
        (Slot("decimal"), "1,234.5", Decimal("1234.5")),
        (Slot("decimal"), "1,234", Decimal(1_234)),
        (Slot("decimal"), "٣.٥", Decimal("3.5")),
        (Slot("decimal"), "7", Decimal(7)),
        (Slot("decimal"), "1.2.3", None),
        (Slot("decimal"), "one", None),
        (Slot("word"), "Zoë", "Zoë"),
        (Slot("word"), "O’Neil", "O’Neil"),
        (Slot("word"), "AB-12/7", "AB-12/7"),
        (Slot("word"), "two words", None),
        (Slot("word"), "one, two", None),
        (Slot(), "Two  Words, even", "Two  Words, even"),
        (Slot(str), "x", "x"),
        (Slot("email"), "ann.lee+x@mail.example.com", "ann.lee+x@mail.example.com"),
        (Slot("email"), "<Ann@Example.com>,", "Ann@Example.com"),
        (Slot("email"), "zoë@例え.jp", "zoë@例え.jp"),
        (Slot("email"), "ann@nowhere", None),
        (Slot("email"), "ann@@example.com", None),
        (Slot("email"), "@example.com", None),
        (Slot("url"), "https://example.com/a?b=1&c", "https://example.com/a?b=1&c"),
        (Slot("url"), "https://example.com/_a_?b=", "https://example.com/_a_?b="),
        (Slot("url"), "(HTTP://example.com).", "HTTP://example.com"),
        (Slot("url"), "https://example.com/A_(b)", "https://example.com/A_(b)"),
        (Slot("url"), "www.example.com/", "www.example.com/"),
        (Slot("url"), "https://example.com/" + "a-" * 200, "https://example.com/" + "a-" * 200),
        (Slot("url"), "example.com", None),
        (Slot("url"), "https://", None),
        (Slot("phone"), "+49 (30) 123-456", "+4930123456"),
        (Slot("phone"), "(+49) 30 123456", "+4930123456"),
        (Slot("phone"), "＋４９３０１２３４５６", "+4930123456"),
        (Slot("phone"), "030 123456", "030123456"),
        (Slot("phone"), "030/12.34.56", "030123456"),
        (Slot("phone"), "12", None),
        (Slot("phone"), "030 12345x", None),
        (Slot("phone"), "1" * 16, None),
        (Slot("size"), "Very Little", "small"),
        (Slot("size"), "LARGE", "large"),
        (Slot("size"), "Tokyo", "東京"),
        (Slot("size"), "東京", "東京"),
        (Slot("size"), "medium", None),
        (Slot("size"), "very", None),
        (Slot(choices=["Red wine", "white"]), "red wine", "Red wine"),
        (Slot(choices=["Red wine", "white"]), "red", None),
    ],
)
def test_a_slot_takes_what_its_type_says(slot: Slot, said: str, found: object) -> None:
    """Each type has its normal form, and leaves alone what is not of its kind."""
    taken = value(slot, said)

    assert (taken, type(taken)) == (found, type(found))


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ("2026-12-24", DAY(2026, 12, 24)),
        ("2026/1/2", DAY(2026, 1, 2)),
        ("24.12.2026", DAY(2026, 12, 24)),
        ("24-12-2026", DAY(2026, 12, 24)),
        ("24/12/2026", DAY(2026, 12, 24)),
        ("٢٤.١٢.٢٠٢٦", DAY(2026, 12, 24)),
        ("24.12.", DAY(2026, 12, 24)),
        ("24.11.", DAY(2026, 11, 24)),
        ("23.11.", DAY(2027, 11, 23)),
        ("1/2/27", DAY(2027, 2, 1)),
        ("24 December", DAY(2026, 12, 24)),
        ("24th of dec", DAY(2026, 12, 24)),
        ("the 1st of January, 2028", DAY(2028, 1, 1)),
        ("December 24", DAY(2026, 12, 24)),
        ("Dec. 24th, 2028", DAY(2028, 12, 24)),
        ("1 may", DAY(2027, 5, 1)),
        ("29.2.", DAY(2028, 2, 29)),
        ("today", DAY(2026, 11, 24)),
        ("Tomorrow", DAY(2026, 11, 25)),
        ("yesterday", DAY(2026, 11, 23)),
        ("tuesday", DAY(2026, 12, 1)),
        ("Fri", DAY(2026, 11, 27)),
        ("monday", DAY(2026, 11, 30)),
        ("31.2.", None),
        ("12/24/2026", None),
        ("24.12.20267", None),
        ("2026-12-24T10", None),
        ("24-12", None),
        ("32 december", None),
        ("december", None),
        ("24", None),
    ],
)
def test_a_date_is_the_bots(said: str, found: object) -> None:
    """The day goes before the month; without a year it is the next such day, where it is past midnight already."""
    assert value(Slot(dt.date), said) == found


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ("8:30", dt.time(8, 30)),
        ("8.30", dt.time(8, 30)),
        ("00:00", dt.time(0)),
        ("23:59", dt.time(23, 59)),
        ("8pm", dt.time(20)),
        ("8 PM", dt.time(20)),
        ("8:30pm", dt.time(20, 30)),
        ("12:15 a.m.", dt.time(0, 15)),
        ("12 pm", dt.time(12)),
        ("noon", dt.time(12)),
        ("Midnight", dt.time(0)),
        ("24:00", None),
        ("8:60", None),
        ("13pm", None),
        ("0 am", None),
        ("8 amps", None),
        ("8", None),
        ("8:30:15", None),
    ],
)
def test_a_time_is_of_the_day(said: str, found: object) -> None:
    """With a colon or a point, on either clock."""
    assert value(Slot(dt.time), said) == found


def ends(name: str, said: str, first: int = 0) -> list[tuple[str, object]]:
    """The ways a slot can begin at a token: what is left of the text behind it, and the value."""
    words = tokens(said)
    found = BUILT_IN[name].values(words, first, Context(NOW, BERLIN))
    return [(" ".join(words.words[end:]), value) for end, value in found]


@pytest.mark.parametrize(
    ("name", "said", "found"),
    [
        ("text", "a b", [("b", "a"), ("", "a b")]),
        ("word", "a-b c", [("c", "a-b"), ("b c", "a")]),
        ("date", "24 december 2028", [("", DAY(2028, 12, 24)), ("2028", DAY(2026, 12, 24))]),
        ("phone", "030 123 456", [("", "030123456"), ("456", "030123")]),
        ("int", "5 6", [("6", 5)]),
        ("time", "8 pm 9", [("9", dt.time(20))]),
    ],
)
def test_what_is_preferred_comes_first(name: str, said: str, found: Sequence[tuple[str, object]]) -> None:
    """A text is as short as it may be, anything else as long."""
    assert ends(name, said) == found


def test_a_figure_does_not_begin_inside_another() -> None:
    """The second half of 3.5 is no number."""
    assert (ends("int", "3.5", 1), ends("decimal", "1.2.3", 1), ends("phone", "1.23456 7", 1)) == ([], [], [])


@given(st.text(st.characters(categories=["Nd"]) | st.sampled_from("059"), min_size=1, max_size=45))
@example("0" * 40)
@example("๑๒")
def test_a_number_alone_is_the_one_that_it_is_in_a_sentence(digits: str) -> None:
    """In whatever digits it is written."""
    now = Context(datetime(2031, 5, 6, tzinfo=UTC), ZoneInfo("UTC"))
    alone, followed = tokens(digits), tokens(f"{digits} !")

    assert alone.words == followed.words
    assert BUILT_IN["int"].values(alone, 0, now) == BUILT_IN["int"].values(followed, 0, now)


def test_of_two_values_with_one_spelling_the_first_has_it() -> None:
    """And the longest spelling goes first."""
    kind = list_type("kind", {"a": ["x", "x y"], "b": ["x", "?"]})

    assert list(kind.values(tokens("x y"), 0, Context(NOW, BERLIN))) == [(2, "a"), (1, "a")]
    assert kind.most == 2
    assert kind.spellings is not None
    assert set(kind.spellings.claims) == {("a",), ("x",), ("x", "y"), ("b",)}


def test_a_slot_that_cannot_be_is_refused() -> None:
    """The type is one that exists, and choices belong to choice."""
    with pytest.raises(ValueError, match="A slot cannot be a list"):
        Slot(list)
    with pytest.raises(ValueError, match="needs its choices"):
        Slot("choice")
    with pytest.raises(ValueError, match="needs its choices"):
        Slot(int, choices=["a"])
    with pytest.raises(ValueError, match="Two choices have the title 'b'"):
        Slot(choices=["B", "a", "b "])
    with pytest.raises(ValueError, match="needs a title that can be shown"):
        Slot(choices=["B", " "])
    with pytest.raises(TypeError, match=r"choices takes a list, not the one string 'red'\."):
        Slot(choices="red")
    with pytest.raises(ValueError, match="A Text needs something to show"):
        Slot(int, ask="How many?", retry_text=" ")
