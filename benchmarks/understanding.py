"""Understanding: how much is understood, how fast, and how soon it is learned, against scikit-learn.

``python -m benchmarks understanding DATA_FOLDER [--sklearn-python PYTHON]``: the folder holds ``clinc150`` and
``hwu64``, each with ``train_10shot.jsonl``, ``test.jsonl`` and ``test_typo.jsonl`` of ``{"text": …, "intent": …}``, and
``clinc150/oos_test.jsonl``. The test files are for this report only: nothing is tuned on them.
"""

import argparse
import importlib.util
import itertools
import json
import random
import statistics
import subprocess
import sys
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Final, Self

from benchmarks import learner
from benchmarks.table import Figure, show

ROUNDS: Final = 3
TIMED: Final = 400
#: How an English bot learns, and how it does by the words of its phrases alone.
WITH, WITHOUT = "", "own-words"
#: How many of 100 are to be right, without and with typos.
CLINC150: Final = {WITHOUT: (82.0, 79.0), WITH: (85.5, 80.5)}
HWU64: Final = {WITHOUT: (70.5, 68.5), WITH: (77.0, 72.0)}

Lines = list[list[str]]


class Learning:
    """A process that learns and answers: see `benchmarks.learner`."""

    def __init__(self, python: str, kind: str) -> None:
        self._child = subprocess.Popen(
            [python, learner.__file__, kind], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    # JSON has no type.
    def __call__(self, **request: object) -> Any:
        """The reply to *request*."""
        assert self._child.stdin is not None
        assert self._child.stdout is not None
        self._child.stdin.write(json.dumps(request) + "\n")
        self._child.stdin.flush()
        return json.loads(self._child.stdout.readline())

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self._child.kill()
        self._child.communicate()


def _lines(path: Path) -> Lines:
    rows = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    return [[row["text"], row.get("intent") or ""] for row in rows]


def _made_up(count: int, phrases: int) -> tuple[Lines, list[str]]:
    """Phrases of made-up words for *count* intents, and one text more for each."""
    chance = random.Random(5)  # noqa: S311 - the same words for everybody, and no secrets
    sounds = ["".join(one) for one in itertools.product("bdfgklmnprst", "aeiou", ["", "n", "r", "s"])]
    words = ["".join(chance.choices(sounds, k=chance.choice((1, 2, 2, 3)))) for _ in range(10_000)]
    said = []
    for intent in range(count):
        own = chance.sample(words, 3)
        for _ in range(phrases + 1):
            text = chance.sample(own, 2) + chance.choices(words[:100], k=chance.choice((2, 3, 4)))
            chance.shuffle(text)
            said.append([" ".join(text), f"i{intent}"])
    last = phrases + 1
    return [one for at, one in enumerate(said) if at % last != phrases], [text for text, _ in said[phrases::last]]


def _right(ask: Learning, asked: Lines) -> float:
    answers = ask(answer=[text for text, _ in asked])
    right = sum(given[0] == intent for given, (_, intent) in zip(answers, asked, strict=True))
    return 100 * int(right) / len(asked)


def _auroc(inside: Sequence[float], outside: Sequence[float]) -> float:
    """How often one of *inside* is above one of *outside*, in percent; equals count by half."""
    ordered = sorted([(score, True) for score in inside] + [(score, False) for score in outside])
    below, above = 0.0, 0.0
    for _, group in itertools.groupby(ordered, key=lambda one: one[0]):
        are_inside = [is_inside for _, is_inside in group]
        equal = len(are_inside) - sum(are_inside)
        above += sum(are_inside) * (below + equal / 2)
        below += equal
    return 100 * above / (len(inside) * len(outside))


def _least(name: str, bar: float, *values: float) -> Figure:
    return Figure(name=name, ratios=values, least=bar)


def _accuracy(
    ask: Learning, peer: Learning | None, folder: Path, name: str, bars: Mapping[str, tuple[float, float]]
) -> list[Figure]:
    """Without the table of meanings and with it; *bars* say how many are to be right, without and with typos."""
    taught = _lines(folder / name / "train_10shot.jsonl")
    clean, typos = _lines(folder / name / "test.jsonl"), _lines(folder / name / "test_typo.jsonl")
    theirs = None
    if peer is not None:
        peer(learn=taught)
        theirs = _right(peer, clean), _right(peer, typos)
    figures = []
    for how, (least, least_typos) in bars.items():
        ask(learn=taught, how=how)
        right, mistyped = _right(ask, clean), _right(ask, typos)
        which = f"{name}, {how or 'with the table'}"
        figures.append(_least(f"{which}: right of 100 in scope", least, right))
        figures.append(_least(f"{which}: with one or two typos a message", least_typos, mistyped))
        if theirs is not None:
            told = f"{which}: ahead of scikit-learn ({theirs[0]:.1f}), points"
            figures.append(_least(told, -0.5, right - theirs[0]))
            figures.append(_least(f"{which}: the same with typos, points", 0, mistyped - theirs[1]))
    return figures


def _strangers(ask: Learning, folder: Path, how: str) -> list[Figure]:
    clinc = folder / "clinc150"
    ask(learn=_lines(clinc / "train_10shot.jsonl"), how=how)
    asked = _lines(clinc / "test.jsonl")
    inside = ask(answer=[text for text, _ in asked])
    outside = ask(answer=[text for text, _ in _lines(clinc / "oos_test.jsonl")])
    declined = sum(not is_sure for _, _, is_sure in outside)
    wrongly = sum(not is_sure for _, _, is_sure in inside)
    right = sum(given[2] and given[0] == intent for given, (_, intent) in zip(inside, asked, strict=True))
    joint = 100 * (right + declined) / (len(inside) + len(outside))
    auroc = _auroc([one[1] for one in inside], [one[1] for one in outside])
    which = f"clinc150, {how or 'with the table'}"
    return [
        _least(f"{which}: out of scope, AUROC", 92.5, auroc),
        _least(f"{which}: out of scope, F1", 70, 200 * declined / (declined + wrongly + len(outside))),
        _least(f"{which}: right of 100 after declining", 75, joint),
    ]


def _narrowed(ask: Learning, folder: Path) -> list[Figure]:
    taught, asked = (_lines(folder / "clinc150" / name) for name in ("train_10shot.jsonl", "test.jsonl"))
    right = {}
    for how in ("dense", "wide"):
        ask(learn=taught, how=how)
        right[how] = _right(ask, asked)
    return [_least("clinc150: the head for many intents - the full one, points", -1, right["wide"] - right["dense"])]


def _halved(taught: Lines) -> Lines:
    """The same phrases for twice as many intents."""
    seen: dict[str, int] = {}
    halved = []
    for text, intent in taught:
        seen[intent] = seen.get(intent, 0) + 1
        halved.append([text, f"{intent} {seen[intent] % 2}"])
    return halved


def _speed(ask: Learning, peer: Learning | None, folder: Path) -> tuple[list[Figure], list[str]]:
    """Ratios of interleaved rounds."""
    taught = _lines(folder / "clinc150" / "train_10shot.jsonl")
    asked = [text for text, _ in _lines(folder / "clinc150" / "test.jsonl")][:: 4_500 // TIMED]
    messages, builds, twice, seconds, microseconds, cached, read = [], [], [], [], [], [], []
    for _ in range(ROUNDS):
        half = float(ask(learn=_halved(taught)))
        seconds.append(float(ask(learn=taught)))
        twice.append(half / seconds[-1])
        cached.append(1_000 * float(ask(keep=taught)))
        read.append(1_000 * float(ask(read=True)))
        if peer is not None:
            builds.append(seconds[-1] / float(peer(learn=taught)))
    for _ in range(3 * ROUNDS):
        microseconds.append(float(ask(time=asked * 3)))
        if peer is not None:
            messages.append(float(peer(time=asked[::3])) / microseconds[-1])
    figures = [
        Figure(name="building 300 intents x 5 phrases / 150 x 10", ratios=twice, most=2),
        Figure(name="150 intents x 10 phrases from the cache, milliseconds", ratios=cached, most=50),
        Figure(name="reading the table of meanings, once a process, milliseconds", ratios=read, most=20),
    ]
    if peer is not None:
        figures.append(Figure(name="a message, scikit-learn / ours", ratios=messages, least=20))
        figures.append(Figure(name="building 150 intents x 10 phrases, ours / scikit-learn", ratios=builds, most=0.15))
    note = f"a message {statistics.median(microseconds):.0f} us, building {statistics.median(seconds):.2f} s"
    return figures, [note]


def _many(ask: Learning) -> tuple[list[Figure], list[str]]:
    """Ten thousand intents of five phrases."""
    times, seconds = {}, {}
    for count in (100, 5_000, 10_000):
        taught, asked = _made_up(count, 5)
        seconds[count] = float(ask(learn=taught))
        times[count] = min(float(ask(time=asked[:1_000])) for _ in range(ROUNDS))
    figures = [
        Figure(name="building 10,000 intents / 5,000", ratios=[seconds[10_000] / seconds[5_000]], most=2.6),
        Figure(name="a message among 10,000 intents / among 100", ratios=[times[10_000] / times[100]], most=10),
    ]
    return figures, [f"10,000 intents: built in {seconds[10_000]:.0f} s, a message {times[10_000]:.0f} us"]


def _options(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks understanding")
    parser.add_argument("folder", nargs="?", type=Path, help="where clinc150 and hwu64 are")
    parser.add_argument("--sklearn-python", default=sys.executable, help="a Python that has scikit-learn")
    return parser.parse_args(arguments)


def _has_peer(python: str) -> bool:
    if python == sys.executable:
        return importlib.util.find_spec("sklearn") is not None
    return subprocess.run([python, "-c", "import sklearn"], capture_output=True, check=False).returncode == 0


def main(arguments: Sequence[str] = ()) -> None:
    """Print the figures."""
    options = _options(arguments)
    figures: list[Figure] = []
    notes: list[str] = []
    with ExitStack() as stack:
        ask = stack.enter_context(Learning(sys.executable, "ours"))
        peer = None
        if not _has_peer(options.sklearn_python):
            notes.append("scikit-learn is left out: name a Python that has it with --sklearn-python")
        elif options.folder is not None:
            peer = stack.enter_context(Learning(options.sklearn_python, "scikit"))
        if options.folder is None:
            notes.append("what needs data is left out: python -m benchmarks understanding DATA_FOLDER")
        else:
            figures += _accuracy(ask, peer, options.folder, "clinc150", CLINC150)
            figures += _accuracy(ask, peer, options.folder, "hwu64", HWU64)
            figures += _strangers(ask, options.folder, WITHOUT)
            figures += _strangers(ask, options.folder, WITH)
            figures += _narrowed(ask, options.folder)
            speed, said = _speed(ask, peer, options.folder)
            figures += speed
            notes += said
        many, said = _many(ask)
        show("understanding", [*figures, *many], [*notes, *said])


if __name__ == "__main__":
    main(sys.argv[1:])
