"""What bots.yaml says to users, from the tree into answers."""

import re
from collections.abc import Callable, Collection, Mapping
from types import MappingProxyType
from typing import Final

from attrs import evolve, frozen

from botkit.config.album import Album
from botkit.config.answers import Say, SayAny, SayHandover, SayIn, SayMedium, SayText, SayWhen
from botkit.config.conditions import may_be_silent, when_of
from botkit.config.nodes import Broken, Items, Keys, Node, Path, Scalar, entry, hours_of, items_of, said, shown_path
from botkit.config.problems import Problems
from botkit.config.titles import Titled, check_titles
from botkit.config.translations import Translations, is_by_language
from botkit.config.words import HOURS, SESSION, Titles, Words
from botkit.errors import DefinitionError
from botkit.hours import Hours
from botkit.replies import Audio, Choice, File, Image, InDoubtPolicy, Reply, Video
from botkit.translated import spellings

_MEDIA: Final[Mapping[str, Callable[..., Reply]]] = {"image": Image, "audio": Audio, "video": Video, "file": File}
_ONE_OF: Final = ("text", *_MEDIA, "any", "handover")
#: Which further keys go with which kind of reply.
_WITH: Final[Mapping[str, tuple[str, ...]]] = {
    "text": ("choices", "tag", "in_doubt"),
    "any": (),
    "handover": ("hours",),
}

_POLICIES: Final[Mapping[str, InDoubtPolicy]] = {"resend": "resend", "drop": "drop"}

#: What Messenger takes by its kind, says Vonage's description of the Messages API; a file may be anything.
_FORMATS: Final = {"image": (".jpg", ".jpeg", ".png", ".gif"), "audio": (".mp3",), "video": (".mp4",)}

_LONGEST_ENDING: Final = 8

#: A field of what was looked up.
FIELD: Final = re.compile(r"lookup(\.[^.\s]+)+")

#: What a key that stands beside the wrong kind of reply goes with.
_GOES_WITH: Final = {"hours": "handover:"}

Plain = SayText | SayMedium | SayAny | SayHandover | SayIn
Part = Plain | SayWhen


@frozen
class Speech:
    """Reads answers, whose texts may name *slots* and whose choices may name *intents*.

    What is there in several languages is read by *translations*. *titles* are what the values of slots are called. With
    *looks_up* texts may also name fields of what was found, as ``{lookup.status}``, with *hours* when somebody is
    there, as ``{hours.today}``, and where the text *remembers* keys of the session.
    """

    translations: Translations
    intents: Collection[str]
    slots: Collection[str] | None = None
    looks_up: bool = False
    hours: Hours | None = None
    album: Album | None = None
    titles: Titles = MappingProxyType({})
    remembers: bool = True

    @property
    def problems(self) -> Problems:
        """Where complaints go."""
        return self.translations.problems

    def answer(self, node: Node, path: Path) -> Say:
        """The answer at *node*: a text, a reply, or a list of those; what is wrong with it is left out."""
        items = list(enumerate(node.items)) if isinstance(node, Items) else []
        parts = [self._part(one, (*path, number)) for number, one in items] if items else [self._part(node, path)]
        if len(parts) > 1:
            parts = [evolve(part, says=False) if isinstance(part, SayHandover) else part for part in parts]
        said = [part for part in parts if part is not None]
        if said and may_be_silent([part.when if isinstance(part, SayWhen) else None for part in said]):
            told = "nothing would be said where no when: is so; add a part with when: otherwise"
            self.problems.add(node, path, told)
        return Say(tuple(said))

    def _part(self, node: Node, path: Path) -> Part | None:
        if isinstance(node, Scalar):
            self.translations.note(node, path)
            words = self.words(node, path)
            return None if words is None else SayText(words)
        if not isinstance(node, Keys):
            return None
        if is_by_language(node.entries):
            return self._in_each(node, path, self.answer)
        kind = self._kind(node, path)
        if kind is None:
            return None
        self._check_company(node, kind, path)
        return self._on_condition(self._reply(node, kind, path), entry(node, "when"), (*path, "when"))

    def _kind(self, node: Keys, path: Path) -> str | None:
        """Of which kind a reply is; None for what is of none, or of several."""
        kinds = [kind for kind in _ONE_OF if kind in node.entries]
        if len(kinds) == 1:
            return kinds[0]
        if kinds or not any(isinstance(one, Broken) for one in node.entries.values()):
            found = " and ".join(f"{kind}:" for kind in kinds) or "none of them"
            told = f"a reply has exactly one of {', '.join(f'{kind}:' for kind in _ONE_OF)}; found {found}"
            self.problems.add(node, path, told)
        return None

    def _on_condition(self, part: Plain | None, condition: Node | None, path: Path) -> Part | None:
        if part is None or condition is None or isinstance(condition, Broken):
            return part
        when = when_of(condition, path, self.problems, self.hours, self.check_slot)
        return None if when is None else SayWhen(part, when)

    def _in_each(self, node: Node, path: Path, read: Callable[[Node, Path], Say | None]) -> SayIn | None:
        """What *read* makes of each language of *node*."""
        found = self.translations.each(node, path) or {}
        said = {language: say for language, one in found.items() if (say := read(one, (*path, language))) is not None}
        return SayIn(said) if said else None

    def _check_company(self, node: Keys, kind: str, path: Path) -> None:
        for key, inner in node.entries.items():
            if key not in (kind, "when", *_WITH.get(kind, ("tag", "in_doubt"))) and not isinstance(inner, Broken):
                company = _GOES_WITH.get(key, "text:")
                self.problems.add(node.keys[key], (*path, key), f"this goes with {company} and not with {kind}:")

    def _reply(self, node: Keys, kind: str, path: Path) -> Plain | None:
        inner, here = node.entries[kind], (*path, kind)
        if kind == "any":
            answers = (self.answer(one, (*here, number)) for number, one in enumerate(items_of(inner)))
            return SayAny(tuple(answer for answer in answers if answer.parts) or (Say(()),))
        choices = self._choices(entry(node, "choices"), (*path, "choices"))
        if kind == "text":
            self.translations.note(inner, here)
        if not isinstance(inner, Keys):
            return self._said(node, inner, kind, here, choices)

        def alone(one: Node, where: Path) -> Say | None:
            part = self._said(node, one, kind, where, choices)
            return None if part is None else Say((part,))

        return self._in_each(inner, here, alone)

    def _said(self, node: Keys, inner: Node, kind: str, path: Path, choices: tuple[Choice, ...]) -> Plain | None:
        """What the reply at *node* says with *inner*, which is of *kind*."""
        tag, in_doubt = said(entry(node, "tag")) or None, _POLICIES.get(said(entry(node, "in_doubt")))
        words = self.words(inner, path)
        if words is None:
            return None
        if kind == "text":
            return SayText(words, choices, tag, in_doubt)
        if kind == "handover":
            return SayHandover(words, hours_of(entry(node, "hours")))
        if kind == "image" and not said(inner).startswith("https://"):
            words = self._picture(inner, path)
            return None if words is None else SayMedium(Image, words, tag, in_doubt)
        self._check_format(inner, kind, path)
        # A file is called by the value, whatever that is called in some language.
        return SayMedium(_MEDIA[kind], evolve(words, titles={}), tag, in_doubt)

    def _picture(self, node: Node, path: Path) -> Words | None:
        """The address of a picture beside bots.yaml."""
        assert self.album is not None
        try:
            return Words((self.album.take(said(node)).url,))
        except DefinitionError as error:
            self.problems.add(node, path, str(error))
            return None

    def _check_format(self, node: Node, kind: str, path: Path) -> None:
        """Warn where the end of a URL says that Messenger will not take what is there."""
        ending = _ending(said(node))
        taken = _FORMATS.get(kind, ())
        if ending and taken and ending not in taken:
            meant = next((other for other, endings in _FORMATS.items() if ending in endings), None)
            hint = f"; for {ending} write {meant}:" if meant else ""
            listed = " or ".join(filter(None, [", ".join(taken[:-1]), taken[-1]]))
            told = f"{shown_path(path)}: Messenger takes {listed} here, and this URL ends in {ending}{hint}"
            self.problems.warn(self.problems.place(node), told)

    def words(self, node: Node, path: Path) -> Words | None:
        """The text at *node* with its names; None where it cannot be read."""
        if not isinstance(node, Scalar):
            return None
        try:
            words = Words.read(node.text.strip("\n") if node.style in ("lines", "folded") else node.text.strip())
        except DefinitionError as error:
            self.problems.add(node, path, str(error))
            return None
        for name in dict.fromkeys(words.names if self.remembers else words.pieces[1::2]):
            self._tell_unknown(name, node, path)
        return evolve(words, hours=self.hours, titles=self.titles)

    def _tell_unknown(self, name: str, node: Scalar, path: Path) -> None:
        slots = self.slots
        if name in HOURS or FIELD.fullmatch(name):
            self._tell_idle(name, node, path)
        elif SESSION.fullmatch(name):
            self.problems.add(
                node, path, f"{{{name}}} means nothing here: only slots have a value in what confirms them"
            )
        elif name not in (slots or ()) and f"${{{name}}}" in node.text:
            told = f"${{{name}}} is replaced in settings only, such as store: and vonage:"
            self.problems.add(node, path, told)
        elif slots is None:
            told = f"{{{name}}} means nothing here: nothing was understood, so that only {{session.…}} has a value"
            self.problems.add(node, path, told)
        elif name not in slots and slots:
            self.check_slot(name, node, path)
        elif name not in slots:
            told = f'no phrase of this intent has a slot "{name}"; a brace itself is written \\{{'
            self.problems.add(node, path, told)

    def _tell_idle(self, name: str, node: Scalar, path: Path) -> None:
        """Complain where what would give *name* its value is not there."""
        if name in HOURS and self.hours is None:
            told = f"{{{name}}} has a value where the bot has hours:, and not in what confirms slots"
            self.problems.add(node, path, told)
        elif name not in HOURS and not self.looks_up:
            told = f"{{{name}}} means nothing here; it has a value in the reply: of an intent with a lookup:"
            self.problems.add(node, path, told)

    def check_slot(self, name: str, node: Node, path: Path) -> None:
        """Complain where there is no slot called *name*."""
        slots = self.slots or ()
        if name not in slots:
            self.problems.add(node, path, f'no phrase of this intent has a slot "{name}"', word=name, known=slots)

    def _choices(self, node: Node | None, path: Path) -> tuple[Choice, ...]:
        found = [(one, (*path, number)) for number, one in enumerate(items_of(node))]
        choices = [(self._choice(one, here), one, here) for one, here in found]
        there = [(choice, one, here) for choice, one, here in choices if choice is not None]
        check_titles([Titled(choice.title, one, here) for choice, one, here in there], self.problems)
        return tuple(choice for choice, _, _ in there)

    def _choice(self, one: Node, here: Path) -> Choice | None:
        is_alone = not isinstance(one, Keys) or is_by_language(one.entries)
        title = self.translations.wording(
            one if is_alone else entry(one, "title"), here if is_alone else (*here, "title")
        )
        intent = entry(one, "intent")
        if intent is not None and not isinstance(intent, Broken) and said(intent) not in self.intents:
            told = f'there is no intent "{said(intent)}"'
            self.problems.add(intent, (*here, "intent"), told, word=said(intent), known=self.intents)
        if any("{" in spelled for spelled in spellings(title)):
            told = "a title is shown as it is: nothing in { } is replaced here; leave the braces out"
            self.problems.add(one, here, told)
        return Choice(title, said(entry(one, "value")) or str(title), intent=said(intent) or None) if title else None


def _ending(url: str) -> str:
    """With what the name of the file ends that a URL leads to, such as ``.jpg``; empty where nothing says so."""
    path = re.split("[?#]", url, maxsplit=1)[0].partition("://")[2].partition("/")[2]
    _, dot, ending = path.rpartition("/")[2].rpartition(".")
    is_one = dot and ending.isascii() and ending.isalnum() and len(ending) <= _LONGEST_ENDING
    return f".{ending.lower()}" if is_one else ""
