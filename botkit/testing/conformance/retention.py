"""What a store forgets, and when."""

import asyncio
from collections.abc import Mapping
from datetime import timedelta
from typing import Final

from botkit.replies import Text
from botkit.testing.conformance.steps import ANN, BOB, answered, claimed, message, replies, sending, sent, states
from botkit.testing.conformance.trial import Trial
from botkit.work import Failure, Outcome

#: What is kept of the deliveries (None: a text that was erased), and whether the message's id is taken for new.
Seen = tuple[list[str | None], bool]

GONE: Final[Seen] = ([], True)
ERASED: Final[Seen] = ([None], False)
KEPT: Final[Seen] = (["a"], False)


async def ids_are_kept_for_three_days(trial: Trial) -> None:
    """A duplicate is known for 72 hours at least, and forgotten some time after."""
    store, clock = trial.store, trial.clock
    await answered(store, "a")
    await store.settle(await sending(store), sent())
    clock.advance(71 * 3600)
    early = await store.prune()
    known = await store.accept(message(1))
    clock.advance(2 * 3600)
    late = await store.prune()

    assert (early, known, late) == (0, False, 2)
    assert await store.accept(message(1)) is True


async def nothing_unfinished_is_pruned(trial: Trial) -> None:
    """What waits, and what was set aside, stays however old it is."""
    store, clock = trial.store, trial.clock
    work = await claimed(store)
    await store.commit(work, Outcome(failure=Failure("boom"), deliveries=replies("sorry")))
    await store.accept(message(2))
    clock.advance(30 * 24 * 3600)

    assert (await store.prune(), await states(store), len(await store.claim(10))) == (0, ["queued"], 1)


async def the_secret_stays(trial: Trial) -> None:
    """Hashes in logs can be compared from one day to the next."""
    store = trial.store
    assert (await store.secret(), len(await store.secret())) == (await store.secret(), 32)


async def waiting_ends_when_something_comes(trial: Trial) -> None:
    """A worker need not poll for what its own process accepts."""
    store = trial.store
    await store.claim(10)
    waiting = asyncio.create_task(store.wait("events", 60))
    await store.accept(message(1))

    await asyncio.wait_for(waiting, 10)


async def texts_are_erased_when_they_are_done_with(trial: Trial) -> None:
    """At once; ids are known for 72 hours at least."""
    assert await _seen(trial, keep_days=0.0) == {0: ERASED, 2: ERASED, 4: GONE}


async def texts_may_be_kept_for_a_day(trial: Trial) -> None:
    """Until the day is over, and ids for 72 hours still."""
    assert await _seen(trial, keep_days=1.0) == {0: KEPT, 2: ERASED, 4: GONE}


async def texts_may_be_kept_for_longer_than_ids(trial: Trial) -> None:
    """Ids are then known as long as texts are."""
    assert await _seen(trial, keep_days=10.0) == {0: KEPT, 2: KEPT, 4: KEPT, 11: GONE}


async def _seen(trial: Trial, *, keep_days: float) -> Mapping[int, Seen]:
    """What is seen after so many days, until nothing is."""
    store, clock = await trial.reopen(keep_days=keep_days), trial.clock
    await answered(store, "a")
    await store.settle(await sending(store), sent())
    started, seen = clock.now(), dict[int, Seen]()
    for day in (0, 2, 4, 11):
        clock.set(started + timedelta(days=day, seconds=1))
        await store.prune()
        conversation = await store.conversation(ANN)
        deliveries = () if conversation is None else conversation.deliveries
        texts = [one.reply.text if isinstance(one.reply, Text) else None for one in deliveries]
        seen[day] = (texts, await store.accept(message(1)))
        if seen[day] == GONE:
            break
    return seen


async def a_user_of_whom_nothing_is_remembered_is_forgotten(trial: Trial) -> None:
    """With the last id that was known of him; one with a session stays, and comes back as he was."""
    store, clock = trial.store, trial.clock
    await answered(store, "a")
    await store.settle(await sending(store), sent())
    await store.commit(await claimed(store, message(2, BOB)), Outcome(session={"name": "Bob"}))
    clock.advance(73 * 3600)
    await store.prune()

    assert await store.conversation(ANN) is None
    assert (await claimed(store, message(3, BOB))).session == {"name": "Bob"}
