"""The router: which phrase wins, which choice is taken, and what its author is warned of."""

from datetime import UTC, datetime, time

import pytest

from botkit.errors import DefinitionError, PhraseError, Place
from botkit.language import Slot
from botkit.replies import Choice
from botkit.router import Intent, Match, Phrase, Router

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


def router(*intents: tuple[str, ...], slots: dict[str, Slot] | None = None) -> Router:
    """A router of intents called a, b, c and so on."""
    made = Router(lists={"size": {"small": ["little"], "large": ["very big", "very"]}})
    for name, phrases in zip("abcdefghij", intents, strict=False):
        phrased = tuple(Phrase(one) for one in phrases)
        made.add(Intent(name=name, phrases=phrased, handler=print, slots=slots or {}))
    return made


def won(made: Router, text: str, choices: tuple[Choice, ...] = ()) -> tuple[str, str, dict[str, object]] | None:
    """Who wins, how, and with which slots."""
    match = made.route(text, now=NOW, choices=choices)
    return (match.intent.name, match.how, dict(match.slots)) if match else None


def test_an_exact_phrase_beats_a_template() -> None:
    """What is written word for word is meant."""
    made = router(("open {day}",), ("open today",), ("[please] open today",))

    assert won(made, "OPEN, today!") == ("b", "exact", {})
    assert won(made, "please open today") == ("c", "exact", {})


def test_the_most_literal_template_wins() -> None:
    """More words of its own go first, wherever they stand and whenever they were declared."""
    made = router(("a {x}",), ("a {x} b",), ("a {w:word} c b",))

    assert won(made, "a one b") == ("b", "template", {"x": "one"})
    assert won(made, "a one c b") == ("c", "template", {"w": "one"})
    assert won(made, "a one two") == ("a", "template", {"x": "one two"})


def test_of_equally_literal_templates_the_one_whose_slots_take_least_wins() -> None:
    """Text takes more than a word, a word more than a number, and a decimal more than a whole one."""
    made = router(("a {x} b",), ("a {w:word} b",), ("a {d:decimal} b",), ("a {n:int} b",), ("a {s:size} b",))

    assert won(made, "a 1 b") == ("d", "template", {"n": 1})
    assert str(made.route("a 1.5 b", now=NOW).slots["d"]) == "1.5"  # type: ignore[union-attr]  # it matches
    assert won(made, "a very big b") == ("e", "template", {"s": "large"})
    assert won(made, "a one b") == ("b", "template", {"w": "one"})
    assert won(made, "a one two b") == ("a", "template", {"x": "one two"})


def test_then_the_one_with_fewer_slots_and_then_the_first_declared_wins() -> None:
    """So that the order in which phrases are written decides only between equals."""
    assert won(router(("x {a:int} [{b:int}]",), ("x {c:phone}",)), "x 12345 6") == ("b", "template", {"c": "123456"})
    assert won(router(("x {a:phone}",), ("x {b:int}",)), "x 12345") == ("a", "template", {"a": "12345"})
    assert won(router(("x {b:int}",), ("x {a:phone}",)), "x 12345") == ("a", "template", {"b": 12345})


def test_a_slot_takes_as_much_as_it_can_and_text_as_little() -> None:
    """The first slot decides, then the second."""
    made = router(("on {d:date} {x}",), ("to {x} {n:int} [{w:word}]",), ("get {s:size} {x}",))

    assert won(made, "on 24 december 2028 at noon") == (
        "a", "template", {"d": datetime(2028, 12, 24).date(), "x": "at noon"}  # noqa: DTZ001 - only its day is used
    )  # fmt: skip
    assert won(made, "to a 1 2 3") == ("b", "template", {"x": "a 1 2", "n": 3})
    assert won(router(("{x} {w:word}",)), "go x a-b") == ("a", "template", {"x": "go x", "w": "a-b"})
    assert won(made, "get very big cake") == ("c", "template", {"s": "large", "x": "cake"})


def test_the_same_choices_are_one_type_and_others_are_not() -> None:
    """However their values are spelled."""
    made = Router()
    for name, choices in (("a", ["x', 'y"]), ("b", ["x", "y"]), ("c", ["x | y"])):
        phrase = Phrase("take {it}" if name == "a" else f"take {{it}} {name}")
        made.add(Intent(name=name, phrases=(phrase,), handler=print, slots={"it": Slot(choices=choices)}))

    assert won(made, "take y b") == ("b", "template", {"it": "y"})
    assert won(made, "take x y") == ("a", "template", {"it": "x', 'y"})
    assert won(made, "take x y c") == ("c", "template", {"it": "x | y"})


def test_many_lists_at_one_place_are_told_apart() -> None:
    """Each intent may have choices of its own, and they may share a spelling."""
    made = Router()
    for number in range(50):
        slots = {"it": Slot(choices=[f"kind {number}", f"own{number}", "any"])}
        made.add(Intent(name=str(number), phrases=(Phrase("take {it}"),), handler=print, slots=slots))
    made.add(Intent(name="word", phrases=(Phrase("take {w:word}"),), handler=print))

    assert won(made, "take kind 37") == ("37", "template", {"it": "kind 37"})
    assert won(made, "take own12") == ("12", "template", {"it": "own12"})
    assert won(made, "take any") == ("0", "template", {"it": "any"})
    assert won(made, "take other") == ("word", "template", {"w": "other"})
    assert won(made, "take kind 50") is None


@pytest.mark.parametrize("text", ["", "!!!", "\u200b", "b", "a", "hello there", "a " * 1_000 + "?"])
def test_nothing_is_no_match(text: str) -> None:
    """Neither silence nor strange words match anything."""
    assert won(router(("hello",), ("a {x} b",), ("{s:size}",)), text) is None


def test_scripts_without_spaces_have_slots_too() -> None:
    """Wherever the writer's words lie."""
    made = router(("去{x}的票",), ("我要{n:int}个",), ("ขอ{x}หน่อย",), ("{t:time}到",), ("邮箱{m:email}",))

    assert won(made, "去北京的票！") == ("a", "template", {"x": "北京"})
    assert won(made, "我要３个") == ("b", "template", {"n": 3})
    assert won(made, "20:15到") == ("d", "template", {"t": time(20, 15)})
    assert won(made, "邮箱ann@example.com") == ("e", "template", {"m": "ann@example.com"})
    assert won(made, "ขอน้ำหน่อย") == ("c", "template", {"x": "น้ำ"})


def test_what_lies_beyond_the_limit_is_not_matched() -> None:
    """The first 2,000 characters are the message."""
    made = router(("a {x}",))

    assert won(made, "a " + "b" * 3_000) == ("a", "template", {"x": "b" * 1_998})


def test_a_match_knows_its_phrase_and_how_sure_it_is() -> None:
    """For whoever wants to know what was understood."""
    made = router(("hello", "good morning"), ("good {x}",))
    exact, template = made.route("Good morning", now=NOW), made.route("good night all", now=NOW)

    assert isinstance(exact, Match)
    assert isinstance(template, Match)
    assert (exact.phrase, exact.score) == (Phrase("good morning"), 1.0)
    assert (template.phrase, template.score) == (Phrase("good {x}"), 1 / 3)


# Choices

CHOICES = (
    Choice("Opening hours"), Choice("Buy", intent="b"), Choice("Something else"), Choice("7"), Choice("C"),
    Choice("C++"), Choice("?"),
)  # fmt: skip


@pytest.mark.parametrize(
    ("said", "number"),
    [
        ("1", 1),
        ("1.", 1),
        ("#1", 1),
        ("(1)", 1),
        ("number 1", 1),
        ("No. 1", 1),
        ("option 1", 1),
        ("1️⃣", 1),
        ("opening HOURS!", 1),
        ("2)", 2),
        ("٢", 2),
        ("２", 2),
        ("buy", 2),
        ("7", 4),
        ("c", 5),
        ("C++", 6),
        ("C#", 5),
        ("?", 7),
        ("9", None),
        ("0", None),
        ("1 2", None),
        ("two", None),
        ("!", None),
        ("", None),
        ("1000000000", None),
    ],
)
def test_a_choice_is_taken_by_title_or_number(said: str, number: int | None) -> None:
    """A title as it is shown goes before one that is compared the same, and that before a number."""
    chosen = router(("hello",)).chosen(said, CHOICES)

    assert chosen == (None if number is None else CHOICES[number - 1])


def test_a_slot_tells_signs_apart_where_words_are_the_same() -> None:
    """C, C++ and C# are the same words, and three languages."""
    made = router(("i know {it} [well]",), slots={"it": Slot(choices=["C", "C++", "C#", "A+", "-1", "1"])})
    said = ["C", "c++", "C#!", "C++ well", "'C'", "C+-", "a", "A+.", "-1", "1", "+1"]

    assert [won(made, f"I know {one}") for one in said] == [
        ("a", "template", {"it": meant}) for meant in ["C", "C++", "C#", "C++", "C", "C", "A+", "A+", "-1", "1", "1"]
    ]


def test_a_choice_runs_its_intent_or_is_routed_as_its_title() -> None:
    """What is taken goes before every phrase; what is not is routed as always."""
    made = router(("opening hours", "1"), ("buy it",), ("{n:int}",))

    assert won(made, "1", CHOICES) == ("a", "choice", {})
    assert won(made, "2", CHOICES) == ("b", "choice", {})
    assert won(made, "3", CHOICES) is None
    assert won(made, "7", CHOICES) == ("c", "choice", {"n": 7})
    assert won(made, "9", CHOICES) == ("c", "template", {"n": 9})
    assert won(made, "2") == ("c", "template", {"n": 2})
    assert won(router(("hello",)), "2", CHOICES) is None


@pytest.mark.parametrize(
    ("said", "title"),
    [
        ("openning hours please", "Opening hours"),
        ("the opening hours", "Opening hours"),
        ("somthing elsee", "Something else"),
        ("something", "Something else"),
        ("opening", "Opening hours"),
        ("hm, what about something else then", "Something else"),
        ("not the opening hours", None),
        ("hours or something", None),
        ("I would like to know what your opening hours are", None),
        ("by", None),
        ("els", None),
    ],
)
def test_a_choice_is_taken_by_likeness_where_no_phrase_fits(said: str, title: str | None) -> None:
    """Strictly: all of the title, or nothing else, with few typos and no *not*."""
    taken = router(("hello",)).taken(said, CHOICES, now=NOW)

    assert (taken and taken.title) == title


def test_a_phrase_goes_before_a_choice_that_is_only_alike() -> None:
    """And of likeness the higher one."""
    made = router(("opening hours please",), ("order {x}",), ("when are your opening hours today", "opening times"))
    exact, template = (made.taken(said, CHOICES, now=NOW) for said in ("opening hours please", "order something else"))
    made.learn()

    assert (exact, template) == (None, None)
    assert made.taken("when are your openning hours tody", CHOICES, now=NOW) is None
    assert won(made, "when are your openning hours tody", CHOICES) == ("c", "likeness", {})


# Building


def test_a_phrase_that_two_intents_claim_belongs_to_the_first() -> None:
    """The bot runs, and the writer is told which, where, and what then happens."""
    made = Router()
    for name, phrases in (("a", ["hello", "say {x}", "[so] long"]), ("b", ["Hello!", "say {y}", "long", "?!", "[x]"])):
        placed = tuple(Phrase(one, Place("bots.yaml", number)) for number, one in enumerate(phrases, 1))
        made.add(Intent(name=name, phrases=placed, handler=print))

    assert won(made, "hello") == ("a", "exact", {})
    assert won(made, "say it") == ("a", "template", {"x": "it"})
    says = "intent 'b' says what intent 'a' at bots.yaml:{0} says already with \"{1}\": the first declared answers"
    assert [str(one) for one in made.warnings] == [
        'bots.yaml:1: "Hello!": ' + says.format(1, "hello"),
        'bots.yaml:2: "say {y}": ' + says.format(2, "say {x}"),
        'bots.yaml:3: "long": ' + says.format(3, "[so] long"),
        'bots.yaml:4: "?!": nothing of this phrase is left to match, so it is skipped',
    ]


def test_optional_words_do_not_make_phrases_contradict() -> None:
    """That nothing is said matches none of them."""
    assert router(("[a]", "[b]"), ("[c] [d]",)).warnings == []


def test_a_list_that_contradicts_itself_is_told() -> None:
    """A spelling has one meaning, the first."""
    made = Router(lists={"size": {"large": ["big"], "huge": ["BIG!", "…"]}})

    assert [str(one) for one in made.warnings] == [
        "list 'size': \"BIG!\" stands for 'large' already, so it never means 'huge'",
        "list 'size': nothing of \"…\" is left to match, so it is skipped",
    ]
    assert Router(lists={"language": {"c": ["C"], "c++": ["C++"]}}).warnings == []


def test_a_list_with_a_value_that_nobody_says_as_one_is_refused() -> None:
    """Since a message is looked at that far from each of its words on."""
    with pytest.raises(DefinitionError) as error:
        Router(lists={"size": {"large": ["big " * 20, "big " * 21]}})

    assert str(error.value) == (
        "In the list 'size', \"big big big big big big big big big big …\" has more than 20 words; shorten it."
    )


def test_two_intents_of_one_name_are_refused() -> None:
    """A name means one thing."""
    made = router(("hello",))
    with pytest.raises(DefinitionError, match="two intents 'a'"):
        made.add(made.intents[0])


def test_an_intent_with_a_bad_phrase_is_refused_whole_and_with_its_place() -> None:
    """Nothing of it is there afterwards."""
    made = Router()
    phrases = (Phrase("hello"), Phrase("bye {", Place("bots.yaml", 3, 9)))
    with pytest.raises(PhraseError, match=r'^bots.yaml:3:9: In the phrase "bye {", at character 5: '):
        made.add(Intent(name="a", phrases=phrases, handler=print))

    assert (made.intents, made.filled(Intent(name="a", phrases=phrases, handler=print))) == ((), frozenset())
    assert won(made, "hello") is None


def test_intents_may_be_added_between_messages() -> None:
    """The index is there at once."""
    made = router(("hello",))
    before = won(made, "bye bye")
    made.add(Intent(name="z", phrases=(Phrase("bye {x}"),), handler=print))

    assert (before, won(made, "bye bye")) == (None, ("z", "template", {"x": "bye"}))


def test_reading_an_intent_registers_nothing() -> None:
    """Who reads may look at its slots before it is kept."""
    made = Router()
    read = made.read(Intent(name="a", phrases=(Phrase("a {x:int} {y:int}"), Phrase("b [{x:int}]")), handler=print))

    before = won(made, "b 1")
    made.keep(read)

    assert (set(read.filled), set(read.named)) == (set(), {"x", "y"})
    assert (before, won(made, "b 1")) == (None, ("a", "template", {"x": 1}))
    assert made.named(read.intent) == {"x", "y"}


def test_filled_slots_are_those_of_every_phrase() -> None:
    """A handler may rely on them."""
    made = router(("a {x:int} {y:int}", "b {x:int} [{y:int}]"), ())

    assert [made.filled(intent) for intent in made.intents] == [{"x"}, frozenset()]
