"""What a store forgets, and when; what an operator takes back or throws away."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from botkit.events import Address, Message
from botkit.replies import Text
from botkit.stores import Engine, open_store
from botkit.testing import FakeClock
from botkit.work import Allowance, Failure, Outcome, Queued, Settlement

ANN = Address("messenger", "1070", "ann")
BOB = Address("messenger", "1070", "bob")
CID = Address("messenger", "10", "cid")
DAY = timedelta(days=1).total_seconds()
#: What is kept of the deliveries, and whether the message's id is taken for new.
Seen = tuple[list[str | None], bool]


@pytest.fixture
def clock() -> FakeClock:
    """A clock set by hand."""
    return FakeClock()


@pytest.fixture(params=[0.0, 1.0, 10.0], ids=["at once", "a day", "ten days"])
def keep_days(request: pytest.FixtureRequest) -> float:
    """How long what is done is kept."""
    return float(request.param)


@pytest.fixture
async def store(tmp_path: Path, clock: FakeClock, keep_days: float) -> AsyncIterator[Engine]:
    """An empty store."""
    engine = open_store(str(tmp_path / "botkit.db"), clock=clock, keep_days=keep_days)
    await engine.open()
    yield engine
    await engine.close()


def message(number: int, address: Address = ANN) -> Message:
    """A message with an id of its own."""
    return Message(id=f"m{number}", address=address, kind="text", text="my secret")


async def a_turn(store: Engine) -> None:
    """A message that is answered, and whose answer is sent."""
    await store.accept(message(1))
    (work,) = await store.claim(1)
    await store.commit(work, Outcome(deliveries=(Queued("a", Text("your secret")),)))
    (delivery,) = await store.deliveries(Allowance(others=1))
    await store.settle(delivery, Settlement(state="sent", message_id="u1"))


async def said(store: Engine) -> list[str | None]:
    """What is kept of the deliveries to Ann: their texts, or that there were some."""
    conversation = await store.conversation(ANN)
    kept = () if conversation is None else conversation.deliveries
    return [one.reply.text if isinstance(one.reply, Text) else None for one in kept]


async def test_texts_are_erased_when_they_are_done_with(store: Engine, clock: FakeClock, keep_days: float) -> None:
    """At once, or after as many days as they are to be kept; ids are known for 72 hours at least."""
    await a_turn(store)
    seen = {}
    for day in (0, 2, 4, 11):
        clock.advance(day * DAY - (clock.now() - FakeClock().now()).total_seconds() + 1)
        await store.prune()
        seen[day] = (await said(store), await store.accept(message(1)))
        if seen[day][1]:
            break

    gone: Seen = ([], True)
    erased: Seen = ([None], False)
    kept: Seen = (["your secret"], False)
    assert (
        seen
        == {
            0.0: {0: erased, 2: erased, 4: gone},
            1.0: {0: kept, 2: erased, 4: gone},
            10.0: {0: kept, 2: kept, 4: kept, 11: gone},
        }[keep_days]
    )


async def test_nothing_of_what_a_user_said_is_left_in_the_file(tmp_path: Path, clock: FakeClock) -> None:
    """By default what is done leaves no words behind, in no page of the file."""
    store = open_store(str(tmp_path / "botkit.db"), clock=clock)
    await store.open()
    await a_turn(store)
    await store.close()

    assert b"my secret" not in b"".join(path.read_bytes() for path in tmp_path.iterdir())


@pytest.mark.parametrize("keep_days", [0.0], indirect=True, ids=["default"])
class TestDeadLetters:
    """What an operator does with what was set aside."""

    async def set_aside(self, store: Engine) -> tuple[str, str]:
        """A message whose handler raised, and a reply that was refused; their ids."""
        for number in (1, 2):
            await store.accept(message(number))
        (work,) = await store.claim(1)
        await store.commit(work, Outcome(failure=Failure("it raised")))
        await store.send(BOB, (Queued("b", Text("no")),))
        (delivery,) = await store.deliveries(Allowance(others=1))
        await store.settle(delivery, Settlement(state="dead", reason="invalid"))
        letters = {letter.direction: letter.id for letter in await store.dead_letters()}
        return letters["inbound"], letters["outbound"]

    async def test_one_can_be_looked_at(self, store: Engine) -> None:
        """By its id, with what it holds."""
        inbound, outbound = await self.set_aside(store)
        letters = [await store.dead_letter(one) for one in (inbound, outbound, "in/x/1", "x", "in/x/²")]

        assert [letter and (letter.reason, letter.direction) for letter in letters] == [
            ("it raised", "inbound"),
            ("invalid", "outbound"),
            None,
            None,
            None,
        ]
        assert letters[0] is not None
        assert "my secret" in letters[0].body

    async def test_one_that_is_replayed_comes_before_what_came_after_it(self, store: Engine) -> None:
        """A conversation's order is kept, whenever an operator finds the time."""
        ids = await self.set_aside(store)
        assert await store.replay(ids) == 2
        order = []
        for _ in range(2):
            (work,) = await store.claim(5)
            order.append(work.event.id)
            await store.commit(work, Outcome())
        (again,) = await store.deliveries(Allowance(others=1))

        assert (order, again.id) == (["m1", "m2"], "b")

    async def test_one_that_is_dropped_is_gone_and_stays_known(self, store: Engine) -> None:
        """It is not listed, not replayed, and not taken for new when it comes again."""
        ids = await self.set_aside(store)
        dropped = await store.drop([*ids, "in/nobody/1"])

        assert dropped == 2
        assert await store.dead_letters() == []
        assert await store.replay(ids) == 0
        assert not await store.accept(message(1))

    async def test_one_that_nobody_looks_at_is_forgotten_after_a_month(self, store: Engine, clock: FakeClock) -> None:
        """Thirty days, and not a moment before."""
        await self.set_aside(store)
        counts = []
        for seconds in (30 * DAY, 1):
            clock.advance(seconds)
            await store.prune()
            counts.append(len(await store.dead_letters()))

        assert counts == [2, 0]

    async def test_what_came_for_a_page_before_its_bot_is_answered_by_it(self, store: Engine) -> None:
        """Only that page's messages, in the order they came, and only once."""
        for number, address in enumerate((ANN, ANN, CID)):
            await store.accept(message(number, address), set_aside="no bot claims it")
        adopted = [await store.adopt("messenger", page) for page in ("1070", "1070", "10", None)]
        works = await store.claim(5)

        assert adopted == [2, 0, 1, 0]
        assert sorted(work.event.id for work in works) == ["m0", "m2"]
