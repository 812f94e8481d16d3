"""The values of all lists together, so that a message looks each of its words up once, however many lists there are."""

from collections.abc import Iterable, Iterator, KeysView, Sequence
from typing import Final

from attrs import define, field

from botkit.language.slots import SlotType
from botkit.language.wordlists import Claims


@define(eq=False)
class Spelling:
    """Words that values of *lists* are spelled with; *key* is equal where the lists are the same."""

    key: int = 0
    lists: dict[str, Claims] = field(factory=dict)
    _following: dict[str, "Spelling"] = field(factory=dict)

    @property
    def words(self) -> KeysView[str]:
        """What spellings go on with here, one word each."""
        return self._following.keys()

    def longest_first(self, words: Iterable[str]) -> list[tuple[int, "Spelling"]]:
        """The spellings that *words* begin with, each with how many words it has."""
        found, spelling = [], self
        for length, word in enumerate(words, 1):
            following = spelling._following.get(word)
            if following is None:
                break
            spelling = following
            if spelling.lists:
                found.append((length, spelling))
        found.reverse()
        return found

    def spelled(self, words: Sequence[str]) -> "Spelling":
        """The spelling behind *words*, made if there is none."""
        spelling = self
        for word in words:
            spelling = spelling._following.setdefault(word, Spelling())
        return spelling


#: What a template has read that has no list yet.
NO_LIST: Final = Spelling(lists={"": {}})


class Spellings:
    """All lists, looked up from the first word of a value on, or from its last word backwards."""

    def __init__(self) -> None:
        self.forwards = Spelling()
        self.backwards = Spelling()
        #: What values begin with.
        self.first_words = self.forwards.words
        #: What they end with.
        self.last_words = self.backwards.words
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
                for spelling in self._both(words):
                    spelling.lists[slot_type.name] = claims
                    key = (spelling.key, slot_type.name)
                    spelling.key = self._keys.setdefault(key, len(self._keys) + 1)
        return True

    def _both(self, words: Sequence[str]) -> Iterator[Spelling]:
        yield self.forwards.spelled(words)
        yield self.backwards.spelled(words[::-1])
