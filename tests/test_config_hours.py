"""Hours and conditions in bots.yaml: what is said depends on the time, on what was understood, and on the session."""

from datetime import UTC, datetime

import pytest

from botkit import Bot, Hours
from botkit.config import read
from botkit.errors import ConfigError
from botkit.review.advice import advice_on
from talks import Talk

HEAD = "version: 1\nbots:\n  shop:\n"


def shop(below: str) -> Bot:
    """The bot whose keys are *below*."""
    text = HEAD + "".join(f"    {line}\n" for line in below.strip().splitlines())
    return read(text, file="b", environment={}, read_file=str.encode, import_name=str, secrets=False).bots[0]


HOURS = """
timezone: Europe/Berlin
hours: {mon-fri: "8-12, 13-18", 2026-12-25: closed}
"""


def test_both_build_the_same_hours() -> None:
    """In YAML and in Python."""
    assert shop(HOURS).settings.hours == Hours.of({"mon-fri": "8-12, 13-18", "2026-12-25": "closed"})


@pytest.mark.parametrize(
    ("language", "told"),
    [
        ("en", "8:00–12:00, 13:00–18:00; tomorrow at 8:00"),
        ("de", "8:00–12:00, 13:00–18:00; morgen um 8:00"),
        ("pl", "8:00–12:00, 13:00–18:00; jutro o 8:00"),
        ("tr", "8:00–12:00, 13:00–18:00; tomorrow at 8:00"),
    ],
)
async def test_hours_are_told_in_the_bots_language(language: str, told: str) -> None:
    """In English where the language is none of the eight."""
    bot = shop(HOURS + f'language: {language}\nfallback: "{{hours.today}}; {{hours.next}}"')
    async with Talk(bot) as talk:
        talk.clock.set(datetime(2026, 12, 22, 17, 30, tzinfo=UTC))

        assert await talk.say("hm") == [told]


async def test_a_far_opening_is_told_with_its_date() -> None:
    """And no opening at all with nothing."""
    far = shop('hours: {2027-01-04: 8-9}\nfallback: "We open {hours.next}."')
    never = shop('hours: {mon: closed}\nfallback: "We open {hours.next}."')
    told = []
    for bot in (far, never):
        async with Talk(bot) as talk:
            talk.clock.set(datetime(2026, 12, 22, 17, 30, tzinfo=UTC))
            told += await talk.say("hm")

    assert told == ["We open on 4 January at 8:00.", "We open ."]


CASES = """
intents:
  cake:
    phrases: ["a {size} cake", "a cake"]
    slots: {size: {choices: [small, medium, large]}}
    reply:
      - {when: {size: LARGE}, text: Two days.}
      - {when: {size: [small, medium]}, text: One day.}
      - {when: {size: none, session.name: none}, text: "Which size, stranger?"}
      - {when: otherwise, text: "Which size, {session.name}?"}
      - Anything else?
"""


@pytest.mark.parametrize(
    ("said", "first"),
    [
        ("a large cake", "Two days."),
        ("a small cake", "One day."),
        ("a medium cake", "One day."),
        ("a cake", "Which size, stranger?"),
    ],
)
async def test_a_part_is_said_when_it_is_so(said: str, first: str) -> None:
    """Compared without case; what has no condition is always said."""
    async with Talk(shop(CASES)) as talk:
        assert await talk.say(said) == [first, "Anything else?"]


async def test_otherwise_is_for_when_nothing_before_was_so() -> None:
    """And `any` is for whatever has a value."""
    bot = shop(CASES.replace("session.name: none", "session.name: any"))
    async with Talk(bot) as talk:
        assert await talk.say("a cake") == ["Which size, ?", "Anything else?"]


@pytest.mark.parametrize(
    ("below", "told"),
    [
        ("hours: {monday to someday: 8-12}", 'b:4:13: bots.shop.hours: "monday to someday" is no day'),
        ("hours: {mon: 8-25}", 'bots.shop.hours.mon: there is no such time as in "8-25"'),
        ("hours: {mon: 8-12, Monday: 13-14}", "Monday has its hours already"),
        ("hours: [8-12]", "days with their hours"),
        ("fallback: We open {hours.next}.", "has a value where the bot has hours:"),
        ("fallback: [{when: open, text: Hi}, {when: otherwise, text: Ho}]", "give the bot its hours:"),
        (HOURS + "fallback: [{when: open, text: Hi}]", "add a part with when: otherwise"),
        (HOURS + "fallback: {when: {session.name: any}, text: Hi}", "add a part with when: otherwise"),
        (HOURS + "fallback: [{when: sometimes, text: Hi}, Ho]", "open, closed, otherwise"),
        ("fallback: [{when: {size: large}, text: Hi}, Ho]", 'no phrase of this intent has a slot "size"'),
        ("fallback: [{when: {}, text: Hi}, Ho]", "write at least one"),
    ],
)
def test_mistakes_are_told_with_their_place(below: str, told: str) -> None:
    """As everywhere in bots.yaml."""
    with pytest.raises(ConfigError) as refused:
        shop(below)

    assert told in str(refused.value)


def test_open_and_closed_leave_nobody_without_an_answer() -> None:
    """So that they need no otherwise."""
    bot = shop(HOURS + "fallback: [{when: open, text: Hi}, {when: closed, text: Ho}]")

    assert bot.hook("fallback") is not None


@pytest.mark.parametrize(
    ("now", "count"), [(datetime(2026, 12, 25, tzinfo=UTC), 0), (datetime(2026, 12, 26, tzinfo=UTC), 1)]
)
def test_dates_that_are_over_are_told(now: datetime, count: int) -> None:
    """Once the last of them is."""
    found = advice_on(shop(HOURS), now=now)

    assert [one.kind for one in found] == ["past"] * count
    assert all(str(one).startswith("b:5:37: Bot shop: every exception from the hours is over, ") for one in found)
