"""What is still there after the store was closed and opened again; not for stores in memory."""

from datetime import timedelta

from botkit.errors import StoreError
from botkit.events import WakeUp
from botkit.testing.conformance.steps import PLENTY, answered, claimed, kept, message, replies, sending
from botkit.testing.conformance.trial import Trial, refused
from botkit.work import Delivery, Failure, Mute, Outcome


async def what_was_accepted_is_there_after_a_restart(trial: Trial) -> None:
    """Accepted is durable: the next process finds it, and knows it again."""
    await trial.store.accept(message(1))
    store = await trial.reopen()
    again = await store.accept(message(1))
    (work,) = await store.claim(10)

    assert (again, work.event) == (False, message(1))


async def a_turn_that_its_process_took_along_is_run_again(trial: Trial) -> None:
    """Once its lease is over at the latest; the claim is counted."""
    await claimed(trial.store)
    store = await trial.reopen()
    trial.clock.advance(31)
    (work,) = await store.claim(10)

    assert (work.event.id, work.claims) == ("m1", 2)


async def a_notice_that_its_process_took_along_is_told_again(trial: Trial) -> None:
    """A minute later at the latest; how the conversation is muted lasts as well."""
    now = trial.clock.now()
    mute = Mute(id="mute-1", reason="x", at=now, until=now + timedelta(hours=1))
    await trial.store.commit(await claimed(trial.store), Outcome(mute=mute, notice=True))
    await trial.store.notices(10)
    store = await trial.reopen()
    trial.clock.advance(60)
    (notice,) = await store.notices(10)

    assert (notice.mute, notice.attempts, (await kept(store)).mute) == (mute, 2, mute)


async def what_was_being_sent_is_in_doubt_after_a_restart(trial: Trial) -> None:
    """It waits for a status, and is then sent again as one that may have arrived."""
    await answered(trial.store, "a")
    await sending(trial.store)
    store = await trial.reopen()
    at_once, found = await store.deliveries(PLENTY), list[Delivery]()
    for _ in range(6):
        trial.clock.advance(30)
        found += await store.deliveries(PLENTY) if not found else ()

    assert at_once == []
    assert [(one.id, one.attempts, one.is_doubted) for one in found] == [("a", 2, True)]


async def who_waits_is_still_woken_after_a_restart(trial: Trial) -> None:
    """A lease that its process took with it does not cost the wake-up."""
    wake_at = trial.clock.now() + timedelta(hours=1)
    await trial.store.commit(await claimed(trial.store), Outcome(flow="[1]", wake_at=wake_at))
    trial.clock.set(wake_at)
    await trial.store.claim(10)
    store = await trial.reopen()
    trial.clock.advance(31)
    (work,) = await store.claim(10)

    assert isinstance(work.event, WakeUp)


async def everything_of_a_conversation_lasts(trial: Trial) -> None:
    """Session, flow, replies and dead letters are what the next process finds."""
    work = await claimed(trial.store)
    await trial.store.commit(work, Outcome(session={"n": 1}, flow="[1]", deliveries=replies("a")))
    await trial.store.commit(await claimed(trial.store, message(2)), Outcome(failure=Failure("it raised")))
    before = (await kept(trial.store), await trial.store.dead_letters(), await trial.store.secret())
    store = await trial.reopen()

    assert (await kept(store), await store.dead_letters(), await store.secret()) == before


async def opening_again_changes_nothing(trial: Trial) -> None:
    """The schema is made once; a store that is open stays as it is."""
    await trial.store.accept(message(1))
    for _ in range(2):
        await trial.reopen()
        await trial.store.open()

    assert (await trial.store.backlog()).events == 1


async def what_is_closed_refuses(trial: Trial) -> None:
    """Nothing is accepted that could not be kept."""
    await trial.store.close()
    with refused(StoreError):
        await trial.store.accept(message(1))
    store = await trial.reopen()

    assert await store.accept(message(1))
