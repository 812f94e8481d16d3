"""What slots take in one message: found once, and only where somebody asks."""

from collections.abc import Sequence
from collections.abc import Set as AbstractSet

from botkit.language.slots import Context, Found, SlotType, signs_of
from botkit.language.spellings import Spelling, Spellings
from botkit.language.text import Tokens
from botkit.language.wordlists import SPELLING_LIMIT, meant

#: What values of lists begin, or end, at a token: how many words each has, and who has it.
Spelled = Sequence[tuple[int, Spelling]]


class Takes:
    """The values of slots at the *tokens* of a message, and where they start and end."""

    def __init__(self, tokens: Tokens, context: Context, spellings: Spellings) -> None:
        self.tokens = tokens
        self.words = tokens.words
        #: The words, and what else tells that the message may have something of a type.
        self.said = signs_of(tokens)
        self._context = context
        self._spellings = spellings
        self._values: dict[tuple[str, int], Sequence[Found]] = {}
        self._starts: dict[tuple[str, int], Sequence[int]] = {}
        self._beginning: dict[int, Spelled] = {}
        self._closing: dict[int, Spelled] = {}
        #: Where each word stands last.
        self._last: dict[str, int] = {}

    def lacks(self, needs: AbstractSet[str], first: int) -> bool:
        """Whether one of the words that something *needs* stands only before a token."""
        last = self._last = self._last or {word: at for at, word in enumerate(self.words)}
        return any(last.get(need, first) < first for need in needs)

    def values(self, slot_type: SlotType, at: int) -> Sequence[Found]:
        """Where a slot ends that starts at a token, and its value, the one to be preferred first."""
        key = (slot_type.name, at)
        found = self._values.get(key)
        if found is None:
            found = self._values[key] = self._valued(slot_type, at)
        return found

    def starts(self, slot_type: SlotType, end: int) -> Sequence[int]:
        """Where a slot starts that ends at a token."""
        key = (slot_type.name, end)
        found = self._starts.get(key)
        if found is None:
            found = self._starts[key] = self._starting(slot_type, end)
        return found

    def spelled_from(self, at: int) -> Spelled:
        """What values of lists begin at a token."""
        if at not in self._beginning:
            self._beginning[at] = self._spellings.forwards.longest_first(self.words[at : at + SPELLING_LIMIT])
        return self._beginning[at]

    def spelled_to(self, end: int) -> Spelled:
        """What values of lists end at a token."""
        if end not in self._closing:
            words = self.words[end - SPELLING_LIMIT if end > SPELLING_LIMIT else 0 : end][::-1]
            self._closing[end] = self._spellings.backwards.longest_first(words)
        return self._closing[end]

    def _valued(self, slot_type: SlotType, at: int) -> Sequence[Found]:
        if slot_type.spellings is None:
            return slot_type.values(self.tokens, at, self._context)
        name, said = slot_type.name, self.tokens
        return [
            (at + length, meant(spelling.lists[name], said, at, at + length))
            for length, spelling in self.spelled_from(at)
            if name in spelling.lists
        ]

    def _starting(self, slot_type: SlotType, end: int) -> Sequence[int]:
        if slot_type.spellings is not None:
            return [end - length for length, spelling in self.spelled_to(end) if slot_type.name in spelling.lists]
        return [
            start
            for start in self._possible(slot_type, end)
            for place, _ in self.values(slot_type, start)
            if place == end
        ]

    def _possible(self, slot_type: SlotType, end: int) -> range:
        furthest = max(0, end - slot_type.most)
        if slot_type.signs and slot_type.sign not in self.said:
            return range(0)
        if slot_type.is_tight:
            starts, ends, first = self.tokens.starts, self.tokens.ends, end - 1
            while first > furthest and starts[first] - ends[first - 1] <= 1:
                first -= 1
            furthest = first
        if slot_type.is_unbroken:
            goes_on = end < len(self.words) and self.tokens.unbroken(end + 1) < end
            furthest = end if goes_on else max(furthest, self.tokens.unbroken(end))
        return range(furthest, end)
