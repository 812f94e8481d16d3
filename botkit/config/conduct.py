"""How a bot behaves, apart from what it understands and answers: from the tree into its settings."""

from collections.abc import Mapping, Sequence
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from attrs import evolve, frozen

from botkit.config.nodes import Broken, Keys, Node, Path, Scalar, entry, hours_of, keys_of, said, scalars_of
from botkit.config.openings import openings_of
from botkit.config.phrases import plain_text
from botkit.config.problems import Problems
from botkit.config.translations import Translations
from botkit.errors import DefinitionError, Place
from botkit.language.codes import CODES
from botkit.language.vocabulary import TEXTS, WORDS
from botkit.matching.backends import check_backend
from botkit.settings import BotSettings

#: What is taken as the schema has it.
_SETTINGS: Final = frozenset({"handler_timeout_seconds", "in_doubt", "did_you_mean"})
_SAID: Final = ("error_reply", "disclosure")
#: Who writes one of these means a switch, and not what is said.
_SWITCHES: Final = frozenset({"true", "false", "yes", "no", "on", "off"})


def language_of(tree: Node, base: BotSettings) -> str:
    """The bot's own language."""
    return said(entry(tree, "language")) or base.language


@frozen
class Conduct:
    """Reads the settings of the bot whose part of the tree is *tree*; *base* is what holds where nothing is said."""

    tree: Node
    path: Path
    base: BotSettings
    translations: Translations

    def settings(self) -> BotSettings:
        """The settings, but for its pages."""
        given: dict[str, object] = {
            key: node.value for key, node in keys_of(self.tree).items() if isinstance(node, Scalar) and key in _SETTINGS
        }
        for key in _SAID:
            node, path = entry(self.tree, key), (*self.path, key)
            if text := plain_text(node, path, self.translations):
                given[key] = text
            if node is not None and text.casefold() in _SWITCHES:
                self._problems.add(node, path, f'this is said to users as it is: write the sentence, and not "{text}"')
        base = evolve(self.base, **given)  # type: ignore[arg-type]  # the schema says so
        gaps = {key: node.value for key, node in keys_of(entry(self.tree, "gaps")).items() if isinstance(node, Scalar)}
        return evolve(
            base,
            language=self._language(),
            timezone=self._timezone(base.timezone),
            likeness=self._likeness(base.likeness),
            places={**base.places, **self._places()},
            session_ttl=hours_of(entry(self.tree, "session_ttl_hours")) or base.session_ttl,
            handover_length=hours_of(entry(self.tree, "handover_hours")) or base.handover_length,
            words={**base.words, **self._words()},
            texts={**base.texts, **self._texts()},
            gaps=evolve(base.gaps, **gaps),  # type: ignore[arg-type]  # the schema says so
            hours=openings_of(entry(self.tree, "hours"), (*self.path, "hours"), self._problems) or base.hours,
        )

    @property
    def _problems(self) -> Problems:
        return self.translations.problems

    def _language(self) -> str:
        node, own = entry(self.tree, "language"), self.translations.own
        if isinstance(node, Scalar) and own not in CODES:
            self.translations.tell_unknown(own, node, (*self.path, "language"))
        return own

    def _words(self) -> Mapping[str, Sequence[str] | Mapping[str, Sequence[str]]]:
        return {name: self._said(node, (*self.path, "words", name)) for name, node in self._known("words", WORDS)}

    def _said(self, node: Node, path: Path) -> Sequence[str] | Mapping[str, Sequence[str]]:
        by_language = self.translations.each(node, path)
        if by_language is None:
            return [said(word) for word in scalars_of(node)]
        return {language: [said(word) for word in scalars_of(one)] for language, one in by_language.items()}

    def _texts(self) -> Mapping[str, str]:
        texts: dict[str, str] = {}
        for name, node in self._known("texts", TEXTS):
            path = (*self.path, "texts", name)
            read = (
                self.translations.wording(node, path) if name == "same" else plain_text(node, path, self.translations)
            )
            if read:
                texts[name] = read
        return texts

    def _known(self, key: str, names: Sequence[str]) -> list[tuple[str, Node]]:
        given = keys_of(entry(self.tree, key))
        return [(name, node) for name, node in given.items() if name in names and not isinstance(node, Broken)]

    def _likeness(self, otherwise: str) -> str:
        node = entry(self.tree, "likeness")
        if not isinstance(node, Scalar):
            return otherwise
        try:
            check_backend(said(node))
        except DefinitionError as error:
            self._problems.add(node, (*self.path, "likeness"), str(error))
            return otherwise
        return said(node)

    def _places(self) -> Mapping[str, Place]:
        """Where what may turn out to be wrong only later is written."""
        lists = entry(self.tree, "lists")
        nodes = {f"lists.{name}": key for name, key in lists.keys.items()} if isinstance(lists, Keys) else {}
        likeness = entry(self.tree, "likeness")
        if isinstance(likeness, Scalar):
            nodes["likeness"] = likeness
        return {name: self._problems.place(node) for name, node in nodes.items()}

    def _timezone(self, otherwise: str) -> str:
        node = entry(self.tree, "timezone")
        if not isinstance(node, Scalar):
            return otherwise
        try:
            return ZoneInfo(said(node)).key
        except (ZoneInfoNotFoundError, ValueError, OSError):
            told = f'there is no time zone "{said(node)[:40]}"; write one such as Europe/Berlin'
            self._problems.add(node, (*self.path, "timezone"), told)
            return otherwise
