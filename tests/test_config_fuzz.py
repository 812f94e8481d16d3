"""bots.yaml: whatever is in the file, a configuration or a ConfigError, and in time that grows with the file."""

import time
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from botkit.config import read
from botkit.errors import ConfigError
from botkit.loading import import_name

SAMPLE = (Path(__file__).parent.parent / "bots.yaml").read_text("utf-8")
VALUES = ["x", "", "${A}", "\ud800", "9", "two\nlines", "https://x:y", "http://[::", "/{x}", "example.com"]


def unreadable(name: str) -> bytes:
    """A file that is a picture."""
    return b"\xff\xd8"


def outcome(text: str | bytes, value: str = "x") -> str:
    """What becomes of *text*: "read", or what its author is told."""
    try:
        read(
            text,
            file="bots.yaml",
            environment={"A": value},
            read_file=unreadable,
            import_name=import_name,
            secrets=True,
        )
    except ConfigError as error:
        return str(error)
    return "read"


@settings(max_examples=300)
@given(st.one_of(st.text(), st.binary()))
def test_any_text_and_any_bytes_are_read_or_refused(text: str | bytes) -> None:
    """No file ends in a traceback."""
    assert outcome(text).startswith(("bots.yaml:", "read"))


@pytest.mark.parametrize("text", ["a\n-b", "a: b\n  c", "- a\n  b", "a:\n  b\n\n", "a #", "a: #"])
def test_a_file_may_end_without_a_line_break(text: str) -> None:
    """A text that goes on to the very end of the file is read like any other."""
    assert outcome(text).startswith("bots.yaml:")


PIECES = st.sampled_from(
    [
        "version: 1\n", "bots:\n", "  a:\n", "    intents:\n", "      x:\n", "        phrases: [a, '{b}']\n", "- a\n",
        "        reply: hi {b}\n", "    fallback: {any: [x, {text: y}]}\n", "    pages: ['1']\n",
        "  b: {fallback: z}\n",
        "server: {port: 1}\n", "        reply: {image: x}\n", "        slots: {b: int}\n", "        reply: |\n",
        "    lists: {s: {t: [u]}}\n", "    session_ttl_hours: 9999999\n", "    python: json:dumps\n", "store: ${A}\n",
        "vonage: {api_key: '${A}', private_key: '${file:k}', base_url: '${A}'}\n", "server: {inbound: '${A}'}\n",
        "        phrases: {en: [a], de: b}\n", "        reply: {en: hi, xx: ho}\n", "    fallback: {de: {en: x}}\n",
        "    language: de\n", "{en: ", "de: ", "german: ", "    words: {language: {tr: x}}\n", "{en: x, text: y}",
        "{", "}", "[", "]", ":", " #", '"', "'", "|", ">", "&a ", "*a", "!x ", "? ", "\t", "\u00a0", "\u2028", "\x85",
        "  ", "\n", "---\n", "...\n", "<<: ", "%", ",", "${A}", "${file:k}", "\\", "é", "\ufeff", "\x00", "9" * 30,
    ]
)  # fmt: skip


@settings(max_examples=600)
@given(st.lists(PIECES, max_size=24).map("".join), st.sampled_from(VALUES))
def test_nearly_right_files_are_read_or_refused(text: str, value: str) -> None:
    """What is put together from good pieces and bad ones is told in words, too."""
    assert outcome(text, value).startswith(("bots.yaml:", "read"))


@settings(max_examples=300)
@given(st.integers(0, len(SAMPLE)), st.integers(0, 8), PIECES)
def test_a_good_file_with_one_slip_is_read_or_refused(at: int, length: int, piece: str) -> None:
    """Nobody's slip of the keyboard ends in a traceback."""
    assert outcome(SAMPLE[:at] + piece + SAMPLE[at + length :]).startswith(("bots.yaml:", "read"))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n", "bots.yaml:1:4: a: YAML's anchors (&) are not used here"),
        ("[" * 500_000, "bots.yaml:1:21: this is nested more than 20 deep"),
        ("- " * 300_000, "bots.yaml:1:41: this is nested more than 20 deep"),
    ],
    ids=["laughs", "brackets", "dashes"],
)
def test_a_small_file_stays_small(text: str, expected: str) -> None:
    """A tree is never larger than its file, and never deeper than anybody means."""
    assert expected in outcome(text)


def intents(number: int, rest: str) -> str:
    """A file with *number* intents that end with *rest*."""
    return "version: 1\nbots:\n  a:\n    intents:\n" + "".join(
        f"      i{one}: {{phrases: ['a {one}'], {rest.replace('#', str(one))}}}\n" for one in range(number)
    )


#: Files of a size, each of which would take a careless reader the square of its time.
GROWING: dict[str, Callable[[int], str]] = {
    "one long key": lambda size: "a" * size + ": b\n",
    "one long line": lambda size: "secret" * (size // 6),
    "unknown keys": lambda size: "".join(f"key{number}: x\n" for number in range(size // 10)),
    "double keys": lambda size: "version: 1\n" * (size // 11),
    "aliases": lambda size: "a: [" + "*a, " * (size // 4) + "]\n",
    "unknown intents": lambda size: intents(size // 90, "reply: {text: x, choices: [{title: y, intent: j#}]}"),
    "unknown types": lambda size: intents(size // 70, "slots: {s#: t#}, reply: x"),
    "good intents": lambda size: intents(size // 50, "reply: x"),
    "languages": lambda size: intents(size // 90, "reply: {en: x#, de: y#}, phrases: {fr: z#}"),
    "unknown languages": lambda size: (
        f"version: 1\nbots: {{a: {{fallback: {{en: x{', '.join(f', l{n}: y' for n in range(size // 12))}}}}}}}\n"
    ),
    "claimed pages": lambda size: (
        f"version: 1\nbots:\n  a: {{pages: [{','.join(map(str, range(size // 14)))}]}}\n"
        f"  b: {{pages: [{','.join(map(str, range(size // 14)))}]}}\n"
    ),
    "non-breaking spaces": lambda size: "\u00a0x\n" * (size // 4),
    "an open quote": lambda size: 'a: "x\n' + "b: c\n" * (size // 5) + 'd: "e"\n',
    "references": lambda size: "version: 1\nbots: {a: {fallback: x}}\nstore: " + "${B}" * (size // 4),
}


@pytest.mark.parametrize("name", GROWING)
def test_time_grows_with_the_file(name: str) -> None:
    """A file eight times as long takes about eight times as long to read, or to refuse."""
    small, large = (_seconds(GROWING[name](size)) for size in (20_000, 160_000))

    assert large < 8 * 4 * small + 0.3


def _seconds(text: str) -> float:
    started = time.process_time()
    assert outcome(text)
    return time.process_time() - started
