"""One suite for every engine: events and turns, upkeep, and many workers at once."""

import asyncio
import random
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from botkit.errors import LeaseLost
from botkit.events import Address, Message
from botkit.replies import Choice
from botkit.stores import Engine
from botkit.testing import FakeClock
from botkit.work import Failure, Outcome, Work
from stored import ANN, BOB, answered, claimed, message, opened, replies, sending, sent, states, status


@pytest.fixture
def clock() -> FakeClock:
    """A clock set by hand."""
    return FakeClock()


@pytest.fixture(params=["file", "memory"])
async def store(request: pytest.FixtureRequest, tmp_path: Path, clock: FakeClock) -> AsyncIterator[Engine]:
    """An open, empty store of each engine."""
    async with opened(request.param, tmp_path, clock) as engine:
        yield engine


class TestEvents:
    """Promises 1 to 4: kept, once, in order, a turn whole or not at all."""

    async def test_a_message_comes_out_as_it_went_in(self, store: Engine, clock: FakeClock) -> None:
        """Everything about a message survives the store, its raw payload and odd characters too."""
        odd = Message(
            id="ü:1",
            address=Address("messenger", "a:b", "c|%"),
            kind="image",
            url="https://example.com/a.png",
            sent_at=datetime(2026, 11, 23, 11, 59, 59, tzinfo=UTC),
            raw={"text": "\ud800 ☃", "n": 10**30, "deep": [{"a": None}]},
        )
        work = await claimed(store, odd)

        assert work.event == odd
        assert (work.address, work.claims, work.failures, work.accepted_at) == (odd.address, 1, 0, clock.now())

    async def test_a_status_that_is_listened_to_becomes_an_event_once(self, store: Engine) -> None:
        """However often a status comes, its handler runs once."""
        await answered(store, "hi")
        await store.note(status("rejected", ref="hi"), listened=True)
        await store.note(status("rejected", ref="hi"), listened=True)
        (work,) = await store.claim(10)
        await store.commit(work, Outcome())

        assert work.event.id == "status:u1:rejected"
        assert await store.claim(10) == []

    async def test_the_same_id_has_one_effect(self, store: Engine) -> None:
        """A webhook that comes again, even at the same time and after the turn, changes nothing."""
        first = await asyncio.gather(*(store.accept(message(1)) for _ in range(10)))
        (work,) = await store.claim(10)
        await store.commit(work, Outcome())

        assert sorted(first) == [False] * 9 + [True]
        assert await store.accept(message(1)) is False
        assert await store.claim(10) == []

    async def test_the_same_id_of_another_user_is_another_message(self, store: Engine) -> None:
        """Ids are unique for a user, not for the world."""
        assert [await store.accept(message(1)), await store.accept(message(1, BOB))] == [True, True]

    async def test_a_conversation_is_handed_out_once_and_in_order(self, store: Engine) -> None:
        """While one of its events is worked on the others wait; then they come one by one."""
        for number in (1, 2, 3):
            await store.accept(message(number))
        order = []
        for _ in range(3):
            (work,) = await store.claim(10)
            assert await store.claim(10) == []
            order.append(work.event.id)
            await store.commit(work, Outcome())

        assert order == ["m1", "m2", "m3"]

    async def test_conversations_do_not_wait_for_each_other(self, store: Engine) -> None:
        """Somebody else's event is handed out beside one that is being worked on, the longest waiting first."""
        await store.accept(message(1))
        await store.claim(10)
        await store.accept(message(2, BOB))

        assert [work.address for work in await store.claim(10)] == [BOB]

    async def test_an_event_that_arrives_under_a_lease_is_not_lost(self, store: Engine) -> None:
        """The end of a turn looks for what came meanwhile."""
        work = await claimed(store)
        await store.accept(message(2))
        await store.commit(work, Outcome())

        assert [one.event.id for one in await store.claim(10)] == ["m2"]

    async def test_a_turn_is_kept_whole(self, store: Engine) -> None:
        """Session, choices and replies are there together after the commit."""
        work = await claimed(store)
        outcome = Outcome(
            session={"n": 1}, session_version=3, choices=(Choice("Yes", "y", intent="go"),), deliveries=replies("hi")
        )
        await store.commit(work, outcome)
        again = await claimed(store, message(2))

        assert (again.session, again.session_version, again.choices) == (
            {"n": 1},
            3,
            (Choice("Yes", "y", intent="go"),),
        )
        assert await states(store) == ["queued"]

    async def test_what_a_turn_leaves_alone_stays(self, store: Engine) -> None:
        """None means as it was, and an empty tuple of choices means none."""
        await store.commit(await claimed(store), Outcome(session={"n": 1}, choices=(Choice("Yes"),)))
        await store.commit(await claimed(store, message(2)), Outcome())
        third = await claimed(store, message(3))
        await store.commit(third, Outcome(choices=()))
        fourth = await claimed(store, message(4))

        assert (third.session, third.choices) == ({"n": 1}, (Choice("Yes"),))
        assert (fourth.session, fourth.choices) == ({"n": 1}, ())

    async def test_a_worker_that_was_overtaken_keeps_nothing(self, store: Engine, clock: FakeClock) -> None:
        """Its commit and its checkpoints are refused, and nothing of its turn is visible."""
        zombie = await claimed(store)
        clock.advance(31)
        (successor,) = await store.claim(10)
        with pytest.raises(LeaseLost):
            await store.checkpoint(zombie, replies("from the grave"))
        with pytest.raises(LeaseLost):
            await store.commit(zombie, Outcome(session={"n": 99}, deliveries=replies("boo")))
        await store.commit(successor, Outcome(session={"n": 1}))
        conversation = await store.conversation(ANN)

        assert conversation is not None
        assert (conversation.session, conversation.deliveries) == ({"n": 1}, ())
        assert (zombie.claims, successor.claims) == (1, 2)

    async def test_a_failed_neighbour_does_no_harm(self, store: Engine, clock: FakeClock) -> None:
        """Of operations that share a commit, one that is refused takes nothing else with it."""
        zombie = await claimed(store)
        clock.advance(31)
        await store.claim(10)
        results = await asyncio.gather(
            store.accept(message(2)),
            store.commit(zombie, Outcome(deliveries=replies("boo"))),
            store.accept(message(3, BOB)),
            return_exceptions=True,
        )

        assert (results[0], type(results[1]), results[2]) == (True, LeaseLost, True)
        assert await states(store) == []

    async def test_a_lease_that_is_renewed_is_not_taken_over(self, store: Engine, clock: FakeClock) -> None:
        """A long handler keeps its conversation, and one that has lost it is told."""
        work = await claimed(store)
        clock.advance(20)
        kept = await store.renew([work])
        clock.advance(20)
        taken = await store.claim(10)
        clock.advance(31)
        await store.claim(10)

        assert (kept, taken, await store.renew([work])) == ([], [], [work])

    async def test_an_event_to_be_run_again_holds_back_its_own_conversation_only(
        self, store: Engine, clock: FakeClock
    ) -> None:
        """A back-off is not shortened by what arrives, keeps the order, and counts."""
        work = await claimed(store)
        later = clock.now() + timedelta(seconds=60)
        await store.commit(work, Outcome(failure=Failure("later", later)))
        await store.accept(message(2))
        await store.accept(message(3, BOB))
        now = [one.event.id for one in await store.claim(10)]
        clock.advance(60)
        (again,) = [one for one in await store.claim(10) if one.address == ANN]

        assert (now, again.event.id, again.failures, again.accepted_at) == (["m3"], "m1", 1, work.accepted_at)

    async def test_an_event_that_is_set_aside_lets_the_next_one_pass(self, store: Engine) -> None:
        """The session stays, the apology leaves, and the event can be looked at and replayed in its place."""
        work = await claimed(store)
        await store.accept(message(2))
        await store.commit(work, Outcome(failure=Failure("boom", None, "trace"), deliveries=replies("sorry")))
        (letter,) = await store.dead_letters()
        replayed = await store.replay([letter.id, "in/nonsense", "out/x/1", "?"])
        order = []
        for _ in range(2):
            (work,) = await store.claim(10)
            order.append(work.event.id)
            await store.commit(work, Outcome())

        assert (letter.address, letter.direction, letter.reason) == (ANN, "inbound", "boom\ntrace")
        assert (replayed, order, await states(store)) == (1, ["m1", "m2"], ["queued"])

    async def test_an_event_that_kills_its_process_is_set_aside_after_five_claims(
        self, store: Engine, clock: FakeClock
    ) -> None:
        """Claims without an outcome are counted; the sixth is not made."""
        await store.accept(message(1))
        await store.accept(message(2))
        claims = []
        for _ in range(6):
            (work,) = await store.claim(10)
            claims.append((work.event.id, work.claims))
            clock.advance(31)

        assert claims == [*(("m1", count) for count in (1, 2, 3, 4, 5)), ("m2", 1)]
        assert [letter.reason.split(":")[0] for letter in await store.dead_letters()] == [
            "claimed 5 times without an outcome"
        ]

    async def test_what_no_bot_claims_is_set_aside_at_once(self, store: Engine) -> None:
        """It is kept for an operator, once, and is no work."""
        first = await store.accept(message(1), set_aside="no bot claims page 1070")
        second = await store.accept(message(1), set_aside="no bot claims page 1070")
        backlog = await store.backlog()

        assert (first, second, backlog.events, backlog.dead_events) == (True, False, 0, 1)
        assert await store.claim(10) == []

    async def test_the_backlog_knows_the_oldest(self, store: Engine, clock: FakeClock) -> None:
        """What waits is counted, with its age; what is done or dead is not."""
        await answered(store, "hi")
        started = clock.now()
        await store.accept(message(2))
        clock.advance(5)
        await store.accept(message(3, BOB))
        backlog = await store.backlog()

        assert (backlog.events, backlog.oldest_event_at) == (2, started)
        assert (backlog.deliveries, backlog.oldest_delivery_at) == (1, started)


class TestUpkeep:
    """What an operator and a long life ask for."""

    async def test_ids_are_kept_for_three_days(self, store: Engine, clock: FakeClock) -> None:
        """A duplicate is known for 72 hours at least, and forgotten some time after."""
        await answered(store, "a")
        await store.settle(await sending(store), sent())
        clock.advance(71 * 3600)
        early = await store.prune()
        known = await store.accept(message(1))
        clock.advance(2 * 3600)
        late = await store.prune()

        assert (early, known, late) == (0, False, 2)
        assert await store.accept(message(1)) is True

    async def test_nothing_unfinished_is_pruned(self, store: Engine, clock: FakeClock) -> None:
        """What waits, and what was set aside, stays however old it is."""
        work = await claimed(store)
        await store.commit(work, Outcome(failure=Failure("boom"), deliveries=replies("sorry")))
        await store.accept(message(2))
        clock.advance(30 * 24 * 3600)

        assert (await store.prune(), await states(store), len(await store.claim(10))) == (0, ["queued"], 1)

    async def test_the_secret_stays(self, store: Engine) -> None:
        """Hashes in logs can be compared from one day to the next."""
        assert (await store.secret(), len(await store.secret())) == (await store.secret(), 32)

    async def test_waiting_ends_when_something_comes(self, store: Engine) -> None:
        """A worker need not poll for what its own process accepts."""
        await store.claim(10)
        waiting = asyncio.create_task(store.wait("events", 60))
        await store.accept(message(1))

        await asyncio.wait_for(waiting, 10)


async def test_many_workers_lose_nothing_and_keep_every_order(  # noqa: C901 - one story with three parts
    store: Engine, clock: FakeClock
) -> None:
    """With duplicates, abandoned leases and eight workers each event is handled once, in its conversation's order."""
    rng = random.Random(7)
    events = [message(number, Address("messenger", "1", f"user{rng.randrange(12)}")) for number in range(300)]

    async def feed() -> None:
        for event in events:
            clock.advance(0.001)
            await store.accept(event)
            if rng.random() < 0.2:
                await store.accept(event)

    async def work() -> None:
        idle = 0
        while idle < 60:
            clock.advance(1)
            works: Sequence[Work] = await store.claim(3)
            idle = 0 if works else idle + 1
            for one in works:
                if rng.random() < 0.1:
                    continue  # the process died
                seen = [*one.session.get("seen", []), one.event.id]  # type: ignore[misc]  # a list, as written below
                try:
                    await store.commit(one, Outcome(session={"seen": seen}, deliveries=replies(one.event.id)))
                except LeaseLost:
                    continue

    await asyncio.gather(feed(), *(work() for _ in range(8)))
    kept = {event.address: await store.conversation(event.address) for event in events}
    expected: dict[Address, list[str]] = {}
    for event in events:
        expected.setdefault(event.address, []).append(event.id)

    assert {at: one.session["seen"] for at, one in kept.items() if one} == expected
    assert {at: [d.id for d in one.deliveries] for at, one in kept.items() if one} == expected
