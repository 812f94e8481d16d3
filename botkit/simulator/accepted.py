"""What the simulator has accepted, and who waits for more of it."""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Final, Literal

from attrs import field, frozen

API = Literal["v1", "v0.1"]
Parties = tuple[str, str]

#: What is sent by its URL.
MEDIA: Final = ("image", "audio", "video", "file")


class NoReply(Exception):
    """The user was sent nothing in time, or the bot did not take the webhook; look at what the bot logs."""


@frozen(kw_only=True)
class Accepted:
    """One message that was taken for delivery: the *api* it came by, who may send it and what Messenger would show.

    *text* is empty unless *kind* is ``text``; *url* is None unless it is image, audio, video or file. *raw* is the
    request's JSON. A message is here from the moment it was taken, also when its sender was never told.
    """

    message_uuid: str
    page: str
    user: str
    kind: str
    text: str
    url: str | None
    client_ref: str | None
    api: API
    authorised_by: Literal["jwt", "basic"]
    at: datetime
    raw: Mapping[str, object] = field(repr=False)

    def shown(self) -> str:
        """The message in a line: its text, or its kind and URL."""
        return self.text if self.kind == "text" else f"[{self.kind}] {self.url or ''}".rstrip()


class Ledger:
    """Everything accepted: all of it in order, and by conversation.

    A conversation is looked up without going through the others, so that a burst costs what its own length costs.
    *told* is called with each.
    """

    def __init__(self, told: Callable[[Accepted], None] = lambda accepted: None) -> None:
        self._told = told
        self.all: Final[list[Accepted]] = []
        self._by_parties: defaultdict[Parties, list[Accepted]] = defaultdict(list)
        self._awaited: dict[Parties, asyncio.Event] = {}

    def add(self, accepted: Accepted) -> None:
        """Write *accepted* down and wake who waits for it."""
        parties = accepted.page, accepted.user
        self.all.append(accepted)
        self._by_parties[parties].append(accepted)
        self._told(accepted)
        if awaited := self._awaited.pop(parties, None):
            awaited.set()

    def of(self, page: str, user: str) -> Sequence[Accepted]:
        """What *user* was sent by *page*, in order."""
        return self._by_parties.get((page, user), ())

    async def wait_for(self, count: int, page: str, user: str) -> None:
        """Wait, for as long as it takes, until *user* was sent *count* messages in all."""
        while len(self.of(page, user)) < count:
            await self._awaited.setdefault((page, user), asyncio.Event()).wait()

    async def wait_for_silence(self, seconds: float, page: str, user: str) -> None:
        """Wait until *user* was sent nothing for *seconds*."""
        while True:
            try:
                async with asyncio.timeout(seconds):
                    await self.wait_for(len(self.of(page, user)) + 1, page, user)
            except TimeoutError:
                return
