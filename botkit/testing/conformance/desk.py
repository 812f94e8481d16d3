"""What an operator takes back or throws away."""

from typing import Final

from botkit.events import Address
from botkit.stores import Engine
from botkit.testing.conformance.steps import ANN, BOB, message, replies, sending
from botkit.testing.conformance.trial import Trial
from botkit.work import Failure, Outcome, Settlement

CID: Final = Address("messenger", "10", "cid")
DAY: Final = 86_400.0


async def set_aside(store: Engine) -> tuple[str, str]:
    """A message whose handler raised, and a reply that was refused; their ids."""
    for number in (1, 2):
        await store.accept(message(number))
    (work,) = await store.claim(1)
    await store.commit(work, Outcome(failure=Failure("it raised")))
    await store.send(BOB, replies("b"))
    await store.settle(await sending(store), Settlement(state="dead", reason="invalid"))
    letters = {letter.direction: letter.id for letter in await store.dead_letters()}
    return letters["inbound"], letters["outbound"]


async def one_can_be_looked_at(trial: Trial) -> None:
    """By its id, with what it holds."""
    store = trial.store
    inbound, outbound = await set_aside(store)
    letters = [await store.dead_letter(one) for one in (inbound, outbound, "in/x/1", "x", "in/x/²")]

    assert [letter and (letter.reason, letter.direction) for letter in letters] == [
        ("it raised", "inbound"),
        ("invalid", "outbound"),
        None,
        None,
        None,
    ]
    assert letters[0] is not None
    assert "hello" in letters[0].body


async def one_that_is_replayed_comes_before_what_came_after_it(trial: Trial) -> None:
    """A conversation's order is kept, whenever an operator finds the time."""
    store = trial.store
    ids = await set_aside(store)
    assert await store.replay(ids) == 2
    order = []
    for _ in range(2):
        (work,) = await store.claim(5)
        order.append(work.event.id)
        await store.commit(work, Outcome())

    assert (order, (await sending(store)).id) == (["m1", "m2"], "b")


async def one_that_is_dropped_is_gone_and_stays_known(trial: Trial) -> None:
    """It is not listed, not replayed, and not taken for new when it comes again."""
    store = trial.store
    ids = await set_aside(store)
    dropped = await store.drop([*ids, "in/nobody/1"])

    assert dropped == 2
    assert await store.dead_letters() == []
    assert await store.replay(ids) == 0
    assert not await store.accept(message(1))


async def one_that_nobody_looks_at_is_forgotten_after_a_month(trial: Trial) -> None:
    """Thirty days, and not a moment before."""
    store, clock = trial.store, trial.clock
    await set_aside(store)
    counts = []
    for seconds in (30 * DAY, 1):
        clock.advance(seconds)
        await store.prune()
        counts.append(len(await store.dead_letters()))

    assert counts == [2, 0]


async def what_came_for_a_page_before_its_bot_is_answered_by_it(trial: Trial) -> None:
    """Only that page's messages, in the order they came, and only once."""
    store = trial.store
    for number, address in enumerate((ANN, ANN, CID)):
        await store.accept(message(number, address), set_aside="no bot claims it")
    adopted = [await store.adopt("messenger", page) for page in ("1070", "1070", "10", None)]
    works = await store.claim(5)

    assert adopted == [2, 0, 1, 0]
    assert sorted(work.event.id for work in works) == ["m0", "m2"]
