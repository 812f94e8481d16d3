"""What botkit itself understands in eight languages: numbers in words, and yes."""

import pytest

from botkit.language import tokens
from botkit.language.vocabulary import LANGUAGES, vocabulary


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", {"twenty-one": 21, "Forty two": 42, "ninety-nine": 99, "thirty": 30}),
        ("de", {"einundzwanzig": 21, "fünfundzwanzig": 25, "fuenfunddreissig": 35, "neunundneunzig": 99}),
        (
            "fr",
            {"vingt et un": 21, "vingt-cinq": 25, "soixante et onze": 71, "quatre-vingt-un": 81, "nonante-neuf": 99},
        ),
        ("fr", {"soixante-dix-sept": 77, "quatre-vingt-dix-neuf": 99, "septante et un": 71, "quatre-vingts": 80}),
        ("es", {"veintiuno": 21, "veintitrés": 23, "treinta y una": 31, "noventa y nueve": 99}),
        ("it", {"ventuno": 21, "ventitré": 23, "quarantotto": 48, "novantanove": 99}),
        ("pt", {"vinte e um": 21, "quarenta e duas": 42, "noventa e nove": 99}),
        ("nl", {"eenentwintig": 21, "tweeëndertig": 32, "negenennegentig": 99}),
        ("pl", {"dwadzieścia jeden": 21, "trzydzieści dwie": 32, "dziewięćdziesiąt dziewięć": 99}),
    ],
)
def test_numbers_may_be_written_in_words(language: str, words: dict[str, int]) -> None:
    """Up to a hundred, with hyphens or without, as they are said in that language."""
    known = vocabulary(language)

    assert {word: known.number(word) for word in words} == words


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_number_up_to_a_hundred_has_a_word(language: str) -> None:
    """None is missing, and no word names two."""
    assert set(vocabulary(language).numbers.values()) == {*range(101)}


@pytest.mark.parametrize(
    ("said", "numbers"),
    [
        ("twenty five please", [25]),
        ("twenty-five or thirty", [25, 30]),
        ("for two and twenty", [2, 20]),
        ("no number at all", []),
    ],
)
def test_the_numbers_in_a_sentence_are_as_long_as_can_be(said: str, numbers: list[int]) -> None:
    """Twenty-five is one number and not two."""
    assert list(vocabulary("en").numbers_in(tokens(said).words)) == numbers


@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("de", "Ja, gerne!"),
        ("en", "yes, sure"),
        ("fr", "oui, avec plaisir"),
        ("es", "Sí, claro"),
        ("it", "sì, certo"),
        ("pt", "sim, claro"),
        ("nl", "ja hoor"),
        ("pl", "tak, jasne"),
    ],
)
def test_yes_may_be_said_with_pleasure(language: str, said: str) -> None:
    """In more than one word."""
    assert vocabulary(language).means("yes", said)
