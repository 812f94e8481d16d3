"""What users do in a run, and what each of them is to be shown whatever happens meanwhile."""

from collections.abc import Mapping, Sequence
from random import Random
from typing import Final, Literal

from attrs import frozen


@frozen
class Step:
    """A user says *text*, or waits until he was shown *count* replies; a signal about him comes with *text* as data."""

    what: Literal["say", "see", "signal"]
    text: str = ""
    count: int = 0


@frozen(kw_only=True)
class Scenario:
    """What each user does, all of them at once, and what he is to be shown."""

    steps: Mapping[str, Sequence[Step]]
    shown: Mapping[str, Sequence[str]]


def counting(users: Sequence[str], messages: int) -> Scenario:
    """Users who count without waiting for answers."""
    steps = [Step("say", f"count {number}") for number in range(messages)]
    shown = [
        text
        for number in range(messages)
        for text in (f"{number} begins", f"{number} after {number}", f"{number} ends")
    ]
    return Scenario(steps=dict.fromkeys(users, steps), shown=dict.fromkeys(users, shown))


def ordering(users: Sequence[str]) -> Scenario:
    """Users who are asked twice, and pay once between the questions."""
    steps = [
        *(Step("say", "order"), Step("see", count=1)),
        *(Step("say", "3"), Step("see", count=2)),
        Step("say", "Ann"),
    ]
    shown = ["How many?", "Receipt 1. Your name?", "Thanks, Ann: 3 in all."]
    return Scenario(steps=dict.fromkeys(users, steps), shown=dict.fromkeys(users, shown))


def invoicing(users: Sequence[str]) -> Scenario:
    """Users for whom a payment is signalled, and who then say nothing any more."""
    steps = [Step("say", "invoice"), Step("see", count=1), Step("signal", "12 euro")]
    shown = ["Please pay.", "Thank you for 12 euro. Anything else?", "Another time, then."]
    return Scenario(steps=dict.fromkeys(users, steps), shown=dict.fromkeys(users, shown))


def holding(users: Sequence[str]) -> Scenario:
    """Users whose first turn outlives its lease: another is kept in its place, and what comes after stands on that."""
    numbers = range(1, 8)
    steps = [Step("say", "hold 0")]
    for number in numbers:
        steps += [Step("see", count=1 + 3 * (number - 1)), Step("say", f"count {number}")]
    shown = ["0 held after 0"]
    for number in numbers:
        shown += [f"{number} begins", f"{number} after {number}", f"{number} ends"]
    return Scenario(steps=dict.fromkeys(users, steps), shown=dict.fromkeys(users, shown))


def crowd(rng: Random) -> Scenario:
    """Some of everybody, in numbers that *rng* draws."""
    parts = (
        counting([f"counting{number}" for number in range(rng.randint(2, 4))], rng.randint(3, 6)),
        ordering([f"ordering{number}" for number in range(rng.randint(1, 2))]),
        invoicing([f"invoicing{number}" for number in range(rng.randint(0, 1))]),
    )
    steps = {user: steps for part in parts for user, steps in part.steps.items()}
    return Scenario(steps=steps, shown={user: texts for part in parts for user, texts in part.shown.items()})


#: The scenarios of which every crash point is tried.
EVERY_POINT: Final[Mapping[str, Scenario]] = {
    "counting": counting(["ann", "ben"], 2),
    "ordering": ordering(["ann", "ben"]),
    "invoicing": invoicing(["ann"]),
}
