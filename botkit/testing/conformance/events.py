"""Events and turns: promises 1 to 4 of `botkit.stores`, kept, once, in order, a turn whole or not at all."""

import asyncio
from datetime import UTC, datetime, timedelta

from botkit.errors import LeaseLost
from botkit.events import Address, Message, Status
from botkit.replies import Choice
from botkit.testing.conformance.steps import (
    ANN,
    BOB,
    answered,
    claimed,
    kept,
    message,
    replies,
    sending,
    states,
    status,
)
from botkit.testing.conformance.trial import Trial, refused
from botkit.work import Failure, Outcome, Settlement


async def a_message_comes_out_as_it_went_in(trial: Trial) -> None:
    """Everything about a message survives the store, its raw payload and odd characters too."""
    store, clock = trial.store, trial.clock
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


async def a_status_that_is_listened_to_becomes_an_event_once(trial: Trial) -> None:
    """However often a status comes, its handler runs once."""
    store = trial.store
    await answered(store, "hi")
    await store.note(status("rejected", ref="hi"), listened=True)
    await store.note(status("rejected", ref="hi"), listened=True)
    (work,) = await store.claim(10)
    await store.commit(work, Outcome())

    assert work.event.id == "status:u1:rejected"
    assert await store.claim(10) == []


async def the_same_id_has_one_effect(trial: Trial) -> None:
    """A webhook that comes again, even at the same time and after the turn, changes nothing."""
    store = trial.store
    first = await asyncio.gather(*(store.accept(message(1)) for _ in range(10)))
    (work,) = await store.claim(10)
    await store.commit(work, Outcome())

    assert sorted(first) == [False] * 9 + [True]
    assert await store.accept(message(1)) is False
    assert await store.claim(10) == []


async def the_same_id_of_another_user_is_another_message(trial: Trial) -> None:
    """Ids are unique for a user, not for the world."""
    store = trial.store
    assert [await store.accept(message(1)), await store.accept(message(1, BOB))] == [True, True]


async def a_conversation_is_handed_out_once_and_in_order(trial: Trial) -> None:
    """While one of its events is worked on the others wait; then they come one by one."""
    store = trial.store
    for number in (1, 2, 3):
        await store.accept(message(number))
    order = []
    for _ in range(3):
        (work,) = await store.claim(10)
        assert await store.claim(10) == []
        order.append(work.event.id)
        await store.commit(work, Outcome())

    assert order == ["m1", "m2", "m3"]


async def conversations_do_not_wait_for_each_other(trial: Trial) -> None:
    """Somebody else's event is handed out beside one that is being worked on, the longest waiting first."""
    store = trial.store
    await store.accept(message(1))
    await store.claim(10)
    await store.accept(message(2, BOB))

    assert [work.address for work in await store.claim(10)] == [BOB]


async def an_event_that_arrives_under_a_lease_is_not_lost(trial: Trial) -> None:
    """The end of a turn looks for what came meanwhile."""
    store = trial.store
    work = await claimed(store)
    await store.accept(message(2))
    await store.commit(work, Outcome())

    assert [one.event.id for one in await store.claim(10)] == ["m2"]


async def a_turn_is_kept_whole(trial: Trial) -> None:
    """Session, choices and replies are there together after the commit."""
    store = trial.store
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


async def what_a_turn_leaves_alone_stays(trial: Trial) -> None:
    """None means as it was, and an empty tuple of choices means none."""
    store = trial.store
    await store.commit(await claimed(store), Outcome(session={"n": 1}, choices=(Choice("Yes"),)))
    await store.commit(await claimed(store, message(2)), Outcome())
    third = await claimed(store, message(3))
    await store.commit(third, Outcome(choices=()))
    fourth = await claimed(store, message(4))

    assert (third.session, third.choices) == ({"n": 1}, (Choice("Yes"),))
    assert (fourth.session, fourth.choices) == ({"n": 1}, ())


async def a_worker_that_was_overtaken_keeps_nothing(trial: Trial) -> None:
    """Its commit and its checkpoints are refused, and nothing of its turn is visible."""
    store, clock = trial.store, trial.clock
    zombie = await claimed(store)
    clock.advance(31)
    (successor,) = await store.claim(10)
    with refused(LeaseLost):
        await store.checkpoint(zombie, replies("from the grave"))
    with refused(LeaseLost):
        await store.commit(zombie, Outcome(session={"n": 99}, deliveries=replies("boo")))
    await store.commit(successor, Outcome(session={"n": 1}))
    conversation = await kept(store, ANN)

    assert (conversation.session, conversation.deliveries) == ({"n": 1}, ())
    assert (zombie.claims, successor.claims) == (1, 2)


async def a_turn_that_is_committed_again_is_kept_once(trial: Trial) -> None:
    """Whoever does not know whether his commit was kept may repeat it, if nobody has gone on meanwhile."""
    store = trial.store
    work = await claimed(store)
    for _ in range(2):
        await store.commit(work, Outcome(session={"n": 1}, deliveries=replies("a")))

    assert (await states(store), (await kept(store)).session, await store.claim(10)) == (["queued"], {"n": 1}, [])


async def a_failure_that_is_committed_again_counts_once(trial: Trial) -> None:
    """A repeated commit does not use up an event's retries."""
    store, clock = trial.store, trial.clock
    work = await claimed(store)
    for _ in range(2):
        await store.commit(work, Outcome(failure=Failure("later", clock.now() + timedelta(seconds=60))))
    clock.advance(60)
    (again,) = await store.claim(10)

    assert (again.failures, again.claims) == (1, 1)


async def words_that_no_database_can_hold_are_kept_somehow(trial: Trial) -> None:
    """A turn's failure and a channel's reason may quote strangers: half characters and zeros stop nothing."""
    store = trial.store
    work = await claimed(store)
    await store.commit(work, Outcome(failure=Failure("raised", None, "on \ud800 and \x00"), deliveries=replies("a")))
    await store.settle(await sending(store), Settlement(state="dead", reason="no \udfff, no \x00"))
    await store.note(Status(message_id="u\x00", address=ANN, state="rejected", reason="\ud800"))
    reasons = sorted(letter.reason for letter in await store.dead_letters())

    assert [reason.split()[0] for reason in reasons] == ["no", "raised"]


async def an_id_that_no_database_can_hold_is_one(trial: Trial) -> None:
    """A message whose id is nonsense is kept once, like any other."""
    odd = Message(id="\ud800\x00", address=Address("messenger", "1070", "\udfff\x00"), kind="text", text="\x00\ud800")
    new = [await trial.store.accept(odd) for _ in range(2)]
    (work,) = await trial.store.claim(10)

    assert (new, work.address) == ([True, False], odd.address)
    assert isinstance(work.event, Message)
    assert work.event.text == odd.text


async def a_failed_neighbour_does_no_harm(trial: Trial) -> None:
    """Of operations that share a commit, one that is refused takes nothing else with it."""
    store, clock = trial.store, trial.clock
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


async def a_lease_that_is_renewed_is_not_taken_over(trial: Trial) -> None:
    """A long handler keeps its conversation, and one that has lost it is told."""
    store, clock = trial.store, trial.clock
    work = await claimed(store)
    clock.advance(20)
    kept = await store.renew([work])
    clock.advance(20)
    taken = await store.claim(10)
    clock.advance(31)
    await store.claim(10)

    assert (kept, taken, await store.renew([work])) == ([], [], [work])


async def a_lease_that_was_lost_to_the_same_process_is_told(trial: Trial) -> None:
    """Of two turns of one conversation only the newer one goes on."""
    store, clock = trial.store, trial.clock
    old = await claimed(store)
    clock.advance(31)
    (new,) = await store.claim(10)

    assert await store.renew([old, new]) == [old]


async def a_turn_that_has_ended_is_not_renewed(trial: Trial) -> None:
    """A renewal that comes a moment too late holds up nothing that the user writes next."""
    work = await claimed(trial.store)
    await trial.store.commit(work, Outcome())
    lost = await trial.store.renew([work])
    again = await claimed(trial.store, message(2))

    assert (lost, again.event.id) == ([], "m2")


async def an_event_to_be_run_again_holds_back_its_own_conversation_only(trial: Trial) -> None:
    """A back-off is not shortened by what arrives, keeps the order, and counts."""
    store, clock = trial.store, trial.clock
    work = await claimed(store)
    later = clock.now() + timedelta(seconds=60)
    await store.commit(work, Outcome(failure=Failure("later", later)))
    await store.accept(message(2))
    await store.accept(message(3, BOB))
    now = [one.event.id for one in await store.claim(10)]
    clock.advance(60)
    (again,) = [one for one in await store.claim(10) if one.address == ANN]

    assert (now, again.event.id, again.failures, again.accepted_at) == (["m3"], "m1", 1, work.accepted_at)


async def an_event_that_is_set_aside_lets_the_next_one_pass(trial: Trial) -> None:
    """The session stays, the apology leaves, and the event can be looked at and replayed in its place."""
    store = trial.store
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


async def an_event_that_kills_its_process_is_set_aside_after_five_claims(trial: Trial) -> None:
    """Claims without an outcome are counted; the sixth is not made."""
    store, clock = trial.store, trial.clock
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


async def suspects_are_handed_out_a_few_at_a_time(trial: Trial) -> None:
    """What was claimed three times without an outcome; the claim of those that are put off is not counted."""
    store, clock = trial.store, trial.clock
    for number in range(3):
        await store.accept(message(number, Address("messenger", "1070", f"u{number}")))
    for _ in range(3):
        await store.claim(10)
        clock.advance(31)
    await store.accept(message(9, BOB))
    none = [work.event.id for work in await store.claim(10, suspects=0)]
    clock.advance(1)
    one = await store.claim(10, suspects=1)
    clock.advance(1)
    rest = await store.claim(10)

    assert (none, len(one), sorted(work.event.id for work in (*one, *rest))) == (["m9"], 1, ["m0", "m1", "m2"])
    assert [work.claims for work in (*one, *rest)] == [4, 4, 4]


async def a_suspect_that_is_put_off_keeps_its_place(trial: Trial) -> None:
    """What its user writes meanwhile waits behind it."""
    store, clock = trial.store, trial.clock
    await store.accept(message(1))
    for _ in range(3):
        await store.claim(10)
        clock.advance(31)
    await store.claim(10, suspects=0)
    await store.accept(message(2))
    early = await store.claim(10)
    clock.advance(1)
    (work,) = await store.claim(10)

    assert (early, work.event.id, work.claims) == ([], "m1", 4)


async def what_no_bot_claims_is_set_aside_at_once(trial: Trial) -> None:
    """It is kept for an operator, once, and is no work."""
    store = trial.store
    first = await store.accept(message(1), set_aside="no bot claims page 1070")
    second = await store.accept(message(1), set_aside="no bot claims page 1070")
    backlog = await store.backlog()

    assert (first, second, backlog.events, backlog.dead_events) == (True, False, 0, 1)
    assert await store.claim(10) == []


async def the_backlog_knows_the_oldest(trial: Trial) -> None:
    """What waits is counted, with its age; what is done or dead is not."""
    store, clock = trial.store, trial.clock
    await answered(store, "hi")
    started = clock.now()
    await store.accept(message(2))
    clock.advance(5)
    await store.accept(message(3, BOB))
    backlog = await store.backlog()

    assert (backlog.events, backlog.oldest_event_at) == (2, started)
    assert (backlog.deliveries, backlog.oldest_delivery_at) == (1, started)
