"""``when:`` of a reply: conditions on opening hours, on what was understood, and on what is remembered."""

from collections.abc import Callable, Collection, Iterator, Mapping
from typing import Final

from attrs import frozen

from botkit.chat import Chat
from botkit.config.nodes import Keys, Node, Path, Scalar, entry, said, scalars_of
from botkit.config.problems import Problems
from botkit.config.words import SESSION, value_of
from botkit.hours import Hours

OTHERWISE: Final = "otherwise"
#: What a slot or a key of the session is compared with to ask whether it has a value at all.
ANY, NONE = "any", "none"


@frozen
class Opening:
    """Whether somebody is there, or is not."""

    hours: Hours
    is_open: bool

    def holds(self, chat: Chat, slots: Mapping[str, object]) -> bool:
        """Whether it is so now."""
        return self.hours.open_at(chat.now()) == self.is_open

    def __str__(self) -> str:
        return "open" if self.is_open else "closed"


@frozen
class Valued:
    """Whether the slot or the key of the session called *name* has one of *values*."""

    name: str
    values: tuple[str, ...]

    def holds(self, chat: Chat, slots: Mapping[str, object]) -> bool:
        """Whether it has it now, whatever its case."""
        value = value_of(self.name, chat, slots)
        known = {ANY} if value else {NONE}
        return not known.isdisjoint(self.values) or value.casefold() in (one.casefold() for one in self.values)

    def __str__(self) -> str:
        return f"{self.name} is {' or '.join(self.values)}"


Condition = Opening | Valued
#: Complains where there is no slot of a name.
CheckSlot = Callable[[str, Node, Path], None]


@frozen
class When:
    """Conditions all of which must hold; none: it is so where no earlier one of the same answer was (``otherwise``)."""

    conditions: tuple[Condition, ...] = ()

    def holds(self, chat: Chat, slots: Mapping[str, object]) -> bool:
        """Whether all of them do now."""
        return all(condition.holds(chat, slots) for condition in self.conditions)

    def __str__(self) -> str:
        return " and ".join(map(str, self.conditions)) or OTHERWISE


def when_of(node: Node, path: Path, problems: Problems, hours: Hours | None, check_slot: CheckSlot) -> When | None:
    """The conditions at *node*; None where they cannot be read."""
    if isinstance(node, Scalar):
        word = said(node)
        if word == OTHERWISE:
            return When()
        if hours is None:
            told = f'"{word:.20}" needs to know when you are there: give the bot its hours:'
            problems.add(node, path, told)
            return None
        return When((Opening(hours, word == "open"),))
    if not isinstance(node, Keys):
        return None
    return When(tuple(_valued(node, path, check_slot)))


def _valued(node: Keys, path: Path, check_slot: CheckSlot) -> Iterator[Valued]:
    for name, key in node.keys.items():
        if not SESSION.fullmatch(name):
            check_slot(name, key, (*path, name))
        yield Valued(name, tuple(said(one) for one in scalars_of(entry(node, name))))


def may_be_silent(whens: Collection[When | None]) -> bool:
    """Whether an answer whose parts have these conditions may say nothing at all."""
    if None in whens or When() in whens:
        return False
    alone = [when.conditions[0] for when in whens if when is not None and len(when.conditions) == 1]
    return {one.is_open for one in alone if isinstance(one, Opening)} != {True, False}
