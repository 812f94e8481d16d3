"""The nastiest phrases and message that a search finds: those where ten times the length costs most times as much."""

import time
from collections.abc import Iterable, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from random import Random
from statistics import median

from attrs import evolve, frozen

from botkit.errors import PhraseError
from botkit.language import tokens
from botkit.language.templates import SLOT_LIMIT
from botkit.router import Intent, Phrase, Router

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
SHORT, LONG = 200, 2_000
#: A message of 200 characters holds what it begins and ends with, and what is repeated in between twice.
EDGE_LIMIT, UNIT_LIMIT = 20, 80
PHRASES_LIMIT = 24
STARTS, STEPS = 200, 500
#: What is shorter cannot be told from nothing on every machine.
BLOCK_SECONDS = 0.0001
_MEASURED_SECONDS = 0.1
#: A router, a text, and another that it is compared with.
Compared = tuple[Router, str, str]
LISTS = {"size": {"small": ["little", "a"], "large": ["very big", "a a", "a a a"]}}
EITHER = ("(a|{@:word})",)
BOTH = "(a|{@:word}|{@:size})"
ITEMS = (
    "a", "a", "x", "1", "[a]", "[x]", "(a|x)", "{@}", "{@:word}", "{@:int}", "{@:decimal}", "{@:date}", "{@:time}",
    "{@:phone}", "{@:email}", "{@:url}", "{@:size}", "[{@:word}]", "(a|{@:word})", "({@:word}|{@:decimal})",
    "(1|{@:int}|{@:word})", "(a|{@:size})", "(a|{@:word}|{@:size})", "?", "?", "&", "&",
)  # fmt: skip
#: Those that copies of a phrase differ in.
WORDS = tuple("abcdefgx")
#: How many there are.
COPIES = (1, 1, 1, 1, 1, 10)
PIECES = (
    "a", "a", "a ", "x", "x ", "1", "1 ", "24 december ", "24.12.2026", "12345", "8:30", "a@b.de", "www.a.de", "-", ".",
    ".........", "." * 18, "." * 38, " ", " ", "ä", "中", "🙂", "\u200d", "\u0301", "ﷺ", "'", "a-a-a-a-a-a-a-a",
    "1,111", "+", "(", "very big ", "b c d ", "e f g ", *"bcdefg",
)  # fmt: skip


@frozen
class Recipe:
    """Phrases as their items, and what a message *begins* with, repeats (*unit*) and *ends* with, in pieces.

    There are so many *copies* of each phrase, which differ in their items "?", a word or a slot, and "&", a word of
    some. With *exact* the short message is a phrase, word for word, and costs as little as one can.
    """

    phrases: tuple[tuple[str, ...], ...]
    begins: tuple[str, ...] = ()
    unit: tuple[str, ...] = ("a ",)
    ends: tuple[str, ...] = ()
    copies: int = 1
    exact: bool = False

    @property
    def written(self) -> list[str]:
        """The phrases as their author writes them."""
        every = [_copy(items, Random(number)) for number in range(self.copies) for items in self.phrases]  # noqa: S311
        exact = [" ".join(tokens(self.text(SHORT)).words) or "a"] if self.exact else []
        return [*dict.fromkeys([*exact, *map(_written, every)])]

    def text(self, length: int) -> str:
        """The message of so many characters."""
        begins, ends = ("".join(pieces)[:EDGE_LIMIT] for pieces in (self.begins, self.ends))
        body = ("".join(self.unit)[:UNIT_LIMIT] or " ") * length
        return (begins + body)[: length - len(ends)] + ends

    def compared(self) -> Compared:
        """A router that has the phrases, and its messages; raises PhraseError for phrases that are refused."""
        router = Router(lists=LISTS)
        for number, phrase in enumerate(self.written):
            router.add(Intent(name=str(number), phrases=(Phrase(phrase),), handler=print))
        return router, self.text(LONG), self.text(SHORT)

    def ratio(self, seconds: float = 0.0004) -> float:
        """How many times more CPU the long message costs than the short one; 0 for phrases that are refused."""
        with suppress(PhraseError):
            return _ratio(*self.compared(), seconds)
        return 0.0


#: What cost most before: what is needed stands where nothing reaches it, and what fits in many ways, also where words
#: are joined.
KNOWN = (
    Recipe(
        (("{@}", "x", *("a", "{@:size}") * 6, "a"),),
        begins=("x ",),
        unit=("a", "." * 38, " "),
    ),
    Recipe(
        (
            ("a", "{@}", "{@:word}", *("a", "[x]") * 4, "{@:size}", *("a", "[{@:word}]") * 2, *("a", "{@:size}") * 3),
            ("{@}", "{@:word}", "(a|x)", *("a",) * 7, "{@:size}", *("a", "[{@:word}]") * 2, *("a", "{@:size}") * 3),
        ),
        unit=("a", "." * 18),
    ),
    Recipe(
        (
            (
                *("{@}", "a", *("{@:word}",) * 3, "[a]", "[a]", "a", "[a]", *("x",) * 7, *("a", "[a]") * 4, "a"),
                *("{@:word}",) * 4,
            ),
            ("{@}", "a", *("{@:word}",) * 3, "[a]", "[a]", *("a", "[a]") * 6, "a", *("{@:word}",) * 4),
            ("a", *("{@:word}",) * 3, "[a]", "[a]", *("a", "[a]") * 6, "a", *("{@:word}",) * 4),
        ),
        unit=("a", "." * 38),
        ends=("a-a-a-a-a-a-a-a",),
    ),
    Recipe(
        (
            ("{@}", "x", "[x]", "{@:word}", "(1|{@:int}|{@:word})", "x", "(1|{@:int}|{@:word})", *EITHER * 2),
            ("(a|x)",) * 4,
            ("(a|{@:word}|{@:size})",),
            ("{@}", "x", *("(1|{@:int}|{@:word})",) * 2, *EITHER * 2),
        ),
        begins=("(",),
        unit=("x", "." * 48, " "),
        ends=("." * 38, "'", "ﷺ"),
    ),
    Recipe(
        (("{@}", "a", *EITHER * 2, "(1|{@:int}|{@:word})", *EITHER * 2, "{@:decimal}", "[a]"),),
        unit=("a ", "." * 48, "a-a-a-a-a-a-a-a"),
        ends=("12345",),
    ),
    # A phrase with all slots and many words that fits, among others that nearly do.
    Recipe(
        (
            ("[a]", "?", "{@:size}", "?", "?", *"aa", "{@:size}", "{@:size}", *"a" * 14, BOTH, "[{@:word}]"),
            (
                *("{@}", "?", "[a]", "?", "{@:size}", "?", "?", "a", "&", "{@:size}", *"a" * 14),
                *(BOTH, "[{@:word}]"),
            ),
            (
                *("{@}", "?", "[a]", "?", "{@:size}", "?", "?", "a", "&", "{@:size}", *"aaaaaaa", "x"),
                *(*"aaaaa1aa", BOTH, "[{@:word}]"),
            ),
            ("a", "a", "a", "?"),
            ("(1|{@:int}|{@:word})", "&", "(1|{@:int}|{@:word})", "(a|{@:word})"),
            ("&",),
        ),
        unit=("a", "." * 48, " "),
        copies=10,
    ),
    # Many phrases that begin alike, or end alike, and go on otherwise.
    Recipe(
        (
            ("[x]", *EITHER, *("(a|x)", "a") * 3, "(a|x)", *("{@:size}",) * 6, "a"),
            ("a", *("(a|x)", "a") * 3, "(a|x)", *("{@:size}",) * 5, *"aa"),
            ("(a|{@:word}|{@:size})", "({@:word}|{@:decimal})", "(a|{@:size})", *("{@:date}",) * 3, *"xxxxxxx"),
            (
                "a",
                *("(a|x)", "a") * 2,
                "(a|x)",
                *("{@:size}",) * 2,
                "[x]",
                "[x]",
                *("{@:size}",) * 4,
                *"aaax",
                "{@:word}",
            ),
            ("(a|{@:word}|{@:size})",) * 4,
            ("{@}", *"xxxx", "(a|{@:word}|{@:size})", "[{@:word}]", "a", "{@:word}", "(a|{@:size})", "x"),
            ("{@}", *"xxxx", "(a|{@:word}|{@:size})", "[{@:word}]", "[x]", "[x]", "{@:word}", "(a|{@:size})", "x"),
            EITHER * 7,
        ),
        unit=(".", "." * 77, " ", "a", " "),
        ends=("x ", "." * 18),
    ),
)
#: The same where the short message is a phrase: all slots a phrase may have of what is dear to find, and to fill.
KNOWN_EXACT = (
    Recipe((("{@}", *("{@:email}",) * 7),), unit=("a@b.de ",), exact=True),
    Recipe((("{@}", *("{@:phone}",) * 7),), ends=("12345",) * 4, exact=True),
    Recipe((("{@}", *("{@:int}",) * 6),), unit=("1", "." * 38), exact=True),
    Recipe(((*("{@:date}",) * 7, "{@}"),), unit=("24 december ",), exact=True),
)


def _copy(items: Sequence[str], random: Random) -> Sequence[str]:
    """*items* with a choice made for each that copies differ in; no more slots than a phrase may have."""
    copied, slots = [], sum(item.count("@") for item in items)
    for item in items:
        if item == "?":
            is_slot = slots < SLOT_LIMIT and random.random() < 0.3
            slots += is_slot
            copied.append("{@:word}" if is_slot else "a")
        else:
            copied.append(random.choice(WORDS) if item == "&" else item)
    return copied


def _written(items: Sequence[str]) -> str:
    parts = " ".join(items).split("@")
    return "".join(f"{part}s{number}" for number, part in enumerate(parts[:-1])) + parts[-1]


def measured(compared: Iterable[Compared], rounds: int) -> list[float]:
    """How many times more each text costs than its other: the median of so many rounds through all of them.

    A shared machine may be slow for a minute, its memory more than the rest: what is measured then would be unlucky.
    """
    every = [*compared]
    ratios = [[_ratio(*one, _MEASURED_SECONDS) for one in every] for _ in range(rounds)]
    return [median(each) for each in zip(*ratios, strict=True)]


def _ratio(router: Router, text: str, other: str, seconds: float) -> float:
    """How many times the CPU of *other* the routing of *text* costs: the median of blocks in turns, for so long."""
    block = max(BLOCK_SECONDS, seconds / 20)
    times, others = _times(router, text, block), _times(router, other, block)
    ratios: list[float] = []
    spent = 0.0
    while len(ratios) < 3 or spent < seconds:
        # How fast a shared machine is changes: what is compared runs right before and after.
        before, taken, behind = (
            _block(router, other, others), _block(router, text, times), _block(router, other, others),
        )  # fmt: skip
        ratios.append(2 * taken / times / (before + behind) * others)
        spent += before + taken + behind
    return median(ratios)


def _times(router: Router, text: str, seconds: float) -> int:
    """How many routings make a block of so long."""
    times = 1
    while _block(router, text, times) < seconds:
        times *= 2
    return times


def _block(router: Router, text: str, times: int) -> float:
    began = time.process_time()
    for _ in range(times):
        router.route(text, now=NOW)
    return time.process_time() - began


@frozen
class Climb:
    """A search: from *known*, or the worst of many random recipes, one change after the other that makes it worse.

    With *exact* the short message of each is a phrase: what is found at once is compared with what is read.
    """

    random: Random
    known: Recipe | None = None
    exact: bool = False

    def worst(self) -> Recipe:
        """The worst recipe found."""
        best = self.known or max((self._any() for _ in range(STARTS)), key=Recipe.ratio)
        ratio = best.ratio()
        for _ in range(STEPS):
            tried = self._changed(best)
            # What was costly once may have been disturbed.
            if tried.ratio() > ratio and (found := tried.ratio(0.002)) > ratio:
                best, ratio = tried, found
        return best

    def _any(self) -> Recipe:
        """Long phrases that may fail late, and a message of few words that may fit them."""
        pick = self.random.choice
        phrases = tuple(
            (*pick(((), ("{@}",))), *pick(((), self._items())), *self._items(), *self._items())
            for _ in range(pick((1, 1, 2, 5)))
        )
        unit = (pick(PIECES[:6]), pick(("", "." * 9, "." * 18, "." * 28, "." * 38, "." * 48)), " ")
        ends = tuple(self.random.choices(PIECES, k=self.random.randint(0, 2)))
        return Recipe(phrases, unit=unit, ends=ends, copies=pick(COPIES), exact=self.exact)

    def _items(self) -> tuple[str, ...]:
        return tuple(self.random.choices(ITEMS, k=self.random.choice((1, 1, 2)))) * self.random.choice((1, 1, 2, 4, 7))

    def _changed(self, recipe: Recipe) -> Recipe:
        for _ in range(self.random.choice((1, 1, 2, 3))):
            recipe = self._phrased(recipe) if self.random.random() < 0.5 else self._worded(recipe)
        return recipe

    def _phrased(self, recipe: Recipe) -> Recipe:
        phrases, at = list(recipe.phrases), self.random.randrange(len(recipe.phrases))
        match self.random.choice(("items", "items", "items", "one more", "one less", "copies")):
            case "copies":
                return evolve(recipe, copies=self.random.choice(COPIES))
            case "one more" if len(phrases) < PHRASES_LIMIT:
                phrases.append(self.random.choice((phrases[at], self._items())))
            case "one less" if len(phrases) > 1:
                del phrases[at]
            case _:
                phrases[at] = self._spliced(phrases[at], self._items()) or ("a",)
        return evolve(recipe, phrases=tuple(phrases))

    def _worded(self, recipe: Recipe) -> Recipe:
        part = self.random.choice(("begins", "unit", "unit", "ends"))
        new = tuple(self.random.choices(PIECES, k=self.random.randint(1, 2)))
        # mypy cannot know that they are of one type.
        return evolve(recipe, **{part: self._spliced(getattr(recipe, part), new)})  # type: ignore[arg-type]

    def _spliced(self, old: tuple[str, ...], new: tuple[str, ...]) -> tuple[str, ...]:
        """*old* with *new* in the place of none or some of it, or without that."""
        at = self.random.randint(0, len(old))
        return old[:at] + self.random.choice((new, new, ())) + old[at + self.random.randint(0, 2) :]
