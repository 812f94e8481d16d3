"""The form that journals had before the present one, read: conversations may still be in the middle of it."""

from collections.abc import Mapping
from typing import Final

from botkit.flows.entries import ONCE, Answer, Entry, Journal, Json, Result
from botkit.flows.values import id_to_json

FORMER: Final = 1


def former_journal(flow: Mapping[str, Json]) -> Journal:
    """The journal of *flow*, which stood in it whole, with absolute times."""
    return Journal.of(_entry(row, flow["at"]) for row in flow.get("entries", ()))


def _entry(row: Json, begun: int) -> Entry:
    if row[0] == ONCE:
        return Result(*row)
    _, name, sends, (event, at, medium, text, url), how, choice, given, change = row
    kind, value, is_slot = given or (None, None, False)
    return Answer(
        sends=sends,
        name=name,
        event=id_to_json(event),
        after=at - begun,
        text=text,
        kind=kind,
        given=value,
        choice=choice,
        is_slot=is_slot,
        how=how,
        medium=medium,
        url=url,
        change=change,
    )
