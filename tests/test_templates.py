"""Phrases with slots: what they may look like, and what their slots take."""

import datetime as dt
from datetime import UTC, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from botkit.errors import PhraseError
from botkit.language import Slot, parse
from botkit.language.templates import Hole, slot_types
from botkit.router import Intent, Phrase, Router

TYPES = slot_types({"size": {"small": ["little", "very little"], "large": []}})
NOW = datetime(2026, 11, 23, 23, 30, tzinfo=UTC)


def spelled(text: str) -> list[str]:
    """The variants of a phrase, slots by name."""
    variants = parse(text, {}, TYPES).variants
    return [" ".join(f"<{one.name}>" if isinstance(one, Hole) else one for one in variant) for variant in variants]


@pytest.mark.parametrize(
    ("text", "variants"),
    [
        ("Open?", ["open"]),
        ("[please] open", ["open", "please open"]),
        ("(hi|hello) [to you]", ["hi", "hi to you", "hello", "hello to you"]),
        ("book[s]", ["book", "books"]),
        ("a [b [c]]", ["a", "a b", "a b c"]),
        ("[very|so] good", ["good", "very good", "so good"]),
        ("50 \\[percent\\] \\{x\\} \\(y\\) \\| \\\\", ["50 percent x y"]),
        ("track {number:int}!", ["track <number>"]),
        ("{size}cake", ["<size> cake"]),
        ("[a] [a]", ["", "a", "a a"]),
    ],
)
def test_brackets_are_spelled_out(text: str, variants: list[str]) -> None:
    """A template stands for its variants."""
    assert spelled(text) == variants


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("open [please", "at character 13: a ']' is missing"),
        ("open (now|later", "at character 16: a ')' is missing"),
        ("open now]", "at character 9: there is a ']' that nothing opens"),
        ("this|that", "at character 5: there is a '|' that nothing opens"),
        ("track {number", "at character 7: the '{' is not closed"),
        ("track {}", "at character 7: '' cannot be the name of a slot"),
        ("track {my number}", "at character 7: 'my number' cannot be the name of a slot"),
        ("track {n:itn}", 'at character 7: unknown type "itn", did you mean "int"?'),
        ("track {n:siez}", 'unknown type "siez", did you mean "size"?'),
        ("a () b", "at character 3: one side of the '(' is empty"),
        ("a (b|) c", "at character 3: one side of the '(' is empty"),
        ("from {place} to {place}", "the slot 'place' stands in it twice"),
        ("{a} or {b:text}", "it has two slots of type text"),
        ("[a] " * 9, "its brackets make more than 256 variants"),
        ("a " * 101, "it has more than 100 words"),
    ],
)
def test_what_cannot_be_built_is_refused_with_its_place(text: str, problem: str) -> None:
    """The writer reads which phrase, where, and what to do."""
    with pytest.raises(PhraseError) as error:
        parse(text, {}, TYPES)

    assert problem in str(error.value)
    assert text in str(error.value)


def test_filled_slots_are_those_of_every_variant() -> None:
    """A handler may rely on them."""
    assert parse("[{size}] {number:int} (a {day:date}|b {day:date})", {}, TYPES).filled == {"number", "day"}


def value(slot: Slot, said: str) -> object:
    """What a slot makes of a text that is nothing else."""
    router = Router(
        lists={"size": {"small": ["little", "very little"], "large": []}}, timezone=ZoneInfo("Europe/Berlin")
    )
    router.add(Intent(name="it", phrases=(Phrase("it is {x} ok"),), handler=print, slots={"x": slot}))
    match = router.route(f"It is {said} ok?", now=NOW)
    return match.slots["x"] if match else None


DAY = dt.date


@pytest.mark.parametrize(
    ("slot", "said", "found"),
    [
        (Slot(int), "42", 42),
        (Slot(int), "-7", -7),
        (Slot(int), "1,234", 1234),
        (Slot(int), "٤٢", 42),
        (Slot(int), "3.5", None),
        (Slot(int), "forty", None),
        (Slot(int), "8:30", None),
        (Slot(int), "9" * 50, None),
        (Slot(Decimal), "3.5", Decimal("3.5")),
        (Slot(float), "3,50", Decimal("3.50")),
        (Slot("decimal"), "1,234.5", Decimal("1234.5")),
        (Slot("decimal"), "7", Decimal(7)),
        (Slot("word"), "Zoë", "Zoë"),
        (Slot("word"), "two words", None),
        (Slot(), "Two  Words, even", "Two  Words, even"),
        (Slot(str), "x", "x"),
        (Slot("email"), "ann.lee+x@mail.example.com", "ann.lee+x@mail.example.com"),
        (Slot("email"), "ann@nowhere", None),
        (Slot("url"), "https://example.com/a?b=1&c", "https://example.com/a?b=1&c"),
        (Slot("url"), "www.example.com/", "www.example.com/"),
        (Slot("phone"), "+49 (30) 123-456", "+4930123456"),
        (Slot("phone"), "030 123456", "030123456"),
        (Slot("phone"), "12", None),
        (Slot("size"), "Very Little", "small"),
        (Slot("size"), "LARGE", "large"),
        (Slot("size"), "medium", None),
        (Slot(choices=["Red wine", "white"]), "red wine", "Red wine"),
        (Slot(dt.date), "2026-12-24", DAY(2026, 12, 24)),
        (Slot("date"), "24.12.2026", DAY(2026, 12, 24)),
        (Slot("date"), "24.12.", DAY(2026, 12, 24)),
        (Slot("date"), "1/2/27", DAY(2027, 2, 1)),
        (Slot("date"), "3.1.", DAY(2027, 1, 3)),
        (Slot("date"), "24 December", DAY(2026, 12, 24)),
        (Slot("date"), "24th of dec", DAY(2026, 12, 24)),
        (Slot("date"), "December 24 2028", DAY(2028, 12, 24)),
        (Slot("date"), "31.2.", None),
        (Slot("date"), "29.2.", DAY(2028, 2, 29)),
        (Slot("date"), "today", DAY(2026, 11, 24)),
        (Slot("date"), "Tomorrow", DAY(2026, 11, 25)),
        (Slot("date"), "yesterday", DAY(2026, 11, 23)),
        (Slot("date"), "tuesday", DAY(2026, 12, 1)),
        (Slot("date"), "friday", DAY(2026, 11, 27)),
        (Slot(dt.time), "8:30", dt.time(8, 30)),
        (Slot("time"), "8.30", dt.time(8, 30)),
        (Slot("time"), "8pm", dt.time(20)),
        (Slot("time"), "12:15 a.m.", dt.time(0, 15)),
        (Slot("time"), "noon", dt.time(12)),
        (Slot("time"), "25:00", None),
        (Slot("time"), "13pm", None),
    ],
)
def test_a_slot_takes_what_its_type_says(slot: Slot, said: str, found: object) -> None:
    """Each type has its normal form; dates are the bot's, where it is past midnight already."""
    assert value(slot, said) == found


def test_a_slot_that_cannot_be_is_refused() -> None:
    """The type is one that exists, and choices belong to choice."""
    with pytest.raises(ValueError, match="A slot cannot be a list"):
        Slot(list)
    with pytest.raises(ValueError, match="needs its choices"):
        Slot("choice")
    with pytest.raises(ValueError, match="needs its choices"):
        Slot(int, choices=["a"])
