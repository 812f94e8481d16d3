"""Regular expressions: which is found, what its groups mean, and what is refused."""

import sys
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from botkit import Bot
from botkit.errors import ConfigError, DefinitionError, PhraseError, Place
from botkit.language import Slot
from botkit.loading import load
from botkit.router import Intent, Phrase, Router

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


def router(*intents: Intent) -> Router:
    """A router of these intents, which has learned."""
    made = Router(lists={"size": {"small": ["little"]}})
    for one in intents:
        made.add(one)
    made.learn()
    return made


def intent(name: str, *regexes: str, phrases: tuple[str, ...] = (), **slots: Slot) -> Intent:
    """An intent that is found by *regexes*."""
    return Intent(
        name=name, phrases=tuple(map(Phrase, phrases)), regexes=tuple(map(Phrase, regexes)), handler=print, slots=slots
    )


MADE = router(
    intent(
        "order", r"(?i)\b(?P<letters>[A-Z]{2})-(?P<number>[0-9]+)\b", number=Slot(int), phrases=("where is my order",)
    ),
    intent("price", r"(?P<amount>[0-9,.]+) ?€", amount=Slot(Decimal)),
    intent("cake", r"(?P<size>\w+) cake", "caf\u00e9", size=Slot("size")),
    intent("any", r"[0-9]{4}"),
)


def found(text: str, made: Router = MADE) -> tuple[str, str, dict[str, object]] | None:
    """Who answers, how, and with which slots."""
    match = made.route(text, now=NOW)
    return (match.intent.name, match.how, dict(match.slots)) if match else None


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ("what about ab-4711?", ("order", "regex", {"letters": "ab", "number": 4711})),
        ("is 12.50 € right", ("price", "regex", {"amount": Decimal("12.50")})),
        ("a little cake", ("cake", "regex", {"size": "small"})),
        ("un cafe\u0301", ("cake", "regex", {})),
        ("pin 1234", ("any", "regex", {})),
        ("ab-4711 for 1234", ("order", "regex", {"letters": "ab", "number": 4711})),
        ("where is my order", ("order", "exact", {})),
        ("wehre is my oder", ("order", "likeness", {})),
        ("a purple cake", None),
        ("\ud800", None),
    ],
)
def test_the_first_expression_that_is_found_answers(said: str, expected: object) -> None:
    """Behind phrases and before likeness, if each group is what its slot takes."""
    assert found(said) == expected


def test_where_nothing_answers_it_is_said_that_no_expression_is_found() -> None:
    """In a line, where likeness has its say too, and where phrases that came further take all the room."""
    made = Router()
    made.add(Intent(name="order", phrases=(), regexes=(Phrase("[A-Z]{9}"),), handler=print))
    made.add(Intent(name="hours", phrases=(Phrase("when do you open"), Phrase("opening hours")), handler=print))
    made.learn()

    assert "Regular expressions: none of 1 is found." in made.explain("when do cats sleep", now=NOW).lines()
    assert not any("Regular" in line for line in made.explain("ABCDEFGHI", now=NOW).lines())


def test_explaining_tells_of_each_expression() -> None:
    """The winner first."""
    explanation = MADE.explain("a purple cake with 1234", now=NOW)
    told = {one.phrase: one.why for one in explanation.candidates}

    assert explanation.candidates[0].phrase == "[0-9]{4}"
    assert told["[0-9]{4}"] == "is found in the text"
    assert told[r"(?P<size>\w+) cake"] == "is found, but a group of it is not what its slot takes"
    assert told[r"(?P<amount>[0-9,.]+) ?€"] == "is not found in the text"


@pytest.mark.parametrize(
    ("regex", "told"),
    [
        ("a(?=b)", "at character 2: lookaround, (?=…), would make some messages cost without bound"),
        ("(?<!x)y", "at character 1: lookaround, (?<!…), would make some messages cost without bound"),
        (r"(a+)\1", r"at character 5: a backreference, \1, would make some messages cost without bound"),
        ("(?P<x>a)(?P=x)", "at character 9: a backreference, (?P=, would make some messages cost without bound"),
        (
            "(?P<n>[0-9])|no (?P<n>[a-z])",
            "two groups are called 'n', and only the first would fill the slot; give each a",
        ),
        ("a(b", "missing ): a(b."),
        ("a{2000}", "invalid repetition size: {2000}."),
    ],
)
def test_what_would_cost_too_much_or_cannot_be_read_is_refused(regex: str, told: str) -> None:
    """With its place, and what to do instead."""
    written = Intent(name="a", phrases=(), regexes=(Phrase(regex, Place("shop.py", 7)),), handler=print)

    with pytest.raises(PhraseError) as error:
        Router().add(written)

    assert str(error.value).startswith(f'shop.py:7: In the regular expression "{regex}"')
    assert told in str(error.value)


def test_bots_yaml_tells_the_place_of_each_bad_expression(tmp_path: Path) -> None:
    """Line and column; the good ones are no mistake."""
    (tmp_path / "bots.yaml").write_text(
        "version: 1\nbots:\n  shop:\n    intents:\n      a:\n        regexes: |\n          [0-9]+\n          a(?!b)\n"
        "        reply: A\n"
    )

    with pytest.raises(ConfigError) as error:
        load(tmp_path / "bots.yaml", secrets=False)

    assert [line.partition("lookaround")[0] for line in str(error.value).splitlines() if "lookaround" in line] == [
        f'{tmp_path}/bots.yaml:8:11: bots.shop.intents.a.regexes: In the regular expression "a(?!b)", at character 2: '
    ]


def test_bots_yaml_and_python_join_their_expressions(tmp_path: Path) -> None:
    """And their groups are slots in replies."""
    (tmp_path / "bots.yaml").write_text(
        "version: 1\nbots:\n  shop:\n    intents:\n      order:\n        regexes: ['#(?P<number>[0-9]+)']\n"
        "        slots: {number: int}\n        reply: Order {number}.\n"
    )
    (bot,) = load(tmp_path / "bots.yaml", secrets=False).bots

    assert found("my #12", bot.router) == ("order", "regex", {"number": 12})


@pytest.mark.parametrize(
    ("regex", "is_filled"),
    [
        ("(?P<x>a)", True),
        ("(?P<x>a)?", False),
        ("(?:b(?P<x>a))*", False),
        ("b|(?P<x>a)", False),
        ("(?P<x>a)|b", False),
        ("(?:c|d)(?P<x>a|b)", True),
        ("(?P<x>a){0,1}", False),
        ("(?P<x>a){1,2}", True),
        (r"\(|(?P<x>a)", False),
        (r"[(|](?P<x>a)\|", True),
        ("[^]|](?P<x>a)", True),
    ],
)
def test_a_handler_may_rely_on_groups_that_every_text_has(regex: str, *, is_filled: bool) -> None:
    """On no others."""
    made = router(intent("a", regex))

    assert (made.filled(made.intents[0]) == {"x"}, made.named(made.intents[0])) == (is_filled, frozenset("x"))


def test_a_handler_that_needs_an_optional_group_is_refused() -> None:
    """When it is registered."""
    bot = Bot()

    def order(chat: object, number: str) -> str:
        return number

    with pytest.raises(DefinitionError, match="needs the slot 'number', which the phrase"):
        bot.intent(regexes=["order (?P<number>[0-9]+)?"])(order)


def test_without_the_package_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only where somebody uses it."""
    monkeypatch.setitem(sys.modules, "re2", None)

    assert found("hello", router(intent("a", phrases=("hello",)))) == ("a", "exact", {})
    with pytest.raises(PhraseError, match=r'pip install "botkit\[regex\]"'):
        router(intent("a", "[0-9]"))


@given(st.text(max_size=200))
def test_whatever_is_typed_is_searched(text: str) -> None:
    """Nothing raises."""
    found(text)
    MADE.explain(text, now=NOW)
