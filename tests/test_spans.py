"""Where words stand, whatever is asked for first."""

from hypothesis import given
from hypothesis import strategies as st

from botkit.language import tokens
from botkit.language.spans import Spans
from botkit.language.text import _any_script

QUESTIONS = st.lists(
    st.tuples(st.sampled_from(["start", "end", "of", "behind"]), st.integers(0, 200), st.integers(0, 40)), max_size=12
)
WORDS = st.lists(st.sampled_from(["a", "aa", "a'a", "a''", "b", "ab.", "'", "...", " ", " ", "-", "1"]), max_size=120)


def asked(spans: Spans, words: int, length: int, question: tuple[str, int, int]) -> object:
    """The answer to a question about a text of so many words and characters."""
    what, first, more = question
    if what == "behind":
        return spans.behind(first % (length + 1))
    if what == "of":
        return spans.of(min(first, words), min(first, words) + more)
    return words and (spans.start if what == "start" else spans.end)(first % words)


@given(WORDS, QUESTIONS)
def test_places_are_the_same_from_whichever_end_they_are_found(
    pieces: list[str], questions: list[tuple[str, int, int]]
) -> None:
    """And in whichever order; all of them are known at once of a text in another script."""
    said = tokens("".join(pieces))
    known = _any_script(said.surface).spans

    for question in questions:
        one, other = (asked(spans, len(said), len(said.surface), question) for spans in (said.spans, known))
        assert one == other


def test_what_is_asked_for_at_the_end_is_not_looked_for_from_the_beginning() -> None:
    """Nor the other way round: what is in between need not even be there."""
    spans = Spans("ab cd " * 200, (*["ab", "cd"] * 50, *["missing"] * 200, *["ab", "cd"] * 50))

    assert (spans.start(399), spans.end(390), spans.behind(1_190)) == (1_197, 1_172, 397)
    assert (spans.start(1), spans.of(0, 2), spans.behind(10)) == (3, ([0, 3], [2, 5]), 4)


@given(
    st.lists(st.sampled_from(["a", "(", "a@b.de", " ", "\n", "\u2003", "\x1c", "ä", "中", "."]), max_size=40), st.data()
)
def test_what_is_unbroken_is_found_around_any_character(pieces: list[str], data: st.DataObject) -> None:
    """Whichever was asked for before."""
    said = tokens("".join(pieces))
    places = [place for place, sign in enumerate(said.surface) if not sign.isspace()]

    for place in data.draw(st.lists(st.sampled_from(places), max_size=5)) if places else ():
        first, end = said.chunk(place)
        assert first <= place < end
        assert not any(sign.isspace() for sign in said.surface[first:end])
        assert all(sign.isspace() for sign in said.surface[max(0, first - 1) : first] + said.surface[end : end + 1])
