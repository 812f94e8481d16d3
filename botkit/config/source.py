"""The file as text: its bytes decoded, its lines, and the characters that nobody sees."""

import re
from typing import Final

from botkit.config.problems import Problems

SIZE_LIMIT: Final = 1_000_000

# What YAML calls a line; str.splitlines knows more.
_BREAK: Final = re.compile(r"\r\n|[\r\n\x85\u2028\u2029]")
_FORBIDDEN: Final = re.compile(r"[^\t\r\n\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
# Spaces that are none to YAML, where it looks for one: in front of a line, and behind a dash or a key.
_STRANGE: Final = "\u00a0\u1680\u2000-\u200b\u202f\u205f\u2060\u3000\ufeff"
_LEADING: Final = re.compile(rf" *(?:(?P<tab>\t)|(?:- +)*(?P<strange>[{_STRANGE}]))")
_BEHIND: Final = re.compile(rf" *(?:- +)*(?:-|[\w\"']+ *:)(?P<strange>[{_STRANGE}])")
_OPENS_LINES: Final = re.compile(r"(?:.*: +|.*- +|)[|>][-+0-9]{0,2} *(?:#.*)?")


def decode(text: str | bytes, problems: Problems) -> str | None:
    """The text of a file, in *problems* its lines; what is wrong is added there, and None given where nothing is left.

    A byte order mark at the beginning is dropped.
    """
    raw = text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text
    if len(raw) > SIZE_LIMIT:
        problems.add((1, 1), (), f"the file has more than {SIZE_LIMIT:,} bytes; split it into several")
        return None
    try:
        decoded = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        problems.lines = _BREAK.split(raw.decode("utf-8", "replace"))
        _complain_of_encoding(raw[: error.start].decode("utf-8", "replace"), problems)
        return None
    problems.lines = _BREAK.split(decoded)
    _complain_of_characters(decoded, problems)
    return None if problems.found else decoded


def _complain_of_encoding(before: str, problems: Problems) -> None:
    lines = _BREAK.split(before)
    told = 'the file is not in UTF-8 from here on; save it as "UTF-8" in your editor'
    problems.add((len(lines), len(lines[-1]) + 1), (), told)


def _complain_of_characters(text: str, problems: Problems) -> None:
    found = _FORBIDDEN.search(text)
    if found is not None and found.group() == "\0":
        _complain_of_encoding(text[: found.start()], problems)
    elif found is not None:
        lines = _BREAK.split(text[: found.start()])
        told = f"here is a character that cannot be seen ({ascii(found.group())[1:-1]}); delete it"
        problems.add((len(lines), len(lines[-1]) + 1), (), told)


def complain_of_spaces(problems: Problems) -> None:
    """Complain about white space that only looks like what YAML wants, but for the texts after ``|``."""
    literal_above: int | None = None
    for number, line in enumerate(problems.lines, 1):
        indent = len(line) - len(line.lstrip(" "))
        if not line.strip(" \t") or (literal_above is not None and indent > literal_above):
            continue
        literal_above = indent if _OPENS_LINES.fullmatch(line) else None
        if not line.lstrip(" \t").startswith("#"):
            _complain_of_line(number, line, problems)


def _complain_of_line(number: int, line: str, problems: Problems) -> None:
    found = _LEADING.match(line) or _BEHIND.match(line)
    if found is None:
        return
    if found.groupdict().get("tab"):
        problems.add((number, found.end()), (), "this line is indented with a tab; type spaces instead")
        return
    char = found["strange"]
    kind = "a non-breaking space" if char == "\u00a0" else f"a space of another kind ({ascii(char)[1:-1]})"
    told = f"here is {kind}, which only looks like a space; type a plain one instead"
    problems.add((number, found.end()), (), told)
