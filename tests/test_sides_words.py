"""Sides: the words for what a process knows, and for what it would need to know."""

from datetime import UTC, datetime

import pytest

from botkit import Bot, Chat
from botkit.conversation.sides import knowledge_of, needed_at, needed_for, needed_to_read
from botkit.events import Address, Message
from botkit.flows.beginning import Beginning
from botkit.flows.journal import Flow
from botkit.flows.kept import written

ANN = Address("messenger", "1", "ann")
#: The form of a journal, in the words in which it is known.
FORM = "desk: journals, form 1"


async def asking(chat: Chat) -> str:
    """Any handler."""
    return f"{await chat.ask('How many?', type=int)}."


BOT = Bot("desk", pages=["1"])
BOT.intent("book", name="book", version=1)(asking)
BOT.intent("inner", name="inner")(asking)


def flow(name: str, version: int) -> Flow:
    """A flow of one handler."""
    now = datetime(2026, 11, 23, 12, tzinfo=UTC)
    return Flow(Beginning(name=name, version=version, event=Message(id="m", address=ANN, kind="text"), at=now))


@pytest.mark.parametrize(
    ("flows", "needed"),
    [
        ([("intent book", 1), ("intent inner", 0), ("fallback", 0)], set()),
        ([("intent book", 0)], {"desk: intent book, version 0", FORM}),
        (
            [("intent book", 1), ("intent inner", 7)],
            {"desk: intent book, version 1", "desk: intent inner, version 7", FORM},
        ),
        ([("intent gone", 0)], {"desk: intent gone, version 0", FORM}),
        ([("on image", 0)], {"desk: on image, version 0", FORM}),
    ],
)
def test_what_is_needed_is_all_or_nothing(flows: list[tuple[str, int]], needed: set[str]) -> None:
    """A bot that knows every flow needs nobody; where it misses one, whoever takes it up must know them all.

    That is to read them, too: they may be kept in a form of journals that is not everybody's.
    """
    assert needed_for(BOT, [flow(*one) for one in flows], "[1,[]]") == needed


@pytest.mark.parametrize(
    ("kept", "needed"),
    [
        ("", set()),
        ("[1,[]]", set()),
        (written([flow("intent gone", 7)]), set()),
        ('[3,[],{"name":"intent book"}]', {"desk: journals, form 3"}),
        ("[12]", {"desk: journals, form 12"}),
        ("[3,whatever", {"desk: journals, form 3"}),
        ("{}", set()),
        ("[true,[]]", set()),
        ('["3",[]]', set()),
        ("[3.5,[]]", set()),
        ("nonsense", set()),
    ],
)
def test_journals_are_left_to_whoever_reads_their_form(kept: str, needed: set[str]) -> None:
    """Whichever flows they are of; what no botkit ever wrote is nobody's."""
    assert needed_to_read(BOT, kept) == needed


def test_whatever_a_flow_can_be_is_known() -> None:
    """Every kind of handler that may ask, every page, and every form of journals."""
    bot = Bot("desk", pages=["1", "2"])
    bot.intent("book", name="book", version=3)(asking)
    bot.on("image")(asking)
    bot.on_status("read", "rejected")(asking)

    assert knowledge_of([bot, Bot("other", pages=["3"])]) == {
        "page 1",
        "page 2",
        "page 3",
        "desk: intent book, version 3",
        "desk: on image, version 0",
        "desk: on_status read, version 0",
        "desk: on_status rejected, version 0",
        "desk: fallback, version 0",
        "desk: journals, form 1",
        "desk: journals, form 2",
        "other: fallback, version 0",
        "other: journals, form 1",
        "other: journals, form 2",
    }


def test_a_bot_without_pages_is_known_for_every_page() -> None:
    """And what it cannot take up is left to another of its kind."""
    everywhere = Bot("desk")

    assert "every page" in knowledge_of([everywhere])
    assert [needed_at(ANN, one) for one in (BOT, everywhere, None)] == [{"page 1"}, {"every page"}, {"page 1"}]
