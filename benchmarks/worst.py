"""What the worst message that a search finds costs the whole router, against one of 20 characters."""

import time
from datetime import UTC, datetime
from random import Random

from attrs import frozen

from benchmarks.table import Figure, show
from botkit.language import Slot
from botkit.language.text import TEXT_LIMIT
from botkit.router import Intent, Phrase, Router

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
ROUNDS, STEPS, TIMES = 3, 250, 400
VERBS = ("order", "cancel", "return", "track", "renew", "book", "pay for", "change", "repair", "rent")
NOUNS = ("parcel", "bicycle", "ticket", "loan", "table", "card", "room", "invoice", "cake", "coat")
SHORT = "please renew my loen"
PIECES = (
    "a", " ", "1", ".", "-", "ä", "中", "🙂", "\u200d", "\u0301", "ﷺ", "@", "www.", "order ", "parcel ", "for 2 ",
    "pacrel ", "tomorrow ", "red ", "24.12.", "#1-", "0 ", "x@y.de ", "aaaaaaaaa ", "please ", "+49 ", "8:30 ", "my ",
    "bicylce ",
)  # fmt: skip


def shop() -> Router:
    """A hundred intents that use everything there is: phrases, templates, regular expressions and likeness."""
    made = Router(lists={"colour": {"red": ["crimson"], "blue": ["navy"]}})
    for verb in VERBS:
        for noun in NOUNS:
            phrases = (
                f"{verb} my {noun}", f"[please] {verb} the {{colour}} {noun} [for {{count:int}}]",
                f"I want to {verb} {{what:text}} {noun} on {{day:date}}", f"{verb} {noun} {{mail:email}}",
            )  # fmt: skip
            regexes = (f"(?i){verb}.*{noun}.*#(?P<code>[0-9]+-[a-z]+)", f"({verb}|{noun})+x")
            made.add(
                Intent(
                    name=f"{verb} {noun}",
                    phrases=tuple(map(Phrase, phrases)),
                    regexes=tuple(map(Phrase, regexes)),
                    handler=print,
                    slots={"colour": Slot("colour", ask="Which?")},
                )
            )
    made.learn()
    return made


def seconds(router: Router, text: str, times: int) -> float:
    """The CPU of one routing."""
    began = time.process_time()
    for _ in range(times):
        router.route(text, now=NOW)
    return (time.process_time() - began) / times


@frozen
class Search:
    """Looks for a costly message: what makes it costlier is kept, in as many places as there is room for."""

    router: Router
    random: Random

    def worst(self) -> tuple[str, float]:
        """The costliest message found, and its CPU seconds."""
        best, cost = SHORT, 0.0
        for _ in range(STEPS):
            tried = self._changed(best)
            if (spent := seconds(self.router, tried, 2)) > cost:
                best, cost = tried, spent
        return best, seconds(self.router, best, 10)

    def _changed(self, text: str) -> str:
        pieces = self.random.choices(PIECES, k=self.random.randint(1, 6))
        repeated = "".join(pieces) * self.random.choice((1, 5, 50, 2_000))
        at, end = sorted(self.random.randint(0, len(text)) for _ in range(2))
        return (text[:at] + repeated + text[end:])[:TEXT_LIMIT]


def main() -> None:
    """Measure and print."""
    router = shop()
    ratios, worst = [], []
    for number in range(ROUNDS):
        text, spent = Search(router, Random(number)).worst()  # noqa: S311 - every run tries the same
        ratios.append(spent / seconds(router, SHORT, TIMES))
        worst.append(f"worst message: {text[:60]!r}…, {len(text)} characters, {spent * 1e3:.1f} ms")
    show(
        "the worst message: everything at once, 100 intents",
        [Figure(name="the worst 2,000 characters / 20 characters, CPU", ratios=ratios, most=100)],
        [f"20 characters: {seconds(router, SHORT, TIMES) * 1e6:.0f} us", *worst],
    )


if __name__ == "__main__":
    main()
