"""What a store does, in memory and in few lines: the oracle of the model test. Times are in seconds."""

from collections.abc import Callable
from itertools import count

from attrs import Factory, define

from botkit.work import OPEN, DeliveryState, may_move

_tokens = count(1)


@define
class Item:
    """An event or a delivery; *count* is how often it was claimed or sent, *named* whether its message id is known."""

    id: str
    state: str
    due_at: float
    count: int = 0
    failures: int = 0
    named: bool = False

    def move(self, state: DeliveryState) -> bool:
        """Have a status move a delivery."""
        if moves := may_move(self.state, state):  # type: ignore[arg-type]  # deliveries have no other states
            self.state, self.named = state, True
        return moves


@define
class Line:
    """Items that are handed out one at a time, in order; *token* is that of the last claim."""

    items: list[Item] = Factory(list)
    ready_at: float | None = None
    lease_until: float = 0
    token: int = 0

    def arrive(self, item: Item, now: float) -> bool:
        """Add *item*, once."""
        if any(item.id == other.id for other in self.items):
            return False
        self.items, self.ready_at = [*self.items, item], now if self.ready_at is None else self.ready_at
        return True

    def release(self, now: float) -> None:
        """End the lease; ready again when the oldest open item is due."""
        head = next((item for item in self.items if item.state in {"waiting", *OPEN}), None)
        self.lease_until, self.ready_at = 0, max(head.due_at, now) if head else None

    def revive(self, state: str, now: float) -> None:
        """Put back what is dead."""
        for item in self.items:
            if item.state == "dead":
                item.state, item.count, item.failures, item.due_at = state, 0, 0, now
                self.ready_at = self.ready_at if self.lease_until > now else now

    def claim(self, now: float, seconds: float, take: Callable[[Item, float], bool]) -> Item | None:
        """Lease the line, if it is ready and its oldest open item can be taken."""
        if self.ready_at is None or self.ready_at > now:
            return None
        self.token, self.lease_until = next(_tokens), now + seconds
        for item in self.items:
            if item.state in {"waiting", *OPEN} and (take(item, now) or item.state != "dead"):
                if item.state == "in_doubt":
                    break
                self.ready_at = self.lease_until
                return item
        self.release(now)
        return None


@define
class Talk:
    """One conversation."""

    events: Line = Factory(Line)
    deliveries: Line = Factory(Line)
    session: dict[str, object] = Factory(dict)
