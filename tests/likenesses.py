"""Packages with likenesses of their own, those that keep the law of such and those that break it."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

#: A package that takes for an intent whatever begins with the same letters as one of its phrases.
PACKAGE = '''
"""A backend."""
import threading

may_go_on = threading.Event()
may_go_on.set()
number = 1


class Beginning:
    def __init__(self, examples):
        self.examples = examples

    def rank(self, text):
        same = {}
        for one in self.examples:
            begun = sum(1 for mine, its in zip(text.lower(), one.text) if mine == its) / len(one.text)
            same[one.intent] = max(begun, same.get(one.intent, 0.0))
        return sorted(same.items(), key=lambda one: -one[1])


def build(examples):
    may_go_on.wait()
    return Beginning(examples)


def build_nothing(examples):
    return None


def break_down(examples):
    raise RuntimeError("no GPU")


class Wrong(Beginning):
    def __init__(self, examples, change):
        super().__init__(examples)
        self.change = change

    def rank(self, text):
        return self.change(super().rank(text), text)


def build_strange(examples):
    return Wrong(examples, lambda ranked, text: [("nobody", 5.0), *ranked])


def build_endless(examples):
    return Wrong(examples, lambda ranked, text: [(intent, float("nan")) for intent, _ in ranked])


def build_reversed(examples):
    return Wrong(examples, lambda ranked, text: ranked[::-1])


def build_twice(examples):
    return Wrong(examples, lambda ranked, text: ranked + ranked)


def fail_later(ranked, text):
    if "secret" in text:
        raise OSError(text)
    return ranked


def build_late(examples):
    return Wrong(examples, fail_later)


def leave(examples):
    raise SystemExit(3)


def leave_later(ranked, text):
    if "secret" in text:
        raise SystemExit(text)
    return ranked


def build_leaving(examples):
    return Wrong(examples, leave_later)


class Numbered(Beginning):
    def words(self, text, intent):
        return [1, 2, 3] if "secret" in text or not self.late else []


def build_numbered(examples):
    Numbered.late = False
    return Numbered(examples)


def build_numbered_late(examples):
    Numbered.late = True
    return Numbered(examples)


class Leaving(Beginning):
    def words(self, text, intent):
        raise SystemExit(3)
'''
POINTS = """[botkit.likeness]
beginning = beginnings:build
missing = beginnings:nothing
number = beginnings:number
nothing = beginnings:build_nothing
broken = beginnings:break_down
strange = beginnings:build_strange
endless = beginnings:build_endless
reversed = beginnings:build_reversed
twice = beginnings:build_twice
late = beginnings:build_late
leave = beginnings:leave
leaving = beginnings:build_leaving
numbered = beginnings:build_numbered
numbered-late = beginnings:build_numbered_late
wordless = beginnings:Leaving
exiting = exitings:build
absent = absences:build
raising = raisings:build
"""


@contextmanager
def likenesses_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Packages with entry points, installed in a folder until the end of the block."""
    install(tmp_path, "beginnings", PACKAGE, POINTS)
    (tmp_path / "raisings.py").write_text("import sys\n\nraise OSError('no model')\n")
    (tmp_path / "exitings.py").write_text("import sys\n\nsys.exit('no GPU')\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    yield
    for name in ("beginnings", "raisings", "exitings"):
        sys.modules.pop(name, None)


def install(folder: Path, package: str, code: str, points: str) -> None:
    """What a package leaves behind that is installed."""
    (folder / f"{package}.py").write_text(code)
    (folder / f"{package}-1.0.dist-info").mkdir()
    (folder / f"{package}-1.0.dist-info" / "METADATA").write_text(f"Name: {package}\nVersion: 1.0\n")
    (folder / f"{package}-1.0.dist-info" / "entry_points.txt").write_text(points)
