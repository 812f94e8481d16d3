"""Whether what the bot answered is what was expected, and where the two differ."""

import json
from collections.abc import Mapping, Sequence
from typing import Final

from attrs import frozen

from botkit.plain import finite
from botkit.testing.transcripts.steps import ANYTHING, Answered

#: What a session or slot that is not there is called.
NOTHING: Final = "nothing"
#: With what JSON begins that is more than a number or a word.
_OPENING: Final = '{["'
_SHOWN: Final = 60


@frozen
class Pair:
    """An answer that was *expected* beside what was *shown*; None where there is none, or nothing more."""

    expected: Answered | None
    shown: str | None

    @property
    def fits(self) -> bool:
        """Whether the one is the other."""
        return self.expected is not None and self.shown is not None and fits(self.expected.text, self.shown)


def fits(expected: str, shown: str) -> bool:
    r"""Whether *shown* is what *expected* says, ``…`` being anything; space around lines and ``…`` does not matter.

    >>> fits("Which day? …", "Which day?\n1. Today"), fits("Which day?", "Which day?\n1. Today")
    (True, False)
    """
    parts, text = [_trimmed(part) for part in _trimmed(expected).split(ANYTHING)], _trimmed(shown)
    if len(parts) == 1:
        return parts[0] == text
    first, *middle, last = parts
    if not text.startswith(first) or not text.endswith(last) or len(first) + len(last) > len(text):
        return False
    at, end = len(first), len(text) - len(last)
    for part in middle:
        at = text.find(part, at, end)
        if at < 0:
            return False
        at += len(part)
    return True


def _trimmed(text: str) -> str:
    return "\n".join(line.strip() for line in text.strip().split("\n"))


def paired(expected: Sequence[Answered], shown: Sequence[str]) -> list[Pair]:
    """Lay what was *shown* beside what was *expected*: in order, with as many pairs that fit as there can be."""
    pairs = [Pair(one, text) for one, text in zip(expected, shown, strict=False)]
    if len(expected) == len(shown) and all(pair.fits for pair in pairs):
        return pairs
    pairs = []
    behind = _fitting(expected, shown)
    row = column = 0
    while row < len(expected) and column < len(shown):
        if behind[row][column] == behind[row + 1][column + 1] + fits(expected[row].text, shown[column]):
            pairs.append(Pair(expected[row], shown[column]))
            row, column = row + 1, column + 1
        elif behind[row][column] == behind[row + 1][column]:
            pairs.append(Pair(expected[row], None))
            row += 1
        else:
            pairs.append(Pair(None, shown[column]))
            column += 1
    pairs += [Pair(one, None) for one in expected[row:]]
    return pairs + [Pair(None, one) for one in shown[column:]]


def _fitting(expected: Sequence[Answered], shown: Sequence[str]) -> list[list[int]]:
    """How many pairs can fit from each place in both on."""
    table = [[0] * (len(shown) + 1) for _ in range(len(expected) + 1)]
    for row in reversed(range(len(expected))):
        for column in reversed(range(len(shown))):
            fit = table[row + 1][column + 1] + fits(expected[row].text, shown[column])
            table[row][column] = max(fit, table[row + 1][column], table[row][column + 1])
    return table


def holds(found: object, expected: str) -> bool:
    """Whether a value of a session, or a slot, is what was *expected*: as JSON, or as it is shown.

    >>> holds(42, "42"), holds("large", "large"), holds(None, "nothing"), holds([1], "…")
    (True, True, True, True)
    """
    if found is None:
        return expected == NOTHING
    if expected == ANYTHING or str(found) == expected:
        return True
    try:
        return bool(json.loads(expected) == found)
    except (ValueError, RecursionError):
        return False


def value_at(mapping: Mapping[str, object], path: str) -> object:
    """What *mapping* holds at a *path* such as ``basket.0.size``, None where there is nothing.

    >>> value_at({"basket": [{"size": "large"}]}, "basket.0.size")
    'large'
    """
    found: object = mapping
    for key in path.split("."):
        if isinstance(found, Mapping):
            found = found.get(key)
        elif isinstance(found, list) and key.isascii() and key.isdecimal() and int(key[:9]) < len(found):
            found = found[int(key[:9])]
        else:
            return None
    return found


def value_of(written: str) -> object:
    """What stands behind an ``=``: a value as JSON, or else a text; None for nothing.

    >>> value_of('{"amount": 12}'), value_of("soon"), value_of("")
    ({'amount': 12}, 'soon', None)

    Raises ValueError for what begins as JSON does and is none.
    """
    if not written:
        return None
    try:
        found: object = json.loads(written, parse_float=finite, parse_constant=finite)
    except (ValueError, RecursionError):
        if written[0] in _OPENING:
            told = f'"{written[:_SHOWN]}" begins as JSON does and is none'
            raise ValueError(f"{told}; look at its brackets and quotes, or put a text into quotes") from None
        return written
    return found


def in_words(found: object) -> str:
    """A value as it would be written behind the ``=``."""
    if found is None:
        return NOTHING
    if isinstance(found, (dict, list, bool)):
        return json.dumps(found, ensure_ascii=False)
    return str(found)
