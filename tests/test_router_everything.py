"""The index against a matcher that tries everything, and what a message costs, whatever is built and said."""

import re
import sys
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from types import FrameType
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from botkit.language import Context, Slot, Tokens, tokens
from botkit.language.index import Index
from botkit.language.slots import BUILT_IN, SlotType, list_type
from botkit.language.templates import SLOT_LIMIT, VARIANT_LIMIT, Hole, slot_types
from botkit.router import Intent, Phrase, Router

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
CONTEXT = Context(NOW, ZoneInfo("UTC"))
LISTS = {
    "size": {"small": ["little"], "large": ["very big", "big", "1"]},
    "kind": {"very": ["a b", "24"], "little": [], "very big": []},
    "nested": {"short": ["a"], "long": ["a a", "a b a", "1 a"]},
}
CHOICES = ("a", "big", "a 24")
TYPES = {**slot_types(LISTS), "choice": list_type("choice", dict.fromkeys(CHOICES, ()))}
LOOSE = ("text", "word", "decimal")

# A phrase as a tree: a word, {"slot": type}, ["optional", …] or (("this", …), ("that", …)).
Tree = str | dict[str, str] | list["Tree"] | tuple[list["Tree"], ...]
Slots = dict[str, object]


def written(trees: Sequence[Tree]) -> str:
    """The phrase as its author writes it."""
    pieces = []
    for tree in trees:
        if isinstance(tree, str):
            pieces.append(tree)
        elif isinstance(tree, dict):
            pieces += [f"{{{name}:{kind}}}" for name, kind in tree.items()]
        elif isinstance(tree, list):
            pieces.append(f"[{written(tree)}]")
        else:
            pieces.append(f"({'|'.join(map(written, tree))})")
    return " ".join(pieces)


# The naive matcher: every way through every phrase, and the best of those that end with the text.


def ways(trees: Sequence[Tree], said: Tokens, at: int, slots: Slots, words: int) -> Iterator[tuple[int, Slots, int]]:
    """Every (end, slots, literal words) of the trees at a token, the preferred first."""
    if not trees:
        yield at, slots, words
        return
    tree, rest = trees[0], trees[1:]
    if isinstance(tree, str):
        if said.words[at : at + 1] == (tree,):
            yield from ways(rest, said, at + 1, slots, words + 1)
    elif isinstance(tree, dict):
        for name, kind in tree.items():
            for end, value in TYPES[kind].values(said, at, CONTEXT) if at < len(said) else ():
                yield from ways(rest, said, end, {**slots, f"{name}:{kind}": value}, words)
    else:
        for inner in [tree, []] if isinstance(tree, list) else tree:
            yield from ways([*inner, *rest], said, at, slots, words)


def loose(slots: Slots) -> tuple[int, ...]:
    """How much slots take: the texts, words and decimals among them, then their number."""
    kinds = [name.partition(":")[2] for name in slots]
    return (*(kinds.count(kind) for kind in LOOSE), len(kinds))


def everything(phrases: Sequence[Sequence[Tree]], said: Tokens) -> tuple[int, Slots] | None:
    """The phrase that wins, with its slots: most words of its own, slots that take least, first declared."""
    found = [
        ((-words, *loose(slots)), number, slots)
        for number, trees in enumerate(phrases)
        for end, slots, words in ways(trees, said, 0, {}, 0)
        if end == len(said) > 0
    ]
    best = min(found, key=lambda one: one[:1], default=None)
    return best and (best[1], {name.partition(":")[0]: value for name, value in best[2].items()})


WORDS = ["a", "b", "1", "24", "december", "little", "very", "big"]
#: What only a slot takes, since it is several tokens.
TEXTS = [*WORDS, "a-b", "2.5", "8:30", "24.12.", "030 123", "a@b.de", "www.b.de", "very big"]


def _phrase(words: Sequence[str], kinds: Sequence[str]) -> st.SearchStrategy[list[Tree]]:
    """Trees of *words* and slots of *kinds*, a slot named by where it stands."""
    leaf = st.one_of(st.sampled_from(words), st.sampled_from(kinds).map(lambda kind: {"?": kind}))
    inner = st.lists(leaf, min_size=1, max_size=3)
    either = st.lists(inner, min_size=1, max_size=3).map(tuple)
    return st.lists(st.one_of(leaf, leaf, inner, either), min_size=1, max_size=5).map(_named)


def _named(trees: Sequence[object], prefix: str = "s") -> list[Tree]:
    named: list[Tree] = []
    for number, tree in enumerate(trees):
        if isinstance(tree, dict):
            named.append({f"{prefix}{number}": kind for kind in tree.values()})
        elif isinstance(tree, list):
            named.append(_named(tree, f"{prefix}{number}_"))
        elif isinstance(tree, tuple):
            named.append(tuple(_named(one, f"{prefix}{number}_{at}_") for at, one in enumerate(tree)))
        else:
            named.append(str(tree))
    return named


def router(phrases: Sequence[str]) -> Router:
    """A router with an intent for each phrase, called by its number."""
    made = Router(lists=LISTS)
    for number, text in enumerate(phrases):
        slots = {name: Slot(choices=CHOICES) for name in re.findall(r"\{(\w+):choice\}", text)}
        made.add(Intent(name=str(number), phrases=(Phrase(text),), handler=print, slots=slots))
    return made


def test_the_matchers_know_every_type() -> None:
    """No slot type is left out of the comparison."""
    assert set(TYPED) == {*BUILT_IN, *LISTS, "choice"} - {"text"}


ANYTHING: list[Tree] = [{"t": "text"}, [{"t": "text"}], (["b"], ["a", {"t": "text"}])]
TYPED = [name for name in TYPES if name != "text"]


#: How many variants what is inserted into a phrase makes of each.
LEAST_ROOM = 2


def variants(trees: Sequence[Tree]) -> int:
    """How many ways there are through the brackets of a phrase."""
    ways = 1
    for tree in trees:
        if isinstance(tree, list):
            ways *= variants(tree) + 1
        elif isinstance(tree, tuple):
            ways *= sum(map(variants, tree))
    return ways


@st.composite
def phrases_and_text(draw: st.DrawFn) -> tuple[list[list[Tree]], str]:
    """Phrases with at most one slot of type text each, wherever it stands, and a text of the same words."""
    phrase = _phrase(WORDS, TYPED).filter(
        lambda trees: written(trees).count("{") < SLOT_LIMIT and variants(trees) * LEAST_ROOM <= VARIANT_LIMIT
    )
    phrases = draw(st.lists(phrase, min_size=1, max_size=8))
    for trees in phrases:
        if draw(st.booleans()):
            trees.insert(draw(st.integers(0, len(trees))), draw(st.sampled_from(ANYTHING)))
    return phrases, " ".join(draw(st.lists(st.sampled_from(TEXTS), max_size=7)))


@settings(max_examples=500)
@given(phrases_and_text())
def test_the_index_agrees_with_a_matcher_that_tries_everything(drawn: tuple[list[list[Tree]], str]) -> None:
    """For whatever phrases and whatever text: the same winner, and the same slots; and it can be explained."""
    phrases, text = drawn
    made = router([written(trees) for trees in phrases])
    match = made.route(text, now=NOW)
    explanation = made.explain(text, now=NOW)

    assert (match and (int(match.intent.name), dict(match.slots))) == everything(phrases, tokens(text))
    assert [int(one.intent) for one in explanation.candidates if one.won] == ([int(match.intent.name)] if match else [])
    for one in explanation.candidates:
        alone = everything([phrases[int(one.intent)]], tokens(text))
        assert one.matched == (alone is not None)


@settings(max_examples=300)
@given(
    st.lists(
        st.sampled_from(["a", "a", "x", *({"?": kind} for kind in ("word", "decimal", "nested", "size"))]), max_size=7
    ),
    st.integers(0, 7),
    st.lists(st.sampled_from(["a", "a", "a a", "a-a", "1", "1 a", "x", "a..... a"]), max_size=12),
)
def test_what_fits_in_many_ways_is_read_as_it_is_preferred(items: list[Tree], at: int, words: list[str]) -> None:
    """One phrase and a text of few words: the text takes as few as it can, then the first slot as many."""
    trees = _named([*items[:at], {"?": "text"}, *items[at:]])
    text = " ".join(words)
    match = router([written(trees)]).route(text, now=NOW)

    assert (match and (int(match.intent.name), dict(match.slots))) == everything([trees], tokens(text))


def test_the_last_slot_does_not_take_what_lets_the_first_take_more() -> None:
    """The text takes as few words as it can, and a value of several words at the end may be in the way of that."""
    match = router(["{t} {w:word} {v:word} {s:nested}"]).route("x p-p-p-a b a", now=NOW)

    assert match is not None
    assert match.slots == {"t": "x", "w": "p-p-p-a", "v": "b", "s": "short"}


@given(st.text(max_size=300))
def test_no_text_breaks_the_router(text: str) -> None:
    """Whatever a stranger types is matched or not, and explained."""
    made = router(
        ["[a] {n:int} {x}", "{day:date} {t:time} b", "{m:email}", "{u:url}", "{p:phone}", "{d:decimal}", "{s:size}"]
    )
    match = made.route(text, now=NOW)

    assert made.explain(text, now=NOW).intent == (match.intent.name if match else None)


# What a message costs, counted in calls of functions, which is the same on every machine.


def calls(made: Router, text: str, *, is_first: bool = False) -> int:
    """How many functions run while *text* is routed, once more unless it *is_first*."""
    counted = 0

    def count(frame: FrameType, event: str, argument: object) -> None:
        nonlocal counted
        counted += event in ("call", "c_call")

    if not is_first:
        made.route(text, now=NOW)
    sys.setprofile(count)
    try:
        made.route(text, now=NOW)
    finally:
        sys.setprofile(None)
    return counted


NASTY = [
    ["{t} x"],
    ["a {t} a a {w:word} b"],
    ["{a:word} {b:word} [{c:int}] x", "{a:int} {b:int} {c:decimal} x", "{a:word} {t} {b:word} {c:word} x"],
    ["[a] [a] [a] [a] [a] {t} [a] [b] [a]", "[a] [a] {t} {d:date} [{n:int}] x"],
    ["{t} {u:url} {m:email} x", "{u:url} {t} x", "{m:email} {t} {u:url}"],
    ["{t} {p:phone} {q:phone} {r:phone} x", "{p:phone} {q:phone} {t} {r:phone}"],
    ["{t} " + " ".join(f"(a|{{w{n}:word}}|{{n{n}:int}})" for n in range(3)) + " (a|{w:word}) x"],
    [
        "{t} " + "a " * 32 + " ".join(f"{{w{n}:word}}" if number >> n & 1 else "a" for n in range(7))
        for number in range(64)
    ],
    [f"{{t}} {'a ' * length}x" for length in range(38)],
    [" ".join(f"{{d{n}:date}}" for n in range(7)) + " {t}", "{t} " + " ".join(f"{{d{n}:date}}" for n in range(7))],
    [" ".join(f"{{w{n}:word}}" for n in range(8)) + " x", "{t} " + " ".join(f"{{w{n}:word}}" for n in range(7)) + " x"],
    [" ".join(f"{{s{n}:kind}}" for n in range(7)) + " {t} x", "{t} " + " ".join(f"{{s{n}:nested}}" for n in range(7))],
    [
        "{t} x " + " ".join(f"(a|{{w{n}:word}})" for n in range(7)),
        "(a|{v:word}) {t} (a|{w:word}) {p:phone} [{n:int}] a",
    ],
    ["{t} {m:email}", "{u:url} {t} {v:url}", "{t} a [{u:url}]"],
    ["{t} {w:word} (a|x) " + " ".join(f"a {{s{n}:nested}}" for n in range(4))],
]
LONG = [
    "a ", "1 ", "ä ", "24 december 2026 ", "www.a.de ", "a@b.de ", "a b ", "1-", "1.", "中", "a-", "(", "1,111,",
    "中www.", "中中@", "a x ", "x a ", "hello ", "a......... ", "a-......... ", "1......... ",
    f"1{'.' * 38} ", f"a{'.' * 28}1{'.' * 9} ", f"a{'.' * 39} ",
]  # fmt: skip


@pytest.mark.parametrize("phrases", NASTY, ids=[one[0][:30] for one in NASTY])
def test_ten_times_the_length_costs_at_most_twenty_times_as_much(phrases: list[str]) -> None:
    """Whatever the builder accepts and whatever a stranger types, to the last of 2,000 characters."""
    made = router(phrases)
    for piece in LONG:
        text = piece * 2_000
        assert calls(made, text[:2_000]) <= 20 * calls(made, text[:200]), piece


@pytest.mark.parametrize("said", [f"1 {'a ' * 30}", f"1 {'a b ' * 15}", f"{'a ' * 20} 24.12. {'a ' * 5}"])
def test_every_item_of_a_phrase_costs_the_same_however_many_ways_lead_there(said: str) -> None:
    """Three ways through each of its brackets are not nine through two."""
    costs = [
        calls(router(["{t} {d:date} " + " ".join(f"(a|{{w{n}:word}}|{{s{n}:size}})" for n in range(length))]), said)
        for length in (1, 2, 3)
    ]

    assert costs[2] - costs[1] <= 2.5 * (costs[1] - costs[0])


def test_what_a_slot_takes_at_a_place_is_found_once() -> None:
    """However many templates ask for it there."""
    asked: list[int] = []

    def find(said: Tokens, first: int, context: Context) -> Iterator[tuple[int, object]]:
        asked.append(first)
        yield first + 1, said.words[first]

    index = Index()
    for number, kind in enumerate(("word", "int", "decimal", "phone")):
        index.add((Hole("a", TYPES[kind]), Hole("b", SlotType("asked", find))), number)
    found = index.match(tokens("1 x"), CONTEXT)

    assert (found and found[0].number, asked) == (1, [1])


@settings(max_examples=50, deadline=None)
@given(phrases_and_text(), st.text(st.sampled_from("a1.,-/:@ äb中"), min_size=1, max_size=8))
def test_length_costs_no_more_for_random_phrases_either(drawn: tuple[list[list[Tree]], str], piece: str) -> None:
    """The same for phrases and texts that nobody thought of."""
    made = router([written(trees) for trees in drawn[0]])
    for text in ((drawn[1] + " " + piece) * 2_000, piece * 2_000):
        assert calls(made, text[:2_000]) <= 20 * calls(made, text[:200])


def chooser(template: str, count: int) -> Router:
    """A router of intents with choices of their own, of which two are everybody's."""
    made = Router()
    for number in range(count):
        own = Slot(choices=["yes", "not now", f"kind {number}", f"own{number}"])
        slots = {
            "it": own,
            "first": Slot(choices=["at", "on"]),
            "second": Slot(choices=[f"this{number}", f"own{number}"]),
        }
        phrase = Phrase(template.format(number))
        made.add(Intent(name=str(number), phrases=(phrase,), handler=print, slots=slots))
    return made


@pytest.mark.parametrize(
    "template",
    [
        "take {{it}}",
        "{{it}} please",
        "take {{it}} now{0}",
        "{{x}} {{it}}",
        "{{n:int}} {{x}} {{it}} now{0}",
        "{{it}} {{x}}",
    ],
)
def test_more_lists_cost_no_more(template: str) -> None:
    """However many intents have choices of their own at one place, and even where they share them."""
    few, many = chooser(template, 10), chooser(template, 1_000)
    texts = [
        "take own7",
        "take yes",
        "not now please",
        "take kind 7 now7",
        "5 of kind 7 now7",
        "yes",
        "take not now",
        "7",
    ]
    for text in [*texts, *(text + " x" for text in texts), "take not now now7", "what a nice day"]:
        assert calls(many, text) <= calls(few, text) + 5, text
    assert {one.intent.name for text in texts if (one := many.route(text, now=NOW))} <= {"0", "7"}


@pytest.mark.parametrize(
    ("template", "said"),
    [
        ("{{first}} {{second}}", "at this7"),
        ("{{x}} {{second}} {{first}}", "well then this7 on"),
        ("so {{first}} {{second}} {{n:int}}", "so at this7 8"),
    ],
)
def test_of_many_lists_that_are_no_first_ones_the_one_is_found_that_is_said(template: str, said: str) -> None:
    """Also where nothing is left behind its value."""
    match = chooser(template, 1_000).route(said, now=NOW)

    assert match is not None
    assert (match.intent.name, match.slots["second"]) == ("7", "this7")


@pytest.mark.parametrize(
    ("template", "hit"),
    [
        ("[please] do{0} [the|my] thing{0} {{x:word}}", "please do7 my thing7 now"),
        ("{{x}} thing{0}", "well thing7"),
        ("{{x:word}} thing{0} {{y}}", "well thing7 now"),
        ("say{0} {{x}}", "say7 it"),
        ("say it number {0} {{n:int}}", "say it number 7 5"),
    ],
)
def test_more_templates_cost_no_more(template: str, hit: str) -> None:
    """A hit and a miss among a thousand take the steps they take among ten."""
    few, many = (router([template.format(number) for number in range(count)]) for count in (10, 1_000))
    for text in (hit, "what a nice day", "please do7 my other", "say it number x"):
        assert calls(many, text) <= calls(few, text) + 5
    assert many.route(hit, now=NOW) is not None
