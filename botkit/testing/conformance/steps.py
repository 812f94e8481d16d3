"""What the checks share: users, messages, and the steps that lead to where a check begins."""

from typing import Final

from botkit.events import Address, Message, Status
from botkit.replies import Text
from botkit.stores import Engine
from botkit.work import Allowance, Conversation, Delivery, Outcome, Queued, Settlement, Work

ANN: Final = Address("messenger", "1070", "ann")
BOB: Final = Address("messenger", "1070", "bob")
PLENTY: Final = Allowance(others=100)


def message(number: int, address: Address = ANN, text: str = "hello") -> Message:
    """A message with an id of its own."""
    return Message(id=f"m{number}", address=address, kind="text", text=text)


def replies(*texts: str) -> tuple[Queued, ...]:
    """Deliveries whose ids are their texts."""
    return tuple(Queued(text, Text(text)) for text in texts)


def status(state: str, *, ref: str | None = None, uuid: str = "u1", address: Address = ANN) -> Status:
    """A status of a delivery, by our id or by the channel's."""
    return Status(message_id=uuid, address=address, state=state, delivery_id=ref)


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


async def kept(store: Engine, address: Address = ANN) -> Conversation:
    """What is kept of a conversation of which something is."""
    conversation = await store.conversation(address)
    assert conversation is not None
    return conversation


async def states(store: Engine, address: Address = ANN) -> list[str]:
    """The states of a conversation's deliveries, in order."""
    return [delivery.state for delivery in (await kept(store, address)).deliveries]


def sent(uuid: str = "u1") -> Settlement:
    """The channel accepted it."""
    return Settlement(state="sent", message_id=uuid)
