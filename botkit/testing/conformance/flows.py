"""Where a conversation's flow stands, and waking it when its time has come."""

from datetime import timedelta
from typing import Final

from botkit.errors import LeaseLost
from botkit.events import Address, Event, Message, Signal, WakeUp
from botkit.stores import Engine
from botkit.testing import FakeClock
from botkit.testing.conformance.steps import ANN, claimed, kept, message, replies
from botkit.testing.conformance.trial import Trial, refused
from botkit.work import Failure, Outcome

HOUR: Final = timedelta(hours=1)


async def asking(store: Engine, clock: FakeClock, flow: str = "[1]") -> None:
    """Have a turn end at a question that times out in an hour."""
    await store.commit(await claimed(store), Outcome(flow=flow, wake_at=clock.now() + HOUR))


async def a_flow_comes_back_with_the_next_event(trial: Trial) -> None:
    """What a turn leaves of its flow is what the next one finds; one that says nothing of it changes nothing."""
    store, clock = trial.store, trial.clock
    await asking(store, clock, '["\u2603"]')
    second = await claimed(store, message(2))
    await store.commit(second, Outcome())
    third = await claimed(store, message(3))
    await store.commit(third, Outcome(flow=""))

    assert [second.flow, third.flow, (await claimed(store, message(4))).flow] == ['["\u2603"]', '["\u2603"]', ""]


async def a_signal_is_an_event_of_its_conversation_once(trial: Trial) -> None:
    """It comes out as it went in, in the order of acceptance, and opens no window."""
    store = trial.store
    signal = Signal(id="signal:7", address=ANN, name="paid", data={"amount": [12, "\ud800"]})
    accepted = [await store.accept(signal), await store.accept(signal)]
    (work,) = await store.claim(10)
    conversation = await store.conversation(ANN)

    assert accepted == [True, False]
    assert work.event == signal
    assert conversation is not None
    assert conversation.opened_at is None


async def nobody_is_woken_before_time(trial: Trial) -> None:
    """A conversation that only waits is not handed out."""
    store, clock = trial.store, trial.clock
    await asking(store, clock)
    clock.advance(3599)

    assert await store.claim(10) == []


async def a_wake_up_is_an_event_of_its_conversation(trial: Trial) -> None:
    """When its time has come, the conversation is handed out with a wake-up, once."""
    store, clock = trial.store, trial.clock
    await asking(store, clock)
    clock.advance(3600)
    due = clock.now()
    (work,) = await store.claim(10)
    assert isinstance(work.event, WakeUp)
    await store.commit(work, Outcome())
    clock.advance(3600)

    assert (work.event.at, work.flow, work.accepted_at, work.claims) == (due, "[1]", due, 1)
    assert await store.claim(10) == []


async def a_message_does_not_wait_for_the_wake_up(trial: Trial) -> None:
    """Who answers before the time-out is heard at once, and the time-out stays where the turn leaves it."""
    store, clock = trial.store, trial.clock
    await asking(store, clock)
    clock.advance(60)
    work = await claimed(store, message(2))
    await store.commit(work, Outcome())
    clock.advance(3540)
    (woken,) = await store.claim(10)

    assert work.event.id == "m2"
    assert isinstance(woken.event, WakeUp)


async def a_message_that_came_before_the_time_out_was_handled_wins(trial: Trial) -> None:
    """Both are due: the message is handed out, and a turn that answers takes the wake-up away."""
    store, clock = trial.store, trial.clock
    await asking(store, clock)
    clock.advance(7200)
    work = await claimed(store, message(2))
    await store.commit(work, Outcome(flow=""))

    assert work.event.id == "m2"
    assert await store.claim(10) == []


async def a_wake_up_is_handed_out_again_when_its_worker_dies(trial: Trial) -> None:
    """It is one event, claimed twice, and set aside after five claims like any other."""
    store, clock = trial.store, trial.clock
    await asking(store, clock)
    clock.advance(3600)
    ids = []
    for _ in range(5):
        (work,) = await store.claim(10)
        ids.append((work.event.id, work.claims))
        clock.advance(31)

    assert ids == [(ids[0][0], number) for number in range(1, 6)]
    assert await store.claim(10) == []
    assert len(await store.dead_letters()) == 1


async def a_wake_up_may_be_asked_for_again(trial: Trial) -> None:
    """A turn about a wake-up may ask for the next one: a reminder, then the time-out."""
    store, clock = trial.store, trial.clock
    await asking(store, clock)
    ids = set()
    for _ in range(3):
        clock.advance(3600)
        (work,) = await store.claim(10)
        ids.add(work.event.id)
        await store.commit(work, Outcome(flow="[2]", wake_at=clock.now() + HOUR))

    assert len(ids) == 3


async def a_journal_is_kept_in_the_middle_of_a_turn(trial: Trial) -> None:
    """Deliveries and journal are kept; event, session and wake-up are as they were when the worker dies."""
    store, clock = trial.store, trial.clock
    await asking(store, clock)
    work = await claimed(store, message(2))
    await store.checkpoint(work, replies("a"), "[2]")
    clock.advance(31)
    (again,) = await store.claim(10)
    await store.commit(again, Outcome())
    clock.advance(3600)
    (woken,) = await store.claim(10)

    assert (again.event, again.flow, again.session) == (work.event, "[2]", {})
    assert isinstance(woken.event, WakeUp)


async def a_lost_lease_keeps_no_journal(trial: Trial) -> None:
    """A worker that has been overtaken changes nothing of the flow."""
    store, clock = trial.store, trial.clock
    zombie = await claimed(store)
    clock.advance(31)
    (work,) = await store.claim(10)
    with refused(LeaseLost):
        await store.checkpoint(zombie, (), "[666]")
    await store.commit(work, Outcome())

    assert (await claimed(store, message(2))).flow == ""


async def what_nobody_else_knows_is_not_left(trial: Trial) -> None:
    """A process that is alone goes on with its turn, whatever it does not know; one that was overtaken does not."""
    store, clock = trial.store, trial.clock
    await store.know({"book 1"})
    zombie = await claimed(store)
    answers = [await store.leave(zombie, needed) for needed in ({"book 1"}, {"book 2"})]
    clock.advance(31)
    (work,) = await store.claim(10)
    with refused(LeaseLost):
        await store.leave(zombie, {"book 2"})
    await store.know(())
    await store.commit(work, Outcome())

    assert answers == [False, False]
    assert (await claimed(store, message(2))).event.id == "m2"


async def a_turn_to_be_run_again_says_where_its_flow_stands(trial: Trial) -> None:
    """The flow and its wake-up are kept with the failure, and the event comes again first."""
    assert isinstance(await _after_failure(trial, retried=True), Message)


async def a_turn_that_is_set_aside_says_where_its_flow_stands(trial: Trial) -> None:
    """The flow and its wake-up are kept with the failure."""
    assert isinstance(await _after_failure(trial, retried=False), WakeUp)


async def _after_failure(trial: Trial, *, retried: bool) -> Event:
    store, clock = trial.store, trial.clock
    await asking(store, clock)
    work = await claimed(store, message(2))
    failure = Failure("broken", retry_at=clock.now() + HOUR / 60 if retried else None)
    await store.commit(work, Outcome(flow="[3]", wake_at=clock.now() + HOUR / 2, failure=failure))
    clock.advance(60 if retried else 1800)
    (again,) = await store.claim(10)

    assert again.flow == "[3]"
    return again.event


async def an_operator_sees_the_flow(trial: Trial) -> None:
    """The desk shows where the flow stands and when it is looked at."""
    store, clock = trial.store, trial.clock
    await asking(store, clock)
    conversation = await kept(store, ANN)

    assert (conversation.flow, conversation.wake_at) == ("[1]", clock.now() + HOUR)


async def conversations_with_a_flow_are_listed_in_order(trial: Trial) -> None:
    """Page by page; those whose flow has come to its end are not among them."""
    store = trial.store
    users = [Address("messenger", "1070", name) for name in ("cid", "ann", "bob", "dan")]
    for number, user in enumerate(users):
        await store.commit(await claimed(store, message(number, user)), Outcome(flow="[1]"))
    await store.commit(await claimed(store, message(9, users[3])), Outcome(flow=""))
    first = await store.in_flows(limit=2)
    rest = await store.in_flows(first[-1].key, limit=2)

    assert [address.user for address in (*first, *rest)] == ["ann", "bob", "cid"]
    assert await store.in_flows(rest[-1].key) == []
