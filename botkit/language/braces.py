r"""Texts with names in braces, such as ``{size} cake``, and what is said in place of the names.

Substitution is plain and happens once: what a user has typed is put in as it is and never looked at again. ``\{`` and
``\}`` are braces.
"""

import datetime as dt
import re
from collections.abc import Mapping
from typing import Final

from botkit.errors import DefinitionError

_BRACES: Final = re.compile(r"\\([{}])|\{([^{}]*)\}|([{}])")


def pieces_of(text: str) -> tuple[str, ...]:
    r"""Take *text* apart into literal text and, every second piece, a name.

    >>> pieces_of(r"One {size} cake \{sic\}.")
    ('One ', 'size', ' cake {sic}.')

    Raises DefinitionError for a brace that nothing opens or closes, and for braces with nothing between them.
    """
    pieces, literal, at = [], "", 0
    for found in _BRACES.finditer(text):
        literal += text[at : found.start()]
        at = found.end()
        escaped, name, alone = found.groups()
        if alone is not None or (name is not None and not name.strip()):
            told = "nothing closes it" if alone == "{" else "nothing opens it" if alone else "it holds no name"
            raise DefinitionError(f"here is a {alone or found[0]}, and {told}; a brace itself is written \\{{ or \\}}")
        if name is None:
            literal += escaped
        else:
            pieces += [literal, name.strip()]
            literal = ""
    return (*pieces, literal + text[at:])


def filled(text: str, values: Mapping[str, object]) -> str:
    """*text* with the *values* of its names; one that has none is empty.

    >>> filled("{count} for {name}?", {"name": "{count}", "count": 4})
    '4 for {count}?'
    """
    pieces = pieces_of(text)
    return "".join(shown(values.get(piece)) if number % 2 else piece for number, piece in enumerate(pieces))


def shown(value: object) -> str:
    """A value in words for a user; empty for what has none, such as a mapping."""
    if isinstance(value, (list, tuple)):
        return ", ".join(filter(None, map(shown, value)))
    if isinstance(value, dt.time):
        return value.isoformat("seconds" if value.second else "minutes")
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "" if value is None or isinstance(value, Mapping) else str(value)
