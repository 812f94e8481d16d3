"""Answers written in bots.yaml: ordinary handlers, that say texts with names (`botkit.config.words`) and the like."""

import datetime as dt
import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final
from urllib.parse import quote

from attrs import frozen

from botkit.chat import Chat
from botkit.config.conditions import When
from botkit.config.words import Words
from botkit.replies import LONGEST_URL, Choice, InDoubtPolicy, Reply, Text
from botkit.review.scripts import choice_lines, under
from botkit.translated import first_of

#: How many characters one text has at most once its names are replaced.
LONGEST: Final = 10_000


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

    def script(self) -> Iterator[str]:
        """The text as it is written, and its choices."""
        yield from str(self.words).splitlines()
        yield from choice_lines(self.choices)
        yield from _sent(self.tag, self.in_doubt)


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

    def script(self) -> Iterator[str]:
        """What it is, and its URL as it is written."""
        yield f"[{self.make.__name__.lower()}] {self.url}"
        yield from _sent(self.tag, self.in_doubt)


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

    def script(self) -> Iterator[str]:
        """The reason as it is written, and for how long."""
        yield f"[handover] {self.reason}" + ("" if self.length is None else f" (for {self.length})")


@frozen
class SayAny:
    """One of several answers: another one from message to message, the same one when a turn is run again."""

    answers: "tuple[Say, ...]"

    def replies(self, chat: Chat, slots: Mapping[str, object], cause: str) -> Iterator[Reply]:
        """What the chosen answer says: the event's id decides, which no run can change."""
        digest = hashlib.sha256(cause.encode("utf-8", "surrogatepass")).digest()
        chosen = self.answers[int.from_bytes(digest[:8], "big") % len(self.answers)]
        yield from chosen.replies(chat, slots, f"{cause}.any")

    def script(self) -> Iterator[str]:
        """All of them."""
        return under("one of", (line for answer in self.answers for line in answer.script()))


@frozen
class SayIn:
    """One of several answers: the one in the language of the conversation, else that in the bot's, else the first."""

    by_language: "Mapping[str, Say]"

    def replies(self, chat: Chat, slots: Mapping[str, object], cause: str) -> Iterator[Reply]:
        """What it says in that language."""
        return self.by_language[first_of(chat.languages, self.by_language)].replies(chat, slots, cause)

    def script(self) -> Iterator[str]:
        """What it says in each language."""
        for language, answer in self.by_language.items():
            yield from under(language, answer.script())


@frozen
class SayWhen:
    """A part of an answer that is said only *when* it is so."""

    part: "SayText | SayMedium | SayAny | SayHandover | SayIn"
    when: When

    def replies(self, chat: Chat, slots: Mapping[str, object], cause: str) -> Iterator[Reply]:
        """What the part says; whether it is to be said is asked by the answer that it belongs to."""
        return self.part.replies(chat, slots, cause)

    def script(self) -> Iterator[str]:
        """When, and what then."""
        return under(f"when {self.when}", self.part.script())


@frozen
class Say:
    """An answer from bots.yaml: a handler like any other, that says its *parts* in order."""

    parts: "tuple[SayText | SayMedium | SayAny | SayHandover | SayIn | SayWhen, ...]"

    async def __call__(self, chat: Chat, **slots: object) -> Sequence[Reply]:
        """Say it, with *slots* filled in; async, because a sync handler would take a thread to say it."""
        return tuple(self.replies(chat, slots, chat.event.id))

    def replies(self, chat: Chat, slots: Mapping[str, object], cause: str) -> Iterator[Reply]:
        """What each part says, in order; one without conditions of its own (``otherwise``) if none before it was so."""
        was_so = False
        for number, part in enumerate(self.parts):
            if isinstance(part, SayWhen):
                is_so = part.when.holds(chat, slots) if part.when.conditions else not was_so
                was_so = was_so or is_so
                if not is_so:
                    continue
            yield from part.replies(chat, slots, f"{cause}.{number}")

    def script(self) -> Iterator[str]:
        """What each part says as it is written."""
        return (line for part in self.parts for line in part.script())


def _sent(tag: str | None, in_doubt: str | None) -> Iterator[str]:
    if tag is not None:
        yield f"[tag] {tag}"
    if in_doubt is not None:
        yield f"[in_doubt] {in_doubt}"
