"""Routing: what a message costs with ten templates and with ten thousand, and against a loop over patterns."""

import re
import time
import tracemalloc
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from random import Random

from benchmarks.nasty import KNOWN, KNOWN_EXACT, LONG, SHORT, Climb, Compared, measured
from benchmarks.table import Figure, show
from botkit.language import Slot, tokens
from botkit.router import Intent, Phrase, Router

ROUNDS, SEARCHES, EXACT = 5, 12, 20
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
HIT, MISS = "please verb3 the noun3 something", "what a nice day for a walk in the park"


def _template(number: int) -> str:
    return f"[please] verb{number % 97} [the|my] noun{number} {{arg:word}}"


def _router(count: int, template: Callable[[int], str] = _template) -> Router:
    router = Router()
    for number in range(count):
        router.add(Intent(name=str(number), phrases=(Phrase(template(number)),), handler=print))
    return router


def _microseconds(call: Callable[[], object], times: int = 2_000) -> float:
    started = time.process_time()
    for _ in range(times):
        call()
    return (time.process_time() - started) / times * 1e6


def _route(router: Router, text: str, times: int = 2_000) -> float:
    return _microseconds(lambda: router.route(text, now=NOW), times)


def _patterns(count: int) -> list[re.Pattern[str]]:
    verbs = [f"^(?:please )?verb{number % 97} (?:(?:the|my) )?noun{number} (?P<arg>\\w+)$" for number in range(count)]
    return [re.compile(one) for one in verbs]


def _loop(patterns: list[re.Pattern[str]], text: str) -> float:
    return _microseconds(lambda: next((one for one in patterns if one.search(text)), None), 50)


def _choosers(count: int) -> Router:
    """Intents with choices of their own at one place, of which two are everybody's."""
    router = Router()
    for number in range(count):
        slots = {"it": Slot(choices=["yes", "not now", f"own{number}", f"kind {number}"])}
        phrases = (Phrase("take {it}"), Phrase(f"{{x}} {{it}} now{number}"))
        router.add(Intent(name=str(number), phrases=phrases, handler=print, slots=slots))
    return router


CHOSEN = ("take own7", "take not now", "take yes please", "well yes now7", "well yes now")

EITHER = " ".join(f"(a|{{w{number}:word}})" for number in range(7))
NASTY = (
    lambda number: f"{{a:word}} {{b:word}} [{{c:int}}] x{number}",
    lambda number: f"{{t:text}} x{number}",
    lambda number: f"a [a] [a] [a] {{t}} [a] [b] x{number}",
    lambda number: f"{{t:text}} {{d:date}} {{n:int}} x{number}",
    lambda number: f"x{number} {{t}} {{u:url}} {{m:email}}",
    lambda number: f"{{t}} {{p:phone}} {{q:phone}} {{r:phone}} [a] x{number}",
    # What fits the same words in a hundred ways at once, and the longest there is.
    lambda number: f"{{t}} {EITHER} x" if number == 0 else f"x{number}",
    lambda number: f"{{t}} x {EITHER}" if number == 0 else f"x{number}",
    lambda number: f"{{t}} {'a ' * (number % 38)}{{w:word}}",
    # The short message is a phrase, word for word, and the long one fits another.
    lambda number: ("a " * 100, "1 " * 100, "{t} {w:word} a", "{t} {n:int} {w:word}", f"x{number}")[min(number, 4)],
)
#: How many items those have that are unlike one another.
ITEMS = 34
REPEATED = (
    "a ", "24 december 2026 ", "1 ", "hello you ", "a-", "1-", "中", "ä ", "www.a.de ", "a@b.de ", "a x ",
    # Few words in many characters, so that 200 of them are too few for what 2,000 are enough for.
    "a......... ", "a-......... ", "a" + "." * 39 + " ",
)  # fmt: skip


def _length_ratio(router: Router) -> float:
    """The worst over the nasty texts of 2,000 characters against 200."""
    texts = [piece * 2_000 for piece in REPEATED]
    # What a router finds out once and for all is found out with other texts.
    for text in texts:
        router.route(text[:1_000], now=NOW)
    return max(_route(router, text[:2_000], 20) / _route(router, text[:200], 100) for text in texts)


def _unlike(count: int) -> Router:
    """Phrases that all fit the same words, each in a way of its own, but for the last word but one."""
    random, router = Random(count), Router()  # noqa: S311 - the same each time
    for number in range(count):
        slots = {0, *random.sample(range(1, ITEMS), 7)}
        items = [f"{{s{at}:word}}" if at in slots else "a" for at in range(ITEMS)]
        router.add(Intent(name=str(number), phrases=(Phrase(" ".join([*items, "x a"])),), handler=print))
    return router


def _unlike_ratio(router: Router) -> float:
    """A message of few words in 2,000 characters that nearly fits all of those, against 200 of them."""
    text = "x " + ("a" + "." * 54 + " ") * (ITEMS - 1) + "a a"
    # What a router finds out once and for all.
    router.route(text, now=NOW)
    return _route(router, text, 20) / _route(router, text[:200], 100)


#: What 2,000 characters end or begin with, and the phrase that they are: four to seven slots besides the text.
_LINE = "And then we went home, all of us, and it was a day like no other. "
_SLOTS = ("{d:date}", "{t:time}", "{s:word}", "{p:phone}", "{n:int}", "{w:word}", "{v:word}")
_SAID = ("tomorrow", "8 pm", "big", "0171 1234567", "5", "anna", "maria")
_OTHERS = ("{s:word}", "{n:decimal}", "{e:email}", "{u:url}", "{w:word}", "{d:date}")
_ALSO = ("big", "3.5", "a@b.de", "www.a.de/x", "anna", "tomorrow")


def _letters() -> Iterator[Compared]:
    """Each with a router that has its first 200 characters for a phrase too, and others that nearly fit."""
    for slots, said in ((_SLOTS, _SAID), (_OTHERS, _ALSO)):
        for count in range(4, len(slots) + 1):
            few, words = " ".join(slots[:count]), " ".join(said[:count])
            yield _letter(f"{{x}} {few}", f"{(_LINE * 40)[: LONG - 1 - len(words)]} {words}")
            yield _letter(f"{few} {{x}}", f"{words} {_LINE * 40}"[:LONG])


def _letter(phrase: str, text: str) -> Compared:
    router, short = Router(), " ".join(tokens(text[:SHORT]).words)
    others = ("{x} on {d:date}", "{w:word} {x} {n:int}", "{x} {t:time} please", "{x} thanks")
    for number, one in enumerate((short, phrase, *others)):
        router.add(Intent(name=str(number), phrases=(Phrase(one),), handler=print))
    return router, text, text[:SHORT]


def _built(count: int) -> tuple[float, float]:
    tracemalloc.start()
    started = time.process_time()
    router = _router(count)
    seconds = time.process_time() - started
    size = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    del router
    return seconds, float(size)


def _climbed(climbs: Iterable[Climb]) -> tuple[list[float], list[str]]:
    """The worst ratio that each search finds, and what the worst of all is."""
    found = [climb.worst() for climb in climbs]
    ratios = measured((one.compared() for one in found), ROUNDS)
    ratio, recipe = max(zip(ratios, found, strict=True), key=lambda one: one[0])
    told = [
        f"{len(found)} searches: {', '.join(f'{one:.1f}' for one in ratios)}",
        f"  the worst of them, {ratio:.1f}: {recipe.written}",
        f"  said: {recipe.text(SHORT)!r}…",
    ]
    return ratios, told


def _climbs() -> Iterator[Climb]:
    """From random sets, and from those that cost most before; every run begins with the same."""
    for known, seeds in ((None, range(SEARCHES)), *((one, range(2)) for one in KNOWN)):
        for seed in seeds:
            yield Climb(Random(seed), known)  # noqa: S311 - as above


def _exact_climbs() -> Iterator[Climb]:
    """The same where the short message is a phrase."""
    for known, seeds in ((None, range(EXACT)), *((one, range(2)) for one in KNOWN_EXACT)):
        for seed in seeds:
            yield Climb(Random(seed), known, exact=True)  # noqa: S311 - as above


def main() -> None:
    """Print the ratios."""
    ten, thousand, many = _router(10), _router(1_000), _router(10_000)
    patterns = _patterns(1_000)
    nasty = [_router(1_000, template) for template in NASTY]
    unlike = _unlike(1_000)
    few_lists, many_lists = _choosers(10), _choosers(3_000)
    hit, miss, loop, lists, length, alike, build, memory = [], [], [], [], [], [], [], []
    for _ in range(ROUNDS):
        hit.append(_route(many, HIT) / _route(ten, HIT))
        miss.append(_route(many, MISS) / _route(ten, MISS))
        loop.append(_route(thousand, MISS) / _loop(patterns, MISS))
        lists.append(max(_route(many_lists, text, 500) / _route(few_lists, text, 500) for text in CHOSEN))
        length.append(max(_length_ratio(router) for router in nasty))
        alike.append(_unlike_ratio(unlike))
        (half, half_size), (whole, whole_size) = _built(5_000), _built(10_000)
        build.append(whole / half)
        memory.append(whole_size / half_size)
    letters = measured(_letters(), ROUNDS)
    climbed, told = _climbed(_climbs())
    exact, told_exact = _climbed(_exact_climbs())
    show(
        "routing",
        [
            Figure(name="10,000 templates / 10, a hit", ratios=hit, most=3),
            Figure(name="10,000 templates / 10, a miss", ratios=miss, most=3),
            Figure(name="1,000 templates / a loop over 1,000 compiled patterns", ratios=loop, most=0.1),
            Figure(name="3,000 intents with choices of their own / 10, the worst text", ratios=lists, most=3),
            Figure(name="2,000 characters / 200, the worst of nasty sets and texts", ratios=length, most=20),
            Figure(name="the same, 1,000 unlike phrases that nearly fit", ratios=alike, most=20),
            Figure(name="the same, the worst that searches find that climb", ratios=[max(climbed)], most=20),
            Figure(name="the same where the short message is a phrase, word for word", ratios=[max(exact)], most=20),
            Figure(name="the same, a letter with four to seven slots", ratios=[max(letters)], most=20),
            Figure(name="building 10,000 / 5,000, time", ratios=build, most=2.6),
            Figure(name="building 10,000 / 5,000, memory", ratios=memory, most=2.4),
        ],
        [
            f"a hit among 10,000: {_route(many, HIT):.1f} us, a miss: {_route(many, MISS):.1f} us",
            f"letters: {', '.join(f'{one:.1f}' for one in letters)}",
            *told,
            "where the short message is a phrase:",
            *told_exact,
        ],
    )


if __name__ == "__main__":
    main()
