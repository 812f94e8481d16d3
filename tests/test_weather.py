"""Bad weather, in one process: whatever is acknowledged is answered once and in order, and everybody else goes on."""

import asyncio
from pathlib import Path

import pytest

from botkit import App, Chat
from botkit.errors import StoreError
from botkit.observe import Alarm, SystemClock
from botkit.simulator import Weather
from botkit.simulator.weather import RequestMood
from botkit.simulator.webhooks import inbound
from botkit.stores.sqlite import SQLite
from weather import PAGE, Seen, World, counted, counting_bot, say, seen, talk, until, world

USERS = [f"user{number}" for number in range(5)]


async def first_answers(place: World, text: str) -> set[int | None]:
    """What the first try of a message of each user is answered; it is tried again in the background."""
    simulator = place.simulator
    payloads = [inbound("v1", page=PAGE, user=user, now=place.clock.now(), text=text) for user in USERS]
    answers = await asyncio.gather(*map(simulator.begin, payloads))
    return {answer for (answer,) in answers}


@pytest.mark.parametrize(
    ("trouble", "relief"),
    [("max_page_count = 1", "max_page_count = 1000000"), ("query_only = 1", "query_only = 0")],
    ids=["full", "read-only"],
)
async def test_a_store_that_cannot_write_acknowledges_nothing(tmp_path: Path, trouble: str, relief: str) -> None:
    """Webhooks are answered 503, and once it can all goes on: the turn under way is kept, and its handler ran once."""
    bot, runs = counting_bot()
    go = asyncio.Event()

    @bot.intent("wait")
    async def wait(chat: Chat) -> str:
        runs.append("wait")
        await go.wait()
        return "waited"

    async with world(bot, tmp_path) as place:
        await talk(place.simulator, USERS, [0])
        await say(place.simulator, "waiting", "wait")
        await place.simulator.wait_for(1, page=PAGE, user=USERS[0], timeout_seconds=30)
        await until(lambda: "wait" in runs)
        place.pragma(trouble)
        go.set()
        during = await first_answers(place, "count 1 because " + "more than a page of the file can hold " * 500)
        shown = seen(place.simulator, "waiting").texts
        place.pragma(relief)
        answers = [await place.simulator.wait_for(2, page=PAGE, user=user, timeout_seconds=30) for user in USERS]
        await place.simulator.wait_for(1, page=PAGE, user="waiting", timeout_seconds=30)

    assert (during, shown) == ({503}, ())
    assert answers == [("0 after 0", "1 after 1")] * len(USERS)
    assert (seen(place.simulator, "waiting"), runs.count("wait")) == (Seen(("waited",), 0), 1)


async def jumped(place: World, seconds: float) -> None:
    """Let the clock jump in the middle of a burst, and wait until everything was taken."""
    simulator = place.simulator
    talking = asyncio.create_task(talk(simulator, USERS, range(8)))
    await until(lambda: len(simulator.accepted) >= 10)
    place.clock.jump(seconds)
    await talking


async def all_answered(place: World) -> None:
    """Wait until each of the users has as many answers as questions."""
    for user in USERS:
        await place.simulator.wait_for(8, page=PAGE, user=user, timeout_seconds=30)


async def test_a_clock_that_jumps_ahead_changes_nothing(tmp_path: Path) -> None:
    """In the middle of turns and of sending, by an hour; what was being sent just then may be in doubt."""
    bot, _ = counting_bot()
    async with world(bot, tmp_path) as place:
        await jumped(place, 3600)
        await all_answered(place)
    saw = [seen(place.simulator, user) for user in USERS]

    assert [one.texts for one in saw] == [counted(8)] * len(USERS)
    assert max(one.repeats for one in saw) <= 1


async def test_a_clock_that_jumps_back_delays_only_what_was_waiting(tmp_path: Path) -> None:
    """Others are answered at once; what had its time in the future is answered then, in order and once."""
    bot, runs = counting_bot()
    async with world(bot, tmp_path) as place:
        await jumped(place, -3600)
        await talk(place.simulator, ["new"], [0])
        new = await place.simulator.wait_for(1, page=PAGE, user="new", timeout_seconds=5)
        place.clock.jump(3600)
        await all_answered(place)

    assert new == counted(1)
    assert [seen(place.simulator, user) for user in USERS] == [Seen(counted(8), 0)] * len(USERS)
    assert len(runs) == 8 * len(USERS) + 1


REFUSALS = [
    Weather(mood="answer", status=429, retry_after_seconds=0, times=3),
    Weather(mood="answer", status=503, times=4),
    Weather(mood="answer", status=500, times=2),
]


@pytest.mark.parametrize("weather", REFUSALS, ids=lambda weather: str(weather.status))
async def test_what_upstream_refuses_is_sent_later(tmp_path: Path, weather: Weather) -> None:
    """In order, and once: nothing was taken, so nothing can arrive twice."""
    bot, runs = counting_bot()
    async with world(bot, tmp_path, statuses=()) as place:
        place.simulator.change(weather)
        await talk(place.simulator, USERS, range(3))
        await until(lambda: len(runs) == 3 * len(USERS))
        while any(len(seen(place.simulator, user).texts) < 3 for user in USERS):
            # Waits grow with each refusal, and need not be waited for.
            place.clock.jump(0.2)
            await asyncio.sleep(0.02)

    assert [seen(place.simulator, user) for user in USERS] == [Seen(counted(3), 0)] * len(USERS)
    assert (len(runs), place.simulator.weather) == (3 * len(USERS), ())


NEVER_TAKEN: list[RequestMood] = ["hang", "half_close", "reset"]
TAKEN: list[RequestMood] = ["accept_and_hang", "accept_and_half_close", "accept_and_reset"]


@pytest.mark.parametrize(
    ("mood", "statuses"),
    [*((mood, ()) for mood in (*NEVER_TAKEN, *TAKEN)), *((mood, ("submitted", "delivered")) for mood in TAKEN)],
)
async def test_what_breaks_off_upstream_is_in_doubt(
    tmp_path: Path, mood: RequestMood, statuses: tuple[str, ...]
) -> None:
    """It is sent again unless a status comes: what had been taken without one arrives twice, and nothing else does."""
    bot, runs = counting_bot()
    async with world(bot, tmp_path, statuses=statuses) as place:
        place.simulator.change(Weather(mood=mood, times=2))
        await talk(place.simulator, USERS, range(3))
        await until(lambda: all(len(seen(place.simulator, user).texts) == 3 for user in USERS))
        await until(lambda: not place.simulator.weather)
    saw = [seen(place.simulator, user) for user in USERS]

    assert [one.texts for one in saw] == [counted(3)] * len(USERS)
    assert sum(one.repeats for one in saw) == (2 if mood in TAKEN and not statuses else 0)
    assert len(runs) == 3 * len(USERS)


async def test_slow_and_raising_handlers_delay_nobody_else(tmp_path: Path) -> None:
    """Slow ones keep their lease and are answered in the end, once; those that raise are set aside; others go on."""
    bot, runs = counting_bot()
    go = asyncio.Event()

    @bot.intent("wait")
    async def wait(chat: Chat) -> str:
        runs.append("wait")
        await go.wait()
        return "waited"

    @bot.intent("stumble")
    async def stumble(chat: Chat) -> str:
        raise ValueError(chat.text)

    # A machine that is busy with other things must not lose them.
    async with world(bot, tmp_path, lease_seconds=3) as place:
        simulator, loop = place.simulator, asyncio.get_running_loop()
        for number in range(10):
            await say(simulator, f"slow{number}", "wait")
            await say(simulator, f"clumsy{number}", "stumble")
        began_at = loop.time()
        await talk(simulator, USERS, range(8))
        await all_answered(place)
        await until(lambda: loop.time() - began_at > 1.5 * place.app.settings.lease_seconds)
        go.set()
        slow = [await simulator.wait_for(1, page=PAGE, user=f"slow{n}", timeout_seconds=30) for n in range(10)]
        letters = await place.store.dead_letters()

    assert [seen(simulator, user) for user in USERS] == [Seen(counted(8), 0)] * len(USERS)
    assert (slow, runs.count("wait")) == ([("waited",)] * 10, 10)
    assert {letter.address.user for letter in letters} == {f"clumsy{number}" for number in range(10)}


class Unkept(SQLite):
    """A store that cannot be pruned."""

    async def prune(self, limit: int = 500) -> int:
        """Say that it cannot be reached."""
        raise StoreError("The database cannot be reached.")


async def test_a_store_that_cannot_be_pruned_is_no_fault_of_botkits() -> None:
    """Its operator is told what he is told of any operation, and it is tried again later."""
    events, told = list[object](), asyncio.Event()

    def observe(event: object) -> None:
        events.append(event)
        if isinstance(event, Alarm):
            told.set()

    bot, _ = counting_bot()
    async with App(bot, store=Unkept(":memory:", clock=SystemClock()), observer=observe):
        await told.wait()

    assert [event for event in events if isinstance(event, Alarm)] == [
        Alarm("store_unavailable", "The database cannot be reached.")
    ]
