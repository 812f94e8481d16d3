"""The record of a run: its entries, how far they have been played, and how many messages it has sent since."""

from typing import Final

from botkit.errors import JournalFull
from botkit.flows.entries import Answer, Entry, Journal, text_of

#: How much the journal of one flow may hold.
ENTRY_LIMIT: Final = 200
SIZE_LIMIT: Final = 64 * 1024


class Record:
    """The *journal* of one run while it is played back and written on."""

    def __init__(self, journal: Journal, *, sends: int = 0) -> None:
        self.entries: list[Entry] = list(journal.entries)
        self._text = journal.text
        #: How many messages were sent since the last entry.
        self.sends = sends
        #: How many recorded answers are still to be played.
        self.answers = [type(entry) for entry in self.entries].count(Answer)
        # Asked slots are left out, and found by name.
        self._rest = iter([one for one in self.entries if not one.is_slot])
        #: The next recorded entry, None behind the last.
        self.next = next(self._rest, None)

    @property
    def journal(self) -> Journal:
        """All of it, with what was written on."""
        return Journal(tuple(self.entries), self._text)

    @property
    def number(self) -> int:
        """Which entry is the next one."""
        return next((at for at, one in enumerate(self.entries) if one is self.next), len(self.entries))

    def go_on(self) -> None:
        """Go on behind the entry that was the next one."""
        self.next = next(self._rest, None)
        self.sends = 0

    def slot_answers(self) -> list[Answer]:
        """The answers to asked slots, wherever they stand."""
        return [one for one in self.entries if isinstance(one, Answer) and one.is_slot]

    def write(self, entry: Entry) -> bool:
        """Add an entry; says whether the journal is half full now. Raises JournalFull where there is no room."""
        self.check_room()
        text = text_of(entry)
        grown = f"{self._text},{text}" if self._text else text
        if len(grown) > SIZE_LIMIT:
            raise _full(f"{SIZE_LIMIT} bytes; keep long texts and results elsewhere")
        before, self._text = len(self._text), grown
        self.entries.append(entry)
        if not entry.is_slot:
            # Behind an asked slot comes what is recorded of the handler, if the slot is newer than that.
            self.next, self.sends = None, 0
        return before <= SIZE_LIMIT // 2 < len(grown) or len(self.entries) == ENTRY_LIMIT // 2

    def check_room(self) -> None:
        """Raise JournalFull where there is no room for one more entry."""
        if len(self.entries) >= ENTRY_LIMIT:
            raise _full(f"{ENTRY_LIMIT} entries; end the flow, and let the user begin it again")


def _full(limit: str) -> JournalFull:
    return JournalFull(f"asks and does more in one conversation than its journal may hold, which is {limit}")
