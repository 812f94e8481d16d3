"""Conversations that were handed over: how they are muted is kept with the turn, and is there for the next."""

from datetime import timedelta

from botkit.stores import Engine
from botkit.testing.conformance.steps import ANN, claimed, kept, message, replies, sending, sent
from botkit.testing.conformance.trial import Trial
from botkit.work import Failure, Mute, Outcome


async def muted(trial: Trial, *, hours: float = 12, failure: Failure | None = None) -> Mute:
    """Have a turn hand ANN's conversation over."""
    now = trial.clock.now()
    mute = Mute(id="mute-1", reason="a \ud800 reason\0", at=now, until=now + timedelta(hours=hours))
    work = await claimed(trial.store)
    assert work.mute is None
    await trial.store.commit(work, Outcome(deliveries=replies("a"), mute=mute, failure=failure))
    return mute


async def a_mute_is_there_for_the_next_turn(trial: Trial) -> None:
    """However its event comes to be claimed, and until another takes its place."""
    store = trial.store
    mute = await muted(trial)
    second = await claimed(store, message(2))
    await store.commit(second, Outcome(session={"n": 1}))
    await store.claim(10)
    await store.wait("events", 0)
    third = await claimed(store, message(3))
    later = Mute(id="mute-2", reason="", at=mute.at, until=mute.until + timedelta(hours=1))
    await store.commit(third, Outcome(mute=later))

    assert (second.mute, third.mute, second.is_muted) == (mute, mute, True)
    assert ((await claimed(store, message(4))).mute, (await kept(store)).mute) == (later, later)


async def a_mute_is_over_when_its_time_has_come(trial: Trial) -> None:
    """By the store's clock, to the millisecond."""
    await muted(trial, hours=1)
    trial.clock.advance(3600)
    work = await claimed(trial.store, message(2))

    assert (work.is_muted, work.mute is None) == (False, False)


async def a_turn_that_fails_may_hand_over(trial: Trial) -> None:
    """Somebody must answer where the bot cannot."""
    mute = await muted(trial, failure=Failure("it raised"))

    assert (await claimed(trial.store, message(2))).mute == mute


async def what_nobody_answered_is_kept(trial: Trial) -> None:
    """Its text stays, with why, for as long as its id is known; no backlog is made of it."""
    store, clock = trial.store, trial.clock
    await muted(trial)
    await store.commit(await claimed(store, message(2, text="anybody?")), Outcome(unanswered="a person answers"))
    seen, backlog = await _texts(store), await store.backlog()
    clock.advance(71 * 3600)
    await store.prune()
    still = await _texts(store)
    clock.advance(2 * 3600)
    await store.prune()

    assert seen == still == [(None, None), ("anybody?", "a person answers")]
    assert (backlog.events, await _texts(store)) == (0, [])


async def _texts(store: Engine) -> list[tuple[object, object]]:
    """What is left of the events, and what is said of them."""
    exported = await store.export(ANN)
    events = [] if exported is None else exported["events"]
    assert isinstance(events, list)
    return [(one["body"] and one["body"][2], one["error"]) for one in events]


async def a_muted_conversation_is_not_forgotten(trial: Trial) -> None:
    """Not while a person answers, though nothing else is kept of it; and it is some days after."""
    store, clock = trial.store, trial.clock
    await muted(trial, hours=100)
    await store.settle(await sending(store), sent())
    seen = []
    for hours in (74, 26, 73):
        clock.advance(hours * 3600)
        await store.prune()
        conversation = await store.conversation(ANN)
        seen.append(None if conversation is None else conversation.mute is not None)

    assert seen == [True, True, None]


async def a_handover_is_exported_and_forgotten(trial: Trial) -> None:
    """It is the user's, like the rest."""
    mute = await muted(trial)
    exported = await trial.store.export(ANN)
    await trial.store.forget(ANN)

    assert exported is not None
    handover = {"reason": mute.reason, "at": mute.at.isoformat(), "until": mute.until.isoformat()}
    assert exported["handover"] == handover
    assert (await claimed(trial.store, message(2))).mute is None
