"""How far a message is followed: as far as people's phrases take, and no further for a thousand that are unlike."""

import os
import subprocess
import sys
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import everyday
from botkit import Bot
from botkit.language import Slot, tokens
from botkit.language.effort import LOOKED_UP, steps_for
from botkit.language.index import Index
from botkit.language.templates import parse, slot_types
from botkit.language.text import TEXT_LIMIT
from botkit.language.tree import Leaf, Node
from botkit.matching.explanation import NOT_REACHED
from botkit.router import Intent, Phrase, Router
from test_router_everything import CONTEXT, NOW, Tree, _named, calls, everything, router, written

#: More than any of the phrases here has.
_WORDS = 34


def unlike(count: int, ending: str = "x a") -> list[str]:
    """So many phrases that all fit the same words, up to their ending, each in a way of its own."""
    random = Random(count)
    masks = [{0, *random.sample(range(1, _WORDS), 7)} for _ in range(count)]
    return [" ".join(f"{{s{at}:word}}" if at in mask else "a" for at in range(_WORDS)) + f" {ending}" for mask in masks]


#: What fits all of them but for the word before the last, which stands at its beginning.
LONG = "x " + ("a" + "." * 50 + " ") * (_WORDS - 1) + "a a"


def test_a_long_message_costs_no_more_for_thousands_of_unlike_phrases() -> None:
    """A short one is too short for each of them."""
    few, many = router(unlike(20)), router(unlike(1_000))

    assert calls(many, LONG) <= 1.2 * calls(few, LONG)
    assert calls(many, LONG) <= 20 * calls(many, LONG[:200])


def test_a_short_message_is_followed_to_its_end() -> None:
    """The last of a hundred unlike phrases is found that alone fits."""
    made = router([*unlike(100), *unlike(1, "a a")])
    match = made.route("x " + "a " * (_WORDS + 1), now=NOW)

    assert match is not None
    assert match.intent.name == "100"


def test_what_was_not_reached_is_told() -> None:
    """With the reason, and not that something else was better."""
    made = router([*unlike(100), *unlike(1, "a a")])
    explanation = made.explain(LONG, now=NOW)
    why = {one.intent: one.why for one in explanation.candidates if one.matched}

    assert (explanation.intent, why) == (None, {"100": NOT_REACHED})

    also = router([*unlike(100), *unlike(1, "a a"), "x {t} a"]).explain(LONG, now=NOW)
    why = {one.intent: one.why for one in also.candidates if one.matched and not one.won}
    assert (also.intent, why) == ("101", {"100": NOT_REACHED})

    alike = "x " + "a " * 25 + "".join(f"{{w{at}:word}} " for at in range(8)) + "a a"
    late = router([*unlike(100), *unlike(1, "a a"), alike]).explain(LONG, now=NOW)
    why = {one.intent: one.why for one in late.candidates if one.matched and not one.won}
    assert (late.intent, why) == ("101", {"100": NOT_REACHED})


def test_the_first_message_costs_what_any_does_once_a_bot_has_learned() -> None:
    """What phrases have in common is found out before."""
    made = router(unlike(100))
    made.learn()
    first = calls(made, LONG, is_first=True)

    assert first <= 1.1 * calls(made, LONG)
    assert calls(router(unlike(100)), LONG, is_first=True) > 10 * first

    without = Bot("shop", likeness="off")
    for number, phrase in enumerate(unlike(100)):
        without.add(Intent(name=str(number), phrases=(Phrase(phrase),), handler=lambda chat: None))
    without.learn()
    assert calls(without.router, LONG, is_first=True) <= 1.1 * first


def _letter(begin: str = "", end: str = "") -> str:
    """2,000 characters."""
    middle = "And then we went home, all of us, and it was a day like no other. " * 40
    return f"{begin} {middle[: TEXT_LIMIT - 2 - len(begin) - len(end)]} {end}"


@pytest.mark.parametrize(
    ("phrase", "text"),
    [
        (
            "{x} for {n:int} (people|persons) on {d:date} [at] {t:time} [please]",
            _letter(end="for 4 people on 24 december at 8 pm please"),
        ),
        (
            "{d:date} {t:time} {s:size} {p:phone} {n:int} {w:word} {v:word} {x}",
            _letter("tomorrow 8 pm big 0171 1234567 5 anna maria"),
        ),
        (
            "{x} {d:date} {t:time} {s:size} {p:phone} {n:int} {w:word} {v:word}",
            _letter(end="tomorrow 8 pm big 0171 1234567 5 anna maria"),
        ),
        (
            "{x} {s:size} {n:decimal} {e:email} [and] {u:url} {w:word} {d:date} thanks",
            _letter(end="very big 3.5 a@b.de and www.a.de/x anna tomorrow thanks"),
        ),
    ],
)
def test_a_letter_may_begin_or_end_with_as_many_slots_as_a_phrase_has(phrase: str, text: str) -> None:
    """Although it has 2,000 characters, the most that are matched."""
    made = router([phrase, "{x} on {d:date}", "{w:word} {x} {n:int}", "{x} {t:time} please", "{x} thanks"])

    assert (match := made.route(text, now=NOW)) is not None
    assert match.intent.name == "0"


def test_people_s_phrases_take_few_steps() -> None:
    """However many there are, and however long a message is."""
    index, types = Index(), slot_types(everyday.LISTS)
    written = everyday.phrases(2_000)
    for number, phrase in enumerate(written):
        for variant in parse(phrase, {}, types).variants:
            index.add(variant, number)

    for characters in (40, 200, 2_000):
        for text in everyday.letters(written, 60, characters):
            *_, takes = index.followed(tokens(text), CONTEXT)
            assert steps_for(len(text), len(takes.words)) - takes.steps <= 15


def test_of_people_s_phrases_none_is_left_out() -> None:
    """A letter is answered by what would answer it if every phrase were tried."""
    made, written = Router(lists=everyday.LISTS), everyday.phrases(150)
    for number, phrase in enumerate(written):
        made.add(Intent(name=str(number), phrases=(Phrase(phrase),), handler=print))
    explained = [made.explain(text, now=NOW) for text in everyday.letters(written, 40, 1_500)]

    assert all(one.why != NOT_REACHED for explanation in explained for one in explanation.candidates)
    assert sum(explanation.intent is not None for explanation in explained) > 2


@settings(max_examples=50, deadline=None)
@given(st.lists(st.sampled_from(["a", "b", "x", "a-a", "1", "big"]), min_size=30, max_size=60), st.integers(1, 30))
def test_what_is_found_is_a_match_however_much_was_left_out(words: list[str], padding: int) -> None:
    """Never the half of one."""
    endings = ("x a", "{t} a", "{n:int} {t}", "b {t} x", "{t} {w:word} 1")
    made = router([phrase for ending in endings for phrase in unlike(8, ending) if phrase.count("{") <= 8])
    said = ("." * padding + " ").join(words)
    explanation = made.explain(said, now=NOW)

    assert all(one.matched for one in explanation.candidates if one.won)


def said(begin: str, unit: str, end: str = "") -> tuple[str, str]:
    """Messages of 200 and of 2,000 characters that begin and end alike, and repeat one thing in between."""
    short, long = ((begin + unit * 2_000)[: length - len(end)] + end for length in (200, 2_000))
    return short, long


def cost(made: Router, texts: tuple[str, str]) -> int:
    """How many functions run for the long one of *texts*, of which the short one is a phrase, word for word."""
    made.add(Intent(name="exact", phrases=(Phrase(" ".join(tokens(texts[0]).words)),), handler=print))
    assert (match := made.route(texts[0], now=NOW)) is not None
    assert match.how == "exact"
    return calls(made, texts[1])


ALIKE = "".join(f"{letter} " for letter in "abcdefghi")


@pytest.mark.parametrize(
    ("phrase", "texts"),
    [
        ("{t} {u:url} {w:word} {v:url} x", said("", "www.", " x")),
        ("{t} {u:url} {w:word} {v:url} x", said("", "(www.", " x")),
        ("{t} {m:email} {w:word} {e:email} x", said("", "a@b.de", " x")),
        ("{a:run} {b:run} {c:run} {d:run} {t}", said("", ALIKE + "." * 50 + " ")),
        ("{t} {a:run} {b:run} {c:run} {d:run}", said("", ALIKE)),
        ("{p:phone}", said("", "1")),
    ],
)
def test_one_step_takes_no_more_than_there_is_left(phrase: str, texts: tuple[str, str]) -> None:
    """However much there is to look at: addresses without end, and values of lists at each word."""
    runs = [(ALIKE * 4).split()[at : at + length] for at in range(9) for length in range(1, 21)]
    made = Router(lists={"run": {"run": [" ".join(run) for run in runs]}})
    made.add(Intent(name="0", phrases=(Phrase(phrase),), handler=print))

    assert cost(made, texts) <= 700


def test_thousands_of_lists_cost_a_long_message_no_more() -> None:
    """All of them have the one value that is said."""
    texts = said("at ", "yes" + "." * 70 + " ", " now7 now7")

    def made(count: int) -> Router:
        choosers = Router()
        for number in range(count):
            slots = {"first": Slot(choices=["at", "on"]), "second": Slot(choices=["yes", f"own{number}"])}
            phrase = Phrase(f"{{first}} {{second}} {{t}} now{number} now7")
            choosers.add(Intent(name=str(number), phrases=(phrase,), handler=print, slots=slots))
        return choosers

    assert cost(made(1_000), texts) <= 1.2 * cost(made(100), texts)


class Counting(frozenset[str]):
    """Some names, and how often it was asked whether another is one."""

    asked = 0

    def __contains__(self, name: object) -> bool:
        Counting.asked += 1
        return super().__contains__(name)


def test_of_thousands_of_leaves_so_many_are_looked_at_as_there_are_steps() -> None:
    """Those that were added first."""
    node, left = Node(), iter((True, True, False))
    for number in range(1_000):
        node.leaves[str(number)] = Leaf((0, number), (), number, str(number))
    names = Counting(f"other{number}" for number in range(1_000))

    assert node.leaf(names, lambda _: next(left)) is None
    assert Counting.asked == 3 * LOOKED_UP
    assert node.leaf(["999", "7"], lambda _: True) is node.leaves["7"]
    assert node.leaf({"5", "7", *names}, lambda _: True) is node.leaves["5"]


PIECES = ["a", "b", "1", "8:30", "24.12.", "030 123", "a@b.de", "www.b.de", "very big", "a-b", "big"]
KINDS = ["word", "int", "decimal", "date", "time", "phone", "email", "url", "size", "nested"]


@settings(max_examples=200, deadline=None)
@given(
    st.lists(st.one_of(st.sampled_from(["a", "b"]), st.sampled_from(KINDS).map(lambda kind: {"?": kind})), max_size=4),
    st.lists(st.one_of(st.sampled_from(["a", "b"]), st.sampled_from(KINDS).map(lambda kind: {"?": kind})), max_size=3),
    st.lists(st.sampled_from(PIECES), min_size=5, max_size=16),
    st.integers(1, 100),
)
def test_slots_are_filled_whatever_steps_are_left(
    before: list[Tree], behind: list[Tree], pieces: list[str], padding: int
) -> None:
    """What takes what is asked once it is known what fits."""
    trees = _named([*before, {"?": "text"}, *behind])
    said = (" " + "." * padding + " ").join(pieces)

    if match := router([written(trees)]).route(said, now=NOW):
        assert (0, dict(match.slots)) == everything([trees], tokens(said))


#: Each of its phrases fits, and the way through all of them takes more steps than there are.
_PROGRAM = """
from datetime import UTC, datetime
from botkit.router import Intent, Phrase, Router

words = [f"w{number}" for number in range(12)]
values = [" ".join(words[at : at + length]) for at in range(6) for length in (1, 2, 3)]
router = Router(lists={"some": {"some": values}})
for word in reversed(words):
    phrase = Phrase(f"{{a:some}} {{b:some}} {word} {{t}} b {{w:word}} a")
    router.add(Intent(name=word, phrases=(phrase,), handler=print))
print(router.route(" ".join(words) + " a" * 825 + " b a a", now=datetime.now(UTC)).intent.name)
"""


def test_a_message_is_understood_alike_by_every_process() -> None:
    """Sets of words have another order in each; what is left out has not."""
    answers = {
        subprocess.run(
            [sys.executable, "-c", _PROGRAM],
            env={**os.environ, "PYTHONHASHSEED": str(seed)},
            capture_output=True,
            check=True,
        ).stdout
        for seed in range(1, 5)
    }

    assert len(answers) == 1
