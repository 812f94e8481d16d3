"""The layout and the import direction that docs and reviews rely on."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "botkit"

VALUES = ["errors", "events", "plain", "replies", "backoff", "work", "settings", "observe"]
LOGIC = [
    "language", "explanation", "router", "session", "chat", "handlers", "hooks", "bot", "leaving", "failure",
    "resources", "turn", "directory", "pace", "config",
]  # fmt: skip
EDGES = ["stores", "channels", "monitoring"]
RUNNING = ["server", "patience", "worker", "sender", "loading", "app", "serving"]
DOORS = ["simulator", "testing", "cli"]
ORDER = [*VALUES, *LOGIC, *EDGES, *RUNNING, *DOORS]

#: Third-party packages, and the parts that may import them.
CONFINED = {
    "aiohttp": {"server", "app", "serving", "channels", "simulator", "testing"},
    "httptools": {"channels"},
    "yaml": {"config"},
    "jsonschema": {"config"},
    "jwt": {"channels", "simulator"},
    "cryptography": {"channels", "simulator"},
    "wcwidth": {"replies"},
    "click": {"cli", "simulator"},
    "uvloop": {"cli"},
    "prometheus_client": {"monitoring"},
    "pytest_asyncio": {"testing"},
    "attrs": set(ORDER),
}
LINES, FUNCTION_LINES, PARAMETERS = 400, 50, 8
FORBIDDEN = re.compile(r"Manager|Util|Helper|^Base[A-Z]")


def part_of(path: Path, root: Path = PACKAGE) -> str:
    """The module or subpackage of botkit that *path* belongs to."""
    return path.relative_to(root).with_suffix("").parts[0]


def imports(path: Path, root: Path = PACKAGE) -> Iterator[str]:
    """Every module that *path* imports, however it is spelled."""
    package = ("botkit", *path.relative_to(root).parts[:-1])
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = package[: len(package) - node.level + 1] if node.level else ()
            stem = ".".join([*base, *filter(None, [node.module])])
            yield from (f"{stem}.{alias.name}" for alias in node.names)


def backward(path: Path, root: Path = PACKAGE) -> set[str]:
    """The parts of botkit that *path* imports and may not."""
    here = part_of(path, root)
    named = {target.split(".")[1] for target in imports(path, root) if target.startswith("botkit.")}
    allowed = {*VALUES, here} if here in EDGES else set(ORDER[: ORDER.index(here) + 1])
    return {name for name in named if name in ORDER and name not in allowed}


def strangers(path: Path, root: Path = PACKAGE) -> set[str]:
    """The third-party packages that *path* imports and may not."""
    here = part_of(path, root)
    tops = {target.partition(".")[0] for target in imports(path, root)} - {"botkit"}
    return {top for top in tops if top not in sys.stdlib_module_names and here not in CONFINED.get(top, set())}


MODULES = sorted(path for path in PACKAGE.rglob("*.py") if part_of(path) not in {"__init__", "__main__"})
ids = [str(path.relative_to(PACKAGE)) for path in MODULES]


@pytest.mark.parametrize("path", MODULES, ids=ids)
def test_every_part_has_its_place(path: Path) -> None:
    """A new part of botkit is put into a layer, here, before it is written."""
    assert part_of(path) in ORDER


@pytest.mark.parametrize("path", MODULES, ids=ids)
def test_imports_point_backwards(path: Path) -> None:
    """Values know nothing, logic knows values, edges know values only, running joins them, doors see everything."""
    assert backward(path) == set()


@pytest.mark.parametrize("path", MODULES, ids=ids)
def test_third_party_packages_are_confined(path: Path) -> None:
    """Each library is known to the few modules that are about it."""
    assert strangers(path) == set()


@pytest.mark.parametrize("path", MODULES, ids=ids)
def test_modules_and_functions_are_short(path: Path) -> None:
    """A module fits a reader's head, and a function a screen."""
    text = path.read_text("utf-8")
    long = [name for name, lines in function_lengths(text) if lines > FUNCTION_LINES]

    assert (len(text.splitlines()) <= LINES, long) == (True, [])


def function_lengths(text: str) -> Iterator[tuple[str, int]]:
    """Every function of a module and how many lines it has, its docstring left out."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            doc = node.body[0] if ast.get_docstring(node) else None
            docstring = (doc.end_lineno or 0) - doc.lineno + 1 if doc else 0
            yield node.name, (node.end_lineno or 0) - node.lineno + 1 - docstring


@pytest.mark.parametrize("path", MODULES, ids=ids)
def test_names_are_the_fields_own(path: Path) -> None:
    """Nothing is called a manager, a util, a helper or a base, and nothing is called process."""
    names = [
        node.name
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef))
    ]

    assert [name for name in names if FORBIDDEN.search(name) or name == "process"] == []


def module_name(path: Path) -> str:
    """The dotted name *path* is imported under."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def test_there_are_no_import_cycles() -> None:
    """No two modules need each other, not even inside one part."""
    names = {module_name(path): path for path in MODULES}
    edges = {name: {target for target in _targets(path, names) if target != name} for name, path in names.items()}
    free: set[str] = set()
    while ready := {name for name, targets in edges.items() if name not in free and targets <= free}:
        free |= ready

    assert set(edges) - free == set()


def _targets(path: Path, names: dict[str, Path]) -> Iterator[str]:
    for target in imports(path):
        for candidate in (target, target.rpartition(".")[0]):
            # A package that a module of its own imports through is not a need of it.
            if candidate in names and not module_name(path).startswith(f"{candidate}."):
                yield candidate
                break


@pytest.mark.parametrize(
    ("file", "line", "found"),
    [
        ("session.py", "from botkit.turn import run_turn", {"turn"}),
        ("events.py", "import botkit.replies", {"replies"}),
        ("stores/sqlite.py", "from botkit import bot", {"bot"}),
        ("stores/sqlite.py", "from botkit.channels import Channel", {"channels"}),
        ("channels/vonage/read.py", "from ...server import Server", {"server"}),
        ("worker.py", "from botkit.stores import Store", set()),
        ("cli/run.py", "from botkit.app import App", set()),
    ],
)
def test_a_backward_import_would_be_found(tmp_path: Path, file: str, line: str, found: set[str]) -> None:
    """The check above sees an import in every spelling."""
    path = tmp_path / file
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"{line}\n")

    assert backward(path, tmp_path) == found


def test_a_stray_library_would_be_found(tmp_path: Path) -> None:
    """The check above sees a library where it does not belong, and one that nobody declared."""
    path = tmp_path / "bot.py"
    path.write_text("import aiohttp\nfrom requests import get\nimport attrs\n")

    assert strangers(path, tmp_path) == {"aiohttp", "requests"}


def test_importing_botkit_loads_no_library_but_attrs() -> None:
    """A bot's own module does not wait for a web server, a YAML parser or a database."""
    code = "import sys, botkit; print(*sorted({name.partition('.')[0] for name in sys.modules}))"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()

    assert (
        set(loaded) & {"aiohttp", "yaml", "jsonschema", "jwt", "cryptography", "numpy", "click", "httptools"} == set()
    )
