"""What was said and shown in every conversation, in order: for a page to show, and for a restart to find again."""

import asyncio
import json
import logging
import os
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Final, Literal, TextIO

from attrs import frozen

#: ``said``: a user sent it. ``posted`` and ``status``: a webhook about it was tried. ``shown``: it was accepted for
#: the user. ``refused``: it was not, as the weather had it. ``turn`` and ``delivery``: what the bot's side adds.
#: ``gesture``: what an unsupported message was to the one who sent it.
EntryKind = Literal["said", "posted", "shown", "status", "refused", "turn", "delivery", "gesture"]

MOST: Final = 4_000

_log = logging.getLogger("botkit.simulator")


@frozen(kw_only=True)
class Entry:
    """One thing that happened in the conversation of *user* with *page*; *about* is the id of what it is about.

    *number* counts from 1 and goes on over restarts. *facts* is JSON, and differs with the kind.
    """

    number: int
    kind: EntryKind
    page: str
    user: str
    about: str
    at: datetime
    facts: Mapping[str, object]

    def to_json(self) -> dict[str, object]:
        """The entry as JSON values."""
        return {
            "number": self.number,
            "kind": self.kind,
            "page": self.page,
            "user": self.user,
            "about": self.about,
            "at": self.at.isoformat(),
            "facts": self.facts,
        }


class Record:
    """Every conversation's entries in order, the newest *most* of them; with *path* a restart finds them again.

    The file holds one JSON object a line and can be read by its owner only: it is what people said. A line that a crash
    cut short is left out. Raises OSError where the file cannot be read or made; where it cannot be written later, that
    is logged and the record goes on in memory.

    >>> record = Record()
    >>> record.add("said", page="1", user="ann", about="m1", at=datetime(2026, 1, 1), facts={"text": "hi"})
    >>> [entry.facts["text"] for entry in record.since(0)]
    ['hi']
    """

    def __init__(self, path: Path | None = None, *, most: int = MOST) -> None:
        self._most = most
        self._entries: list[Entry] = []
        self._changed = asyncio.Event()
        self._file: TextIO | None = None
        if path is not None:
            self._entries = _read(path)[-most:]
            _write(path, self._entries)
            self._file = path.open("a", encoding="utf-8", errors="surrogatepass")

    @property
    def last(self) -> int:
        """The number of the newest entry, 0 where there is none."""
        return self._entries[-1].number if self._entries else 0

    def add(
        self, kind: EntryKind, *, page: str, user: str, about: str, at: datetime, facts: Mapping[str, object]
    ) -> None:
        """Write an entry down and wake who follows."""
        entry = Entry(number=self.last + 1, kind=kind, page=page, user=user, about=about, at=at, facts=facts)
        self._entries.append(entry)
        if len(self._entries) > self._most + 500:
            del self._entries[: -self._most]
        self._keep(entry)
        self.wake()

    def _keep(self, entry: Entry) -> None:
        if self._file is None:
            return
        try:
            self._file.write(_line(entry))
            self._file.flush()
        except OSError as error:
            _log.warning("botkit.simulator.record_not_kept", extra={"fields": {"why": os.strerror(error.errno or 0)}})
            self._file = None

    def since(self, number: int) -> Sequence[Entry]:
        """The entries after *number*, oldest first."""
        if not self._entries or number >= self.last:
            return ()
        return self._entries[max(0, number + 1 - self._entries[0].number) :]

    def wake(self) -> None:
        """Let everybody who waits in `news` look again."""
        self._changed.set()
        self._changed = asyncio.Event()

    async def news(self, number: int) -> None:
        """Return once there is an entry after *number*, or somebody calls `wake`."""
        if self.last <= number:
            await self._changed.wait()

    def close(self) -> None:
        """Let go of the file."""
        if self._file is not None:
            self._file.close()
            self._file = None


def _line(entry: Entry) -> str:
    return json.dumps(entry.to_json(), ensure_ascii=True, separators=(",", ":"), default=str) + "\n"


def _read(path: Path) -> list[Entry]:
    try:
        text = path.read_text("utf-8", errors="replace")
    except FileNotFoundError:
        return []
    return [entry for line in text.splitlines() if (entry := _entry(line)) is not None]


def _entry(line: str) -> Entry | None:
    try:
        found = json.loads(line)
        return Entry(**{**found, "at": datetime.fromisoformat(found["at"])})
    except (ValueError, TypeError, KeyError):
        return None


def _write(path: Path, entries: Sequence[Entry]) -> None:
    """Replace the file by one that holds *entries*, whole or not at all."""
    fresh = path.with_name(f"{path.name}.new")
    fresh.unlink(missing_ok=True)
    with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        file.writelines(map(_line, entries))
    fresh.replace(path)
