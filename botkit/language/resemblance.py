"""Resemblance: which of a few titles a text means that is none of them, told strictly."""

from collections.abc import Sequence
from typing import Final

from botkit.language.likeness.vocabulary import is_one_edit
from botkit.language.text import Tokens, tokens

#: A shorter word is one letter away from too many others.
_SAFE: Final = 4
#: Shorter ones alone mean none of the titles.
_MEANING: Final = 3
#: What a user may say besides: "well, tomorrow would be fine".
_BESIDES: Final = 4
_NEGATIONS: Final = frozenset({
    "no", "not", "none", "never", "dont", "nor", "neither", "without", "nicht", "kein", "keine", "keinen", "nie",
    "ohne", "non", "pas", "ne", "jamais", "sans", "ni", "nunca", "sin", "mai", "senza", "nao", "nem", "sem", "niet",
    "geen", "nooit", "zonder", "bez", "ani",
})  # fmt: skip


def resembling(said: Tokens, titles: Sequence[str]) -> tuple[int, float] | None:
    """The number of the one title that *said* means, and how surely, up to 1; None if none, or more than one.

    Either all words of the title are said, or all that is said is in the title. A word of four letters or more may have
    one typo. Words that several titles have tell none from another, and a *not* makes it none.

    >>> titles = ["Today", "Tomorrow morning", "Tomorrow evening"]
    >>> [resembling(tokens(text), titles) for text in ("tody please", "evning", "tomorrow", "not today")]
    [(0, 0.85), (2, 1.0), None, None]
    """
    words = [tokens(title).words for title in titles]
    if len(said) > _BESIDES + max(map(len, words), default=0):
        return None
    found = [(number, part) for number, title in enumerate(words) if (part := _part(said.words, title, words))]
    return found[0] if len(found) == 1 and _NEGATIONS.isdisjoint(said.words) else None


def _part(said: Sequence[str], title: Sequence[str], titles: Sequence[Sequence[str]]) -> float:
    """How much of what is said, by its letters, is in *title*; 0 where that is not what is meant."""
    others = {word for other in titles if other is not title for word in other}
    heard = [word for word in said if _has(title, word)]
    telling = [word for word in heard if len(word) >= _MEANING and not _has(others, word)]
    is_whole = all(_has(said, word) for word in title) and len(said) - len(heard) <= _BESIDES
    if not telling or not (is_whole or len(heard) == len(said)):
        return 0.0
    part = sum(map(len, heard)) / sum(map(len, said))
    return (3 + part) / 4 if is_whole else part


def _has(words: Sequence[str] | set[str], word: str) -> bool:
    return word in words or (
        len(word) >= _SAFE and any(len(other) >= _SAFE and is_one_edit(word, other) for other in words)
    )
