r"""Templates: phrases with ``[optional]``, ``(this|that)``, ``{slot}`` and ``{slot:type}``; ``\[`` is a bracket.

A phrase is parsed once and spelled out into its variants, each a plain sequence of words and holes. That keeps
matching a walk through one tree of words (`botkit.language.index`), whatever a writer puts into brackets.
"""

import difflib
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from attrs import frozen

from botkit.errors import PhraseError
from botkit.language.slots import BUILT_IN, Slot, SlotType, list_type
from botkit.language.text import tokens

VARIANT_LIMIT: Final = 256
WORD_LIMIT: Final = 100
_SPECIAL: Final = "[]{}()|\\"
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
    """A phrase, spelled out: *variants* as they may be said, and the *filled* slots that every variant has."""

    text: str
    variants: tuple[Variant, ...]
    filled: frozenset[str]

    @property
    def plain(self) -> bool:
        """Whether the phrase has neither slots nor brackets."""
        return len(self.variants) == 1 and not any(isinstance(item, Hole) for item in self.variants[0])


def slot_types(lists: Mapping[str, Mapping[str, Sequence[str]]]) -> dict[str, SlotType]:
    """Every slot type by name: the built-in ones and the bot's own *lists*."""
    return {**BUILT_IN, **{name: list_type(name, values) for name, values in lists.items()}}


def parse(text: str, slots: Mapping[str, Slot], types: Mapping[str, SlotType]) -> Template:
    """Read the phrase *text*; an untyped ``{slot}`` takes its type from *slots*, else it is ``text``.

    Raises PhraseError, naming the phrase, the position and the remedy, for what cannot be built: a bracket that is not
    closed, a type that does not exist, the same slot twice, more than one ``{…:text}``, too many variants.
    """
    parser = _Parser(text, slots, types)
    variants = tuple(dict.fromkeys(_items(pieces) for pieces in parser.sequence("")))
    parser.check(variants)
    names = [frozenset(item.name for item in variant if isinstance(item, Hole)) for variant in variants]
    return Template(text, variants, frozenset.intersection(*names) if names else frozenset())


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
        if char == "\\" and self._text[self._at + 1 : self._at + 2] in _SPECIAL[:]:
            self._at += 2
            return [(self._text[self._at - 1 : self._at],)]
        if char in "])}|":
            raise self._error(self._at, f"there is a {char!r} that nothing opens; write \\{char} for the sign itself")
        end = next((at for at in range(self._at + 1, len(self._text)) if self._text[at] in _SPECIAL), len(self._text))
        literal, self._at = self._text[self._at : end], end
        return [(literal,)]

    def _group(self, opening: str) -> list[tuple[Item, ...]]:
        start, closing = self._at, _CLOSING[opening]
        variants: list[tuple[Item, ...]] = []
        while True:
            self._at += 1
            alternative = self.sequence(closing)
            if alternative == [()] or all(not _items(one) for one in alternative):
                raise self._error(start, f"one side of the {opening!r} is empty")
            variants += alternative
            if self._text[self._at] == closing:
                break
        self._at += 1
        return [(), *variants] if opening == "[" else variants

    def _hole(self) -> Hole:
        start = self._at
        end = self._text.find("}", start)
        if end < 0:
            raise self._error(start, "the '{' is not closed; a slot is written {name} or {name:type}")
        name, _, type_name = (part.strip() for part in self._text[start + 1 : end].partition(":"))
        if not name.isidentifier():
            raise self._error(start, f"{name!r} cannot be the name of a slot; use letters, digits and _")
        self._at = end + 1
        return Hole(name, self._type(start, name, type_name))

    def _type(self, start: int, name: str, given: str) -> SlotType:
        slot = self._slots.get(name, Slot())
        wanted = given or slot.type
        if wanted == "choice" and slot.choices:
            return list_type(f"choice {'|'.join(slot.choices)}", dict.fromkeys(slot.choices, ()))
        if wanted not in self._types:
            close = difflib.get_close_matches(wanted, self._types, 1)
            hint = f'did you mean "{close[0]}"?' if close else f"the types are {', '.join(self._types)}"
            raise self._error(start, f'unknown type "{wanted}", {hint}')
        return self._types[wanted]

    def _product(self, left: list[tuple[Item, ...]], right: list[tuple[Item, ...]]) -> list[tuple[Item, ...]]:
        if len(left) * len(right) > VARIANT_LIMIT:
            raise self._error(self._at, f"its brackets make more than {VARIANT_LIMIT} variants; split it into phrases")
        return [(*before, *after) for before in left for after in right]

    def check(self, variants: tuple[Variant, ...]) -> None:
        """Refuse what could be matched only in time that grows faster than the text."""
        for variant in variants:
            holes = [item for item in variant if isinstance(item, Hole)]
            if len(variant) > WORD_LIMIT:
                raise self._error(0, f"it has more than {WORD_LIMIT} words")
            for twice in _twice(hole.name for hole in holes):
                raise self._error(self._text.rfind("{" + twice), f"the slot {twice!r} stands in it twice")
            if sum(hole.type.name == "text" for hole in holes) > 1:
                raise self._error(self._text.rfind("{"), "it has two slots of type text; give one of them a type")

    def _error(self, at: int, what: str) -> PhraseError:
        return PhraseError(f'In the phrase "{self._text}", at character {at + 1}: {what}.')


def _twice(names: Iterator[str]) -> Iterator[str]:
    seen: set[str] = set()
    for name in names:
        if name in seen:
            yield name
        seen.add(name)
