"""Answers that are looked up: a handler that asks first and says what was found, or something else.

What is asked is a URL whose host its author has written; a user fills parts of its path and query, and nothing else.
What comes back is put into the answer as it is, and is never looked at for names in braces.
"""

import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from typing import Final
from urllib.parse import quote, unquote

from attrs import frozen

from botkit.chat import Chat
from botkit.config.answers import Say
from botkit.config.words import Words
from botkit.hooks import Hook
from botkit.lookups import Found, LookUp, Missed
from botkit.replies import LONGEST_URL, Reply
from botkit.review.scripts import under

#: What the resource is called that looks things up.
RESOURCE: Final = "botkit_lookup"
#: With what the names begin that stand for what was found.
FOUND: Final = "lookup."

#: As how many things a path is looked at: as it is, decoded, and decoded once more, as some servers do.
_READINGS: Final = 3


@frozen
class Inquiry:
    """What to ask: a *url* with names in it, and which fields *must_match* what was said or is remembered."""

    url: Words
    must_match: Sequence[tuple[str, Words]] = ()

    def url_for(self, chat: Chat, slots: Mapping[str, object]) -> str | None:
        """The URL with every name replaced and encoded; None where that would lead elsewhere than its author meant."""
        if not all(Words(("", name, "")).said(chat, slots).strip() for name in self.url.pieces[1::2]):
            return None
        url = self.url.said(chat, slots, escape=lambda value: quote(value, safe="", errors="replace"))
        return url if len(url) <= LONGEST_URL and not climbs(url) else None

    def matches(self, value: object, chat: Chat, slots: Mapping[str, object]) -> bool:
        """Whether *value* is the business of whoever is asking; what is empty equals nothing."""
        return all(_equal(field(value, path), words.said(chat, slots)) for path, words in self.must_match)


def climbs(url: str) -> bool:
    """Whether a part of the path leads up, for a server that decodes what was encoded before it looks.

    >>> climbs("https://example.com/orders/7"), climbs("https://example.com/orders/%2e%2e%2Fadmin")
    (False, True)
    """
    path = url.partition("://")[2].partition("?")[0].partition("/")[2]
    for _ in range(_READINGS):
        # Some servers drop what stands behind a semicolon first.
        if any(part.partition(";")[0] in (".", "..") for part in path.replace("\\", "/").split("/")):
            return True
        path = unquote(path)
    return False


def field(value: object, path: str) -> object:
    """What stands at *path* in what JSON holds; None where nothing does.

    >>> field({"items": [{"name": "rye"}]}, "items.0.name")
    'rye'
    """
    for key in path.split("."):
        if isinstance(value, Mapping):
            value = value.get(key)
        elif isinstance(value, list) and key.isascii() and key.isdecimal() and len(key) < 6:
            value = value[int(key)] if int(key) < len(value) else None
        else:
            return None
    return value


def _equal(found: object, said: str) -> bool:
    is_text = isinstance(found, (str, int, float)) and not isinstance(found, bool)
    return is_text and _folded(str(found)) == _folded(said) != ""


def _folded(text: str) -> str:
    return unicodedata.normalize("NFC", text.strip().casefold())


@frozen
class _Filled(Mapping[str, object]):
    """The *slots*, and what was *found* under ``lookup.…``."""

    slots: Mapping[str, object]
    found: object

    def __getitem__(self, name: str) -> object:
        return field(self.found, name.removeprefix(FOUND)) if name.startswith(FOUND) else self.slots[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.slots)

    def __len__(self) -> int:
        return len(self.slots)


@frozen(kw_only=True)
class SayFound:
    """An answer from bots.yaml that makes an *inquiry* first: says *found*, or *otherwise* where nothing fits."""

    inquiry: Inquiry
    found: Say
    otherwise: Say

    async def __call__(self, chat: Chat, botkit_lookup: LookUp, **slots: object) -> Sequence[Reply]:
        """Ask, and say what comes of it."""
        url = self.inquiry.url_for(chat, slots)
        looked_up = Missed("its URL would have led elsewhere") if url is None else await botkit_lookup(url)
        if isinstance(looked_up, Found) and self.inquiry.matches(looked_up.value, chat, slots):
            return tuple(self.found.replies(chat, _Filled(slots, looked_up.value), chat.event.id))
        return tuple(self.otherwise.replies(chat, slots, chat.event.id))

    def script(self) -> Iterator[str]:
        """What is looked up, and what is said then."""
        matching = "".join(f", where {path} is {words}" for path, words in self.inquiry.must_match)
        yield from under(f"looks up {self.inquiry.url}{matching}", self.found.script())
        yield from under("otherwise", self.otherwise.script())


async def unconnected() -> LookUp:
    """What looks things up where no app gives the way out: it finds nothing."""
    return _nothing


async def _nothing(url: str) -> Missed:
    return Missed("nothing is looked up outside an app")


#: What a bot needs that looks something up.
HOOK: Final = Hook(moment="resource", name=RESOURCE, function=unconnected)
