"""Transcripts that are run: what passes, what fails, and what their authors are told."""

import contextlib
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from botkit.testing.transcripts import (
    Tried,
    failures,
    find_transcripts,
    junit,
    read_transcripts,
    run_transcripts,
    storyboard,
    transcripts_of,
)

BOTS = """
version: 1
bots:
  shop:
    python: tested_shop:bot
    timezone: Europe/Berlin
    pages: ["1"]
    intents:
      hours: {phrases: [when do you open, opening hours], reply: "We open at 8, and close at 18."}
      day: {phrases: [book a table], reply: {text: "Which day?", choices: [Today, Tomorrow]}}
      bill: {phrases: [my bill is wrong], reply: [Oh., {handover: billing, hours: 1}]}
      order: {phrases: ["track {number:int}"], reply: ["Order {number}.", "It is on its way."]}
    fallback: What?
"""
PYTHON = """
from botkit import Bot, RetryLater

bot = Bot()


@bot.intent("count")
async def count(chat):
    chat.session["count"] = chat.session.get("count", 0) + 1
    return f"{chat.session['count']}"


@bot.intent("ring me")
async def ring(chat):
    if chat.now().hour < 15:
        raise RetryLater(3600)
    return "Ring!"


@bot.intent("break")
async def broken(chat):
    raise OSError


@bot.on_status("read")
async def read(chat):
    return "Any questions?"


@bot.resource
async def stock():
    yield 0


@bot.intent("bread")
async def bread(chat, stock):
    return f"{stock} loaves"
"""


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """The folder of a shop's bot, which is where we are."""
    (tmp_path / "bots.yaml").write_text(BOTS)
    (tmp_path / "tested_shop.py").write_text(PYTHON)
    with contextlib.chdir(tmp_path):
        yield tmp_path


async def run(folder: Path, text: str) -> Tried:
    """Run one transcript."""
    (folder / "shop.chat.txt").write_text(text)
    (tried,) = await run_transcripts(read_transcripts([Path("shop.chat.txt")]))
    return tried


async def told(folder: Path, text: str) -> list[str]:
    """What is told about one transcript's failures."""
    return [line.text.rstrip() for line in failures(await run(folder, text))]


EVERYTHING = """
! resource stock = fakes:stock

# numbers, choices, and what is understood
> Opening hours!
< We open at 8, …
! intent hours
> book a table
< Which day?
  1. Today
  2. Tomorrow
> track 7
< Order 7.
< It is on its way.
! slot number = 7

# two at once
ann> count
ben> count
ann> count
ben< 1
ann< 1
ann< 2
! session count = 2
ben! session count = 1

# restarts, duplicates, statuses
> count
! duplicate
< 1
! restart
! duplicate
! status read
< Any questions?
! session count = 1

# time
! at 2026-12-24 13:30
> ring me
! wait 1h
! wait 30min
! at 2026-12-24 15:30
< Ring!

# a person answers
! handover nothing
> my bill is wrong
< Oh.
! handover billing
> opening hours
! intent nothing
! resume
> opening hours
< We open …
> my bill is wrong
< Oh.
! wait 1h
! handover nothing

# a fake
> bread
< 9 loaves
"""


async def test_everything_that_can_be_written_happens(folder: Path) -> None:
    """Each test with a store and a process of its own."""
    (folder / "fakes.py").write_text("stock = 9\n")
    tried = await run(folder, EVERYTHING)

    assert [line.text for line in failures(tried)] == []
    assert [played.passed for played in tried.played] == [True] * 6


async def test_what_a_person_answers_is_told_from_what_nobody_understood(folder: Path) -> None:
    """And a bot that answers already cannot be given back."""
    text = "# a\n> my bill is wrong\n< Oh.\n> hours\n< We open …\n! handover nothing\n! resume\n! resume\n"

    assert await told(folder, text) == [
        "shop.chat.txt:5: a",
        "            > hours",
        "  expected  < We open …",
        "  answered  nothing",
        "  expected  ! handover nothing",
        "  found     billing",
        '            "hours" was understood as nothing, because a person answers',
        "",
        "shop.chat.txt:8: a",
        "            ! resume",
        "            ! resume",
        "            The bot answers already: nothing was handed over that could be given back.",
        "",
    ]


async def test_another_answer_is_shown_beside_the_expected_one(folder: Path) -> None:
    """With its place, what was said, where the two part, and what was understood."""
    assert await told(folder, "# hours\n> when do you open\n< We open at 8, and we close at 20.\n") == [
        "shop.chat.txt:3: hours",
        "            > when do you open",
        "  expected  < We open at 8, and we close at 20.",
        "  answered  < We open at 8, and close at 18.",
        '            the same up to "…We open at 8, and "',
        '            "when do you open" was understood as intent hours',
        "",
    ]


async def test_every_failure_of_a_test_is_told(folder: Path) -> None:
    """A missing answer, one too many, values that differ, and three dots that were meant to be one."""
    text = "# a\n> track 7\n< Order 7.\n! slot number = 8\n> hm\n< What?\n< Pardon?\n"

    assert await told(folder, f"{text}ann> count\n! restart\n> hm\n< W...\n") == [
        "shop.chat.txt:4: a",
        "            > track 7",
        "            < Order 7.",
        "  expected  nothing more",
        "  answered  < It is on its way.",
        "  expected  ! slot number = 8",
        "  found     7",
        '            "track 7" was understood as intent order',
        "",
        "shop.chat.txt:7: a",
        "            > hm",
        "            < What?",
        "  expected  < Pardon?",
        "  answered  nothing",
        '            "hm" was understood as no intent',
        "",
        "shop.chat.txt:11: a",
        "            ann> count",
        "            ann! restart",
        "            > hm",
        "  expected  nothing more",
        "  answered  ann< 1",
        "  expected  < W...",
        "  answered  < What?",
        "            … (one character) stands for anything; three dots are three dots",
        '            "count" was understood as intent count',
        '            "hm" was understood as no intent',
        "",
    ]


async def test_a_handler_that_fails_is_told(folder: Path) -> None:
    """Its name, and where it raised."""
    lines = await told(folder, "# a\n> break\n< Done.\n")

    assert lines[4].strip().startswith("handler 'broken' raised OSError at ")
    assert lines[4].endswith("tested_shop.py:22")


async def test_what_cannot_be_done_ends_a_test(folder: Path) -> None:
    """A clock that would go back, and nothing that could come twice; the next test goes on."""
    text = "# a\n> hm\n< What?\n! at 2020-01-01 00:00\n< x\n> hm\n# b\n! duplicate\n> go\n# c\n! status read\n> go\n"

    assert await told(folder, text) == [
        "shop.chat.txt:4: a",
        "            ! at 2020-01-01 00:00",
        "            It is 2026-11-23 13:00 already, and no clock goes back.",
        "",
        "shop.chat.txt:8: b",
        "            ! duplicate",
        "            Nothing was said yet that could come twice.",
        "",
        "shop.chat.txt:11: c",
        "            ! status read",
        "            Nothing was shown yet that could have a status.",
        "",
    ]


async def test_a_state_that_nobody_knows_is_told(folder: Path) -> None:
    """With its line, and those that there are; what the bot listens for is known too."""
    (folder / "tested_shop.py").write_text(PYTHON.replace('on_status("read")', 'on_status("seen")'))

    assert await told(folder, "# a\n> hm\n< What?\n! status seen\n< Any …\n! status bogus\n> hm\n< What?\n") == [
        "shop.chat.txt:6: a",
        "            ! status bogus",
        '            There is no status "bogus"; known are submitted, delivered, read, rejected, undeliverable.',
        "",
    ]


async def test_a_test_may_begin_in_the_past(folder: Path) -> None:
    """As long as nothing has happened yet."""
    tried = await run(folder, "# a\n! at 2001-02-03 16:00\n> ring me\n< Ring!\n")

    assert tried.passed


@pytest.mark.parametrize(
    ("head", "told"),
    [
        ("! config gone.yaml", "gone.yaml: cannot be read"),
        ("! config nowhere:bot", "there is no module 'nowhere' to import 'nowhere:bot' from"),
        ("// Night\n! bot museum", "shop.chat.txt:2: There is no bot 'museum'; known: shop."),
        (
            "! resource stock = nowhere:stock",
            "shop.chat.txt:1: ! resource: there is no module 'nowhere' to import 'nowhere:stock' from",
        ),
        (
            "// Fakes\n! resource stok = fakes:stock",
            "shop.chat.txt:2: ! resource: There is no resource 'stok' that something could stand in for; the bots have",
        ),
    ],
)
async def test_a_head_that_names_nothing_is_told(folder: Path, head: str, told: str) -> None:
    """And no test of the file is run."""
    tried = await run(folder, f"{head}\n# a\n> hours\n")

    assert told in (tried.broken or "")
    assert (tried.passed, tried.played) == (False, ())


async def test_of_several_bots_one_is_to_be_named(folder: Path) -> None:
    """Nobody guesses."""
    (folder / "bots.yaml").write_text(f"{BOTS}  museum: {{pages: ['2'], fallback: Closed.}}\n")
    nobody, museum = await run(folder, "# a\n> hours\n"), await run(folder, "! bot museum\n# a\n> hours\n< Closed.\n")

    assert nobody.broken == "shop.chat.txt: Say which bot: shop, museum. Write ! bot and its name above the first test."
    assert museum.passed


async def test_the_nearest_bots_are_meant(folder: Path) -> None:
    """Those beside the transcript, else above it, or the module it names; each file's modules are its own."""
    for name, text in (("a", PYTHON), ("b", PYTHON.replace('f"{chat.session', 'f"b{chat.session'))):
        (folder / name).mkdir()
        (folder / name / "tested_shop.py").write_text(text)
        (folder / name / "x.chat.txt").write_text("! config tested_shop:bot\n# a\n> count\n< …1\n")
    (folder / "b" / "y.chat.txt").write_text("# y\n> count\n< 1\n")
    (folder / "shop.chat.txt").write_text("# z\n> count\n< 1\n")
    tried = await run_transcripts(read_transcripts(find_transcripts([Path()])))

    assert {one.transcript.file: one.played[0].exchanges[0].pairs["you"][0].shown for one in tried} == {
        "shop.chat.txt": "1",
        "a/x.chat.txt": "1",
        "b/x.chat.txt": "b1",
        "b/y.chat.txt": "1",
    }
    assert [one.file for one in transcripts_of("bots.yaml")] == ["b/y.chat.txt", "shop.chat.txt"]


async def test_a_build_server_reads_the_results(folder: Path) -> None:
    """Cases, failures with their text, and what could not be run; no character that XML cannot hold."""
    good = await run(folder, "# good\n> count\n< 1\n# bad <&\x00\n> nonsense\x1b\n< 1\n")
    bad = await run(folder, "! bot museum\n# a\n> hours\n")
    root = ET.fromstring(junit([good, bad]))  # noqa: S314 - it was written here

    assert {key: root.attrib[key] for key in ("tests", "failures", "errors")} == {
        "tests": "3",
        "failures": "1",
        "errors": "1",
    }
    assert [(case.attrib["name"], [child.tag for child in case]) for case in root.iter("testcase")] == [
        ("good", []),
        ("bad <&\ufffd", ["failure"]),
        ("shop.chat.txt", ["error"]),
    ]
    failure = root.find(".//failure")
    assert failure is not None
    assert "expected  < 1" in (failure.text or "")


class Page(HTMLParser):
    """The elements and the words of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.links: list[str | None] = []
        self.words = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Remember a tag, and whatever it would load or lead to."""
        self.tags.append(tag)
        self.links += [value for name, value in attrs if name in ("src", "href")]

    def handle_data(self, data: str) -> None:
        """Remember the words."""
        self.words += data


async def test_a_storyboard_shows_what_was_said_and_runs_nothing(folder: Path) -> None:
    """Whatever is in a text is words; nothing is loaded from anywhere."""
    text = (
        '# <b>bold</b>\n> <script>alert("x")</script>\n< &amp;\nann> [image https://example.com/"x.png]\nann< What?\n'
    )
    page = Page(storyboard([await run(folder, text), await run(folder, "! bot <i>\n# a\n> b\n")]))

    assert {"script", "img", "b", "i", "link", "iframe"} & set(page.tags) == set()
    assert page.links == ['https://example.com/"x.png']
    assert {"article", "style"} <= set(page.tags)
    for words in ("<b>bold</b>", '<script>alert("x")</script>', "&amp;", "What?", "ann", "to ann", "1 conversation"):
        assert words in page.words
