"""What slots take in one message: found once, and only where somebody asks."""

from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from functools import cached_property
from itertools import accumulate
from operator import itemgetter, sub
from typing import Final

from botkit.language.slots import LIST_SIGN, Context, Found, SlotType, is_sign, last_sign, signs_of
from botkit.language.spellings import Spelling, Spellings
from botkit.language.templates import Item
from botkit.language.text import Tokens
from botkit.language.wordlists import SPELLING_LIMIT, meant

#: The first letter of a word.
_FIRST: Final = itemgetter(slice(1))

#: What values of lists begin, or end, at a token: how many words each has, and who has it.
Spelled = Sequence[tuple[int, Spelling]]


class Takes:
    """The values of slots at the *tokens* of a message, and where they start and end."""

    def __init__(self, tokens: Tokens, context: Context, spellings: Spellings) -> None:
        self.tokens = tokens
        self.words = tokens.words
        #: The words, and what else tells that the message may have something of a type.
        self.said = signs_of(tokens)
        self.said.add(last_sign(tokens.words[-1]))
        if spellings.first_words and not spellings.first_words.isdisjoint(self.said):
            self.said.add(LIST_SIGN)
            if tokens.words[-1] in spellings.last_words:
                self.said.add(last_sign(LIST_SIGN))
        self._context = context
        self._spellings = spellings
        self._values: dict[tuple[str, int], Sequence[Found]] = {}
        self._starts: dict[tuple[str, int], Sequence[int]] = {}
        self._beginning: dict[int, Spelled] = {}
        self._closing: dict[int, Spelled] = {}
        self._figures: Sequence[int] | None = None
        self._counted_from = 0

    def said_from(self, at: int) -> AbstractSet[str]:
        """What is said from a token on, with what the whole message has signs of, but for values of lists."""
        words = self.words[at:]
        said = {*filter(is_sign, self.said), *words}
        if LIST_SIGN in said and self._spellings.first_words.isdisjoint(words):
            said.remove(LIST_SIGN)
        return said

    def figures_from(self, at: int) -> Sequence[int]:
        """How many words begin with a figure from a token on, or from one before it, by where that ends."""
        if self._figures is None or at < self._counted_from:
            counted = accumulate(map(str.isdecimal, map(_FIRST, self.words[at:])), initial=0)
            self._figures, self._counted_from = [*[0] * at, *counted], at
        return self._figures

    def room(self, items: Iterable[Item]) -> int:
        """How many tokens *items* that end with the message may take at most."""
        most = tight = behind = 0
        for item in items:
            behind += 1
            if isinstance(item, str):
                most += 1
            elif item.type.is_tight:
                most, tight, behind = most + 1, tight + item.type.most - 1, 0
            else:
                most += item.type.most
        return most + tight if tight and self._are_joined(most + tight, behind) else most

    @cached_property
    def joined(self) -> int:
        """How many words stand so near to the one before them that something tight may take both."""
        starts, ends = self.tokens.spans
        return [one <= 1 for one in map(sub, starts[1:], ends)].count(True)

    def _are_joined(self, last: int, but: int) -> bool:
        """Whether a tight slot may take more than one of the *last* words *but* some, since they stand so near."""
        first, end = max(0, len(self.words) - last), len(self.words) - but
        return any(one <= 1 for one in map(sub, self.tokens.starts[first + 1 : end], self.tokens.ends[first:]))

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
            words = self.words[at : at + SPELLING_LIMIT]
            self._beginning[at] = self._spellings.forwards.longest_first(words)
        return self._beginning[at]

    def spelled_to(self, end: int) -> Spelled:
        """What values of lists end at a token."""
        if end not in self._closing:
            words = self.words[end - SPELLING_LIMIT if end > SPELLING_LIMIT else 0 : end]
            self._closing[end] = self._spellings.backwards.longest_first(reversed(words))
        return self._closing[end]

    def value(self, slot_type: SlotType, start: int, end: int) -> object:
        """The value of a slot that takes the tokens from *start* up to *end*."""
        if slot_type.spellings is not None:
            return meant(slot_type.spellings.claims[self.words[start:end]], self.tokens, start, end)
        if slot_type.find_back is not None:
            return self.tokens.original(start, end)
        return next(value for place, value in self.values(slot_type, start) if place == end)

    def _starting(self, slot_type: SlotType, end: int) -> Sequence[int]:
        name = slot_type.name
        if slot_type.spellings is not None:
            return [end - length for length, spelling in self.spelled_to(end) if name in spelling.lists]
        if slot_type.find_back is not None:
            return slot_type.find_back(self.tokens, end)
        if slot_type.is_figures and not self.words[end - 1][:1].isdecimal():
            return ()
        if slot_type.signs and slot_type.sign not in self.said:
            return ()
        possible = self._possible(slot_type, end)
        return [start for start in possible for place, _ in self.values(slot_type, start) if place == end]

    def _valued(self, slot_type: SlotType, at: int) -> Sequence[Found]:
        if slot_type.spellings is None:
            if not slot_type.may_begin_with(self.words[at]):
                return ()
            return slot_type.values(self.tokens, at, self._context)
        name, said = slot_type.name, self.tokens
        return [
            (at + length, meant(spelling.lists[name], said, at, at + length))
            for length, spelling in self.spelled_from(at)
            if name in spelling.lists
        ]

    def _possible(self, slot_type: SlotType, end: int) -> range:
        furthest = max(0, end - slot_type.most)
        if slot_type.is_tight:
            (starts, ends), first = self.tokens.spans, end - 1
            while first > furthest and starts[first] - ends[first - 1] <= 1:
                first -= 1
            furthest = first
        if slot_type.is_unbroken:
            goes_on = end < len(self.words) and self.tokens.unbroken(end + 1) < end
            furthest = end if goes_on else max(furthest, self.tokens.unbroken(end))
        return range(furthest, end)
