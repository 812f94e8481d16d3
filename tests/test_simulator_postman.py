"""How the simulator delivers webhooks, and how often it tries."""

import asyncio
import socket
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from typing import Any

import jwt
import pytest
from aiohttp import web

from botkit.simulator.postman import Postman, is_final, retry_waits_seconds
from botkit.simulator.webhooks import Signer
from botkit.testing import FakeClock

SECRET = "a secret of the account, longer than 32 bytes"
SIGNER = Signer("4e7d", SECRET, "5f0c6d2a")


class Naps:
    """Sleeps no longer than a clock takes to be moved on."""

    def __init__(self, clock: FakeClock) -> None:
        self.clock = clock
        self.seconds: list[float] = []

    async def __call__(self, seconds: float) -> None:
        self.seconds.append(seconds)
        self.clock.advance(seconds)


class Listener:
    """Answers webhooks with the statuses it is given, the last one for ever, and remembers them."""

    def __init__(self, *statuses: int) -> None:
        self.statuses = list(statuses)
        self.requests: list[tuple[bytes, str | None, str]] = []

    async def answer(self, request: web.Request) -> web.Response:
        authorization = request.headers.get("Authorization")
        self.requests.append((await request.read(), authorization, request.headers["Content-Type"]))
        headers = {"Location": "/elsewhere"}
        return web.Response(
            status=self.statuses.pop(0) if len(self.statuses) > 1 else self.statuses[0], headers=headers
        )


@pytest.fixture
def clock() -> FakeClock:
    """A clock that only naps move."""
    return FakeClock()


@pytest.fixture
def naps(clock: FakeClock) -> Naps:
    """What the postman sleeps with."""
    return Naps(clock)


@pytest.fixture
async def postman(clock: FakeClock, naps: Naps) -> AsyncIterator[Postman]:
    """An open postman."""
    postman = Postman(signer=SIGNER, clock=clock, sleep=naps)
    async with postman.open():
        yield postman


async def url_of(listener: Listener, aiohttp_server: Any) -> str:
    """Let *listener* listen."""
    application = web.Application()
    application.router.add_post("/inbound", listener.answer)
    return str((await aiohttp_server(application)).make_url("/inbound"))


def answers(postman: Postman) -> Sequence[tuple[int, int | None]]:
    """Which try was answered how."""
    return [(one.attempt, one.answer) for one in postman.posted]


def test_the_waits_double_to_a_quarter_of_an_hour_for_a_day() -> None:
    """Five seconds, doubling to fifteen minutes, and given up after twenty-four hours."""
    waits = list(retry_waits_seconds())

    assert waits[:9] == [5, 10, 20, 40, 80, 160, 320, 640, 900]
    assert set(waits[8:]) == {900}
    assert 86_400 - 900 < sum(waits) <= 86_400


@pytest.mark.parametrize("answer", [200, 204, 302, 400, 401, 404, 413, 428, 430, 499])
def test_these_answers_are_final(answer: int) -> None:
    """Whatever is neither 429 nor 5xx ends it, also where the message is lost by that."""
    assert is_final(answer)


@pytest.mark.parametrize("answer", [None, 429, 500, 502, 503, 599])
def test_these_answers_are_not(answer: int | None) -> None:
    """429, 5xx and silence are tried again."""
    assert not is_final(answer)


async def test_a_webhook_is_posted_as_signed_json(postman: Postman, aiohttp_server: Any) -> None:
    """The body arrives as it is, with its token."""
    listener = Listener(200)
    answer = await postman.deliver(await url_of(listener, aiohttp_server), b'{"a": 1}')
    ((body, authorization, kind),) = listener.requests

    assert (answer, body, kind) == (200, b'{"a": 1}', "application/json")
    assert authorization == postman.posted[0].authorization
    assert "Bearer " in (authorization or "")


async def test_an_unsigned_webhook_has_no_authorization(postman: Postman, aiohttp_server: Any) -> None:
    """Without a signature there is no header."""
    listener = Listener(200)
    await postman.deliver(await url_of(listener, aiohttp_server), b"{}", "none")

    assert listener.requests[0][1] is None


async def test_what_comes_again_is_signed(postman: Postman, aiohttp_server: Any) -> None:
    """As Vonage says of the webhooks that it has sent unsigned."""
    listener = Listener(503, 200)
    await postman.deliver(await url_of(listener, aiohttp_server), b"{}", "none")

    assert [authorization is not None for _, authorization, _ in listener.requests] == [False, True]


async def test_it_is_tried_again_until_it_is_taken(postman: Postman, naps: Naps, aiohttp_server: Any) -> None:
    """A bot that is away for a while misses nothing; each try is written down, with its time."""
    url = await url_of(Listener(503, 429, 500, 200), aiohttp_server)
    answer = await postman.deliver(url, b"{}")
    times = [(one.at - postman.posted[0].at).total_seconds() for one in postman.posted]

    assert (answer, naps.seconds, times) == (200, [5, 10, 20], [0, 5, 15, 35])
    assert answers(postman) == [(1, 503), (2, 429), (3, 500), (4, 200)]


@pytest.mark.parametrize("status", [400, 401, 413, 302])
async def test_a_final_answer_is_not_tried_again(
    postman: Postman, naps: Naps, aiohttp_server: Any, status: int
) -> None:
    """A bot that refuses a webhook loses it, and a redirection is not followed."""
    answer = await postman.deliver(await url_of(Listener(status), aiohttp_server), b"{}")

    assert (answer, naps.seconds, answers(postman)) == (status, [], [(1, status)])


async def test_it_is_given_up_after_a_day(postman: Postman, naps: Naps, aiohttp_server: Any) -> None:
    """Every wait of the schedule is waited for, and then no more."""
    answer = await postman.deliver(await url_of(Listener(503), aiohttp_server), b"{}")

    assert (answer, naps.seconds) == (503, list(retry_waits_seconds()))
    assert len(postman.posted) == len(naps.seconds) + 1


async def test_every_try_is_signed_anew(postman: Postman, aiohttp_server: Any) -> None:
    """A try has a token of its own time, and the same body."""
    await postman.deliver(await url_of(Listener(503, 200), aiohttp_server), b"{}")
    options: Any = {"verify_iat": False}
    first, second = (
        jwt.decode((one.authorization or "").removeprefix("Bearer "), SECRET, algorithms=["HS256"], options=options)
        for one in postman.posted
    )

    assert second["iat"] - first["iat"] == 5
    assert (first["payload_hash"], first["jti"] == second["jti"]) == (second["payload_hash"], False)


async def test_a_bot_that_is_not_there_is_tried_again(postman: Postman, naps: Naps) -> None:
    """A refused connection is no answer, and is tried as often as a 503."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    answer = await postman.deliver(f"http://127.0.0.1:{port}/inbound", b"{}")

    assert (answer, naps.seconds) == (None, list(retry_waits_seconds()))
    assert {one.answer for one in postman.posted} == {None}


async def test_a_bot_that_answers_too_late_is_tried_again(clock: FakeClock, naps: Naps, aiohttp_server: Any) -> None:
    """After the time for an answer the connection is dropped and the webhook sent again: the bot sees it twice."""
    seen: Counter[bytes] = Counter()

    async def slow_then_quick(request: web.Request) -> web.Response:
        body = await request.read()
        seen[body] += 1
        if seen[body] == 1:
            await asyncio.Event().wait()
        return web.Response()

    application = web.Application()
    application.router.add_post("/", slow_then_quick)
    server = await aiohttp_server(application, shutdown_timeout=0.01)
    postman = Postman(signer=SIGNER, clock=clock, sleep=naps, answer_seconds=0.05)
    async with postman.open(), asyncio.timeout(10):
        answer = await postman.deliver(str(server.make_url("/")), b"late")

    assert (answer, seen[b"late"], answers(postman)) == (200, 2, [(1, None), (2, 200)])


async def test_the_waits_can_be_shortened(clock: FakeClock, naps: Naps, aiohttp_server: Any) -> None:
    """A test with a real clock need not wait for five seconds."""
    postman = Postman(signer=SIGNER, clock=clock, sleep=naps, retry_factor=0.01)
    async with postman.open():
        await postman.deliver(await url_of(Listener(503, 503, 200), aiohttp_server), b"{}")

    assert naps.seconds == [0.05, 0.1]


async def test_the_first_answer_need_not_be_the_last(postman: Postman, aiohttp_server: Any) -> None:
    """Who begins a delivery learns its first answer; the rest happens in the background."""
    first = await postman.begin(await url_of(Listener(503, 503, 200), aiohttp_server), b"{}")
    await postman.finish()

    assert (first, answers(postman)) == (503, [(1, 503), (2, 503), (3, 200)])


async def test_closing_gives_up_what_is_on_its_way(clock: FakeClock, aiohttp_server: Any) -> None:
    """Nothing is left behind that would be tried for another day."""
    asked = asyncio.Event()

    async def for_ever(seconds: float) -> None:
        asked.set()
        await asyncio.Event().wait()

    postman = Postman(signer=SIGNER, clock=clock, sleep=for_ever)
    async with postman.open():
        await postman.begin(await url_of(Listener(503), aiohttp_server), b"{}")
        await asked.wait()

    assert (postman._errands, answers(postman)) == (set(), [(1, 503)])


async def test_a_closed_postman_says_so(clock: FakeClock) -> None:
    """Delivering before opening is a mistake of the test's author, and he is told."""
    with pytest.raises(RuntimeError, match="async with simulator"):
        await Postman(signer=SIGNER, clock=clock).deliver("http://127.0.0.1:9/", b"{}")
