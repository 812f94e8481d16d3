"""The values of all lists together, so that a message looks each of its words up once, however many lists there are."""

from collections.abc import Sequence
from typing import Final

from attrs import define, field

from botkit.language.slots import SlotType
from botkit.language.wordlists import Claims


@define(eq=False)
class Spelling:
    """Words that values of *lists* are spelled with; *key* is equal where the lists are the same.

    *following* is what spellings go on with here, by the word.
    """

    key: int = 0
    lists: dict[str, Claims] = field(factory=dict)
    following: dict[str, "Spelling"] = field(factory=dict)

    def spelled(self, words: Sequence[str]) -> "Spelling":
        """The spelling behind *words*, made if there is none."""
        spelling = self
        for word in words:
            spelling = spelling.following.setdefault(word, Spelling())
        return spelling


#: What a template has read that has no list yet.
NO_LIST: Final = Spelling(lists={"": {}})


class Spellings:
    """All lists, looked up together."""

    def __init__(self) -> None:
        self.root = Spelling()
        #: What values begin with.
        self.first_words = self.root.following.keys()
        #: What they end with.
        self.last_words: set[str] = set()
        #: How many words the longest has.
        self.longest = 0
        self._known: set[str] = set()
        #: The key of the same lists and one more.
        self._keys: dict[tuple[int, str], int] = {}

    def know(self, slot_type: SlotType) -> bool:
        """Take in the values of *slot_type*, if it is a list; whether it is one."""
        if slot_type.spellings is None:
            return False
        if slot_type.name not in self._known:
            self._known.add(slot_type.name)
            for words, claims in slot_type.spellings.claims.items():
                spelling = self.root.spelled(words)
                spelling.lists[slot_type.name] = claims
                key = (spelling.key, slot_type.name)
                spelling.key = self._keys.setdefault(key, len(self._keys) + 1)
                self.last_words.add(words[-1])
                self.longest = max(self.longest, len(words))
        return True
