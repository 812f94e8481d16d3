"""Turns: side by side for different users, one after the other for each, and nothing lost on the way."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest

from botkit import Bot, Chat, RetryLater
from botkit.directory import Directory
from botkit.errors import StoreError
from botkit.events import Address, Message
from botkit.observe import Happening, TurnFailed, TurnFinished
from botkit.replies import Limits
from botkit.stores.sqlite import SQLite
from botkit.testing import FakeClock
from botkit.work import Outcome, Work
from botkit.worker import POLL_SECONDS, Worker

ANN, BOB = Address("messenger", "1", "ann"), Address("messenger", "1", "bob")


class AnyLimits:
    """As much of a channel as a worker asks for."""

    def limits(self, page: str) -> Limits:
        """The usual ones."""
        return Limits()


class StumblingStore(SQLite):
    """A store whose disk is full for the next commits."""

    full = 0

    async def commit(self, work: Work, outcome: Outcome) -> None:
        """Refuse as often as it is full."""
        if self.full:
            self.full -= 1
            raise StoreError("The disk of the store is full.")
        await super().commit(work, outcome)


async def in_thread(call: Callable[[], object]) -> object:
    """Run a plain handler beside the loop."""
    return await asyncio.to_thread(call)


class World:
    """A bot, its store, and what the worker tells."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.store = StumblingStore(":memory:", clock=self.clock)
        self.bot = Bot("shop", pages=["1"])
        self.told: asyncio.Queue[Happening] = asyncio.Queue()

    async def say(self, *texts: str, address: Address = ANN) -> None:
        """Accept messages, whose ids are their texts."""
        for text in texts:
            await self.store.accept(Message(id=text, address=address, kind="text", text=text))

    async def ended(self, count: int = 1) -> list[tuple[str, bool]]:
        """The next turns that ended: which event, and whether well."""
        turns: list[tuple[str, bool]] = []
        while len(turns) < count:
            happening = await asyncio.wait_for(self.told.get(), 10)
            if isinstance(happening, TurnFinished):
                turns.append((happening.event_id, True))
            elif isinstance(happening, TurnFailed):
                turns.append((happening.event_id, False))
        return turns

    @asynccontextmanager
    async def working(self, bots: Sequence[Bot] | None = None, *, lease_seconds: float = 30) -> AsyncIterator[Worker]:
        """Run a worker meanwhile."""
        worker = Worker(
            store=self.store,
            channel=AnyLimits(),  # type: ignore[arg-type]  # a worker neither reads nor sends
            directory=Directory([self.bot] if bots is None else bots),
            resources={self.bot.name: {}},
            call_in_thread=in_thread,
            observer=self.told.put_nowait,
            lease_seconds=lease_seconds,
        )
        running = asyncio.create_task(worker.run())
        yield worker
        worker.stop()
        await asyncio.wait_for(running, 10)


@pytest.fixture
async def world() -> AsyncIterator[World]:
    """A world with an open store."""
    made = World()
    await made.store.open()
    yield made
    await made.store.close()


async def test_users_do_not_wait_for_each_other(world: World) -> None:
    """While one handler waits another user is answered, and the first user's next message waits its turn."""
    go, order = asyncio.Event(), []

    @world.bot.fallback
    async def answer(chat: Chat) -> None:
        order.append(f"{chat.text} begins")
        if chat.text == "a1":
            await go.wait()
        order.append(f"{chat.text} ends")

    await world.say("a1", "a2")
    await world.say("b1", address=BOB)
    async with world.working():
        first = await world.ended()
        go.set()
        rest = await world.ended(2)

    assert (first, rest) == ([("b1", True)], [("a1", True), ("a2", True)])
    assert [one for one in order if one.startswith("a")] == ["a1 begins", "a1 ends", "a2 begins", "a2 ends"]


async def test_retry_later_holds_back_its_own_conversation_only(world: World) -> None:
    """The event is run again when its time has come, before what came after it."""
    tries: list[str] = []

    @world.bot.fallback
    async def answer(chat: Chat) -> None:
        tries.append(chat.text)
        if tries.count("a1") == 1 and chat.text == "a1":
            raise RetryLater(60)

    await world.say("a1", "a2")
    async with world.working():
        held = await world.ended()
        await world.say("b1", address=BOB)
        other = (await world.ended(2))[-1]
        world.clock.advance(60)
        rest = await world.ended(2)

    assert (held, other, rest) == ([("a1", False)], ("b1", True), [("a1", True), ("a2", True)])
    assert tries == ["a1", "b1", "a1", "a2"]


async def test_a_full_disk_does_not_run_a_handler_again(world: World) -> None:
    """What was decided is kept once there is room."""
    runs: list[str] = []

    @world.bot.fallback
    async def answer(chat: Chat) -> str:
        runs.append(chat.text)
        return "hi"

    world.store.full = 2
    await world.say("a1")
    async with world.working():
        assert await world.ended() == [("a1", True)]
    conversation = await world.store.conversation(ANN)

    assert runs == ["a1"]
    assert conversation is not None
    assert len(conversation.deliveries) == 1


async def test_a_page_that_has_lost_its_bot_is_a_dead_letter(world: World) -> None:
    """The message was accepted, and can be replayed when the page is back."""
    await world.say("a1")
    async with world.working([Bot("other", pages=["2"])]):
        assert await world.ended() == [("a1", False)]
    (letter,) = await world.store.dead_letters()

    assert letter.reason == "no bot claims page 1 any more"


async def test_a_turn_that_was_overtaken_vanishes(world: World) -> None:
    """What a worker does after its lease has ended is not kept."""
    go = asyncio.Event()

    @world.bot.fallback
    async def answer(chat: Chat) -> str:
        chat.session["late"] = True
        await go.wait()
        return "late"

    await world.say("a1")
    async with world.working():
        await asyncio.wait_for(_begun(world), 10)
        world.clock.advance(31)
        (successor,) = await world.store.claim(1)
        go.set()
        assert await world.ended() == [("a1", False)]
        await world.store.commit(successor, Outcome(session={"early": True}))
    conversation = await world.store.conversation(ANN)

    assert conversation is not None
    assert (conversation.session, conversation.deliveries) == ({"early": True}, ())


async def _begun(world: World) -> None:
    while type(await world.told.get()).__name__ != "TurnStarted":
        pass


async def test_a_worker_that_is_stopped_finishes_what_runs(world: World) -> None:
    """And claims no more."""
    go = asyncio.Event()

    @world.bot.fallback
    async def answer(chat: Chat) -> str:
        await go.wait()
        return "done"

    await world.say("a1", "a2")
    async with world.working() as worker:
        await asyncio.wait_for(_begun(world), 10)
        worker.stop()
        go.set()
        assert await world.ended() == [("a1", True)]

    assert (await world.store.backlog()).events == 1


async def test_suspects_run_one_at_a_time(world: World) -> None:
    """Beside everybody else, so that one that ends its process takes no other down with it for good."""
    go, begun = asyncio.Event(), asyncio.Queue[str]()

    @world.bot.fallback
    async def answer(chat: Chat) -> None:
        begun.put_nowait(chat.text)
        if chat.text != "c1":
            await go.wait()

    await world.say("a1")
    await world.say("b1", address=BOB)
    for _ in range(3):
        await world.store.claim(10)
        world.clock.advance(31)
    async with world.working(lease_seconds=0.03):
        first = await passing(world, begun)
        await world.say("c1", address=Address("messenger", "1", "carl"))
        other = await begun.get()
        ended = await world.ended()
        world.clock.advance(1)
        is_alone = begun.empty()
        go.set()
        second = await passing(world, begun)
        await world.ended(2)

    assert ({first, second}, other, ended, is_alone) == ({"a1", "b1"}, "c1", [("c1", True)], True)
    assert (await world.store.backlog()).events == 0


async def passing(world: World, begun: asyncio.Queue[str]) -> str:
    """What begins while time passes."""
    while begun.empty():
        world.clock.advance(0.3)
        await asyncio.sleep(0.01)
    return begun.get_nowait()


async def test_suspects_wait_until_everybody_else_had_a_chance(world: World) -> None:
    """A worker that has just begun does not look at them."""

    @world.bot.fallback
    async def answer(chat: Chat) -> None:
        return None

    await world.say("a1")
    for _ in range(3):
        await world.store.claim(10)
        world.clock.advance(31)
    async with world.working(lease_seconds=1_000):
        await world.say("b1", address=BOB)
        first = await world.ended()

    assert (first, (await world.store.backlog()).events) == ([("b1", True)], 1)


async def test_a_time_out_is_noticed_within_one_poll(world: World) -> None:
    """Nobody tells the worker when the time of a question has come: it looks."""

    @world.bot.intent("go")
    async def go(chat: Chat) -> str:
        return await chat.ask("Well?", timeout=timedelta(hours=1))

    await world.say("go")
    async with world.working():
        asked = await world.ended()
        world.clock.advance(3600)
        begun = asyncio.get_running_loop().time()
        ((event_id, is_well),) = await world.ended()
        waited = asyncio.get_running_loop().time() - begun
    conversation = await world.store.conversation(ANN)

    assert (asked, event_id.partition(":")[0], is_well) == ([("go", True)], "wake-up", True)
    assert waited < 10 * POLL_SECONDS
    assert conversation is not None
    assert (conversation.flow, conversation.wake_at) == ("", None)
