"""Bot: what is refused, some of it at registration and the rest once everything is registered."""

import inspect
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import UTC, datetime

import pytest

from botkit.bot import Bot
from botkit.chat import Chat
from botkit.errors import DefinitionError, PhraseError
from botkit.hooks import Hook
from botkit.language import Slot
from botkit.options import BotOptions
from botkit.router import Match

NOON = datetime(2031, 5, 6, 12, 0, tzinfo=UTC)
HERE = "tests/test_bot_refusals.py"


def hello(chat: Chat) -> str:
    return "Hello!"


def cake_of(chat: Chat, size: str) -> str:
    return size


def bye(chat: Chat) -> str:
    return "Bye!"


async def database() -> AsyncIterator[str]:
    yield "the database"


def later(session: dict[str, object], version: int) -> dict[str, object]:
    return session


def at(function: Callable[..., object]) -> str:
    return f"{HERE}:{inspect.getsourcelines(function)[1]}"


def understood(bot: Bot, text: str) -> Match:
    match = bot.router.route(text, now=NOON)
    assert match is not None
    return match


def silent() -> None:
    return None


def not_async(chat: Chat, proceed: object) -> Iterator[str]:
    yield "a stream"


async def streamed(chat: Chat, proceed: object) -> AsyncIterator[str]:
    yield "a stream"


async def needy(wanted: str) -> str:
    return wanted


async def migrated(session: dict[str, object], version: int) -> dict[str, object]:
    return session


KNOWN = ", ".join(BotOptions.__annotations__)
SIZES = '{"small": ["little"], "large": []}'
WANTS_SLOTS = 'slots takes a Slot for each name, as in slots={"count": Slot(int)}, not '
WANTS_KINDS = "@bot.on takes one of image, audio, video, file, unsupported, not "


@pytest.mark.parametrize(
    ("register", "complaint"),
    [
        (lambda bot: bot.intent(hello), '@bot.intent takes phrases: write @bot.intent("a phrase") above the function.'),
        (lambda bot: bot.intent("hi")(7), "A handler is a function that takes (chat), not 7."),
        (lambda bot: bot.intent("hi")(lambda chat: "hi"), "needs a name as an intent; give it one with name=."),
        (lambda bot: bot.intent("hi", name=" ")(hello), "needs a name as an intent; give it one with name=."),
        (lambda bot: bot.on("text"), f"{WANTS_KINDS}'text'; text is for @bot.intent."),
        (lambda bot: bot.on("picture"), f"{WANTS_KINDS}'picture'; text is for @bot.intent."),
        (lambda bot: bot.on(hello), "; text is for @bot.intent."),
        (lambda bot: bot.on_status(), '@bot.on_status takes at least one state, such as @bot.on_status("rejected").'),
        (lambda bot: bot.on_status("regected"), "takes 'regected' for a state; did you mean \"rejected\"?"),
        (lambda bot: bot.resource(lambda: "x"), "must be an async function, or an async generator that yields once."),
    ],
)
def test_what_can_never_work_is_refused_at_registration(register: Callable[[Bot], object], complaint: str) -> None:
    """The error says what is wrong and what to write."""
    with pytest.raises(DefinitionError) as caught:
        register(Bot())

    assert str(caught.value).endswith(complaint)


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        ({"session_ttl": 5}, "session_ttl is 5; it takes a timedelta, or None."),
        ({"handover_length": 12}, "handover_length is 12; it takes a timedelta."),
        ({"handler_timeout_seconds": "5"}, "handler_timeout_seconds is '5'; it takes a number."),
        ({"in_doubt": "no"}, "in_doubt is 'no'; it takes resend or drop."),
        ({"did_you_mean": "yes"}, "did_you_mean is 'yes'; it takes True or False."),
        ({"hours": "8-18"}, "hours is '8-18'; it takes Hours, or None."),
        ({"gaps": 30}, "gaps is 30; it takes Gaps."),
        ({"language": 5}, "language is 5; it takes a text."),
        ({"disclosure": ["A bot."]}, "disclosure is ['A bot.']; it takes a text, or None."),
        ({"error_reply": 5}, "error_reply is 5; it takes a text, or None."),
        ({"pages": "1070"}, "pages takes a list, not the one string '1070'."),
        ({"pages": 5}, "pages takes a list of texts, not 5."),
        ({"pages": None}, "pages takes a list of texts, not None."),
        ({"pages": [1070]}, "pages takes a list of texts, not (1070,)."),
        ({"languages": 5}, "languages takes a list of texts, not 5."),
        ({"page": ["1070"]}, "Bot takes no page=; did you mean pages=?"),
        ({"nosuch": 1}, f"Bot takes no nosuch=; known are {KNOWN}."),
        ({"settings": 5}, "settings is 5; it takes BotSettings, or give them one by one."),
        ({"session_version": "1"}, "session_version is '1'; it takes a whole number from 0 on."),
        ({"words": ["stop"]}, "words is ['stop']; it takes a mapping."),
        ({"words": {"cancel": "stop"}}, "words['cancel'] takes a list of texts, not 'stop'."),
        ({"words": {"cancel": [5]}}, "words['cancel'] takes a list of texts, not [5]."),
        ({"texts": {"retry": 5}}, "texts['retry'] takes a text with something to show, not 5."),
        ({"texts": {"retry": " "}}, "texts['retry'] takes a text with something to show, not ' '."),
        ({"lists": ["size"]}, f'lists takes a mapping, as in lists={{"size": {SIZES}}}.'),
        ({"lists": {"size": ["small"]}}, 'lists[\'size\'] takes a mapping, as in {"small": ["little"], "large": []}.'),
        ({"lists": {"size": {"small": "little"}}}, "lists['size']['small'] takes a list of texts, not 'little'."),
    ],
)
def test_an_option_of_another_type_is_refused(options: dict[str, object], complaint: str) -> None:
    """Nothing is taken letter by letter, or for what it is not."""
    with pytest.raises(DefinitionError) as caught:
        Bot("shop", **options)  # type: ignore[arg-type]  # the mistakes are the test

    assert str(caught.value) == complaint


@pytest.mark.parametrize("name", [["1070"], " ", None])
def test_a_bot_has_a_name(name: object) -> None:
    """Its pages are no name, and neither is nothing."""
    with pytest.raises(DefinitionError) as caught:
        Bot(name)  # type: ignore[arg-type]  # the mistake is the test

    assert str(caught.value) == f'A bot has a name, such as Bot("shop"), and {name!r} is none.'


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        ({"name": 5}, "name is 5; it takes a text, or None."),
        ({"regexes": "abc"}, "regexes takes a list of texts, not 'abc'."),
        ({"regexes": [5]}, "regexes takes a list of texts, not [5]."),
        ({"slots": [1]}, 'slots takes a Slot for each name, as in slots={"count": Slot(int)}, not [1].'),
        (
            {"slots": {"a": "int"}},
            f"{WANTS_SLOTS}{{'a': 'int'}}.",
        ),
        ({"strict": "yes"}, "strict is 'yes'; it takes True or False."),
        ({"confirm": 5}, "confirm is 5; it takes a text, or None."),
    ],
)
def test_an_intents_option_of_another_type_is_refused(options: dict[str, object], complaint: str) -> None:
    """Before anything is registered."""
    with pytest.raises(DefinitionError) as caught:
        Bot("shop").intent("hi", **options)  # type: ignore[arg-type]  # the mistakes are the test

    assert str(caught.value) == f"@bot.intent: {complaint}"


def test_a_slot_that_is_asked_for_needs_a_type_that_there_is() -> None:
    """Else no answer would ever be one; whoever has lists in bots.yaml is asked only then."""
    bot = Bot("shop", lists={"size": {"small": []}})
    bot.intent("hi", slots={"size": Slot("siz", ask="Which size?")})(hello)

    with pytest.raises(DefinitionError) as caught:
        bot.check()
    assert str(caught.value) == (
        f"The intent 'hello' at {at(hello)}: in slots=, size: There is no slot type 'siz'; the types are int, decimal, "
        "date, time, email, url, phone, word, text, size, choice."
    )


@pytest.mark.parametrize(
    ("register", "function", "what", "complaint"),
    [
        (Bot("b").intent("hi"), silent, "handler", "must take (chat) first, in this order"),
        (Bot("b").intent("hi", retries=-1), hello, "handler", "has retries=-1; it is a whole number, 0 or more"),
        (Bot("b").on("image"), silent, "handler", "must take (chat) first, in this order"),
        (Bot("b").on_status("read"), silent, "handler", "must take (chat) first, in this order"),
        (Bot("b").fallback, silent, "fallback", "must take (chat) first, in this order"),
        (Bot("b").error, hello, "error handler", "must take (chat, error) first, in this order"),
        (Bot("b").middleware, hello, "middleware", "must take (chat, proceed) first, in this order"),
        (Bot("b").middleware, streamed, "middleware", "must be async def m(chat, proceed) that returns replies"),
        (Bot("b").middleware, not_async, "middleware", "must be async def m(chat, proceed) that returns replies"),
        (Bot("b").resource, needy, "resource", "takes 'wanted', and nothing would fill it"),
        (Bot("b").migrate_session, hello, "session migration", "must take (session, version) first, in this order"),
        (Bot("b").migrate_session, migrated, "session migration", "must be a plain function, not an async one"),
    ],
)
def test_a_function_of_the_wrong_shape_is_refused_by_its_name_and_place(
    register: Callable[[Callable[..., object]], object], function: Callable[..., object], what: str, complaint: str
) -> None:
    """Whoever reads the error knows which function to change, and how."""
    with pytest.raises(DefinitionError) as caught:
        register(function)

    assert str(caught.value) == f"The {what} {function.__name__!r} at {at(function)} {complaint}."


def test_a_broken_phrase_is_refused_at_registration() -> None:
    """The error names the phrase, and nothing of the intent is registered."""
    bot = Bot()

    with pytest.raises(PhraseError, match="cake"):
        bot.intent("a (big|small cake")(hello)
    with pytest.raises(PhraseError, match="at character 73: it has more than 8 slots; leave some out, or split it"):
        bot.intent(" ".join(f"{{s{n}:int}}" for n in range(9)))(hello)
    assert dict(bot.intents) == {}


@pytest.mark.parametrize(
    ("register", "what"),
    [
        (lambda bot, function: bot.on("image")(function), "handler"),
        (lambda bot, function: bot.on_status("read")(function), "handler"),
        (lambda bot, function: bot.fallback(function), "fallback"),
    ],
)
def test_two_for_the_same_are_refused(register: Callable[[Bot, Callable[..., object]], object], what: str) -> None:
    """The error names both functions and both places."""
    bot = Bot()
    register(bot, hello)

    with pytest.raises(DefinitionError) as caught:
        register(bot, bye)

    assert str(caught.value) == (
        f"The {what} 'bye' at {at(bye)} stands where the {what} 'hello' at {at(hello)} is registered already; "
        "take one of them away."
    )


@pytest.mark.parametrize("other", [None, inspect, "shop", hello])
def test_what_is_no_bot_cannot_be_included(other: object) -> None:
    """Least of all the module that the bot is in."""
    with pytest.raises(DefinitionError, match=r"include takes a Bot, as in bot\.include\(orders\.bot\), not "):
        Bot().include(other)  # type: ignore[arg-type]  # that is the mistake


def test_two_intents_of_one_name_are_refused() -> None:
    """The error names both places, and the first one stays."""
    bot = Bot()
    bot.intent("hi", name="greet")(hello)

    with pytest.raises(DefinitionError) as caught:
        bot.intent("hello", name="greet")(bye)

    assert str(caught.value) == (
        f"The handler 'greet' at {at(bye)} takes the name of the handler 'greet' at {at(hello)}; rename one."
    )
    assert bot.intents["greet"].handler is hello


def test_two_resources_of_one_name_are_refused() -> None:
    """A handler names a resource, so there can be only one of that name."""
    bot = Bot()
    bot.resource(database)

    with pytest.raises(DefinitionError, match=r"The resource 'database' at .* stands where the resource 'database'"):
        bot.add(Hook(moment="resource", name="database", function=another_database().database))


class another_database:  # noqa: N801 - a namespace for a second function of the same name
    async def database(self) -> str:
        return "another"


@pytest.mark.parametrize(
    ("phrases", "lacking"),
    [
        (("a {size:word} cake", "cake"), "cake"),
        (("a [{size:word}] cake",), "a [{size:word}] cake"),
    ],
)
def test_a_slot_that_not_every_phrase_fills_needs_a_default(phrases: tuple[str, ...], lacking: str) -> None:
    """The error names handler, parameter and the phrase that leaves it open."""
    with pytest.raises(DefinitionError) as caught:
        Bot().intent(*phrases)(cake_of)

    assert str(caught.value) == (
        f"The handler 'cake_of' at {at(cake_of)} needs the slot 'size', which the phrase \"{lacking}\" does not "
        "always fill; give the parameter a default, or the phrase the slot."
    )


def test_an_intent_that_is_refused_leaves_nothing_behind() -> None:
    """Its phrases are not understood, and its name is free."""
    bot = Bot()
    with pytest.raises(DefinitionError):
        bot.intent("a {size:word} cake", "cake", name="cake")(cake_of)
    left = (bot.router.intents, bot.router.route("a big cake", now=NOON), bot.router.warnings)
    bot.intent("a {size:word} cake", name="cake")(cake_of)

    assert left == ((), None, [])
    assert understood(bot, "a big cake").slots == {"size": "big"}


def test_a_slot_with_a_default_may_stay_open() -> None:
    """A phrase that does not fill it leaves the default."""
    bot = Bot()

    @bot.intent("a {size:word} cake", "cake")
    def cake(chat: Chat, size: str = "small") -> str:
        return size

    bot.check()

    assert (understood(bot, "a big cake").slots, understood(bot, "cake").slots) == ({"size": "big"}, {})


# Refused by the check


def test_the_check_finds_a_slot_that_no_phrase_has() -> None:
    """It is known only then: bots.yaml may have brought a phrase that has it."""
    bot = Bot()
    bot.intent("a {size} cake", name="cake", slots={"size": Slot("word"), "sise": Slot(int)})(hello)
    with pytest.raises(DefinitionError) as caught:
        bot.check()

    assert str(caught.value) == (
        f"The intent 'cake' at {at(hello)} has a slot 'sise' in slots=, which no phrase of it has; "
        "put {sise} into a phrase, or take it out of slots=."
    )


def test_the_check_finds_what_nothing_fills() -> None:
    """Every parameter that is neither slot nor resource is named at once, each with its handler and place."""
    bot = Bot("shop")
    bot.intent("cake")(cake_of)
    bot.resource(database)

    async def watched(chat: Chat, proceed: Callable[[], object], metrics: object) -> object:
        return proceed()

    def stored(chat: Chat, database: str) -> str:
        return database

    bot.middleware(watched)
    bot.fallback(stored)

    with pytest.raises(DefinitionError) as caught:
        bot.check()
    assert str(caught.value) == (
        f"The handler 'cake_of' at {at(cake_of)} takes 'size', "
        "which is neither a slot that each of its phrases fills nor a resource; give it a default.\n"
        f"The middleware 'watched' at {at(watched)} takes 'metrics', "
        "which is no resource of bot 'shop'; give it a default."
    )


def test_a_resource_may_be_registered_after_its_handler() -> None:
    """What a bot has is known only once all of it is registered."""
    bot = Bot()

    @bot.intent("hi")
    def stored(chat: Chat, database: str) -> str:
        return database

    bot.resource(database)

    bot.check()


def test_the_check_is_repeated_after_a_change() -> None:
    """What is registered after a check is checked by the next one."""
    bot = Bot()
    bot.check()
    bot.intent("cake")(cake_of)

    with pytest.raises(DefinitionError, match="'size'"):
        bot.check()


def test_a_session_version_needs_its_migration() -> None:
    """A version that nothing brings sessions up to would do nothing."""
    bot = Bot("shop", session_version=2)

    with pytest.raises(DefinitionError, match=r"'shop' has session_version=2 and no @bot\.migrate_session"):
        bot.check()
    bot.migrate_session(later)
    bot.check()
