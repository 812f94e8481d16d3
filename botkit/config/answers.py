r"""Answers written in YAML: ordinary handlers, whose texts may say ``{slot}`` and ``{session.key}``.

Substitution is plain and happens once: what a user has typed is put in as it is and never looked at again. ``\{`` is a
brace.
"""

import hashlib
import re
from collections.abc import Callable, Iterator, Sequence
from typing import Final

from attrs import frozen

from botkit.chat import Chat
from botkit.replies import Audio, Choice, File, Image, Reply, Text, Video

_NAME: Final = re.compile(r"\\([{}\\])|\{([^{}]*)\}")
LONGEST: Final = 10_000


@frozen
class Words:
    """A text with names in braces; *pieces* are literal text and, every second one, a name."""

    pieces: tuple[str, ...]

    @classmethod
    def read(cls, text: str) -> "Words":
        """Take *text* apart once, when the bot is built."""
        pieces, literal, at = [], "", 0
        for found in _NAME.finditer(text):
            literal += text[at : found.start()]
            at = found.end()
            if found[1] is not None:
                literal += found[1]
                continue
            pieces += [literal, found[2].strip()]
            literal = ""
        return cls((*pieces, literal + text[at:]))

    @property
    def names(self) -> tuple[str, ...]:
        """The names in braces."""
        return self.pieces[1::2]

    def said(self, chat: Chat, slots: dict[str, object]) -> str:
        """The text with its names replaced; a slot that was not filled, and a key that is not set, are empty."""
        text = "".join(_value(piece, chat, slots) if number % 2 else piece for number, piece in enumerate(self.pieces))
        return text[:LONGEST]


def _value(name: str, chat: Chat, slots: dict[str, object]) -> str:
    if not name.startswith("session."):
        return _shown(slots.get(name))
    value: object = chat.session
    for key in name.removeprefix("session.").split("."):
        value = value.get(key) if hasattr(value, "get") else None
    return _shown(value)


def _shown(value: object) -> str:
    return "" if value is None else str(value)


@frozen
class SayText:
    """A text, perhaps with choices."""

    words: Words
    choices: tuple[Choice, ...] = ()
    tag: str | None = None

    def replies(self, chat: Chat, slots: dict[str, object], turn: str) -> Iterator[Reply]:
        """The text, unless nothing of it is left to show."""
        text = self.words.said(chat, slots)
        if text.strip():
            yield Text(text, choices=self.choices, tag=self.tag)


@frozen
class SayMedium:
    """An image, audio, video or file."""

    make: Callable[..., Reply]
    url: Words
    tag: str | None = None

    def replies(self, chat: Chat, slots: dict[str, object], turn: str) -> Iterator[Reply]:
        """The medium by its URL."""
        yield self.make(self.url.said(chat, slots), tag=self.tag)


@frozen
class SayAny:
    """One of several answers: another one from message to message, the same one when a turn is run again."""

    answers: "tuple[Say, ...]"

    def replies(self, chat: Chat, slots: dict[str, object], turn: str) -> Iterator[Reply]:
        """What the chosen answer says."""
        digest = hashlib.sha256(turn.encode("utf-8", "surrogatepass")).digest()
        chosen = self.answers[int.from_bytes(digest[:8], "big") % len(self.answers)]
        yield from chosen.replies(chat, slots, f"{turn}.any")


@frozen
class Say:
    """An answer from bots.yaml: a handler like any other, that says its *parts* in order."""

    parts: "tuple[SayText | SayMedium | SayAny, ...]"

    async def __call__(self, chat: Chat, **slots: object) -> Sequence[Reply]:
        """Say it, with *slots* filled in; async, because a sync handler would take a thread to say it."""
        return tuple(self.replies(chat, slots, chat.event.id))

    def replies(self, chat: Chat, slots: dict[str, object], turn: str) -> Iterator[Reply]:
        """What each part says, in order."""
        for number, part in enumerate(self.parts):
            yield from part.replies(chat, slots, f"{turn}.{number}")


MEDIA: Final[dict[str, Callable[..., Reply]]] = {"image": Image, "audio": Audio, "video": Video, "file": File}
