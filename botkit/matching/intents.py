"""Intents: what users may want, the phrases that say it, and what a text was understood as."""

from collections.abc import Callable, Mapping
from typing import Final, Literal

from attrs import field, frozen

from botkit.errors import Place
from botkit.handlers import OnChange
from botkit.language import Slot, Template

#: How long a phrase of bots.yaml may be: nobody says more in one go, and nobody finds the mistake in a longer one.
PHRASE_LIMIT: Final = 500

How = Literal["choice", "exact", "template", "regex", "likeness"]


@frozen
class Phrase:
    """Something a user might say, perhaps with slots, where it is written, and in which *language*, if only in one."""

    text: str
    place: Place | None = None
    language: str | None = None


@frozen(kw_only=True)
class Intent:
    """Something a user may want: a *name*, the *phrases* that say it, and the *handler* that answers.

    *slots* gives the phrases' slots their types. *regexes* are regular expressions, which are searched where no phrase
    fits, and whose named groups are slots too. *strict* keeps likeness from it. *retries* is how often the handler is
    run again when it raises. *version* counts changes of what the handler asks, and *on_change* ("restart" or "park")
    says what becomes of users who are in the middle of it. *confirm* is asked once all asked slots are filled.
    Decorators and bots.yaml build the same value.
    """

    name: str
    phrases: tuple[Phrase, ...]
    handler: Callable[..., object]
    slots: Mapping[str, Slot] = field(factory=dict)
    regexes: tuple[Phrase, ...] = ()
    strict: bool = False
    retries: int = 0
    version: int = 0
    on_change: OnChange = "restart"
    confirm: str | None = None
    place: Place | None = None

    @property
    def asked(self) -> dict[str, Slot]:
        """The slots that are asked for where a phrase does not fill them."""
        return {name: slot for name, slot in self.slots.items() if slot.ask is not None}


@frozen(kw_only=True)
class Match:
    """What was understood: the intent, its slots by name, *how*, and how surely (1 is certain).

    *language* is the one that this was said in, None where it could be any.
    """

    intent: Intent
    slots: Mapping[str, object] = field(factory=dict)
    how: How
    score: float = 1.0
    phrase: Phrase | None = None
    language: str | None = None


@frozen
class Pattern:
    """A regular expression, with the slots that every text has which fits it (*filled*), and those some has."""

    phrase: Phrase
    filled: frozenset[str]
    named: frozenset[str]

    @property
    def text(self) -> str:
        """The expression as it is written."""
        return self.phrase.text


@frozen
class Read:
    """An *intent* whose phrases have been read, each into its template."""

    intent: Intent
    templates: tuple[Template, ...] = ()
    patterns: tuple[Pattern, ...] = ()

    @property
    def ways(self) -> tuple[Template | Pattern, ...]:
        """Everything that leads to it."""
        return (*self.templates, *self.patterns)

    @property
    def filled(self) -> frozenset[str]:
        """The slots that every phrase fills, and those that are asked for."""
        filled = [way.filled for way in self.ways]
        return frozenset.intersection(*filled).union(self.intent.asked) if filled else frozenset(self.intent.asked)

    @property
    def named(self) -> frozenset[str]:
        """The slots that some phrase has."""
        return frozenset[str]().union(*(way.named for way in self.ways))
