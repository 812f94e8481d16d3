"""Replies: reading what a handler returned, cutting it into single POSTs, and JSON there and back."""

import json
from collections.abc import Callable, Iterator

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from wcwidth import iter_graphemes

from botkit.replies import (
    Audio,
    Choice,
    Custom,
    File,
    Image,
    Limits,
    Reply,
    Text,
    Video,
    numbered,
    parts,
    replies_from,
    reply_from_json,
    reply_to_json,
    split,
)

FAMILY = "\N{MAN}\N{ZERO WIDTH JOINER}\N{WOMAN}\N{ZERO WIDTH JOINER}\N{GIRL}"
ACUTE = "\N{COMBINING ACUTE ACCENT}"
NUMBER_SIGN = "\N{ARABIC NUMBER SIGN}"

ATOMS = ["a", "é", "ж", FAMILY, ACUTE, NUMBER_SIGN, "क्षि", "\U0001f1e9", " ", "\u00a0", "\n", "\r\n"]
WORDS = st.lists(st.sampled_from(ATOMS), max_size=40).map("".join)

MESSAGING = {
    "category": st.sampled_from([None, "response", "update"]),
    "tag": st.none() | st.text(min_size=1, max_size=20),
    "webhook_url": st.none() | st.just("https://bakery.example/status"),
    "webhook_version": st.sampled_from([None, "v1", "v0.1"]),
}
URLS = st.text(max_size=30).map(lambda path: f"https://bakery.example/{path}")
REPLIES = st.one_of(
    st.builds(Text, st.text(min_size=1).filter(str.strip), **MESSAGING),
    *(st.builds(kind, URLS, **MESSAGING) for kind in (Image, Audio, Video, File)),
    st.builds(
        Custom,
        st.dictionaries(st.text(), st.integers() | st.lists(st.text())),
        v1=st.booleans(),
        **MESSAGING,
    ),
)


def several() -> Iterator[str | Reply | None]:
    yield "One."
    yield None
    yield Image("https://bakery.example/two.png")


# What a handler returns


@pytest.mark.parametrize(
    ("returned", "replies"),
    [
        (None, ()),
        ("Hello!", (Text("Hello!"),)),
        (Text("Hello!"), (Text("Hello!"),)),
        (Video("https://bakery.example/a.mp4"), (Video("https://bakery.example/a.mp4"),)),
        (["One.", Text("Two.")], (Text("One."), Text("Two."))),
        (("One.", None), (Text("One."),)),
        ([], ()),
        (several(), (Text("One."), Image("https://bakery.example/two.png"))),
    ],
)
def test_every_kind_of_return_value_becomes_replies(returned: object, replies: tuple[Reply, ...]) -> None:
    """None, text, a reply, and any iterable of these are understood."""
    assert replies_from(returned) == replies


@pytest.mark.parametrize(
    ("returned", "complaint"),
    [
        (7, "it is int, not None, a str, a Reply, or an iterable of those"),
        ({"text": "Hello!"}, "it is dict, not None, a str, a Reply, or an iterable of those"),
        (b"Hello!", "it is bytes, not None, a str, a Reply, or an iterable of those"),
        (True, "it is bool, not None, a str, a Reply, or an iterable of those"),
        (["Hello!", 7], "it holds int, not a str or a Reply"),
        ([["Hello!"]], "it holds list, not a str or a Reply"),
        (Reply(), "it holds Reply, not a str or a Reply"),
    ],
)
def test_anything_else_is_refused_by_its_type(returned: object, complaint: str) -> None:
    """The complaint names the type that came and the ones that are taken, and no value."""
    with pytest.raises(TypeError) as caught:
        replies_from(returned)

    assert str(caught.value) == complaint


@pytest.mark.parametrize("blank", ["", "  \n"])
def test_a_text_with_nothing_to_show_is_refused(blank: str) -> None:
    """A reply that nobody could see is a mistake, not silence."""
    with pytest.raises(ValueError, match="return None to stay silent"):
        replies_from(blank)


# Values


def test_a_choice_is_worth_its_title_unless_a_value_is_given() -> None:
    """Code sees the value of a choice, which is the title where none is given."""
    assert (Choice("Heute").value, Choice("Heute", "today").value) == ("Heute", "today")


def test_a_blank_choice_is_refused() -> None:
    """A choice that nobody could see is a mistake."""
    with pytest.raises(ValueError, match="title that can be shown"):
        Choice("  ")


def test_one_string_is_not_taken_for_a_list_of_choices() -> None:
    """Forgetting the brackets around one choice does not offer its letters."""
    with pytest.raises(TypeError, match="'Today'"):
        Text("When?", choices="Today")


@pytest.mark.parametrize("kind", [Image, Audio, Video, File])
@pytest.mark.parametrize("url", ["", "a.png", "ftp://bakery.example/a.png", "https://" + "a" * 2_000])
def test_media_take_only_web_addresses(kind: type[Image | Audio | Video | File], url: str) -> None:
    """A URL is http or https and at most 2,000 characters long."""
    with pytest.raises(ValueError, match="at most 2000 characters"):
        kind(url)


def test_an_unknown_category_is_refused() -> None:
    """A category that Messenger does not know is a mistake."""
    with pytest.raises(ValueError, match="response, update, message_tag"):
        Text("Hello!", category="promo")  # type: ignore[arg-type]  # the mistake under test


def test_a_message_tag_needs_its_tag() -> None:
    """The category message_tag says nothing without the tag."""
    with pytest.raises(ValueError, match="needs a tag"):
        Text("Hello!", category="message_tag")


@pytest.mark.parametrize(
    ("reply", "messaging", "bypasses"),
    [
        (Text("Hello!"), {}, False),
        (Text("Hello!", category="update"), {"category": "update"}, False),
        (Text("Hello!", tag="HUMAN_AGENT"), {"category": "message_tag", "tag": "HUMAN_AGENT"}, True),
        (Text("Hello!", category="response", tag="HUMAN_AGENT"), {"category": "response", "tag": "HUMAN_AGENT"}, False),
    ],
)
def test_a_tag_implies_its_category_and_opens_the_window(
    reply: Reply, messaging: dict[str, str], bypasses: bool
) -> None:
    """A tag alone makes a tagged message, and only a tagged message passes the closed window."""
    assert (reply.messaging, reply.bypasses_window) == (messaging, bypasses)


def test_custom_content_is_copied() -> None:
    """A change of the dictionary after the reply was made does not reach the reply."""
    content: dict[str, object] = {"attachment": {"type": "template"}}

    reply = Custom(content)
    content["attachment"] = None

    assert reply.content == {"attachment": {"type": "template"}}


def test_custom_content_that_json_cannot_hold_is_refused_by_its_key() -> None:
    """The complaint names the way to the value."""
    with pytest.raises(ValueError, match=r"content\['attachment'\]\['ids'\] is of type set"):
        Custom({"attachment": {"ids": {1, 2}}})


# Cutting into parts


def test_choices_become_numbered_lines() -> None:
    """A menu is shown as text, one numbered line a choice."""
    menu = Text("Which day?", choices=["Today", Choice("Tomorrow", "t")], tag="HUMAN_AGENT")

    assert parts(menu, Limits()) == (Text("Which day?\n1. Today\n2. Tomorrow", tag="HUMAN_AGENT"),)


def test_numbering_without_choices_changes_nothing() -> None:
    """A text without choices stays as it is."""
    assert numbered("Hello!", ()) == "Hello!"


def test_media_are_one_part() -> None:
    """What is no text is never cut."""
    film = Video("https://bakery.example/a.mp4")

    assert parts(film, Limits(text_length=5)) == (film,)


@pytest.mark.parametrize(
    ("text", "length", "pieces"),
    [
        ("Hello!", 6, ("Hello!",)),
        ("  Hello! ", 9, ("  Hello! ",)),
        ("one two three", 8, ("one two", "three")),
        ("one two three", 7, ("one two", "three")),
        ("one two three", 6, ("one", "two", "three")),
        ("one   two", 5, ("one", "two")),
        ("first line\nsecond one", 17, ("first line", "second one")),
        ("a\nfirst line and more", 17, ("a\nfirst line and", "more")),
        ("abcdefghij", 4, ("abcd", "efgh", "ij")),
        ("costs 10\u00a0000 euros", 11, ("costs", "10\u00a0000", "euros")),
        ("10\u00a0000\u00a0000", 6, ("10\u00a0000", "\u00a0000")),
        ("  " + "ab " * 3, 5, ("ab ab", "ab")),
        (FAMILY * 2, 6, (FAMILY, FAMILY)),
        ("e" + ACUTE * 5, 4, ("e" + ACUTE * 3, ACUTE * 2)),
        ("ab " + ACUTE + "cd", 4, ("ab " + ACUTE, "cd")),
        (NUMBER_SIGN + " 12 34", 5, (NUMBER_SIGN + " 12", "34")),
        ("one\r\ntwo", 4, ("one", "two")),
    ],
)
def test_long_text_is_cut_where_a_reader_would(text: str, length: int, pieces: tuple[str, ...]) -> None:
    """Line break before space before grapheme, and no break at a no-break space while there is another."""
    assert split(text, length) == pieces


@given(WORDS.filter(str.strip), st.integers(1, 12))
@example("one two", 3)
def test_pieces_fit_and_lose_nothing_but_white_space_at_the_cuts(text: str, length: int) -> None:
    """Every piece fits and shows something; put together they are the text but for white space between them."""
    pieces = split(text, length)

    at = 0
    for piece in pieces:
        found = text.index(piece, at)
        assert 0 < len(piece) <= length
        assert text[at:found].strip() == ""
        at = found + len(piece)
    assert text[at:].strip() == ""


@given(WORDS.filter(str.strip), st.integers(3, 12))
def test_no_grapheme_that_fits_is_cut(text: str, length: int) -> None:
    """The graphemes of the pieces are graphemes of the text, unless one alone is longer than a piece may be."""
    graphemes = list(iter_graphemes(text))
    if any(len(one) > length for one in graphemes):
        return

    pieces = split(text, length)

    left = iter(graphemes)
    for piece in pieces:
        assert all(one in left for one in iter_graphemes(piece))


def test_a_long_text_is_cut_in_time_that_grows_with_its_length() -> None:
    """A hundred thousand characters without a space are cut at once."""
    assert len(split("é" * 100_000, 640)) == 157


# JSON


@given(REPLIES)
def test_replies_come_back_from_json_as_they_were(reply: Reply) -> None:
    """Whatever is kept for a store is read back as the same value."""
    assert reply_from_json(json.loads(json.dumps(reply_to_json(reply)))) == reply


def test_choices_are_not_kept_with_a_part() -> None:
    """A part has no choices left: they are lines of its text."""
    assert reply_to_json(Text("When?", choices=["Today"])) == {"kind": "text", "text": "When?"}


def test_an_unknown_kind_cannot_be_read() -> None:
    """JSON of a kind that does not exist is an error and no guess."""
    with pytest.raises(KeyError):
        reply_from_json({"kind": "sticker"})


@pytest.mark.parametrize(
    ("make", "told"),
    [
        (lambda: Text(5), "Text takes its text as a str, not as int."),  # type: ignore[arg-type]  # that is the mistake
        (lambda: Image(None), "Image takes its url as a str, not as NoneType."),  # type: ignore[arg-type]  # likewise
        (lambda: Custom([1]), "Custom takes a mapping, as JSON has it, not list."),  # type: ignore[arg-type]  # likewise
    ],
)
def test_a_reply_says_what_it_takes(make: Callable[[], object], told: str) -> None:
    """In a sentence, and not in the words of what checks it."""
    with pytest.raises(TypeError) as refused:
        make()

    assert str(refused.value) == told


def test_two_choices_of_one_title_are_refused() -> None:
    """Whoever types it could mean either."""
    with pytest.raises(ValueError, match="Two choices have the title 'extra large'"):
        Text("Which size?", choices=["Extra large", Choice("EXTRA  large", value="xl")])
