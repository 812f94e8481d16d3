"""Texts in several languages: each is a str, and so may stand wherever a text may."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Self


class Translated(str):
    """A text in several languages, by their codes; what asks for no language gets the first.

    >>> greeting = Translated(en="Good morning!", de="Guten Morgen!")
    >>> greeting.said_in("de"), greeting.said_in("fr"), str(greeting)
    ('Guten Morgen!', 'Good morning!', 'Good morning!')

    Raises ValueError where there is none, and TypeError for what is no text.
    """

    __slots__ = ("by_language",)

    by_language: Mapping[str, str]

    def __new__(cls, given: Mapping[str, str] = MappingProxyType({}), /, **by_language: str) -> Self:
        """Take texts by their languages: as keywords, or as a mapping."""
        texts = {**given, **by_language}
        if not texts:
            raise ValueError('Translated takes a text for each language, as in Translated(en="Yes", de="Ja").')
        for language, text in texts.items():
            if not isinstance(text, str):
                raise TypeError(f"Translated takes texts, not {type(text).__name__} for {language!r}.")
        made = super().__new__(cls, next(iter(texts.values())))
        made.by_language = MappingProxyType({language: str(text) for language, text in texts.items()})
        return made

    def __reduce__(self) -> tuple[type[Self], tuple[dict[str, str]]]:
        return (type(self), (dict(self.by_language),))

    def __repr__(self) -> str:
        return f"Translated({dict(self.by_language)!r})"

    def said_in(self, *languages: str) -> str:
        """The text in the first of *languages* that it is there in, else the first of all."""
        return self.by_language[first_of(languages, self.by_language)]


def first_of(languages: Iterable[str], there: Iterable[str]) -> str:
    """The first of *languages* that is *there*, a region's counting for the language; else what is there first.

    >>> first_of(["fr", "de-AT"], ["en", "de"]), first_of(["fr"], ["en", "de"])
    ('de', 'en')
    """
    found = list(there)
    wanted = (either for one in languages for either in (one, one.partition("-")[0]))
    return next((one for one in wanted if one in found), found[0])


def said_in(text: str, languages: Sequence[str]) -> str:
    """*text* in the first of *languages* that it is there in; what is in one language only is said as it is."""
    return text.said_in(*languages) if isinstance(text, Translated) else text


def spellings(text: str) -> tuple[str, ...]:
    """How *text* is said in all its languages, each once.

    >>> spellings(Translated(en="Rye", de="Roggen", nl="Rogge")), spellings("Rye")
    (('Rye', 'Roggen', 'Rogge'), ('Rye',))
    """
    return tuple(dict.fromkeys(text.by_language.values())) if isinstance(text, Translated) else (text,)


def changed(text: str, change: Callable[[str, str], str]) -> str:
    """*text* with *change* made to it in each of its languages; the language is empty where there is only one."""
    if not isinstance(text, Translated):
        return change(text, "")
    return Translated({language: change(said, language) for language, said in text.by_language.items()})
