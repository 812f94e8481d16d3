"""Lists of values with their synonyms, looked up word by word: a long list costs no more than a short one."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from attrs import define, field

from botkit.errors import DefinitionError
from botkit.language.text import Tokens, normalise, tokens
from botkit.translated import spellings

#: How many words a value or a synonym may have: so far a message is looked at from each of its words on.
SPELLING_LIMIT: Final = 20
#: What a sentence puts before a value and behind it.
_OPENING: Final = " \"'“„«¿¡(["
_CLOSING: Final = " .,;:!?…\"'”»)]"


#: The values that have the same words, by how they are shown.
Claims = dict[str, str]


@define
class _Branch:
    claims: Claims = field(factory=dict)
    following: dict[str, "_Branch"] = field(factory=dict)


class WordList:
    """The keys of *values*, in all their languages, and their synonyms; it gives a key in its first language.

    Of values with the same words the one that is said sign by sign is taken, as in C++ and C, else the first. Raises
    DefinitionError for a value or synonym of more than 20 words.

    >>> sizes = WordList({"large": ["big", "very big"], "small": []})
    >>> list(sizes.find(tokens("Very big!"), 0)), sizes.longest
    ([(2, 'large')], 2)
    """

    def __init__(self, values: Mapping[str, Sequence[str]]) -> None:
        self._root = _Branch()
        #: Who claims the words of each spelling, by how it is shown.
        self.claims: dict[tuple[str, ...], Claims] = {}
        for spelling, value in _spellings(values):
            self._add(spelling, value)
        #: How many words its longest spelling has.
        self.longest = max(map(len, self.claims), default=0)

    def find(self, said: Tokens, first: int) -> Iterator[tuple[int, str]]:
        """The values that start at a token, the longest spelling first."""
        branch, end = self._root, first
        found = []
        while end < len(said) and (following := branch.following.get(said.words[end])):
            branch, end = following, end + 1
            if branch.claims:
                found.append((end, meant(branch.claims, said, first, end)))
        return reversed(found)

    def _add(self, spelling: str, value: str) -> None:
        words = tokens(spelling).words
        if len(words) > SPELLING_LIMIT:
            raise DefinitionError(f'"{spelling:.40}…" has more than {SPELLING_LIMIT} words; shorten it.')
        branch = self._root
        for word in words:
            branch = branch.following.setdefault(word, _Branch())
        if words:
            branch.claims.setdefault(_shown(spelling), value)
            self.claims[words] = branch.claims


def contradictions(values: Mapping[str, Sequence[str]]) -> Iterator[str]:
    """What a list says that it never means: a spelling that an earlier value has, or that nothing is left of.

    >>> print(*contradictions({"large": ["big"], "huge": ["Big!"]}))
    "Big!" stands for 'large' already, so it never means 'huge'
    """
    known: dict[tuple[str, str], str] = {}
    for spelling, value in _spellings(values):
        key = normalise(spelling)
        first = known.setdefault((key, _shown(spelling)), value)
        if not key:
            yield f'nothing of "{spelling}" is left to match, so it is skipped'
        elif first != value:
            yield f'"{spelling}" stands for {first!r} already, so it never means {value!r}'


def _spellings(values: Mapping[str, Sequence[str]]) -> Iterator[tuple[str, str]]:
    for value, synonyms in values.items():
        for spelling in (*spellings(value), *synonyms):
            yield spelling, str(value)


def _shown(spelling: str) -> str:
    return spelling.casefold().lstrip(_OPENING).rstrip(_CLOSING)


def meant(claims: Claims, said: Tokens, first: int, end: int) -> str:
    """Whose spelling stands at these tokens: the longest that does sign by sign, else the first."""
    declared_first, *others = claims.values()
    if not others:
        return declared_first
    start = said.spans.end(first - 1) if first else 0
    around = said.surface[start : said.spans.start(end) if end < len(said) else None].casefold()
    standing = [shown for shown in claims if shown in around]
    return claims[max(standing, key=len)] if standing else declared_first
