"""Whatever is done to a store, in whatever order, it does what a few lines in memory do."""

import asyncio
from collections import defaultdict
from collections.abc import Coroutine
from datetime import timedelta
from typing import Any, ClassVar, Literal, TypeVar

import asyncpg
from attrs import define
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, multiple, rule, run_state_machine_as_test

from botkit.errors import LeaseLost
from botkit.events import Address, Message, Status
from botkit.replies import Text
from botkit.stores import Engine, open_store
from botkit.testing import FakeClock
from botkit.work import Allowance, Failure, Outcome, Queued, Settlement
from model import Item, Line, Talk
from servers import PostgresServer

T = TypeVar("T")
USERS = st.sampled_from(["ann", "bob", "cid"])
IDS = st.sampled_from(["a", "b", "c", "d"])
END = Literal["done", "dead", "again"]
ENDS = st.sampled_from(["done", "done", "dead", "again"])
SETTLEMENTS = st.sampled_from(["sent", "sent", "queued", "in_doubt", "dead"])
WORDS: Any = {"submitted": "sent", "delivered": "delivered", "read": "read"}


def address(user: str) -> Address:
    """Where *user* writes."""
    return Address("messenger", "1070", user)


def queued(user: str, number: str) -> Queued:
    """A delivery whose id tells whose it is."""
    return Queued(f"{user}-{number}", Text(number))


def take_event(item: Item, now: float) -> bool:
    """Claim an event; after five claims without an outcome it is dead."""
    item.count += 1
    item.state = "dead" if item.count > 5 else "waiting"
    return item.state == "waiting"


def take_delivery(item: Item, now: float) -> bool:
    """Claim a delivery; one that is being sent still is in doubt."""
    if item.state == "sending":
        item.state, item.due_at = "in_doubt", now + 30
        return False
    item.state, item.count = "sending", item.count + 1
    return True


@define(eq=False)
class Held:
    """Work or a delivery that was handed out, as the model has it: *talk* and *line* may be others' by now."""

    user: str
    item: Item
    talk: Talk
    line: Line
    token: int
    failures: int
    real: Any

    @property
    def is_held(self) -> bool:
        """Whether nobody has claimed it since."""
        return self.line.token == self.token


class StoreMachine(RuleBasedStateMachine):
    """Does the same to a store and to the model, and compares what comes of it."""

    url: ClassVar[str] = ":memory:"
    is_shared: ClassVar[bool] = False
    works: Bundle[Held] = Bundle("works")
    posts: Bundle[Held] = Bundle("posts")

    def __init__(self) -> None:
        super().__init__()
        self.loop = asyncio.new_event_loop()
        self.clock = FakeClock()
        self.started = self.clock.now()
        self.store: Engine = open_store(self.url, clock=self.clock)
        self.others = [open_store(self.url, clock=self.clock)] if self.is_shared else []
        self.talks: dict[str, Talk] = {}
        self.forgotten: set[tuple[str, str]] = set()
        self.early: defaultdict[str, set[str]] = defaultdict(set)
        for store in (self.store, *self.others):
            self.do(store.open())

    def teardown(self) -> None:
        """Compare all that is left, and close the store."""
        try:
            self.same(*self.talks)
            backlog = self.do(self.store.backlog())
            states = [item.state for talk in self.talks.values() for item in talk.events.items]
            assert (backlog.events, backlog.dead_events) == (states.count("waiting"), states.count("dead"))
        finally:
            for store in (self.store, *self.others):
                self.do(store.close())
            self.loop.close()

    def do(self, work: Coroutine[Any, Any, T]) -> T:
        """Have the store do something."""
        return self.loop.run_until_complete(work)

    def done(self, work: Coroutine[Any, Any, object]) -> bool:
        """Have the store do something for which a lease is needed; whether it still held."""
        try:
            self.do(work)
        except LeaseLost:
            return False
        return True

    @property
    def now(self) -> float:
        """Seconds since the start."""
        return (self.clock.now() - self.started).total_seconds()

    def same(self, *users: str) -> None:
        """What is kept of *users* is what the model keeps."""
        for user in users:
            kept, talk = self.do(self.store.conversation(address(user))), self.talks[user]
            assert kept is not None
            assert (kept.session, kept.waiting) == (
                talk.session,
                sum(item.state == "waiting" for item in talk.events.items),
            )
            assert [(one.id, one.state, one.attempts) for one in kept.deliveries] == [
                (item.id, item.state, item.count) for item in talk.deliveries.items
            ]

    def talk(self, user: str) -> Talk:
        """The model's conversation, which begins here at the latest."""
        return self.talks.setdefault(user, Talk())

    # What comes in, and time

    @rule(user=USERS, number=IDS)
    def accept(self, user: str, number: str) -> None:
        """A message comes, or comes again."""
        new = self.do(self.store.accept(Message(id=number, address=address(user), kind="text", text="hello")))
        expected = (user, number) not in self.forgotten
        expected = expected and self.talk(user).events.arrive(Item(number, "waiting", self.now), self.now)

        assert new == expected

    @rule(seconds=st.sampled_from([1, 5, 31, 61, 91]))
    def advance(self, seconds: int) -> None:
        """Time passes."""
        self.clock.advance(seconds)

    # Turns

    @rule(target=works)
    def claim(self) -> Any:
        """Claim all that is ready; whatever nothing is done with has been abandoned."""
        return self.claimed()

    def claimed(self) -> Any:
        """Claim what is ready, in the store and in the model."""
        found = {work.address.user: work for work in self.do(self.store.claim(100))}
        held = []
        for user, talk in self.talks.items():
            item = talk.events.claim(self.now, 30, take_event)
            work = found.pop(user, None)
            assert (work and (work.event.id, work.claims, work.failures, work.session)) == (
                item and (item.id, item.count, item.failures, talk.session)
            )
            if item is not None:
                held.append(Held(user, item, talk, talk.events, talk.events.token, item.failures, work))
        assert found == {}
        return multiple(*held)

    @rule(target=works)
    def overtake(self) -> Any:
        """Every worker has stood still for too long, and others take over."""
        self.clock.advance(31)
        return self.claimed()

    @rule(held=works, end=ENDS, numbers=st.lists(IDS, max_size=2))
    def commit(self, held: Held, end: END, numbers: list[str]) -> None:
        """A turn ends, perhaps once more, or too late."""
        later = self.clock.now() + timedelta(seconds=60)
        failure = None if end == "done" else Failure("no", later if end == "again" else None)
        session: dict[str, object] = {"last": held.item.id}
        replies = tuple(queued(held.user, number) for number in numbers)
        kept = self.done(self.store.commit(held.real, Outcome(session=session, deliveries=replies, failure=failure)))
        if held.is_held:
            self.end(held, end)
            held.talk.session = held.talk.session if failure else session
            self.queue(held.talk, replies)

        assert kept or not held.is_held
        self.same(*self.talks.keys() & {held.user})

    def end(self, held: Held, end: END) -> None:
        """What a turn's end does to its event."""
        item = held.item
        if item.state == "waiting" and end == "again":
            item.failures, item.count, item.due_at = held.failures + 1, 0, self.now + 60
        elif item.state == "waiting":
            item.state = end
        held.line.release(self.now)

    def queue(self, talk: Talk, replies: tuple[Queued, ...]) -> None:
        """Put deliveries in the model's outbox."""
        for reply in replies:
            talk.deliveries.arrive(Item(reply.id, "queued", self.now), self.now)

    @rule(held=works, number=IDS)
    def checkpoint(self, held: Held, number: str) -> None:
        """A turn sends something before its end."""
        replies = (queued(held.user, number),)
        assert self.done(self.store.checkpoint(held.real, replies)) == held.is_held
        if held.is_held:
            self.queue(held.talk, replies)

    @rule(held=works)
    def renew(self, held: Held) -> None:
        """A turn takes long."""
        assert (self.do(self.store.renew([held.real])) == []) == held.is_held
        if held.is_held and held.line.lease_until:
            held.line.lease_until = held.line.ready_at = self.now + 30

    @rule(held=works)
    def leave(self, held: Held) -> None:
        """A turn is left to all that know the same, where there is another: it is as if it had not been claimed."""
        if held.is_held and not held.line.lease_until:
            return
        for store in (self.store, *self.others):
            self.do(store.know({"a flow"}))
        try:
            left = self.do(self.store.leave(held.real, {"a flow"}))
        except LeaseLost:
            assert not held.is_held
            return
        assert (held.is_held, left) == (True, self.is_shared)
        if left:
            held.item.count -= 1
            held.line.release(self.now)

    # Deliveries

    @rule(user=USERS, number=IDS)
    def send(self, user: str, number: str) -> None:
        """Something is sent outside a turn."""
        new = self.do(self.store.send(address(user), (queued(user, number),)))

        assert new == self.talk(user).deliveries.arrive(Item(f"{user}-{number}", "queued", self.now), self.now)

    @rule(target=posts)
    def deliveries(self) -> Any:
        """Claim all that may go out; whatever is not settled belongs to a sender that has died."""
        return self.leased()

    @rule(target=posts)
    def doubt(self) -> Any:
        """Every sender has died, and what they were sending is in doubt for long enough."""
        self.clock.advance(91)
        assert self.leased() is not None
        self.clock.advance(31)
        return self.leased()

    def leased(self) -> Any:
        """Lease the deliveries that are due, in the store and in the model."""
        found = {one.address.user: one for one in self.do(self.store.deliveries(Allowance(others=100)))}
        held = []
        for user, talk in self.talks.items():
            item = talk.deliveries.claim(self.now, 90, take_delivery)
            one = found.pop(user, None)
            assert (one and (one.id, one.attempts)) == (item and (item.id, item.count))
            if item is not None:
                held.append(Held(user, item, talk, talk.deliveries, talk.deliveries.token, 0, one))
        assert found == {}
        return multiple(*held)

    @rule(held=posts, state=SETTLEMENTS)
    def settle(self, held: Held, state: Any) -> None:
        """A POST ends, perhaps once more, or too late."""
        seconds = {"queued": 5, "in_doubt": 30}.get(state)
        settlement = Settlement(
            state=state,
            due_at=None if seconds is None else self.clock.now() + timedelta(seconds=seconds),
            message_id=f"u-{held.item.id}" if state == "sent" else None,
            reason="because",
        )
        kept = self.done(self.store.settle(held.real, settlement))
        if held.is_held:
            self.settled(held, state, seconds)

        assert kept or not held.is_held
        self.same(*self.talks.keys() & {held.user})

    def settled(self, held: Held, state: str, seconds: int | None) -> None:
        """What the end of a POST does in the model; statuses that came before it count now."""
        item = held.item
        if item.state == "sending":
            item.state, item.due_at = state, item.due_at if seconds is None else self.now + seconds
        if state == "sent":
            item.named = True
            for early in sorted(self.early.pop(item.id, ())):
                item.move(WORDS[early])
        held.line.release(self.now)

    @rule(user=USERS, number=IDS, word=st.sampled_from(sorted(WORDS)), by_ours=st.booleans())
    def note(self, user: str, number: str, word: str, *, by_ours: bool) -> None:
        """A status comes, with our id or with the channel's alone."""
        name = f"{user}-{number}"
        status = Status(
            message_id=f"u-{name}", address=address(user), state=word, delivery_id=name if by_ours else None
        )
        noted = self.do(self.store.note(status))
        talk = self.talks.get(user)
        item = next((one for one in talk.deliveries.items if one.id == name), None) if talk else None
        if talk is None or item is None or not (by_ours or item.named):
            self.early[name].add(word)
            assert noted.address is None
            return
        old = item.state
        moved = item.move(WORDS[word])
        if moved and old in ("queued", "sending", "in_doubt") and talk.deliveries.lease_until <= self.now:
            talk.deliveries.release(self.now)
        assert noted.moved_to == (item.state if moved else None)
        self.same(user)

    # The operator

    @rule()
    def replay(self) -> None:
        """An operator puts back all that was set aside."""
        letters = self.do(self.store.dead_letters())
        for talk in self.talks.values():
            talk.events.revive("waiting", self.now)
            talk.deliveries.revive("queued", self.now)

        assert self.do(self.store.replay([letter.id for letter in letters])) == len(letters)
        self.same(*self.talks)

    @rule(user=USERS)
    def forget(self, user: str) -> None:
        """A user is forgotten."""
        talk = self.talks.pop(user, Talk())
        self.forgotten |= {(user, item.id) for item in talk.events.items}
        talk.events.token = talk.deliveries.token = -1
        erased = self.do(self.store.forget(address(user)))

        assert (erased and (erased.events, erased.deliveries)) in (
            None,
            (len(talk.events.items), len(talk.deliveries.items)),
        )
        assert self.do(self.store.conversation(address(user))) is None


def test_sqlite_does_what_the_model_does() -> None:
    """In memory, as fast as it goes."""
    run_state_machine_as_test(StoreMachine, settings=settings(max_examples=60, stateful_step_count=40))


def test_postgres_does_what_the_model_does(postgres: PostgresServer) -> None:
    """On a real server, whose tables are emptied before each example."""
    url = postgres.url()

    class Machine(StoreMachine):
        def __init__(self) -> None:
            asyncio.run(emptied(url))
            super().__init__()

    Machine.url, Machine.is_shared = url, True
    run_state_machine_as_test(Machine, settings=settings(max_examples=25, stateful_step_count=40))


async def emptied(url: str) -> None:
    """Empty the tables of a store, if they are there."""
    plain, _, schema = url.partition("&schema=")
    connection = await asyncpg.connect(plain)
    if await connection.fetchval("SELECT to_regclass($1)", f"{schema}.lanes") is not None:
        tables = (
            "conversations",
            "events",
            "lanes",
            "deliveries",
            "early_statuses",
            "holds",
            "forgotten",
            "paces",
            "workers",
        )
        await connection.execute(f"TRUNCATE {', '.join(f'{schema}.{table}' for table in tables)}")
    await connection.close()
