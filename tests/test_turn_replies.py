"""The turn: what leaves, when, under which id, and which choices stay."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import UTC, datetime

import pytest

from botkit.bot import Bot
from botkit.chat import Chat
from botkit.errors import HandlerError, LeaseLost
from botkit.events import Address, Message
from botkit.replies import Choice, Image, Limits, Text
from botkit.turn import run_turn
from botkit.work import Outcome, Queued, Work, delivery_id

NOON = datetime(2031, 5, 6, 12, 0, tzinfo=UTC)
ANNA = Address("messenger", "page-1", "anna")
WORK = Work(
    address=ANNA,
    event=Message(id="m-1", address=ANNA, kind="text", text="go"),
    sequence=1,
    epoch=1,
    now=NOON,
    accepted_at=NOON,
)
PICTURE = Image("https://bakery.example/a.png")


class Outbox:
    """Keeps what a turn commits on its way, or refuses it."""

    def __init__(self, refusal: Exception | None = None) -> None:
        self.kept: list[Queued] = []
        self.refusal = refusal

    async def __call__(self, deliveries: tuple[Queued, ...], flow: str | None) -> None:
        if self.refusal is not None:
            raise self.refusal
        self.kept += deliveries


def bot_with(handler: Callable[..., object]) -> Bot:
    bot = Bot()
    bot.intent("go", name="go")(handler)
    return bot


async def turn(
    handler: Callable[..., object], outbox: Outbox | None = None, *, limits: Limits | None = None
) -> Outcome:
    return await run_turn(bot_with(handler), WORK, outbox or Outbox(), limits=limits or Limits())


def queued(text: str, ordinal: str, part: int = 0) -> Queued:
    return Queued(delivery_id(ANNA, "m-1", ordinal, part), Text(text))


# What a handler returns


def generated(chat: Chat) -> Iterator[str]:
    yield "one"
    yield "two"


async def listed(chat: Chat) -> list[str]:
    return ["one", "two"]


@pytest.mark.parametrize("handler", [generated, listed, lambda chat: (Text("one"), "two")])
async def test_what_is_returned_leaves_with_the_turn(handler: Callable[..., object]) -> None:
    """Nothing leaves before, and each reply has its id."""
    outbox = Outbox()

    outcome = await turn(handler, outbox)

    assert outcome.deliveries == (queued("one", "return.0"), queued("two", "return.1"))
    assert outbox.kept == []


async def test_returning_none_is_silence() -> None:
    """A handler need not answer."""
    assert (await turn(lambda chat: None)).deliveries == ()


async def test_a_long_reply_leaves_in_parts() -> None:
    """Each part has an id of its own under the id of its reply."""
    outcome = await turn(lambda chat: ["one two", "three"], limits=Limits(text_length=4))

    assert outcome.deliveries == (
        queued("one", "return.0", 0),
        queued("two", "return.0", 1),
        queued("thre", "return.1", 0),
        queued("e", "return.1", 1),
    )


# What leaves at once


async def test_what_a_stream_yields_leaves_at_once() -> None:
    """Each yield is committed before the generator goes on."""
    outbox, seen = Outbox(), []

    async def stream(chat: Chat) -> AsyncIterator[str]:
        yield "one"
        seen.append(list(outbox.kept))
        yield "two"

    outcome = await turn(stream, outbox)

    assert seen == [[queued("one", "send.0")]]
    assert outbox.kept == [queued("one", "send.0"), queued("two", "send.1")]
    assert outcome.deliveries == ()


async def test_chat_send_takes_what_a_handler_may_return() -> None:
    """Text, replies, several of them, and nothing at all."""
    outbox = Outbox()

    async def talk(chat: Chat) -> str:
        await chat.send("one")
        await chat.send([Text("two"), "three"])
        await chat.send([])
        return "four"

    outcome = await turn(talk, outbox)

    assert outbox.kept == [queued("one", "send.0"), queued("two", "send.1"), queued("three", "send.2")]
    assert outcome.deliveries == (queued("four", "return.0"),)


async def test_replies_sent_at_the_same_time_have_ids_of_their_own() -> None:
    """Two sends of one handler that wait for the store together are two replies."""
    outbox = Outbox()

    async def talk(chat: Chat) -> None:
        await asyncio.gather(chat.send("one"), chat.send("two"))

    await turn(talk, outbox)

    assert outbox.kept == [queued("one", "send.0"), queued("two", "send.1")]


async def test_a_second_run_sends_under_the_same_ids() -> None:
    """However often an event is handled, its replies are the same deliveries to the store."""
    first, second = Outbox(), Outbox()

    async def talk(chat: Chat) -> str:
        await chat.send("one")
        return "two"

    outcomes = [await turn(talk, first), await turn(talk, second)]

    assert first.kept == second.kept
    assert outcomes[0].deliveries == outcomes[1].deliveries


async def test_a_lost_lease_ends_the_turn_untouched() -> None:
    """The turn is somebody else's now: nothing of it may be kept."""
    lost = LeaseLost("taken over")

    async def talk(chat: Chat) -> None:
        await chat.send("one")

    with pytest.raises(LeaseLost) as caught:
        await turn(talk, Outbox(lost))
    assert caught.value is lost


@pytest.mark.parametrize("wrapping", [True, False])
async def test_a_lost_lease_cannot_be_swallowed(wrapping: bool) -> None:
    """Whatever a handler makes of it, the turn is lost."""
    lost = LeaseLost("taken over")

    async def talk(chat: Chat) -> str:
        try:
            await chat.send("one")
        except LeaseLost as error:
            if wrapping:
                raise ValueError("sending failed") from error
        return "never mind"

    with pytest.raises(LeaseLost) as caught:
        await turn(talk, Outbox(lost))
    assert caught.value is lost


async def test_nothing_can_be_sent_after_the_turn() -> None:
    """A background task that outlives its turn is told so."""
    chats: list[Chat] = []

    async def keep(chat: Chat) -> None:
        chats.append(chat)

    await turn(keep)

    with pytest.raises(HandlerError, match=r"chat\.send was called after the turn had ended; App\.send writes"):
        await chats[0].send("too late")


# Choices


@pytest.mark.parametrize(
    ("returned", "choices"),
    [
        (None, None),
        ("one", ()),
        (Text("When?", choices=["Today"]), (Choice("Today"),)),
        ([Text("When?", choices=["Today"]), "Well?"], ()),
        ([Text("When?", choices=["Today"]), PICTURE], ()),
        ([Text("When?", choices=["Today"]), Text("Where?", choices=["Here"])], (Choice("Here"),)),
    ],
)
async def test_the_choices_of_the_last_reply_stay(returned: object, choices: tuple[Choice, ...] | None) -> None:
    """A later reply without choices clears them, and silence leaves them as they are."""
    assert (await turn(lambda chat: returned)).choices == choices


async def test_what_was_sent_counts_before_what_is_returned() -> None:
    """The last reply is the one that leaves last."""

    async def asked(chat: Chat) -> None:
        await chat.send(Text("When?", choices=["Today"]))

    async def answered(chat: Chat) -> str:
        await chat.send(Text("When?", choices=["Today"]))
        return "Never mind."

    assert (await turn(asked)).choices == (Choice("Today"),)
    assert (await turn(answered)).choices == ()
