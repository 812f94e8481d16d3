"""E-mail and web addresses in a text, told apart from the punctuation around them."""

import re
from collections.abc import Iterator
from typing import Final

from botkit.language.spots import Spots
from botkit.language.text import Tokens

#: What a mail server takes: https://www.rfc-editor.org/rfc/rfc5321#section-4.5.3.1
EMAIL_LIMIT: Final = 254
#: How many characters stand before the @ at most.
_LOCAL_LIMIT: Final = 64
_EMAIL: Final = re.compile(rf"[^\s@]{{1,{_LOCAL_LIMIT}}}@[^\s@.]{{1,63}}(?:\.[^\s@.]{{1,63}}){{1,8}}")
#: The words that a web address begins with.
SCHEMES: Final = frozenset({"http", "https", "www"})
_SCHEME: Final = re.compile(r"(?:https?://|www\.)(?=\S)", re.IGNORECASE)
_OPENING: Final = "<(\"'“«"
_CLOSING: Final = ".,;:!?>\"'”»…"


def emails(tokens: Tokens, first: int) -> Iterator[tuple[int, str]]:
    """The e-mail address of at most 254 characters that starts at a token, as it is written."""
    start = tokens.spans.start(first)
    if tokens.surface.find("@", start, start + _LOCAL_LIMIT + 1) < 0:
        return
    chunk = _chunk(tokens, first)
    if len(chunk) <= EMAIL_LIMIT and _EMAIL.fullmatch(chunk):
        yield tokens.spans.behind(start + len(chunk)), chunk


def all_emails(tokens: Tokens, first: int, end: int) -> Iterator[tuple[int, Spots]]:
    """How many tokens e-mail addresses take that start at one from *first* up to *end*, and where they start."""
    following = tokens.surface.find("@", tokens.spans.start(first))
    while first < end and following >= 0:
        sign, following = following, tokens.surface.find("@", following + 1)
        begins, ends = tokens.chunk(sign)
        behind = tokens.spans.behind(sign)
        if not 0 <= following < ends:
            # There is no other @ in it, and no more stands before this one.
            for at in range(max(first, tokens.spans.behind(max(begins, sign - _LOCAL_LIMIT))), min(end, behind)):
                for stop, _ in emails(tokens, at):
                    yield stop - at, 1 << at
        first = max(first, behind)


def urls(tokens: Tokens, first: int) -> Iterator[tuple[int, str]]:
    """The web address that starts at a token, with https://, http:// or www., as it is written."""
    chunk = _chunk(tokens, first) if tokens.words[first] in SCHEMES else ""
    if _SCHEME.match(chunk):
        yield tokens.spans.behind(tokens.spans.start(first) + len(chunk)), chunk


def _chunk(tokens: Tokens, first: int) -> str:
    """The characters from a token up to the next white space, without the punctuation that is the sentence's."""
    surface, start = tokens.surface, tokens.spans.start(first)
    before = surface[start - 1 : start]
    if before and not before.isspace() and before not in _OPENING and not _is_adjacent(tokens, first):
        return ""
    chunk = surface[start : tokens.chunk(start)[1]].rstrip(_CLOSING)
    return chunk if "(" in chunk else chunk.rstrip(_CLOSING + ")")


def _is_adjacent(tokens: Tokens, first: int) -> bool:
    """Whether nothing is between a token and the one before it, as in scripts without spaces."""
    return first > 0 and tokens.spans.end(first - 1) == tokens.spans.start(first)
