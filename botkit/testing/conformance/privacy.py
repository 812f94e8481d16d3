"""One user's data: all of it to be had, all of it to be erased, and nobody brought back by what comes late."""

import json

from botkit.errors import LeaseLost
from botkit.replies import Choice
from botkit.stores import Engine
from botkit.testing.conformance.steps import ANN, BOB, PLENTY, claimed, kept, message, replies, sending, status
from botkit.testing.conformance.trial import Trial, refused
from botkit.work import Failure, Forgotten, Outcome, Settlement


async def a_history(store: Engine) -> None:
    """A turn that was answered, one that failed, and a message and a reply that wait."""
    work = await claimed(store, message(1, text="my name is Ann"))
    outcome = Outcome(deliveries=replies("a"), session={"name": "Ann"}, choices=(Choice("Yes"),), flow='["f"]')
    await store.commit(work, outcome)
    await store.settle(await sending(store), Settlement(state="sent", message_id="u1"))
    await store.commit(await claimed(store, message(2)), Outcome(deliveries=replies("b"), failure=Failure("it raised")))
    await store.accept(message(3))


async def everything_is_exported(trial: Trial) -> None:
    """Session, flow, messages and replies, as JSON, and nothing of anybody else."""
    store = trial.store
    await a_history(store)
    await store.accept(message(9, BOB))
    kept = await store.export(ANN)

    assert kept is not None
    assert json.loads(json.dumps(kept)) == kept
    assert (kept["user"], kept["session"], kept["flow"], kept["choices"]) == (
        "ann",
        {"name": "Ann"},
        ["f"],
        [["Yes", "Yes", None]],
    )
    events, deliveries = kept["events"], kept["deliveries"]
    assert isinstance(events, list)
    assert isinstance(deliveries, list)
    assert [(one["id"], one["state"]) for one in events] == [("m1", "done"), ("m2", "dead"), ("m3", "waiting")]
    assert [(one["id"], one["state"], one["reply"]) for one in deliveries] == [
        ("a", "sent", None),
        ("b", "queued", {"kind": "text", "text": "b"}),
    ]


async def who_is_unknown_is_neither_exported_nor_forgotten(trial: Trial) -> None:
    """An operator is told that there is nothing."""
    store = trial.store
    assert (await store.export(ANN), await store.forget(ANN)) == (None, None)


async def everything_is_forgotten_at_once(trial: Trial) -> None:
    """Nothing is left, nothing is sent any more, and others keep theirs."""
    store = trial.store
    await a_history(store)
    await store.accept(message(9, BOB))
    erased = await store.forget(ANN)
    works, deliveries = await store.claim(10), await store.deliveries(PLENTY)

    assert erased == Forgotten(events=3, deliveries=2)
    assert (await store.export(ANN), await store.conversation(ANN), await store.dead_letters()) == (None, None, [])
    assert ([work.event.id for work in works], deliveries) == (["m9"], [])


async def what_comes_late_brings_nobody_back(trial: Trial) -> None:
    """Webhooks that are delivered again and statuses that come late change nothing, for 72 hours."""
    store, clock = trial.store, trial.clock
    await a_history(store)
    await store.forget(ANN)
    late = [await store.accept(message(number)) for number in (1, 2, 3)]
    await store.note(status("read", ref="a"), listened=True)
    nothing = await store.export(ANN)
    clock.advance(72 * 3600 + 1)
    await store.prune()

    assert (late, nothing) == ([False, False, False], None)
    assert await store.accept(message(1))


async def a_turn_under_way_keeps_nothing(trial: Trial) -> None:
    """Not even when the user has written again, and another turn for him runs."""
    store = trial.store
    work = await claimed(store)
    await store.forget(ANN)
    await store.accept(message(2))
    (after,) = await store.claim(1)
    with refused(LeaseLost):
        await store.commit(work, Outcome(session={"name": "Ann"}, deliveries=replies("a")))
    await store.commit(after, Outcome())

    conversation = await kept(store, ANN)
    assert (conversation.session, conversation.deliveries) == ({}, ())


async def a_delivery_under_way_is_not_recorded(trial: Trial) -> None:
    """What was on its way when its user was forgotten leaves no trace."""
    store = trial.store
    await store.commit(await claimed(store), Outcome(deliveries=replies("a")))
    delivery = await sending(store)
    await store.forget(ANN)
    await store.note(status("delivered"))
    with refused(LeaseLost):
        await store.settle(delivery, Settlement(state="sent", message_id="u1"))

    assert await store.export(ANN) is None
