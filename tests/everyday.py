"""Phrases and messages of the kind that people write, as many as are wanted."""

import re
from collections.abc import Iterator
from random import Random

_NOUNS = (
    "pizza", "table", "order", "booking", "delivery", "invoice", "ticket", "room", "flight", "refund", "parcel",
    "address", "password", "account", "menu", "cake", "coffee", "bill", "card", "offer",
)  # fmt: skip
_VERBS = (
    "book", "cancel", "change", "track", "find", "order", "show", "send", "return", "pay", "check", "get", "buy",
    "reserve", "move", "print", "update", "confirm", "open", "close",
)  # fmt: skip
_PATTERNS = (
    "{verb} [me|us] (a|the|my) {noun}",
    "i (want|would like) to {verb} [a|the|my] {noun} [please]",
    "{verb} <count:int> {noun}s",
    "{verb} [the] {noun} [on|for] <day:date>",
    "can (i|you|we) {verb} [a|my|the] {noun} [for <count:int> (people|persons)] [on <day:date>] [at <time:time>]",
    "{verb} {noun} <name:word>",
    "my {noun} is <what>",
    "<what> {noun} {verb}",
    "{verb} {noun} for <what>",
    "please {verb} <what> {noun}",
    "<name:word> {verb} {noun}",
    "tell <name:word> that <what> {noun}",
    "{verb} <size:size> {noun} for <name:word>",
    "<size:size> {noun} {verb} [please]",
)
_SAID = (
    "i", "want", "a", "to", "the", "my", "please", "for", "on", "at", "people", "me", "us", "is", "can", "you", "we",
    "tell", "that", "big", "small", "12", "8:30", "24", "december", "5", "anna", "hello", "would", "like",
)  # fmt: skip
#: The list that the phrases know.
LISTS = {"size": {"small": ["little"], "large": ["big", "very big"]}}


def phrases(count: int) -> list[str]:
    """So many phrases, some of them alike."""
    random = Random(count)
    return [
        random.choice(_PATTERNS)
        .format(verb=random.choice(_VERBS), noun=random.choice(_NOUNS))
        .replace("<", "{")
        .replace(">", "}")
        for _ in range(count)
    ]


def letters(written: list[str], count: int, characters: int) -> Iterator[str]:
    """So many messages of words of *written* phrases; every other one begins and ends like one of them."""
    random = Random(count)
    words = [*_VERBS, *_NOUNS, *_SAID]

    def alike() -> str:
        filled = re.sub(r"\{.*?\}", lambda _: random.choice(words), random.choice(written))
        return " ".join(re.sub(r"[\[\]()|]", " ", filled).split())

    for number in range(count):
        text = ""
        while len(text) < characters:
            text += random.choice(words) + " "
        begin, end = (alike(), alike()) if number % 2 else ("", "")
        yield f"{begin} {text[: max(0, characters - len(begin) - len(end) - 2)]} {end}".strip()
