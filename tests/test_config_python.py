"""bots.yaml: handlers in Python, joined with what the file says by the intent's name."""

from collections.abc import Callable

import pytest

from botkit import Bot, Chat, Slot
from botkit.config import Configuration, read
from botkit.errors import ConfigError, DefinitionError
from botkit.loading import import_name
from botkit.settings import BotSettings


def load(text: str, *bots: Bot, import_name: Callable[[str], object] | None = None) -> Configuration:
    """Read a text in which *bots* are called `shop:bot0`, `shop:bot1`, …."""
    named = {f"shop:bot{number}": bot for number, bot in enumerate(bots)}
    return read(
        text,
        file="bots.yaml",
        environment={},
        read_file=lambda name: b"",
        import_name=import_name or named.__getitem__,
        secrets=False,
    )


def told(text: str, *bots: Bot, import_name: Callable[[str], object] | None = None) -> list[str]:
    """The first line of each mistake that the author of *text* is told."""
    with pytest.raises(ConfigError) as error:
        load(text, *bots, import_name=import_name)
    return [problem.splitlines()[0] for problem in error.value.problems]


def cake(chat: Chat, size: str = "small", count: int = 1) -> str:
    """A handler with two slots, both of which may be missing."""
    return f"{count} {size}"


def hello(chat: Chat) -> str:
    """A handler without slots."""
    return "Hello"


def lost(chat: Chat) -> str:
    """A fallback."""
    return "Pardon?"


def needy(chat: Chat, size: str) -> str:
    """A handler that every phrase must give a size."""
    return size


def bakery() -> Bot:
    """A bot in Python."""
    bot = Bot(lists={"size": {"small": ["tiny"]}}, timezone="Europe/Berlin", session_ttl=None, error_reply="Oh")
    bot.intent("a {size:size} cake", name="cake", slots={"count": Slot(int)}, retries=2)(cake)
    bot.intent("hello")(hello)
    return bot


BOTH = """
version: 1
bots:
  shop:
    python: shop:bot0
    intents:
      bye: {phrases: [bye], reply: Bye}
      cake:
        phrases: ["{count} cakes", "{size} tart"]
        slots: {size: size}
"""


def test_phrases_and_slots_unite() -> None:
    """Python's come first; what stands in one of the two only is taken over."""
    (bot,) = load(BOTH, bakery()).bots
    joined = bot.intents["cake"]

    assert [phrase.text for phrase in joined.phrases] == ["a {size:size} cake", "{count} cakes", "{size} tart"]
    assert joined.slots == {"size": Slot("size"), "count": Slot(int)}
    assert (joined.handler, joined.strict, joined.retries) == (cake, False, 2)
    assert list(bot.intents) == ["cake", "hello", "bye"]


def test_what_the_file_says_of_an_intent_holds() -> None:
    """An operator may have a handler run again without a change of code."""
    (bot,) = load(BOTH + "        retries: 5\n        strict: yes\n", bakery()).bots

    assert (bot.intents["cake"].retries, bot.intents["cake"].strict) == (5, True)


def test_settings_are_the_files_then_those_of_python() -> None:
    """A bot in Python keeps what it was given where the file says nothing."""
    python = Bot(timezone="Asia/Tokyo", language="ja", handler_timeout_seconds=5, error_reply="Oh", pages=["1"])
    (bot,) = load("version: 1\nbots: {shop: {python: 'shop:bot0', language: de}}\n", python).bots

    assert bot.settings == BotSettings(
        pages=("1",), timezone="Asia/Tokyo", language="de", handler_timeout_seconds=5, error_reply="Oh"
    )


def test_several_modules_make_one_bot() -> None:
    """Hooks, lists and intents of all of them are there."""
    first, second = bakery(), Bot(lists={"bread": {"rye": []}})
    second.intent("more {bread:bread}", name="more")(lambda chat, bread: bread)
    second.fallback(lost)
    counted = "intents: {cake: {phrases: ['{count} cakes']}}"
    (bot,) = load(
        f"version: 1\nbots: {{shop: {{python: ['shop:bot0', 'shop:bot1'], {counted}}}}}\n", first, second
    ).bots
    fallback = bot.hook("fallback")

    assert list(bot.intents) == ["cake", "hello", "more"]
    assert set(bot.lists) == {"size", "bread"}
    assert fallback is not None
    assert fallback.function is lost


def test_lists_of_python_are_known_in_the_file() -> None:
    """A phrase in YAML may use the slot types that Python brings."""
    text = BOTH.replace("{size} tart", "{size:size} tart")

    assert load(text, bakery()).bots[0].intents["cake"].phrases[2].text == "{size:size} tart"


def test_a_choice_may_run_an_intent_in_python() -> None:
    """The menu is in the file, what it leads to is not."""
    text = (
        BOTH + "    fallback: {text: What next, choices: [{title: Cake, intent: cake}, {title: Hi, intent: hello}]}\n"
    )

    assert load(text, bakery()).bots[0].hook("fallback") is not None


def test_two_answers_are_refused_with_both_places() -> None:
    """What YAML and Python both answer is answered by neither."""
    bot = bakery()
    bot.fallback(lost)
    first, second = told(
        "version: 1\nbots:\n  shop:\n    python: shop:bot0\n"
        "    intents:\n      hello: {phrases: [hi], reply: Hi}\n    fallback: Pardon\n",
        bot,
    )

    assert first == (
        f"bots.yaml:6:37: bots.shop.intents.hello.reply: this intent is answered in Python already at "
        f"{bot.intents['hello'].place}; keep one of the two"
    )
    there = f"there is the {bot.hook('fallback')} in Python already; keep one of the two"
    assert second == f"bots.yaml:7:15: bots.shop.fallback: {there}"


def test_no_answer_is_refused() -> None:
    """A misspelled name is no intent of its own."""
    assert told(
        "version: 1\nbots:\n  shop:\n    python: shop:bot0\n    intents:\n      helo: {phrases: [hi]}\n", bakery()
    ) == [
        (
            "bots.yaml:6:7: bots.shop.intents.helo: nothing answers this intent: "
            "give it a reply:, or a handler of this name in Python"
        )
    ]


def test_a_phrase_that_leaves_a_handler_without_its_slot_is_told_at_the_intent() -> None:
    """The developer's handler and the writer's phrase must fit."""
    bot = Bot()
    bot.intent("a {size:word} cake")(needy)
    text = "version: 1\nbots:\n  shop:\n    python: shop:bot0\n    intents:\n      needy: {phrases: [a cake]}\n"

    (first,) = told(text, bot)
    place = bot.intents["needy"].place
    lacking = f"The handler 'needy' at {place} needs the slot 'size', which the phrase \"a cake\" does not always fill"

    assert first.startswith(f"bots.yaml:6:7: bots.shop.intents.needy: {lacking}; ")


def test_a_handler_that_nothing_fills_is_told_at_the_bot() -> None:
    """A parameter that is neither a slot nor a resource is found when the file is read."""
    bot = Bot()
    bot.intent()(needy)
    (first,) = told("version: 1\nbots:\n  shop:\n    python: shop:bot0\n", bot)

    assert first.startswith("bots.yaml:3:3: bots.shop: The handler 'needy' at ")


def test_one_intent_in_two_modules_is_told_where_the_second_is_named() -> None:
    """Both modules are named in the file, and one of them must go."""
    (first,) = told(
        "version: 1\nbots:\n  shop:\n    python:\n      - shop:bot0\n      - shop:bot1\n", bakery(), bakery()
    )

    assert first.startswith("bots.yaml:6:9: bots.shop.python: ")


def test_another_list_of_the_same_name_is_refused() -> None:
    """A phrase would mean something else than its author thinks."""
    lists = BOTH.replace("    intents:", "    lists: {size: {large: []}}\n    intents:")

    assert told(lists, bakery()) == [
        'bots.yaml:6:13: bots.shop.lists: there is another list "size" in Python; rename one of the two'
    ]


def test_another_type_of_the_same_slot_is_refused() -> None:
    """What the file says of a slot is never passed over in silence."""
    assert told(BOTH.replace("{size: size}", "{size: size, count: word}"), bakery()) == [
        'bots.yaml:10:36: bots.shop.intents.cake.slots: in Python the slot "count" is of type int; keep one of the two'
    ]


def test_the_same_type_of_the_same_slot_is_no_mistake() -> None:
    """Whoever says it twice says nothing wrong."""
    (bot,) = load(BOTH.replace("{size: size}", "{size: size, count: int}"), bakery()).bots

    assert bot.intents["cake"].slots["count"] == Slot(int)


def test_a_slot_that_neither_phrases_have_is_told() -> None:
    """Where an intent is joined, the phrases of both are looked at."""
    text = BOTH.replace("{size: size}", "{sise: size}").replace("{size} tart", "tart")

    (first,) = told(text, bakery())

    assert first.startswith("bots.yaml:10:17: bots.shop.intents.cake.slots: ")
    assert first.endswith('no phrase of this intent has a slot "sise", did you mean "size"?')


def raising(error: BaseException) -> Callable[[str], object]:
    """An import that fails."""

    def import_name(name: str) -> object:
        raise error

    return import_name


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (DefinitionError("The handler 'x' is wrong."), "The handler 'x' is wrong."),
        (ConfigError("there is no module 'shop'"), "there is no module 'shop'"),
    ],
)
def test_what_an_import_is_refused_with_is_told_with_its_place(error: BaseException, expected: str) -> None:
    """An author's broken module is no traceback."""
    text = "version: 1\nbots:\n  shop:\n    python: shop:bot\n"

    assert told(text, import_name=raising(error)) == [f"bots.yaml:4:13: bots.shop.python: {expected}"]


def test_what_is_no_bot_is_told() -> None:
    """A name may lead to anything."""
    text = "version: 1\nbots:\n  shop:\n    python: json:dumps\n"

    assert told(text, import_name=import_name) == [
        "bots.yaml:4:13: bots.shop.python: json:dumps is a function, not a Bot"
    ]


DEAD_END = """version: 1
bots:
  shop:
    intents:
      menu:
        phrases: [menu]
        reply: [Hello!, {any: [{text: What else?, choices: [Bye, {title: Prices, intent: prices}]}]}]
      prices: {reply: Cheap.}
      forgotten: {reply: Nobody reads this., strict: true}
"""


def test_an_intent_that_nothing_leads_to_is_warned_of() -> None:
    """A choice leads to one, as a phrase does; what Python leads to nobody can tell."""
    assert load(DEAD_END).warnings == (
        "bots.yaml:9:7: bots.shop.intents.forgotten: no phrase and no choice leads here; write its phrases:",
    )
    assert load(f"{DEAD_END}    python: shop:bot0\n", Bot("shop")).warnings == ()
