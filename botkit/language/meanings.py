"""The tables of meanings that come with botkit: an English one.

It is made by ``python -m tools.words`` from public packages; NOTICE, beside it, names them and their licences.
"""

from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import TYPE_CHECKING, Final

from botkit.errors import DefinitionError

if TYPE_CHECKING:
    from botkit.language.likeness.meanings import Meanings

ENGLISH: Final = files("botkit.language") / "words" / "en.table"


def meanings_of(language: str) -> "Meanings | None":
    """The table for *language* ("en", "en-GB"), None where there is none; read once, in some milliseconds.

    Raises DefinitionError for a table that was damaged after it was installed.

    >>> meanings_of("en-GB").covers("refund"), meanings_of("de")
    (True, None)
    """
    return _english() if language.replace("_", "-").partition("-")[0].lower() == "en" else None


@cache
def _english() -> "Meanings":
    return table_in(ENGLISH)


def table_in(file: Traversable) -> "Meanings":
    """The table in a *file*; raises DefinitionError where it cannot be used."""
    # numpy takes longer to import than all of botkit, and a bot that only answers exact phrases never needs it.
    from botkit.language.likeness.meanings import Meanings, MeaningsError  # noqa: PLC0415 - see above

    try:
        return Meanings.read(file.read_bytes())
    except (MeaningsError, OSError) as error:
        raise DefinitionError(
            f"The table of word meanings {file} cannot be used: {error}. Install botkit again, or write likeness: "
            "own-words to do without it."
        ) from None
