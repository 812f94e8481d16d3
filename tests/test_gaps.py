"""Groups of what was not understood, and phrases of them that mean what was said."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from botkit import Bot
from botkit.gaps import Group, Near, as_yaml, grouped, phrase_of
from botkit.language import parse
from botkit.language.templates import slot_types
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
        (("你们修车吗",), "你_们_修_车"),
    ],
)
def test_an_intent_is_named_by_what_was_said(texts: tuple[str, ...], name: str) -> None:
    """In any script."""
    assert Group(bot="shop", language="en", texts=texts, count=1, first=NOON, last=NOON).name == name


@given(st.text(st.characters(exclude_characters="#@"), max_size=40))
def test_a_phrase_means_what_was_said(text: str) -> None:
    """Whatever signs a template knows are in it."""
    template = parse(phrase_of(text), {}, slot_types({}))

    assert template.named == frozenset()
