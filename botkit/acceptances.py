"""What has just been accepted, so that the status that says so once more need not be looked up in the store."""

from typing import Final

from botkit.events import Address, Status
from botkit.work import STATE_OF_STATUS, Delivery

#: Its status follows a delivery within moments; one that comes later is looked up.
LIMIT: Final = 4_096


class Acceptances:
    """The deliveries that this process has kept as ``sent``, the last *limit* of them.

    A status that says just that (``submitted``) is the first of those about most deliveries, and moves none that is
    kept as sent: nothing leads back from there to where it would.

    >>> from botkit.replies import Text
    >>> from datetime import UTC, datetime
    >>> ann, now = Address("messenger", "1070", "ann"), datetime(2026, 11, 28, tzinfo=UTC)
    >>> times = {"queued_at": now, "now": now, "opened_at": now}
    >>> sent = Delivery(id="d1", address=ann, reply=Text("Hi!"), sequence=0, epoch=1, attempts=1, **times)
    >>> acceptances = Acceptances()
    >>> acceptances.add(sent)
    >>> said = Status(message_id="m1", address=ann, state="submitted", delivery_id="d1")
    >>> acceptances.take(said), acceptances.take(said)
    (True, False)
    """

    def __init__(self, limit: int = LIMIT) -> None:
        self._limit = limit
        self._sent: dict[str, Address] = {}

    def add(self, delivery: Delivery) -> None:
        """Remember a delivery that is kept as sent."""
        self._sent[delivery.id] = delivery.address
        if len(self._sent) > self._limit:
            del self._sent[next(iter(self._sent))]

    def take(self, status: Status) -> bool:
        """Whether *status* only says once more that its delivery was accepted; another one like it is looked up."""
        if STATE_OF_STATUS.get(status.state) != "sent" or self._sent.get(status.delivery_id or "") != status.address:
            return False
        del self._sent[status.delivery_id or ""]
        return True
