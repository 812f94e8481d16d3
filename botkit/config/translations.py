"""Texts in several languages: ``{en: …, de: …}`` wherever a text may stand, and what is missing in which language."""

from collections.abc import Iterable, Sequence
from string import punctuation
from typing import Final

from attrs import field, frozen

from botkit.config.nodes import Broken, Keys, Node, Path, Scalar, said, shown, shown_path
from botkit.config.problems import Problems, meant
from botkit.language.codes import CODES, meant_code
from botkit.language.vocabulary import LANGUAGES, has_words
from botkit.translated import Translated

#: Where botkit has words and texts of its own for what is missing.
_BUILT_IN: Final = frozenset({"texts", "words"})


def is_by_language(keys: Iterable[str]) -> bool:
    """Whether *keys* are those of something in several languages, or meant to be: no other key is called so.

    >>> is_by_language(["de", "en"]), is_by_language(["german"]), is_by_language(["text", "choices"])
    (True, True, False)
    """
    return any(key in CODES or meant_code(key) is not None for key in keys)


@frozen
class Translations:
    """Reads what is there in several languages for the bot whose own is *own*, and remembers what it has read."""

    problems: Problems
    own: str
    #: Every translation by its path, with its languages.
    _read: dict[Path, tuple[Keys, frozenset[str]]] = field(factory=dict)
    #: Every text that is said as it is in all languages, by its path.
    _plain: dict[Path, Scalar] = field(factory=dict)

    def each(self, node: Node, path: Path) -> dict[str, Node] | None:
        """What stands at *node* by language, the bot's own first; None for what is not in several."""
        if not isinstance(node, Keys):
            return None
        found = {}
        for language in sorted(node.entries, key=lambda one: one != self.own):
            if language in CODES or language == self.own:
                found[language] = node.entries[language]
            else:
                self.tell_unknown(language, node.keys[language], path)
        self._read[path] = (node, frozenset(found))
        return {language: one for language, one in found.items() if not isinstance(one, Broken)}

    def names(self, node: Node, path: Path) -> dict[str, Node] | None:
        """What stands at *node* by language, of something that has a name in the bot's own anyway."""
        found = self.each(node, path)
        if found is not None:
            keys, there = self._read[path]
            self._read[path] = keys, there | {self.own}
        return found

    def tell_unknown(self, code: str, node: Node, path: Path) -> None:
        """Complain about a *code* that is none of a language."""
        likely, known = meant_code(code), [one for one in (self.own, *LANGUAGES) if one != code]
        hint = meant(likely, [likely]) if likely is not None else meant(code, list(dict.fromkeys(known)))
        self.problems.add(node, path, f'unknown language "{shown(code)}"{hint}')

    def wording(self, node: Node | None, path: Path) -> str:
        """The text at *node*, in its languages where there are several; empty where there is none."""
        by_language = {} if node is None else self.each(node, path)
        if by_language is None:
            self.note(node, path)
            return said(node)
        texts = {language: text for language, one in by_language.items() if (text := said(one))}
        return Translated(texts) if texts else ""

    def note(self, node: Node | None, path: Path) -> None:
        """Remember a text that is said as it is."""
        if isinstance(node, Scalar):
            self._plain[path] = node

    @property
    def languages(self) -> tuple[str, ...]:
        """Every language that something is written in, the bot's own first."""
        found = {language for _, languages in self._read.values() for language in languages}
        return tuple(sorted(found | {self.own}, key=lambda one: (one != self.own, one)))

    def warn(self) -> None:
        """Warn of what is missing in which language."""
        languages = self.languages
        if len(languages) < 2:
            return
        for path, (node, there) in sorted(self._read.items(), key=lambda each: (each[1][0].line, each[1][0].column)):
            missing = [one for one in languages if one not in there and not self._is_built_in(path, one)]
            if missing and there and not self._is_inside(path):
                kind = "phrases" if path[-1] in ("phrases", "regexes") else "text"
                otherwise = self.own if self.own in there else next(one for one in node.entries if one in there)
                instead = (
                    "" if kind == "phrases" else f"; who speaks {_listed(missing, 'or')} gets the one in {otherwise}"
                )
                are = "are" if kind == "phrases" else "is"
                self._warn(node, path, f"there {are} no {kind} in {_listed(missing, 'or')}{instead}")
        self._warn_of_plain(languages)

    def _warn_of_plain(self, languages: Sequence[str]) -> None:
        """Warn once of all texts that are the same in every language: some of them are meant so."""
        plain = [(path, one) for path, one in self._plain.items() if _has_words(one) and not self._is_inside(path)]
        plain = [(path, one) for path, one in plain if not any(self._is_built_in(path, two) for two in languages[1:])]
        if plain:
            path, node = min(plain, key=lambda each: (each[1].line, each[1].column))
            more = f", and {len(plain) - 1} more," if len(plain) > 1 else ""
            are = "are" if more else "is"
            told = f"this text{more} {are} the same in {_listed(languages, 'and')}"
            written = ", ".join(f"{one}: …" for one in languages)
            self._warn(node, path, f"{told}; write {{{written}}} where it should not be")

    def _warn(self, node: Node, path: Path, told: str) -> None:
        self.problems.warn(self.problems.place(node), f"{shown_path(path)}: {told}")

    def _is_inside(self, path: Path) -> bool:
        """Whether something above *path* is in several languages already."""
        return any(path[:length] in self._read for length in range(len(path)))

    @staticmethod
    def _is_built_in(path: Path, language: str) -> bool:
        return "intents" not in path and not _BUILT_IN.isdisjoint(path[:-1]) and has_words(language)


def _has_words(scalar: Scalar) -> bool:
    """Whether there is anything to translate in a text, besides names in braces."""
    outside, depth = "", 0
    for sign in scalar.text:
        depth += (sign == "{") - (sign == "}")
        outside += sign if not depth else ""
    return any(word.strip(punctuation).isalpha() for word in outside.split())


def _listed(languages: Sequence[str], word: str) -> str:
    return f" {word} ".join(filter(None, [", ".join(languages[:-1]), languages[-1]]))
