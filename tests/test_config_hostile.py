"""Files of a megabyte that nobody writes by hand: refused before they cost anybody much."""

import time
from collections.abc import Callable

import pytest

from botkit.config import read
from botkit.errors import ConfigError

MEGABYTE = 1_000_000
#: What a file may cost: two seconds on a machine that has nothing else to do.
SECONDS = 5

INTENTS = "version: 1\nbots:\n  b:\n    intents:\n"
FALLBACK = "version: 1\nbots: {b: {fallback: "


def lines(head: str, line: str) -> Callable[[int], str]:
    """A file that goes on with *line*, its ``#`` a number, for as long as it may."""

    def file(size: int) -> str:
        count = (size - len(head)) // (len(line) + 5)
        return head + "".join(line.replace("#", str(number)) + "\n" for number in range(count))

    return file


def items(head: str, item: str, tail: str) -> Callable[[int], str]:
    """A file with a list, in one line, of as many items as it may hold."""
    return lambda size: f"{head}[{','.join([item] * ((size - len(head) - len(tail)) // (len(item) + 1) - 1))}]{tail}"


HOSTILE: dict[str, Callable[[int], str]] = {
    "bots that are none": lines("version: 1\nbots:\n", "  b#: 1"),
    "bots without pages": lines("version: 1\nbots:\n", "  b#: {fallback: x}"),
    "bots of one page": lines("version: 1\nbots:\n", "  b#: {pages: ['1'], fallback: x}"),
    "intents that are none": lines(INTENTS, "      i#: 1"),
    "intents that are wrong": lines(INTENTS, "      i#: {phrases: {}, reply: [[]], strict: 3, retries: x, slots: 1}"),
    "unknown keys": lines("version: 1\n", "key#: x"),
    "keys that come again": lines("version: 1\nbots:\n  b:\n", "    same: x"),
    "texts that are cut off": lines("version: 1\nbots:\n  b:\n    fallback:\n", "    - a #1"),
    "lists in a list": items(FALLBACK, "[]", "}}"),
    "braces in a list": items(FALLBACK, "{}", "}}"),
    "lists deep in lists": items(FALLBACK, "{any: [{any: [{any: [[]]}]}]}", "}}"),
    "pages that are none": items("version: 1\nbots: {b: {pages: ", "[]", ", fallback: x}}"),
    "modules that are none": items("version: 1\nbots: {b: {python: ", "a", "}}"),
    "accounts that are empty": items("version: 1\nbots: {b: {fallback: x}}\nvonage: ", "{}", ""),
    "choices of no intent": items(FALLBACK + "{text: x, choices: ", "{title: a, intent: b}", "}}}"),
    "names of no slot": lambda size: f"{INTENTS}      i: {{phrases: '{{a}}', reply: '{'{bc}' * (size // 4 - 50)}'}}\n",
    "brackets": lambda size: "[" * size,
    "braces": lambda size: "{a: " * (size // 4),
    "dashes": lambda size: "- " * (size // 2),
}


def importing(name: str) -> object:
    """There are no modules here."""
    raise ImportError(name)


def refused(text: str, *, secrets: bool = True) -> list[str]:
    """What the author of *text* is told, one complaint after the other."""
    with pytest.raises(ConfigError) as caught:
        read(text, file="f", environment={}, read_file=str.encode, import_name=importing, secrets=secrets)
    return [line for line in str(caught.value).splitlines() if line.startswith("f:")]


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("size", [MEGABYTE, MEGABYTE // 4], ids=["all", "a quarter"])
def test_a_file_that_was_made_to_cost_is_refused_soon(name: str, size: int) -> None:
    """Whether there is too much of it, or all of it is wrong; and what is told of it can be read."""
    text = HOSTILE[name](size)
    started = time.process_time()
    told = refused(text)
    seconds = time.process_time() - started

    assert 0.7 * size < len(text) <= MEGABYTE
    assert (len(told) <= 101, seconds < SECONDS) == (True, True), f"{len(told)} complaints in {seconds:.1f} seconds"


def test_a_file_may_hold_so_much_and_no_more() -> None:
    """Where the limit was reached is told, and what to do."""
    head = "version: 1\nbots: {b: {fallback: x, pages: ["
    # The four keys, five values and two items that stand there already count too.
    fits, more = (f"{head}{'1,' * count}1]}}}}" for count in (50_000 - 12, 50_000 - 11))

    assert read(fits, file="f", environment={}, read_file=str.encode, import_name=importing, secrets=False).bots
    assert refused(more, secrets=False) == [
        "f:2:100011: there are more than 50,000 texts, lists and keys before this; write phrases below a |"
    ]


@pytest.mark.parametrize(
    ("wrong", "last"),
    [
        (100, 'f:102:8: bots.b99: expected the bot\'s keys, such as intents: and fallback:, found "1"'),
        (1_000, "f: and 900 more; mend these first"),
        (1_001, "f: and at least 900 more; mend these first"),
    ],
)
def test_a_hundred_complaints_are_told(wrong: int, last: str) -> None:
    """Then how many more there are, as far as anybody looked."""
    told = refused("version: 1\nbots:\n" + "".join(f"  b{number}: 1\n" for number in range(wrong)), secrets=False)

    assert (len(told), told[-1]) == (min(wrong, 101), last)
