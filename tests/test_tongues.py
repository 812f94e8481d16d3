"""Likeness in a bot of several languages: each is understood as by a bot that speaks it alone."""

from collections.abc import Sequence
from datetime import UTC, datetime

import pytest

from botkit import Choice
from botkit.language.meanings import meanings_of
from botkit.router import Intent, Match, Phrase, Router
from test_likeness_languages import FILES, parted

NOW = datetime(2031, 5, 6, tzinfo=UTC)
DATA = {path.stem: parted(path) for path in FILES}


def speaking(*languages: str, own: str, tagged: bool = True) -> Router:
    """A router that was taught the phrases of *languages*."""
    phrases: dict[str, list[Phrase]] = {}
    for language in languages:
        for one in DATA[language][0]:
            phrases.setdefault(one.intent, []).append(Phrase(one.text, None, language if tagged else None))
    router = Router(language=own)
    for name, said in phrases.items():
        router.add(Intent(name=name, phrases=tuple(said), handler=print))
    router.learn(meanings=meanings_of)
    return router


def answers(router: Router, language: str, conversation: str) -> Sequence[Match | None]:
    """What the forty messages in *language* are taken for in a *conversation* in that or another."""
    return [router.route(one.text, now=NOW, language=conversation) for one in DATA[language][1]]


def bare(matches: Sequence[Match | None]) -> list[tuple[str, float] | None]:
    """Matches without their intents' phrases."""
    return [None if match is None else (match.intent.name, match.score) for match in matches]


@pytest.mark.parametrize("other", ["es", "fr", "it", "tr", "ru", "zh"])
def test_two_languages_are_understood_like_each_alone(other: str) -> None:
    """By the same intents, whichever language the conversation is in; and which one it is is told."""
    both = speaking("de", other, own="de")
    for language, elsewhere in (("de", other), (other, "de")):
        alone = answers(speaking(language, own=language), language, language)
        for conversation in (language, elsewhere):
            found = answers(both, language, conversation)
            right = [one.intent for one in DATA[language][1]]
            count, expected = (
                sum(match is not None and match.intent.name == name for match, name in zip(each, right, strict=True))
                for each in (found, alone)
            )
            assert count >= expected
            assert {match.language for match in found if match is not None} == {language}


@pytest.mark.parametrize("language", ["de", "fr"])
def test_a_bot_of_one_language_understands_to_the_bit_what_it_did(language: str) -> None:
    """Whether its phrases say in which language they are, or not."""
    tagged, plain = (speaking(language, own=language, tagged=tagged) for tagged in (True, False))

    assert bare(answers(tagged, language, language)) == bare(answers(plain, language, language))
    assert [one.likeness.limits for one in tagged.understandings] == [plain.likeness.limits if plain.likeness else None]


def library(*phrases: Phrase) -> Router:
    """English phrases, and others."""
    router = Router()
    english = ("where is the library", "how do I get to the library", "the way to your building")
    router.add(Intent(name="way", phrases=tuple(Phrase(text, None, "en") for text in english), handler=print))
    fees = ("what does a late book cost", "how much is the fee", "do I pay for late books")
    router.add(Intent(name="fees", phrases=(*(Phrase(text, None, "en") for text in fees), *phrases), handler=print))
    router.learn(meanings=meanings_of)
    return router


def test_the_english_table_of_meanings_is_for_english_phrases_alone() -> None:
    """Another language is learned from its own words, also where those are in the table."""
    router = library(
        *(Phrase(text, None, "nl") for text in ("wat kost een boek", "is het in the box", "boete voor te laat"))
    )
    english, dutch = router.understandings

    assert (english.language, dutch.language) == ("en", "nl")
    words = {one.said: one.meaning for one in english.likeness.words("what is the penalty", "fees")}
    assert words["penalty"] > 0
    assert not any(one.meaning for one in dutch.likeness.words("is the penalty in the box", "fees"))


def test_a_phrase_that_says_no_language_tells_none() -> None:
    """Nor does an intent that has such a phrase, by likeness."""
    router = library(Phrase("fee", None, None))

    assert [
        (match.intent.name, match.language)
        for text in ("fee", "what does a late boook cost", "how do I get to your libary")
        if (match := router.route(text, now=NOW)) is not None
    ] == [("fees", None), ("fees", None), ("way", "en")]


def test_what_is_said_alike_means_what_it_does_in_the_conversation_s_language() -> None:
    """A gift is poison in German; what the same intent says in both tells no language."""
    router = Router()
    router.add(Intent(name="present", phrases=(Phrase("gift", None, "en"), Phrase("taxi", None, "en")), handler=print))
    router.add(Intent(name="poison", phrases=(Phrase("Gift", None, "de"),), handler=print))
    router.add(Intent(name="ride", phrases=(Phrase("bus", None, "en"), Phrase("bus", None, "de")), handler=print))
    route = {language: router.route("gift", now=NOW, language=language) for language in ("en", "de", "fr")}

    assert {language: match and match.intent.name for language, match in route.items()} == {
        "en": "present",
        "de": "poison",
        "fr": "present",
    }
    assert (match := router.route("Bus!", now=NOW)) is not None
    assert (match.intent.name, match.language) == ("ride", None)
    assert router.warnings == []


def test_templates_that_are_alike_have_slots_of_their_own_names() -> None:
    """Each variant by itself: what only one language has is that one's."""
    router = Router()
    english, german = Phrase("pizza {number:int}[ please]", None, "en"), Phrase("pizza {zahl:int}", None, "de")
    router.add(Intent(name="pizza", phrases=(english,), handler=print))
    router.add(Intent(name="italienisch", phrases=(german,), handler=print))
    found = [
        (match.intent.name, dict(match.slots), match.language)
        for text, language in (("pizza 3", "en"), ("pizza 3", "de"), ("pizza 3 please", "de"))
        if (match := router.route(text, now=NOW, language=language)) is not None
    ]

    assert found == [
        ("pizza", {"number": 3}, "en"),
        ("italienisch", {"zahl": 3}, "de"),
        ("pizza", {"number": 3}, "en"),
    ]


def test_what_is_said_twice_in_one_language_is_warned_of() -> None:
    """Also where one of the two counts for every language."""
    router = Router()
    router.add(Intent(name="one", phrases=(Phrase("hi", None, "en"),), handler=print))
    router.add(Intent(name="two", phrases=(Phrase("hi", None, None),), handler=print))

    assert [warning.text for warning in router.warnings] == [
        "\"hi\": intent 'two' says what intent 'one' says already with \"hi\": the first declared answers"
    ]


def test_a_choice_that_is_taken_tells_no_language() -> None:
    """Its title may be a phrase of another one."""
    router = Router(language="de")
    router.add(Intent(name="tea", phrases=(Phrase("tea", None, "en"),), handler=print))
    match = router.route("1", now=NOW, choices=[Choice("Tea")])
    assert match is not None
    assert (match.intent.name, match.how, match.language) == ("tea", "choice", None)


def test_an_explanation_tells_the_language() -> None:
    """And weighs by what was learned of it."""
    explanation = speaking("de", "fr", own="de").explain("quand est-ce que vous ouvrez demain", now=NOW)

    assert explanation.language == "fr"
    assert ", in fr)" in str(explanation)
