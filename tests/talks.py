"""What tests of conversations share: a bot, a store, and a user who writes; a turn may be killed at any point."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Final, Self

from botkit.bot import Bot
from botkit.chat import Chat
from botkit.events import Address, Event, Kind, Message
from botkit.observe import Alarm, Happening
from botkit.replies import Limits, Reply, Text
from botkit.stores.sqlite import SQLite
from botkit.testing import FakeClock
from botkit.turn import run_turn
from botkit.work import Failure, Outcome, Queued, Work

ANNA: Final = Address("messenger", "page-1", "anna")


class Killed(BaseException):
    """The process is gone."""


class Talk:
    """One user's conversation with *bot*; every turn goes through a real store.

    *kill_at* counts checkpoints and commits: at those the process dies, before or after what it was about to keep.
    """

    def __init__(self, bot: Bot) -> None:
        self.bot = bot
        self.clock = FakeClock()
        self.store = SQLite(":memory:", clock=self.clock)
        self.failure: Failure | None = None
        self.alarms: list[Alarm] = []
        self.kill_at: frozenset[int] = frozenset()
        self.points = 0
        self._is_dead = False
        self._said = 0
        self._heard = 0

    async def __aenter__(self) -> Self:
        await self.store.open()
        return self

    async def __aexit__(self, *error: object) -> None:
        await self.store.close()

    async def say(self, text: str = "", *, kind: Kind = "text", url: str | None = None) -> list[str]:
        """Write to the bot, and give what it answers."""
        self._said += 1
        message = Message(id=f"m-{self._said}", address=ANNA, kind=kind, text=text, url=url)
        return await self.happens(message)

    async def happens(self, event: Event) -> list[str]:
        """Let *event* happen, and give what the bot answers."""
        await self.store.accept(event)
        return await self.answers()

    async def wait(self, seconds: float) -> list[str]:
        """Let time pass, and give what the bot says of its own accord."""
        self.clock.advance(seconds)
        return await self.answers()

    async def answers(self) -> list[str]:
        """Run whatever is due, as often as the process dies, and give what left since the last time."""
        self.failure = None
        while works := await self.store.claim(10):
            for work in works:
                try:
                    await self._turn(work)
                except Killed:
                    self._is_dead = False
                    self.clock.advance(31)
        return shown(await self._left())

    async def _turn(self, work: Work) -> None:
        async def checkpoint(deliveries: tuple[Queued, ...], flow: str | None) -> None:
            self._point()
            await self.store.checkpoint(work, deliveries, flow)
            self._point()

        outcome: Outcome = await run_turn(self.bot, work, checkpoint, limits=Limits(), observer=self._observe)
        # Nobody answers for what a handler made of the end of its process.
        self._point()
        self.failure = outcome.failure
        await self.store.commit(work, outcome)

    def _point(self) -> None:
        self.points += 1
        self._is_dead = self._is_dead or self.points in self.kill_at
        if self._is_dead:
            raise Killed

    def _observe(self, happening: Happening) -> None:
        if isinstance(happening, Alarm):
            self.alarms.append(happening)

    async def _left(self) -> list[Reply]:
        conversation = await self.store.conversation(ANNA)
        left = [] if conversation is None else [one.reply for one in conversation.deliveries if one.reply]
        new, self._heard = left[self._heard :], len(left)
        return new

    async def session(self) -> dict[str, object]:
        """What is remembered of the user."""
        conversation = await self.store.conversation(ANNA)
        return {} if conversation is None else dict(conversation.session)

    async def flow(self) -> str:
        """Where the open flows stand."""
        conversation = await self.store.conversation(ANNA)
        return "" if conversation is None else conversation.flow

    async def wakes_at(self) -> datetime | None:
        """When the conversation is looked at without a message."""
        conversation = await self.store.conversation(ANNA)
        return None if conversation is None else conversation.wake_at


def shown(replies: Sequence[Reply]) -> list[str]:
    """Replies as a user sees them."""
    return [reply.text if isinstance(reply, Text) else getattr(reply, "url", reply.kind) for reply in replies]


def bot_with(handler: Callable[..., object]) -> Bot:
    """A bot that runs *handler* for go, and something else besides."""
    bot = Bot("desk")
    bot.intent("go", name="go")(handler)

    @bot.intent("remember {word:word}")
    async def remember(chat: Chat, word: str) -> str:
        chat.session["word"] = word
        chat.session.pop("old", None)
        return "Remembered."

    return bot


def error_of(talk: Talk) -> str:
    """Why the last turn failed."""
    assert talk.failure is not None
    return talk.failure.error
