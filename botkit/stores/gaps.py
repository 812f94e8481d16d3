"""What bots have no answer to, as rows of a store; alike for every engine."""

import json
from collections.abc import Mapping

from botkit.instants import milliseconds, moment
from botkit.stores.rows import storable
from botkit.work import Gap, Work

#: bot, language, text, suggested, at, expires at
GapRow = tuple[str, str, str, str, int, int]


def gap_row(work: Work, gap: Gap) -> Mapping[str, str | int]:
    """What is kept of *gap*, which the event of *work* has shown; the same event shows it once."""
    return {
        "conversation": work.address.key,
        "event": storable(work.event.id),
        "bot": storable(gap.bot),
        "language": gap.language,
        "text": storable(gap.text),
        "suggested": json.dumps(gap.suggested),
        "at": milliseconds(gap.at),
        "expires_at": milliseconds(gap.until),
    }


def gap_from(row: GapRow) -> Gap:
    """What `gap_row` wrote."""
    bot, language, text, suggested, at, until = row
    return Gap(
        bot=bot,
        language=language,
        text=text,
        suggested=tuple(json.loads(suggested)),
        at=moment(at),
        until=moment(until),
    )
