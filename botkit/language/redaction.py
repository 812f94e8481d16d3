"""What a user said without the numbers and addresses in it, which may say who he is."""

from collections.abc import Iterator
from typing import Final

#: What stands for what was left out.
NUMBER, ADDRESS = "#", "@"
#: More of a text is not kept.
LENGTH_LIMIT: Final = 500
_WEB: Final = ("http://", "https://", "www.")
#: What stands between the digits of one number: of a telephone, an account, a date.
_BETWEEN: Final = frozenset(" .,:/-()+\u00a0\u202f\u2011")
_SIGNS: Final = 2


def redacted(text: str) -> str:
    """*text* with ``#`` for every number and ``@`` for every address of mail or web, at most 500 characters of it.

    >>> redacted("My order 4711 of 24.12., call +49 (30) 901820 or write to ann@example.com!")
    'My order # of #., call # or write to @'
    """
    words = " ".join(ADDRESS if _is_address(word) else word for word in text[: 4 * LENGTH_LIMIT].split())
    return "".join(_numbered(words))[:LENGTH_LIMIT]


def _is_address(word: str) -> bool:
    return "@" in word[1:-1] or any(start in word.lower() for start in _WEB)


def _numbered(text: str) -> Iterator[str]:
    at = 0
    while at < len(text):
        end = _number_end(text, at)
        yield NUMBER if end > at else text[at]
        at = max(end, at + 1)


def _number_end(text: str, start: int) -> int:
    """Where the number ends that begins at *start*, up to two signs before and between its digits; else *start*."""
    end, at = start, start
    while at < len(text) and at - start < _SIGNS and text[at] in "+(":
        at += 1
    while at < len(text):
        if text[at].isdecimal():
            end = at + 1
        elif end == start or at - end >= _SIGNS or text[at] not in _BETWEEN:
            break
        at += 1
    return end
