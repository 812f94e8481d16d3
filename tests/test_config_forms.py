"""bots.yaml: slots that are asked for, words and texts; the same form as in Python."""

import pytest

from botkit import Bot, Chat, Slot
from botkit.config import Configuration, read
from botkit.errors import ConfigError
from talks import Talk


def load(text: str, python: Bot | None = None) -> Configuration:
    """Read *text*, in which a bot in Python is called shop:bot."""
    return read(
        text,
        file="bots.yaml",
        environment={},
        read_file=lambda name: b"",
        import_name=lambda name: python,
        secrets=False,
    )


FORM = """
version: 1
bots:
  bakery:
    language: de
    lists: {size: {small: [klein], large: [gross]}}
    words: {cancel: [lass es]}
    texts: {cancelled: Na gut.}
    intents:
      cake:
        phrases: ["[einen] {size} kuchen [bitte]", kuchen]
        slots:
          size: {type: size, ask: "Klein oder gross?"}
          count: {type: int, ask: "Wie viele?", retry_text: "Eine Zahl, bitte."}
          icing: {choices: [Zitrone, Schokolade], ask: "Welche Glasur?"}
        confirm: "{count} {size} mit {icing}?"
        reply: "{count} {size}, {icing}: ist notiert."
"""


async def test_a_form_in_yaml_asks_as_one_in_python() -> None:
    """Slots, their retry texts and choices, the summary and the way back."""
    async with Talk(load(FORM).bots[0]) as talk:
        assert await talk.say("Kuchen") == ["Klein oder gross?"]
        assert await talk.say("Gross") == ["Wie viele?"]
        assert await talk.say("viele") == ["Eine Zahl, bitte."]
        assert await talk.say("zwei") == ["Welche Glasur?\n1. Zitrone\n2. Schokolade"]
        assert await talk.say("2") == ["2 large mit Schokolade?"]
        assert await talk.say("nein") == ["Was möchtest du ändern?\n1. size\n2. count\n3. icing"]
        assert await talk.say("3") == ["Welche Glasur?\n1. Zitrone\n2. Schokolade"]
        assert await talk.say("Zitrone") == ["2 large mit Zitrone?"]
        assert await talk.say("ja") == ["2 large, Zitrone: ist notiert."]


async def test_what_confirms_is_a_text_like_a_reply() -> None:
    """A slot of the phrase without an ask: may be said, too, and a brace is written with a backslash."""
    text = FORM.replace("[einen] {size} kuchen", "[einen] {size} kuchen[ für {name}]")
    text = text.replace('"{count} {size} mit {icing}?"', r"'{count} \{{size}\} für {name}?'")
    async with Talk(load(text).bots[0]) as talk:
        for said in ("grosser kuchen", "einen gross kuchen für Ann", "2"):
            await talk.say(said)

        assert await talk.say("Zitrone") == ["2 {large} für Ann?"]


async def test_words_and_texts_are_the_authors() -> None:
    """They replace those of the language."""
    async with Talk(load(FORM).bots[0]) as talk:
        await talk.say("Kuchen")
        assert await talk.say("Lass es!") == ["Na gut."]


async def test_a_handler_in_python_may_have_its_slots_asked_for_in_yaml() -> None:
    """Its parameter without a default is filled by the question."""
    python = Bot()

    @python.intent(name="cake")
    async def cake(chat: Chat, count: int = 0) -> str:
        return f"{count}."

    text = """
version: 1
bots:
  bakery:
    python: shop:bot
    intents:
      cake: {phrases: [cake], slots: {count: {type: int, ask: How many?}}}
"""
    async with Talk(load(text, python).bots[0]) as talk:
        await talk.say("cake")
        assert await talk.say("3") == ["3."]


def test_a_slot_is_the_same_value_by_either_door() -> None:
    """What YAML says of a slot is what Python's Slot says."""
    slots = load(FORM).bots[0].intents["cake"].slots

    assert slots["count"] == Slot(int, ask="Wie viele?", retry_text="Eine Zahl, bitte.")
    assert slots["icing"] == Slot(choices=["Zitrone", "Schokolade"], ask="Welche Glasur?")


@pytest.mark.parametrize(
    ("keys", "complaint"),
    [
        (
            "slots: {size: {ask: 'Which {size}?'}}",
            "intents.cake.slots.size.ask: this text is said as it is: nothing in { } is replaced here; leave the",
        ),
        (
            "slots: {size: {ask: Which?}}\n        confirm: '{siz}?'",
            'confirm: no phrase of this intent has a slot "siz"',
        ),
        (
            "slots: {size: {ask: Which?}}\n        confirm: '{session.name}, {size}?'",
            "confirm: {session.name} means nothing here: only slots have a value in what confirms them",
        ),
        ("confirm: Right?", "confirm: there is nothing to confirm: no slot of this intent has an ask:"),
        ("slots: {siz: word}", 'slots: no phrase of this intent has a slot "siz"'),
    ],
)
def test_mistakes_in_a_form_are_told(keys: str, complaint: str) -> None:
    """Each in one sentence, where it was made."""
    head = "version: 1\nbots:\n  bakery:\n    intents:\n      cake:\n        phrases: [cake]\n        reply: Yes\n"
    text = f"{head}        {keys}\n"
    with pytest.raises(ConfigError) as error:
        load(text)

    assert complaint in str(error.value)


def test_a_word_that_means_nothing_is_a_mistake() -> None:
    """What can be said otherwise is listed."""
    with pytest.raises(ConfigError) as error:
        load("version: 1\nbots: {bakery: {words: {cancle: [stop]}, fallback: Pardon}}")

    assert 'did you mean "cancel"' in str(error.value)
