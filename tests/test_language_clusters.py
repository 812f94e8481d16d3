"""Texts that ask about the same thing stand together."""

from collections import Counter

from hypothesis import given
from hypothesis import strategies as st

from botkit.language import tokens
from botkit.language.clusters import clustered

ASKED = [
    "do you repair bikes?", "can you repair my bike", "Do you repair bikes",
    "do you have vegan cake", "is there any vegan cake today", "vegan cakes?",
    "can I pay by card", "paying by card?", "by card",
    "tell me a joke",
]  # fmt: skip


def test_what_asks_about_the_same_stands_together() -> None:
    """The most frequent first, in each and of all; what is alike but for its signs counts as one."""
    known = ["when do you open", "where are you", "can I order a cake", "do you have rolls", "do you deliver"]
    found = [(cluster.count, cluster.texts) for cluster in clustered(ASKED, known=known)]

    assert found == [
        (3, ("do you repair bikes?", "can you repair my bike")),
        (3, ("do you have vegan cake", "is there any vegan cake today", "vegan cakes?")),
        (3, ("can I pay by card", "paying by card?", "by card")),
        (1, ("tell me a joke",)),
    ]


def test_words_that_every_phrase_has_say_little() -> None:
    """A bot's own phrases tell which those are."""
    known = [f"I would like to know about {what}" for what in ("bread", "cake", "hours", "prices", "rolls", "pie")]
    asked = ["I would like to know about parking", "I would like to know about allergies"]

    assert [cluster.count for cluster in clustered(asked, known=known * 3)] == [1, 1]


@given(st.lists(st.text(max_size=30), max_size=30))
def test_nothing_is_lost_and_nothing_stands_twice(texts: list[str]) -> None:
    """Whatever was said; and the same texts give the same clusters."""
    found = clustered(texts)

    assert sum(cluster.count for cluster in found) == len(texts)
    assert Counter(tokens(text).key for cluster in found for text in cluster.texts) == Counter(
        {tokens(text).key for text in texts}
    )
    assert found == clustered(texts)
