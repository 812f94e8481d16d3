"""What the bots of bots.yaml answer to what is no intent: texts that nothing fits, pictures, a first message."""

from collections.abc import Collection, Iterator, Sequence
from typing import Final

from attrs import frozen

from botkit.bot import Bot
from botkit.config.album import Album
from botkit.config.answers import Say
from botkit.config.nodes import Broken, Keys, Node, Path, Scalar, entry, keys_of
from botkit.config.speech import Speech
from botkit.config.translations import Translations
from botkit.events import KINDS
from botkit.hooks import Hook, Moment
from botkit.hours import Hours

#: Stickers and a thumbs-up, most of which want no answer.
_UNSUPPORTED: Final = "unsupported"
#: What has a key of its own.
_SINGLE: Final[tuple[Moment, ...]] = ("fallback", "greeting")


@frozen(kw_only=True)
class Reactions:
    """Reads the reactions of the bot whose part of the tree is *tree*, in several languages by *translations*.

    *intents* are the names that choices may run. *python* are the bots in Python it is joined with. *hours* are when
    somebody is there.
    """

    tree: Node
    path: Path
    translations: Translations
    intents: Collection[str]
    python: Sequence[tuple[Scalar, Bot]]
    hours: Hours | None
    album: Album

    def hooks(self) -> Iterator[Hook]:
        """What is to be called for what is no intent."""
        for moment in _SINGLE:
            node = entry(self.tree, moment)
            if node is not None and not isinstance(node, Broken):
                yield self._hook(moment, "", node, (*self.path, moment))
        yield from self._attachments()

    def _attachments(self) -> Iterator[Hook]:
        node, path = entry(self.tree, "attachments"), (*self.path, "attachments")
        if not isinstance(node, Keys):
            return
        given = keys_of(node)
        for kind in KINDS[1:]:
            key = kind if kind in given or kind == _UNSUPPORTED else "otherwise"
            answer = given.get(key)
            if answer is not None and not isinstance(answer, Broken):
                yield self._hook("on", kind, answer, (*path, key))
            elif kind == _UNSUPPORTED and answer is None and self._in_python("on", kind) is None:
                yield Hook(moment="on", name=kind, function=Say(()), place=self.translations.problems.place(node))

    def _hook(self, moment: Moment, name: str, node: Node, path: Path) -> Hook:
        there = self._in_python(moment, name)
        if there is not None:
            self.translations.problems.add(node, path, f"there is the {there} in Python already; keep one of the two")
        say = Speech(self.translations, self.intents, hours=self.hours, album=self.album).answer(node, path)
        return Hook(moment=moment, name=name, function=say, place=self.translations.problems.place(node))

    def _in_python(self, moment: Moment, name: str) -> object:
        return next((found for _, bot in self.python if (found := bot.hook(moment, name)) is not None), None)
