"""Flows as the JSON text that a store keeps, and back."""

import re
from collections.abc import Mapping, Sequence
from typing import Final

from botkit.compact import read_json
from botkit.events import Address
from botkit.flows.beginning import beginning_from
from botkit.flows.entries import Journal, Json, Result
from botkit.flows.former import FORMER, former_journal
from botkit.flows.journal import Asked, Flow
from botkit.flows.values import completed, json_text, shortened
from botkit.instants import maybe_milliseconds, maybe_moment

_FORM: Final = 2
#: The forms that are read; what is written has the last.
FORMS: Final = (FORMER, _FORM)
# Whatever else may change with it, what is kept begins with its form.
_BEGINNING: Final = re.compile(r"\[([0-9]{1,9})[],]")

#: What mostly stands behind the first three places of an open question; its times are the last two.
_ASKED: Final = (..., ..., ..., False, 0, 0, None, None)
_TIMELESS: Final = len(_ASKED) - 2
#: Ends what never changes of a flow: no string in JSON holds it as it is, and whoever reads JSON passes over it.
_UNCHANGING: Final = "\t"


def written(flows: Sequence[Flow], signals: Sequence[tuple[str, object]] = ()) -> str:
    """What is kept of the open flows, the innermost last, and of *signals* that came early; empty without a flow.

    Each flow has two lines, of which the second is its journal: that text grows with the flow, and is not made anew.
    Nor is what the first line begins with: how the flow began.
    """
    if not flows:
        return ""
    lines = [f",{_head(flow)}\n,[{flow.journal.text}]\n" for flow in flows]
    early = json_text(signals) if signals else "[]"
    return f"[{_FORM},{early}\n{''.join(lines)}]"


def form_of(text: str) -> int:
    """The form in which flows are kept in *text*, which is not read any further; 0 where it says none.

    >>> form_of('[3,{"signals":[]}]'), form_of("")
    (3, 0)
    """
    found = _BEGINNING.match(text)
    return int(found[1]) if found else 0


def read_flows(text: str, address: Address) -> tuple[tuple[Flow, ...], tuple[tuple[str, object], ...]]:
    """Read what `written` wrote; raises ValueError for what another version of botkit wrote in a form of its own."""
    form = form_of(text)
    if form not in FORMS:
        told = f"has the form {form}, and this botkit reads {_FORM}" if form else "cannot be read"
        raise ValueError(f"the journal {told}")
    try:
        kept = read_json(text)
        early = tuple([(name, data) for name, data in kept[1]])
        return tuple(_read_former(kept, address) if form == FORMER else _read(kept, text, address)), early
    except (KeyError, TypeError, IndexError, ValueError) as error:
        raise ValueError("the journal cannot be read") from error


def _read_former(kept: Sequence[Json], address: Address) -> list[Flow]:
    return [_flow_from(flow, "", former_journal(flow), address) for flow in kept[2:]]


def _read(kept: Sequence[Json], text: str, address: Address) -> list[Flow]:
    """The flows, each with what of its two lines in *text* need not be written again."""
    flows, lines = list[Flow](), text.split("\n")
    for at in range(2, len(kept), 2):
        begun, end, _ = lines[at - 1].partition(_UNCHANGING)
        journal = Journal.read(kept[at + 1], lines[at][2:-1])
        flows.append(_flow_from(kept[at], begun[1:] if end else "", journal, address))
    return flows


def _head(flow: Flow) -> str:
    """All of a flow but its journal; what is empty is left out."""
    given = {
        "question": None if flow.question is None else _asked(flow.question),
        "turn": flow.turn,
        "kept": flow.kept,
        "failures": flow.failures,
        "heard": maybe_milliseconds(flow.heard),
    }
    told = json_text({key: value for key, value in given.items() if value})
    return f"{flow.begun.text}{_UNCHANGING}{',' if len(told) > 2 else ''}{told[1:]}"


def _flow_from(kept: Mapping[str, Json], begun: str, journal: Journal, address: Address) -> Flow:
    question = kept.get("question")
    return Flow(
        beginning_from(kept, address, begun),
        journal,
        None if question is None else _asked_from(question),
        kept.get("turn", ""),
        tuple([Result(*row) for row in kept.get("kept", ())]),
        kept.get("failures", 0),
        maybe_moment(kept.get("heard")),
    )


def _asked(asked: Asked) -> Json:
    *told, remind_at, due_at = asked
    return shortened((*told, maybe_milliseconds(remind_at), maybe_milliseconds(due_at)), _ASKED)


def _asked_from(kept: Json) -> Asked:
    # Most questions wait as long as it takes.
    if len(kept) <= _TIMELESS:
        return Asked(*kept)
    *told, remind_at, due_at = completed(kept, _ASKED)
    return Asked._make((*told, maybe_moment(remind_at), maybe_moment(due_at)))
