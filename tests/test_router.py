"""The router: which phrase wins, the same as a matcher that tries everything, and why."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from botkit.errors import DefinitionError
from botkit.language import Context, Slot, Tokens, parse, tokens
from botkit.language.index import rank
from botkit.language.templates import Hole, Variant, slot_types
from botkit.replies import Choice
from botkit.router import Intent, Match, Phrase, Router

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


def router(*intents: tuple[str, ...], slots: dict[str, Slot] | None = None) -> Router:
    """A router of intents called by their first phrase's first word."""
    made = Router(lists={"size": {"small": ["little"], "large": ["very big"]}})
    for number, phrases in enumerate(intents):
        made.add(
            Intent(
                name=f"{phrases[0].split()[0].strip('[{(')}{number}",
                phrases=tuple(Phrase(one) for one in phrases),
                handler=print,
                slots=slots or {},
            )
        )
    return made


def won(made: Router, text: str, choices: tuple[Choice, ...] = ()) -> tuple[str, str, dict[str, object]] | None:
    """Who wins, how, and with which slots."""
    match = made.route(text, now=NOW, choices=choices)
    return (match.intent.name, match.how, dict(match.slots)) if match else None


def test_an_exact_phrase_beats_a_template() -> None:
    """What is written word for word is meant."""
    made = router(("open {day}",), ("open today",))

    assert won(made, "OPEN, today!") == ("open1", "exact", {})


def test_the_most_literal_template_wins() -> None:
    """More words of its own, then fewer free slots, then what was declared first."""
    made = router(("a {x}",), ("a {x} b",), ("a {n:int} b",), ("a {w:word} b",))

    assert won(made, "a 1 b") == ("a2", "template", {"n": 1})
    assert won(made, "a one b") == ("a3", "template", {"w": "one"})
    assert won(made, "a one two b") == ("a1", "template", {"x": "one two"})
    assert won(made, "a one two") == ("a0", "template", {"x": "one two"})


def test_nothing_is_no_match() -> None:
    """Neither silence nor strange words match anything."""
    made = router(("hello",), ("a {x}",))

    assert [won(made, text) for text in ("", "!!!", "b", "a", "hello there")] == [None] * 5


CHOICES = (Choice("Opening hours"), Choice("Buy", intent="buy1"), Choice("Something else"), Choice("7"))


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ("1", ("opening0", "choice", {})),
        ("1.", ("opening0", "choice", {})),
        ("#1", ("opening0", "choice", {})),
        ("number 1", ("opening0", "choice", {})),
        ("opening HOURS", ("opening0", "choice", {})),
        ("2)", ("buy1", "choice", {})),
        ("٢", ("buy1", "choice", {})),
        ("buy", ("buy1", "choice", {})),
        ("3", None),
        ("7", None),
        ("9", ("{number2", "template", {"n": 9})),
        ("0", ("{number2", "template", {"n": 0})),
        ("two", None),
    ],
)
def test_a_choice_is_taken_by_title_or_number(said: str, found: object) -> None:
    """A title goes before a number, and a number that is none of them is a number."""
    made = Router()
    for name, phrase in (("opening0", "opening hours"), ("buy1", "buy something"), ("{number2", "{n:int}")):
        made.add(Intent(name=name, phrases=(Phrase(phrase),), handler=print))
    expected = found if said != "7" else ("{number2", "choice", {"n": 7})

    assert won(made, said, CHOICES) == expected


def test_what_was_chosen_is_known_even_if_nothing_answers_it() -> None:
    """The turn tells its handler which title was meant."""
    assert router(("hello",)).chosen("3", CHOICES) == CHOICES[2]


def test_a_phrase_that_two_intents_claim_belongs_to_the_first() -> None:
    """The bot runs, and the writer is told."""
    made = router(("hello", "say {x}"), ("Hello!", "say {y}"), ("?!",))

    assert won(made, "hello") == ("hello0", "exact", {})
    assert won(made, "say it") == ("hello0", "template", {"x": "it"})
    assert [str(one).split(":")[0] for one in made.warnings] == ['"Hello!"', '"say {y}"', '"?!"']


def test_two_intents_of_one_name_are_refused() -> None:
    """A name means one thing."""
    made = router(("hello",))
    with pytest.raises(DefinitionError, match="two intents 'hello0'"):
        made.add(made.intents[0])


# The index against a matcher that tries everything


def everything(  # noqa: C901 - naive on purpose, and in one place
    variants: list[Variant], said: Tokens, context: Context
) -> tuple[int, dict[str, object]] | None:
    """The naive matcher: every variant, every way, and the best of those that match."""

    def ways(variant: Variant, at: int) -> Iterator[dict[str, object]]:
        if not variant:
            if at == len(said):
                yield {}
            return
        item, rest = variant[0], variant[1:]
        if at == len(said):
            return
        if isinstance(item, Hole):
            for end, value in item.type.find(said, at, context):
                if end > at:
                    yield from ({item.name: value, **slots} for slots in ways(rest, end))
        elif said.words[at] == item:
            yield from ways(rest, at + 1)

    found = [
        (rank(variant, number), number, slots)
        for number, variant in enumerate(variants)
        if variant and any(isinstance(item, Hole) for item in variant)
        for slots in list(ways(variant, 0))[:1]
    ]
    return min(found, key=lambda one: one[0])[1:] if found else None


WORDS = st.sampled_from(["a", "b", "1", "2.5", "little", "very", "big", "24", "december"])
HOLES = st.sampled_from(["{w:word}", "{n:int}", "{d:decimal}", "{s:size}", "{t:text}", "{day:date}"])
PIECES = st.lists(st.one_of(WORDS, HOLES), min_size=1, max_size=4, unique_by=lambda piece: piece)


@settings(max_examples=400)
@given(st.lists(PIECES, min_size=1, max_size=12), st.lists(WORDS, min_size=1, max_size=6))
def test_the_index_agrees_with_a_matcher_that_tries_everything(phrases: list[list[str]], said: list[str]) -> None:
    """For whatever phrases and whatever text: the same winner, and the same slots."""
    lists = {"size": {"small": ["little"], "large": ["very big", "big"]}}
    texts = [" ".join(pieces) for pieces in phrases]
    made = Router(lists=lists)
    for number, text in enumerate(texts):
        made.add(Intent(name=str(number), phrases=(Phrase(text),), handler=print))
    words = tokens(" ".join(said))
    variants = [parse(text, {}, slot_types(lists)).variants[0] for text in texts]
    exact = [number for number, variant in enumerate(variants) if list(variant) == list(words.words)]
    naive = everything(variants, words, Context(NOW, ZoneInfo("UTC")))
    expected = (exact[0], {}) if exact else naive
    match = made.route(" ".join(said), now=NOW)

    assert (match and (int(match.intent.name), dict(match.slots))) == expected


@given(st.text(max_size=300))
def test_no_text_breaks_the_router(text: str) -> None:
    """Whatever a stranger types is matched or not, and explained."""
    made = router(("[a] {n:int} {x}", "{day:date} {t:time} b"), ("{m:email}", "{u:url}", "{p:phone}", "{s:size}"))
    match = made.route(text, now=NOW)
    explanation = made.explain(text, now=NOW)

    assert explanation.intent == (match.intent.name if match else None)


# Explaining


def test_an_explanation_says_why_each_phrase_won_or_lost() -> None:
    """The winner first, and for the others where they failed or by what they were beaten."""
    made = router(("track {n:int}",), ("track {x}",), ("track order {n:int} now",), ("hello",))
    explanation = made.explain("track 42", now=NOW)
    whys = {one.phrase: (one.won, one.why) for one in explanation.candidates}

    assert (explanation.intent, explanation.how, explanation.slots) == ("track0", "template", {"n": 42})
    assert whys == {
        "track {n:int}": (True, "matches"),
        "track {x}": (
            False,
            "matches, but \"track {n:int}\" of intent 'track0' wins: more literal, or declared first",
        ),
        "track order {n:int} now": (False, 'expected "order" as word 2, found "42"'),
        "hello": (False, 'expected "hello" as word 1, found "track"'),
    }
    assert str(explanation).startswith("\"track 42\" is compared as: track 42\nIntent 'track0' answers (template)")


def test_an_explanation_of_nothing_says_so() -> None:
    """The fallback answers, and the phrase that came furthest is shown first."""
    lines = router(("where is my order",), ("where are you",)).explain("where are my shoes", now=NOW).lines()

    assert lines[1] == "No intent matches: the fallback answers."
    assert lines[2] == '  - where1: where are you\n      expected "you" as word 3, found "my"'


def test_an_explanation_is_json() -> None:
    """Dates and places are written as text."""
    made = router(("on {day:date}",))
    explanation = json.loads(json.dumps(made.explain("on friday", now=NOW, choices=(Choice("x"),)).to_json()))

    assert explanation["slots"] == {"day": "2026-11-27"}
    assert explanation["candidates"][0]["won"] is True


def test_a_match_knows_its_phrase() -> None:
    """For whoever wants to know what was understood."""
    match = router(("hello", "good morning")).route("Good morning", now=NOW)

    assert isinstance(match, Match)
    assert (match.phrase, match.score) == (Phrase("good morning"), 1.0)
