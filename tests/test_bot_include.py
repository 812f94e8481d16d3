"""Bot: including other bots, as they are or with the phrases of bots.yaml."""

import inspect
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime

import pytest

from botkit.bot import Bot
from botkit.chat import Chat
from botkit.errors import DefinitionError
from botkit.router import Intent, Match, Phrase

NOON = datetime(2031, 5, 6, 12, 0, tzinfo=UTC)
HERE = "tests/test_bot_include.py"


def hello(chat: Chat) -> str:
    return "Hello!"


def cake_of(chat: Chat, size: str) -> str:
    return size


def painted(chat: Chat, colour: str) -> str:
    return colour


def bye(chat: Chat) -> str:
    return "Bye!"


async def through(chat: Chat, proceed: Callable[[], object]) -> object:
    return proceed()


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


def test_including_takes_over_every_part() -> None:
    """A bot that includes another answers, wraps, opens and migrates as that one does."""
    module = Bot("module", lists={"size": {"small": []}})
    module.intent("a {size:size} cake")(cake_of)
    module.on("image")(hello)
    module.on_status("read")(hello)
    module.fallback(bye)
    module.middleware(through)
    module.resource(database)
    module.migrate_session(later)
    whole = Bot("whole", lists={"colour": {"red": []}})
    whole.intent("in {colour:colour}")(painted)

    whole.include(module)
    whole.check()

    assert list(whole.intents) == ["painted", "cake_of"]
    assert understood(whole, "a small cake").slots == {"size": "small"}
    assert understood(whole, "in red").slots == {"colour": "red"}
    assert whole.hooks == module.hooks
    assert [handler.function for handler in whole.middlewares] == [through]


def test_including_a_name_that_is_taken_is_refused() -> None:
    """Both bots' functions are named."""
    module, whole = Bot(), Bot()
    module.intent("hi", name="greet")(hello)
    whole.intent("hello", name="greet")(bye)

    with pytest.raises(
        DefinitionError, match=f"'greet' at {at(hello)} takes the name of the handler 'greet' at {at(bye)}"
    ):
        whole.include(module)


def test_a_resource_that_two_modules_share_is_one() -> None:
    """The same function registered on two included bots is no conflict."""
    one, other, whole = Bot(), Bot(), Bot()
    one.resource(database)
    other.resource(database)

    whole.include(one)
    whole.include(other)

    assert list(whole.resources) == ["database"]


def test_different_lists_of_one_name_are_refused() -> None:
    """A phrase would mean something else in the bot that includes it."""
    with pytest.raises(DefinitionError, match="Bots 'bot' and 'bot' have different lists 'size'; rename one"):
        Bot(lists={"size": {"small": []}}).include(Bot(lists={"size": {"large": []}}))


def test_an_intent_may_be_included_with_more_phrases() -> None:
    """bots.yaml puts an intent with its own phrases in the place of the one written in Python."""
    module, whole = Bot(), Bot()
    module.intent("hi")(hello)
    module.intent("bye")(bye)
    joined = Intent(name="hello", phrases=(Phrase("hi"), Phrase("good day")), handler=hello)

    whole.include(module, instead={"hello": joined, "unknown": joined})

    assert list(whole.intents) == ["hello", "bye"]
    assert understood(whole, "Good day!").intent is joined


def test_phrases_may_come_later() -> None:
    """An intent without phrases waits for those of bots.yaml, and its slots are checked then."""
    module, whole = Bot(), Bot()
    module.intent()(cake_of)
    joined = Intent(name="cake_of", phrases=(Phrase("a {size:word} cake"),), handler=cake_of)

    whole.include(module, instead={"cake_of": joined})
    whole.check()

    assert understood(whole, "a big cake").slots == {"size": "big"}
