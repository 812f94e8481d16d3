"""Deliveries out: what rests as a whole, and what becomes of doubts."""

import asyncio
from collections.abc import AsyncIterator
from random import Random

import pytest

from botkit.errors import AccountBlocked, InDoubt, Unavailable
from botkit.replies import Text
from botkit.sender import Sender
from botkit.stores.sqlite import SQLite
from botkit.testing import FakeClock
from botkit.work import Hold, Queued
from test_sender import ANN, BOB, CID, ScriptedChannel, World, due_at

NO_CREDIT = AccountBlocked("no credit", reason="low_balance", status=402)
SERVER_ERROR = InDoubt("?", reason="http_500", status=500)
BUSY = Unavailable("busy", reason="rate_limited", status=429, retry_after_seconds=15)


@pytest.fixture
async def world() -> AsyncIterator[World]:
    """A world in which Ann and Bob have just written to one page, and Cid to another of the same account."""
    clock = FakeClock()
    store = SQLite(":memory:", clock=clock)
    await store.open()
    made = World(store, clock, ScriptedChannel())
    await made.wrote(ANN, BOB, CID)
    yield made
    await store.close()


async def held(world: World) -> tuple[Hold, ...]:
    """What rests."""
    return (await world.store.backlog()).holds


async def test_a_blocked_account_keeps_its_messages_and_tries_again(world: World) -> None:
    """While an account may not send nothing of any of its pages is tried; then one delivery of each is, then all."""
    world.channel.script = {"a": [NO_CREDIT]}
    await world.queue("a")
    async with world.sending():
        first = await world.moved()
    holds = await held(world)
    await world.queue("c", address=CID)
    async with world.sending():
        pass
    before = list(world.channel.posts)
    world.clock.advance(60)
    async with world.sending():
        after = {await world.moved(), await world.moved()}

    assert (first, before) == (("a", "queued", "low_balance"), ["a"])
    assert [(hold.pages, hold.reason) for hold in holds] == [(("1070",), "low_balance"), (("2080",), "low_balance")]
    assert after == {("a", "sent", ""), ("c", "sent", "")}


async def test_after_a_rest_one_is_tried_first(world: World) -> None:
    """A page that was refused sends one delivery, and the others only once that was taken."""
    world.channel.script = {"a": [NO_CREDIT, NO_CREDIT], "b": [NO_CREDIT]}
    await world.queue("a")
    async with world.sending():
        first = await world.moved()
        await world.queue("b", address=BOB)
        world.clock.advance(60)
        second = await world.moved()
        posts = list(world.channel.posts)
    world.channel.script = {}
    world.clock.advance(120)
    async with world.sending():
        rest = {await world.moved(), await world.moved()}

    assert [first[1], second[1], len(posts)] == ["queued", "queued", 2]
    assert rest == {("a", "sent", ""), ("b", "sent", "")}


async def test_a_rest_outlives_the_process(world: World) -> None:
    """Another sender on the same store keeps to it."""
    world.channel.script = {"a": [BUSY]}
    await world.queue("a")
    async with world.sending():
        await world.moved()
    await world.queue("b", address=BOB)
    await world.queue("c", address=CID)
    async with world.sending():
        only = await world.moved()
    world.clock.advance(15)
    async with world.sending():
        rest = {(await world.moved())[0], (await world.moved())[0]}

    assert (only[0], rest) == ("c", {"a", "b"})


async def test_one_fault_of_the_other_end_stops_nobody_and_three_do(world: World) -> None:
    """A single 500 may be about one message; three in a row are about the server."""
    world.channel.script = {"a": [SERVER_ERROR], "b": [SERVER_ERROR], "c": [SERVER_ERROR]}
    holds = []
    for name, address in (("a", ANN), ("b", BOB), ("d", CID)):
        await world.queue(name, address=address)
    async with world.sending():
        await world.moved()
        await world.moved()
        await world.moved()
        holds.append(await held(world))
        world.clock.advance(30)
        await world.moved()
        await world.moved()
    world.channel.script = {"e": [SERVER_ERROR] * 3}
    await world.queue("e")
    async with world.sending():
        for wait in (30, 60, 0):
            await world.moved()
            world.clock.advance(wait)
        holds.append(await held(world))

    assert [[(hold.pages, hold.reason) for hold in one] for one in holds] == [[], [(("1070",), "http_500")]]


@pytest.mark.parametrize(("policy", "posts", "state"), [("resend", ["a", "a"], "sent"), ("drop", ["a"], "dead")])
async def test_a_doubt_is_settled_as_the_reply_says(world: World, policy: str, posts: list[str], state: str) -> None:
    """What may have arrived is sent again, or given up with the reason."""
    world.channel.script = {"a": [InDoubt("no answer", reason="time_out")]}
    await world.store.send(ANN, (Queued("a", Text("a", in_doubt=policy)),))  # type: ignore[arg-type]  # either word
    async with world.sending():
        assert (await world.moved())[1] == "in_doubt"
        world.clock.advance(30)
        last = await world.moved()

    assert (world.channel.posts, last[1]) == (posts, state)


async def test_what_was_never_taken_is_no_doubt(world: World) -> None:
    """A policy for doubts says nothing about a page that was too busy."""
    world.channel.script = {"a": [BUSY]}
    await world.store.send(ANN, (Queued("a", Text("a", in_doubt="drop")),))
    async with world.sending():
        await world.moved()
        due = await due_at(world, "a")
        world.clock.advance((due - world.clock.now()).total_seconds())
        assert await world.moved() == ("a", "sent", "")


async def test_a_sender_that_stops_leaves_the_backlog_where_it_is(world: World) -> None:
    """It sends what was queued since it was told to, and what was queued before waits for the next one."""
    world.channel.per_second = 1
    await world.queue("old", "older", address=ANN)
    await world.queue("other", address=BOB)
    sender = Sender(
        store=world.store,
        channel=world.channel,  # type: ignore[arg-type]  # a sender reads no webhooks
        observer=world.told.put_nowait,
        clock=world.clock,
        rng=Random(1),
    )
    world.clock.advance(10)
    since = world.clock.now()
    await world.queue("new", address=CID)
    await world.queue("behind", address=BOB)
    sender.drain(since)
    await asyncio.wait_for(sender.run(), 10)

    assert world.channel.posts == ["new"]
