"""Chat: what a handler sees of its event."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from botkit.chat import Chat
from botkit.events import Address, Event, Message, Status
from botkit.session import Session
from botkit.work import Work

NOON = datetime(2031, 5, 6, 12, 0, tzinfo=UTC)
ANNA = Address("messenger", "page-1", "anna")
HELLO = Message(id="m-1", address=ANNA, kind="text", text="Hello!")
PICTURE = Message(id="m-2", address=ANNA, kind="image", url="https://bakery.example/a.png")
REJECTED = Status(message_id="m-3", address=ANNA, state="rejected")


async def nowhere(reply: object, language: str) -> None:
    raise AssertionError(reply)


def chat_about(event: Event) -> Chat:
    work = Work(address=ANNA, event=event, sequence=1, epoch=1, now=NOON, accepted_at=NOON)
    return Chat(work, Session({"visits": 3}), nowhere, language="de", timezone=ZoneInfo("Asia/Tokyo"))


@pytest.mark.parametrize(
    ("event", "message", "status", "text"),
    [(HELLO, HELLO, None, "Hello!"), (PICTURE, PICTURE, None, ""), (REJECTED, None, REJECTED, "")],
)
def test_a_chat_is_about_a_message_or_a_status(
    event: Event, message: Message | None, status: Status | None, text: str
) -> None:
    """One of the two is there, the other is None, and only a text has words."""
    chat = chat_about(event)

    assert (chat.event, chat.message, chat.status, chat.text) == (event, message, status, text)


def test_a_chat_knows_who_writes_to_whom() -> None:
    """User, page and the whole address are at hand."""
    chat = chat_about(HELLO)

    assert (chat.user_id, chat.page_id, chat.address) == ("anna", "page-1", ANNA)


def test_a_chat_tells_the_time_where_the_bot_is() -> None:
    """The time is the store's, shown by the bot's clock on the wall."""
    now = chat_about(HELLO).now()

    assert now == NOON
    assert now.isoformat() == "2031-05-06T21:00:00+09:00"


def test_a_chat_begins_with_nothing_understood() -> None:
    """Match and choice are filled in by the turn."""
    chat = chat_about(PICTURE)

    assert (chat.match, chat.choice, chat.language, dict(chat.session)) == (None, None, "de", {"visits": 3})


async def test_send_hands_the_reply_on() -> None:
    """What is sent goes to the turn, as it is."""
    sent: list[object] = []

    async def keep(reply: object, language: str) -> None:
        sent.append(reply)

    work = Work(address=ANNA, event=HELLO, sequence=1, epoch=1, now=NOON, accepted_at=NOON)
    await Chat(work, Session({}), keep, language="en", timezone=UTC).send("One moment.")

    assert sent == ["One moment."]
