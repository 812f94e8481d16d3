"""Advice on phrases: what nobody is answered by, what is confused, and what is too little."""

from datetime import UTC, datetime

import pytest

from botkit import Bot
from botkit.errors import Place
from botkit.review.advice import advice_on, learned_from
from botkit.router import Intent, Phrase

ONCE, OWN = "say it in one of the two only.", "add a word of its own."
MORE = "add phrases that are like it, or move it."
NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


def bot_of(**phrases: list[str]) -> Bot:
    """A bot with these phrases, which stand in as many lines of a file; it has learned."""
    bot, line = Bot("shop"), 0
    for name, texts in phrases.items():
        places = [Place("bots.yaml", line + number) for number in range(1, len(texts) + 1)]
        line += len(texts)
        bot.add(
            Intent(
                name=name, phrases=tuple(map(Phrase, texts, places)), handler=lambda chat, **slots: "", place=places[0]
            )
        )
    bot.learn()
    return bot


def told(bot: Bot, *kinds: str) -> list[str]:
    """The advice of these kinds."""
    return [str(one) for one in advice_on(bot, now=NOON) if one.kind in kinds]


def test_a_phrase_that_another_intent_answers_is_told_once() -> None:
    """With what answers it; two phrases that say the same have made the same mistake."""
    bot = Bot("shop", lists={"size": {"small": [], "large": []}})
    bot.intent("a small cake", "a bun", "a roll", name="special")(lambda chat: "")
    bot.intent("a {size:size} cake", "(a|one) {size:size} cake", "{size:size} cakes", name="cake")(
        lambda chat, size: ""
    )

    assert [one.text for one in advice_on(bot, now=NOON) if one.kind == "shadowed"] == [
        "\"a small cake\" of 'cake' is answered by 'special' by \"a small cake\": " + ONCE
    ]


@pytest.mark.parametrize("phrase", ["ORDER a cáke", "(order|get) a cake"])
def test_one_mistake_is_told_once(phrase: str) -> None:
    """A phrase of which the bot is warned that another intent claims it needs no hint beside."""
    cake = ["(order|get) a cake", "a cake to order", "please order a cake", "get me a cake"]
    bot = bot_of(cake=cake, bread=[phrase, "a loaf of bread", "two rolls", "rye and wheat"])

    (warning,) = bot.router.warnings
    assert "intent 'bread' says what intent 'cake' at bots.yaml:1 says already" in str(warning)
    assert told(bot, "shadowed", "confused") == []


def test_a_phrase_that_matches_everything_is_told() -> None:
    """Nothing else would ever be understood by likeness."""
    bot = bot_of(any=["{what}", "tell me {what}", "ask {what}"])

    assert told(bot, "everything") == [
        'bots.yaml:1: "{what}" matches every message, and leaves nothing to likeness and the fallback: ' + OWN
    ]


def test_a_phrase_in_the_wrong_place_is_told() -> None:
    """Taught by all others, likeness would have another intent answer it."""
    hours = [
        "when do you open",
        "when do you open today",
        "do you open on sundays",
        "when do you open on mondays",
        "until when do you open",
    ]
    cake = [
        "I want to order a cake",
        "order a big cake",
        "a cake for tomorrow",
        "order two cakes",
        "when do you open tomorrow",
    ]
    bot = bot_of(hours=hours, cake=cake)

    assert told(bot, "confused") == [
        "bots.yaml:10: \"when do you open tomorrow\" of 'cake' is more like 'hours' than like its other phrases: "
        + MORE
    ]


def test_an_intent_with_few_phrases_is_told() -> None:
    """One that is matched strictly needs no more."""
    bot = bot_of(hours=["opening hours"], cake=["a cake", "order a cake", "cake please"])
    bot.intent("secret", name="secret", strict=True)(lambda chat: "")

    assert told(bot, "few") == [
        "bots.yaml:1: intent 'hours' has 1 phrase: with 3 or more, likeness knows what users say otherwise."
    ]


def test_an_intent_that_is_joined_is_told_where_its_phrases_are() -> None:
    """More of them belong there, and not beside the function."""
    bot = Bot("shop")
    phrases = (Phrase("opening hours", Place("bots.yaml", 7, 9)), Phrase("when", Place("bots.yaml", 8, 9)))
    bot.add(Intent(name="hours", phrases=phrases, handler=lambda chat: "", place=Place("handlers.py", 3)))

    assert told(bot, "few") == [
        "bots.yaml:7:9: intent 'hours' has 2 phrases: with 3 or more, likeness knows what users say otherwise."
    ]


@pytest.mark.parametrize(("regex", "is_told"), [(".*", True), ("x?", True), ("(?P<what>.+)", True), ("[0-9]+", False)])
def test_a_regular_expression_that_is_found_in_everything_is_told(regex: str, *, is_told: bool) -> None:
    """As a phrase is that matches everything."""
    bot = Bot("shop")
    regexes = (Phrase(regex, Place("bots.yaml", 7, 9)),)
    bot.add(Intent(name="any", phrases=(), regexes=regexes, handler=lambda chat, **slots: ""))

    found = told(bot, "everything")

    assert len(found) == is_told
    assert all(
        one.startswith(f'bots.yaml:7:9: the regular expression "{regex}" is found in every message') for one in found
    )


def test_intents_that_are_taken_for_one_another_are_told() -> None:
    """In words, with how many phrases are, and what to do."""
    order = ["send me a cake", "bring me a cake", "I want to have a cake", "a cake for my aunt", "get me some cake"]
    deliver = [
        "send a cake to me",
        "bring a cake to me",
        "I want a cake",
        "a cake for aunt Anna",
        "get some cake to me",
    ]
    hours = ["when do you open", "opening hours", "are you open", "open now"]
    found = told(bot_of(order=order, deliver=deliver, hours=hours), "mixed")

    assert found
    assert all(
        one.endswith(": give both phrases with words of their own, or make one intent of the two.") for one in found
    )
    assert "bots.yaml:6: 2 of 3 phrases of 'deliver', when they are left out, are taken for 'order'" in found[0]


def test_good_phrases_need_no_advice() -> None:
    """A calm bot is told nothing."""
    bot = bot_of(
        hours=["when do you open", "opening hours", "until when are you open", "are you open on sundays"],
        cake=["order a cake", "I want to order a cake", "a big cake please", "do you have cakes"],
    )

    assert told(bot, "shadowed", "everything", "confused", "mixed", "few") == []


def test_how_well_it_knows_what_it_was_not_taught_is_said() -> None:
    """As a share of phrases, and from when on it answers; nothing where nothing was learned."""
    bot = bot_of(
        hours=["when do you open", "do you open now", "open now"], cake=["order a cake", "a cake", "order cake"]
    )
    said = learned_from(bot)

    assert said is not None
    assert said.startswith("Left out one after the other, 100% of ")
    assert said.endswith(", unless two intents come equally close.")
    assert learned_from(Bot("empty")) is None
