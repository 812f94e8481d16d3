"""``hours:`` of a bot: when somebody is there, from the tree into a value."""

import datetime as dt

from attrs import evolve

from botkit.config.nodes import Keys, Node, Path, Scalar, entry, said
from botkit.config.problems import Problems
from botkit.errors import DefinitionError
from botkit.hours import Hours, days_of


def openings_of(node: Node | None, path: Path, problems: Problems) -> Hours | None:
    """The hours at *node*, None where there are none, or none that can be read."""
    if not isinstance(node, Keys):
        return None
    table: dict[str, str] = {}
    dated: dict[dt.date, Scalar] = {}
    for name, key in node.keys.items():
        inner = entry(node, name)
        if not isinstance(inner, Scalar):
            continue
        if _reads(Hours, {name: "closed"}, key, path, problems) and _reads(
            Hours, {"mon": said(inner)}, inner, (*path, name), problems
        ):
            both = {**table, name: said(inner)}
            if _reads(Hours, both, key, path, problems):
                table = both
                dated |= {day: key for day in days_of(name) if isinstance(day, dt.date)}
    last = problems.place(dated[max(dated)]) if dated else None
    return evolve(Hours.of(table), place=last)


def _reads(kind: type[Hours], table: dict[str, str], node: Node, path: Path, problems: Problems) -> bool:
    """Whether *table* can be read; if not that is told at *node*."""
    try:
        kind.of(table)
    except DefinitionError as error:
        problems.add(node, path, str(error))
        return False
    return True
