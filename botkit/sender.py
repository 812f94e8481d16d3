"""Deliveries out: one POST at a time in each conversation, as fast as each page may, and an honest word about each."""

import asyncio
import logging
from collections import Counter
from datetime import datetime, timedelta
from functools import partial
from random import Random
from typing import Final

from attrs import define

from botkit.acceptances import Acceptances
from botkit.backoff import Backoff
from botkit.channels import Channel
from botkit.errors import AccountBlocked, ChannelError, InDoubt, LeaseLost, Rejected, StoreError, Unavailable
from botkit.failure import traced
from botkit.observe import Alarm, Clock, DeliveryMoved, Observer
from botkit.pace import Pace
from botkit.patience import Rest, until_kept
from botkit.replies import Limits
from botkit.stores import Store
from botkit.work import EVERY_PAGE, Allowance, Delivery, Hold, Settlement

POLL_SECONDS: Final = 0.5
_log = logging.getLogger("botkit.sender")
WINDOW: Final = timedelta(hours=24)
GIVE_UP_AFTER: Final = timedelta(hours=24)
IN_FLIGHT_PER_PAGE: Final = 192

#: After so many POSTs in a row that ended in 5xx or in nothing the page rests; after 429 it does at once.
REFUSALS_BEFORE_REST: Final = 3

#: Nothing was accepted: try again soon, ever more slowly.
_UNAVAILABLE: Final = Backoff(first_seconds=1, longest_seconds=300)
#: The account may not send: only an operator helps.
_BLOCKED: Final = Backoff(first_seconds=30, longest_seconds=900)
_LONGEST_DOUBT_SECONDS: Final = 900


@define
class _Page:
    """What the sender knows of one page: its pace, a slower one for audio and video, and what is on its way.

    *refusals* counts the POSTs in a row that the other end did not take; until one is taken only one is tried at once.
    """

    limits: Limits
    pace: Pace
    media: Pace
    in_flight: int = 0
    refusals: int = 0

    @property
    def room(self) -> int:
        """How many more may be on their way."""
        return (IN_FLIGHT_PER_PAGE if self.refusals == 0 else 1) - self.in_flight


class Sender:
    """Sends deliveries until it is told to stop.

    A delivery outside the 24-hour window is given up just before its POST. What the channel did not take is tried
    again; what it may have taken waits for a status until *doubt_seconds* are over (doubling with each attempt) and is
    then sent again; what it will never take is dead.
    """

    def __init__(
        self,
        *,
        store: Store,
        channel: Channel,
        observer: Observer,
        clock: Clock,
        rng: Random,
        acceptances: Acceptances | None = None,
        doubt_seconds: float = 30.0,
    ) -> None:
        self._acceptances = acceptances or Acceptances()
        self._store = store
        self._channel = channel
        self._observer = observer
        self._clock = clock
        self._rng = rng
        self._doubts = Backoff(first_seconds=doubt_seconds, longest_seconds=max(doubt_seconds, _LONGEST_DOUBT_SECONDS))
        self._pages: dict[str, _Page] = {}
        self._sending: set[asyncio.Task[None]] = set()
        self._draining = False
        self._since: datetime | None = None
        self._rest = Rest()

    async def run(self) -> None:
        """Send until `drain`; then go on for as long as something may go out at once or is on its way."""
        try:
            is_last = False
            while not is_last:
                # What came in the round in which it was told to stop is looked for once more.
                is_draining = self._draining
                is_last = not await self._round() and not self._sending and is_draining
        finally:
            for task in self._sending:
                task.cancel()

    def drain(self, since: datetime | None = None) -> None:
        """Let `run` return once nothing more may go out; what was queued before *since* is left where it is."""
        self._draining, self._since = True, since
        self._rest.end()

    async def _round(self) -> bool:
        """Start what may go out, then rest; False if there was nothing, and no page waits only for its pace."""
        allowance = self._allowance()
        try:
            deliveries = await self._store.deliveries(allowance)
        except StoreError as error:
            self._observer(Alarm("store_unavailable", str(error)))
            await asyncio.sleep(POLL_SECONDS)
            return False
        for delivery in deliveries:
            self._start(delivery)
        rest = self._rest_seconds(allowance, Counter(delivery.address.page for delivery in deliveries))
        if self._draining and not self._sending and rest >= POLL_SECONDS:
            return False
        if rest > 0:
            await self._rest.during(self._store.wait("deliveries", rest))
        return bool(deliveries) or rest < POLL_SECONDS

    def _allowance(self) -> Allowance:
        now = self._clock.now()
        return Allowance(
            pages={name: max(0, min(page.pace.free(now), page.room)) for name, page in self._pages.items()},
            per_second={name: page.limits.messages_per_second for name, page in self._pages.items()},
            since=self._since,
        )

    def _rest_seconds(self, allowance: Allowance, taken: Counter[str]) -> float:
        """How long nothing can be due: until a page that used up its allowance may send again, at most one poll."""
        now = self._clock.now()
        spent = [page for name, page in self._pages.items() if taken[name] >= allowance.of(name)]
        waits = [POLL_SECONDS if page.room <= 0 else (page.pace.next_at(now) - now).total_seconds() for page in spent]
        return min([POLL_SECONDS, *waits])

    def _start(self, delivery: Delivery) -> None:
        page = self._page(delivery)
        page.pace.take(self._clock.now())
        page.in_flight += 1
        task = asyncio.create_task(self._send(delivery, page))
        self._sending.add(task)
        task.add_done_callback(self._sending.discard)

    def _page(self, delivery: Delivery) -> _Page:
        name = delivery.address.page
        if name not in self._pages:
            limits = self._channel.limits(name)
            self._pages[name] = _Page(limits, Pace(limits.messages_per_second), Pace(limits.media_per_second))
        return self._pages[name]

    async def _send(self, delivery: Delivery, page: _Page) -> None:
        loop = asyncio.get_running_loop()
        started = loop.time()
        try:
            settlement = await self._settlement(delivery, page)
            seconds = loop.time() - started
            await until_kept(partial(self._store.settle, delivery, settlement), self._observer)
        except LeaseLost as error:
            self._observer(Alarm("delivery_lease_lost", str(error)))
            return
        finally:
            page.in_flight -= 1
        if settlement.state == "sent":
            self._acceptances.add(delivery)
        self._observer(
            DeliveryMoved(
                address=delivery.address,
                delivery_id=delivery.id,
                state=settlement.state,
                attempts=delivery.attempts,
                reason=settlement.reason,
                seconds=seconds,
            )
        )

    async def _settlement(self, delivery: Delivery, page: _Page) -> Settlement:
        now = self._clock.now()
        if why := _given_up(delivery, now):
            return Settlement(state="dead", reason=why)
        if delivery.reply.kind in ("audio", "video"):
            if not page.media.free(now):
                return Settlement(state="queued", due_at=page.media.next_at(now), reason="media_rate")
            page.media.take(now)
        try:
            message_id = await self._channel.send(delivery)
        except ChannelError as error:
            return self._after(error, delivery, page)
        except Exception as error:  # noqa: BLE001 - one of the two places that answer for everything
            # A fault of botkit's own, after which nobody knows whether the request went out.
            _log.error("botkit.sender.fault", extra={"fields": traced(error)})
            return self._after(
                InDoubt(f"botkit itself failed with {type(error).__name__}", reason="fault"), delivery, page
            )
        page.refusals = 0
        return Settlement(state="sent", message_id=message_id)

    def _after(self, error: ChannelError, delivery: Delivery, page: _Page) -> Settlement:
        """Decide what becomes of a delivery that was not accepted, or may not have been."""
        now = self._clock.now()
        if isinstance(error, Rejected):
            page.refusals = 0
            return Settlement(state="dead", reason=f"{error.reason}: {error}")
        page.refusals += 1
        hold = self._hold(error, delivery, page)
        if now - delivery.queued_at >= GIVE_UP_AFTER:
            reason = f"given up after 24 hours, {error.reason}: {error}"
            return Settlement(state="dead", reason=reason, hold=hold)
        if isinstance(error, InDoubt):
            due_at = now + timedelta(seconds=self._doubts.seconds(delivery.attempts))
            return Settlement(state="in_doubt", due_at=due_at, reason=error.reason, hold=hold)
        due_at = hold.until if hold else now + timedelta(seconds=self._wait_seconds(error, delivery.attempts))
        return Settlement(state="queued", due_at=due_at, reason=error.reason, hold=hold)

    def _hold(self, error: ChannelError, delivery: Delivery, page: _Page) -> Hold | None:
        """Whether whole pages rest: the account's where it may not send, the one where the other end is overwhelmed."""
        name = delivery.address.page
        if isinstance(error, AccountBlocked):
            self._observer(Alarm(f"account_{error.reason}", str(error)))
            names = self._channel.account_pages(name)
        elif error.status == 429 or page.refusals >= REFUSALS_BEFORE_REST:
            names = (name,)
        else:
            return None
        until = self._clock.now() + timedelta(seconds=self._wait_seconds(error, page.refusals))
        for other, known in self._pages.items():
            if other in names or EVERY_PAGE in names:
                known.pace.hold(until)
                known.refusals = max(known.refusals, 1)
        return Hold(names, until, error.reason)

    def _wait_seconds(self, error: ChannelError, attempts: int) -> float:
        if isinstance(error, AccountBlocked):
            return _BLOCKED.seconds(attempts, self._rng)
        if isinstance(error, Unavailable) and error.retry_after_seconds is not None:
            return error.retry_after_seconds
        return _UNAVAILABLE.seconds(attempts, self._rng)


def _given_up(delivery: Delivery, now: datetime) -> str | None:
    """Why this delivery is not sent at all, None if it is."""
    if delivery.is_doubted and delivery.reply.in_doubt == "drop":
        return "in_doubt: it may have arrived, and was not to be sent twice"
    return _window_closed(delivery, now)


def _window_closed(delivery: Delivery, now: datetime) -> str | None:
    """Why Messenger would refuse this delivery for coming too late, None if it would not."""
    if delivery.reply.bypasses_window:
        return None
    if delivery.opened_at is None:
        return "window_closed: the user has never written to this page"
    if now - delivery.opened_at > WINDOW:
        return f"window_closed: the user last wrote at {delivery.opened_at:%Y-%m-%d %H:%M} UTC, more than 24 hours ago"
    return None
