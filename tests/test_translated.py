"""Texts in several languages: a str that says itself in each of them."""

import copy
import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from botkit import Choice, Image, Text, Translated
from botkit.replies import in_language
from botkit.translated import changed, said_in, spellings

BREAD = Translated(en="Bread", de="Brot", nl="Brood")
LANGUAGES = st.sampled_from(["en", "de", "fr", "nl", "pl"])
TEXTS = st.dictionaries(LANGUAGES, st.text(min_size=1), min_size=1)


def test_it_is_the_text_in_its_first_language() -> None:
    """To whoever asks for none, it is a str like any other."""
    assert (BREAD, len(BREAD), {BREAD}, str(BREAD)) == ("Bread", 5, {"Bread"}, "Bread")
    assert type(str(BREAD)) is str
    assert repr(Translated({"en": "Yes"})) == "Translated({'en': 'Yes'})"


@given(TEXTS, LANGUAGES, LANGUAGES)
def test_it_is_said_in_the_first_language_that_is_there(texts: dict[str, str], first: str, second: str) -> None:
    """Then in the next one that was asked for, then in its own first."""
    given = Translated(texts)
    expected = texts.get(first, texts.get(second, next(iter(texts.values()))))

    assert said_in(given, (first, second)) == expected
    assert said_in(expected, (first, second)) is expected


@given(TEXTS)
def test_a_copy_says_the_same(texts: dict[str, str]) -> None:
    """Also one that went through a file."""
    given = Translated(texts)
    for other in (copy.copy(given), copy.deepcopy(given), pickle.loads(pickle.dumps(given))):  # noqa: S301 - our own
        assert (dict(other.by_language), other) == (texts, given)


def test_it_is_changed_in_each_of_its_languages() -> None:
    """What is in one language is changed as it is."""
    assert changed(BREAD, lambda text, language: f"{language}: {text}").said_in("de") == "de: Brot"  # type: ignore[attr-defined]  # it is a Translated
    assert changed("Bread", lambda text, language: f"{text}{language}!") == "Bread!"
    assert spellings(Translated(en="Pizza", de="Pizza", fr="Une pizza")) == ("Pizza", "Une pizza")


def test_what_is_no_text_is_refused() -> None:
    """So is nothing at all."""
    with pytest.raises(ValueError, match="takes a text for each language"):
        Translated()
    with pytest.raises(TypeError, match="takes texts, not int for 'de'"):
        Translated(en="One", de=1)  # type: ignore[arg-type]  # on purpose


def test_a_reply_is_said_in_a_language_with_all_its_texts() -> None:
    """Code sees the same value, whatever title a choice is shown with."""
    cake = Choice(Translated(en="Cake", de="Kuchen"))
    asked = Text(Translated(en="What?", de="Was?"), choices=[Choice(BREAD, "bread"), cake, "Tea"], tag="HUMAN_AGENT")

    assert in_language([asked], lambda: ["de", "en"])[0] == Text(
        "Was?", choices=[Choice("Brot", "bread"), Choice("Kuchen", "Cake"), "Tea"], tag="HUMAN_AGENT"
    )
    assert type(cake.value) is str
    image = Image(Translated(en="https://a/en.png", de="https://a/de.png"))
    assert in_language([image], lambda: ["de"])[0] == Image("https://a/de.png")


def test_a_reply_in_one_language_stays_as_it_is() -> None:
    """Nothing is made anew."""
    replies = (Text("Hello", choices=["Yes"]), Image("https://a/b.png"))
    assert in_language(replies, lambda: pytest.fail("nobody need know")) is replies
