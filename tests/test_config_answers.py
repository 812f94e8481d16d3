"""Answers written in bots.yaml: what they say, with whatever a user has typed."""

import datetime as dt
from collections import Counter
from collections.abc import Mapping, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from botkit import Bot, Chat, Choice, File, Image, Text
from botkit.config import read
from botkit.config.answers import LONGEST
from botkit.config.words import Words
from botkit.errors import DefinitionError
from botkit.events import Address, Message
from botkit.replies import LONGEST_URL, Reply
from botkit.session import Session
from botkit.work import Work

NOW = dt.datetime(2026, 11, 23, 12, tzinfo=dt.UTC)
ADDRESS = Address("messenger", "1", "2")


async def unsent(reply: object, language: str) -> None:
    """An answer of bots.yaml sends nothing by itself."""
    raise AssertionError(reply)


def bot(reply: str, phrase: str = "say {what}", slots: str = "{}") -> Bot:
    """A bot that answers *phrase* with *reply*, written in YAML."""
    text = f"""
version: 1
bots:
  shop:
    intents:
      say:
        phrases: ['{phrase}']
        slots: {slots}
        reply: {reply}
    fallback: ["I heard {{session.name}}", {{any: [Pardon, Sorry]}}]
"""
    return read(text, file="b", environment={}, read_file=str.encode, import_name=str, secrets=False).bots[0]


async def answer(
    bot: Bot, text: str, session: Mapping[str, object] | None = None, event: str = "m1"
) -> Sequence[Reply]:
    """What *bot* answers to *text*."""
    message = Message(id=event, address=ADDRESS, kind="text", text=text)
    work = Work(address=ADDRESS, event=message, sequence=0, epoch=1, now=NOW, accepted_at=NOW)
    chat = Chat(work, Session(session or {}), unsent, language="en", timezone=bot.timezone)
    match = bot.router.route(text, now=NOW)
    handler = bot.handler(match.intent.name) if match else bot.reaction("text")
    replies = await handler.function(chat, **(match.slots if match else {}))  # type: ignore[misc]  # these are async
    return list(replies)


@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        ("One {what}, please!", [Text("One cake, please!")]),
        ("'{what}'", [Text("cake")]),
        ("['One {what}', 'Two {what}']", [Text("One cake"), Text("Two cake")]),
        (r"'\{what\} is \{{what}\}, \ is \'", [Text("{what} is {cake}, \\ is \\")]),
        ("{image: https://example.com/a.png}", [Image("https://example.com/a.png")]),
        ("{file: 'https://example.com/{what}.pdf', tag: HUMAN_AGENT}",
         [File("https://example.com/cake.pdf", tag="HUMAN_AGENT")]),
        ("{text: 'A {what}?', tag: HUMAN_AGENT}", [Text("A cake?", tag="HUMAN_AGENT")]),
        ("{text: A cake?, choices: ['Yes', {title: Say it, intent: say, value: it}]}",
         [Text("A cake?", choices=["Yes", Choice("Say it", "it", intent="say")])]),
        ("{any: [['One {what}', Two]]}", [Text("One cake"), Text("Two")]),
    ],
)  # fmt: skip
async def test_an_answer_says_what_is_written(reply: str, expected: list[Reply]) -> None:
    """Texts, media, choices and lists of those, with slots filled in and braces escaped."""
    assert await answer(bot(reply), "say cake") == expected


async def test_a_block_of_text_keeps_its_lines() -> None:
    """A text after | is said line by line, without the line break at its end."""
    shop = bot("|\n          Monday: 8 to 18\n\n          Sunday: closed # really\n")

    assert await answer(shop, "say it") == [Text("Monday: 8 to 18\n\nSunday: closed # really")]


@pytest.mark.parametrize(
    ("session", "expected"),
    [
        ({"name": "Ada"}, "Ada"),
        ({"name": {"first": "Ada"}}, ""),
        ({"name": ["Ada", None, "Ben"]}, "Ada, Ben"),
        ({"name": 3}, "3"),
        ({"name": 2.5}, "2.5"),
        ({"name": True}, "yes"),
        ({"name": False}, "no"),
        ({"name": None}, ""),
        ({}, ""),
    ],
)
async def test_the_session_is_shown_in_words(session: Mapping[str, object], expected: str) -> None:
    """Whatever Python put into the session is shown, never in Python's spelling; what is not set is empty."""
    assert (await answer(bot("x"), "hm", session))[0] == Text(f"I heard {expected}")


async def test_a_key_inside_a_key_is_reached() -> None:
    """Dots lead into what is kept together."""
    shop = bot("'{session.order.cake} for {session.order.name.first}.'")
    kept = {"order": {"cake": "carrot cake", "name": "Ada"}}

    assert await answer(shop, "say it", kept) == [Text("carrot cake for .")]


@pytest.mark.parametrize(
    ("kind", "said", "expected"),
    [("time", "8:30", "08:30"), ("date", "24.12.2026", "2026-12-24"), ("decimal", "2.50", "2.50"), ("int", "2", "2")],
)
async def test_values_are_shown_in_words(kind: str, said: str, expected: str) -> None:
    """Times, dates and numbers are said as people write them."""
    assert await answer(bot("'{what}'", f"say {{what:{kind}}}"), f"say {said}") == [Text(expected)]


async def test_a_text_with_nothing_left_is_not_said() -> None:
    """An optional slot that was not filled leaves nothing to show."""
    assert await answer(bot("['{what}', Yes]", "say [{what}]"), "say") == [Text("Yes")]


HOSTILE = ["{what}", "{session.secret}", "${HOME}", r"\{what\}", "{session.", "{{session.secret}}", "{0}", "%s", "\\1"]


@pytest.mark.parametrize("text", HOSTILE)
async def test_what_a_user_types_is_never_expanded(text: str) -> None:
    """A user who knows the syntax reads nobody's session, and is quoted as he wrote."""
    said = await answer(bot("'{session.name}, you said {what}'"), f"say x{text}x", {"secret": "s3", "name": text})

    assert isinstance(said[0], Text)
    assert said[0].text.startswith(f"{text}, you said x")
    assert "s3" not in said[0].text


@given(st.text(), st.text())
def test_substitution_happens_once(first: str, second: str) -> None:
    """Whatever two values hold, each stands in its own place and nothing in them is looked at again."""
    words = Words.read(r"\{a\} {a} and {session.b} and {a}")
    message = Message(id="m", address=ADDRESS, kind="text", text="")
    work = Work(address=ADDRESS, event=message, sequence=0, epoch=1, now=NOW, accepted_at=NOW)
    chat = Chat(work, Session({"b": second}), unsent, language="en", timezone=dt.UTC)

    assert words.said(chat, {"a": first, "b": "wrong"}) == f"{{a}} {first} and {second} and {first}"


@given(st.text(alphabet="{}\\ ab.", max_size=12))
def test_braces_are_read_or_refused(text: str) -> None:
    """Every text is either literal text and names, of which it can be put together again, or refused."""
    try:
        words = Words.read(text)
    except DefinitionError as error:
        told = str(error)
        assert told.startswith("here is a ")
    else:
        literal = [piece.replace("{", "\\{").replace("}", "\\}") for piece in words.pieces[::2]]
        again = "".join(
            piece + (f"{{{name}}}" if name else "")
            for piece, name in zip(literal, [*words.pieces[1::2], ""], strict=True)
        )
        assert Words.read(again) == words


async def test_a_url_holds_what_a_user_types_as_one_word() -> None:
    """Nobody can lead a picture to another address, or to a path or a query of his own."""
    shop = bot("{image: 'https://example.com/cakes/{what}.png'}")

    assert await answer(shop, "say a/../b?c=d#e&f{x}g") == [
        Image("https://example.com/cakes/a%2F..%2Fb%3Fc%3Dd%23e%26f%7Bx%7Dg.png")
    ]


async def test_what_is_said_has_an_end() -> None:
    """A user cannot make the bot say a book, or an address that nobody takes."""
    shop = bot("['{what}{what}{what}{what}{what}{what}{what}{what}{what}{what}{what}', "
               "{image: 'https://example.com/{what}'}]")  # fmt: skip
    text, image = await answer(shop, f"say {'é' * 1_500}")

    assert isinstance(text, Text)
    assert isinstance(image, Image)
    assert (len(text.text), len(image.url)) == (LONGEST, LONGEST_URL)


async def test_any_says_the_same_when_the_turn_is_run_again() -> None:
    """What an event was answered does not change when its turn dies and is run again."""
    shop = bot("{any: [One, Two, {text: Three}]}")
    first = [await answer(shop, "say it", event=f"m{number}") for number in range(300)]
    again = [await answer(shop, "say it", event=f"m{number}") for number in range(300)]
    counted = Counter(replies[0].text for replies in first if isinstance(replies[0], Text))

    assert first == again
    assert set(counted) == {"One", "Two", "Three"}
    assert min(counted.values()) > 60


async def test_several_any_of_one_answer_choose_for_themselves() -> None:
    """Two dice are two dice."""
    shop = bot("[{any: [One, Two]}, {any: [One, Two]}, {any: [{any: [One, Two]}, {any: [One, Two]}]}]")
    said = {tuple(map(str, await answer(shop, "say it", event=f"m{number}"))) for number in range(100)}

    assert len(said) == 8


def warned(reply: str) -> tuple[str, ...]:
    """What the author of *reply* is warned of."""
    text = f"version: 1\nbots:\n  shop:\n    fallback: {reply}\n"
    found = read(text, file="bots.yaml", environment={}, read_file=str.encode, import_name=str, secrets=False)
    return found.warnings


@pytest.mark.parametrize(
    ("reply", "told"),
    [
        (
            "{image: https://a.example/b.bmp}",
            "4:23: bots.shop.fallback.image: TAKES .jpg, .jpeg, .png or .gif here, and this URL ends in .bmp",
        ),
        (
            "[Listen!, {audio: https://a.example/song.wav?x=.mp3}]",
            "4:33: bots.shop.fallback[2].audio: TAKES .mp3 here, and this URL ends in .wav",
        ),
        (
            "{any: [{video: https://a.example/cake.PNG}]}",
            "4:30: bots.shop.fallback.any[1].video: TAKES .mp4 here, and this URL ends in .png; for .png write image:",
        ),
        (
            "{image: 'https://a.example/{session.kind}.webp#1'}",
            "4:23: bots.shop.fallback.image: TAKES .jpg, .jpeg, .png or .gif here, and this URL ends in .webp",
        ),
    ],
)
def test_an_ending_that_messenger_does_not_take_is_warned_of(reply: str, told: str) -> None:
    """The bot runs all the same: what the address leads to decides, and not what it is called."""
    assert warned(reply) == (f"bots.yaml:{told.replace('TAKES', 'Messenger takes')}",)


@pytest.mark.parametrize(
    "reply",
    [
        "{image: https://a.example/b.JPEG}",
        "{image: 'https://a.example/b.png?size=1.5#top.bmp'}",
        "{image: https://a.example/photos/17}",
        "{image: https://images.example}",
        "{image: https://a.example/v1.5/photo}",
        "{image: 'https://a.example/b.{session.ending}'}",
        "{image: 'https://a.example/{session.photo}'}",
        "{audio: https://a.example/b.mp3}",
        "{video: https://a.example/b.mp4}",
        "{file: https://a.example/b.exe}",
    ],
)
def test_an_ending_that_says_nothing_wrong_is_not_warned_of(reply: str) -> None:
    """One that is taken, none at all, one that a slot decides, and any ending of a file."""
    assert warned(reply) == ()
