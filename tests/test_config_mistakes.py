"""bots.yaml: what its author is told, word for word, about every mistake we could think of."""

from pathlib import Path

import pytest
import yaml

from botkit.config import read
from botkit.config.problems import Problems
from botkit.config.reader import parse
from botkit.errors import ConfigError
from botkit.loading import import_name

FOLDER = Path(__file__).parent / "data" / "config"
#: What cannot be seen in an editor is written with a sign that can.
UNSEEN = {"⍽": "\u00a0", "⌿": "\u200b", "⇥": "\t"}
ENVIRONMENT = {"PORT": "nine", "SHORT": "x", "EMPTY": " ", "DOUBLE": "${SHORT}"}


def cases(name: str) -> list[tuple[str, str, str]]:
    """The broken files of one collection: what is broken, the file, and what its author is told."""
    found = []
    for case in (FOLDER / name).read_text("utf-8").split("=== ")[1:]:
        title, _, rest = case.partition("\n")
        text, _, told = rest.rpartition("<<<\n")
        for sign, unseen in UNSEEN.items():
            text = text.replace(sign, unseen)
        found.append((title, text, told.rstrip("\n")))
    return found


CASES = [
    case for name in ("syntax.txt", "shape.txt", "bots.txt", "settings.txt", "lookups.txt") for case in cases(name)
]


def gone(name: str) -> bytes:
    """A file that is not there."""
    raise FileNotFoundError(2, "No such file or directory")


def told(text: str | bytes, *, secrets: bool = False) -> str:
    """What the author of *text* is told."""
    with pytest.raises(ConfigError) as error:
        read(
            text,
            file="bots.yaml",
            environment=ENVIRONMENT,
            read_file=gone,
            import_name=import_name,
            secrets=secrets,
        )
    return str(error.value)


@pytest.mark.parametrize(("title", "text", "expected"), CASES, ids=[title for title, _, _ in CASES])
def test_a_mistake_is_told_in_words(title: str, text: str, expected: str) -> None:
    """All mistakes of a file at once, each with its place, its line and a caret, for who has never heard of YAML."""
    assert told(text, secrets="vonage" in title) == expected


def test_no_word_of_the_parsers_own_reaches_the_author() -> None:
    """Nobody who sells bread knows what a scalar is."""
    jargon = ("scalar", "mapping", "sequence", "token", "block", "flow", "node", "stream", "indicator", "validat")

    assert [(title, word) for title, _, expected in CASES for word in jargon if word in expected] == []


SYNTAX = [case for case in cases("syntax.txt") if case[0] not in ("a question mark in brackets", "a directive")]


@pytest.mark.parametrize(("title", "text", "expected"), SYNTAX, ids=[title for title, _, _ in SYNTAX])
def test_a_parser_without_libyaml_is_explained_alike(title: str, text: str, expected: str) -> None:
    """PyYAML's own parser stops at the same places and is put into the same words."""
    told = []
    for loader in (yaml.SafeLoader, yaml.CSafeLoader):
        problems = Problems("bots.yaml")
        parse(text, problems, loader=loader)
        told.append(str(problems.error()))

    assert told[0] == told[1]


def test_a_question_mark_in_brackets_is_explained_by_either_parser() -> None:
    """PyYAML's own parser does not even read what libyaml reads, and what other programs do not."""
    problems = Problems("bots.yaml")
    parse("phrases: [are you open?, hello]\n", problems, loader=yaml.SafeLoader)

    assert str(problems.error()).splitlines() == [
        "bots.yaml:1:23: a text with ? in it needs quotes around it inside [ ]",
        "    phrases: [are you open?, hello]",
        "                          ^",
    ]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("bots:\n  café: {}\n".encode("latin-1"), "bots.yaml:2:6: the file is not in UTF-8 from here on"),
        ("version: 1\n".encode("utf-16"), "bots.yaml:1:1: the file is not in UTF-8 from here on"),
        ("version: 1\n".encode("utf-16-le"), "bots.yaml:1:2: the file is not in UTF-8 from here on"),
        ("version: 1\nbots: \ud800\n", "bots.yaml:2:7: the file is not in UTF-8 from here on"),
        ("version: 1\nbots: \x07{}\n", "bots.yaml:2:7: here is a character that cannot be seen (\\x07); delete it"),
        (b"#" * 1_000_000, "bots.yaml:1:1: the file is empty"),
        (b"#" * 1_000_001, "bots.yaml:1:1: the file has more than 1,000,000 bytes; split it into several"),
        ("é" * 500_001, "bots.yaml:1:1: the file has more than 1,000,000 bytes; split it into several"),
    ],
)
def test_what_is_no_text_is_told(text: str | bytes, expected: str) -> None:
    """An old editor's file, a stray byte or a film under the wrong name is not shown as garbage."""
    assert told(text).startswith(expected)


def test_a_line_too_long_to_show_is_shown_around_its_mistake() -> None:
    """The caret stays below what it is about."""
    text = "version: 1\nbots: {" + ", ".join(f"b{number}: {{pages: ['{number}']}}" for number in range(30))
    _, line, caret = told(f"{text}, x: {{pages: [x], falback: Hello}}}}\n").splitlines()

    assert line.startswith("    …")
    assert line[len(caret) - 1 :] == "falback: Hello}}"


def test_no_more_is_told_than_can_be_read() -> None:
    """Whoever has written one mistake a thousand times is told of it a hundred times."""
    text = "version: 1\nbots:\n  shop:\n" + "".join(f"    key{number}: x\n" for number in range(1_000))
    last = told(text).splitlines()[-1]

    assert last == "bots.yaml: and 900 more; mend these first"


def test_a_key_of_any_length_is_shown_by_its_beginning() -> None:
    """What was pasted into the wrong place does not fill the terminal."""
    text = f"version: 1\nbots:\n  shop:\n    {'x' * 900}: Hello\n"

    assert told(text).startswith(f'bots.yaml:4:5: bots.shop: unknown key "{"x" * 40}…"; known are pages, python')
