"""Deliveries out: what becomes of each, when, and in which order."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from random import Random

import pytest
from attrs import define, field

from botkit.errors import AccountBlocked, InDoubt, Rejected, StoreError, Unavailable
from botkit.events import Address, Message
from botkit.observe import Alarm, DeliveryMoved, Happening
from botkit.replies import Audio, Limits, Reply, Text
from botkit.sender import Sender
from botkit.stores.sqlite import SQLite
from botkit.testing import FakeClock
from botkit.work import Delivery, Queued, Settlement

ANN = Address("messenger", "1070", "ann")
BOB = Address("messenger", "1070", "bob")
CID = Address("messenger", "2080", "cid")


@define
class ScriptedChannel:
    """A channel that takes everything, but for what its script says of a delivery's next tries."""

    per_second: float = 1_000.0
    media_per_second: float = 10.0
    script: dict[str, list[Exception]] = field(factory=dict)
    posts: list[str] = field(factory=list)

    def limits(self, page: str) -> Limits:
        """As fast as the test says."""
        return Limits(messages_per_second=self.per_second, media_per_second=self.media_per_second)

    def account_pages(self, page: str) -> tuple[str, ...]:
        """Both pages have one account."""
        return ("1070", "2080")

    async def send(self, delivery: Delivery) -> str:
        """Note the POST, and answer it."""
        self.posts.append(delivery.id)
        errors = self.script.get(delivery.id, [])
        if errors:
            raise errors.pop(0)
        return f"uuid-{delivery.id}"


@define
class World:
    """A store, a clock and a channel, and what the sender has told of them."""

    store: SQLite
    clock: FakeClock
    channel: ScriptedChannel
    told: "asyncio.Queue[Happening]" = field(factory=asyncio.Queue)

    async def moved(self) -> tuple[str, str, str]:
        """The next delivery that moved: id, state and the reason's word."""
        while True:
            happening = await asyncio.wait_for(self.told.get(), 10)
            if isinstance(happening, DeliveryMoved):
                return happening.delivery_id, happening.state, (happening.reason or "").partition(":")[0]

    async def alarm(self) -> str:
        """The name of the next alarm."""
        while True:
            happening = await asyncio.wait_for(self.told.get(), 10)
            if isinstance(happening, Alarm):
                return happening.name

    async def queue(self, *names: str, address: Address = ANN, make: Callable[[str], Reply] = Text) -> None:
        """Put deliveries in the outbox whose ids are their texts."""
        await self.store.send(address, tuple(Queued(name, make(name)) for name in names))

    async def wrote(self, *addresses: Address) -> None:
        """Have users write now."""
        for number, address in enumerate(addresses):
            await self.store.accept(Message(id=f"{self.clock.now()}{number}", address=address, kind="text"))

    @asynccontextmanager
    async def sending(self, doubt_seconds: float = 30.0) -> AsyncIterator[None]:
        """Run a sender meanwhile."""
        sender = Sender(
            store=self.store,
            channel=self.channel,  # type: ignore[arg-type]  # a sender reads no webhooks
            observer=self.told.put_nowait,
            clock=self.clock,
            rng=Random(1),
            doubt_seconds=doubt_seconds,
        )
        running = asyncio.create_task(sender.run())
        yield
        sender.drain()
        await asyncio.wait_for(running, 10)


@pytest.fixture
async def world() -> AsyncIterator[World]:
    """A world in which Ann and Bob have just written."""
    clock = FakeClock()
    store = SQLite(":memory:", clock=clock)
    await store.open()
    made = World(store, clock, ScriptedChannel())
    await made.wrote(ANN, BOB, CID)
    yield made
    await store.close()


async def due_at(world: World, name: str) -> datetime:
    """When a delivery is due."""
    query = "SELECT due_at FROM deliveries WHERE id = ?"
    milliseconds = await world.store._open.ask(lambda db: db.execute(query, (name,)).fetchone()[0])
    return datetime.fromtimestamp(milliseconds / 1000, world.clock.now().tzinfo)


async def test_a_conversations_deliveries_go_out_in_order(world: World) -> None:
    """One after the other, and each is recorded with the channel's id."""
    await world.queue("a", "b", "c")
    async with world.sending():
        moves = [await world.moved() for _ in range(3)]
    conversation = await world.store.conversation(ANN)

    assert moves == [("a", "sent", ""), ("b", "sent", ""), ("c", "sent", "")]
    assert conversation is not None
    assert [one.message_id for one in conversation.deliveries] == ["uuid-a", "uuid-b", "uuid-c"]


async def test_the_window_is_checked_just_before_the_post(world: World) -> None:
    """A reply that comes too late is given up, saying when the user last wrote; a tagged one goes out."""
    await world.queue("late")
    await world.store.send(ANN, (Queued("tagged", Text("x", tag="HUMAN_AGENT")),))
    world.clock.advance(24 * 3600 + 1)
    async with world.sending():
        moves = [await world.moved(), await world.moved()]
    (letter,) = await world.store.dead_letters()

    assert moves == [("late", "dead", "window_closed"), ("tagged", "sent", "")]
    assert world.channel.posts == ["tagged"]
    assert letter.reason == ("window_closed: the user last wrote at 2026-11-23 12:00 UTC, more than 24 hours ago")


async def test_who_never_wrote_is_not_written_to(world: World) -> None:
    """Messenger would refuse it."""
    await world.queue("first", address=Address("messenger", "1070", "stranger"))
    async with world.sending():
        assert await world.moved() == ("first", "dead", "window_closed")
    assert world.channel.posts == []


@pytest.mark.parametrize(
    ("error", "state", "seconds"),
    [
        (Unavailable("busy", reason="rate_limited", status=429, retry_after_seconds=15), "queued", (15, 15)),
        (Unavailable("busy", reason="unavailable", status=503), "queued", (0.5, 1)),
        (AccountBlocked("no credit", reason="low_balance", status=402), "queued", (15, 30)),
        (InDoubt("no answer", reason="time_out"), "in_doubt", (30, 30)),
        (ValueError("a fault of ours"), "in_doubt", (30, 30)),
    ],
    ids=["retry-after", "unavailable", "blocked", "in doubt", "fault"],
)
async def test_what_was_not_accepted_is_tried_again(
    world: World, error: Exception, state: str, seconds: tuple[float, float]
) -> None:
    """Not before its time, and the deliveries behind it wait with it."""
    world.channel.script = {"a": [error]}
    await world.queue("a", "b")
    async with world.sending():
        _, moved_to, _ = await world.moved()
    wait = (await due_at(world, "a") - world.clock.now()).total_seconds()
    world.clock.advance(wait)
    async with world.sending():
        again = [await world.moved(), await world.moved()]

    assert moved_to == state
    assert seconds[0] <= wait <= seconds[1]
    assert again == [("a", "sent", ""), ("b", "sent", "")]
    assert world.channel.posts == ["a", "a", "b"]


async def test_waits_grow_from_try_to_try(world: World) -> None:
    """An API that stays away is asked less and less often, and a doubt lasts longer each time."""
    world.channel.script = {"a": [InDoubt("?", reason="http_500", status=500) for _ in range(4)]}
    await world.queue("a")
    waits = []
    for _ in range(4):
        async with world.sending():
            await world.moved()
        waits.append((await due_at(world, "a") - world.clock.now()).total_seconds())
        world.clock.advance(waits[-1])

    assert waits == [30, 60, 120, 240]


async def test_what_is_refused_for_good_is_dead_at_once(world: World) -> None:
    """It holds nobody up, and an operator can read why."""
    world.channel.script = {"a": [Rejected("too long", reason="invalid_message", status=422)]}
    await world.queue("a", "b")
    async with world.sending():
        moves = [await world.moved(), await world.moved()]

    assert moves == [("a", "dead", "invalid_message"), ("b", "sent", "")]


async def test_what_cannot_be_sent_for_a_day_is_given_up(world: World) -> None:
    """Nobody wants yesterday's answer."""
    world.channel.script = {"a": [Unavailable("busy", reason="unavailable", status=503)]}
    await world.store.send(ANN, (Queued("a", Text("x", tag="HUMAN_AGENT")),))
    world.clock.advance(24 * 3600)
    async with world.sending():
        assert await world.moved() == ("a", "dead", "given up after 24 hours, unavailable")


async def test_a_blocked_account_raises_an_alarm(world: World) -> None:
    """An operator must act, and is told."""
    world.channel.script = {"a": [AccountBlocked("no credit", reason="low_balance", status=402)]}
    await world.queue("a")
    async with world.sending():
        assert await world.alarm() == "account_low_balance"


async def test_a_slow_page_delays_no_other(world: World) -> None:
    """A page sends as fast as it may; what waits for its pace is sent when its time has come."""
    world.channel.per_second = 1
    await world.queue("a1", address=ANN)
    await world.queue("b1", address=BOB)
    await world.queue("c1", address=CID)
    async with world.sending():
        first = {(await world.moved())[0], (await world.moved())[0]}
        world.clock.advance(1)
        last = (await world.moved())[0]

    assert (first, last) == ({"a1", "c1"}, "b1")


async def test_a_page_that_is_told_to_wait_waits_with_everybody(world: World) -> None:
    """A 429 is about the page, not about one user."""
    world.channel.script = {"a1": [Unavailable("busy", reason="rate_limited", status=429, retry_after_seconds=15)]}
    await world.queue("a1", address=ANN)
    async with world.sending():
        held = await world.moved()
        await world.queue("b1", address=BOB)
        await world.queue("c1", address=CID)
        other = await world.moved()
        world.clock.advance(15)
        rest = {(await world.moved())[0], (await world.moved())[0]}

    assert (held[1], other[0], rest) == ("queued", "c1", {"a1", "b1"})


async def test_sounds_go_out_more_slowly_than_words(world: World) -> None:
    """Audio and video have a limit of their own, and words do not wait for them."""
    world.channel.media_per_second = 1
    sound: Callable[[str], Reply] = lambda name: Audio(f"https://example.com/{name}.mp3")  # noqa: E731 - one of two makers
    await world.queue("a1", address=ANN, make=sound)
    await world.queue("b1", address=BOB, make=sound)
    async with world.sending():
        first = {await world.moved(), await world.moved()}
        await world.queue("c1", address=CID)
        words = await world.moved()
        world.clock.advance(1)
        last = await world.moved()

    assert sorted(state for _, state, _ in first) == ["queued", "sent"]
    assert words == ("c1", "sent", "")
    assert last[1] == "sent"


class ForgetfulOnce(SQLite):
    """A store whose disk is full the first time something is settled."""

    refused = False

    async def settle(self, delivery: Delivery, settlement: Settlement) -> None:
        """Refuse once."""
        if not self.refused:
            self.refused = True
            raise StoreError("The disk of the store is full.")
        await super().settle(delivery, settlement)


async def test_what_was_sent_is_recorded_although_the_store_stumbles() -> None:
    """A full disk makes no reply go out twice."""
    clock = FakeClock()
    store = ForgetfulOnce(":memory:", clock=clock)
    await store.open()
    world = World(store, clock, ScriptedChannel())
    await world.wrote(ANN)
    await world.queue("a")
    async with world.sending():
        alarm, moved = await world.alarm(), await world.moved()
    await store.close()

    assert (alarm, moved, world.channel.posts) == ("store_unavailable", ("a", "sent", ""), ["a"])


async def test_what_was_queued_just_before_a_sender_stops_goes_out(world: World) -> None:
    """A turn's answer that is kept in the moment in which the process is told to stop is not left behind."""
    await world.queue("a")
    async with world.sending():
        await world.moved()
        await world.queue("b")

    assert world.channel.posts == ["a", "b"]
