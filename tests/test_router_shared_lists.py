"""Lists that share values, and of which a value begins another's: the phrase and its slots are those of every way."""

from hypothesis import given, settings
from hypothesis import strategies as st

from botkit.language import tokens
from test_router_everything import NOW, Tree, _named, everything, router, written

_LISTED = st.sampled_from(["a", "very", "24", *({"?": kind} for kind in ("size", "kind", "nested", "choice", "word"))])


@settings(max_examples=500)
@given(
    st.lists(st.tuples(st.lists(_LISTED, min_size=1, max_size=3), st.integers(0, 3)), min_size=4, max_size=6),
    st.lists(st.sampled_from(["a a", "a b", "1 a", "very big", "a", "little"]), min_size=2, max_size=4),
)
def test_lists_that_share_their_values_are_told_apart(parts: list[tuple[list[Tree], int]], words: list[str]) -> None:
    """Each phrase with a text somewhere among lists, of which a value is in several, and begins another's."""
    phrases = [_named([*items[:at], {"?": "text"}, *items[at:]]) for items, at in parts]
    text = " ".join(words)
    match = router([written(trees) for trees in phrases]).route(text, now=NOW)

    assert (match and (int(match.intent.name), dict(match.slots))) == everything(phrases, tokens(text))


def test_a_text_ends_before_the_longest_value_whichever_lists_have_it() -> None:
    """Although a shorter one, which no other list has, is found by itself."""
    match = router(["a a {s:kind}", "{t} {s:size}"]).route("a very big", now=NOW)

    assert match is not None
    assert dict(match.slots) == {"t": "a", "s": "large"}
