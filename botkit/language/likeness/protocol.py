"""What a model of likeness is: the law that the built-in one and every backend obey."""

from collections.abc import Callable, Sequence
from math import inf
from typing import Protocol, runtime_checkable

from attrs import frozen


@frozen
class Example:
    """Something that *intent* is taught by: a *text* as a user might say it, and the *number* of its phrase."""

    intent: str
    text: str
    number: int = 0


class Model(Protocol):
    """What was learned from examples. It does not change any more, and may be asked from many threads at once."""

    def rank(self, text: str) -> Sequence[tuple[str, float]]:
        """The intents that *text* is like, the best first, each with a score: at least the best ten, if so many are.

        The same text gives the same answer, always; a text of which nothing is known may give none. Scores are numbers
        of any scale, as long as a higher one means a surer one, across texts too. Never raises, whatever *text* holds.
        """
        ...


#: Builds a model from examples. The same examples in the same order give the same model.
Build = Callable[[Sequence[Example]], Model]


@frozen(kw_only=True)
class ReadWord:
    """A word of a message and how it was *read*: as itself, repaired to a word of the phrases, or not at all (None).

    *weight* is how much it, with the pairs it begins, spoke for the intent that was asked about; *meaning* is what part
    of that is due to a table of meanings, which may know a word that no phrase has.
    """

    said: str
    read: str | None
    weight: float = 0.0
    meaning: float = 0.0

    @property
    def is_repaired(self) -> bool:
        """Whether it was taken for another word."""
        return self.read is not None and self.read != self.said


class Cache(Protocol):
    """Where models are kept from one start to the next, under keys of letters and digits.

    Whatever is wrong with what is kept, it is as good as not there, so that the model is built again. Several builders
    may load and save the same key at once: each finds a whole value of some builder, or none.
    """

    def load(self, key: str) -> bytes | None:
        """What is kept under *key*, None if nothing can be read."""
        ...

    def save(self, key: str, content: bytes) -> None:
        """Keep *content* under *key* in the place of what was there; what cannot be kept is left out."""
        ...


@runtime_checkable
class Explains(Protocol):
    """A model that can say which words counted."""

    def words(self, text: str, intent: str) -> Sequence[ReadWord]:
        """The words of *text* in order, with what each said for *intent*."""
        ...


@frozen(kw_only=True)
class Limits:
    """When a model is sure enough.

    The best intent answers if its score is at least *threshold* and at least *margin* above the next. Else the best
    few are suggested if the best has at least *near*. *spread* is how far apart scores lie.
    """

    threshold: float
    margin: float
    near: float
    spread: float


@frozen
class Trial:
    """How a phrase, by *number*, was judged by what was learned without it.

    *ranked* are the best three intents it was taken for. *is_hidden* says that its own *intent* was not to be found.
    """

    number: int
    intent: str
    ranked: tuple[tuple[str, float], ...]
    is_hidden: bool

    @property
    def score(self) -> float:
        """The best score; below every other where nothing of the phrase was known."""
        return self.ranked[0][1] if self.ranked else -inf

    @property
    def lead(self) -> float:
        """How far the best is above the next."""
        return self.score - self.ranked[1][1] if len(self.ranked) > 1 else inf

    @property
    def is_right(self) -> bool:
        """Whether it was taken for its own intent."""
        return bool(self.ranked) and self.ranked[0][0] == self.intent

    @property
    def is_among(self) -> bool:
        """Whether its own intent was one of the best three."""
        return any(name == self.intent for name, _ in self.ranked)
