"""What bots have no answer to: kept with the turn, for as long as its bot says."""

from datetime import datetime, timedelta

from botkit.errors import LeaseLost
from botkit.testing.conformance.steps import ANN, BOB, claimed, message
from botkit.testing.conformance.trial import Trial, refused
from botkit.work import Failure, Gap, Outcome


def gap(text: str, at: datetime, days: float = 30) -> Gap:
    """A gap of the bot called shop."""
    until = at + timedelta(days=days)
    return Gap(bot="shop", language="en", text=text, suggested=("menu", "hours"), at=at, until=until)


async def a_gap_is_kept_with_its_turn(trial: Trial) -> None:
    """As it was, the newest first, and however the turn ended."""
    store, clock = trial.store, trial.clock
    first = gap("do you \N{WHITE SMILING FACE} bikes", clock.now())
    await store.commit(await claimed(store), Outcome(gap=first))
    clock.advance(1)
    second = gap("and cars", clock.now())
    await store.commit(await claimed(store, message(2)), Outcome(gap=second, failure=Failure("no")))

    assert await store.gaps() == [second, first]
    assert await store.gaps(1) == [second]


async def a_turn_that_lost_its_lease_keeps_no_gap(trial: Trial) -> None:
    """Whoever took over keeps it."""
    store, clock = trial.store, trial.clock
    work = await claimed(store)
    clock.advance(31)
    (again,) = await store.claim(1)
    with refused(LeaseLost):
        await store.commit(work, Outcome(gap=gap("late", clock.now())))
    await store.commit(again, Outcome(gap=gap("in time", clock.now())))

    assert [one.text for one in await store.gaps()] == ["in time"]


async def a_gap_is_erased_when_its_time_has_come(trial: Trial) -> None:
    """And is not seen any more from that moment on."""
    store, clock = trial.store, trial.clock
    await store.commit(await claimed(store), Outcome(gap=gap("soon", clock.now(), days=1)))
    await store.commit(await claimed(store, message(2)), Outcome(gap=gap("later", clock.now(), days=5)))
    clock.advance(86_400)
    seen = [one.text for one in await store.gaps()]
    pruned = [await store.prune(), await store.prune()]

    assert (seen, pruned) == (["later"], [1, 0])


async def a_users_gaps_are_his(trial: Trial) -> None:
    """They are exported with everything else of his, and forgotten with it, even where nothing else is left."""
    store, clock = trial.store, trial.clock
    for number, user in enumerate((ANN, BOB)):
        work = await claimed(store, message(number, user))
        await store.commit(work, Outcome(gap=gap(f"from {user.user}", clock.now(), days=90)))
    clock.advance(40 * 86_400)
    while await store.prune():
        pass
    kept = await store.export(ANN)
    await store.forget(ANN)

    assert kept is not None
    assert [one["text"] for one in kept["gaps"]] == ["from ann"]  # type: ignore[attr-defined]  # JSON
    assert (await store.export(ANN), [one.text for one in await store.gaps()]) == (None, ["from bob"])
