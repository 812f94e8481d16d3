"""Hand-off: what is new goes to the one who waits, within his allowance; the rest is found in the store."""

import asyncio
from collections.abc import Sequence

import pytest
from attrs import define, field

from botkit.errors import StoreError
from botkit.stores.handoff import Handoff
from botkit.work import Allowance


@define
class Shelf:
    """What waits in a store: things named ``page:number``."""

    things: list[str] = field(factory=list)
    looks: list[Allowance] = field(factory=list)

    async def look(self, allowance: Allowance) -> Sequence[str]:
        self.looks.append(allowance)
        await asyncio.sleep(0)
        found = [thing for thing in self.things if thing[0] == "a"][: allowance.of("a")]
        self.things = [thing for thing in self.things if thing not in found]
        return found


def page_of(thing: str) -> str:
    """The page of a thing."""
    return thing.partition(":")[0]


async def waited_for(allowance: Allowance) -> tuple[Handoff[str], Shelf]:
    """A hand-off whose caller has found the store empty and waits."""
    handoff, shelf = Handoff[str](page_of), Shelf()
    assert await handoff.claim(allowance, shelf.look) == []
    await handoff.wait(0)
    return handoff, shelf


async def test_nothing_is_handed_over_before_somebody_waits() -> None:
    """Who only claims, and never waits, finds everything in the store."""
    handoff, shelf = Handoff[str](page_of), Shelf()
    await handoff.claim(Allowance(others=5), shelf.look)

    assert handoff.reserve("a") is False


async def test_what_is_given_is_claimed_without_looking() -> None:
    """A claim takes what was handed over, and does not look where nothing else is known to wait."""
    handoff, shelf = await waited_for(Allowance(others=5))
    assert handoff.reserve("a")
    handoff.settle("a", "a:1", reserved=True)

    assert await handoff.claim(Allowance(others=5), shelf.look) == ["a:1"]
    assert len(shelf.looks) == 1


async def test_no_more_is_reserved_than_allowed() -> None:
    """A page's allowance bounds what is given and what is reserved together; another page has its own."""
    handoff, _ = await waited_for(Allowance(pages={"a": 2}, others=1))
    taken = [handoff.reserve("a") for _ in range(3)]
    handoff.settle("a", "a:1", reserved=True)

    assert (taken, handoff.reserve("a"), handoff.reserve("b")) == ([True, True, False], False, True)


async def test_a_reservation_that_came_to_nothing_is_free_again() -> None:
    """What was not kept, or waits behind others, takes nobody's place."""
    handoff, _ = await waited_for(Allowance(others=1))
    assert handoff.reserve("a")
    handoff.settle("a", None, reserved=True)

    assert handoff.reserve("a")


async def test_what_was_given_counts_against_the_next_allowance() -> None:
    """The caller has not yet counted what he is only now handed."""
    handoff, shelf = await waited_for(Allowance(others=2))
    assert handoff.reserve("a")
    handoff.settle("a", "a:1", reserved=True)
    await handoff.claim(Allowance(others=2), shelf.look)

    assert [handoff.reserve("a"), handoff.reserve("a")] == [True, False]


async def test_what_could_not_be_reserved_is_looked_for() -> None:
    """The next claim looks into the store, and the wait before it ends at once."""
    handoff, shelf = await waited_for(Allowance(others=0))
    assert not handoff.reserve("a")
    shelf.things.append("a:1")
    handoff.settle("a", None, reserved=False)
    await asyncio.wait_for(handoff.wait(3600), 5)

    assert await handoff.claim(Allowance(others=4), shelf.look) == ["a:1"]


async def test_a_look_leaves_room_for_what_comes_meanwhile() -> None:
    """A quarter of the allowance is looked for; if as much is found, the next claim looks again."""
    handoff, shelf = await waited_for(Allowance(others=8))
    shelf.things += ["a:1", "a:2", "a:3"]
    handoff.look()
    found = [await handoff.claim(Allowance(others=8), shelf.look), await handoff.claim(Allowance(others=6), shelf.look)]

    assert (found, shelf.looks[1:]) == ([["a:1", "a:2"], ["a:3"]], [Allowance(others=2), Allowance(others=2)])


async def test_a_look_that_fails_loses_nothing() -> None:
    """What was given before is claimed the next time."""
    handoff, shelf = await waited_for(Allowance(others=8))
    assert handoff.reserve("a")
    handoff.settle("a", "a:1", reserved=True)
    handoff.look()

    async def fails(allowance: Allowance) -> Sequence[str]:
        raise StoreError("gone")

    with pytest.raises(StoreError):
        await handoff.claim(Allowance(others=8), fails)
    assert await handoff.claim(Allowance(others=8), shelf.look) == ["a:1"]
