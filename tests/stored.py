"""What the tests of stores share: users, messages, and the steps that lead to where a test begins."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from botkit.events import Address, Message, Status
from botkit.replies import Text
from botkit.stores import Engine, open_store
from botkit.testing import FakeClock
from botkit.work import Allowance, Delivery, Outcome, Queued, Settlement, Work

ANN = Address("messenger", "1070", "ann")
BOB = Address("messenger", "1070", "bob")
PLENTY = Allowance(others=100)


def message(number: int, address: Address = ANN, text: str = "hello") -> Message:
    """A message with an id of its own."""
    return Message(id=f"m{number}", address=address, kind="text", text=text)


def replies(*texts: str) -> tuple[Queued, ...]:
    """Deliveries whose ids are their texts."""
    return tuple(Queued(text, Text(text)) for text in texts)


def status(state: str, *, ref: str | None = None, uuid: str = "u1", address: Address = ANN) -> Status:
    """A status of a delivery, by our id or by the channel's."""
    return Status(message_id=uuid, address=address, state=state, delivery_id=ref)


@asynccontextmanager
async def opened(kind: str, folder: Path, clock: FakeClock) -> AsyncIterator[Engine]:
    """An open, empty store, in a file or in memory."""
    engine = open_store(str(folder / "botkit.db") if kind == "file" else ":memory:", clock=clock)
    await engine.open()
    yield engine
    await engine.close()


async def claimed(store: Engine, event: Message | None = None) -> Work:
    """Accept *event* and claim the one conversation that is ready."""
    await store.accept(event or message(1))
    (work,) = await store.claim(10)
    return work


async def answered(store: Engine, *texts: str, event: Message | None = None) -> None:
    """Have a turn answer with *texts*."""
    await store.commit(await claimed(store, event), Outcome(deliveries=replies(*texts)))


async def sending(store: Engine) -> Delivery:
    """The one delivery that may go out now."""
    (delivery,) = await store.deliveries(PLENTY)
    return delivery


async def states(store: Engine, address: Address = ANN) -> list[str]:
    """The states of a conversation's deliveries, in order."""
    conversation = await store.conversation(address)
    assert conversation is not None
    return [delivery.state for delivery in conversation.deliveries]


def sent(uuid: str = "u1") -> Settlement:
    """The channel accepted it."""
    return Settlement(state="sent", message_id=uuid)
