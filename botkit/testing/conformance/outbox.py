"""Deliveries and their statuses: promise 5 of `botkit.stores`."""

import asyncio
from datetime import timedelta

from botkit.errors import LeaseLost, WindowClosed
from botkit.events import Address, Message
from botkit.testing.conformance.steps import (
    ANN,
    BOB,
    PLENTY,
    answered,
    claimed,
    message,
    replies,
    sending,
    sent,
    states,
    status,
)
from botkit.testing.conformance.trial import Trial, refused
from botkit.work import Allowance, Outcome, Settlement


async def one_conversations_deliveries_go_out_in_order(trial: Trial) -> None:
    """The next one is handed out when the one before is settled."""
    store = trial.store
    await answered(store, "a", "b", "c")
    order = []
    for number in range(3):
        delivery = await sending(store)
        assert await store.deliveries(PLENTY) == []
        order.append((delivery.id, delivery.attempts))
        await store.settle(delivery, sent(f"u{number}"))

    assert order == [("a", 1), ("b", 1), ("c", 1)]
    assert await states(store) == ["sent", "sent", "sent"]


async def a_delivery_is_kept_once(trial: Trial) -> None:
    """What a turn sent before it was run again is not sent again."""
    store, clock = trial.store, trial.clock
    work = await claimed(store)
    await store.checkpoint(work, replies("a"))
    clock.advance(31)
    (again,) = await store.claim(10)
    await store.checkpoint(again, replies("a"))
    await store.commit(again, Outcome(deliveries=replies("b", "b")))

    assert await states(store) == ["queued", "queued"]


async def a_checkpoint_leaves_at_once_and_the_turn_goes_on(trial: Trial) -> None:
    """The event is still being worked on while its first reply is on its way."""
    store = trial.store
    work = await claimed(store)
    await store.checkpoint(work, replies("wait"))
    early = (await sending(store)).id
    await store.commit(work, Outcome(session={"n": 1}))

    assert (early, await store.claim(10)) == ("wait", [])


async def the_allowance_holds_for_each_page(trial: Trial) -> None:
    """A page that may not send now is left alone and holds nobody up."""
    store = trial.store
    other = Address("messenger", "2", "cid")
    for number, address in enumerate((ANN, BOB, other)):
        await store.send(address, replies(f"r{number}"))
    first = await store.deliveries(Allowance(pages={"1070": 1, "2": 0}))
    second = await store.deliveries(Allowance(pages={"1070": 0}))

    assert [len(first), first[0].address.page] == [1, "1070"]
    assert [delivery.address for delivery in second] == [other]


async def users_take_turns(trial: Trial) -> None:
    """Somebody with many deliveries does not keep the others waiting."""
    store, clock = trial.store, trial.clock
    await store.send(ANN, replies("a1", "a2", "a3"))
    clock.advance(1)
    await store.send(BOB, replies("b1"))
    order = []
    for number in range(4):
        clock.advance(1)
        (delivery,) = await store.deliveries(Allowance(others=1))
        order.append(delivery.id)
        await store.settle(delivery, sent(f"u{number}"))

    assert order == ["a1", "b1", "a2", "a3"]


async def a_delivery_to_be_tried_again_rests_until_it_is_due(trial: Trial) -> None:
    """Later deliveries of the conversation rest with it."""
    store, clock = trial.store, trial.clock
    await answered(store, "a", "b")
    later = clock.now() + timedelta(seconds=30)
    await store.settle(await sending(store), Settlement(state="queued", due_at=later, reason="rate_limited"))
    early = await store.deliveries(PLENTY)
    clock.advance(30)
    again = await sending(store)

    assert (early, again.id, again.attempts) == ([], "a", 2)


async def a_delivery_that_is_dead_lets_the_next_one_pass_and_can_be_replayed(trial: Trial) -> None:
    """An operator sees why, and may send it after all."""
    store = trial.store
    await answered(store, "a", "b")
    await store.settle(await sending(store), Settlement(state="dead", reason="invalid_message: too long"))
    second = await sending(store)
    await store.settle(second, sent())
    (letter,) = await store.dead_letters()
    found = await store.replay([letter.id])

    assert (second.id, letter.reason, letter.direction) == ("b", "invalid_message: too long", "outbound")
    assert (found, (await sending(store)).id) == (1, "a")


async def a_sender_that_was_overtaken_cannot_settle(trial: Trial) -> None:
    """When a sender dies while sending, the delivery is in doubt, waits, and is then sent again."""
    store, clock = trial.store, trial.clock
    await answered(store, "a")
    lost = await sending(store)
    clock.advance(91)
    doubted = await store.deliveries(PLENTY)
    doubt = await states(store)
    clock.advance(30)
    again = await sending(store)
    with refused(LeaseLost):
        await store.settle(lost, sent())

    assert (doubted, doubt, again.id, again.attempts) == ([], ["in_doubt"], "a", 2)


async def a_status_ends_a_doubt(trial: Trial) -> None:
    """What was accepted after all is not sent again, and the next one goes out at once."""
    store, clock = trial.store, trial.clock
    await answered(store, "a", "b")
    due_at = clock.now() + timedelta(seconds=30)
    await store.settle(await sending(store), Settlement(state="in_doubt", due_at=due_at, reason="time_out"))
    noted = await store.note(status("delivered", ref="a"))

    assert (noted.moved_to, noted.address, noted.delivery_id) == ("delivered", ANN, "a")
    assert (await sending(store)).id == "b"


async def statuses_move_only_forward(trial: Trial) -> None:
    """Whatever comes late, twice or in the wrong order moves nothing back."""
    store = trial.store
    await answered(store, "a")
    await store.settle(await sending(store), sent())
    moves = [
        (await store.note(status(state))).moved_to
        for state in ("delivered", "submitted", "read", "delivered", "rejected", "accepted")
    ]

    assert moves == ["delivered", None, "read", None, None, None]
    assert await states(store) == ["read"]


async def statuses_may_come_at_the_same_time(trial: Trial) -> None:
    """Of one delivery or of several, in whatever order: each ends where the furthest of its statuses is."""
    store = trial.store
    await answered(store, "a", "b")
    for message_id in ("u1", "u2"):
        await store.settle(await sending(store), sent(message_id))
    noted = await asyncio.gather(
        *(
            store.note(status(state, uuid=message_id, ref=ref))
            for state in ("delivered", "read", "submitted")
            for message_id, ref in (("u1", "a"), ("u2", None))
        )
    )

    assert [one.delivery_id for one in noted] == ["a", "b"] * 3
    assert await states(store) == ["read", "read"]


async def a_status_finds_its_delivery_by_our_id(trial: Trial) -> None:
    """By its own address and our id, and by our id alone where the address is written differently."""
    store = trial.store
    await answered(store, "a")
    await store.settle(await sending(store), sent())
    other = Address("messenger", "another", "form")
    noted = [
        await store.note(status(state, ref="a", uuid="?", address=address))
        for state, address in (("delivered", ANN), ("read", other))
    ]

    assert [(one.address, one.moved_to) for one in noted] == [(ANN, "delivered"), (ANN, "read")]


async def a_status_may_come_before_the_202(trial: Trial) -> None:
    """It waits, and is applied when the message id is recorded; with our id it is applied at once."""
    store = trial.store
    await answered(store, "a", "b")
    first = await sending(store)
    early = await store.note(status("delivered", uuid="u1"))
    await store.settle(first, sent("u1"))
    second = await sending(store)
    at_once = await store.note(status("delivered", ref="b", uuid="u2"))
    await store.settle(second, sent("u2"))

    assert (early.moved_to, at_once.moved_to) == (None, "delivered")
    assert await states(store) == ["delivered", "delivered"]


async def sending_outside_a_turn_happens_once_for_each_key(trial: Trial) -> None:
    """Whoever calls twice is told so."""
    store = trial.store
    assert [await store.send(ANN, replies("a")), await store.send(ANN, replies("a"))] == [True, False]
    assert await states(store) == ["queued"]


async def sending_outside_a_turn_knows_the_window(trial: Trial) -> None:
    """Nothing is kept for a user who has not written since, or never has."""
    store, clock = trial.store, trial.clock
    await store.accept(message(1))
    open_since = clock.now()
    kept = await store.send(ANN, replies("a"), open_since=open_since)
    clock.advance(1)
    for address in (ANN, BOB):
        with refused(WindowClosed):
            await store.send(address, replies("b"), open_since=clock.now())

    assert (kept, await states(store), await store.conversation(BOB)) == (True, ["queued"], None)


async def a_delivery_knows_when_the_user_last_wrote(trial: Trial) -> None:
    """By the message's own time where that can be believed; an older one moves nothing back."""
    store, clock = trial.store, trial.clock
    at = clock.now() - timedelta(hours=1)
    await store.accept(Message(id="new", address=ANN, kind="text", sent_at=at))
    await store.accept(Message(id="old", address=ANN, kind="text", sent_at=at - timedelta(hours=3)))
    await store.send(ANN, replies("a"))

    assert (await sending(store)).opened_at == at
