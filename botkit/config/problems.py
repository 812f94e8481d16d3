"""Complaints about a file, each with its place, collected so that all of them can be told at once."""

import difflib
from collections.abc import Iterable

from attrs import define, field, frozen

from botkit.errors import ConfigError, Place


@frozen
class Problem:
    """One complaint: where, about which key (``bots.bakery.intents``), and what to do."""

    place: Place
    path: str
    text: str


@define
class Problems:
    """The complaints about one *file*, whose *lines* are shown below each with a caret."""

    file: str
    lines: tuple[str, ...] = ()
    found: list[Problem] = field(factory=list)
    _settled: frozenset[Place] = frozenset()

    def add(self, line: int, column: int, path: str, text: str) -> None:
        """Note a complaint about a place, counted from 1."""
        place = Place(self.file, line, column)
        if place not in self._settled:
            self.found.append(Problem(place, path, text))

    def tell_once(self) -> None:
        """Hear no more about the places that something was found at already: their shape is wrong to begin with."""
        self._settled = frozenset(one.place for one in self.found)

    def error(self) -> ConfigError:
        """Everything found so far, in the order of the file, as one error."""
        ordered = sorted(dict.fromkeys(self.found), key=lambda one: (one.place.line, one.place.column or 0))
        return ConfigError(*[self._told(one) for one in ordered])

    def _told(self, one: Problem) -> str:
        named = f"{one.place}: {one.path}: {one.text}" if one.path else f"{one.place}: {one.text}"
        if not 1 <= one.place.line <= len(self.lines):
            return named
        shown = self.lines[one.place.line - 1].replace("\t", " ")[:160]
        column = min(one.place.column or 1, len(shown) + 1)
        return f"{named}\n    {shown}\n    {' ' * (column - 1)}^"


def meant(word: str, known: Iterable[str]) -> str:
    """``, did you mean "…"?`` where something known is close to *word*, else what is known."""
    names = list(known)
    close = difflib.get_close_matches(word, names, 1, cutoff=0.6)
    if close:
        return f', did you mean "{close[0]}"?'
    return f"; known are {', '.join(names)}" if names else ""
