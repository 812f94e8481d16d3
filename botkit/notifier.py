"""Notices out: owners are told of handovers, each at least once, however often that has to be tried."""

import asyncio
from collections.abc import Callable, Mapping
from datetime import timedelta
from functools import partial
from random import Random
from typing import Final

from botkit.backoff import Backoff
from botkit.errors import StoreError
from botkit.notices import Webhook
from botkit.observe import Alarm, NoticeTold, Observer
from botkit.patience import until_kept
from botkit.stores import Store
from botkit.work import Notice

POLL_SECONDS: Final = 0.5
AT_ONCE: Final = 8

_RETRIES: Final = Backoff(first_seconds=2.0, longest_seconds=900.0)


class Notifier:
    """Tells owners for as long as it runs; *letter* says what. Without a *webhook* nobody is told but the operator."""

    def __init__(
        self,
        *,
        store: Store,
        webhook: Webhook | None,
        letter: Callable[[Notice], Mapping[str, object]],
        observer: Observer,
        rng: Random,
    ) -> None:
        self._store = store
        self._webhook = webhook
        self._letter = letter
        self._observer = observer
        self._rng = rng

    async def run(self) -> None:
        """Tell what is to be told, and look for more."""
        while True:
            if not await self.round():
                await asyncio.sleep(POLL_SECONDS)

    async def round(self) -> int:
        """Tell what is due now; returns how many notices that were."""
        try:
            notices = await self._store.notices(AT_ONCE)
        except StoreError as error:
            self._observer(Alarm("store_unavailable", str(error)))
            return 0
        await asyncio.gather(*map(self._tell, notices))
        return len(notices)

    async def _tell(self, notice: Notice) -> None:
        started = asyncio.get_running_loop().time()
        if self._webhook is None:
            reason = None
            self._observer(Alarm("handover_untold", _UNTOLD.format(page=notice.address.page)))
        else:
            reason = await self._webhook.post(self._letter(notice), key=notice.mute.id)
        wait = timedelta(seconds=_RETRIES.seconds(notice.attempts, self._rng))
        retry_at = None if reason is None else notice.now + wait
        await until_kept(partial(self._store.told, notice, retry_at), self._observer)
        if self._webhook is not None:
            self._observe(notice, reason, asyncio.get_running_loop().time() - started)

    def _observe(self, notice: Notice, reason: str | None, seconds: float) -> None:
        self._observer(
            NoticeTold(
                address=notice.address,
                notice_id=notice.mute.id,
                taken=reason is None,
                attempts=notice.attempts,
                reason=reason,
                seconds=seconds,
            )
        )
        if reason is not None:
            self._observer(Alarm("notice_not_taken", _NOT_TAKEN.format(page=notice.address.page, reason=reason)))


_UNTOLD: Final = (
    "A conversation on page {page} was handed over to a person, and nobody is told: name a webhook under handover: in "
    "bots.yaml. `botkit user muted` says whose it is."
)
_NOT_TAKEN: Final = (
    "The owner of page {page} is still to be told of a handover: the webhook under handover: did not take it, {reason}."
    " It is tried again; see botkit queue."
)
