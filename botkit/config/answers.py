r"""Answers written in bots.yaml: ordinary handlers, whose texts may say ``{slot}`` and ``{session.key}``.

Substitution is plain and happens once: what a user has typed is put in as it is and never looked at again. ``\{`` and
``\}`` are braces.
"""

import datetime as dt
import hashlib
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final
from urllib.parse import quote

from attrs import frozen

from botkit.chat import Chat
from botkit.errors import DefinitionError
from botkit.replies import LONGEST_URL, Choice, InDoubtPolicy, Reply, Text

#: How many characters one text has at most once its names are replaced.
LONGEST: Final = 10_000

_BRACES: Final = re.compile(r"\\([{}])|\{([^{}]*)\}|([{}])")
_SESSION: Final = re.compile(r"session(\.[^.\s]+)+")


@frozen
class Words:
    """A text with names in braces; *pieces* are literal text and, every second one, a name."""

    pieces: tuple[str, ...]

    @classmethod
    def read(cls, text: str) -> "Words":
        r"""Take *text* apart once, when the bot is built.

        >>> Words.read(r"One {size} cake \{sic\}.").pieces
        ('One ', 'size', ' cake {sic}.')

        Raises DefinitionError for a brace that nothing opens or closes, and for braces with nothing between them.
        """
        pieces, literal, at = [], "", 0
        for found in _BRACES.finditer(text):
            literal += text[at : found.start()]
            at = found.end()
            escaped, name, alone = found.groups()
            if alone is not None or (name is not None and not name.strip()):
                told = "nothing closes it" if alone == "{" else "nothing opens it" if alone else "it holds no name"
                raise DefinitionError(
                    f"here is a {alone or found[0]}, and {told}; a brace itself is written \\{{ or \\}}"
                )
            if name is None:
                literal += escaped
            else:
                pieces += [literal, name.strip()]
                literal = ""
        return cls((*pieces, literal + text[at:]))

    @property
    def names(self) -> tuple[str, ...]:
        """The names in braces that are no keys of the session."""
        return tuple(name for name in self.pieces[1::2] if not _SESSION.fullmatch(name))

    def said(self, chat: Chat, slots: Mapping[str, object], *, escape: Callable[[str], str] = str) -> str:
        """The text with its names replaced; a slot that was not filled, and a key that is not set, are empty."""
        return "".join(
            escape(_value(piece, chat, slots)) if number % 2 else piece for number, piece in enumerate(self.pieces)
        )


def _value(name: str, chat: Chat, slots: Mapping[str, object]) -> str:
    if not _SESSION.fullmatch(name):
        return _shown(slots.get(name))
    value: object = chat.session
    for key in name.split(".")[1:]:
        value = value.get(key) if isinstance(value, Mapping) else None
    return _shown(value)


def _shown(value: object) -> str:
    """A value in words for a user; empty for what has none, such as a mapping."""
    if isinstance(value, (list, tuple)):
        return ", ".join(filter(None, map(_shown, value)))
    if isinstance(value, dt.time):
        return value.isoformat("seconds" if value.second else "minutes")
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "" if value is None or isinstance(value, Mapping) else str(value)


@frozen
class SayText:
    """A text, perhaps with choices."""

    words: Words
    choices: tuple[Choice, ...] = ()
    tag: str | None = None
    in_doubt: InDoubtPolicy | None = None

    def replies(self, chat: Chat, slots: Mapping[str, object], cause: str) -> Iterator[Reply]:
        """The text, unless nothing of it is left to show; cut where it is longer than `LONGEST`."""
        text = self.words.said(chat, slots)[:LONGEST]
        if text.strip():
            yield Text(text, choices=self.choices, tag=self.tag, in_doubt=self.in_doubt)


@frozen
class SayMedium:
    """An image, audio, video or file."""

    make: Callable[..., Reply]
    url: Words
    tag: str | None = None
    in_doubt: InDoubtPolicy | None = None

    def replies(self, chat: Chat, slots: Mapping[str, object], cause: str) -> Iterator[Reply]:
        """The medium by its URL, in which whatever a user typed is one word of the address and nothing else."""
        url = self.url.said(chat, slots, escape=lambda value: quote(value, safe="", errors="replace"))
        yield self.make(url[:LONGEST_URL], tag=self.tag, in_doubt=self.in_doubt)


@frozen
class SayHandover:
    """Nothing more, for the *length* of a handover; the user is told so where the answer *says* nothing else."""

    reason: Words
    length: dt.timedelta | None = None
    says: bool = True

    def replies(self, chat: Chat, slots: Mapping[str, object], cause: str) -> Iterator[Reply]:
        """The text of a handover, or nothing; a reason of which nothing is left has none."""
        told = chat.handover(self.reason.said(chat, slots).strip() or "-", length=self.length)
        if self.says:
            yield told


@frozen
class SayAny:
    """One of several answers: another one from message to message, the same one when a turn is run again."""

    answers: "tuple[Say, ...]"

    def replies(self, chat: Chat, slots: Mapping[str, object], cause: str) -> Iterator[Reply]:
        """What the chosen answer says: the event's id decides, which no run can change."""
        digest = hashlib.sha256(cause.encode("utf-8", "surrogatepass")).digest()
        chosen = self.answers[int.from_bytes(digest[:8], "big") % len(self.answers)]
        yield from chosen.replies(chat, slots, f"{cause}.any")


@frozen
class Say:
    """An answer from bots.yaml: a handler like any other, that says its *parts* in order."""

    parts: "tuple[SayText | SayMedium | SayAny | SayHandover, ...]"

    async def __call__(self, chat: Chat, **slots: object) -> Sequence[Reply]:
        """Say it, with *slots* filled in; async, because a sync handler would take a thread to say it."""
        return tuple(self.replies(chat, slots, chat.event.id))

    def replies(self, chat: Chat, slots: Mapping[str, object], cause: str) -> Iterator[Reply]:
        """What each part says, in order."""
        for number, part in enumerate(self.parts):
            yield from part.replies(chat, slots, f"{cause}.{number}")
