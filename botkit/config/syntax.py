"""What YAML's parser could not read, in the words of somebody who has never heard of YAML.

The parser says where it stopped and which rule was broken. What the author did is read from the lines around that
place.
"""

import re
from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

import yaml
from attrs import frozen

from botkit.config.nodes import Scalar


class Told(NamedTuple):
    """A complaint: a line and a column counted from 1, and what to do."""

    line: int
    column: int
    text: str


@frozen(kw_only=True)
class _Stop:
    """Where the parser stopped, counted from 1, which *problem* it had, and where what it was reading had begun.

    *bracket* is where the innermost bracket opens that was not closed before, by line and column.
    """

    lines: Sequence[str]
    problem: str
    line: int
    column: int
    start_line: int
    start_column: int
    bracket: tuple[int, int] | None = None

    @property
    def source(self) -> str:
        """The line in which the parser stopped."""
        return _line(self.lines, self.line)

    @property
    def char(self) -> str:
        """The character at which the parser stopped, empty at the end of a line."""
        return self.source[self.column - 1 : self.column]

    @property
    def start_char(self) -> str:
        """The character with which began what the parser was reading."""
        return _line(self.lines, self.start_line)[self.start_column - 1 : self.start_column]

    @property
    def begin(self) -> int:
        """The column of the first character in the line that is no space."""
        return _indent(self.source) + 1

    def told(self, text: str) -> Told:
        """A complaint about where the parser stopped."""
        return Told(self.line, self.column, text)

    def told_at_start(self, text: str) -> Told:
        """A complaint about where what it was reading had begun."""
        return Told(self.start_line, self.start_column, text)


_LEAD: Final = re.compile(r" *(?:- +)*")
_KEY: Final = re.compile(r" *(?:- +)*(?:\"[^\"]{0,200}\"|'[^']{0,200}'|[^\s:#'\"{}\[\],][^:#]{0,200}?) *:(?: +|$)")
_GLUED: Final = re.compile(r" *(?:- +)*([\w-]{1,40}):[^\s]")
_STARTERS: Final = "{[\"'*&!|>@`%?"

_UNCLOSED_QUOTE: Final = (
    "the quote that opens here is never closed; if it is part of the text, put quotes of the other kind around it all"
)
_COLON: Final = 'a text with ": " in it needs quotes around it'


def explain(
    error: yaml.MarkedYAMLError, lines: Sequence[str], quoted: Scalar | None, opened: Sequence[tuple[int, int]] = ()
) -> Told:
    """Put *error* into words; *quoted* is the text in quotes that was read last, *opened* where brackets are open."""
    mark = error.problem_mark or error.context_mark
    start = error.context_mark or mark
    stop = _Stop(
        lines=lines,
        problem=f"{error.context or ''}: {error.problem or ''}",
        line=mark.line + 1 if mark else 1,
        column=mark.column + 1 if mark else 1,
        start_line=start.line + 1 if start else 1,
        start_column=start.column + 1 if start else 1,
        bracket=opened[-1] if opened else None,
    )
    if (
        quoted is not None
        and any(_KEY.match(line) for line in lines[quoted.line : stop.line])
        and _is_open(stop, quoted)
    ):
        return Told(quoted.line, quoted.column, _UNCLOSED_QUOTE)
    explanation = next(function for part, function in _EXPLANATIONS if part in stop.problem)
    return explanation(stop)


def _is_open(stop: _Stop, quoted: Scalar) -> bool:
    """Whether *quoted*, which goes on over several lines, has ended in the line in which the parser stopped."""
    quote = _line(stop.lines, quoted.line)[quoted.column - 1 : quoted.column]
    opened = _line(stop.lines, quoted.line)[quoted.column :]
    return quoted.line < stop.line and quote not in opened and quote in stop.source[: stop.column]


def _line(lines: Sequence[str], number: int) -> str:
    return lines[number - 1] if 1 <= number <= len(lines) else ""


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(" "))


def _above(lines: Sequence[str], number: int) -> int:
    """The next line above that is neither empty nor a comment, 0 if there is none."""
    for above in range(number - 1, 0, -1):
        text = _line(lines, above).strip()
        if text and not text.startswith("#"):
            return above
    return 0


def _starter(char: str) -> str:
    """What to tell about a text that begins with a *char* that means something to YAML."""
    if char and char in "|>":
        return f"behind {char} the text begins in the next line; a text that begins with {char} needs quotes around it"
    return (
        "a tab stands here; type spaces" if char == "\t" else f"a text that begins with {char} needs quotes around it"
    )


def _explain_quoted(stop: _Stop) -> Told:
    if "end of stream" in stop.problem or "document indicator" in stop.problem:
        return stop.told_at_start(_UNCLOSED_QUOTE)
    column = stop.source.find("\\", max(0, stop.column - 3)) + 1 or stop.column
    told = "between double quotes a \\ is written \\\\; or put single quotes around the text instead"
    return Told(stop.line, column, told)


def _explain_start(stop: _Stop) -> Told:
    return stop.told_at_start(_starter(stop.start_char))


# A ":", a "-" or a "?" where none may stand


def _explain_dash(stop: _Stop) -> Told:
    return stop.told(
        'a list begins in a line of its own below the key; a text that begins with "- " needs quotes around it'
    )


def _explain_question(stop: _Stop) -> Told:
    return stop.told(_starter("?"))


def _value_column(stop: _Stop) -> int:
    """Where the value begins in the line in which the parser stopped; 0 where no value begins before that place."""
    key = _KEY.match(stop.source)
    if key is not None and key.end() < stop.column:
        return key.end() + 1
    lead = _LEAD.match(stop.source)
    return lead.end() + 1 if lead is not None and "-" in lead.group() else 0


def _explain_colon(stop: _Stop) -> Told:
    value = _value_column(stop)
    if not value or value >= stop.column:
        return _explain_key_in_text(stop)
    first = stop.source[value - 1]
    if first in _STARTERS:
        return Told(stop.line, value, _starter(first))
    ends = not stop.source[stop.column :].strip()
    return stop.told('a text that ends with ":" needs quotes around it' if ends else _COLON)


def _explain_key_in_text(stop: _Stop) -> Told:
    """A key that goes on with the text of the line above."""
    above = _above(stop.lines, stop.line)
    if stop.column > 1_000:
        return Told(stop.line, stop.begin, "a key has at most 1,000 characters")
    if above and not re.match(r"[^:]*:| *- ", _line(stop.lines, above)):
        return _no_colon(stop.lines, above)
    told = "this line is indented further than the key above, and so goes on with its text; keys stand below each other"
    return Told(stop.line, stop.begin, told)


def _explain_no_colon(stop: _Stop) -> Told:
    return _no_colon(stop.lines, stop.start_line)


def _no_colon(lines: Sequence[str], number: int) -> Told:
    """A line that is neither a key nor part of a list."""
    source = _line(lines, number)
    begin = _indent(source) + 1
    glued = _GLUED.match(source)
    if glued is not None:
        return Told(number, glued.end(), f'a space is missing behind "{glued[1]}:"')
    if _line(lines, _above(lines, number)).startswith(" " * (begin - 1) + "- "):
        told = 'the "- " of a list is missing here; or is it part of the text above? Then indent it further'
        return Told(number, begin, told)
    if len(source.split()) == 1:
        return Told(number, len(source.rstrip()) + 1, 'a ":" is missing here, behind the key')
    told = (
        'this line has no ":" behind a key and no "- " in front; is it part of the text above? Then indent it further'
    )
    return Told(number, begin, told)


# Inside [ ] or { }


def _explain_brackets(stop: _Stop) -> Told:
    return _unclosed_bracket(stop) or _text_with_bracket(stop) or _missing_comma(stop)


def _unclosed_bracket(stop: _Stop) -> Told | None:
    at_next_key = stop.line != stop.start_line and stop.char == ":"
    if not at_next_key and stop.char and stop.char != "#":
        return None
    # At the end of a file the parser speaks of what would have come next, and not of the bracket.
    line, column = (stop.start_line, stop.start_column) if stop.start_char else stop.bracket or (stop.line, stop.column)
    sign = _line(stop.lines, line)[column - 1 : column]
    return Told(line, column, f"the {sign} that opens here is never closed")


def _text_with_bracket(stop: _Stop) -> Told | None:
    inside = "inside [ ]" if stop.start_char == "[" else "inside { }"
    before = stop.source[: stop.column - 1].rstrip()
    if stop.char == "{" and before.endswith("$"):
        return Told(stop.line, len(before), f'{inside} a reference needs quotes around it: "${{NAME}}"')
    if stop.char in "{[?":
        return stop.told(f"a text with {stop.char} in it needs quotes around it {inside}")
    if before.endswith(("}", "]")):
        opened = max(before.rfind("{" if before.endswith("}") else "["), 0)
        return Told(stop.line, opened + 1, _starter(before[opened]))
    return None


def _missing_comma(stop: _Stop) -> Told:
    inside = "inside [ ]" if stop.start_char == "[" else "inside { }"
    before = stop.source[: stop.column - 1].rstrip()
    if stop.char == ",":
        return stop.told("there is a comma too many here")
    if before.endswith(('"', "'")):
        return stop.told("a comma is missing here; or the text goes on behind its closing quote")
    if stop.char == ":":
        return stop.told(f'{inside} a comma is missing in front of this ":", or its text needs quotes around it')
    return stop.told("a comma or a closing bracket is missing here")


# Something that belongs nowhere


def _explain_unfit(stop: _Stop) -> Told:
    if stop.column > stop.begin:
        return _explain_rest(stop)
    above = _above(stop.lines, stop.line)
    cut = _line(stop.lines, above).find(" #")
    if cut >= 0 and _indent(_line(stop.lines, above)) < stop.begin - 1 and not _KEY.match(stop.source):
        told = 'this text is cut off at " #", which begins a comment; put quotes around the text'
        return Told(above, cut + 2, told)
    if stop.char == ":":
        return stop.told('a key is missing in front of the ":"')
    return _explain_indent(stop)


def _explain_indent(stop: _Stop) -> Told:
    """A line whose indentation is that of no other, or which is of another kind than the others."""
    fitting = _indents(stop.lines, stop.line)
    if stop.begin - 1 in fitting:
        is_item = stop.source[stop.begin - 1 :].startswith("- ")
        kind = 'this line with "- " stands among keys' if is_item else 'this line without "- " stands in a list'
        return stop.told(f"{kind}; is it indented as it should be?")
    told = f"this line is indented by {_spaces(stop.begin - 1)}, and those it could belong to by "
    return stop.told(told + _listed([str(indent) for indent in fitting]))


def _spaces(number: int) -> str:
    return "1 space" if number == 1 else f"{number} spaces"


def _listed(words: Sequence[str]) -> str:
    return " or ".join(filter(None, [", ".join(words[:-1]), *words[-1:]]))


def _indents(lines: Sequence[str], number: int) -> list[int]:
    """How far the lines are indented that a line may go on with, outermost first."""
    found: list[int] = []
    above = _above(lines, number)
    while above:
        indent = _indent(_line(lines, above))
        if not found or indent < found[0]:
            found.insert(0, indent)
        above = _above(lines, above) if found[0] else 0
    return found


def _explain_rest(stop: _Stop) -> Told:
    """Something that goes on behind a text in quotes or behind brackets."""
    value = _value_column(stop)
    first = stop.source[value - 1] if value else ""
    if stop.char and stop.char in "]}," and not stop.source[stop.column :].strip():
        return stop.told(f"there is a {'comma' if stop.char == ',' else stop.char} too many here")
    if first and first in "\"'":
        other = "single" if first == '"' else "double"
        told = f"the text goes on behind its closing quote; put {other} quotes around all of it instead"
        return Told(stop.line, value, told)
    if first and first in _STARTERS:
        return Told(stop.line, value, _starter(first))
    return stop.told("the line goes on here, where its value has ended; is a line break or a quote missing?")


def _explain_document(stop: _Stop) -> Told:
    if _line(stop.lines, stop.start_line).startswith("%"):
        told = "a line that begins with % means something else to YAML; take it away, or put quotes around its text"
        return Told(stop.start_line, 1, told)
    return stop.told("nothing may follow here; is a line of dots above it, or is this one indented wrongly?")


#: What the parser says, in libyaml's words and in PyYAML's, and who explains it; the first that fits.
_EXPLANATIONS: Final[Sequence[tuple[str, Callable[[_Stop], Told]]]] = (
    ("quoted scalar", _explain_quoted),
    ("block scalar", _explain_start),
    ("cannot start any token", _explain_start),
    ("scanning an alias", _explain_start),
    ("scanning an anchor", _explain_start),
    (" a tag", _explain_start),
    ("sequence entries are not allowed", _explain_dash),
    ("mapping keys are not allowed", _explain_question),
    ("mapping values are not allowed", _explain_colon),
    ("parsing a flow", _explain_brackets),
    ("could not find expected ':'", _explain_no_colon),
    ("parsing a block", _explain_unfit),
    ("", _explain_document),
)
