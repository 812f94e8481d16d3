"""What a message is given up for before anything is tried, counted in calls, and that nothing is lost by it."""

import pytest
from attrs import evolve
from hypothesis import given
from hypothesis import strategies as st

from botkit.language import tokens
from botkit.language.signs import last_sign, signs_of
from botkit.language.slots import BUILT_IN
from botkit.language.spellings import Spellings
from botkit.language.spots import between, each
from botkit.language.takes import Takes
from botkit.language.vocabulary import LANGUAGES, phrases
from test_router_everything import CONTEXT, NOW, TEXTS, calls, router

TIMED = (BUILT_IN["date"], BUILT_IN["time"])


def test_a_message_too_long_for_every_template_is_given_up_at_once() -> None:
    """Not one slot is looked for."""
    made = router(["{a:word} {b:word} {c:int}", "a {a:size} {b:word}"])

    assert calls(made, "a " * 25) < calls(made, "a " * 24)
    assert calls(made, "a " * 1_000) == calls(made, "a " * 200) < calls(made, "a " * 24)

    # An address may have any number of words, where there is one.
    addressed = router(["{a:word} {b:word} {c:int}", "a {a:size} {b:word} [{u:url}]"])
    assert calls(addressed, "a " * 1_000) == calls(addressed, "a " * 200) < calls(addressed, "a www.x." + "a." * 150)


def test_what_every_template_needs_is_looked_for_first() -> None:
    """Where a word is lacking, or every sign of what a slot takes, nothing else is tried."""
    made = router(["{t} x " + " ".join(f"(a|{{w{n}:word}})" for n in range(7)), "[a] {n:int} (x|b x) {s:size}"])
    dated = router(["{t} {d:date} " + " ".join(f"(a|{{w{n}:word}})" for n in range(6))])

    assert calls(made, "a " * 30) < 50 < calls(made, "x " + "a " * 30)
    assert calls(dated, "a " * 30) < 50 < calls(dated, "1 " + "a " * 30)

    behind = router(["{t} x " + " ".join(f"a {{s{n}:nested}}" for n in range(7))])
    assert calls(behind, "x " + "a " * 60) < 100 < calls(behind, "a " * 48 + "x " + "a " * 12)


def test_what_a_variant_needs_spares_it_alone() -> None:
    """Where a word is not said that may be left out, the ways with it cost nothing."""
    said = "a " * 60
    plain = router(["{t} {w:word} a a a {s:nested} a {r:nested} a"])
    ways = router(["{t} {w:word} [x] a [x] a [x] a {s:nested} a {r:nested} a"])

    assert calls(ways, said) <= calls(plain, said) + 20


def test_a_list_is_looked_for_where_one_of_its_words_is_said() -> None:
    """And no earlier than where it may stand."""
    made = router(["{t} {s:size} " + " ".join(f"({{w{n}:word}}|{{d{n}:decimal}})" for n in range(3))])

    assert calls(made, "24 b " * 40) < 100 < calls(made, "24 b big " * 20)
    assert calls(made, "big " + "24 b " * 40) < 100


def test_words_take_one_another_only_where_they_are_joined() -> None:
    """So a long message may be too long for what would take as many words."""
    made = router(["{a:word} {b:word} {c:word} {d:word}"])

    assert calls(made, "a, " * 18) < 90 < calls(made, "a-a-a-a-a, a-a-a-a-a, a-a-a-a, a-a-a-a")


def test_a_template_that_ends_with_another_word_than_the_message_spares_its_ways() -> None:
    """Although it has more words than the one that fits, and slots that may take them in many ways."""
    slots = " ".join(f"{{s{n}:nested}}" for n in range(7))
    one, two = router([f"{slots} a {{w:word}}"]), router([f"{slots} a {{w:word}}", f"{slots} a a"])

    assert calls(two, "a " * 14 + "x") <= calls(one, "a " * 14 + "x") + 30

    after_text = router([f"{slots} {{t}} a", f"{{t}} {slots} a"])
    assert calls(after_text, "a " * 30 + "x") < 50 < calls(after_text, "x " + "a " * 30)

    listed = router([f"{slots} a", slots])
    assert calls(listed, "a " * 14 + "x") < 60 < calls(listed, "a " * 15)


def test_what_is_needed_before_the_last_word_is_looked_for_before_it() -> None:
    """It is no other word's."""
    made = router([" ".join(f"(a|{{w{n}:word}})" for n in range(7)) + " x {w:word}", "{t} x a {s:size} a x"])

    assert calls(made, "a big " * 6 + "x") < 50 < calls(made, "x " + "a big " * 6 + "x")


def test_values_in_a_row_cost_the_same_wherever_they_may_end() -> None:
    """One step is taken from all places at once."""
    five, seven = (
        calls(router(["a " + " ".join(f"{{s{n}:nested}}" for n in range(length)) + " b {w:word}"]), "a " * 20 + "b b x")
        for length in (5, 7)
    )

    assert seven - five < 60


def test_an_address_is_looked_for_no_further_before_its_sign_than_it_reaches() -> None:
    """However many words there are without a space."""
    made = router(["{t} x {m:email}"])

    # Where the words stand is found with a step for each.
    assert calls(made, "a x " + "a." * 200 + "b@a.de") <= calls(made, "a x " + "a." * 100 + "b@a.de") + 100


@given(
    st.text(max_size=40),
    st.lists(st.sampled_from([*TEXTS, "a-b-c", "a-b-c-d-e-f-g-h-i-j", "the 3rd of may", "noon", "a@", "x@a@b.de"])),
)
def test_what_a_slot_takes_is_found_from_both_sides_and_at_once(text: str, words: list[str]) -> None:
    """By where it starts, by where it ends, and for all words; and it begins with a word that it may begin with."""
    said = tokens(" ".join([text, *words]))
    for kind in BUILT_IN.values():
        found = [(at, end) for at in range(len(said)) for end, _ in kind.values(said, at, CONTEXT)]
        assert all(kind.may_begin_with(said.words[at]) for at, _ in found)
        if kind.is_text or not said.words:
            continue
        forwards, backwards, together = (Takes(said, CONTEXT, Spellings()) for _ in range(3))
        for at in range(len(said)):
            assert list(each(forwards.ends(kind, 1 << at))) == sorted(end for start, end in found if start == at)
            starts = {start for start, end in found if end == at + 1}
            assert set(each(backwards.starts(kind, 1 << at + 1, 0))) == starts
        every = between(0, len(said))
        assert set(each(together.ends(kind, every))) == {end for _, end in found}
        assert set(each(together.starts(kind, every << 1, 0))) == {start for start, _ in found}


@given(
    st.text(max_size=40), st.lists(st.sampled_from([*TEXTS, "noon", "tomorrow", "٣", "１２:３０", "the 3rd of may"]))
)
def test_what_a_slot_takes_has_a_sign(text: str, words: list[str]) -> None:
    """So that a template is never given up although its slots are there, or at the end."""
    said = tokens(" ".join([text, *words]))
    if not said.words:
        return
    found = [
        (kind, end)
        for kind in BUILT_IN.values()
        for at in range(len(said))
        for end, _ in kind.values(said, at, CONTEXT)
    ]
    signs = signs_of(said.surface, {*said.words[:-1]}, said.words[-1])

    assert {kind.sign for kind, _ in found if kind.signs} <= signs
    assert {last_sign(kind.sign) for kind, end in found if kind.endings and end == len(said)} <= signs


@pytest.mark.parametrize("language", LANGUAGES)
def test_whatever_a_day_or_an_hour_ends_with_has_a_sign(language: str) -> None:
    """In each language, with the names of days, months and hours, and with what follows a figure."""
    context = evolve(CONTEXT, languages=(language,))
    names = [name for key in ("date.near", "date.weekdays", "time.named") for name in phrases(language, key)]
    months = [f"24 {name}" for name in phrases(language, "date.months")]
    hours = [f"8{space}{word}" for word in phrases(language, "time.hours") for space in ("", " ")]
    written = [one.partition("/")[0] for one in (*names, *months, *hours, "8 P.M.", "8:30 a.m", "8 pm", "8PM", "8.30")]
    for text in (*written, *[one.upper() for one in written]):
        said = tokens(text)
        ended = [kind for kind in TIMED if any(end == len(said) for end, _ in kind.values(said, 0, context))]

        assert ended, text
        assert {last_sign(kind.sign) for kind in ended} <= signs_of(text, {*said.words[:-1]}, said.words[-1])


def test_a_message_that_does_not_end_as_a_slot_does_costs_nothing_behind_a_text() -> None:
    """Neither the slot nor what is before it is looked for."""
    made = router(["{x} {a:word} {b:word} {n:int}", "{x} {a:word} {b:word} {d:date}", "{x} {a:word} {b:word} {t:time}"])

    assert calls(made, "a 1 may 8 pm " * 5 + "a") < 50 < calls(made, "a 1 may 8 pm " * 5 + "1")


def test_what_may_begin_with_the_message_leaves_the_text_before_it_a_word() -> None:
    """Although what follows the text fits in more ways that start sooner."""
    made = router(["{t} {s:nested} {a:word} {b:word} {c:word} {d:word} {e:word} {n:decimal}"])
    match = made.route("a, x-y-a-b, x-y-a-b, 1", now=NOW)

    assert match is not None
    assert match.slots["t"] == "a, x-y"
