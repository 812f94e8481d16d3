"""How fast deliveries go out, over the wire: what a page's limit lets through, and whom it holds up."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from random import Random

import pytest
from attrs import define, evolve, field

from botkit.channels.vonage import Vonage
from botkit.events import Address, Message
from botkit.observe import DeliveryMoved, Happening
from botkit.replies import Audio, Reply, Text, Video
from botkit.sender import Sender
from botkit.simulator import Simulator, Weather
from botkit.stores.sqlite import SQLite
from botkit.testing import FakeClock
from botkit.work import Queued

SLOW, OTHER = "3301", "3302"


def user(name: str, page: str = SLOW) -> Address:
    """Somebody who writes to *page*."""
    return Address("messenger", page, name)


def sound(name: str) -> Reply:
    """A sound that is called *name*."""
    return Audio(f"https://example.com/{name}.mp3")


def film(name: str) -> Reply:
    """A film that is called *name*."""
    return Video(f"https://example.com/{name}.mp4")


@define
class World:
    """A sender that sends over HTTP to a simulator, by a clock that moves only when it is told to."""

    store: SQLite
    clock: FakeClock
    simulator: Simulator
    per_second: float = 20.0
    started_at: datetime = field(init=False)
    moves: "asyncio.Queue[DeliveryMoved]" = field(factory=asyncio.Queue)

    def __attrs_post_init__(self) -> None:
        self.started_at = self.clock.now()

    async def queue(self, address: Address, *names: str, make: Callable[[str], Reply] = Text) -> None:
        """Have a user write, and put deliveries for him in the outbox whose ids are their names."""
        await self.store.accept(Message(id=f"said {names}", address=address, kind="text"))
        await self.store.send(address, tuple(Queued(name, make(name)) for name in names))

    @asynccontextmanager
    async def sending(self) -> AsyncIterator[None]:
        """Run a sender meanwhile, for pages that may send *per_second*."""
        account = evolve(self.simulator.account, messages_per_second=self.per_second)
        channel = Vonage([account], clock=self.clock)
        sender = Sender(store=self.store, channel=channel, observer=self.note, clock=self.clock, rng=Random(1))
        running = asyncio.create_task(sender.run())
        yield
        # By a clock that stands still no page's turn would ever come again: there is nothing to wait for.
        running.cancel()
        await asyncio.wait([running])
        await channel.close()

    def note(self, happening: Happening) -> None:
        """Remember what moved."""
        if isinstance(happening, DeliveryMoved):
            self.moves.put_nowait(happening)

    async def moved(self, count: int = 1) -> list[tuple[str, str | None]]:
        """The next *count* deliveries that were sent or put off, and why."""
        moves = [await asyncio.wait_for(self.moves.get(), 10) for _ in range(count)]
        return [(one.state, one.reason) for one in moves]

    def posted(self, page: str = SLOW) -> list[tuple[float, str]]:
        """What was POSTed for *page*, in order, and how many seconds after the start it came."""
        return [
            (round((one.at - self.started_at).total_seconds(), 3), one.client_ref or "")
            for one in self.simulator.accepted
            if one.page == page
        ]


@pytest.fixture
async def world() -> AsyncIterator[World]:
    """A world in which the pages may send twenty messages a second, one by one."""
    clock = FakeClock()
    store = SQLite(":memory:", clock=clock)
    await store.open()
    async with Simulator(clock=clock, statuses=()) as simulator:
        yield World(store, clock, simulator)
    await store.close()


async def test_a_page_sends_as_fast_as_it_may_and_no_faster(world: World) -> None:
    """At twenty a second each POST comes a twentieth of a second after the one before."""
    for name in ("a", "b", "c", "d", "e"):
        await world.queue(user(name), name)
    async with world.sending():
        for _ in range(5):
            await world.moved()
            world.clock.advance(0.05)

    assert [at for at, _ in world.posted()] == [0, 0.05, 0.1, 0.15, 0.2]
    assert {name for _, name in world.posted()} == {"a", "b", "c", "d", "e"}


async def test_a_fast_page_sends_no_more_in_a_second_than_it_may(world: World) -> None:
    """At a hundred a second a few leave together, and the rest follow one by one, within the limit."""
    world.per_second = 100
    for number in range(12):
        await world.queue(user(f"user{number}"), f"d{number}")
    async with world.sending():
        await world.moved(5)
        for _ in range(7):
            world.clock.advance(1 / 96)
            await world.moved()
    at = [round(at * 96) for at, _ in world.posted()]

    assert at == [0, 0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7]


async def test_a_page_is_fair_between_its_users(world: World) -> None:
    """Who is sent ten messages does not make another wait for more than the one before his."""
    await world.queue(user("ann"), *(f"ann{number}" for number in range(10)))
    await world.queue(user("ben"), "ben0", "ben1")
    await world.queue(user("cid"), "cid0")
    world.clock.advance(1)
    async with world.sending():
        for _ in range(13):
            await world.moved()
            world.clock.advance(0.05)
    names = [name for _, name in world.posted()]

    assert {name[:3] for name in names[:3]} == {"ann", "ben", "cid"}
    assert "ben1" in names[:5]
    assert [name for name in names if name.startswith("ann")] == [f"ann{number}" for number in range(10)]


async def test_a_slow_page_delays_no_other(world: World) -> None:
    """Another page's message leaves at once, however much waits before it."""
    for number in range(20):
        await world.queue(user(f"user{number}"), f"slow{number}")
    await world.queue(user("zoe", OTHER), "quick")
    async with world.sending():
        await world.moved(2)

    assert (world.posted()[0][0], world.posted(OTHER)) == (0, [(0, "quick")])


async def test_a_page_that_is_told_to_wait_delays_no_other(world: World) -> None:
    """After a 429 with Retry-After nothing more of that page goes out until then, and other pages go on."""
    world.simulator.change(Weather(mood="answer", status=429, page=SLOW, retry_after_seconds=7))
    await world.queue(user("ann"), "held")
    async with world.sending():
        refused = await world.moved()
        world.clock.advance(1)
        await world.queue(user("ben"), "behind")
        await world.queue(user("zoe", OTHER), "quick")
        await world.moved()
        world.clock.advance(6)
        await world.moved()
        world.clock.advance(0.05)
        await world.moved()

    assert (refused, world.posted(OTHER)) == ([("queued", "rate_limited")], [(1, "quick")])
    assert [at for at, _ in world.posted()] == [7, 7.05]


async def test_sounds_and_films_go_out_at_ten_a_second_at_most(world: World) -> None:
    """They share that limit; words of the same page go out in between."""
    await world.queue(user("ann"), "sound1", make=sound)
    await world.queue(user("ben"), "film1", make=film)
    await world.queue(user("cid"), "sound2", make=sound)
    await world.queue(user("dan"), "words")
    async with world.sending():
        moves: list[tuple[str, str | None]] = []
        while moves.count(("sent", None)) < 4:
            moves += await world.moved()
            world.clock.advance(0.05)
    at = {name: at for at, name in world.posted()}
    first, second, third = sorted(at[name] for name in ("sound1", "sound2", "film1"))

    assert set(moves) == {("sent", None), ("queued", "media_rate")}
    assert (second - first >= 0.1, third - second >= 0.1, at["words"] < third) == (True, True, True)
