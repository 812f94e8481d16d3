"""Backends: models of likeness that other packages bring along, found by name as entry points.

A package declares a function that obeys `botkit.language.likeness.Build` in its pyproject.toml, and a bot names it:

    [project.entry-points."botkit.likeness"]
    embeddings = "my_package:build"
"""

from typing import TYPE_CHECKING, Final, cast

from botkit.errors import DefinitionError
from botkit.language.likeness import Build

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

GROUP: Final = "botkit.likeness"
#: What a bot names that wants the model of botkit itself, that without a table of meanings, or none.
BUILT_IN: Final = "built-in"
OWN_WORDS: Final = "own-words"
OFF: Final = "off"
_OURS: Final = (BUILT_IN, OWN_WORDS, OFF)


def backend(name: str) -> Build | None:
    """What builds the models of the backend *name*; None for the built-in one.

    Raises DefinitionError for a name that no installed package has, and for one that cannot be imported.
    """
    if name in _OURS:
        return None
    found = _found(name)
    try:
        build = found.load()
    except Exception as error:
        told = f"{type(error).__name__}: {error}"
        raise DefinitionError(f"The likeness {name!r} cannot be imported from {found.value}: {told}.") from error
    if not callable(build):
        raise DefinitionError(f"The likeness {name!r} is {found.value}, which is no function that builds a model.")
    return cast("Build", build)


def check_backend(name: str) -> None:
    """Raise DefinitionError for a *name* that no installed package has; nothing is imported."""
    if name not in _OURS:
        _found(name)


def _found(name: str) -> "EntryPoint":
    # Few bots name a backend, and all would wait for the import.
    from importlib.metadata import entry_points  # noqa: PLC0415 - see above

    installed = {one.name: one for one in entry_points(group=GROUP)}
    if name not in installed:
        known = ", ".join([*_OURS, *sorted(installed)])
        raise DefinitionError(f"There is no likeness {name!r:.60} installed; take one of {known}.")
    return installed[name]
