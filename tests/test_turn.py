"""The turn: who answers which event, with which arguments, wrapped in what."""

import asyncio
import threading
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import UTC, datetime

import pytest

from botkit.bot import Bot
from botkit.chat import Chat
from botkit.errors import DefinitionError
from botkit.events import Address, Event, Kind, Message, Status
from botkit.language.vocabulary import phrase
from botkit.observe import Handled, Happening, Routed
from botkit.replies import Choice, Limits, Reply, Text
from botkit.turn import run_turn
from botkit.work import Outcome, Queued, Work

NOON = datetime(2031, 5, 6, 12, 0, tzinfo=UTC)
ANNA = Address("messenger", "page-1", "anna")
REJECTED = Status(message_id="m-9", address=ANNA, state="rejected")
MENU = (Choice("Book a table", intent="book"), Choice("Opening hours"), Choice("Heute", "today"))

Proceed = Callable[[], Awaitable[tuple[Reply, ...]]]


class Outbox:
    """Keeps what a turn commits on its way."""

    def __init__(self) -> None:
        self.kept: list[Queued] = []

    async def __call__(self, deliveries: tuple[Queued, ...], flow: str | None) -> None:
        self.kept += deliveries


def said(text: str, *, choices: tuple[Choice, ...] = ()) -> Work:
    return about(Message(id="m-1", address=ANNA, kind="text", text=text), choices=choices)


def about(event: Event, *, choices: tuple[Choice, ...] = ()) -> Work:
    return Work(address=ANNA, event=event, sequence=1, epoch=1, now=NOON, accepted_at=NOON, choices=choices)


def sent(kind: Kind) -> Work:
    return about(Message(id="m-1", address=ANNA, kind=kind, url="https://bakery.example/a"))


async def turn(bot: Bot, work: Work, **resources: object) -> Outcome:
    return await run_turn(bot, work, Outbox(), limits=Limits(), resources=resources)


async def answers(bot: Bot, work: Work, **resources: object) -> list[str]:
    """The texts that leave at the end of the turn, which must not fail."""
    outcome = await turn(bot, work, **resources)
    assert outcome.failure is None
    return [one.reply.text for one in outcome.deliveries if isinstance(one.reply, Text)]


def shop() -> Bot:
    bot = Bot("shop")

    @bot.intent("track {number:int}", "where is order {number:int}")
    async def track(chat: Chat, number: int) -> str:
        return f"Order {number} is on its way."

    @bot.intent("opening hours")
    async def hours(chat: Chat) -> str:
        return "8 to 18."

    @bot.intent("book a table")
    async def book(chat: Chat) -> str:
        return f"For how many? ({chat.match and chat.match.how}, {chat.choice and chat.choice.title}, {chat.text})"

    @bot.fallback
    async def lost(chat: Chat) -> str:
        return f"Lost: {chat.text or chat.event}, {chat.choice and chat.choice.value}"

    return bot


# Who answers


async def test_a_text_goes_to_its_intent_with_its_slots() -> None:
    """The handler gets the slots by name, and the outcome names what was understood."""
    outcome = await turn(shop(), said("Where is order 77?"))

    assert [one.reply for one in outcome.deliveries] == [Text("Order 77 is on its way.")]
    assert (outcome.intent, outcome.session, outcome.failure) == ("track", None, None)


async def test_a_text_that_nothing_matches_goes_to_the_fallback() -> None:
    """The fallback sees what was said, and nothing was understood."""
    outcome = await turn(shop(), said("Is the cake good?"))

    assert [one.reply for one in outcome.deliveries] == [Text("Lost: Is the cake good?, None")]
    assert outcome.intent is None


async def test_without_a_fallback_the_bot_says_that_it_did_not_understand() -> None:
    """Nobody is left without an answer."""
    assert await answers(Bot(), said("hello")) == [phrase("en", "texts.retry")]


@pytest.mark.parametrize("text", ["1", "book a table", "Number 1"])
async def test_a_choice_with_an_intent_runs_it(text: str) -> None:
    """Title or number take the choice, and the chat says so."""
    assert await answers(shop(), said(text, choices=MENU)) == ["For how many? (choice, Book a table, Book a table)"]


async def test_a_choice_without_an_intent_is_read_as_its_title() -> None:
    """It is as if the user had typed the title."""
    assert await answers(shop(), said("2", choices=MENU)) == ["8 to 18."]


async def test_a_choice_that_nothing_answers_goes_to_the_fallback_with_its_value() -> None:
    """The fallback sees title and value of the choice, and not the number."""
    assert await answers(shop(), said("3", choices=MENU)) == ["Lost: Heute, today"]


async def test_a_choice_for_an_intent_that_is_gone_goes_to_the_fallback() -> None:
    """A menu from before a new version of the bot does no harm."""
    gone = (Choice("Order pizza", intent="pizza"),)

    assert await answers(shop(), said("1", choices=gone)) == ["Lost: Order pizza, Order pizza"]


async def test_words_that_are_no_choice_are_words() -> None:
    """A menu does not keep the user from saying something else."""
    assert await answers(shop(), said("track 5", choices=MENU)) == ["Order 5 is on its way."]


async def test_a_message_of_another_kind_goes_to_its_handler() -> None:
    """@bot.on answers its kind."""
    bot = shop()

    @bot.on("image")
    async def lovely(chat: Chat) -> str:
        return f"Lovely: {chat.message and chat.message.url}"

    assert await answers(bot, sent("image")) == ["Lovely: https://bakery.example/a"]


async def test_a_message_of_another_kind_without_a_handler_goes_to_the_fallback() -> None:
    """What no handler of its kind answers, the fallback does."""
    bot = Bot()

    @bot.fallback
    async def lost(chat: Chat) -> str:
        return f"No {chat.message and chat.message.kind}, please."

    assert await answers(bot, sent("unsupported")) == ["No unsupported, please."]


async def test_a_status_goes_to_those_who_listen() -> None:
    """The handler finds the status in the chat, and no message."""
    bot = Bot()

    @bot.on_status("read", "rejected")
    async def noted(chat: Chat) -> str:
        return f"{chat.status and chat.status.state}: {chat.message}"

    assert await answers(bot, about(REJECTED)) == ["rejected: None"]


async def test_a_status_that_nobody_listens_to_is_done_in_silence() -> None:
    """No fallback answers a status."""
    outcome = await turn(shop(), about(REJECTED))

    assert outcome == Outcome()


# With what


async def test_a_handler_gets_the_resources_it_names() -> None:
    """Resources come by name, beside the slots."""
    bot = Bot()

    @bot.resource
    async def database() -> str:
        return "opened"

    @bot.intent("find {what:word}")
    async def find(chat: Chat, what: str, database: str) -> str:
        return f"{what} in {database}"

    assert await answers(bot, said("find bread"), database="the test's own") == ["bread in the test's own"]


async def test_a_handler_with_two_stars_gets_every_slot() -> None:
    """A callable that is made for any intent takes what the phrase gives."""
    bot = Bot()

    class Say:
        async def __call__(self, chat: Chat, **slots: object) -> str:
            return str(sorted(slots.items()))

    bot.intent("{count:int} {size:word} cakes", name="cakes")(Say())

    assert await answers(bot, said("3 small cakes")) == ["[('count', 3), ('size', 'small')]"]


async def test_a_sync_handler_runs_beside_the_loop() -> None:
    """A handler that blocks holds up nobody else: the loop runs on until it lets the handler go."""
    bot, go = Bot(), threading.Event()

    @bot.intent("wait")
    def wait(chat: Chat) -> str:
        return "waited" if go.wait(timeout=20) else "nobody came"

    async def release() -> None:
        go.set()

    waited, _ = await asyncio.gather(answers(bot, said("wait")), release())

    assert waited == ["waited"]


async def test_the_thread_is_the_callers_to_choose() -> None:
    """Sync functions go through call_in_thread, and async ones do not."""
    bot, called = shop(), []

    @bot.intent("sync")
    def sync(chat: Chat) -> str:
        return "sync"

    async def here(call: Callable[[], object]) -> object:
        called.append("sync")
        return call()

    for text in ("sync", "opening hours"):
        await run_turn(bot, said(text), Outbox(), limits=Limits(), call_in_thread=here)
    assert called == ["sync"]


async def test_a_bot_that_cannot_work_runs_no_turn() -> None:
    """The check of the whole bot comes before its first turn."""
    bot = Bot()

    @bot.intent("hi")
    async def hello(chat: Chat, missing: str) -> str:
        return missing

    with pytest.raises(DefinitionError, match="'missing'"):
        await turn(bot, said("hi"))


# Observing


async def observed(bot: Bot, work: Work) -> list[Happening]:
    happened: list[Happening] = []

    def watch(happening: Happening) -> None:
        happened.append(happening)

    await run_turn(bot, work, Outbox(), limits=Limits(text_length=10), observer=watch)
    return happened


@pytest.mark.parametrize(
    ("work", "intent", "how", "score", "handler"),
    [
        (said("opening hours"), "hours", "exact", 1.0, "hours"),
        (said("1", choices=MENU), "book", "choice", 1.0, "book"),
        (said("huh?"), None, "fallback", 0.0, "lost"),
        (sent("image"), None, "fallback", 0.0, "lost"),
        (sent("audio"), None, "kind", 0.0, "heard"),
        (about(REJECTED), None, "status", 0.0, "noted"),
    ],
)
async def test_each_step_is_told_to_the_observer(
    work: Work, intent: str | None, how: str, score: float, handler: str
) -> None:
    """Routing and handling are reported in order, with the names and no words."""
    bot = shop()

    @bot.on("audio")
    async def heard(chat: Chat) -> None:
        return None

    @bot.on_status("rejected")
    async def noted(chat: Chat) -> None:
        return None

    routed, handled = await observed(bot, work)

    assert routed == Routed(address=ANNA, event_id=work.event.id, intent=intent, how=how, score=score)
    assert isinstance(handled, Handled)
    assert (handled.event_id, handled.handler) == (work.event.id, handler)


async def test_the_observer_is_told_how_much_left() -> None:
    """Replies and their parts are counted, those of a stream too."""
    bot = Bot()

    @bot.intent("talk")
    async def talk(chat: Chat) -> AsyncIterator[str]:
        yield "one two three four"
        await chat.send(["five", "six"])

    assert (await observed(bot, said("talk")))[1] == Handled(
        address=ANNA, event_id="m-1", handler="talk", replies=3, parts=4
    )


async def test_an_event_that_nobody_answers_is_not_told() -> None:
    """There was no routing and no handling."""
    assert await observed(Bot(), about(REJECTED)) == []
