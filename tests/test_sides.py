"""Old and new code side by side on one database: each takes up what it knows, and nobody is left without an answer."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Collection
from contextlib import AsyncExitStack
from datetime import timedelta

import pytest

from botkit import App, Bot, Chat
from botkit.conversation.sides import knowledge_of
from botkit.directory import Directory
from botkit.events import Address, Message
from botkit.observe import Alarm, Happening, SystemClock, TurnFailed, TurnFinished, TurnLeft
from botkit.replies import Limits
from botkit.stores.postgres import Postgres
from botkit.stores.sqlite import SQLite
from botkit.testing import FakeClock
from botkit.testing.messenger import Messenger
from botkit.work import Outcome
from botkit.worker import Worker
from servers import PostgresServer
from talks import shown

ANN, BOB = Address("messenger", "1", "ann"), Address("messenger", "1", "bob")
CHANGED = "Sorry, something has changed here in the meantime. Let us start again."
GONE = "Sorry, what we were talking about is not possible any more."
SORRY = "Sorry, something went wrong. Please try again."

Handler = Callable[[Chat], Awaitable[object]]


async def old_booking(chat: Chat) -> str:
    """What users are in the middle of."""
    size = await chat.ask("How many?", type=int, name="size", timeout=timedelta(hours=1))
    day = await chat.ask("Which day?", name="day")
    return f"Old: {size} on {day}."


async def new_booking(chat: Chat) -> str:
    """What is deployed."""
    day = await chat.ask("What day?", name="day")
    return f"New: {day}."


async def inner(chat: Chat) -> str:
    """Something else that asks, and is as it was."""
    return f"Inner {await chat.ask('Inner?', type=int)}."


def bot_of(booking: Handler | None, *, page: str | None = "1", **options: object) -> Bot:
    """A bot of one version of the code, on one page or on all."""
    bot = Bot("desk", pages=[page] if page else [])
    if booking is not None:
        bot.intent("book", name="book", **options)(booking)  # type: ignore[arg-type]  # options of the one test
    bot.intent("inner", name="inner")(inner)

    @bot.intent("hello")
    async def hello(chat: Chat) -> str:
        return "Hello."

    return bot


OLD, NEW = bot_of(old_booking), bot_of(new_booking, version=1)


class AnyLimits:
    """As much of a channel as a worker asks for."""

    def limits(self, page: str) -> Limits:
        """The usual ones."""
        return Limits()


class Process:
    """A process: a worker with its bots, on a connection of its own to the database."""

    def __init__(self, fleet: "Fleet", store: Postgres, bot: Bot) -> None:
        self.store = store
        self.directory = Directory([bot])
        self.told: list[Happening] = []
        self._fleet = fleet
        self.worker = Worker(
            store=store,
            channel=AnyLimits(),  # type: ignore[arg-type]  # a worker neither reads nor sends
            directory=self.directory,
            resources={bot.name: {}},
            call_in_thread=self._in_thread,
            observer=self._observe,
        )
        self._running = asyncio.create_task(self.worker.run())

    async def _in_thread(self, call: Callable[[], object]) -> object:
        return await asyncio.to_thread(call)

    def _observe(self, happening: Happening) -> None:
        self.told.append(happening)
        self._fleet.told.put_nowait((self, happening))

    async def drain(self) -> None:
        """Stop as SIGTERM does."""
        self.worker.stop()
        await asyncio.wait_for(self._running, 10)

    async def kill(self) -> None:
        """Stop as SIGKILL does: nothing is said to anybody."""
        self._running.cancel()
        await asyncio.gather(self._running, return_exceptions=True)

    @property
    def alarms(self) -> list[str]:
        """What it has called an operator for."""
        return [one.name for one in self.told if isinstance(one, Alarm)]

    @property
    def left(self) -> int:
        """How many turns it has left to others."""
        return sum(isinstance(one, TurnLeft) for one in self.told)


class Fleet:
    """Processes on one database, and users who write to them."""

    def __init__(self, url: str, stack: AsyncExitStack) -> None:
        self.clock = FakeClock()
        self.told: asyncio.Queue[tuple[Process, Happening]] = asyncio.Queue()
        self._url = url
        self._stack = stack
        self._heard = dict[Address, int]()

    async def start(self, bot: Bot) -> Process:
        """Start a process, and return once the others know what it knows."""
        store = Postgres(self._url, clock=self.clock)
        await store.open()
        self._stack.push_async_callback(store.close)
        process = Process(self, store, bot)
        self._stack.push_async_callback(process.kill)
        await process.worker.know()
        return process

    async def newer(self, *, knows: Collection[str]) -> Postgres:
        """The store of a process whose botkit is yet to be written."""
        store = Postgres(self._url, clock=self.clock)
        await store.open()
        self._stack.push_async_callback(store.close)
        await store.know(knows)
        return store

    async def say(self, to: Process, text: str, *, by: Address = ANN) -> tuple[Process, list[str]]:
        """Have a webhook reach one process; returns which one answered, and what."""
        number = self.clock.now().timestamp()
        self.clock.advance(0.001)
        await to.store.accept(Message(id=f"m{number}", address=by, kind="text", text=text))
        return await self.answer(to, by)

    async def answer(self, asked: Process, address: Address = ANN) -> tuple[Process, list[str]]:
        """Whoever answers next, and what."""
        while True:
            process, happening = await asyncio.wait_for(self.told.get(), 10)
            if isinstance(happening, (TurnFinished, TurnFailed)) and happening.address == address:
                break
        conversation = await asked.store.conversation(address)
        assert conversation is not None
        replies = shown([one.reply for one in conversation.deliveries if one.reply])
        before, self._heard[address] = self._heard.get(address, 0), len(replies)
        return process, replies[before:]


@pytest.fixture
async def fleet(postgres: PostgresServer) -> AsyncIterator[Fleet]:
    """An empty database, and nobody on it."""
    async with AsyncExitStack() as stack:
        yield Fleet(postgres.url(), stack)


async def test_each_flow_is_taken_up_by_the_code_that_began_it(fleet: Fleet) -> None:
    """Whichever process the webhook reaches; a user who begins anew is answered by either."""
    old = await fleet.start(OLD)
    await fleet.say(old, "book")
    new = await fleet.start(NEW)
    answers = [await fleet.say(new, "4"), await fleet.say(new, "Monday")]
    _, hello = await fleet.say(new, "hello", by=BOB)

    assert (answers, hello) == ([(old, ["Which day?"]), (old, ["Old: 4 on Monday."])], ["Hello."])
    assert (new.alarms, old.alarms) == ([], [])


async def test_code_that_began_nothing_leaves_it_whichever_is_newer(fleet: Fleet) -> None:
    """A deploy that is taken back: the old code starts while users are in the middle of the new."""
    new = await fleet.start(NEW)
    await fleet.say(new, "book")
    old = await fleet.start(OLD)

    assert await fleet.say(old, "Monday") == (new, ["New: Monday."])
    assert (old.alarms, new.alarms) == ([], [])


async def test_all_flows_of_a_conversation_must_be_known(fleet: Fleet) -> None:
    """The question that is open is as it was, and the one below it is not: it would begin anew when its turn comes."""
    old = await fleet.start(OLD)
    for text in ("book", "inner"):
        await fleet.say(old, text)
    new = await fleet.start(NEW)

    assert await fleet.say(new, "1") == (old, ["Inner 1.", "How many?"])


async def test_a_question_that_times_out_is_its_own_codes(fleet: Fleet) -> None:
    """It is due in every process, and the one that knows it says so."""
    old = await fleet.start(OLD)
    await fleet.say(old, "book")
    new = await fleet.start(NEW)
    for _ in range(2):
        fleet.clock.advance(20)
        await old.worker.know()
    fleet.clock.advance(3600 - 40)
    await old.worker.know()
    answered, replies = await fleet.answer(new)

    assert (answered is old, len(replies), new.alarms) == (True, 1, [])


@pytest.mark.parametrize(
    ("code", "replies"),
    [
        (NEW, [CHANGED, "What day?"]),
        (bot_of(None), [GONE]),
        (bot_of(new_booking, version=1, on_change="park"), [SORRY]),
    ],
)
@pytest.mark.parametrize("end", [Process.drain, Process.kill])
async def test_once_nobody_knows_it_the_flow_begins_anew(
    fleet: Fleet, end: Callable[[Process], Awaitable[None]], code: Bot, replies: list[str]
) -> None:
    """At once where the old process has said that it ends, and after its lease where it could not: or it is parked."""
    old = await fleet.start(OLD)
    await fleet.say(old, "book")
    new = await fleet.start(code)
    await end(old)
    if end is Process.kill:
        fleet.clock.advance(31)

    assert await fleet.say(new, "Monday") == (new, replies)
    assert (new.left, new.alarms) == (0, ["flow_changed"])


async def test_what_waits_for_a_process_that_is_killed_is_answered_after_its_lease(fleet: Fleet) -> None:
    """Left to the old code, which dies before it comes to it."""
    old = await fleet.start(OLD)
    await fleet.say(old, "book")
    new = await fleet.start(NEW)
    await old.kill()
    answering = asyncio.create_task(fleet.say(new, "Monday"))
    while not new.left:
        await asyncio.sleep(0.01)
    is_left = not answering.done()
    fleet.clock.advance(31)

    assert (is_left, await answering) == (True, (new, [CHANGED, "What day?"]))


async def test_a_page_is_known_too(fleet: Fleet) -> None:
    """What comes for a bot that only the new code has is not set aside by the old."""
    carl = Address("messenger", "2", "carl")
    old = await fleet.start(OLD)
    new = await fleet.start(bot_of(new_booking, page="2"))

    assert await fleet.say(old, "hello", by=carl) == (new, ["Hello."])
    assert await old.store.dead_letters() == []


async def kept_in_another_form(store: Postgres) -> None:
    """Let a newer botkit begin a conversation, and keep it in a form of its own."""
    await store.accept(Message(id="m", address=ANN, kind="text", text="book"))
    (work,) = await store.claim(1)
    await store.commit(work, Outcome(flow='[3,{"open":["intent book"]}]'))


async def test_a_journal_of_a_newer_form_is_left_to_who_can_read_it(fleet: Fleet) -> None:
    """As long as there is one; then it is given up, and the user is answered."""
    newer = await fleet.newer(knows=knowledge_of([OLD]) | {"desk: journals, form 3"})
    await kept_in_another_form(newer)
    old = await fleet.start(OLD)
    await old.store.accept(Message(id="m2", address=ANN, kind="text", text="4"))
    async with asyncio.timeout(10):
        while not old.left:
            await asyncio.sleep(0.01)
    alarms = list(old.alarms)
    (work,) = await newer.claim(10)
    await newer.commit(work, Outcome())
    await newer.know(())

    assert (work.event.id, work.flow, alarms) == ("m2", '[3,{"open":["intent book"]}]', [])
    assert await fleet.say(old, "hello") == (old, ["Hello."])
    assert (old.left, old.alarms) == (1, ["flow_unreadable"])


@pytest.mark.parametrize(
    "half",
    [
        {"page 1", "desk: intent book, version 0", "desk: journals, form 3"},
        {"page 2", "desk: intent book, version 0", "desk: journals, form 1", "desk: journals, form 2"},
        {"every page", "desk: intent book, version 0", "desk: journals, form 1", "desk: journals, form 2"},
    ],
    ids=["not the journal", "not the page", "not the page by name"],
)
async def test_two_that_know_a_half_each_leave_it_to_nobody(fleet: Fleet, half: set[str]) -> None:
    """One has the flow, and lacks something that the other has."""
    old = await fleet.start(OLD)
    await fleet.say(old, "book")
    new = await fleet.start(NEW)
    await old.drain()
    await fleet.newer(knows=half)

    assert await fleet.say(new, "Monday") == (new, [CHANGED, "What day?"])
    assert new.left == 0


async def test_a_flow_on_every_page_is_left_to_who_answers_on_every_page(fleet: Fleet) -> None:
    """A bot without pages is found by its own words."""
    old = await fleet.start(bot_of(old_booking, page=None))
    await fleet.say(old, "book")
    new = await fleet.start(bot_of(new_booking, page=None, version=1))

    assert await fleet.say(new, "4") == (old, ["Which day?"])


class Shared(SQLite):
    """A store in which another process, whose code does not have the page yet, sets a message aside meanwhile."""

    async def prune(self, limit: int = 500) -> int:
        """Prune, as is done from time to time."""
        await self.accept(Message(id="m", address=ANN, kind="text", text="hello"), set_aside="no bot claims page 1")
        return await super().prune(limit)


async def test_what_the_old_code_set_aside_of_a_new_page_is_answered() -> None:
    """Its webhooks may reach a process that does not know the page; whoever does looks for them from time to time."""
    messenger = Messenger()
    async with App(NEW, store=Shared(":memory:", clock=SystemClock()), channel=messenger), asyncio.timeout(20):
        while not messenger.shown(ANN):
            await asyncio.sleep(0.01)

    assert [one.text for one in messenger.shown(ANN)] == ["Hello."]


async def test_new_bots_in_a_running_process_are_known_at_once(postgres: PostgresServer) -> None:
    """A reload changes what is left to it."""
    url, clock = postgres.url(), FakeClock()
    other = Postgres(url, clock=clock)
    await other.open()
    for number in range(3):
        await other.accept(Message(id="m", address=Address("messenger", "1", f"u{number}"), kind="text", text="hello"))
    first, second, third = await other.claim(3)
    knows_old, knows_new = knowledge_of([OLD]), knowledge_of([NEW])
    async with App(OLD, store=Postgres(url, clock=clock), channel=Messenger(), clock=clock) as app:
        while not await other.leave(first, knows_old):
            await asyncio.sleep(0.01)
        await app.replace([NEW])
        left = [await other.leave(second, knows_old), await other.leave(third, knows_new)]
    await other.close()

    assert left == [False, True]
