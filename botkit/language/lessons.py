"""Lessons: what a phrase with slots teaches a model of likeness, and the slots that a text of its intent carries."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from attrs import frozen

from botkit.language.slots import Context, SlotType, found_in
from botkit.language.templates import Hole, Template, Variant
from botkit.language.text import Tokens, tokens

#: So many texts of one phrase are enough to show its words and the values of its slots.
TAUGHT_LIMIT: Final = 8
#: Numbers are one and the same to likeness; what else a slot takes is told by the words around it.
_NUMBERS: Final = frozenset({"int", "decimal", "phone", "time"})
#: Slots that take whatever stands in their place.
_FREE: Final = frozenset({"text", "word"})


def taught(template: Template) -> list[str]:
    """The texts that a phrase teaches: its variants, with values in the place of slots that have such.

    >>> from botkit.language import Slot, parse
    >>> from botkit.language.templates import slot_types
    >>> taught(parse("a {size} cake [for {n:int}]", {"size": Slot(choices=["big", "small"])}, slot_types({})))
    ['a big cake for 0', 'a small cake']
    """
    variants = template.variants[:: -(-len(template.variants) // TAUGHT_LIMIT) or 1]
    values = max((len(_values(item)) for variant in variants for item in variant), default=0)
    texts = (_text(variants[at % len(variants)], at) for at in range(min(TAUGHT_LIMIT, max(len(variants), values))))
    return list(dict.fromkeys(filter(None, texts)))


def _text(variant: Variant, at: int) -> str:
    said = (values[at % len(values)] for item in variant if (values := _values(item)))
    return " ".join(said)


def _values(item: str | Hole) -> Sequence[str]:
    if isinstance(item, str):
        return (item,)
    if item.type.spellings is not None:
        return [" ".join(words) for words in item.type.spellings.claims]
    return ("0",) if item.type.name in _NUMBERS else ()


@frozen
class Carried:
    """The *value* of a slot, from one word of a text (*first*) up to, not including, another (*end*)."""

    value: object
    first: int
    end: int


def carried(
    templates: Iterable[Template], said: Tokens, read: Sequence[str], context: Context
) -> Mapping[str, Carried]:
    """The slots of *templates* that a text carries though it is none of them; *read* are its words, typos repaired.

    A slot is where it follows the same word as in a phrase. One that takes only what is of its type is also found
    anywhere else, where it is the only slot of that type. A text with more values of a type than there are slots for
    leaves it open which is meant, and has none. Where a text has no value of a list, its words may as they are read.
    """
    variants = [variant for template in templates for variant in template.variants]
    holes = {item.name: item.type for variant in variants for item in variant if isinstance(item, Hole)}
    kinds = Counter(kind.name for kind in holes.values())
    heard = {kind.name: _heard(kind, said, read, context) for kind in holes.values()}
    typed = {kind.name: _all_of(kind, heard[kind.name], context) for kind in holes.values() if kind.name not in _FREE}
    found: dict[str, Carried] = {}
    for variant in variants:
        for at, item in enumerate(variant):
            if isinstance(item, Hole) and (beside := _beside(variant, at, heard[item.type.name], read, context)):
                found.setdefault(item.name, beside)
    for name, kind in holes.items():
        values = typed.get(kind.name, [])
        if len({one.value for one in values}) > kinds[kind.name]:
            found.pop(name, None)
        elif name not in found and len({one.value for one in values}) == 1 and kinds[kind.name] == 1:
            found[name] = values[0]
    return found


def _heard(kind: SlotType, said: Tokens, read: Sequence[str], context: Context) -> Tokens:
    """Where a slot is looked for: in the text or, of a list that has no value there, in its words as they are read."""
    if kind.spellings is None or tuple(read) == tuple(said.words) or _all_of(kind, said, context):
        return said
    repaired = tokens(" ".join(read))
    return repaired if len(repaired) == len(said) else said


def _all_of(kind: SlotType, said: Tokens, context: Context) -> list[Carried]:
    return [Carried(value, first, end) for first, end, value in found_in(said, kind, context)]


def _beside(variant: Variant, at: int, said: Tokens, read: Sequence[str], context: Context) -> Carried | None:
    """The value of the slot at *at* in a variant, if the word before it there stands in the text too."""
    hole, before = variant[at], variant[at - 1] if at else None
    if not isinstance(hole, Hole) or not isinstance(before, str) or before not in read:
        return None
    first = list(read).index(before) + 1
    if hole.type.name == "text":
        end = _end(first, variant[at + 1 : at + 2], read)
        return Carried(said.original(first, end), first, end) if first < end else None
    values = hole.type.values(said, first, context) if first < len(said) else ()
    return next((Carried(value, first, end) for end, value in values), None)


def _end(first: int, after: Variant, read: Sequence[str]) -> int:
    """Where a text ends: at the word that follows it in the phrase, else with the message."""
    if not after:
        return len(read)
    rest = list(read[first:])
    return first + rest.index(after[0]) if isinstance(after[0], str) and after[0] in rest else first
