"""Patterns: regular expressions for experts, all searched at once by RE2 in time that grows with the text alone."""

import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from importlib import import_module
from typing import Any, Final

from attrs import field, frozen

from botkit.errors import PhraseError
from botkit.language import Context, tokens
from botkit.language.slots import SlotType
from botkit.language.text import TEXT_LIMIT
from botkit.matching.intents import Intent, Match, Pattern, Phrase

#: What the automata of all patterns of a bot may take.
_MEMORY_BYTES: Final = 64 << 20
_LOOKAROUND: Final = ("(?=", "(?!", "(?<=", "(?<!")
_OPTIONAL: Final = ("?", "*", "{0")
#: Texts that have nothing in common.
_UNLIKE: Final = ("?", "7", "ö", "\N{SMILING FACE WITH SMILING EYES}", "Xyzzy plugh")


def read_pattern(phrase: Phrase) -> Pattern:
    """Read the regular expression *phrase*; its named groups are slots.

    Raises PhraseError, naming the expression and the remedy, for what RE2 does not take, lookaround and backreferences
    among it, and where RE2 is not installed.
    """
    engine = _engine()
    try:
        found = engine.compile(phrase.text, _options(engine))
    except engine.error as error:
        raise PhraseError(_told(phrase.text, error.args[0].decode("utf-8", "replace"))) from None
    names = [_name(phrase.text, at) for at, sign in _signs(phrase.text) if sign == "("]
    if twice := next((name for name in names if name is not None and names.count(name) > 1), None):
        told = f"two groups are called {twice!r}, and only the first would fill the slot; give each a name of its own"
        raise PhraseError(f'In the regular expression "{phrase.text}", {told}.')
    named = frozenset(found.groupindex)
    for name in sorted(named):
        if not name.isidentifier():
            raise PhraseError(f'In the regular expression "{phrase.text}", the group {name!r} cannot be a slot.')
    return Pattern(phrase, named - _optional(phrase.text), named)


def takes_everything(pattern: str) -> bool:
    """Whether a regular expression that can be read is found in whatever is said, as ``.*`` and ``x?`` are.

    >>> takes_everything("x?"), takes_everything("refund|money back")
    (True, False)
    """
    engine = _engine()
    found = engine.compile(pattern, _options(engine))
    return all(found.search(text) is not None for text in _UNLIKE)


def _engine() -> Any:  # the package ships no types
    try:
        return import_module("re2")
    except ImportError:
        raise PhraseError(
            'Regular expressions need the package google-re2; install it with: pip install "botkit[regex]".'
        ) from None


def _options(engine: Any) -> Any:
    options = engine.Options()
    options.log_errors = False
    options.max_mem = _MEMORY_BYTES
    return options


def _told(text: str, error: str) -> str:
    begun = f'In the regular expression "{text}"'
    for sign in _LOOKAROUND:
        if sign in error:
            return (
                f"{begun}, at character {text.find(sign) + 1}: lookaround, {sign}…), would make some messages cost "
                "without bound; put what is around into the expression itself, or into two."
            )
    sign = error.rpartition(": ")[2]
    if sign == "(?P" and "(?P=" in text:
        sign = "(?P="
    if sign == "(?P=" or (sign[:1] == "\\" and (sign[1:].isdecimal() or sign[1:2] in ("k", "g"))):
        return (
            f"{begun}, at character {text.find(sign) + 1}: a backreference, {sign}, would make some messages cost "
            "without bound; name both groups and compare them in the handler."
        )
    return f"{begun}: {error}."


def _optional(text: str) -> frozenset[str]:
    """The named groups that a text may fit the expression without: behind them stands ?, * or {0}, or beside them |."""
    names: list[str | None] = [None]
    above: list[tuple[int, ...]] = [()]
    parted: set[int] = set()
    loose: set[int] = set()
    opened = [0]
    for at, sign in _signs(text):
        if sign == "(":
            above.append(tuple(opened))
            opened.append(len(names))
            names.append(_name(text, at))
        elif sign == "|":
            parted.add(opened[-1])
        elif len(opened) > 1:
            closed = opened.pop()
            if text.startswith(_OPTIONAL, at + 1):
                loose.add(closed)
    return frozenset(
        name
        for number, name in enumerate(names)
        if name is not None and (parted.intersection(above[number]) or loose.intersection((number, *above[number])))
    )


def _signs(text: str) -> Iterator[tuple[int, str]]:
    """The brackets and bars that mean something, each with its place."""
    at, is_class = 0, False
    while at < len(text):
        if text[at] == "\\":
            at += 1
        elif is_class:
            is_class = text[at] != "]"
        elif text[at] == "[":
            is_class = True
            at += 1 if text[at + 1 : at + 2] != "^" else 2
        elif text[at] in "()|":
            yield at, text[at]
        at += 1


def _name(text: str, at: int) -> str | None:
    for opening in ("(?P<", "(?<"):
        if text.startswith(opening, at):
            return text[at + len(opening) :].partition(">")[0]
    return None


@frozen
class _Declared:
    intent: Intent
    pattern: Pattern
    types: Mapping[str, SlotType]
    compiled: Any = field(eq=False, repr=False)


class Patterns:
    """The regular expressions of all intents, in the order of declaration; the first that fits answers."""

    def __init__(self) -> None:
        self._declared: list[_Declared] = []
        self._set: Any = None

    def add(self, intent: Intent, patterns: Sequence[Pattern], types: Mapping[str, SlotType]) -> None:
        """Take in the expressions of *intent*, whose slots have these *types*."""
        for pattern in patterns:
            engine = _engine()
            compiled = engine.compile(pattern.text, _options(engine))
            self._declared.append(_Declared(intent, pattern, types, compiled))
            self._set = None

    def match(self, text: str, context: Context) -> Match | None:
        """The intent of the first expression that is found in *text* and whose groups are what its slots take."""
        if not self._declared:
            return None
        searched = composed(text)
        found = (self._fitting(self._declared[number], searched, context) for number in self._found(searched))
        return next((match for match in found if match is not None), None)

    def judged(self, text: str, context: Context) -> Iterator[tuple[Intent, Pattern, str]]:
        """Each expression, with why it fits *text* (empty where it does) or does not."""
        searched = composed(text)
        for one in self._declared:
            if one.compiled.search(searched) is None:
                yield one.intent, one.pattern, "is not found in the text"
            else:
                fits = self._fitting(one, searched, context) is not None
                yield one.intent, one.pattern, "" if fits else "is found, but a group of it is not what its slot takes"

    def _found(self, searched: str) -> list[int]:
        if self._set is None:
            engine = _engine()
            together = engine.Set.SearchSet(_options(engine))
            for one in self._declared:
                together.Add(one.pattern.text)
            together.Compile()
            self._set = together
        return sorted(self._set.Match(searched) or ())

    def _fitting(self, declared: _Declared, searched: str, context: Context) -> Match | None:
        found = declared.compiled.search(searched)
        slots: dict[str, object] = {}
        for name, said in found.groupdict().items() if found is not None else ():
            if said is None:
                continue
            value = _value(declared.types.get(name), said, context)
            if value is None:
                return None
            slots[name] = value
        if found is None:
            return None
        phrase = declared.pattern.phrase
        return Match(intent=declared.intent, slots=slots, how="regex", phrase=phrase, language=phrase.language)


def _value(kind: SlotType | None, said: str, context: Context) -> object:
    """What a group means to its slot: all of it, or nothing (None)."""
    if kind is None or kind.is_text:
        return said
    words = tokens(said)
    return next((value for end, value in kind.values(words, 0, context) if end == len(words)), None) if words else None


def composed(text: str) -> str:
    """What of a message is searched: its first characters, composed, and nothing that UTF-8 cannot say."""
    return unicodedata.normalize("NFC", text[:TEXT_LIMIT]).encode("utf-8", "replace").decode("utf-8")
