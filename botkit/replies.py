"""What goes out: replies, the one function that reads a handler's return value, and what of them is one POST."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import ClassVar, Final, Literal

from attrs import Attribute, evolve, field, fields, frozen

from botkit.cutting import split
from botkit.pictures import SCHEME
from botkit.plain import NotPlain, plain
from botkit.translated import Translated, said_in

Category = Literal["response", "update", "message_tag"]
CATEGORIES: Final = ("response", "update", "message_tag")
InDoubtPolicy = Literal["resend", "drop"]
IN_DOUBT_POLICIES: Final = ("resend", "drop")
LONGEST_URL: Final = 2_000


@frozen
class Limits:
    """What a channel takes: at most *text_length* code points in one POST, and so many POSTs a second from one page."""

    text_length: int = 640
    messages_per_second: float = 30.0
    media_per_second: float = 10.0


def _is_text(reply: object, attribute: "Attribute[str]", given: object) -> None:
    if not isinstance(given, str):
        raise TypeError(f"{type(reply).__name__} takes its {attribute.name} as a str, not as {type(given).__name__}.")


@frozen
class Choice:
    """One answer offered with a text; on Messenger over Vonage it is shown as a numbered line.

    A choice with *intent* runs that intent when it is taken; one without is treated as if the user had typed its
    title. *value* is what code sees instead of the title; it defaults to the title.

    >>> Choice("Heute", value="today").value
    'today'
    """

    title: str = field(validator=_is_text)
    value: str = field()
    intent: str | None = field(default=None, kw_only=True)

    @value.default
    def _title(self) -> str:
        # Code sees the same value, whatever language the title is shown in.
        return str(self.title)

    def __attrs_post_init__(self) -> None:
        if not self.title.strip():
            raise ValueError("A Choice needs a title that can be shown.")


def _choices(given: Iterable[Choice | str]) -> tuple[Choice, ...]:
    if given == ():
        return ()
    if isinstance(given, str):
        raise TypeError(f"choices takes a list, not the one string {given!r}.")
    return tuple(choice if isinstance(choice, Choice) else Choice(choice) for choice in given)


def folded(title: str) -> str:
    """The title of a choice as it is compared with that of another."""
    return " ".join(title.casefold().split())


def tell_apart(choices: Iterable[Choice]) -> None:
    """Raise ValueError for two *choices* of the same title."""
    titles = [folded(choice.title) for choice in choices]
    if again := next((title for number, title in enumerate(titles) if title in titles[:number]), None):
        raise ValueError(f"Two choices have the title {again!r}: whoever types it could mean either.")


#: Most replies say nothing of how they are to be sent.
_UNSAID: Final = (None, None, None, None, None)


@frozen
class Reply:
    """What every reply has; make a Text, Image, Audio, Video, File or Custom.

    *category* is Messenger's messaging type; *tag* allows a message outside the 24-hour window and implies
    ``category="message_tag"`` where no category is given. Tags are free strings, because Meta changes them.
    *webhook_url* redirects the statuses of this one message, in *webhook_version* ("v0.1" or "v1"). *in_doubt* says
    what becomes of a part that may have been taken when its POST broke off: "resend" (it may arrive twice) or "drop"
    (it may never arrive); by default what the bot says. Raises ValueError for a category or policy that does not exist,
    or ``message_tag`` without a tag.

    >>> Text("Your table is free.", tag="HUMAN_AGENT").messaging
    {'category': 'message_tag', 'tag': 'HUMAN_AGENT'}
    """

    kind: ClassVar[str]

    category: Category | None = field(default=None, kw_only=True)
    tag: str | None = field(default=None, kw_only=True)
    webhook_url: str | None = field(default=None, kw_only=True)
    webhook_version: str | None = field(default=None, kw_only=True)
    in_doubt: InDoubtPolicy | None = field(default=None, kw_only=True)

    def __attrs_post_init__(self) -> None:
        if (self.category, self.tag, self.webhook_url, self.webhook_version, self.in_doubt) == _UNSAID:
            return
        if self.category is not None and self.category not in CATEGORIES:
            raise ValueError(f"category is one of {', '.join(CATEGORIES)}, not {self.category!r}.")
        if self.category == "message_tag" and not self.tag:
            raise ValueError("category='message_tag' needs a tag, such as tag='HUMAN_AGENT'.")
        if self.in_doubt is not None and self.in_doubt not in IN_DOUBT_POLICIES:
            raise ValueError(f"in_doubt is one of {', '.join(IN_DOUBT_POLICIES)}, not {self.in_doubt!r}.")
        for name in ("tag", "webhook_url", "webhook_version"):
            given = getattr(self, name)
            if given is not None and not isinstance(given, str):
                raise ValueError(f"{name} is text, not {type(given).__name__}.")

    @property
    def messaging(self) -> dict[str, str]:
        """Category and tag as the Messages API wants them, empty where neither is set."""
        category = self.category or ("message_tag" if self.tag else None)
        return {name: value for name, value in (("category", category), ("tag", self.tag)) if value}

    @property
    def bypasses_window(self) -> bool:
        """Whether Messenger takes this reply outside the 24-hour window."""
        return self.category == "message_tag" or (self.category is None and bool(self.tag))


@frozen
class Text(Reply):
    """Words, with choices if you like; longer than the channel allows it is sent in several parts, in order.

    >>> Text("Which day?", choices=["Today", Choice("Tomorrow")]).choices[0].title
    'Today'

    Raises ValueError for a text with nothing to show, and for two choices of the same title.
    """

    kind = "text"

    text: str = field(validator=_is_text)
    choices: tuple[Choice, ...] = field(default=(), converter=_choices)

    def __attrs_post_init__(self) -> None:
        Reply.__attrs_post_init__(self)
        if not self.text.strip():
            raise ValueError("A Text needs something to show; return None to stay silent.")
        if len(self.choices) > 1:
            tell_apart(self.choices)


@frozen
class _Media(Reply):
    url: str = field(validator=_is_text)

    def __attrs_post_init__(self) -> None:
        Reply.__attrs_post_init__(self)
        if not self.url.startswith(("https://", "http://", SCHEME)) or len(self.url) > LONGEST_URL:
            raise ValueError(
                f"{type(self).__name__} takes a URL of at most {LONGEST_URL} characters, not {self.url!r}."
            )


@frozen
class Image(_Media):
    """A picture by its URL: .jpg, .jpeg, .png or .gif, at most 8 MB.

    >>> Image("https://example.com/cake.jpg").kind
    'image'
    """

    kind = "image"


@frozen
class Audio(_Media):
    """A sound by its URL: .mp3, at most 25 MB.

    >>> Audio("https://example.com/bell.mp3").kind
    'audio'
    """

    kind = "audio"


@frozen
class Video(_Media):
    """A film by its URL: .mp4 (H.264 and AAC), at most 25 MB, which Meta must be able to fetch within 75 seconds.

    >>> Video("https://example.com/oven.mp4").kind
    'video'
    """

    kind = "video"


@frozen
class File(_Media):
    """Any other file by its URL, such as .zip, .csv or .pdf, at most 25 MB.

    >>> File("https://example.com/menu.pdf").kind
    'file'
    """

    kind = "file"


def _plain_content(content: Mapping[str, object]) -> Mapping[str, object]:
    if not isinstance(content, Mapping):
        raise TypeError(f"Custom takes a mapping, as JSON has it, not {type(content).__name__}.")
    try:
        copied = plain(dict(content))
    except NotPlain as complaint:
        raise ValueError(f"{complaint.about('content')}.") from None
    assert isinstance(copied, dict)
    return copied


@frozen
class Custom(Reply):
    """A raw fragment of a Messenger message, passed through as it is, for templates and buttons.

    Documented for ``messages_api: v0.1`` only. Under v1 no schema has it: *v1* = True sends it there all the same. The
    content is copied; raises ValueError, naming the key, for what JSON cannot hold.

    >>> Custom({"attachment": {"type": "template"}}).content["attachment"]
    {'type': 'template'}
    """

    kind = "custom"

    content: Mapping[str, object] = field(converter=_plain_content)
    v1: bool = field(default=False, kw_only=True)


_BY_KIND: Final[Mapping[str, type[Reply]]] = {kind.kind: kind for kind in (Text, Image, Audio, Video, File, Custom)}
_WRITTEN: Final[Mapping[type[Reply], tuple[str, ...]]] = {
    kind: tuple(attribute.name for attribute in fields(kind) if attribute.name != "choices")
    for kind in _BY_KIND.values()
}


def replies_from(returned: object) -> tuple[Reply, ...]:
    """Read a handler's return value: None, a str, a Reply, or an iterable of those.

    >>> replies_from(["One.", Image("https://example.com/a.png")])[0].text
    'One.'

    A None among several is left out. Raises TypeError for anything else, and ValueError for a string with nothing to
    show.
    """
    if returned is None:
        return ()
    if isinstance(returned, (str, Reply)):
        return (_one(returned),)
    if isinstance(returned, tuple) or (isinstance(returned, Iterable) and not isinstance(returned, (bytes, Mapping))):
        return tuple(_one(item) for item in returned if item is not None)
    raise TypeError(f"it is {type(returned).__name__}, not None, a str, a Reply, or an iterable of those")


def _one(item: object) -> Reply:
    if isinstance(item, str):
        return Text(item)
    if isinstance(item, Reply) and type(item) in _WRITTEN:
        return item
    raise TypeError(f"it holds {type(item).__name__}, not a str or a Reply")


def in_language(replies: Sequence[Reply], languages: Callable[[], Sequence[str]]) -> Sequence[Reply]:
    """*replies* with their texts in the first of *languages* that each of them is there in; most are there in one.

    >>> from botkit.translated import Translated
    >>> in_language([Text(Translated(en="Yes?", de="Ja?"))], lambda: ["de", "en"])[0].text
    'Ja?'
    """
    if not is_translated(replies):
        return replies
    wanted = languages()
    return [_said(reply, wanted) if _is_translated(reply) else reply for reply in replies]


def is_translated(replies: Iterable[Reply]) -> bool:
    """Whether a text of *replies* is there in several languages."""
    return any(map(_is_translated, replies))


def _is_translated(reply: Reply) -> bool:
    if isinstance(reply, Text):
        return isinstance(reply.text, Translated) or any(isinstance(one.title, Translated) for one in reply.choices)
    return isinstance(reply, _Media) and isinstance(reply.url, Translated)


def _said(reply: Reply, languages: Sequence[str]) -> Reply:
    if isinstance(reply, Text):
        choices = [evolve(one, title=said_in(one.title, languages)) for one in reply.choices]
        return evolve(reply, text=said_in(reply.text, languages), choices=choices)
    assert isinstance(reply, _Media)
    return evolve(reply, url=said_in(reply.url, languages))


def parts(reply: Reply, limits: Limits, *, in_doubt: InDoubtPolicy = "resend") -> tuple[Reply, ...]:
    r"""Cut *reply* into one value per POST: choices become numbered lines, long text is split.

    *in_doubt* is the policy of a reply that names none.

    >>> [part.text for part in parts(Text("Which day?", choices=["Today", "Tomorrow"]), Limits())]
    ['Which day?\n1. Today\n2. Tomorrow']
    """
    if reply.in_doubt is None and in_doubt != "resend":
        reply = evolve(reply, in_doubt=in_doubt)
    if not isinstance(reply, Text) or (not reply.choices and len(reply.text) <= limits.text_length):
        return (reply,)
    shown = numbered(reply.text, reply.choices)
    return tuple(evolve(reply, text=piece, choices=()) for piece in split(shown, limits.text_length))


def numbered(text: str, choices: Iterable[Choice]) -> str:
    """Write *choices* below *text*, one a line, numbered from 1."""
    return "\n".join([text, *(f"{number}. {choice.title}" for number, choice in enumerate(choices, 1))])


def reply_to_json(reply: Reply) -> dict[str, object]:
    """Write *reply* as JSON values, for a store; choices are not kept, because parts have none.

    >>> reply_to_json(Image("https://example.com/a.png", tag="HUMAN_AGENT"))
    {'kind': 'image', 'tag': 'HUMAN_AGENT', 'url': 'https://example.com/a.png'}
    """
    written: dict[str, object] = {"kind": reply.kind}
    for name in _WRITTEN[type(reply)]:
        value = getattr(reply, name)
        if value is not None:
            written[name] = value
    return written


def reply_from_json(kept: Mapping[str, object]) -> Reply:
    """Read what `reply_to_json` wrote; raises KeyError for a kind that does not exist."""
    given = {name: value for name, value in kept.items() if name != "kind"}
    return _BY_KIND[str(kept["kind"])](**given)  # type: ignore[arg-type]  # the fields were written from this class


__all__ = [
    "Audio", "Category", "Choice", "Custom", "File", "Image", "InDoubtPolicy", "Limits", "Reply", "Text", "Video",
    "in_language", "is_translated", "numbered", "parts", "replies_from", "reply_from_json", "reply_to_json", "split",
]  # fmt: skip
