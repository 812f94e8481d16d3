"""Titles of choices: one that is there twice, and a number that is another one's place."""

import pytest

from botkit.config import Configuration, read
from botkit.errors import ConfigError

REPLY = "version: 1\nbots:\n  b:\n    fallback: {text: Which?, choices: [%s]}\n"
SLOT = (
    "version: 1\nbots:\n  b:\n    fallback: Hm?\n    intents:\n"
    "      a: {phrases: [hi], slots: {x: {ask: Which?, choices: [%s]}}, reply: '{x}'}\n"
)


def loaded(text: str) -> Configuration:
    """The bots of *text*."""
    return read(text, file="b.yaml", environment={}, read_file=str.encode, import_name=str, secrets=False)


@pytest.mark.parametrize("where", [REPLY, SLOT], ids=["reply", "slot"])
@pytest.mark.parametrize("choices", ["B, B", "B, b", "{en: Rye, de: B}, {en: White, de: B}", "B, C, {en: A, de: C}"])
def test_two_choices_of_one_title_are_refused(where: str, choices: str) -> None:
    """Whoever types it could mean either, in whichever language."""
    with pytest.raises(ConfigError) as error:
        loaded(where % choices)

    (problem,) = [line for line in error.value.problems if "already" in line]
    assert "already: whoever types it could mean either; keep one" in problem
    assert problem.startswith("b.yaml:4:" if where is REPLY else "b.yaml:6:")


@pytest.mark.parametrize("where", [REPLY, SLOT], ids=["reply", "slot"])
def test_a_number_that_is_the_place_of_another_choice_is_warned_of(where: str) -> None:
    """Whoever types what is shown in front of one gets the other."""
    (warning,) = loaded(where % "A, B, 1").warnings

    assert warning.startswith("b.yaml:4:" if where is REPLY else "b.yaml:6:")
    assert warning.endswith(
        "the title 1 is the number of another choice: whoever types it gets this one, which is 3; rename it"
    )


@pytest.mark.parametrize("choices", ["1, 2, 3", "10, 20, 30", "A, B", "{en: Rye, de: Roggen}, {en: White, de: Weiß}"])
def test_other_titles_are_good(choices: str) -> None:
    """Numbers in their places among them."""
    assert [one for one in loaded(REPLY % choices).warnings if "choice" in one] == []
