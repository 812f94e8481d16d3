"""Bot: registering every kind of part, and its settings."""

import inspect
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta

import pytest

from botkit.bot import Bot
from botkit.chat import Chat
from botkit.errors import DefinitionError, Place
from botkit.events import Kind
from botkit.hooks import Hook
from botkit.language import Slot
from botkit.language.vocabulary import phrase
from botkit.options import BotOptions
from botkit.replies import Text
from botkit.router import Intent, Match, Phrase
from botkit.settings import BotSettings
from talks import Talk

NOON = datetime(2031, 5, 6, 12, 0, tzinfo=UTC)
HERE = "tests/test_bot.py"
KINDS: list[Kind] = ["image", "audio", "video", "file", "unsupported"]


def hello(chat: Chat) -> str:
    return "Hello!"


def cake_of(chat: Chat, size: str) -> str:
    return size


def bye(chat: Chat) -> str:
    return "Bye!"


async def through(chat: Chat, proceed: Callable[[], object]) -> object:
    return proceed()


async def database() -> AsyncIterator[str]:
    yield "the database"


def line(function: Callable[..., object]) -> int:
    return inspect.getsourcelines(function)[1]


def understood(bot: Bot, text: str) -> Match:
    match = bot.router.route(text, now=NOON)
    assert match is not None
    return match


# Registering


def test_an_intent_is_called_as_its_function() -> None:
    """The name of the function is the name of the intent, and its phrases lead to it."""
    bot = Bot()

    bot.intent("good morning", "hi there")(hello)

    assert list(bot.intents) == ["hello"]
    assert [understood(bot, text).intent.handler for text in ("Hi there!", "good morning")] == [hello, hello]


def test_an_intent_may_have_a_name_of_its_own() -> None:
    """name= wins over the name of the function, so that one function may answer several intents."""
    bot = Bot()

    bot.intent("good morning", name="morning")(hello)
    bot.intent("good evening", name="evening")(hello)

    assert list(bot.intents) == ["morning", "evening"]


@pytest.mark.parametrize(
    "register",
    [
        lambda bot: bot.intent("hi"),
        lambda bot: bot.on("image"),
        lambda bot: bot.on_status("rejected", "read"),
        lambda bot: bot.fallback,
    ],
)
def test_a_decorator_returns_the_function_untouched(register: Callable[[Bot], Callable[..., object]]) -> None:
    """A test may call the function as if it were not decorated, and nothing is stamped on it."""
    before = dict(vars(hello))

    assert register(Bot())(hello) is hello
    assert vars(hello) == before


def test_decorators_and_add_build_the_same() -> None:
    """A decorator is one line over add, which bots.yaml uses."""
    decorated, added = Bot(), Bot()
    place = Place(HERE, line(cake_of))
    intent = Intent(
        name="cake_of",
        phrases=(Phrase("cake {size}", place),),
        handler=cake_of,
        slots={"size": Slot("word")},
        strict=True,
        retries=2,
        place=place,
    )

    decorated.intent("cake {size}", slots={"size": Slot("word")}, strict=True, retries=2)(cake_of)
    decorated.on("image", retries=1)(hello)
    added.add(intent)
    added.add(Hook(moment="on", name="image", function=hello, retries=1))

    assert (decorated.intents, decorated.hooks) == (added.intents, added.hooks)
    assert decorated.handler("cake_of") == added.handler("cake_of")


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_has_its_handler_or_the_fallback(kind: Kind) -> None:
    """What no handler of its kind answers, the fallback does."""
    bot = Bot()
    bot.on(kind)(hello)
    bot.fallback(bye)

    assert [bot.reaction(one).function for one in KINDS] == [hello if one == kind else bye for one in KINDS]


async def test_a_bot_without_a_fallback_says_that_it_did_not_understand() -> None:
    """Nobody is left without an answer, in the bot's language."""
    async with Talk(Bot(language="de")) as talk:
        assert await talk.say("hm") == [phrase("de", "texts.retry")]


def test_a_status_becomes_an_event_only_if_somebody_listens() -> None:
    """The bot knows the states it has handlers for."""
    bot = Bot()
    bot.on_status("rejected", "undeliverable")(hello)

    assert [bot.listens_to(state) for state in ("rejected", "undeliverable", "read")] == [True, True, False]


def test_an_unusual_state_may_be_listened_to() -> None:
    """States are the channel's words, and it may have new ones."""
    bot = Bot()

    bot.on_status("expired")(hello)

    assert bot.listens_to("expired")


def test_resources_are_listed_with_their_places() -> None:
    """Name and place of each resource are known before it is opened."""
    bot = Bot()
    bot.resource(database)

    assert {name: str(handler) for name, handler in bot.resources.items()} == {
        "database": f"resource 'database' at {HERE}:{line(database)}"
    }


def test_middlewares_keep_their_order() -> None:
    """The first registered is the outermost."""
    bot = Bot()

    async def inner(chat: Chat, proceed: Callable[[], object]) -> object:
        return proceed()

    bot.middleware(through)
    bot.middleware(inner)

    assert [handler.function for handler in bot.middlewares] == [through, inner]


# Settings


def test_settings_may_be_given_one_by_one_or_whole() -> None:
    """Keyword arguments change what *settings* says."""
    settings = BotSettings(pages=("1070",), timezone="Asia/Tokyo", language="ja")

    bot = Bot("shop", settings=settings, language="de", pages=["2", "3"], session_ttl=timedelta(hours=1))

    assert (bot.name, bot.pages, bot.timezone.key) == ("shop", ("2", "3"), "Asia/Tokyo")
    assert bot.settings == BotSettings(
        pages=("2", "3"), timezone="Asia/Tokyo", language="de", session_ttl=timedelta(hours=1)
    )


def test_every_setting_is_a_keyword_argument() -> None:
    """What BotSettings has, Bot takes; where that is written, it finds out itself."""
    assert {*BotOptions.__annotations__, "places"} == {field.name for field in BotSettings.__attrs_attrs__}


@pytest.mark.parametrize(("given", "says"), [(None, phrase("en", "texts.error")), ("Oh dear.", "Oh dear.")])
def test_the_error_reply_is_built_in_unless_given(given: str | None, says: str) -> None:
    """There is always something to say when a handler has raised."""
    assert Bot(error_reply=given).error_text == Text(says)


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        ({"pages": "1070"}, "pages takes a list, not the one string '1070'."),
        ({"timezone": "Berlin"}, "There is no time zone 'Berlin'; write one such as Europe/Berlin."),
        ({"timezone": "../UTC"}, "There is no time zone '../UTC'; write one such as Europe/Berlin."),
        ({"handler_timeout_seconds": 0}, "handler_timeout_seconds is 0; it must be above 0."),
        ({"session_ttl": timedelta(0)}, "session_ttl is 0:00:00; it must be above 0, or None for no end."),
        ({"error_reply": " "}, "error_reply needs something to show; leave it out for the built-in text."),
    ],
)
def test_settings_that_cannot_be_are_refused(options: BotOptions, complaint: str) -> None:
    """The error says what is wrong and what to write."""
    with pytest.raises(DefinitionError) as caught:
        Bot(**options)

    assert str(caught.value) == complaint


def test_lists_are_slot_types() -> None:
    """A list of the bot's own gives the slot its key for each synonym."""
    bot = Bot(lists={"size": {"small": ["little"], "large": []}})
    bot.intent("[a] {size:size} cake")(cake_of)

    assert understood(bot, "a little cake").slots == {"size": "small"}
