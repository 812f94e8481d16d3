"""Transcripts as text: read as it is meant, every mistake told with its line, and read back as it is written."""

from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from botkit.errors import ConfigError
from botkit.testing.transcripts import find_transcripts, read_transcript, read_transcripts, written
from botkit.testing.transcripts.steps import (
    Answered,
    Duplicated,
    Holds,
    Moved,
    Reported,
    Restarted,
    Resumed,
    Said,
    Signalled,
    Step,
    Test,
    Waited,
)

BOOKING = """\
// a note

# booking survives a restart
> book a table
< For how many people?
! restart
> 4
< Which day?
  1. Today

  2. Tomorrow
"""


def steps(text: str) -> list[Step]:
    """The steps of a file with one test."""
    (test,) = read_transcript(text, file="shop.chat.txt").tests
    return list(test.steps)


def mistakes(text: str) -> list[str]:
    """What is told about a file."""
    with pytest.raises(ConfigError) as found:
        read_transcript(text, file="shop.chat.txt")
    return list(found.value.problems)


def test_a_test_is_read_in_order() -> None:
    """Names, lines, and texts of several lines, with blank ones inside."""
    (test,) = read_transcript(BOOKING, file="shop.chat.txt").tests

    assert (test.name, test.line) == ("booking survives a restart", 3)
    assert test.steps == (
        Said(text="book a table"),
        Answered(text="For how many people?"),
        Restarted(),
        Said(text="4"),
        Answered(text="Which day?\n1. Today\n\n2. Tomorrow"),
    )
    assert [step.line for step in test.steps] == [4, 5, 6, 7, 8]


@pytest.mark.parametrize(
    ("line", "step"),
    [
        ("! wait 2h", Waited(length=timedelta(hours=2))),
        ("! wait 1d 90min", Waited(length=timedelta(days=1, minutes=90))),
        ("! at 2026-12-24 09:00", Moved(when="2026-12-24 09:00")),
        ("! duplicate", Duplicated()),
        ("! resume", Resumed()),
        ("! handover a bill", Holds(what="handover", value="a bill")),
        ("! status read", Reported(state="read")),
        ("! status rejected 1340", Reported(state="rejected", code=1340)),
        ("! signal paid", Signalled(name="paid")),
        ('! signal paid = {"amount": 12}', Signalled(name="paid", data='{"amount": 12}')),
        ("! session basket.size = [1, 2]", Holds(what="session", key="basket.size", value="[1, 2]")),
        ("! slot number = 42", Holds(what="slot", key="number", value="42")),
        ("! intent track", Holds(what="intent", value="track")),
        ("> [image https://example.com/a.png]", Said(kind="image", url="https://example.com/a.png")),
        ("> [audio] https://example.com/a.mp3", Said(kind="audio", url="https://example.com/a.mp3")),
        ("> [unsupported]", Said(kind="unsupported")),
        (r"> \[image]", Said(text="[image]")),
        (r"> \[hello]", Said(text="[hello]")),
        ("> [1] is my favourite", Said(text="[1] is my favourite")),
        (">hello", Said(text="hello")),
        ("< [sticker]", Answered(text="[sticker]")),
        ("< [image …]", Answered(text="[image] …")),
        ("< [image https://example.com/a.png]", Answered(text="[image] https://example.com/a.png")),
        ("ann> hello", Said(user="ann", text="hello")),
        ("ann! restart", Restarted(user="ann")),
    ],
)
def test_each_line_is_what_it_begins_with(line: str, step: Step) -> None:
    """The mark says what it is, the rest what it says."""
    assert steps(f"> go\n{line}\n") == [Said(text="go"), step]


def test_who_is_not_named_answers_whoever_spoke_last() -> None:
    """A bare > is always "you"."""
    found = steps("ann> a\n< b\n! restart\n> c\n< d\nann< e\n")

    assert [step.user for step in found] == ["ann", "ann", "ann", "you", "you", "ann"]


def test_the_head_is_about_the_whole_file() -> None:
    """The bots, which of them, and what to use in place of their resources."""
    found = read_transcript(
        "! config shop:bot\n! bot bakery\n! resource database = fakes:database\n# a\n> b\n# c\n> d\n", file="x"
    )

    assert (found.config, found.bot, found.resources) == ("shop:bot", "bakery", {"database": "fakes:database"})
    assert [test.name for test in found.tests] == ["a", "c"]


def test_windows_and_its_editors_may_have_written_it() -> None:
    """Line ends and the mark at the beginning are not part of the text."""
    assert steps("\ufeff# a\r\n> b\r\n< c\r\n  d\r\n") == [Said(text="b"), Answered(text="c\nd")]


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("Hello", 'a line begins with #, >, <, ! or //, or is indented; this one with "Hello"'),
        ("that one> hi", 'a line begins with #, >, <, ! or //, or is indented; this one with "that one> hi"'),
        ("> ", "nothing is said; write the text behind the >"),
        ("<", "nothing is answered; write the text behind the <, or < … for anything"),
        ("#", "a test needs a name behind its #"),
        ("!", "nothing stands behind the !; known are restart, wait, at, duplicate, status, signal, resume, session, "),
        ("! restrat", "there is no ! restrat; did you mean ! restart?"),
        ("! restart now", 'nothing stands behind ! restart, and here is "now"'),
        ("! wait long", '"long" is no length of time; write one such as 20s, 90min, 2h or 1d 12h'),
        ("! wait 2h and more", '"2h and more" is no length of time'),
        ("! at noon", '"noon" is no date with a time; write one such as 2026-12-24 09:00'),
        ("! status", "write a status and perhaps its code, such as ! status read, or ! status rejected 1340"),
        ("! status read soon", "write a status and perhaps its code"),
        ("! resume now", 'nothing stands behind ! resume, and here is "now"'),
        ("! handover", "write why a person answers, such as ! handover billing"),
        ("! signal", "write the name of the signal, such as ! signal paid"),
        ("! session cakes", "write what it is about, = and its value, such as ! session basket.size = large"),
        ("! slot = 4", "write what it is about, = and its value, such as ! slot number = 42"),
        ("! intent", "write the name of the intent"),
        ("! config bots.yaml", "! config is about the whole file, and stands above the first test"),
        ('! signal paid = {"amount": 12', '"{"amount": 12" begins as JSON does and is none; look at its brackets'),
        ("! signal paid = [1e999]", '"[1e999]" begins as JSON does and is none'),
        ("! lookup https://example.com/a = {bad", '"{bad" begins as JSON does and is none'),
        (
            "> [imgae https://example.com/a.png]",
            'there is no kind "imgae"; write image, audio, video, file or unsuppor',
        ),
        (
            "> [sticker]",
            'there is no kind "sticker"; write image, audio, video, file or unsupported, and \\[ where a te',
        ),
        ("> [image]", "what is sent has a URL, as in > [image https://example.com/a]"),
        ("> [image nourl]", "what is sent has a URL, as in > [image https://example.com/a]"),
        ("> [file] hello there", "what is sent has a URL, as in > [file https://example.com/a]"),
        ("> [image https://example.com/a] Look!", "[image …] stands alone; what is said besides it begins with a > of"),
        ("! restart\n  more", "an indented line goes on with the text above it, and there is none"),
    ],
)
def test_a_mistake_is_told_with_its_line(line: str, told: str) -> None:
    """In words, with what to write instead."""
    (problem,) = mistakes(f"# a\n> go\n{line}\n> go on\n")

    number = 3 + line.count("\n")
    assert problem.startswith(f"shop.chat.txt:{number}: {told}")


def test_every_mistake_is_told_at_once(tmp_path: Path) -> None:
    """In order; a file with mistakes has no tests, and the others have theirs."""
    (tmp_path / "a.chat.txt").write_text("# a\nhello\n> b\n! go\n")
    (tmp_path / "b.chat.txt").write_bytes(b"# a\n> \xff\n")
    (tmp_path / "c.chat.txt").write_text("# a\n< b\n")
    (tmp_path / "d.chat.txt").write_text("# a\n> b\n")
    found = read_transcripts(find_transcripts([tmp_path]))
    places = [[mistake.removeprefix(f"{tmp_path}/").partition(": ")[0] for mistake in one.mistakes] for one in found]

    assert places == [["a.chat.txt:2", "a.chat.txt:4"], ["b.chat.txt:2"], ["c.chat.txt:1"], []]
    assert [len(one.tests) for one in found] == [0, 0, 0, 1]


def test_transcripts_are_found_below_a_folder_and_by_name(tmp_path: Path) -> None:
    """Each once; hidden folders and installed packages are not looked into."""
    for name in ("a.chat.txt", "b/c.chat.txt", ".venv/d.chat.txt", "node_modules/e.chat.txt", "b/notes.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("")

    assert find_transcripts([tmp_path / "a.chat.txt", tmp_path]) == [tmp_path / "a.chat.txt", tmp_path / "b/c.chat.txt"]


LETTERS = st.characters(exclude_categories=["Cs"], exclude_characters="\r")
TEXTS = st.text(LETTERS, min_size=1).map(str.strip).filter(lambda text: text.split("\n", 1)[0].strip() != "")
LINES = TEXTS.map(lambda text: "\n".join(line.rstrip() for line in text.split("\n")))
WORDS = st.text("abcäß123", min_size=1, max_size=9)
USERS = st.sampled_from(["you", "ann", "ben-2"])
STEPS = st.one_of(
    st.builds(Said, user=USERS, text=LINES),
    st.builds(Said, user=USERS, kind=st.sampled_from(["image", "audio"]), url=st.just("https://example.com/a")),
    st.builds(Answered, user=USERS, text=LINES.filter(lambda text: not text.startswith("["))),
    st.builds(Restarted, user=USERS),
    st.builds(Duplicated, user=USERS),
    st.builds(Resumed, user=USERS),
    st.builds(Waited, user=USERS, length=st.integers(0, 10**7).map(lambda seconds: timedelta(seconds=seconds))),
    st.builds(Moved, user=USERS, when=st.just("2026-12-24 09:00")),
    st.builds(Reported, user=USERS, state=WORDS, code=st.none() | st.integers(1, 9999)),
    st.builds(Signalled, user=USERS, name=WORDS, data=st.just("") | WORDS),
    st.builds(Holds, user=USERS, what=st.sampled_from(["session", "slot"]), key=WORDS, value=WORDS),
    st.builds(Holds, user=USERS, what=st.sampled_from(["intent", "handover"]), value=WORDS),
)
TESTS = st.builds(Test, name=WORDS, steps=st.lists(STEPS).map(lambda some: (Said(text="go"), *some)))


@given(st.lists(TESTS))
def test_what_is_written_is_read_back(tests: list[Test]) -> None:
    """Whatever people and bots say, in several lines, in any script, with marks at their beginning."""
    text = "\n".join(map(written, tests))

    assert read_transcript(text, file="x").tests == tuple(tests)


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_any_text_is_read_or_told_about(text: str) -> None:
    """Nothing else comes of a file that is none."""
    try:
        told = [f"x:{len(read_transcript(text, file='x').tests)}"]
    except ConfigError as error:
        told = list(error.problems)

    assert all(problem.startswith("x:") for problem in told)
