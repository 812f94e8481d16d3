"""Titles of choices in bots.yaml: whoever types one, or its number, must mean one of them alone."""

from collections.abc import Sequence
from typing import Final

from attrs import frozen

from botkit.config.nodes import Node, Path
from botkit.config.problems import Problems
from botkit.translated import Translated, said_in

#: Nobody reads a longer list.
_READ: Final = 500


@frozen
class Titled:
    """A choice called *title*, and where that is written."""

    title: str
    node: Node
    path: Path


def check_titles(choices: Sequence[Titled], problems: Problems) -> None:
    """Complain of a title that is there twice, and warn of a number that is the place of another choice."""
    languages = {code for one in choices if isinstance(one.title, Translated) for code in one.title.by_language}
    told: set[int] = set()
    for language in sorted(languages) or [""]:
        seen: set[str] = set()
        for number, one in enumerate(choices[:_READ], 1):
            title = " ".join(said_in(one.title, (language,)).split())
            if title.casefold() in seen and number not in told:
                told.add(number)
                twice = f'there is a choice "{title}" already: whoever types it could mean either; keep one'
                problems.add(one.node, one.path, twice)
            elif _is_place(title, len(choices)) and int(title) != number and number not in told:
                told.add(number)
                other = f"the title {title} is the number of another choice"
                problems.warn(
                    problems.place(one.node), f"{other}: whoever types it gets this one, which is {number}; rename it"
                )
            seen.add(title.casefold())


def _is_place(title: str, most: int) -> bool:
    return title.isascii() and title.isdecimal() and len(title) < 4 and 1 <= int(title) <= most
