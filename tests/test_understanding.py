"""Understanding: what is answered, what is only near, what is declined, and which slots are found."""

from datetime import UTC, date, datetime

import pytest

from botkit.language import Slot
from botkit.language.meanings import meanings_of
from botkit.router import Intent, Match, Phrase, Router, no_meanings

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
SIZES = {"size": {"small": ["little"], "large": ["big"]}}


def intent(name: str, *phrases: str, slots: dict[str, Slot] | None = None, strict: bool = False) -> Intent:
    """An intent of these phrases."""
    return Intent(name=name, phrases=tuple(map(Phrase, phrases)), handler=print, slots=slots or {}, strict=strict)


HOURS = intent("hours", "when do you open?", "what are your opening hours", "are you open on sundays")
CARD = intent("card", "how do I get a library card", "I want to become a member")
FINES = intent("fines", "what does it cost to return a book late", "how high is the fine")
RENEW = intent("renew", "renew [my] loan {number:int}", "extend loan {number:int} please")
EVENTS = intent("events", "is there a reading on {day:date}", "which events are there")
ROOM = intent(
    "room", "reserve a {size} room [for {people:int} people]", slots={"size": Slot("size", ask="Which size?")}
)


def taught(*intents: Intent, has_table: bool = False) -> Router:
    """A router that has learned."""
    made = Router(lists=SIZES)
    for one in intents:
        made.add(one)
    made.learn(meanings=meanings_of if has_table else no_meanings)
    return made


LIBRARY = taught(HOURS, CARD, FINES, RENEW, EVENTS, ROOM)


def understood(text: str, router: Router = LIBRARY) -> tuple[str, str, dict[str, object]] | None:
    """Who answers, how, and with which slots."""
    match = router.route(text, now=NOW)
    return (match.intent.name, match.how, dict(match.slots)) if match else None


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ("wehn do you opne", "hours"),
        ("what are you're opening hours on sunday", "hours"),
        ("do you open on sundays?", "hours"),
        ("get a libary card", "card"),
        ("how can I become a member", "card"),
        ("how high is the fine for a late book", "fines"),
    ],
)
def test_other_words_than_those_of_a_phrase_are_understood(said: str, name: str) -> None:
    """Typos, another order, and less or more than a phrase says."""
    assert understood(said) == (name, "likeness", {})


@pytest.mark.parametrize(
    "said",
    ["what is love", "tell me a joke", "do you like cheese", "do cows fly", "asdf", "🙂", "", "   "],
)
def test_what_is_out_of_scope_is_declined(said: str) -> None:
    """Words that every phrase may have do not make it one."""
    assert understood(said) is None


def test_phrases_go_before_likeness() -> None:
    """What is written is meant, however alike another intent is."""
    assert understood("When do you open") == ("hours", "exact", {})
    assert understood("renew loan 7") == ("renew", "template", {"number": 7})


def test_nothing_is_learned_until_it_is_told_to() -> None:
    """Nor kept when an intent is added."""
    router = Router()
    router.add(HOURS)
    before = understood("when do you oepn", router)
    router.learn()
    after = understood("when do you oepn", router)
    router.add(CARD)

    assert (before, after) == (None, ("hours", "likeness", {}))
    assert (understood("when do you oepn", router), router.likeness) == (None, None)


def test_a_strict_intent_teaches_nothing() -> None:
    """Its phrases match as they are written or not at all."""
    router = taught(CARD, intent("open", "open the gate", strict=True))

    assert understood("open the gate", router) == ("open", "exact", {})
    assert understood("open the gaet", router) is None
    assert taught(intent("open", "open the gate", strict=True)).likeness is None


# Slots


@pytest.mark.parametrize(
    ("said", "name", "slots"),
    [
        ("please renew the loan with number 4711", "renew", {"number": 4711}),
        ("could you extend my loan 12", "renew", {"number": 12}),
        ("is there any reading on 24.12.2026", "events", {"day": date(2026, 12, 24)}),
        ("which events are there tomorrow", "events", {"day": date(2026, 11, 24)}),
        ("which evnets are there", "events", {}),
        ("a big room for 12 people to reserve", "room", {"size": "large", "people": 12}),
        ("reserve us a little room", "room", {"size": "small"}),
        ("please reserve a room", "room", {}),
    ],
)
def test_slots_are_found_where_likeness_matches(said: str, name: str, slots: dict[str, object]) -> None:
    """Beside the word that stands beside them in a phrase, or as the one value of their type."""
    assert understood(said) == (name, "likeness", slots)


CAKES = Router(lists={"size": {"small": [], "large": []}, "cake": {"cheesecake": ["cheese cake"], "carrot cake": []}})
CAKES.add(
    intent("order", "[I would like] [a] {size} {cake} [please]", slots={"size": Slot("size"), "cake": Slot("cake")})
)
CAKES.add(intent("where", "where is your shop", "how do I get to the shop"))
CAKES.learn(meanings=meanings_of)


@pytest.mark.parametrize(
    ("said", "cake"),
    [
        ("a small chesecake please", "cheesecake"),
        ("i would like a small carot cake", "carrot cake"),
        ("a smal cheesecake please", "cheesecake"),
    ],
)
def test_a_value_of_a_list_is_found_as_likeness_reads_it(said: str, cake: str) -> None:
    """What is read with another spelling is not said to be missing."""
    assert understood(said, CAKES) == ("order", "likeness", {"size": "small", "cake": cake})


def test_a_value_that_is_said_goes_before_one_that_is_only_read() -> None:
    """Who names one rightly is not asked about the other."""
    assert understood("a small cheesecake or chesecake plaese", CAKES) == (
        "order",
        "likeness",
        {"size": "small", "cake": "cheesecake"},
    )


def test_an_intent_does_not_answer_without_a_slot_that_its_handler_relies_on() -> None:
    """Nor is it guessed which of two values is meant; one that is asked for may be missing."""
    assert understood("please renew my loan") is None
    assert understood("please renew my loans 3 and 4") is None


def test_free_text_is_taken_from_where_a_phrase_has_it() -> None:
    """To the word behind it, else to the end."""
    router = taught(intent("find", "do you have {title} on the shelf", "look for {title}"), HOURS, CARD)

    assert understood("could you look for the Hobbit", router) == ("find", "likeness", {"title": "the Hobbit"})
    assert understood("hey do you have Emma on the shelf", router) == ("find", "likeness", {"title": "Emma"})


# Words that tell

SHOP = taught(
    intent("parcel", "where is my parcel", "track my parcel", "when does my parcel arrive", "parcel status please"),
    intent("shop", "where is your shop", "what is your address", "how do I find your shop", "shop address please"),
    intent("cost", "what does delivery cost", "delivery price please", "how much is delivery", "shipping cost"),
    intent("name", "who are you", "what is your name"),
    intent("order", "what is in order {number:int}"),
)


@pytest.mark.parametrize(
    "said", ["where", "where is it", "what is", "what is your", "how much", "when does it", "how do I", "you"]
)
def test_small_words_alone_are_taken_for_nothing(said: str) -> None:
    """Whichever phrases begin with them."""
    assert understood(said, SHOP) is None


@pytest.mark.parametrize(
    ("said", "name"),
    [("the shop", "shop"), ("your adress", "shop"), ("prices", "cost"), ("track it", "parcel"), ("your naem", "name")],
)
def test_one_word_that_tells_is_enough(said: str, name: str) -> None:
    """Typos included."""
    assert understood(said, SHOP) == (name, "likeness", {})


@pytest.mark.parametrize("said", ["who are you please", "can you tell me who you are", "hi there, who are you"])
def test_a_phrase_of_small_words_alone_tells_if_all_of_it_is_said(said: str) -> None:
    """In any order, and with others around it."""
    assert understood(said, SHOP) == ("name", "likeness", {})
    assert understood("who is it", SHOP) is None


SHORT = taught(
    intent("price", "prices"),
    intent("order", "orders"),
    intent("book", "booking"),
    intent("menu", "menu", "dishes"),
    intent("hi", "hi"),
    has_table=True,
)


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ("price", "price"), ("what's the price", "price"), ("price please", "price"), ("order", "order"),
        ("bookings", "book"), ("menus", "menu"), ("dish", "menu"), ("hi there", "hi"),
    ],
)  # fmt: skip
def test_a_word_is_known_in_another_number_and_with_small_words_around_it(said: str, name: str) -> None:
    """Where a table of meanings knows it, which makes it no typo of the phrase's word."""
    assert understood(said, SHORT) == (name, "likeness", {})


@pytest.mark.parametrize(
    "said",
    [
        "keys", "dog", "love", "weather", "president", "wood", "what is love", "what is your name", "how much", "where",
        "tell me a joke about penguins",
    ],
)  # fmt: skip
def test_other_words_are_taken_for_nothing_though_the_table_knows_them(said: str) -> None:
    """They mean no phrase's."""
    assert understood(said, SHORT) is None


BARE = [
    intent("where", "where are you", "how do I get to you"),
    intent("who", "who are you"),
    intent("cost", "how much is it"),
]
BARE_ROUTERS = [taught(*BARE), taught(*BARE, has_table=True)]


@pytest.mark.parametrize(
    ("said", "name"), [("how much", "cost"), ("how much is that", "cost"), ("where are u", "where"), ("who r u", "who")]
)
def test_of_a_phrase_of_small_words_alone_the_beginning_is_enough(said: str, name: str) -> None:
    """If hardly more is said, in whichever spelling."""
    assert [understood(said, router) for router in BARE_ROUTERS] == [(name, "likeness", {})] * 2


@pytest.mark.parametrize(
    "said",
    [
        "where", "where is it", "where are my keys", "where are they", "what is", "what is your name", "how are you",
        "how is it", "how do I", "how much wood", "is it", "are you", "who is that",
    ],
)  # fmt: skip
def test_another_beginning_or_end_is_another_question(said: str) -> None:
    """Of small words each may be the one that counts."""
    assert [understood(said, router) for router in BARE_ROUTERS] == [None, None]


def test_small_words_may_be_spelled_as_in_a_chat_in_phrases_too() -> None:
    """Nobody must give both."""
    router = taught(intent("where", "where r u"), CARD)

    assert understood("so where are you", router) == ("where", "likeness", {})


def test_a_number_tells_where_it_fills_a_slot() -> None:
    """And nowhere else."""
    assert understood("what is in 4711", SHOP) == ("order", "likeness", {"number": 4711})
    assert understood("99", taught(HOURS, CARD, FINES)) is None


# Near misses


def test_what_is_near_is_told_but_does_not_answer() -> None:
    """The nearest first; nothing that needs a slot, and nothing for what is like nothing."""
    near = [one.name for one in LIBRARY.near("my card is broken", now=NOW)]

    assert understood("my card is broken") is None
    assert "card" in near
    assert "renew" not in [one.name for one in LIBRARY.near("my loan", now=NOW)]
    assert LIBRARY.near("xyzzy", now=NOW) == ()


def test_a_match_by_likeness_says_how_sure_it_is() -> None:
    """Above one half, and below certainty."""
    match = LIBRARY.route("wehn do you opne", now=NOW)

    assert isinstance(match, Match)
    assert 0.5 <= match.score < 1.0
    assert match.phrase is None
