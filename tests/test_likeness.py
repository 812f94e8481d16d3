"""Likeness: what a text means that is no phrase."""

import subprocess
import sys
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from math import isfinite

import pytest
from hypothesis import given
from hypothesis import strategies as st

from botkit.language.likeness import Example, Likeness, learned

LIBRARY: Mapping[str, Sequence[str]] = {
    "renew": ["I want to renew my books", "can I keep a book for longer", "extend my loans please", "renew my loan"],
    "fine": ["how much is the fine", "what do I owe the library", "pay my late fees", "I got a fine"],
    "hours": [
        "when is the library open",
        "opening times of the library",
        "are you open on saturday",
        "when do you close",
    ],
    "card": ["I lost my library card", "get a new reader card", "how do I sign up for a card", "my card does not work"],
    "printer": ["where can I print", "is there a printer", "how much is a printed page", "print a document"],
}


def taught(said: Mapping[str, Sequence[str]]) -> list[Example]:
    """Examples of every intent, each phrase with a number of its own."""
    pairs = [(intent, text) for intent, texts in said.items() for text in texts]
    return [Example(intent, text, number) for number, (intent, text) in enumerate(pairs)]


@pytest.fixture(scope="module")
def library() -> Likeness:
    return learned(taught(LIBRARY))


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("can my loans be extended", "renew"),
        ("how much do I have to pay in late fees?", "fine"),
        ("on saturday, are you open", "hours"),
        ("i've lost my card", "card"),
        ("printing a page", "printer"),
    ],
)
def test_other_words_in_another_order_are_understood(library: Likeness, text: str, intent: str) -> None:
    """A paraphrase shares words, pairs of words or parts of words with the phrases."""
    answers = library.guess(text).answers

    assert answers is not None
    assert answers.intent == intent


@pytest.mark.parametrize(
    ("text", "intent"),
    [("wher is the prniter", "printer"), ("i lsot my libary crad", "card"), ("opning tmies", "hours")],
)
def test_typos_are_repaired(library: Likeness, text: str, intent: str) -> None:
    """One edit a word does not keep a text from being understood."""
    answers = library.guess(text).answers

    assert answers is not None
    assert answers.intent == intent


@pytest.mark.parametrize(
    "text", ["who won the football match last night", "pasta with tomatoes", "asdf", "", "🙂🙂", "你好吗", "42"]
)
def test_what_is_out_of_scope_is_declined(library: Likeness, text: str) -> None:
    """A text of strange words is unlike everything, so that nothing answers it."""
    assert library.guess(text).answers is None


def test_the_same_examples_give_the_same_model(library: Likeness) -> None:
    """Not a digit differs between two models of the same examples, whatever the seed of the process."""
    again = learned(taught(LIBRARY))

    assert again.limits == library.limits
    assert again.trials == library.trials
    assert [again.model.rank(text) for texts in LIBRARY.values() for text in texts] == [
        library.model.rank(text) for texts in LIBRARY.values() for text in texts
    ]


def test_no_seed_of_the_process_changes_a_model() -> None:
    """Hashes of texts differ from start to start, and no model depends on them."""
    code = (
        "from botkit.language.likeness import Example, learned; "
        "model = learned([Example(w[0], w) for w in ('alpha beta', 'beta gamma', 'gamma delta', 'apple pie')]).model; "
        "print(model.rank('alpha gamma delta pie'))"
    )
    printed = {
        subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True, env={"PYTHONHASHSEED": seed}
        ).stdout
        for seed in ("1", "2", "3")
    }

    assert len(printed) == 1


def test_many_threads_ask_one_model(library: Likeness) -> None:
    """Nothing in a model changes while it is asked."""
    texts = [text for texts in LIBRARY.values() for text in texts] * 5
    alone = [library.guess(text) for text in texts]
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(library.guess, texts))

    assert together == alone


@given(st.text(max_size=200))
def test_anything_typed_has_an_answer_or_none(library: Likeness, text: str) -> None:
    """Candidates are ordered, sure between 0 and 1, and the answer is the first of them."""
    guess = library.guess(text)
    scores = [one.score for one in guess.candidates]

    assert scores == sorted(scores, reverse=True)
    assert all(0 <= one.sure <= 1 for one in guess.candidates)
    assert guess.answers in (None, *guess.candidates[:1])


@given(st.text(max_size=40), st.text(max_size=40), st.text(max_size=40))
def test_any_phrases_can_be_learned(first: str, second: str, third: str) -> None:
    """No phrase is too strange to be taught, and one that says something is taken for its own intent or a twin's."""
    likeness = learned([Example("a", first), Example("a", second), Example("b", third)])

    assert {intent for intent, _ in likeness.model.rank(third)} <= {"a", "b"}


@pytest.mark.parametrize(
    "said",
    [{}, {"empty": ["", "?!"]}, {"alone": ["book a table"]}, {"a": ["same words"], "b": ["same words"]}],
    ids=["nothing", "no words", "one intent", "twins"],
)
def test_the_smallest_bots_can_be_learned(said: Mapping[str, Sequence[str]]) -> None:
    """Nothing, next to nothing and contradictions give a model that declines what it does not know."""
    likeness = learned(taught(said))

    assert likeness.guess("something else entirely").answers is None


def test_a_single_intent_is_told_from_strangers() -> None:
    """There is nothing to tell it from but what users say that is none."""
    likeness = learned(taught({"table": ["book a table", "a table for two"]}))

    answers = likeness.guess("table for four please").answers
    assert answers is not None
    assert answers.intent == "table"


def test_two_intents_that_say_the_same_are_no_answer() -> None:
    """Where two intents are as good as each other, both are suggested and none answers."""
    same = ["cancel my order please", "stop the order now", "I do not want the order", "take the order back"]
    others = {"a": ["opening hours on sunday"], "b": ["vegan cake"], "c": ["thank you"], "d": ["good morning"]}
    likeness = learned(taught({"stop": same, "cancel": same, **others}))

    guess = likeness.guess("please cancel the order")

    assert guess.answers is None or guess.candidates[0].score - guess.candidates[1].score >= likeness.limits.margin
    assert {one.intent for one in guess.candidates[:2]} == {"stop", "cancel"}


def test_only_those_asked_for_are_taken(library: Likeness) -> None:
    """While a question is open some intents are not there to be found."""
    assert {one.intent for one in library.guess("pay the fine", among={"card", "hours"}).candidates} <= {
        "card",
        "hours",
    }


def test_words_say_how_they_were_read_and_what_they_counted(library: Likeness) -> None:
    """A score is the sum of what its words said."""
    text = "a new raeder card zzz"
    best = library.guess(text).candidates[0]
    words = library.words(text, best.intent)

    assert [(one.said, one.read, one.is_repaired) for one in words] == [
        ("a", "a", False), ("new", "new", False), ("raeder", "reader", True), ("card", "card", False),
        ("zzz", None, False),
    ]  # fmt: skip
    assert sum(one.weight for one in words) == pytest.approx(best.score, abs=1e-4)
    assert max(words, key=lambda one: one.weight).said in {"card", "raeder"}


def test_numbers_are_alike() -> None:
    """Nobody can give every number in a phrase."""
    likeness = learned(taught({"order": ["where is order 4711", "order 12 is late"], "hours": ["when are you open"]}))

    answers = likeness.guess("what about order 99").answers
    assert answers is not None
    assert answers.intent == "order"


def test_hundreds_of_phrases_may_differ_in_a_number_only() -> None:
    """They cannot be told apart by likeness, and all else is understood as before."""
    items = {f"item{n}": [f"what costs item {n}", f"price of item {n}", f"item {n}"] for n in range(300)}
    guess = learned(taught({**LIBRARY, **items})).guess("on saturday, are you open")

    assert guess.answers is not None
    assert guess.answers.intent == "hours"
    assert all(isfinite(one.score) for one in guess.candidates)
