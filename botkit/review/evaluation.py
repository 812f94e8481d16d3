"""How well a router understands labelled text: the shares that are published for such systems, and its mistakes.

*Accuracy* is that of the best intent before anything is declined, over what the bot is for (in scope). What it is not
for (out of scope) should be declined: *recall* is the share of it that is, *precision* the share of what is declined
that is rightly so, *F1* their harmonic mean. *AUROC* is the chance that a text in scope scores higher than one out of
scope. *Joint accuracy* counts every line: the right intent, or rightly none.
"""

import math
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime

from attrs import field, frozen

from botkit.router import Router

#: The seconds of some clock that only goes forward.
Timer = Callable[[], float]


@frozen
class Labelled:
    """A *text* and the *intent* that it means, None where it means none; *line* is where it stands in its file."""

    text: str = field(repr=False)
    intent: str | None
    line: int = 0


@frozen(kw_only=True)
class Judged:
    """What a labelled text was taken for: the *best* intent at all, and the one that *answered*, None for none.

    *score* is how surely it was taken for the best one; *seconds* is what routing it took.
    """

    labelled: Labelled
    best: str | None
    answered: str | None
    score: float
    seconds: float

    @property
    def is_right(self) -> bool:
        """Whether it was answered as it should be, or rightly not at all."""
        return self.answered == self.labelled.intent


@frozen(kw_only=True)
class Tally:
    """Of one *intent*: how many texts mean it, how many of those it answered, and how many it answered in all."""

    intent: str
    n: int
    right: int
    answered: int

    @property
    def recall(self) -> float | None:
        """The share of its texts that it answered."""
        return share(self.right, self.n)

    @property
    def precision(self) -> float | None:
        """The share of what it answered that was its own."""
        return share(self.right, self.answered)


@frozen(kw_only=True)
class Confusion:
    """How often a text that means *meant* was answered as *answered* is; None: that nobody should, or did, answer."""

    meant: str | None
    answered: str | None
    count: int


@frozen
class Evaluation:
    """What came of all labelled texts. Shares are between 0 and 1, and None where there is nothing to divide by."""

    judged: tuple[Judged, ...] = field(repr=False)
    build_seconds: float = 0.0

    @property
    def n(self) -> int:
        """How many texts there were."""
        return len(self.judged)

    @property
    def accuracy(self) -> float | None:
        """Of the texts in scope: the share whose best intent is the right one, before anything is declined."""
        return share(sum(one.best == one.labelled.intent for one in self._in_scope), len(self._in_scope))

    @property
    def oos_recall(self) -> float | None:
        """The share of the texts out of scope that were declined."""
        return share(len(self._rightly_declined), len(self._out_of_scope))

    @property
    def oos_precision(self) -> float | None:
        """The share of the declined texts that are out of scope; None where nothing is out of scope or was declined."""
        return share(len(self._rightly_declined), len(self._declined)) if self._out_of_scope else None

    @property
    def oos_f1(self) -> float | None:
        """The harmonic mean of the two above."""
        if not self._out_of_scope:
            return None
        return share(2 * len(self._rightly_declined), len(self._declined) + len(self._out_of_scope))

    @property
    def auroc(self) -> float | None:
        """The chance that a text in scope scores higher than one out of scope, a tie counting half."""
        return auroc([one.score for one in self._in_scope], [one.score for one in self._out_of_scope])

    @property
    def joint_accuracy(self) -> float | None:
        """The share of all texts that were answered as they should be, or rightly not."""
        return share(sum(one.is_right for one in self.judged), self.n)

    @property
    def mistakes(self) -> Sequence[Judged]:
        """What was answered wrongly, in the file's order."""
        return [one for one in self.judged if not one.is_right]

    def microseconds(self, part: float) -> float | None:
        """What that *part* of the texts took at most to be routed."""
        return quantile([one.seconds * 1e6 for one in self.judged], part)

    def tallies(self) -> list[Tally]:
        """Each intent that is meant or answered, the least understood first."""
        meant = Counter(one.labelled.intent for one in self.judged)
        answered = Counter(one.answered for one in self.judged)
        right = Counter(one.answered for one in self.judged if one.is_right)
        names = sorted(name for name in {*meant, *answered} if name is not None)
        found = [Tally(intent=name, n=meant[name], right=right[name], answered=answered[name]) for name in names]
        return sorted(found, key=lambda one: (1.0 if one.recall is None else one.recall, -one.n))

    def confusions(self) -> list[Confusion]:
        """What was taken for what, the most frequent first."""
        counts = Counter((one.labelled.intent, one.answered) for one in self.mistakes)
        return [Confusion(meant=meant, answered=answered, count=n) for (meant, answered), n in counts.most_common()]

    def to_json(self) -> dict[str, object]:
        """The figures as JSON values."""
        return {
            "n": self.n,
            "accuracy": self.accuracy,
            "oos_recall": self.oos_recall,
            "oos_precision": self.oos_precision,
            "oos_f1": self.oos_f1,
            "auroc": self.auroc,
            "joint_accuracy": self.joint_accuracy,
            "build_seconds": self.build_seconds,
            "p50_microseconds": self.microseconds(0.5),
            "p99_microseconds": self.microseconds(0.99),
        }

    @property
    def _in_scope(self) -> Sequence[Judged]:
        return [one for one in self.judged if one.labelled.intent is not None]

    @property
    def _out_of_scope(self) -> Sequence[Judged]:
        return [one for one in self.judged if one.labelled.intent is None]

    @property
    def _declined(self) -> Sequence[Judged]:
        return [one for one in self.judged if one.answered is None]

    @property
    def _rightly_declined(self) -> Sequence[Judged]:
        return [one for one in self._declined if one.labelled.intent is None]


def judged(router: Router, labelled: Iterable[Labelled], *, now: datetime, timer: Timer) -> Iterable[Judged]:
    """Judge *labelled* texts, one after the other; *now* gives dates their meaning, *timer* the seconds."""
    for one in labelled:
        began = timer()
        match = router.route(one.text, now=now)
        seconds = timer() - began
        answered = None if match is None else match.intent.name
        best, score = (answered, math.inf) if match is not None and match.how != "likeness" else _best(router, one.text)
        yield Judged(labelled=one, best=best, answered=answered, score=score, seconds=seconds)


def _best(router: Router, text: str) -> tuple[str | None, float]:
    guesses = (one.likeness.guess(text).candidates[:1] for one in router.understandings)
    best = max((one for guess in guesses for one in guess), key=lambda one: one.score, default=None)
    return (None, -math.inf) if best is None else (best.intent, best.score)


def share(part: float, whole: float) -> float | None:
    """*part* of *whole* as a fraction of 1; None of nothing."""
    return part / whole if whole else None


def quantile(values: Sequence[float], part: float) -> float | None:
    """The smallest of *values* that at least that *part* of them does not exceed; None of none.

    >>> quantile([4.0, 1.0, 3.0, 2.0], 0.5), quantile([1.0, 2.0], 0.99)
    (2.0, 2.0)
    """
    return sorted(values)[max(0, math.ceil(part * len(values)) - 1)] if values else None


def auroc(inside: Sequence[float], outside: Sequence[float]) -> float | None:
    """The chance that one of *inside* is higher than one of *outside*, a tie counting half; None if either is empty.

    It is the area under the ROC curve: Hanley and McNeil 1982, https://doi.org/10.1148/radiology.143.1.7063747.

    >>> auroc([3.0, 2.0], [2.0, 1.0])
    0.875
    """
    if not inside or not outside:
        return None
    lower = sorted(outside)
    wins = sum(bisect_left(lower, score) + bisect_right(lower, score) for score in inside)
    return wins / (2 * len(inside) * len(outside))


def unknown_intents(labelled: Iterable[Labelled], known: Iterable[str]) -> Mapping[str, int]:
    """The intents that the bot lacks, with how many texts mean each."""
    names = set(known)
    return Counter(one.intent for one in labelled if one.intent is not None and one.intent not in names)
