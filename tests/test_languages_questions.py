"""Another language while a question is open: it is asked anew, and goes on in it."""

import pytest

from botkit import Chat, Slot, Translated
from botkit.language.vocabulary import vocabulary
from speaking import bakery
from talks import Talk


async def test_another_language_asks_the_open_question_anew() -> None:
    """The answer may be given in either language, and is the same to the handler."""
    async with Talk(bakery()) as talk:
        assert await talk.say("order bread") == ["Which bread?\n1. Rye\n2. Wheat"]
        assert await talk.say("auf deutsch bitte") == [
            vocabulary("de").text("language"),
            "Welches Brot?\n1. Roggen\n2. Weizen",
        ]
        assert await talk.say("wheat") == ["Wie viele?"]
        assert await talk.say("zwölf") == ["Sicher?"]
        assert await talk.say("jawohl") == ["Wheat 12 True de"]


async def test_an_answer_is_taken_like_a_title_of_its_language() -> None:
    """With a typo, and words around it."""
    async with Talk(bakery()) as talk:
        await talk.say("brot bestellen")
        assert await talk.say("Rogen, bitte") == ["Wie viele?"]


async def test_another_intent_s_phrase_asks_the_open_question_in_its_language() -> None:
    """A digression in German is answered in German, and so is the question repeated."""
    async with Talk(bakery()) as talk:
        await talk.say("order bread")
        assert await talk.say("wann habt ihr offen") == ["Um 8.", "Welches Brot?\n1. Roggen\n2. Weizen"]
        assert await talk.say("abbrechen") == [vocabulary("de").text("cancelled")]


async def test_cancel_and_help_are_understood_in_every_language_of_the_bot() -> None:
    """But yes and no in that of the conversation only: what means no here may mean yes there."""
    async with Talk(bakery()) as talk:
        await talk.say("order bread")
        assert (await talk.say("Hilfe!"))[0] == vocabulary("en").text("help")
        await talk.say("1")
        await talk.say("2")
        assert (await talk.say("jawohl"))[0] == vocabulary("en").text("retry")
        assert await talk.say("vergiss es") == [vocabulary("en").text("cancelled")]


async def test_the_language_that_is_spoken_already_may_be_an_answer() -> None:
    """Whoever is asked for his favourite subject may say English."""
    bot = bakery()

    @bot.intent({"en": ["school"]})
    async def school(chat: Chat) -> str:
        subject = await chat.ask(Translated(en="Which subject?", de="Welches Fach?"))
        strict = await chat.ask(Translated(en="And strictly?", de="Und genau?"), strict=True)
        return f"{subject}, {strict}, {chat.language}"

    async with Talk(bot) as talk:
        await talk.say("school")
        assert await talk.say("English") == ["And strictly?"]
        assert await talk.say("German") == ["English, German, en"]


async def test_a_form_asks_and_confirms_in_the_language() -> None:
    """Choices are shown in it, and the handler gets one value whatever they were called."""
    bot = bakery()
    size = Slot(
        choices=[Translated(en="small", de="klein"), Translated(en="large", de="groß")],
        ask=Translated(en="Which size?", de="Wie groß?"),
        retry_text=Translated(en="Small or large?", de="Klein oder groß?"),
    )

    @bot.intent(
        {"en": ["a cake", "a {size} cake"], "de": ["ein kuchen", "ein kuchen, {size}"]},
        slots={"size": size},
        confirm=Translated(en="One {size} cake?", de="Ein Kuchen, {size}?"),
    )
    def cake(chat: Chat, size: str) -> str:
        return f"{size}!"

    async with Talk(bot) as talk:
        assert await talk.say("ein kuchen") == ["Wie groß?\n1. klein\n2. groß"]
        assert await talk.say("hm") == ["Klein oder groß?\n1. klein\n2. groß"]
        assert await talk.say("english") == [vocabulary("en").text("language"), "Which size?\n1. small\n2. large"]
        assert await talk.say("groß") == ["One large cake?"]
        assert await talk.say("auf deutsch") == [vocabulary("de").text("language"), "Ein Kuchen, groß?"]
        assert await talk.say("ja") == ["large!"]
        assert await talk.say("ein kuchen, klein") == ["Ein Kuchen, klein?"]


SAID = ("order bread", "auf deutsch", "wann habt ihr offen", "roggen", "english", "3", "yes")


@pytest.mark.parametrize("point", range(1, 16))
async def test_a_flow_in_two_languages_goes_on_wherever_the_process_dies(point: int) -> None:
    """Everything is said as if nothing had happened, each prompt in the language at the time."""
    told = []
    for kill_at in (frozenset[int](), frozenset({point})):
        async with Talk(bakery()) as talk:
            talk.kill_at = kill_at
            told.append([await talk.say(text) for text in SAID])

    assert told[0] == told[1]
    assert told[0][-1] == ["Rye 3 True en"]


async def test_a_flow_sees_the_language_as_it_was_at_each_point() -> None:
    """What the user speaks meanwhile holds from his answer on, also when the handler is run again from its start."""
    bot, seen = bakery(), list[list[str]]()

    @bot.intent({"en": ["go"]})
    async def go(chat: Chat) -> str:
        run = [chat.language]
        seen.append(run)
        await chat.ask("One?")
        run.append(chat.language)
        await chat.ask("Two?")
        run.append(chat.language)
        return "Done."

    async with Talk(bot) as talk:
        for text in ("go", "auf deutsch", "x", "in english", "y"):
            await talk.say(text)

    assert seen[-1] == ["en", "de", "en"]
