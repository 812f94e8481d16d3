"""Conversations in the language of the user: what sets it, what follows it, and that it is remembered."""

import json
from collections.abc import Mapping
from datetime import timedelta

import pytest

from botkit import Bot, Chat, Text, Translated
from botkit.conversation.routes import title_of
from botkit.errors import DefinitionError
from botkit.language.vocabulary import LANGUAGES, WORDS, vocabulary
from botkit.settings import BotSettings
from botkit.testing.fixture import BotTester
from botkit.turn import Proceed, Replies
from speaking import bakery
from talks import ANNA, Talk, error_of

pytest_plugins = ["botkit.testing"]


async def test_the_conversation_is_in_the_language_of_the_phrase() -> None:
    """It stays so for what tells nothing of a language, and for what nobody understands."""
    async with Talk(bakery()) as talk:
        assert await talk.say("pizza 1") == ["1 in en"]
        assert await talk.say("wann habt ihr offen") == ["Um 8."]
        assert await talk.say("pizza 2") == ["2 in de"]
        assert await talk.say("hm") == [vocabulary("de").text("retry")]
        assert await talk.say("when do you open") == ["At 8."]
        assert await talk.say("pizza 3") == ["3 in en"]


async def test_what_is_only_like_a_phrase_tells_its_language_too() -> None:
    """Typos and other words included."""
    bot = bakery()
    bot.learn()
    async with Talk(bot) as talk:
        assert await talk.say("wann macht ihr denn heute auff") == ["Um 8."]
        assert await talk.say("pizza 2") == ["2 in de"]


async def test_a_bot_of_one_language_remembers_none() -> None:
    """Whether its phrases say so or not: nothing is kept that was not kept before."""
    bot = Bot("shop")
    bot.intent({"en": ["hello"]}, name="hello")(lambda chat: "Hello!")
    async with Talk(bot) as talk:
        assert await talk.say("hello") == ["Hello!"]
        assert await talk.say("auf deutsch") == [vocabulary("en").text("retry")]
        assert await talk.session() == {}


async def test_the_language_is_kept_with_the_session_and_is_no_key_of_it() -> None:
    """Handlers see it as chat.language only; forgetting a user forgets it, and an export has it."""
    bot = bakery()
    seen: list[object] = []

    @bot.intent("look")
    def look(chat: Chat) -> str:
        chat.session["visits"] = 1
        seen.append((dict(chat.session), len(chat.session), "botkit.language" in chat.session))
        chat.session.clear()
        return chat.language

    async with Talk(bot) as talk:
        await talk.say("wann habt ihr offen")
        assert await talk.say("look") == ["de"]
        assert await talk.say("look") == ["de"]
        assert seen == [({"visits": 1}, 1, False)] * 2
        assert json.loads(json.dumps(await talk.store.export(ANNA)))["session"] == {"botkit.language": "de"}
        await talk.store.forget(ANNA)
        talk._heard = 0
        assert await talk.say("pizza 1") == ["1 in en"]


async def test_the_language_outlasts_the_session() -> None:
    """Whoever comes back after a week still speaks it."""
    async with Talk(bakery(session_ttl=timedelta(hours=1))) as talk:
        await talk.say("wann habt ihr offen")
        talk.clock.advance(7 * 86_400)
        assert await talk.say("pizza 1") == ["1 in de"]


async def test_a_session_is_migrated_without_its_language() -> None:
    """Which goes over to the new one."""
    old = bakery()
    old.intent("remember", name="remember")(lambda chat: chat.session.update(old=1))
    new = bakery(session_version=2)
    migrated: list[Mapping[str, object]] = []

    @new.migrate_session
    def migrate(session: Mapping[str, object], version: int) -> dict[str, object]:
        migrated.append(session)
        return {"new": 1}

    async with Talk(old) as talk:
        await talk.say("wann habt ihr offen")
        await talk.say("remember")
        talk.bot = new
        assert await talk.say("pizza 1") == ["1 in de"]
        assert migrated == [{"old": 1}]
        assert await talk.session() == {"new": 1, "botkit.language": "de"}


async def test_the_session_has_no_room_for_a_key_of_that_name() -> None:
    """The error says what to do instead."""
    bot = Bot("shop")
    bot.intent("go", name="go")(lambda chat: chat.session.update({"botkit.language": "de"}))
    async with Talk(bot) as talk:
        await talk.say("go")
        assert "session['botkit.language'] is botkit's own; set chat.language instead" in error_of(talk)


# Asking for a language


@pytest.mark.parametrize("language", LANGUAGES)
async def test_each_language_is_asked_for_in_every_language(language: str) -> None:
    """In its own words and in those of the other seven."""
    bot = Bot("shop", language="tr", languages=LANGUAGES)
    asked = {
        "en": ("English, please!", "auf Englisch", "en anglais", "po angielsku"),
        "de": ("Auf Deutsch bitte", "in German", "en allemand", "em alemão"),
        "fr": ("en français s'il vous plaît", "French please", "auf Französisch", "in het Frans"),
        "es": ("en español", "auf Spanisch", "in spagnolo", "Spanish"),
        "it": ("in italiano per favore", "Italienisch bitte", "en italien", "po włosku"),
        "pt": ("em português", "Portuguese please", "in het Portugees", "en portugués"),
        "nl": ("in het Nederlands", "auf Niederländisch", "in Dutch", "en néerlandais"),
        "pl": ("po polsku", "Polish please", "auf Polnisch", "en polaco"),
    }[language]
    async with Talk(bot) as talk:
        for text in asked:
            assert await talk.say(text) == [vocabulary(language).text("language")]
            assert (await talk.session())["botkit.language"] == language
            assert await talk.say("hm") == [vocabulary(language).text("retry")]


def test_no_word_asks_for_two_languages_or_means_anything_else() -> None:
    """Of the eight."""
    words = {language: vocabulary(language).words for language in LANGUAGES}
    asking = {language: words[language]["language"] for language in LANGUAGES}

    assert [(one, two) for one in LANGUAGES for two in LANGUAGES if one < two and asking[one] & asking[two]] == []
    others = {word for one in words.values() for meaning in WORDS if meaning != "language" for word in one[meaning]}
    assert [language for language in LANGUAGES if asking[language] & others] == []


async def test_a_bot_s_own_phrase_goes_before_the_words_for_a_language() -> None:
    """And sets the language itself, as every phrase does."""
    bot = bakery()
    bot.intent({"de": ["auf deutsch"]}, name="german")(lambda chat: Translated(en="No.", de="Gerne!"))
    async with Talk(bot) as talk:
        assert await talk.say("auf deutsch") == ["Gerne!"]
        assert await talk.say("in German please") == [vocabulary("de").text("language")]


async def test_words_for_a_language_may_be_one_s_own() -> None:
    """Also of one that botkit has no words in: nothing is said in another then."""
    bot = bakery(
        languages=["tr", "sv"],
        words={"language": {"tr": ["türkçe"], "sv": ["på svenska"], "en": ["british"]}},
        texts={"language": Translated(en="Right.", sv="Visst.")},
    )
    async with Talk(bot) as talk:
        assert await talk.say("Türkçe") == ["👍"]
        assert await talk.say("pizza 1") == ["1 in tr"]
        assert await talk.say("hm") == [vocabulary("en").text("retry")]
        assert await talk.say("På svenska!") == ["Visst."]
        assert await talk.say("british") == ["Right."]
        assert await talk.say("english please") == [vocabulary("en").text("retry")]


# From code


async def test_code_sets_the_language() -> None:
    """What it sends, returns and asks from then on is in it; it is remembered."""
    bot = bakery()

    @bot.intent("send")
    async def send(chat: Chat) -> str:
        await chat.send(Translated(en="One moment.", de="Moment."))
        chat.language = "de"
        await chat.send(Translated(en="One moment.", de="Moment."))
        return Translated(en="Done.", de="Fertig.")

    async with Talk(bot) as talk:
        assert await talk.say("speak de") == ["Welches Brot?\n1. Roggen\n2. Weizen"]
        assert await talk.say("pizza 1") == ["1 in de"]
        assert await talk.say("speak de-AT") == ["Welches Brot?\n1. Roggen\n2. Weizen"]
        assert await talk.say("hm") == [vocabulary("de").text("retry")]
        assert await talk.say("speak pt-BR") == ["Which bread?\n1. Rye\n2. Wheat"]
        assert await talk.say("send") == ["Which bread?\n1. Rye\n2. Wheat", "One moment.", "Moment.", "Fertig."][1:]
        await talk.say("speak German-is-none")
        assert 'chat.language is a code such as "en" or "de", not \'German-is-none\'' in error_of(talk)
        assert await talk.say("pizza 1") == ["1 in de"]


async def test_what_an_app_sends_outside_a_turn_is_in_the_language_of_the_user(bot_tester: BotTester) -> None:
    """That of a stranger is the bot's; a restart changes nothing."""
    news = Text(Translated(en="It has come.", de="Es ist da."), tag="HUMAN_AGENT")
    chat = bot_tester(bakery())
    assert await chat.language() == "en"
    await chat.say("wann habt ihr offen")
    await chat.restart()
    assert await chat.say("hm") == [vocabulary("de").text("retry")]
    assert (await chat.language(), await chat.session()) == ("de", {})
    stranger, app = chat.user("ben"), await chat.app()
    assert await app.send(chat.address, news, key="1")
    assert await app.send(stranger.address, news, key="1")
    assert (await chat.answer(), await stranger.answer()) == (["Es ist da."], ["It has come."])


async def test_a_middleware_sees_what_the_user_will() -> None:
    """In the language of the conversation."""
    bot, seen = bakery(), list[Replies]()

    @bot.middleware
    async def watch(chat: Chat, proceed: Proceed) -> Replies:
        seen.append(await proceed())
        return (*seen[-1], Text(Translated(en="Bye.", de="Tschüs.")))

    async with Talk(bot) as talk:
        assert await talk.say("wann habt ihr offen") == ["Um 8.", "Tschüs."]
        assert seen == [(Text("Um 8."),)]


async def test_a_first_message_is_welcomed_in_its_language() -> None:
    """What it says is understood first."""
    bot = bakery(disclosure=Translated(en="I am a bot.", de="Ich bin ein Bot."))
    bot.greeting(lambda chat: Translated(en="Hello!", de="Hallo!"))
    async with Talk(bot) as talk:
        assert await talk.say("wann habt ihr offen") == ["Ich bin ein Bot.", "Hallo!", "Um 8."]


async def test_an_error_is_answered_in_the_language() -> None:
    """Also where the bot has no text of its own for it."""
    own = bakery(error_reply=Translated(en="Oh no.", de="Oje."))
    told = []
    for bot in (bakery(), own):
        bot.intent("fail", name="fail")(lambda chat: int(chat.text))
        async with Talk(bot) as talk:
            await talk.say("wann habt ihr offen")
            told += await talk.say("fail")

    assert told == ["Da ist leider etwas schiefgegangen. Bitte versuch es noch einmal.", "Oje."]


async def test_a_gap_is_kept_with_its_language() -> None:
    """That of the conversation, so that gaps are looked at by language."""
    async with Talk(bakery()) as talk:
        for text in ("do you have cats", "auf deutsch", "habt ihr katzen"):
            await talk.say(text)
        assert [(gap.text, gap.language) for gap in await talk.store.gaps()] == [
            ("habt ihr katzen", "de"),
            ("do you have cats", "en"),
        ]


async def test_who_is_handed_over_hears_it_in_his_language() -> None:
    """And calls the bot back in any of the bot's."""
    bot = bakery()
    bot.intent("stale", name="stale")(lambda chat: chat.handover("complaint"))
    async with Talk(bot) as talk:
        await talk.say("auf deutsch")
        assert await talk.say("stale") == [vocabulary("de").text("handover")]
        assert await talk.say("back to the bot") == [vocabulary("de").text("resumed")]


async def test_what_may_have_been_meant_is_offered_in_the_language(bot_tester: BotTester) -> None:
    """By the phrases that were learned of it."""
    bot = Bot("bikes", did_you_mean=True)
    repair = {"en": ["repair my bike"], "de": ["fahrrad reparieren", "mein rad ist kaputt"]}
    bot.intent(repair, name="repair")(lambda chat: Translated(en="On Monday.", de="Am Montag."))
    bot.intent({"en": ["rent a bike"], "de": ["fahrrad mieten"]}, name="rent")(lambda chat: "Done.")
    chat = bot_tester(bot)
    await chat.say("auf deutsch")

    assert await chat.say("rad gestohlen") == [
        f"{vocabulary('de').text('did_you_mean')}\n1. fahrrad reparieren",
    ]
    assert await chat.say("1") == ["Am Montag."]


def test_an_intent_is_offered_by_a_phrase_in_the_language() -> None:
    """Where it has one."""
    hours = bakery().intents["hours"]

    assert [title_of(hours, language) for language in ("de", "en", "fr")] == [
        "wann habt ihr offen",
        "when do you open",
        "when do you open",
    ]


def test_languages_are_those_of_the_bot_its_phrases_and_what_it_is_told() -> None:
    """Its own first."""
    bot = bakery(languages=["fr"], settings=BotSettings(language="de"))

    assert bot.voice.languages == ("de", "fr", "en")


@pytest.mark.parametrize(
    ("code", "told"),
    [
        ("german", "There is no language 'german'; take a code; did you mean \"de\"?"),
        ("xx", 'There is no language \'xx\'; take a code, such as "en" or "pt-BR".'),
    ],
)
def test_a_code_that_is_none_of_a_language_is_refused(code: str, told: str) -> None:
    """Of phrases, of the bot and of what it speaks besides; nothing is registered then."""
    bot = Bot()
    for register in (
        lambda: Bot(language=code),
        lambda: Bot(languages=["pt-BR", code]),
        lambda: bot.intent({"en": ["hello"], code: ["hallo"]}, name="hello")(print),
    ):
        with pytest.raises(DefinitionError) as error:
            register()
        assert str(error.value) == told
    assert (bot.intents, bot.voice.languages) == ({}, ("en",))


@pytest.mark.parametrize("phrases", [{"en": "hello"}, {"en": [1]}, 1])
def test_phrases_by_language_are_lists_of_texts(phrases: object) -> None:
    """One string is refused like any other mistake."""
    with pytest.raises(DefinitionError, match="takes phrases: write"):
        Bot().intent(phrases)(lambda chat: "Hello!")  # type: ignore[arg-type]  # on purpose
