"""E-mail and web addresses in a text, told apart from the punctuation around them."""

import re
from collections.abc import Iterator, Sequence
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


def emails(tokens: Tokens, first: int) -> Sequence[tuple[int, str]]:
    """The e-mail address of at most 254 characters that starts at a token, as it is written."""
    start = tokens.spans.start(first)
    if not _may_begin(tokens, first, start) or tokens.surface.find("@", start, start + _LOCAL_LIMIT + 1) < 0:
        return ()
    chunk = _chunk(tokens, start)
    if len(chunk) > EMAIL_LIMIT or not _EMAIL.fullmatch(chunk):
        return ()
    return ((tokens.spans.behind(start + len(chunk)), chunk),)


def all_emails(tokens: Tokens, first: int, end: int) -> Iterator[tuple[int, Spots]]:
    """How many tokens e-mail addresses take that start at one from *first* up to *end*, and where they start."""
    find, behind = tokens.surface.find, tokens.spans.behind
    following, last = find("@", tokens.spans.start(first)), tokens.spans.start(end - 1) + _LOCAL_LIMIT
    while first < end and 0 <= following <= last:
        sign, following = following, find("@", following + 1)
        begins, ends = tokens.chunk(sign)
        if not 0 <= following < ends:
            # There is no other @ in it, and no more stands before this one.
            for at in range(max(first, behind(max(begins, sign - _LOCAL_LIMIT))), min(end, behind(sign))):
                for stop, _ in emails(tokens, at):
                    yield stop - at, 1 << at
        first = max(first, behind(sign))


def urls(tokens: Tokens, first: int) -> Iterator[tuple[int, str]]:
    """The web address that starts at a token, with https://, http:// or www., as it is written."""
    start = tokens.spans.start(first)
    if tokens.words[first] in SCHEMES and _may_begin(tokens, first, start):
        chunk = _chunk(tokens, start)
        if _SCHEME.match(chunk):
            yield tokens.spans.behind(start + len(chunk)), chunk


def _may_begin(tokens: Tokens, first: int, start: int) -> bool:
    """Whether what stands before a token that starts there is no part of the same address."""
    before = tokens.surface[start - 1 : start]
    return not before or before.isspace() or before in _OPENING or _is_adjacent(tokens, first)


def _chunk(tokens: Tokens, start: int) -> str:
    """The characters from a place up to the next white space, without the punctuation that is the sentence's."""
    chunk = tokens.surface[start : tokens.chunk(start)[1]].rstrip(_CLOSING)
    return chunk if "(" in chunk else chunk.rstrip(_CLOSING + ")")


def _is_adjacent(tokens: Tokens, first: int) -> bool:
    """Whether nothing is between a token and the one before it, as in scripts without spaces."""
    return first > 0 and tokens.spans.end(first - 1) == tokens.spans.start(first)
