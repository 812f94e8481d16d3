"""Groups of what was not understood, and phrases of them that mean what was said."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from botkit import Bot
from botkit.config import read
from botkit.language import parse, tokens
from botkit.language.redaction import redacted
from botkit.language.templates import slot_types
from botkit.review.gaps import Group, Near, as_yaml, by_count, grouped, phrase_of
from botkit.work import Gap

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


def gap(text: str, minutes: int = 0, *, bot: str = "shop", language: str = "en") -> Gap:
    """Something that was said."""
    at = NOON + timedelta(minutes=minutes)
    return Gap(bot=bot, language=language, text=text, at=at, until=at + timedelta(days=30))


def shop() -> Bot:
    """A bot that has learned a little."""
    bot = Bot("shop")
    for name, phrases in {
        "hours": ["when do you open", "opening hours", "are you open on sundays", "until when are you open"],
        "order": ["I want to order a cake", "order a cake please", "can I order a big cake", "a cake for tomorrow"],
    }.items():
        bot.intent(*phrases, name=name)(lambda chat: "")
    bot.learn()
    return bot


def test_groups_know_how_often_and_when() -> None:
    """And nothing of other bots' and other languages' is in them."""
    gaps = [
        gap("do you repair bikes", 1), gap("can you repair a bike?", 3), gap("Do you repair bikes?", 2),
        gap("repariert ihr Fahrräder", 4, language="de"), gap("do you repair bikes", 5, bot="bakery"),
    ]  # fmt: skip
    found = [(group.bot, group.language, group.count, group.first, group.last) for group in grouped(gaps, [])]

    assert found == [
        ("bakery", "en", 1, gaps[4].at, gaps[4].at),
        ("shop", "de", 1, gaps[3].at, gaps[3].at),
        ("shop", "en", 3, gaps[0].at, gaps[1].at),
    ]


def test_the_nearest_intent_is_named() -> None:
    """As the bot's own likeness has it."""
    (group,) = grouped([gap("opening times and hours of the sunday")], [shop()])

    assert group.near is not None
    assert (group.near.intent, 0 < group.near.sure < 1) == ("hours", True)


def test_of_a_bot_that_is_gone_no_intent_is_near() -> None:
    """It was renamed, perhaps."""
    assert [group.near for group in grouped([gap("opening hours", bot="old")], [shop()])] == [None]


def test_what_is_answered_by_now_is_known_and_comes_last() -> None:
    """Its phrase was pasted since; what was left out of it counts as some number."""
    bot = shop()
    bot.intent("is order {number:int} ready", name="ready")(lambda chat, number: "")
    groups = by_count(grouped([gap("is order # ready"), gap("is order # ready"), gap("tell me a joke")], [bot]))

    assert [(group.texts[0], group.answered) for group in groups] == [
        ("tell me a joke", None),
        ("is order # ready", "ready"),
    ]


def test_the_yaml_names_no_intent_twice() -> None:
    """Neither one of its own nor one that the bot has; and says in which language it is, where there are several."""
    one = Group(bot="shop", language="en", texts=("repair bikes",), count=2, first=NOON, last=NOON)
    other = Group(
        bot="shop",
        language="en",
        texts=("Repair? Bikes!",),
        count=1,
        first=NOON,
        last=NOON,
        near=Near(intent="x", sure=0.2),
    )

    german = Group(bot="shop", language="de", texts=("fahrrad flicken",), count=1, first=NOON, last=NOON)

    assert as_yaml([german, one]).splitlines()[:5] == [
        "      fahrrad_flicken:  # asked once",
        "        phrases:",
        "          de:",
        '            - "fahrrad flicken"',
        '        reply: {de: "Write the answer here."}',
    ]
    assert as_yaml([one, other], taken=["repair_bikes"]).splitlines() == [
        "      repair_bikes_2:  # asked 2 times",
        "        phrases:",
        '          - "repair bikes"',
        '        reply: "Write the answer here."',
        "      repair_bikes_3:  # asked once; near x",
        "        phrases:",
        '          - "Repair? Bikes!"',
        '        reply: "Write the answer here."',
    ]


@pytest.mark.parametrize(
    ("texts", "name"),
    [
        (("do you repair old bikes here",), "do_you_repair_old"),
        (("# #",), "question"),
        (("a" * 300,), "a" * 40),
        (("你们修车吗",), "你_们_修_车"),
    ],
)
def test_an_intent_is_named_by_what_was_said(texts: tuple[str, ...], name: str) -> None:
    """In any script."""
    assert Group(bot="shop", language="en", texts=texts, count=1, first=NOON, last=NOON).name == name


@given(st.text(st.characters(exclude_characters="#@"), max_size=40))
def test_a_phrase_means_what_was_said(text: str) -> None:
    """Whatever signs a template knows are in it; what has no word in it is no phrase."""
    phrase = phrase_of(text)

    assert (phrase is None) == (not tokens(text).words)
    assert phrase is None or parse(phrase, {}, slot_types({})).named == frozenset()


@pytest.mark.parametrize(
    "said",
    [
        "4711",
        "(24.12.) 5 €",
        "ann@example.com",
        "A4 paper",
        "the 1st",
        "is it " + " or ".join("123456789"),
        "word " * 40 + "12",
        "?! …",
    ],
)
def test_what_would_take_something_else_is_no_phrase(said: str) -> None:
    """Or what would not take it, or what check refuses; its writer is told, and finds the words."""
    group = Group(bot="shop", language="en", texts=(redacted(said),), count=2, first=NOON, last=NOON)

    kept = json.dumps(redacted(said), ensure_ascii=False)

    assert phrase_of(redacted(said)) is None
    assert as_yaml([group]) == f"      # asked 2 times, and no phrase can be made of it: {kept}\n"


BOTS = "version: 1\nbots:\n  shop:\n    fallback: What?\n    intents:\n      x: {phrases: [xyzzy], reply: Y}\n"
PIECES = [
    "is",
    "order",
    "ready",
    "two",
    "me",
    "12",
    "3.5",
    "A4",
    "€",
    "ann@example.com",
    "www.example.com",
    "?",
    "(",
    "or",
    "]",
    "{a:int}",
]
SAID = st.lists(st.sampled_from(PIECES), min_size=1, max_size=12).map(" ".join)
ANY = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=30)


def meaning(text: str) -> str:
    """The words of what was kept, and where numbers and addresses were."""
    return tokens(text.replace("#", " qnumber ").replace("@", " qaddress ")).key


@given(st.lists(st.lists(SAID | ANY, min_size=1, max_size=3), min_size=1, max_size=3), st.lists(SAID, max_size=5))
def test_what_is_pasted_is_good_and_takes_nothing_else(groups: list[list[str]], others: list[str]) -> None:
    """Whatever was said: the file can be read, and what a pasted intent answers is what one of its texts says."""
    asked = [
        Group(bot="shop", language="en", texts=tuple(map(redacted, texts)), count=1, first=NOON, last=NOON)
        for texts in groups
    ]
    text = BOTS + as_yaml(asked, taken=["x"])
    (bot,) = read(text, file="b", environment={}, read_file=str, import_name=str, secrets=False).bots
    pasted = {meaning(one) for group in asked for one in group.texts}

    for said in (*others, *(one for texts in groups for one in texts)):
        match = bot.router.route(said, now=NOON, language="en", likeness=False)
        assert match is None or match.intent.name == "x" or meaning(redacted(said)) in pasted
