"""Phrases with brackets and slots: what they stand for, and what is refused."""

import pytest

from botkit.errors import DefinitionError, PhraseError
from botkit.language import Slot, parse
from botkit.language.templates import Hole, slot_types

TYPES = slot_types({"size": {"small": ["little"], "large": []}})


def spelled(text: str) -> list[str]:
    """The variants of a phrase, slots by name."""
    variants = parse(text, {}, TYPES).variants
    return [" ".join(f"<{one.name}>" if isinstance(one, Hole) else one for one in variant) for variant in variants]


@pytest.mark.parametrize(
    ("text", "variants"),
    [
        ("Open?", ["open"]),
        ("[please] open", ["please open", "open"]),
        ("(hi|hello) [to you]", ["hi to you", "hi", "hello to you", "hello"]),
        ("book[s]", ["books", "book"]),
        ("a [b [c]]", ["a b c", "a b", "a"]),
        ("[very|so] good", ["very good", "so good", "good"]),
        ("(a|b [c|(d|e)])", ["a", "b c", "b d", "b e", "b"]),
        ("50 \\[percent\\] \\{x\\} \\(y\\) \\| \\\\", ["50 percent x y"]),
        ("c:\\temp\\", ["c temp"]),
        ("track {number:int}!", ["track <number>"]),
        ("{size}cake", ["<size> cake"]),
        ("from { a : int } to {b}", ["from <a> to <b>"]),
        ("(a {x:int}|b {x:int})", ["a <x>", "b <x>"]),
        ("东京[的]天气", ["东 京 的 天 气", "东 京 天 气"]),
        ("[a] [a]", ["a a", "a"]),
        ("[a]", ["a"]),
        ("?!", []),
    ],
)
def test_brackets_are_spelled_out(text: str, variants: list[str]) -> None:
    """A template stands for its variants, of which none is without words."""
    assert spelled(text) == variants


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("open [please", "at character 13: a ']' is missing."),
        ("open (now|later", "at character 16: a ')' is missing."),
        ("open [now)", "at character 10: there is a ')' that nothing opens; write \\) for the sign itself."),
        ("open now]", "at character 9: there is a ']' that nothing opens; write \\] for the sign itself."),
        ("this|that", "at character 5: there is a '|' that nothing opens; write \\| for the sign itself."),
        ("track {number", "at character 7: the '{' is not closed; a slot is written {name} or {name:type}."),
        ("track {}", "at character 7: '' cannot be the name of a slot; use letters, digits and _."),
        ("track {my number}", "at character 7: 'my number' cannot be the name of a slot; use letters, digits and _."),
        ("track {n:}", "at character 7: behind 'n:' a type is missing; write {n} or {n:type}."),
        ("track {n:itn}", 'at character 7: unknown type "itn", did you mean "int"?'),
        ("track {n:siez}", 'at character 7: unknown type "siez", did you mean "size"?'),
        ("{n:xyz}", 'unknown type "xyz", the types are int, decimal, date, time, email, url, phone, word, text, size'),
        ("a {n:choice}", "at character 3: the slot 'n' needs its choices; give them with the intent's slots."),
        ("a () b", "at character 3: one side of the '(' is empty; write [ ] around what may be left out."),
        ("a (b|) c", "at character 3: one side of the '(' is empty; write [ ] around what may be left out."),
        ("a [] c", "at character 3: one side of the '[' is empty"),
        ("a (b|?) c", "at character 3: one side of the '(' is empty"),
        ("{a:int} {b:int} {a:int} {ab:int}", "at character 17: the slot 'a' stands in it twice; rename one."),
        ("{a} or {b:text}", "at character 8: it has two slots of type text; give one of them a type."),
        ("[a] " * 9, "its brackets make more than 256 variants; split it into phrases."),
        ("[" * 21 + "a" + "]" * 21, "at character 21: brackets stand in more than 20 others; split it into phrases."),
        ("(" * 1_999, "brackets stand in more than 20 others"),
        ("a " * 40 + "{x}", "at character 1: it has slots and more than 40 words; leave some out."),
        (
            " ".join(f"{{s{n}:int}}" for n in range(9)),
            "at character 73: it has more than 8 slots; leave some out, or split it into phrases.",
        ),
        (
            " ".join(f"({{a{n}:word}}|{{b{n}:decimal}})" for n in range(5)),
            "at character 102: it has more than 8 slots; leave some out, or split it into phrases.",
        ),
    ],
)
def test_what_cannot_be_built_is_refused_with_its_place(text: str, problem: str) -> None:
    """The writer reads which phrase, where, and what to do."""
    with pytest.raises(PhraseError) as error:
        parse(text, {}, TYPES)

    assert str(error.value).startswith(f'In the phrase "{text}", at character ')
    assert problem in str(error.value)


def test_a_phrase_longer_than_any_message_is_refused_without_repeating_it() -> None:
    """Of a message 2,000 characters are matched, so that no message could say it."""
    with pytest.raises(PhraseError, match="more than 2000 characters") as error:
        parse("long " * 500, {}, TYPES)

    assert len(str(error.value)) < 200


def test_what_is_as_large_as_it_may_be_is_built() -> None:
    """The limits can be reached."""
    assert len(spelled("[a] " * 8 + "b")) == 9
    assert len(spelled(" ".join(f"(a{n}|b{n})" for n in range(8)))) == 256
    assert len(spelled("[" * 20 + "a" + "]" * 20)) == 1
    assert len(spelled("a " * 39 + "{x}")) == 1
    assert len(spelled(" ".join(f"({{a{n}:word}}|{{b{n}:decimal}})" for n in range(4)))) == 16
    assert (
        len(spelled("from {a:date} [at {b:time}] (to {c:date}|until {c:date}|for {d:int} days) {e:int} {f} {g:word}"))
        == 6
    )
    assert len(spelled("word " * 400)) == 1


def test_filled_slots_are_those_of_every_variant() -> None:
    """A handler may rely on them."""
    assert parse("[{size}] {number:int} (a {day:date}|b {day:date})", {}, TYPES).filled == {"number", "day"}
    assert parse("[{size}]", {}, TYPES).filled == {"size"}
    assert parse("?", {}, TYPES).filled == set()


def test_an_untyped_slot_takes_the_type_of_the_intents_slots() -> None:
    """Else it is text; a type in the phrase goes first."""
    slots = {"a": Slot(int), "b": Slot("size"), "c": Slot(choices=["x"])}
    (variant,) = parse("{a} {b} {b2} {c} {a2:word}", slots, TYPES).variants

    assert [one.type.name for one in variant if isinstance(one, Hole)] == [
        "int",
        "size",
        "text",
        "choice of 'x'",
        "word",
    ]


def test_a_choice_that_nobody_says_as_one_is_refused() -> None:
    """With the slot it belongs to, and where that stands."""
    with pytest.raises(PhraseError) as error:
        parse("buy {it}", {"it": Slot(choices=["red", "very " * 21])}, TYPES)

    assert str(error.value) == (
        "In the phrase \"buy {it}\", at character 5: of the choices of 'it', "
        '"very very very very very very very very …" has more than 20 words; shorten it.'
    )


@pytest.mark.parametrize("name", ["int", "text", "choice"])
def test_a_list_cannot_take_the_name_of_a_type(name: str) -> None:
    """A name means one thing."""
    with pytest.raises(DefinitionError, match=f"A list is called '{name}', which is a slot type already"):
        slot_types({name: {"a": []}})
