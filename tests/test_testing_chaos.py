"""Whatever happens on the bench, nobody's message is lost, answered out of order, or has its effect twice."""

import asyncio
from collections.abc import Sequence

from attrs import frozen
from hypothesis import given, settings
from hypothesis import strategies as st

from botkit import Bot, Chat
from botkit.events import Address
from botkit.testing import Bench, UserChat
from botkit.testing.watched import Point


@frozen
class Crash:
    """The process dies at a point."""

    point: Point


@frozen
class Fault:
    """The Messages API fails."""

    what: int
    arrives: bool


@frozen
class Say:
    """Somebody says something, and does not wait for the answer."""

    user: str


@frozen
class Calm:
    """Everything that is due is done, and the last message comes once more."""

    user: str


Happening = Crash | Fault | Say | Calm

USERS = st.sampled_from(["ann", "ben"])
HAPPENINGS = st.one_of(
    st.builds(Say, USERS),
    st.builds(Say, USERS),
    st.builds(Calm, USERS),
    st.builds(Crash, st.sampled_from(["claimed", "said", "answered", "committed", "sending", "sent"])),
    st.builds(Fault, st.sampled_from([429, 500, 502, 503]), st.booleans()),
)


def counting() -> Bot:
    """A bot that answers with how often it was asked, in two messages."""
    bot = Bot("counting")

    @bot.intent("count")
    async def count(chat: Chat) -> str:
        number = int(str(chat.session.get("count", 0))) + 1
        chat.session["count"] = number
        await chat.send(f"{number}a")
        return f"{number}b"

    return bot


async def happened(happenings: Sequence[Happening]) -> dict[str, tuple[int, object, list[str]]]:
    """What was said, what is remembered and what was shown, for each user, once two hours have passed."""
    said = {"ann": 0, "ben": 0}
    async with Bench(counting()) as bench:
        chats = {name: UserChat(bench, Address("messenger", "1", name)) for name in said}
        for one in happenings:
            match one:
                case Crash(point):
                    chats["ann"].crash(point)
                case Fault(what, arrives):
                    # Only what may have been accepted can hide that it was.
                    chats["ann"].fault(what, arrives=arrives and what in (500, 502))
                case Say(user):
                    said[user] += 1
                    await chats[user].begin("count")
                case Calm(user) if said[user]:
                    await chats[user].duplicate()
        await chats["ann"].wait("2h")
        return {name: (said[name], (await chat.session()).get("count", 0), chat.shown) for name, chat in chats.items()}


def leaves_doubt(happening: Happening) -> bool:
    """Whether a message may have arrived without anybody knowing."""
    match happening:
        case Crash(point):
            return point not in ("claimed", "answered")
        case Fault(_, arrives):
            return arrives
    return False


def is_limited(happenings: list[Happening]) -> bool:
    """Whether no event can be claimed more than five times without an outcome, which would set it aside."""
    return sum(isinstance(one, Crash) for one in happenings) <= 4


@settings(max_examples=60)
@given(st.lists(HAPPENINGS, max_size=14).filter(is_limited))
def test_nothing_is_lost_and_nothing_counts_twice(happenings: list[Happening]) -> None:
    """Each message is counted once, and shown in order; only what was in doubt may be shown twice, and at once."""
    doubtful = any(map(leaves_doubt, happenings))
    for said, counted, shown in asyncio.run(happened(happenings)).values():
        once = [text for number, text in enumerate(shown) if number == 0 or shown[number - 1] != text or not doubtful]

        assert counted == said
        assert once == [f"{number}{part}" for number in range(1, said + 1) for part in "ab"]
