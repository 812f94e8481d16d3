"""Conversations that were handed over: how they are muted is kept with the turn, and is there for the next."""

from datetime import timedelta

from botkit.errors import LeaseLost
from botkit.events import Address
from botkit.stores import Engine
from botkit.testing.conformance.steps import ANN, claimed, kept, message, replies, sending, sent
from botkit.testing.conformance.trial import Trial, refused
from botkit.work import Failure, Mute, Notice, Outcome


async def muted(trial: Trial, *, hours: float = 12, failure: Failure | None = None, number: int = 1) -> Mute:
    """Have a turn hand ANN's conversation over."""
    now = trial.clock.now()
    mute = Mute(id="mute-1", reason="a \ud800 reason\0", at=now, until=now + timedelta(hours=hours))
    work = await claimed(trial.store, message(number))
    assert work.mute is None
    await trial.store.commit(work, Outcome(deliveries=replies("a"), mute=mute, notice=True, failure=failure))
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


async def an_owner_is_told_of_a_handover(trial: Trial) -> None:
    """Once it is taken it is forgotten; it does not matter whether the turn came to its end."""
    store = trial.store
    mute = await muted(trial, failure=Failure("it raised"))
    before = await store.backlog()
    (notice,) = await store.notices(10)
    await store.told(notice)
    after = await store.backlog()
    trial.clock.advance(3600)

    assert notice == Notice(address=ANN, mute=mute, attempts=1, now=mute.at)
    assert (before.notices, before.oldest_notice_at, before.muted) == (1, mute.at, 1)
    assert (after.notices, after.oldest_notice_at, after.muted) == (0, None, 1)
    assert list(await store.notices(10)) == []


async def a_mute_without_a_notice_is_nobodys_news(trial: Trial) -> None:
    """Nor is a turn that is not kept."""
    store, now = trial.store, trial.clock.now()
    mute = Mute(id="mute-1", reason="x", at=now, until=now + timedelta(hours=1))
    await store.commit(await claimed(store), Outcome(mute=mute))
    late = await claimed(store, message(2))
    trial.clock.advance(31)
    await store.claim(10)
    with refused(LeaseLost):
        await store.commit(late, Outcome(mute=mute, notice=True))

    assert list(await store.notices(10)) == []


async def a_notice_is_told_again_until_it_is_taken(trial: Trial) -> None:
    """When it was put off to, or a minute after whoever had it died; the same one each time, and counted."""
    store, clock = trial.store, trial.clock
    await muted(trial)
    tries = []
    for seconds in (0, 59, 1, 299, 1):
        clock.advance(seconds)
        found = await store.notices(10)
        tries.append([(one.mute.id, one.attempts) for one in found])
        if len(tries) == 3:
            await store.told(found[0], clock.now() + timedelta(seconds=300))

    assert tries == [[("mute-1", 1)], [], [("mute-1", 2)], [], [("mute-1", 3)]]


async def who_comes_late_with_a_notice_changes_nothing(trial: Trial) -> None:
    """Somebody else has it now, and answers for it."""
    store, clock = trial.store, trial.clock
    await muted(trial)
    (first,) = await store.notices(10)
    clock.advance(60)
    (second,) = await store.notices(10)
    await store.told(first)
    await store.told(first, clock.now())
    between = await store.backlog()
    await store.told(second)

    assert (between.notices, list(await store.notices(10))) == (1, [])
    assert (await store.backlog()).notices == 0


async def a_notice_is_forgotten_with_its_user(trial: Trial) -> None:
    """And after 30 days in which nobody has taken it."""
    store, clock = trial.store, trial.clock
    await muted(trial)
    (notice,) = await store.notices(10)
    await store.forget(ANN)
    await store.told(notice, clock.now())
    nothing = await store.notices(10)
    await muted(trial, number=2)
    clock.advance(29 * 24 * 3600)
    await store.prune()
    still = await store.backlog()
    clock.advance(2 * 24 * 3600)
    await store.prune()

    assert (list(nothing), still.notices, (await store.backlog()).notices) == ([], 1, 0)


async def an_operator_sees_whom_a_person_answers(trial: Trial) -> None:
    """Those first that the bot answers again soonest, and nobody whom it answers already."""
    store, now = trial.store, trial.clock.now()
    for number, hours in enumerate((3, 1, 2)):
        address = Address("messenger", "1070", f"user {number}")
        mute = Mute(id=f"mute-{number}", reason="x", at=now, until=now + timedelta(hours=hours))
        await store.commit(await claimed(store, message(number, address)), Outcome(mute=mute))
    trial.clock.advance(3600)
    seen, first = await store.muted(), await store.muted(1)

    assert [(address.user, mute.id) for address, mute in seen] == [("user 2", "mute-2"), ("user 0", "mute-0")]
    assert list(first) == list(seen)[:1]
