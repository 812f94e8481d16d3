"""Hearing: what a message is while a question is open, in the order of the documentation."""

import datetime as dt
from collections.abc import Callable, Sequence
from decimal import Decimal

import pytest

from botkit import Bot, Chat, Choice, File, Image, Text
from botkit.flows.kept import read_flows
from talks import ANNA, Talk

RETRY = "Sorry, I did not get that."


def asking(language: str = "en", **options: object) -> Bot:
    """A bot that asks one thing with *options*, says what it became, and answers something else, too."""
    bot = Bot("desk", language=language, lists={"size": {"small": ["little"], "large": ["big"]}})

    @bot.intent("go")
    async def go(chat: Chat) -> str:
        answer = await chat.ask("Well?", **options)  # type: ignore[call-overload]  # whatever the test asks for
        return repr(answer)

    @bot.intent("when do you open", "are you open on {day:date}")
    async def hours(chat: Chat, day: dt.date | None = None) -> str:
        return "At noon."

    @bot.intent("{what:word} {why:word}")
    async def anything(chat: Chat, what: str, why: str) -> str:
        return "A phrase without a word of its own."

    @bot.on("image")
    async def image(chat: Chat) -> str:
        return "Nice."

    return bot


async def said(bot: Bot, *texts: str) -> list[str]:
    """What the last of *texts* is answered, said after the question was put."""
    async with Talk(bot) as talk:
        await talk.say("go")
        for text in texts[:-1]:
            await talk.say(text)
        return await talk.say(texts[-1])


def seats(text: str) -> int:
    """A function that takes even numbers."""
    if int(text) % 2:
        raise ValueError("odd")
    return int(text)


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        (str, "Ann Lee", "Ann Lee"),
        (int, "4", 4),
        (int, "four", 4),
        (int, "for 4 people", 4),
        (int, "a table for twenty", 20),
        (float, "3.5", 3.5),
        (Decimal, "3,50", Decimal("3.50")),
        (bool, "Yes!", True),
        (bool, "nope", False),
        (dt.date, "24 December", dt.date(2026, 12, 24)),
        (dt.time, "at 8pm", dt.time(20)),
        ("email", "it is ann@example.com, thanks", "ann@example.com"),
        ("size", "little", "small"),
        ("size", "the big one", "large"),
        ("word", "two", "two"),
        (seats, "8", 8),
    ],
)
async def test_a_typed_answer_becomes_its_value(kind: object, text: str, value: object) -> None:
    """What is asked for is what the handler gets, whether it is all of the message or one place in it."""
    assert await said(asking(type=kind), text) == [repr(value)]


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        (int, "some"),
        (int, "4 or 5"),
        (bool, "maybe"),
        (dt.date, "tomorrow or 24 December"),
        ("email", "at example"),
        (seats, "7"),
        (Image, "https://example.com/a.png"),
        (str, "  "),
    ],
)
async def test_what_is_no_answer_is_asked_for_again(kind: object, text: str) -> None:
    """Nothing, or more than one value, is no answer; and it leaves no entry in the journal."""
    async with Talk(asking(type=kind)) as talk:
        await talk.say("go")

        assert await talk.say(text) == [RETRY, "Well?"]
        assert [flow.entries for flow in read_flows(await talk.flow(), ANNA)[0]] == [()]


@pytest.mark.parametrize(("kind", "sent"), [(Image, "image"), (File, "file")])
async def test_media_may_be_asked_for(kind: object, sent: str) -> None:
    """A picture is an answer where one is asked for, and a handler for pictures does not get it."""
    async with Talk(asking(type=kind)) as talk:
        await talk.say("go")
        answered = await talk.say(kind=sent, url="https://example.com/x")  # type: ignore[arg-type]  # one of the kinds

        assert "https://example.com/x" in answered[0]


CHOICES = ["Today", Choice("Tomorrow", value="next"), Choice("Hours", intent="hours")]


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("today", ["'Today'"]),
        ("2", ["'next'"]),
        ("two", ["'next'"]),
        ("3", ["At noon.", "Well?\n1. Today\n2. Tomorrow\n3. Hours"]),
        ("4", [RETRY, "Well?\n1. Today\n2. Tomorrow\n3. Hours"]),
    ],
)
async def test_a_choice_is_taken_by_title_or_number(text: str, answer: list[str]) -> None:
    """Its value is the answer; one with an intent runs that, and the question is repeated."""
    assert await said(asking(choices=CHOICES), text) == answer


async def test_a_text_with_choices_of_its_own_is_a_prompt_with_choices() -> None:
    """Any reply may be the prompt."""
    bot = Bot("desk")

    @bot.intent("go")
    async def go(chat: Chat) -> str:
        return await chat.ask([Image("https://example.com/a.png"), Text("Which?", choices=["A", "B"])])

    async with Talk(bot) as talk:
        assert await talk.say("go") == ["https://example.com/a.png", "Which?\n1. A\n2. B"]
        assert await talk.say("2") == ["B"]


def at_most_ten(value: int) -> None:
    """Refuse more than ten."""
    if value > 10:
        raise ValueError("We have ten seats.")


@pytest.mark.parametrize(
    ("check", "answer"), [(at_most_ten, ["We have ten seats."]), (lambda value: value < 10, ["A number, please."])]
)
async def test_a_check_may_refuse_a_value(check: Callable[[int], object], answer: list[str]) -> None:
    """Its words are what the user gets, else the question's own."""
    assert await said(asking(type=int, check=check, retry_text="A number, please."), "12") == answer


async def test_the_question_gives_up() -> None:
    """After as many answers that were none as it may have attempts."""
    gave_up = ["Let us leave it at that. You can start again at any time."]

    assert await said(asking(type=int, attempts=1), "x") == gave_up
    assert await said(asking(type=int), "x", "y", "z") == gave_up


@pytest.mark.parametrize("kind", [int, str])
async def test_another_intent_is_answered_and_the_question_repeated(kind: object) -> None:
    """An exact phrase, and a template with a word of its own, are no answers."""
    assert await said(asking(type=kind), "when do you open?") == ["At noon.", "Well?"]
    assert await said(asking(type=kind), "are you open on 2026-12-24") == ["At noon.", "Well?"]


async def test_a_template_of_slots_alone_is_no_other_intent() -> None:
    """It matches anything, and would take every answer."""
    assert await said(asking(), "Ann Lee") == ["'Ann Lee'"]


async def test_the_question_insists_after_three_digressions() -> None:
    """The fourth is taken for an answer."""
    assert await said(asking(), *["when do you open"] * 4) == ["'when do you open'"]
    assert await said(asking(type=int), *["when do you open"] * 4) == [RETRY, "Well?"]


@pytest.mark.parametrize("kind", [int, str])
async def test_who_begins_the_same_again_is_asked_again(kind: object) -> None:
    """He is in the middle of it already; nothing begins inside itself."""
    assert await said(asking(type=kind), "go") == [RETRY, "Well?"]


async def test_a_strict_question_hears_answers_only() -> None:
    """Nothing else is answered, but for cancel and help."""
    assert await said(asking(strict=True), "when do you open") == ["'when do you open'"]
    assert await said(asking(strict=True), "cancel") == ["All right, I have stopped."]


async def test_a_picture_may_be_a_digression() -> None:
    """A kind of message that the bot has a handler for is answered, another one is no answer."""
    async with Talk(asking()) as talk:
        await talk.say("go")

        assert await talk.say(kind="image", url="https://example.com/x") == ["Nice.", "Well?"]
        assert await talk.say(kind="audio", url="https://example.com/x") == [RETRY, "Well?"]


@pytest.mark.parametrize(
    ("language", "cancel", "yes", "number", "told"),
    [
        ("en", "never mind", "of course", "twelve", "All right, I have stopped."),
        ("de", "Abbrechen", "Na klar!", "zwölf", "In Ordnung, ich habe abgebrochen."),
        ("fr", "Annulez", "d'accord", "douze", "D'accord, j'ai annulé."),
        ("es", "cancelar", "Sí", "doce", "De acuerdo, lo he cancelado."),
        ("it", "annulla", "va bene", "dodici", "Va bene, ho annullato."),
        ("pt-BR", "esquece", "sim", "doze", "Tudo bem, cancelei."),
        ("nl", "laat maar", "jazeker", "twaalf", "Goed, ik ben gestopt."),
        ("pl", "anuluj", "tak", "dwanaście", "Dobrze, przerwałem."),
    ],
)
async def test_eight_languages_are_understood(language: str, cancel: str, yes: str, number: str, told: str) -> None:
    """Cancel, yes and numbers are understood, and botkit's own texts said, in the bot's language."""
    assert await said(asking(language, type=bool), yes) == ["True"]
    assert await said(asking(language, type=int), number) == ["12"]
    assert await said(asking(language), cancel) == [told]


async def test_help_says_how_to_go_on() -> None:
    """As often as it is wanted; and the question is repeated."""
    assert await said(asking(), *["help"] * 5) == ['Please answer my question, or write "cancel" to stop.', "Well?"]


async def test_the_bots_own_intents_take_the_place_of_the_built_in_ones() -> None:
    """An intent named cancel or help answers in its own words, and is understood without a question, too."""
    bot = asking()

    @bot.intent("enough of this", name="cancel")
    async def cancel(chat: Chat) -> str:
        return "As you like."

    @bot.intent("what now", name="help")
    async def more(chat: Chat) -> str:
        return "Just answer."

    async with Talk(bot) as talk:
        assert await talk.say("enough of this") == ["As you like."]
        await talk.say("go")
        assert await talk.say("what now") == ["Just answer.", "Well?"]
        assert await talk.say("enough of this") == ["As you like."]
        assert await talk.flow() == ""


async def test_words_and_texts_are_configurable() -> None:
    """What a bot gives replaces what botkit has."""
    bot = Bot("desk", words={"cancel": ["halt"]}, texts={"cancelled": "Halted."})

    @bot.intent("go")
    async def go(chat: Chat) -> str:
        return await chat.ask("Well?")

    assert await said(bot, "Halt!") == ["Halted."]
    assert await said(bot, "stop") == ["stop"]


async def test_without_a_question_the_global_words_are_words_like_others() -> None:
    """They act only while a question is open."""
    async with Talk(asking()) as talk:
        assert await talk.say("cancel") == [RETRY]


class Curious:
    """A model that knows nothing, and remembers what it was asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    def rank(self, text: str) -> Sequence[tuple[str, float]]:
        self.asked.append(text)
        return ()


@pytest.mark.parametrize(
    ("options", "text", "weighed"),
    [
        ({"type": int}, "4", []),
        ({"choices": ["Today", "Tomorrow"]}, "2", []),
        ({"strict": True}, "Ann", []),
        ({"type": int}, "when do you open", []),
        ({}, "Ann", ["Ann"]),
        ({"type": int}, "maybe", ["maybe"]),
    ],
    ids=["typed", "choice", "strict", "phrase", "any text", "no answer"],
)
async def test_only_what_may_be_something_else_is_weighed(
    options: dict[str, object], text: str, weighed: list[str]
) -> None:
    """Likeness costs more than all the rest of a turn, and says nothing about an answer or a phrase."""
    bot, model = asking(**options), Curious()  # type: ignore[arg-type]  # whatever the test asks for
    bot.router.learn(build=lambda examples: model)
    model.asked.clear()
    await said(bot, text)

    assert model.asked == weighed
