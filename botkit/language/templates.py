r"""Templates: phrases with ``[optional]``, ``(this|that)``, ``{slot}`` and ``{slot:type}``; ``\[`` is a bracket.

A phrase is parsed once and spelled out into its variants, each a plain sequence of words and holes. That keeps
matching a walk through one tree of words (`botkit.language.index`), whatever a writer puts into brackets.
"""

import difflib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

from attrs import frozen

from botkit.errors import DefinitionError, PhraseError
from botkit.language.slots import BUILT_IN, Slot, SlotType, choice_type, list_type
from botkit.language.text import TEXT_LIMIT, tokens

VARIANT_LIMIT: Final = 256
DEPTH_LIMIT: Final = 20
#: What a phrase with slots may have: beyond that a message costs more than its own length does. The longest phrases
#: that people say have twenty words, and six slots: a name, two dates, two times and how many come. Slots are counted
#: as they are written, so that brackets do not multiply them.
WORD_LIMIT: Final = 40
SLOT_LIMIT: Final = 8
_SPECIAL: Final = frozenset("[]{}()|\\")
_CLOSING: Final = {"[": "]", "(": ")"}


@frozen
class Hole:
    """Where a slot goes: the slot's *name* and its type."""

    name: str
    type: SlotType


Item = str | Hole
Variant = tuple[Item, ...]


@frozen
class Template:
    """A phrase, spelled out: *variants* as they may be said; slots that some variant has (*named*), and all (*filled*).

    There is no variant without words: a phrase of which nothing is left to match has none at all.
    """

    text: str
    variants: tuple[Variant, ...]
    filled: frozenset[str]
    named: frozenset[str]

    @property
    def types(self) -> dict[str, SlotType]:
        """The types of its slots, by their names."""
        return {item.name: item.type for variant in self.variants for item in variant if isinstance(item, Hole)}


def slot_types(lists: Mapping[str, Mapping[str, Sequence[str]]]) -> dict[str, SlotType]:
    """Every slot type by name: the built-in ones and the bot's own *lists*.

    Raises DefinitionError for a name that is taken, and for a value of more than 20 words.
    """
    types = dict(BUILT_IN)
    for name, values in lists.items():
        if name in BUILT_IN or name == "choice":
            raise DefinitionError(f"A list is called {name!r}, which is a slot type already; choose another name.")
        try:
            types[name] = list_type(name, values)
        except DefinitionError as error:
            raise DefinitionError(f"In the list {name!r}, {error}") from None
    return types


def slot_type_of(slot: Slot, types: Mapping[str, SlotType]) -> SlotType:
    """The type of a *slot*, that of its choices where it has some; raises DefinitionError for one that is unknown."""
    if slot.choices:
        return choice_type(slot.choices)
    if slot.type not in types:
        raise DefinitionError(f"There is no slot type {slot.type!r}; the types are {', '.join(types)}, choice.")
    return types[slot.type]


def parse(text: str, slots: Mapping[str, Slot], types: Mapping[str, SlotType]) -> Template:
    """Read the phrase *text*; an untyped ``{slot}`` takes its type from *slots*, else it is ``text``.

    Raises PhraseError, naming the phrase, the position and the remedy, for what cannot be built: a bracket that is not
    closed, a type that does not exist, the same slot twice, more than one ``{…:text}``, too many variants or slots, or
    more than 2,000 characters.

    >>> template = parse("[a] {size} cake", {"size": Slot(choices=["big", "small"])}, slot_types({}))
    >>> len(template.variants), sorted(template.filled)
    (2, ['size'])
    """
    if len(text) > TEXT_LIMIT:
        raise PhraseError(
            f'The phrase "{text[:40]}…" has more than {TEXT_LIMIT} characters, of which no message is matched.'
        )
    parser = _Parser(text, slots, types)
    spelled = [_items(pieces) for pieces in parser.sequence("")]
    variants = tuple(dict.fromkeys(variant for variant in spelled if variant))
    parser.check(variants)
    names = [frozenset(item.name for item in variant if isinstance(item, Hole)) for variant in variants]
    filled = frozenset.intersection(*names) if names else frozenset[str]()
    return Template(text, variants, filled, frozenset[str]().union(*names))


def _items(pieces: tuple[Item, ...]) -> Variant:
    items: list[Item] = []
    literal = ""
    for piece in (*pieces, None):
        if isinstance(piece, str):
            literal += piece
            continue
        items += tokens(literal).words
        literal = ""
        if piece is not None:
            items.append(piece)
    return tuple(items)


class _Parser:
    """Reads one phrase from left to right, spelling out its variants on the way."""

    def __init__(self, text: str, slots: Mapping[str, Slot], types: Mapping[str, SlotType]) -> None:
        self._text = text
        self._slots = slots
        self._types = types
        self._at = 0
        self._depth = 0
        self._starts: dict[str, int] = {}  # where each slot stands, the last if several

    def sequence(self, closing: str) -> list[tuple[Item, ...]]:
        """Everything up to *closing* or a ``|``, in all its variants."""
        variants: list[tuple[Item, ...]] = [()]
        while self._at < len(self._text):
            char = self._text[self._at]
            if char == closing or (char == "|" and closing):
                return variants
            variants = self._product(variants, self._piece(char))
        if closing:
            raise self._error(self._at, f"a {closing!r} is missing")
        return variants

    def _piece(self, char: str) -> list[tuple[Item, ...]]:
        if char in _CLOSING:
            return self._group(char)
        if char == "{":
            return [(self._hole(),)]
        if char == "\\" and self._text[self._at + 1 : self._at + 2] in _SPECIAL:
            self._at += 2
            return [(self._text[self._at - 1],)]
        if char in "])}|":
            raise self._error(self._at, f"there is a {char!r} that nothing opens; write \\{char} for the sign itself")
        start = self._at
        self._at += 1
        while self._at < len(self._text) and self._text[self._at] not in _SPECIAL:
            self._at += 1
        return [(self._text[start : self._at],)]

    def _group(self, opening: str) -> list[tuple[Item, ...]]:
        start, closing = self._at, _CLOSING[opening]
        self._depth += 1
        if self._depth > DEPTH_LIMIT:
            raise self._error(start, f"brackets stand in more than {DEPTH_LIMIT} others; split it into phrases")
        variants: list[tuple[Item, ...]] = []
        while True:
            self._at += 1
            alternative = self.sequence(closing)
            if all(not _items(one) for one in alternative):
                raise self._error(start, f"one side of the {opening!r} is empty; write [ ] around what may be left out")
            variants += alternative
            if self._text[self._at] == closing:
                break
        self._at += 1
        self._depth -= 1
        return [*variants, ()] if opening == "[" else variants

    def _hole(self) -> Hole:
        start = self._at
        end = self._text.find("}", start)
        if end < 0:
            raise self._error(start, "the '{' is not closed; a slot is written {name} or {name:type}")
        name, colon, type_name = (part.strip() for part in self._text[start + 1 : end].partition(":"))
        if not name.isidentifier():
            raise self._error(start, f"{name!r} cannot be the name of a slot; use letters, digits and _")
        if colon and not type_name:
            raise self._error(start, f"behind '{name}:' a type is missing; write {{{name}}} or {{{name}:type}}")
        self._at = end + 1
        self._starts[name] = start
        return Hole(name, self._type(start, name, type_name))

    def _type(self, start: int, name: str, given: str) -> SlotType:
        slot = self._slots.get(name, Slot())
        wanted = given or slot.type
        if wanted == "choice":
            if not slot.choices:
                raise self._error(start, f"the slot {name!r} needs its choices; give them with the intent's slots")
            return self._choice(start, name, slot.choices)
        if wanted not in self._types:
            close = difflib.get_close_matches(wanted, (*self._types, "choice"), 1)
            hint = f'did you mean "{close[0]}"?' if close else f"the types are {', '.join(self._types)}, choice"
            raise self._error(start, f'unknown type "{wanted}", {hint}')
        return self._types[wanted]

    def _choice(self, start: int, name: str, choices: tuple[str, ...]) -> SlotType:
        try:
            return choice_type(choices)
        except DefinitionError as error:
            raise self._error(start, f"of the choices of {name!r}, {str(error).rstrip('.')}") from None

    def _product(self, left: list[tuple[Item, ...]], right: list[tuple[Item, ...]]) -> list[tuple[Item, ...]]:
        if len(left) * len(right) > VARIANT_LIMIT:
            raise self._error(self._at, f"its brackets make more than {VARIANT_LIMIT} variants; split it into phrases")
        return [(*before, *after) for before in left for after in right]

    def check(self, variants: tuple[Variant, ...]) -> None:
        """Refuse what could be matched only in time that grows faster than the text."""
        if len(self._starts) > SLOT_LIMIT:
            beyond = sorted(self._starts.values())[SLOT_LIMIT]
            raise self._error(beyond, f"it has more than {SLOT_LIMIT} slots; leave some out, or split it into phrases")
        for variant in variants:
            holes = [item for item in variant if isinstance(item, Hole)]
            for twice in _twice(hole.name for hole in holes):
                raise self._error(self._starts[twice], f"the slot {twice!r} stands in it twice; rename one")
            texts = [hole.name for hole in holes if hole.type.is_text]
            if len(texts) > 1:
                raise self._error(self._starts[texts[1]], "it has two slots of type text; give one of them a type")
            if holes and len(variant) > WORD_LIMIT:
                raise self._error(0, f"it has slots and more than {WORD_LIMIT} words; leave some out")

    def _error(self, at: int, what: str) -> PhraseError:
        stop = "" if what.endswith("?") else "."
        return PhraseError(f'In the phrase "{self._text}", at character {at + 1}: {what}{stop}')


def _twice(names: Iterable[str]) -> Iterator[str]:
    seen: set[str] = set()
    for name in names:
        if name in seen:
            yield name
        seen.add(name)
