"""Texts in several languages in bots.yaml: read wherever a text may stand, as those from code are; what is missing."""

from datetime import UTC, datetime
from textwrap import dedent

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from botkit import Bot, Chat, Slot, Translated
from botkit.config import Configuration, read
from botkit.errors import ConfigError
from botkit.events import Address
from botkit.language.vocabulary import vocabulary
from botkit.observe import SystemClock
from botkit.places import shown
from botkit.review.advice import advice_on, learned_from
from botkit.testing import Bench, UserChat
from talks import Talk


def load(below: str, **options: object) -> Configuration:
    """The installation whose one bot has the keys *below*."""
    text = "version: 1\nbots:\n  shop:\n" + "".join(f"    {line}\n" for line in dedent(below).strip().splitlines())
    given = {"file": "b", "environment": {}, "read_file": str.encode, "import_name": str, "secrets": False, **options}
    return read(text, **given)  # type: ignore[arg-type]  # an option of the one test


def shop(below: str) -> Bot:
    """That bot, of which nothing is missing in any language."""
    loaded = load(below)
    assert loaded.warnings == ()
    return loaded.bots[0]


BAKERY = """
language: en
timezone: Europe/Berlin
hours: {mon-fri: 8-18}
disclosure: {en: I am a bot., de: Ich bin ein Bot.}
greeting: {de: [Hallo!, Was wünschen Sie], en: Hello!}
error_reply: {en: Oh no., de: Oje.}
words: {cancel: {en: [enough], de: [genug]}, yes: {de: [freilich]}}
texts: {cancelled: {en: Over., de: Vorbei.}, language: {de: Gerne auf Deutsch.}}
attachments: {image: {en: Nice!, de: Schön!}}
intents:
  opening_hours:
    phrases:
      en: [when do you open]
      de: |
        wann habt ihr offen
        wann macht ihr auf
    reply: {en: "Today {hours.today}.", de: "Heute {hours.today}, dann {hours.next}."}
  cake:
    phrases: {en: ["a cake", "a {size} cake"], de: ["einen kuchen", "kuchen, {size}"]}
    slots:
      size:
        choices: [{en: small, de: klein}, {en: large, de: groß}]
        ask: {en: Which size?, de: Wie groß?}
        retry_text: {en: Small or large?, de: Klein oder groß?}
    confirm: {en: "One {size} cake?", de: "Ein Kuchen, {size}?"}
    reply:
      - text: {en: "One {size} cake.", de: "Ein Kuchen, {size}."}
        choices: [{en: Thanks, de: Danke}, {title: {en: When?, de: Wann?}, intent: opening_hours}]
      - {when: {size: large}, text: {en: In two days., de: In zwei Tagen.}}
  thanks:
    phrases: {en: [thanks], de: [danke]}
    reply: {any: [{en: Welcome!, de: Bitte!}, {en: Welcome!, de: Bitte!}]}
  menu:
    phrases: {en: [menu], de: [karte]}
    reply:
      - {image: {en: https://example.com/menu.png, de: https://example.com/karte.png}}
      - {en: {text: Anything?, choices: [Bread]}, de: [{text: "Etwas?"}, Ja.]}
fallback: {en: Pardon?, de: Wie bitte?}
"""


async def test_everything_is_said_in_the_language_of_the_user() -> None:
    """Replies, questions, choices, pictures, hours, and what the bot says of its own accord."""
    async with Talk(shop(BAKERY)) as talk:
        talk.clock.set(datetime(2026, 12, 22, 12, tzinfo=UTC))
        assert await talk.say("wann habt ihr offen") == [
            "Ich bin ein Bot.",
            "Hallo!",
            "Was wünschen Sie",
            "Heute 8:00–18:00, dann morgen um 8:00.",
        ]
        assert await talk.say(kind="image", url="https://example.com/a.png") == ["Schön!"]
        assert await talk.say("einen kuchen") == ["Wie groß?\n1. klein\n2. groß"]
        assert await talk.say("hm") == ["Klein oder groß?\n1. klein\n2. groß"]
        assert await talk.say("groß") == ["Ein Kuchen, groß?"]
        assert await talk.say("freilich") == ["Ein Kuchen, groß.\n1. Danke\n2. Wann?", "In zwei Tagen."]
        assert await talk.say("karte") == ["https://example.com/karte.png", "Etwas?", "Ja."]
        assert await talk.say("thanks") == ["Welcome!"]
        assert await talk.say("menu") == ["https://example.com/menu.png", "Anything?\n1. Bread"]
        assert await talk.say("hm") == ["Pardon?"]
        assert await talk.say("a small cake") == ["One small cake?"]
        assert await talk.say("genug") == ["Over."]
        assert await talk.say("auf deutsch") == ["Gerne auf Deutsch."]
        assert await talk.say("hm") == ["Wie bitte?"]


def test_both_build_the_same_intent() -> None:
    """Phrases, slots and questions in YAML and from a decorator."""
    python = Bot("shop")

    @python.intent(
        {"en": ["a cake", "a {size} cake"], "de": ["einen kuchen", "kuchen, {size}"]},
        slots={
            "size": Slot(
                choices=[Translated(en="small", de="klein"), Translated(en="large", de="groß")],
                ask=Translated(en="Which size?", de="Wie groß?"),
                retry_text=Translated(en="Small or large?", de="Klein oder groß?"),
            )
        },
        confirm=Translated(en="One {size} cake?", de="Ein Kuchen, {size}?"),
    )
    def cake(chat: object, size: str) -> str:
        return size

    one, other = python.intents["cake"], shop(BAKERY).intents["cake"]

    assert [(phrase.text, phrase.language) for phrase in one.phrases] == [
        (phrase.text, phrase.language) for phrase in other.phrases
    ]
    assert (repr(one.slots), repr(one.confirm)) == (repr(other.slots), repr(other.confirm))


def test_phrases_stand_where_they_are_written() -> None:
    """Each with its line and column, also one a line."""
    phrases = shop(BAKERY).intents["opening_hours"].phrases

    assert [(str(phrase.place), phrase.text, phrase.language) for phrase in phrases] == [
        ("b:16:16", "when do you open", "en"),
        ("b:18:13", "wann habt ihr offen", "de"),
        ("b:19:13", "wann macht ihr auf", "de"),
    ]


def test_languages_are_those_that_something_is_written_in() -> None:
    """The bot's own first; nobody lists them."""
    assert shop(BAKERY).voice.languages == ("en", "de")
    assert load("language: de\nfallback: {fr: Pardon?, de: Wie bitte?}").bots[0].voice.languages == ("de", "fr")
    assert load("fallback: Hello!").bots[0].voice.languages == ("en",)


async def test_what_is_missing_is_said_in_the_bot_s_language() -> None:
    """Or in the first that is there; botkit's own texts are said in the user's."""
    (bot,) = load(
        """
        language: de
        intents:
          hello: {phrases: {de: [hallo], fr: [salut], it: [ciao]}, reply: {fr: Salut!, de: Hallo!}}
          bye: {phrases: {it: [addio]}, reply: {fr: Adieu!, en: Bye!}}
          cake:
            phrases: {it: [torta]}
            slots: {size: {type: int, ask: {de: Wie groß?}}}
            reply: {de: "Gut, {size}."}
        """
    ).bots
    async with Talk(bot) as talk:
        assert await talk.say("ciao") == ["Hallo!"]
        assert await talk.say("addio") == ["Adieu!"]
        assert await talk.say("torta") == ["Wie groß?"]
        assert await talk.say("boh") == [vocabulary("it").text("retry"), "Wie groß?"]
        assert await talk.say("tre") == ["Gut, 3."]
        assert await talk.say("boh") == [vocabulary("it").text("retry")]


async def test_hours_are_told_in_the_bot_s_language_where_there_are_no_words_in_the_user_s() -> None:
    """There are words in eight languages."""
    (bot,) = load(
        """
        language: de
        hours: {2031-01-01: 8-9}
        fallback: "{hours.today}"
        words: {language: {tr: [türkçe]}}
        """
    ).bots
    async with Talk(bot) as talk:
        assert await talk.say("türkçe") == ["👍"]
        assert await talk.say("hm") == ["geschlossen"]


MISSING = """
language: en
disclosure: I am a bot.
texts: {retry: Pardon?, help: {en: Help., de: Hilfe.}}
words: {cancel: {en: [enough]}}
intents:
  hours:
    phrases: {en: [hours], de: [zeiten]}
    reply: {en: At 8., de: Um 8., fr: À 8 heures.}
  menu:
    phrases: {en: [menu]}
    reply:
      - text: {de: Die Karte}
        choices: [{en: Bread, de: Brot}, {title: "4,50 €"}, OK]
      - "{session.name}"
  mail:
    phrases: [mail]
    reply: shop@example.com
fallback: Pardon?
"""


NONE = "there is no text in"


def test_what_is_missing_is_warned_of() -> None:
    """Each translation that lacks a language, with its place; and once, how many texts are the same in all of them."""
    *translated, plain = load(MISSING).warnings

    assert translated == [
        "b:10:18: bots.shop.intents.hours.phrases: there are no phrases in fr",
        "b:13:18: bots.shop.intents.menu.phrases: there are no phrases in de or fr",
        f"b:15:19: bots.shop.intents.menu.reply[1].text: {NONE} en or fr; who speaks en or fr gets the one in de",
        f"b:16:23: bots.shop.intents.menu.reply[1].choices[1]: {NONE} fr; who speaks fr gets the one in en",
    ]
    same = "b:5:17: bots.shop.disclosure: this text, and 2 more, are the same in en, de and fr"
    assert plain == f"{same}; write {{en: …, de: …, fr: …}} where it should not be"


def test_a_bot_of_one_language_is_warned_of_nothing() -> None:
    """Whatever its texts look like."""
    assert load("intents: {x: {phrases: {en: [x]}, reply: {en: Yes.}}}\nfallback: No.").warnings == ()


def test_advice_is_given_for_each_language() -> None:
    """What is left out one after the other, and where there are few phrases."""
    bot = shop(BAKERY)
    bot.learn()
    told = learned_from(bot)

    assert told is not None
    assert [line.split(" are taken")[0].split(" of ")[1] for line in told.splitlines()] == [
        "4 phrases in en",
        "5 phrases in de",
    ]
    few = [one.text.partition(":")[0] for one in advice_on(bot, now=SystemClock().now())]
    assert few[:3] == [f"intent 'opening_hours' has {count}" for count in ("1 phrase in en", "2 phrases in de")] + [
        "intent 'cake' has 2 phrases in en"
    ]


# Whatever is written

LANGUAGES = ("en", "de", "fr")
WORDING = st.sampled_from(["Hello.", "Hallo.", "4", '"{session.x}"', "a b"])


def translated(value: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    """*value*, or several of them by language."""
    several = st.dictionaries(st.sampled_from(LANGUAGES), value, min_size=1)
    return value | several.map(lambda each: "{" + ", ".join(f"{code}: {text}" for code, text in each.items()) + "}")


TEXT = translated(WORDING)
YES, NO = (translated(st.sampled_from(titles)) for titles in (["Yes", "Ja", "4"], ["No", "Nein", "5"]))
REPLY = st.builds("{{text: {}, choices: [{}, {{title: {}}}]}}".format, TEXT, YES, NO) | st.builds(
    "{{any: [{}, {}]}}".format, TEXT, TEXT
)
ANSWER = translated(TEXT | REPLY | st.builds("[{}, {}]".format, TEXT, REPLY))


@settings(max_examples=100, deadline=None)
@given(ANSWER, ANSWER, translated(st.sampled_from(["[x]", "[x, y]", "z"])), st.sampled_from(LANGUAGES))
def test_translations_may_stand_wherever_a_text_may(answer: str, other: str, phrases: str, own: str) -> None:
    """Inside one another, too; it is read, and something is said in every language."""
    head = f"language: {own}\nintents: {{a: {{phrases: {phrases}, reply: {answer}}}}}\n"
    try:
        loaded = load(head + f"fallback: {other}\ngreeting: {answer}")
    except ConfigError as error:
        pytest.fail(str(error))
    assert set(loaded.bots[0].voice.languages) <= set(LANGUAGES)


LISTS = """
language: en
lists:
  size:
    small: {en: [little], de: [klein, kleine]}
    L: {de: [groß, große]}
intents:
  cake:
    phrases: {en: ["[order] a cake", "a {size} cake"], de: [einen kuchen, "kuchen, {size}"]}
    slots: {size: {type: size, ask: {en: Which size?, de: Wie groß?}}}
    confirm: {en: "One {size} cake?", de: "Ein Kuchen, {size}?"}
    reply:
      - {en: "One {size} cake.", de: "Ein Kuchen, {size}."}
      - {when: {size: L}, text: {en: In two days., de: In zwei Tagen.}}
  box:
    phrases: {en: ["a box, {what:size}"], de: ["eine schachtel, {what:size}"]}
    reply: {en: "One box, {what}.", de: "Eine Schachtel, {what}."}
fallback: {en: Pardon?, de: Wie bitte?}
"""


async def test_what_is_in_a_list_has_a_name_in_each_language() -> None:
    """What is asked and said shows it; the value is the same in all of them, and is said in any."""
    async with Talk(shop(LISTS)) as talk:
        assert await talk.say("einen kuchen") == ["Wie groß?"]
        assert await talk.say("große bitte") == ["Ein Kuchen, groß?"]
        assert await talk.say("ja") == ["Ein Kuchen, groß.", "In zwei Tagen."]
        assert await talk.say("kuchen, little") == ["Ein Kuchen, klein?"]
        assert await talk.say("ja") == ["Ein Kuchen, klein."]
        assert await talk.say("eine schachtel, kleine") == ["Eine Schachtel, klein."]
        assert await talk.say("a groß cake") == ["One L cake?"]
        assert await talk.say("yes") == ["One L cake.", "In two days."]
        assert await talk.say("a box, little") == ["One box, small."]


NAMED_URLS = """
language: en
lists: {size: {small: {de: [klein]}}}
intents:
  cake:
    phrases: {en: ["a {size} cake", "{kind} bread"], de: ["kuchen, {size}", "brot, {kind}"]}
    slots: {size: size, kind: {choices: [{en: rye, de: Roggen}]}}
    lookup:
      url: https://api.example.com/{size}{kind}
      otherwise: {en: No., de: Nein.}
    reply: {image: "https://example.com/{size}{kind}.png"}
"""


@pytest.mark.parametrize(("text", "value"), [("kuchen, klein", "small"), ("brot, Roggen", "rye")])
async def test_a_url_says_the_value_in_every_language(text: str, value: str) -> None:
    """Neither services nor files know what it is called in some language."""
    # A lookup with an empty slot in its URL is not made.
    below = NAMED_URLS.replace("{size}{kind}", "{size}" if value == "small" else "{kind}")
    async with Bench(_looking_up(below)) as bench:
        chat = UserChat(bench, Address("messenger", "1", "ann"))
        chat.lookup(f"https://api.example.com/{value}", {})

        assert await chat.say(text) == [f"[image] https://example.com/{value}.png"]


def _looking_up(below: str) -> tuple[Bot, ...]:
    head = "version: 1\nlookups: {hosts: [api.example.com]}\nbots:\n  shop:\n"
    text = head + "".join(f"    {line}\n" for line in below.strip().splitlines())
    return read(text, file="b", environment={}, read_file=str.encode, import_name=str, secrets=False).bots


async def test_what_only_phrases_fill_is_named_in_what_confirms() -> None:
    """Lists and choices alike, beside what is asked for."""
    below = LISTS.replace(
        "slots: {size: {type: size, ask: {en: Which size?, de: Wie groß?}}}",
        """\
slots:
      size: size
      sort: {choices: [{en: rye, de: Roggen}]}
      count: {type: int, ask: {en: How many?, de: Wie viele?}}""",
    )
    below = below.replace('["[order] a cake", "a {size} cake"]', '["a {size} {sort} cake"]')
    below = below.replace('[einen kuchen, "kuchen, {size}"]', '["kuchen, {size}, {sort}"]')
    below = below.replace('"Ein Kuchen, {size}?"', '"{count} Kuchen, {size}, {sort}?"')
    async with Talk(load(below).bots[0]) as talk:
        assert await talk.say("kuchen, little, rye") == ["Wie viele?"]
        assert await talk.say("2") == ["2 Kuchen, klein, Roggen?"]


async def test_lists_in_python_are_named_alike() -> None:
    """Its handler gets the value, a plain text."""
    bot = Bot(
        "shop", lists={"size": {Translated(en="small", de="klein"): ["little"], "large": []}}, languages=["en", "de"]
    )

    @bot.intent(
        {"en": ["a cake"], "de": ["einen kuchen"]},
        slots={"size": Slot("size", ask=Translated(en="Which?", de="Welche?"))},
        confirm=Translated(en="{size}?", de="{size}, ja?"),
    )
    def cake(chat: Chat, size: str) -> str:
        return f"{size!r} {type(size).__name__}"

    async with Talk(bot) as talk:
        assert await talk.say("einen kuchen") == ["Welche?"]
        assert await talk.say("little") == ["klein, ja?"]
        assert await talk.say("ja") == ["'small' str"]
        assert await talk.say("a cake") == ["Which?"]
        assert await talk.say("klein") == ["small?"]


def test_a_name_that_is_missing_is_warned_of() -> None:
    """In the bot's own language it is there anyway."""
    below = LISTS.replace("small: {en: [little], de: [klein, kleine]}", "small: {en: [little]}")

    assert load(below).warnings == (
        "b:7:16: bots.shop.lists.size.small: there is no text in de; who speaks de gets the one in en",
    )


def test_a_list_that_contradicts_itself_is_told_with_its_place() -> None:
    """As it is in Python, with the line of its bot."""
    below = LISTS.replace("de: [klein, kleine]", "de: [klein, gross]")
    bot = Bot(lists={"size": {"small": ["s"], "large": ["s"]}})

    assert load(below).warnings == ("b:6:7: list 'size': \"groß\" stands for 'small' already, so it never means 'L'",)
    assert [str(one.place).partition(":")[0] for one in bot.router.warnings] == [shown(__file__)]
