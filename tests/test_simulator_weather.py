"""How the simulator misbehaves towards a sender when it is asked to."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import web

from botkit.simulator import Simulator, Weather
from botkit.simulator.weather import MOODS, Forecast
from simulated import PAGE, Gate, Listener, answered, send


@pytest.fixture
def gate() -> Gate:
    """What the simulator sleeps with."""
    return Gate()


@pytest.fixture
async def simulator(gate: Gate) -> AsyncIterator[Simulator]:
    """A simulator in fair weather."""
    async with Simulator(page=PAGE, sleep=gate) as simulator:
        yield simulator


@pytest.fixture
async def listener(simulator: Simulator, aiohttp_server: Any) -> Listener:
    """What takes the simulator's webhooks."""
    listener = Listener()
    application = web.Application()
    application.router.add_post("/", listener.answer)
    simulator.inbound_url = simulator.status_url = str((await aiohttp_server(application)).make_url("/"))
    return listener


def shown(simulator: Simulator) -> tuple[str, ...]:
    """What the user was shown."""
    return simulator.shown(PAGE, "61")


async def test_an_answer_is_given_as_often_as_asked_for(simulator: Simulator) -> None:
    """Bad weather passes, and what was refused was not accepted."""
    simulator.change(Weather(mood="answer", status=503, times=2))
    statuses = [await answered(simulator, text) for text in ("one", "two", "three")]

    assert (statuses, shown(simulator)) == ([503, 503, 202], ("three",))


async def test_weathers_come_in_order(simulator: Simulator) -> None:
    """Several may be asked for beforehand."""
    for status in (429, 500, 401):
        simulator.change(Weather(mood="answer", status=status))

    assert [await answered(simulator) for _ in range(4)] == [429, 500, 401, 202]


async def test_weather_may_be_one_pages(simulator: Simulator) -> None:
    """Another page's requests do not use it up."""
    simulator.change(Weather(mood="answer", status=429, page="8"))

    assert [await answered(simulator, page=page) for page in ("7", "8", "8")] == [202, 429, 202]


async def test_bad_requests_do_not_use_it_up(simulator: Simulator) -> None:
    """What is refused anyhow meets no weather."""
    simulator.change(Weather(mood="answer", status=500))

    assert [await answered(simulator, text) for text in ("", "hi", "hi")] == [422, 500, 202]


async def test_hanging_never_answers(simulator: Simulator) -> None:
    """A later request is answered while the first is not; it is not accepted either."""
    simulator.change(Weather(mood="hang"))
    hung = await send(simulator, "first")
    silence = asyncio.create_task(hung.rest())
    await _used_up(simulator)
    status = await answered(simulator, "second")

    assert (status, silence.done(), shown(simulator)) == (202, False, ("second",))
    hung.writer.close()
    await silence


async def _used_up(simulator: Simulator) -> None:
    """Wait until the weather has been met."""
    async with asyncio.timeout(10):
        while simulator._forecast._coming:
            await asyncio.sleep(0)


async def test_half_closing_ends_the_connection_in_order(simulator: Simulator) -> None:
    """The sender sees the end of the stream where an answer should be, and no error."""
    simulator.change(Weather(mood="half_close"))
    connection = await send(simulator)

    assert (await connection.rest(), shown(simulator)) == (b"", ())
    connection.writer.close()


async def test_half_closing_leaves_the_other_half_open(simulator: Simulator) -> None:
    """The simulator still reads when it has ended its side, until the sender ends the other."""
    simulator.change(Weather(mood="half_close"))
    connection = await send(simulator)
    await connection.rest()
    for _ in range(3):
        connection.writer.write(b"anybody there?")
        await connection.writer.drain()

    assert await answered(simulator) == 202
    assert connection.writer.transport.is_closing() is False
    connection.writer.close()


async def test_resetting_breaks_the_connection(simulator: Simulator) -> None:
    """The sender is told that the connection was broken."""
    simulator.change(Weather(mood="reset"))
    connection = await send(simulator)
    with pytest.raises(ConnectionResetError):
        await connection.rest()

    assert shown(simulator) == ()


async def test_accepting_and_hanging_leaves_the_sender_in_doubt(simulator: Simulator, listener: Listener) -> None:
    """The message is accepted, its statuses are told, and its sender is not."""
    simulator.change(Weather(mood="accept_and_hang"))
    hung = await send(simulator)
    silence = asyncio.create_task(hung.rest())
    await simulator.wait_for(1, page=PAGE, user="61")
    await simulator.finish()

    assert (shown(simulator), listener.words, silence.done()) == (("hi",), ["submitted", "delivered"], False)
    hung.writer.close()
    await silence


async def test_accepting_and_half_closing_leaves_the_sender_in_doubt(simulator: Simulator) -> None:
    """The message is accepted, and the stream ends where its id should be."""
    simulator.change(Weather(mood="accept_and_half_close"))
    connection = await send(simulator)

    assert (await connection.rest(), shown(simulator)) == (b"", ("hi",))
    connection.writer.close()


async def test_accepting_and_resetting_leaves_the_sender_in_doubt(simulator: Simulator) -> None:
    """The message is accepted, and the connection breaks where its id should be."""
    simulator.change(Weather(mood="accept_and_reset"))
    connection = await send(simulator)
    with pytest.raises(ConnectionResetError):
        await connection.rest()

    assert shown(simulator) == ("hi",)


async def test_a_slow_answer_comes_after_its_message_was_accepted(simulator: Simulator, gate: Gate) -> None:
    """Who gives up in between does not know that it was."""
    simulator.change(Weather(mood="slow", seconds=40))
    connection = await send(simulator)
    accepted = await simulator.wait_for(1, page=PAGE, user="61")
    waited = list(gate.seconds)
    gate.open.set()

    assert (accepted, waited, await connection.status()) == (("hi",), [40], 202)
    connection.writer.close()


async def test_one_message_may_have_statuses_of_its_own(simulator: Simulator, listener: Listener) -> None:
    """A message fails where the others do not."""
    simulator.change(Weather(mood="statuses", statuses=("submitted", "rejected:1340")))
    for _ in range(2):
        await answered(simulator)
        await simulator.finish()

    assert listener.words == ["submitted", "rejected", "submitted", "delivered"]


async def test_one_message_may_have_no_status(simulator: Simulator, listener: Listener) -> None:
    """A message is accepted, and nothing is ever heard of it."""
    simulator.change(Weather(mood="statuses"))
    status = await answered(simulator)
    await simulator.finish()

    assert (status, listener.words) == (202, [])


async def test_a_status_may_come_before_the_answer(simulator: Simulator, listener: Listener) -> None:
    """The sender hears of its message before it is told its id; the other statuses follow."""
    simulator.change(Weather(mood="status_first"))
    connection = await send(simulator)
    status = await connection.status()
    before = list(listener.words)
    await simulator.finish()

    assert (status, before[:1], listener.words) == (202, ["submitted"], ["submitted", "delivered"])
    connection.writer.close()


async def test_the_answer_waits_for_that_status(simulator: Simulator, aiohttp_server: Any) -> None:
    """As long as the webhook is not answered, the request is not."""
    asked, go_on = asyncio.Event(), asyncio.Event()

    async def wait(request: web.Request) -> web.Response:
        asked.set()
        await go_on.wait()
        return web.Response()

    application = web.Application()
    application.router.add_post("/", wait)
    simulator.status_url = str((await aiohttp_server(application)).make_url("/"))
    simulator.change(Weather(mood="status_first"))
    connection = await send(simulator)
    status = asyncio.create_task(connection.status())
    await asked.wait()
    meanwhile = await answered(simulator)

    assert (meanwhile, status.done()) == (202, False)
    go_on.set()
    assert await status == 202
    connection.writer.close()


# Weather itself


@pytest.mark.parametrize(
    "fields",
    [
        {"mood": "sunny"},
        {"mood": ["answer"]},
        {"status": 200},
        {"status": 600},
        {"status": "429"},
        {"problem": "bad mood"},
        {"times": 0},
        {"times": "2"},
        {"seconds": -1},
        {"retry_after_seconds": 1.5},
        {"statuses": "delivered"},
        {"statuses": ["Delivered!"]},
        {"statuses": [7]},
        {"page": 7},
    ],
)
def test_what_is_no_weather_is_refused(fields: dict[str, Any]) -> None:
    """A mistake in a test is found where it was made."""
    with pytest.raises((TypeError, ValueError)):
        Weather(**fields)


@pytest.mark.parametrize("mood", MOODS)
def test_every_mood_is_explained(mood: str) -> None:
    """Whoever reads what weather is finds each mood."""
    assert f"``{mood}``" in (Weather.__doc__ or "")


def test_a_forecast_is_used_up() -> None:
    """Each weather happens as often as it says, to its own page, in order."""
    forecast = Forecast()
    for weather in (Weather(status=500, times=2), Weather(status=429, page="8"), Weather(mood="duplicate")):
        forecast.add(weather)
    met = [forecast.for_request(page) for page in ("8", "7", "7", "8")]

    assert [one and one.status for one in met] == [500, 500, None, 429]
    assert [one and one.mood for one in (forecast.for_webhook("8"), forecast.for_webhook("8"))] == ["duplicate", None]
