"""The rules that the source is held to, as functions of files: so that each can be tested on a broken tree."""

import ast
import re
import sys
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

from attrs import frozen

FILE_LINES: Final = 400
FUNCTION_LINES: Final = 50
PARAMETERS: Final = 8
#: What `chat.ask` and `@bot.intent` take is the contract's, and `question` reads it.
GENEROUS: Final = frozenset({"ask", "question", "intent"})

Function = ast.FunctionDef | ast.AsyncFunctionDef

_WORD: Final = re.compile(r"[A-Z]?[a-z0-9]+|[A-Z]+(?![a-z])")
_FORBIDDEN: Final = frozenset({"manager", "managers", "util", "utils", "utility", "utilities", "helper", "helpers"})
_BASE: Final = re.compile(r"_?[Bb]ase([A-Z]|$)")


@frozen(kw_only=True)
class Layout:
    """A package in the folder *root*: its parts, each of which may import those before it in *order*.

    *edges* may import only *values*. *confined* says which parts may import which library.
    """

    root: Path
    order: Sequence[str]
    values: Collection[str]
    edges: Collection[str]
    confined: Mapping[str, Collection[str]]

    def modules(self) -> list[Path]:
        """Every module of every part; the package's own ``__init__`` and ``__main__`` belong to none."""
        return sorted(path for path in self.root.rglob("*.py") if self.part_of(path) not in {"__init__", "__main__"})

    def part_of(self, path: Path) -> str:
        """The part that *path* belongs to: a module of the package, or a package in it."""
        return path.relative_to(self.root).with_suffix("").parts[0]

    def imports(self, path: Path) -> Iterator[str]:
        """The dotted name of everything that *path* imports, however it is spelled and wherever it stands."""
        package = (self.root.name, *path.relative_to(self.root).parts[:-1])
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Import):
                yield from (alias.name for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                above = package[: len(package) - node.level + 1] if node.level else ()
                stem = ".".join([*above, *filter(None, [node.module])])
                yield from (f"{stem}.{alias.name}" for alias in node.names)

    def is_placed(self, path: Path) -> bool:
        """Whether the part of *path* has its place in the order."""
        return self.part_of(path) in self.order

    def backward(self, path: Path) -> set[str]:
        """What *path* imports of the package and may not; the package itself is a door for those outside it."""
        here = self.part_of(path)
        before = self.order[: self.order.index(here) + 1]
        allowed = {*self.values, here} if here in self.edges else set(before)
        inner = (target for target in self.imports(path) if target.partition(".")[0] == self.root.name)
        named = {".".join(target.split(".")[1:2]) for target in inner}
        return {name or self.root.name for name in named if name not in allowed}

    def strangers(self, path: Path) -> set[str]:
        """The libraries that *path* imports and may not."""
        here = self.part_of(path)
        tops = {target.partition(".")[0] for target in self.imports(path)} - {self.root.name}
        return {top for top in tops if top not in sys.stdlib_module_names and here not in self.confined.get(top, ())}

    def cycles(self) -> set[str]:
        """The modules that need each other, directly or through others, or need what does."""
        names = {self.name_of(path): path for path in self.modules()}
        needs = {name: set(self._needs(path, names)) - {name} for name, path in names.items()}
        free: set[str] = set()
        while ready := {name for name, needed in needs.items() if name not in free and needed <= free}:
            free |= ready
        return set(needs) - free

    def name_of(self, path: Path) -> str:
        """The dotted name that *path* is imported under."""
        parts = path.relative_to(self.root.parent).with_suffix("").parts
        return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)

    def _needs(self, path: Path, names: Collection[str]) -> Iterator[str]:
        for target in self.imports(path):
            yield from [name for name in (target, target.rpartition(".")[0]) if name in names][:1]


def is_long(path: Path) -> bool:
    """Whether the file does not fit a reader's head."""
    return len(path.read_text("utf-8").splitlines()) > FILE_LINES


def long_functions(path: Path) -> list[str]:
    """The functions that do not fit a screen, their docstrings left out."""
    return [function.name for function in _functions(path) if _lines(function) > FUNCTION_LINES]


def greedy_functions(path: Path) -> list[str]:
    """The functions that take more than anybody can remember; ``self`` and ``cls`` are not asked for."""
    return [
        function.name
        for function in _functions(path)
        if len(_parameters(function)) > PARAMETERS and function.name not in GENEROUS
    ]


def misnamed(path: Path) -> list[str]:
    """The modules, folders, classes, functions and parameters whose names say nothing of what they are about."""
    things, others = [path.parent.name, path.stem], list[str]()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ClassDef):
            things.append(node.name)
        elif isinstance(node, Function):
            others += [node.name, *_parameters(node)]
    bases = [name for name in things if _BASE.match(name)]
    return bases + [name for name in [*things, *others] if _words(name) & _FORBIDDEN or name == "process"]


def _words(name: str) -> set[str]:
    return {word.lower() for word in _WORD.findall(name)}


def _functions(path: Path) -> Iterator[Function]:
    return (node for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, Function))


def _lines(function: Function) -> int:
    doc = function.body[0] if ast.get_docstring(function) is not None else None
    docstring = 0 if doc is None else (doc.end_lineno or 0) - doc.lineno + 1
    return (function.end_lineno or 0) - function.lineno + 1 - docstring


def _parameters(function: Function) -> list[str]:
    given = function.args
    every = [*given.posonlyargs, *given.args, *given.kwonlyargs, *filter(None, [given.vararg, given.kwarg])]
    return [one.arg for one in every if one.arg not in ("self", "cls")]
