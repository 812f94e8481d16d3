"""What slots take in one message, and where words stand: found once, and only where somebody asks."""

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from functools import cached_property
from operator import sub
from typing import Final

from botkit.language.effort import GATHERED, LOOKED_AT, TAKEN_DOWN, steps_for
from botkit.language.signs import ADDRESSES, last_sign, signs_of
from botkit.language.slots import LIST_SIGN, Context, Found, SlotType
from botkit.language.spellings import Spelling, Spellings
from botkit.language.spots import Spots, lowest
from botkit.language.text import Tokens
from botkit.language.wordlists import meant

#: By how many tokens something takes, where it takes them from.
Lengths = Mapping[int, Spots]
#: So many tokens side by side are looked at together, a power of two.
_BLOCK: Final = 16
#: What so small a part of the words says alone is not told apart from what all say.
_PART: Final = 16
#: Looked for nowhere, and not found.
_NOTHING: Final[tuple[Spots, Lengths]] = (0, {})


class Takes:
    """The values of slots at the *tokens* of a message, and where they start and end."""

    def __init__(self, tokens: Tokens, context: Context, spellings: Spellings) -> None:
        self.tokens = tokens
        self.words = tokens.words
        *before, last = tokens.words
        words = set(before)
        signs = signs_of(tokens.surface, words, last)
        if last in spellings.first_words or not spellings.first_words.isdisjoint(words):
            signs.add(LIST_SIGN)
            if last in spellings.last_words:
                signs.add(last_sign(LIST_SIGN))
        words |= signs
        #: What tells that the message may have something of a type, and how it ends.
        self._signs = signs
        #: That, and the words before the last.
        self.said: AbstractSet[str] = words
        #: Whether there may be something that takes as many words as there are without a space.
        self.has_address = not signs.isdisjoint(ADDRESSES)
        #: How many words a value of a list has at most.
        self.longest = spellings.longest
        #: How many steps may still be taken; what is found by then is what there is.
        self.steps = steps_for(len(tokens.surface), len(tokens.words))
        self._context = context
        self._spellings = spellings
        self._values: dict[tuple[str, int], Sequence[Found]] = {}
        #: By slot type, where it was looked for, and what was found.
        self._lengths: dict[str, tuple[Spots, Lengths]] = {}
        #: By its key, a spelling and where all of that key are; and where those were looked for.
        self._spelled: dict[int, tuple[Spelling, dict[int, Spots]]] = {}
        self._spelled_at: Spots = 0
        self._places: dict[str, Spots] = {}
        self._placed: Spots = 0

    @cached_property
    def joined(self) -> int:
        """How many words stand so near to the one before them that something tight may take both."""
        starts, ends = self.tokens.spans.of(0, len(self.words))
        return [one <= 1 for one in map(sub, starts[1:], ends)].count(True)

    def said_from(self, at: int) -> AbstractSet[str]:
        """What is `said` from a token on, and perhaps before; where there are types, but for lists, in all words."""
        if at <= len(self.words) // _PART:
            # Nearly all is said behind it.
            return self.said
        words = self.words[at:]
        self.steps -= len(words) // GATHERED
        said = self._signs.union(words[:-1])
        if LIST_SIGN in said and self._spellings.first_words.isdisjoint(words):
            said.remove(LIST_SIGN)
        return said

    def spend(self, steps: int) -> bool:
        """Take so many steps; whether there were so many, without which it is not done what they are for."""
        self.steps -= steps
        return self.steps >= 0

    def places(self, spots: Spots) -> Mapping[str, Spots]:
        """Where words stand at *spots*, and perhaps at others."""
        places = self._places
        if missing := spots & ~self._placed:
            missing = _block(missing) & ~self._placed
            self._placed |= missing
            first = lowest(missing)
            self.steps -= (missing.bit_length() - first) // LOOKED_AT
            bit = 1 << first
            for word in self.words[first : missing.bit_length()]:
                if missing & bit:
                    places[word] = places.get(word, 0) | bit
                bit <<= 1
        return places

    def shared(self, edges: Mapping[str, object], places: Mapping[str, Spots]) -> Iterable[str]:
        """The words of *edges* that stand at *places*, and perhaps others of them, always in the same order."""
        if not self.spend(min(len(edges), len(places)) // LOOKED_AT):
            return ()
        return edges if len(edges) <= len(places) else [word for word in places if word in edges]

    def values(self, slot_type: SlotType, at: int) -> Sequence[Found]:
        """Where a slot ends that starts at a token, with which it may begin; and its value, the preferred one first."""
        key = (slot_type.name, at)
        found = self._values.get(key)
        if found is None:
            found = self._values[key] = slot_type.values(self.tokens, at, self._context)
        return found

    def value(self, slot_type: SlotType, start: int, end: int) -> object:
        """The value of a slot that takes the tokens from *start* up to *end*."""
        if slot_type.spellings is not None:
            return meant(slot_type.spellings.claims[self.words[start:end]], self.tokens, start, end)
        if slot_type.is_as_written:
            return self.tokens.original(start, end)
        return next(value for place, value in self.values(slot_type, start) if place == end)

    def ends(self, slot_type: SlotType, spots: Spots) -> Spots:
        """Where a slot ends that starts at one of *spots*."""
        covered, lengths = self._lengths.get(slot_type.name) or _NOTHING
        if missing := spots & ~covered:
            if not spots & (spots - 1):
                return self._ends_of_one(slot_type, spots)
            lengths = self._look_for(slot_type, missing, covered, lengths)
        ends = 0
        for length, starts in lengths.items():
            ends |= (spots & starts) << length
        return ends

    def _ends_of_one(self, slot_type: SlotType, spot: Spots) -> Spots:
        """The same for one alone, of which the value may be asked for next."""
        ends, at = 0, spot.bit_length() - 1
        if at == len(self.words):
            return 0
        if slot_type.spellings is None:
            if slot_type.may_begin_with(self.words[at]):
                for end, _ in self.values(slot_type, at):
                    ends |= 1 << end
            return ends
        for spelling, lengths in self.spelled(spot):
            if slot_type.name in spelling.lists:
                for length, starts in lengths.items():
                    ends |= (spot & starts) << length
        return ends

    def starts(self, slot_type: SlotType, spots: Spots, first: int) -> Spots:
        """Where a slot starts, at no token before *first*, that ends at one of *spots*; some are behind *first*."""
        soonest = (spots & -spots).bit_length() - 1 - slot_type.most
        if slot_type.is_unbroken:
            if not self.has_address:
                return 0
            soonest = self.tokens.unbroken(lowest(spots)) if spots & ~1 else 0
        elif slot_type.is_tight and not slot_type.is_as_written and not spots & (spots - 1):
            # A number is one word but where figures are joined; words are looked for in blocks.
            soonest = self._joined_from(spots.bit_length() - 1, soonest)
        covered, lengths = self._lengths.get(slot_type.name) or _NOTHING
        missing = (1 << spots.bit_length() - 1) - (1 << (soonest if soonest > first else first)) & ~covered
        if missing:
            lengths = self._look_for(slot_type, missing, covered, lengths)
        starts = 0
        for length, found in lengths.items():
            starts |= (spots >> length) & found
        return starts >> first << first

    def _joined_from(self, end: int, soonest: int) -> int:
        """The first token, none before *soonest*, from which on a character at most is between each, and no space."""
        at, surface, spans = end - 1, self.tokens.surface, self.tokens.spans
        while at > 0 and at > soonest:
            stop = spans.end(at - 1)
            if spans.start(at) - stop > 1 or surface[stop].isspace():
                break
            at -= 1
        return at

    def spelled(self, spots: Spots) -> Iterable[tuple[Spelling, Lengths]]:
        """The values of lists that start at *spots*, and perhaps at others: one spelling of those of the same lists."""
        if (missing := spots & ~self._spelled_at) and LIST_SIGN in self.said:
            if spots & (spots - 1):
                self._spell(_block(missing) & ~self._spelled_at)
            else:
                self._spell_one(missing)
        return self._spelled.values() if self.spend(len(self._spelled) // TAKEN_DOWN) else ()

    def _spell_one(self, spot: Spots) -> None:
        self._spelled_at |= spot
        spelling, at = self._spellings.root, spot.bit_length() - 1
        for length, word in enumerate(self.words[at : at + self.longest], 1):
            following = spelling.following.get(word)
            if following is None:
                return
            spelling = following
            self._keep(spelling, length, spot)

    def _spell(self, spots: Spots) -> None:
        ways = [(self._spellings.root, spots, 0)]
        for number, (before, there, length) in enumerate(ways):
            if not self.spend(number % 2):
                return
            following, places = before.following, self.places(there)
            for word in self.shared(following, places):
                if standing := there & places.get(word, 0):
                    self._keep(following[word], length + 1, standing >> length)
                    ways.append((following[word], standing << 1, length + 1))
        self._spelled_at |= spots

    def _keep(self, spelling: Spelling, length: int, starts: Spots) -> None:
        if spelling.lists:
            lengths = self._spelled.setdefault(spelling.key, (spelling, {}))[1]
            lengths[length] = lengths.get(length, 0) | starts

    def _look_for(self, slot_type: SlotType, spots: Spots, covered: Spots, lengths: Lengths) -> Lengths:
        """How many tokens a slot takes that starts at *spots*, and where; what is known of those *covered* too."""
        name = slot_type.name
        if slot_type.spellings is not None:
            every = [of for spelling, of in self.spelled(spots) if name in spelling.lists]
            found = [one for of in every for one in of.items()]
            spots |= self._spelled_at
        else:
            if slot_type.is_as_written:
                # Words are found with less for many at once.
                spots = _block(spots) & ~covered
            found = [*self._looked_for(slot_type, spots)]
        if not self.spend(len(found) // TAKEN_DOWN):
            # Where not all is there, nothing is: what is found ends wherever it can.
            return {}
        known = {**lengths}
        for length, starts in found:
            if 0 < length <= slot_type.most:
                known[length] = known.get(length, 0) | starts
        self._lengths[name] = covered | spots, known
        return known

    def _looked_for(self, slot_type: SlotType, spots: Spots) -> Iterable[tuple[int, Spots]]:
        if slot_type.signs and slot_type.sign not in self.said:
            return ()
        first, end = lowest(spots), spots.bit_length()
        if slot_type.find_all is not None:
            # Telephone numbers take more to find than what is tight, and addresses more than those.
            dearer = 0 if slot_type.is_tight else 1 + slot_type.is_unbroken
            price = dearer + (end - first) // (TAKEN_DOWN if slot_type.is_unbroken else LOOKED_AT)
            return slot_type.find_all(self.tokens, first, end) if self.spend(price) else ()
        if not self.spend((end - first) // LOOKED_AT):
            return ()
        may_begin = slot_type.may_begin_with
        there = enumerate(self.words[first:end], first)
        starts = [at for at, word in there if may_begin(word) and spots >> at & 1]
        if not self.spend(len(starts)):
            return ()
        return [(end - at, 1 << at) for at in starts for end, _ in self.values(slot_type, at)]


def _block(spots: Spots) -> Spots:
    """*spots* with those around them: what is found with less for many at once."""
    first = (spots & -spots).bit_length() - 1 & -_BLOCK
    return (1 << (spots.bit_length() - 1 | _BLOCK - 1) + 1) - (1 << first)
