"""Backends: models of likeness that other packages bring along, found by name as entry points.

A package declares a function that obeys `botkit.language.likeness.Build` in its pyproject.toml, and a bot names it:

    [project.entry-points."botkit.likeness"]
    embeddings = "my_package:build"
"""

import traceback
from collections.abc import Callable, Iterator, Sequence
from math import isfinite
from typing import TYPE_CHECKING, Final, TypeVar, cast

from attrs import frozen

from botkit.errors import BackendError, DefinitionError
from botkit.language.likeness import Build, Example, Explains, Model, ReadWord
from botkit.places import raised_in, shown

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

GROUP: Final = "botkit.likeness"
#: What a bot names that wants the model of botkit itself, that without a table of meanings, or none.
BUILT_IN: Final = "built-in"
OWN_WORDS: Final = "own-words"
OFF: Final = "off"
_OURS: Final = (BUILT_IN, OWN_WORDS, OFF)


T = TypeVar("T")
_TELL: Final = "tell the words of a text"
_REMEDY: Final = "tell whoever maintains it, or name another likeness"


def backend(name: str, where: str = "") -> Build | None:
    """What builds the models of the backend *name*; None for the built-in one.

    *where* stands before whatever goes wrong: who has named it, and in which line.

    Raises DefinitionError for a name that no installed package has, and BackendError for what cannot be imported; what
    it gives raises BackendError for whatever the backend raises, and for what is no model and no ranking.
    """
    if name in _OURS:
        return None
    found = _found(name, where)
    try:
        build = found.load()
    except (Exception, SystemExit) as error:  # another package's module may raise anything
        told = str(error) if isinstance(error, AttributeError) else raised_in(error)
        given = f"{where}The likeness {name!r} cannot be imported from {found.value}"
        raise BackendError(f"{given}: {told}; {_REMEDY}.") from error
    if not callable(build):
        given = f"{where}The likeness {name!r} is {found.value}, which is no function that builds a model"
        raise BackendError(f"{given}; {_REMEDY}.")
    return Backend(name, found.value, cast("Build", build), where)


@frozen
class Backend:
    """A function that *builds* models, called *name* by bots and *source* by its package: ``my_package:build``.

    *where* it was named stands before whatever goes wrong.

    >>> def build(examples):
    ...     raise RuntimeError("no GPU")
    >>> Backend("embeddings", "my_package:build", build)([])
    Traceback (most recent call last):
        ...
    botkit.errors.BackendError: The likeness 'embeddings' (my_package:build) has raised RuntimeError when it was to \
learn: no GPU; tell whoever maintains it, or name another likeness.
    """

    name: str
    source: str
    builds: Build
    where: str = ""

    def __str__(self) -> str:
        return f"{self.where}The likeness {self.name!r} ({self.source})"

    def __call__(self, examples: Sequence[Example]) -> Model:
        """Build a model, and guard it."""
        try:
            model = self.builds(examples)
        except (Exception, SystemExit) as error:
            raise BackendError(f"{self._raised(error)} when it was to learn: {error}; {_REMEDY}.") from error
        if not callable(getattr(model, "rank", None)):
            raise BackendError(f"{self} has built a {type(model).__name__}, which has no rank(text); {_REMEDY}.")
        return Guarded(self, model, frozenset(one.intent for one in examples))

    def asked(self, what: str, ask: Callable[[], T]) -> T:
        """What *ask* returns; whatever it raises is told without its words, which may be a user's."""
        try:
            return ask()
        except (Exception, SystemExit) as error:
            raise BackendError(f"{self._raised(error)} when it was to {what}; {_REMEDY}.") from error

    def _raised(self, error: BaseException) -> str:
        package = self.source.partition(":")[0].partition(".")[0]
        places = [
            f"{shown(frame.f_code.co_filename)}:{line}"
            for frame, line in traceback.walk_tb(error.__traceback__)
            if str(frame.f_globals.get("__name__")).partition(".")[0] == package
        ]
        return f"{self} has raised {type(error).__name__}" + (f" at {places[-1]}" if places else "")


@frozen(eq=False)
class Guarded:
    """The *model* of a *backend*, whose every answer is looked at: it may name the *intents* it was taught alone."""

    backend: Backend
    model: Model
    intents: frozenset[str]

    def rank(self, text: str) -> Sequence[tuple[str, float]]:
        """What the model ranks; raises BackendError for what is no ranking, and where the model raises."""
        ranked = self.backend.asked("rank a text", lambda: [*_pairs(self.model.rank(text))])
        if (wrong := self._wrong(ranked)) is not None:
            raise BackendError(f"{self.backend} {wrong} when it was to rank a text; {_REMEDY}.")
        return ranked

    def words(self, text: str, intent: str) -> Sequence[ReadWord]:
        """How the model read the words, none where it cannot tell; raises BackendError for what is no such word."""
        model = self.model
        if not isinstance(model, Explains):
            return ()
        told: list[object] = self.backend.asked(_TELL, lambda: [*model.words(text, intent)])
        words = [one for one in told if isinstance(one, ReadWord)]
        if len(words) < len(told):
            wrong = next(type(one).__name__ for one in told if not isinstance(one, ReadWord))
            given = f"has told a word as {wrong}, which is no ReadWord,"
            raise BackendError(f"{self.backend} {given} when it was to {_TELL}; {_REMEDY}.")
        return words

    def _wrong(self, ranked: Sequence[tuple[str, float]]) -> str | None:
        seen: set[str] = set()
        last = float("inf")
        for intent, score in ranked:
            if intent not in self.intents:
                return f"has named an intent {intent!r:.40} that it was not taught"
            if intent in seen:
                return f"has named the intent {intent!r} twice"
            if not isfinite(score):
                return f"has given {intent!r} the score {score}, which is no finite number,"
            if score > last:
                return f"has not put the best intent first: {intent!r} comes behind a lower score,"
            seen.add(intent)
            last = score
        return None


def _pairs(ranked: Sequence[tuple[str, float]]) -> Iterator[tuple[str, float]]:
    for intent, score in ranked:
        yield intent, float(score)


def check_backend(name: str, where: str = "") -> None:
    """Raise DefinitionError for a *name* that no installed package has; nothing is imported."""
    if name not in _OURS:
        _found(name, where)


def _found(name: str, where: str) -> "EntryPoint":
    # Few bots name a backend, and all would wait for the import.
    from importlib.metadata import entry_points  # noqa: PLC0415 - see above

    installed = {one.name: one for one in entry_points(group=GROUP)}
    if name not in installed:
        known = ", ".join([*_OURS, *sorted(installed)])
        raise DefinitionError(f"{where}There is no likeness {name!r:.60} installed; take one of {known}.")
    return installed[name]
