"""The record of a run: its entries, how far they have been played, and how many messages it has sent since."""

from collections.abc import Iterable

from botkit.errors import JournalFull
from botkit.flows.journal import ENTRY_LIMIT, SIZE_LIMIT, Answer, Entry, Result
from botkit.flows.kept import size_of


class Record:
    """The journal of one run while it is played back and written on; it has at most *size* bytes already."""

    def __init__(self, entries: Iterable[Entry], *, sends: int = 0, size: int = 0) -> None:
        self.entries: list[Entry] = list(entries)
        #: How many messages were sent since the last entry.
        self.sends = sends
        #: How many recorded answers are still to be played.
        self.answers = sum(isinstance(entry, Answer) for entry in self.entries)
        self._cursor = 0
        # What is far from the limit is not weighed exactly.
        self._size = size if size < SIZE_LIMIT // 4 else -1

    def next(self) -> Entry | None:
        """The next recorded entry, None behind the last; asked slots are left out, and found by name."""
        entries = self.entries
        for number in range(self._cursor, len(entries)):
            entry = entries[number]
            if isinstance(entry, Result) or not entry.is_slot:
                return entry
        return None

    def number_of(self, entry: Entry | None) -> int:
        """Which entry of the journal it is, counted from 0."""
        return len(self.entries) if entry is None else self.entries.index(entry, self._cursor)

    def played(self, entry: Entry) -> None:
        """Go on behind the recorded *entry*."""
        self._cursor = self.number_of(entry) + 1
        self.sends = 0

    def slot_answers(self) -> list[Answer]:
        """The answers to asked slots, wherever they stand."""
        return [one for one in self.entries if isinstance(one, Answer) and one.is_slot]

    def write(self, entry: Entry) -> bool:
        """Add an entry; says whether the journal is half full now. Raises JournalFull where there is no room."""
        self.check_room()
        before = self._size
        self._size += size_of([entry])
        if self._size > SIZE_LIMIT:
            raise _full(f"{SIZE_LIMIT} bytes; keep long texts and results elsewhere")
        self.entries.append(entry)
        self._cursor = len(self.entries)
        self.sends = 0
        return before <= SIZE_LIMIT // 2 < self._size or len(self.entries) == ENTRY_LIMIT // 2

    def check_room(self) -> None:
        """Raise JournalFull where there is no room for one more entry."""
        if self._size < 0:
            self._size = size_of(self.entries)
        if len(self.entries) >= ENTRY_LIMIT:
            raise _full(f"{ENTRY_LIMIT} entries; end the flow, and let the user begin it again")


def _full(limit: str) -> JournalFull:
    return JournalFull(f"asks and does more in one conversation than its journal may hold, which is {limit}")
