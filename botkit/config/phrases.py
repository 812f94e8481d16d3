"""What users say, from the tree into phrases and slots."""

import re
from collections.abc import Iterator, Mapping
from typing import Final

from attrs import evolve, frozen

from botkit.config.nodes import Keys, Node, Path, Scalar, entry, items_of, keys_of, said, shown
from botkit.config.problems import Problems
from botkit.config.titles import Titled, check_titles
from botkit.config.translations import Translations
from botkit.errors import PhraseError, Place
from botkit.language import Slot, Template, parse
from botkit.language.slots import SlotType
from botkit.matching.intents import PHRASE_LIMIT, Pattern
from botkit.matching.patterns import read_pattern
from botkit.replies import folded
from botkit.router import Phrase

#: A slot with its type; a brace with a backslash in front is a brace.
_TYPED: Final = re.compile(r"(?<!\\)(?:\\\\)*\{ *(\w+) *: *([^{}\s]+) *\}")

Types = Mapping[str, SlotType]


@frozen
class Phrases:
    """Reads phrases and slots, whose *types* are the built-in ones and the bot's own.

    What is there in several languages is read by *translations*.
    """

    translations: Translations
    types: Types

    @property
    def problems(self) -> Problems:
        """Where complaints go."""
        return self.translations.problems

    def phrases(self, node: Node | None, path: Path) -> Iterator[tuple[Phrase, Path]]:
        """Each phrase with its path: one a line after ``|``, else one a text; perhaps by language."""
        by_language = None if node is None else self.translations.each(node, path)
        if by_language is not None:
            for language, inner in by_language.items():
                for phrase, here in self.phrases(inner, (*path, language)):
                    yield evolve(phrase, language=language), here
            return
        for number, one in enumerate(items_of(node)):
            here = (*path, number) if one is not node else path
            if not isinstance(one, Scalar):
                continue
            if one.style == "folded":
                self.problems.add(one, here, "after > all lines are one text; write | for one phrase a line")
            elif one.style == "lines":
                yield from ((phrase, here) for phrase in self._one_a_line(one))
            else:
                yield Phrase(" ".join(one.text.split()), self.problems.place(one)), here

    def _one_a_line(self, scalar: Scalar) -> Iterator[Phrase]:
        for number, line in enumerate(scalar.text.splitlines(), scalar.line + 1):
            text = line.strip()
            if not text:
                continue
            source = self.problems.lines[number - 1] if number <= len(self.problems.lines) else ""
            column = source.find(text) + 1 or 1
            place = Place(self.problems.file, number, column)
            if text.startswith("#"):
                self.problems.warn(place, f'"{shown(text)}": after | there are no comments, so that this is a phrase')
            yield Phrase(text, place)

    def regexes(self, node: Node | None, path: Path) -> Iterator[Pattern]:
        """Each regular expression that can be read; what cannot is told with its place."""
        for phrase, here in self.phrases(node, path):
            try:
                yield read_pattern(phrase)
            except PhraseError as error:
                assert phrase.place is not None  # every phrase read here has one
                self.problems.add((phrase.place.line, phrase.place.column or 1), here, str(error))

    def slots(self, node: Node | None, path: Path) -> dict[str, Slot]:
        """The slots by name; what is wrong is taken for a word, so that its phrases are no mistakes too."""
        return {name: self._slot(one, (*path, name)) or Slot("word") for name, one in keys_of(node).items()}

    def _slot(self, node: Node, path: Path) -> Slot | None:
        titled = tuple(self._titles(entry(node, "choices"), (*path, "choices")))
        check_titles(titled, self.problems)
        # What is there twice is told above.
        choices = tuple({folded(one.title): one.title for one in reversed(titled)}.values())[::-1]
        given = entry(node, "type") if isinstance(node, Keys) else node
        kind = said(given) or ("choice" if choices else "text")
        if kind not in (*self.types, "choice") and isinstance(given, Scalar):
            told = f'unknown type "{kind}"'
            self.problems.add(given, path, told, word=kind, known=(*self.types, "choice"))
        elif kind == "choice" and not choices:
            self.problems.add(node, path, "a slot of type choice needs its choices: [this, that]")
        elif kind != "choice" and choices:
            self.problems.add(node, path, f"choices go with type: choice, not with {kind}")
        elif given is None or isinstance(given, Scalar):
            return Slot(
                kind,
                choices=choices,
                ask=self._said(node, "ask", path),
                retry_text=self._said(node, "retry_text", path),
            )
        return None

    def _titles(self, node: Node | None, path: Path) -> Iterator[Titled]:
        for number, one in enumerate(items_of(node)):
            if title := self.translations.wording(one, (*path, number)):
                yield Titled(title, one, (*path, number))

    def _said(self, node: Node, key: str, path: Path) -> str | None:
        """What a slot says to users, which is said as it is."""
        inner = entry(node, key) if isinstance(node, Keys) else None
        if inner is None:
            return None
        return plain_text(inner, (*path, key), self.translations) or None

    def template(self, phrase: Phrase, path: Path, slots: Mapping[str, Slot]) -> Template | None:
        """The template of *phrase*, None where it cannot be built."""
        assert phrase.place is not None  # every phrase read here has one
        place = (phrase.place.line, phrase.place.column or 1)
        if len(phrase.text) > PHRASE_LIMIT:
            self.problems.add(place, path, f"this phrase is longer than {PHRASE_LIMIT} characters; shorten it")
            return None
        unknown = [found for found in _TYPED.finditer(phrase.text) if not self._knows(found[1], found[2], slots)]
        for found in unknown:
            self._tell_unknown(found[1], found[2], (place[0], place[1] + found.start(2)), path)
        try:
            return None if unknown else parse(phrase.text, slots, self.types)
        except PhraseError as error:
            self.problems.add(place, path, str(error))
        except RecursionError:
            self.problems.add(place, path, "the brackets of this phrase are nested too deep; split it into several")
        return None

    def _knows(self, slot: str, kind: str, slots: Mapping[str, Slot]) -> bool:
        return kind in self.types or (kind == "choice" and slot in slots and bool(slots[slot].choices))

    def _tell_unknown(self, slot: str, kind: str, place: tuple[int, int], path: Path) -> None:
        if kind == "choice":
            told = f"its choices are missing: write them below slots:, as in {slot}: {{choices: [this, that]}}"
            self.problems.add(place, path, told)
        else:
            self.problems.add(place, path, f'unknown type "{kind}"', word=kind, known=(*self.types, "choice"))


def plain_text(node: Node | None, path: Path, translations: Translations) -> str:
    """A text that is said as it is, in its languages; complains where it has braces, as if something were replaced."""
    each = [(node, path), *((one, (*path, language)) for language, one in keys_of(node).items())]
    for one, here in each:
        if isinstance(one, Scalar) and ("{" in one.text or "}" in one.text):
            told = "this text is said as it is: nothing in { } is replaced here; leave the braces out"
            translations.problems.add(one, here, told)
    return translations.wording(node, path)
