"""Old and new code side by side on one store; only for engines that let several processes open it."""

from datetime import timedelta
from typing import Final

from botkit.errors import LeaseLost
from botkit.events import WakeUp
from botkit.testing.conformance.steps import BOB, claimed, kept, message
from botkit.testing.conformance.trial import Trial, refused
from botkit.work import Outcome

OLD: Final = frozenset({"book 1", "help 0"})
NEW: Final = frozenset({"book 2", "help 0"})


async def what_one_does_not_know_is_left_to_another_that_does(trial: Trial) -> None:
    """As if it had never been claimed; whoever left it does not get it again, and gets everybody else's."""
    async with trial.another() as old:
        await old.know(OLD)
        await trial.store.know(NEW)
        left = await trial.store.leave(await claimed(trial.store), {"book 1"})
        await trial.store.accept(message(2, BOB))
        mine = await trial.store.claim(10)
        (yours,) = await old.claim(10)

    assert left
    assert [work.event.id for work in mine] == ["m2"]
    assert (yours.event.id, yours.claims) == ("m1", 1)


async def what_is_left_stays_in_order(trial: Trial) -> None:
    """The conversation's next event waits behind the one that was left."""
    async with trial.another() as old:
        await old.know(OLD)
        work = await claimed(trial.store)
        await trial.store.accept(message(2))
        await trial.store.leave(work, {"book 1"})
        ids = []
        for _ in range(2):
            assert await trial.store.claim(10) == []
            (yours,) = await old.claim(10)
            ids.append(yours.event.id)
            await old.commit(yours, Outcome())
            await trial.store.accept(message(3))
            (mine,) = await trial.store.claim(10)
            await trial.store.leave(mine, {"book 1"})

    assert ids == ["m1", "m2"]


async def what_was_left_is_anybodys_once_it_was_taken_up(trial: Trial) -> None:
    """An event is left, and not a conversation: the next may be nothing that only one of them knows."""
    async with trial.another() as old:
        await old.know(OLD)
        await trial.store.leave(await claimed(trial.store), {"book 1"})
        (yours,) = await old.claim(10)
        await old.commit(yours, Outcome())

        assert (await claimed(trial.store, message(2))).event.id == "m2"


async def a_wake_up_is_left_like_a_message(trial: Trial) -> None:
    """A question of the old code that times out is the old code's."""
    wake_at = trial.clock.now() + timedelta(hours=1)
    await trial.store.commit(await claimed(trial.store), Outcome(flow="[1]", wake_at=wake_at))
    trial.clock.set(wake_at)
    async with trial.another() as old:
        await old.know(OLD)
        (work,) = await trial.store.claim(10)
        left = await trial.store.leave(work, {"book 1"})
        (yours,) = await old.claim(10)

    assert (left, yours.event, yours.flow, yours.claims) == (True, work.event, "[1]", 1)
    assert isinstance(yours.event, WakeUp)


async def what_nobody_knows_is_not_left(trial: Trial) -> None:
    """All that is needed must be known by one: two that know a half each would leave it to one another for ever."""
    async with trial.another() as old:
        await old.know(OLD)
        await trial.store.know(NEW)
        work = await claimed(trial.store)
        answers = [await trial.store.leave(work, needed) for needed in ({"book 3"}, {"book 1", "book 2"})]
        await trial.store.commit(work, Outcome(session={"n": 1}))

    assert (answers, (await kept(trial.store)).session) == ([False, False], {"n": 1})


async def nothing_is_left_to_oneself(trial: Trial) -> None:
    """Whoever finds that he does not know it has said of himself that he does, if only just before."""
    await trial.store.know(OLD)

    assert not await trial.store.leave(await claimed(trial.store), {"book 1"})


async def whoever_claims_no_more_is_left_nothing(trial: Trial) -> None:
    """A process that is told to stop says so, and what was left to it is anybody's at once."""
    async with trial.another() as old:
        await old.know(OLD)
        await trial.store.leave(await claimed(trial.store), {"book 1"})
        before = await trial.store.claim(10)
        await old.know(())
        (work,) = await trial.store.claim(10)
        left = await trial.store.leave(work, {"book 1"})

    assert (before, work.event.id, left) == ([], "m1", False)


async def whoever_has_died_is_left_nothing_after_a_lease(trial: Trial) -> None:
    """Nobody waits for longer for a process that cannot say that it is gone."""
    async with trial.another() as old:
        await old.know(OLD)
        trial.clock.advance(20)
        await old.know(OLD)
        trial.clock.advance(20)
        await trial.store.leave(await claimed(trial.store), {"book 1"})
        before = await trial.store.claim(10)
        trial.clock.advance(11)
        (work,) = await trial.store.claim(10)
        left = await trial.store.leave(work, {"book 1"})

    assert (before, work.event.id, left) == ([], "m1", False)


async def what_was_left_to_one_is_claimed_by_all_that_know_the_same(trial: Trial) -> None:
    """The old code runs in several processes, and any of them takes it up; so does one that knows as much by now."""
    async with trial.another() as old, trial.another() as as_old:
        await old.know(OLD)
        await as_old.know(NEW)
        await trial.store.leave(await claimed(trial.store), {"book 1"})
        before = await as_old.claim(10)
        await as_old.know(OLD)

        assert (before, len(await as_old.claim(10))) == ([], 1)


async def whoever_knows_something_else_now_is_left_that(trial: Trial) -> None:
    """New bots in a running process: what it said before does not count any more, and what it was left is anybody's."""
    async with trial.another() as other:
        await other.know(OLD)
        await trial.store.leave(await claimed(trial.store), {"book 1"})
        await other.know(NEW)
        (work,) = await trial.store.claim(10)

        assert [await trial.store.leave(work, needed) for needed in ({"book 1"}, {"book 2"})] == [False, True]


async def what_was_left_to_two_waits_for_the_one_that_is_there(trial: Trial) -> None:
    """One of the processes of the old code ends; the others go on, for longer than a lease."""
    async with trial.another() as one, trial.another() as other:
        await one.know(OLD)
        await other.know(OLD)
        await trial.store.leave(await claimed(trial.store), {"book 1"})
        await one.know(())
        before = await trial.store.claim(10)
        trial.clock.advance(20)
        await other.know(OLD)
        trial.clock.advance(20)
        again = [await trial.store.leave(work, {"book 1"}) for work in await trial.store.claim(10)]
        (work,) = await other.claim(10)

    assert (before, again, work.claims) == ([], [True], 1)


async def a_worker_that_was_overtaken_leaves_nothing(trial: Trial) -> None:
    """What another has taken over is not his to leave."""
    zombie = await claimed(trial.store)
    trial.clock.advance(31)
    async with trial.another() as other:
        await other.know(OLD)
        await other.claim(10)
        with refused(LeaseLost):
            await trial.store.leave(zombie, {"book 1"})


async def a_lease_that_is_renewed_after_it_was_left_stays_ended(trial: Trial) -> None:
    """A renewal that comes a moment too late keeps it from nobody."""
    async with trial.another() as old:
        await old.know(OLD)
        work = await claimed(trial.store)
        await trial.store.leave(work, {"book 1"})
        await trial.store.renew([work])

        assert len(await old.claim(10)) == 1
