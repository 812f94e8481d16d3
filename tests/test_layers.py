"""The layout, the import direction and the sizes that docs and reviews rely on."""

import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement

import layers
from layers import Layout

ROOT = Path(__file__).parent.parent

VALUES = [
    "errors", "codes", "events", "pictures", "plain", "translated", "cutting", "replies", "backoff", "work", "hours",
    "settings", "observe", "pace", "reach", "lookups", "compact", "instants",
]  # fmt: skip
LOGIC = [
    "places", "handlers", "language", "matching", "router", "session", "flows", "chat", "hooks", "agreement", "options",
    "voice", "bot", "leaving", "failure", "conversation", "handover", "unknown", "welcome", "resources", "deadline",
    "turn", "directory", "review", "config",
]  # fmt: skip
EDGES = ["stores", "channels", "monitoring", "notices", "inquiries", "shelf"]
RUNNING = [
    "acceptances", "server", "gallery", "resumption", "patience", "worker", "sender", "notifier", "loading", "reload",
    "threads", "app", "serving",
]  # fmt: skip
DOORS = ["simulator", "testing", "cli"]
ORDER = [*VALUES, *LOGIC, *EDGES, *RUNNING, *DOORS]

#: Third-party packages, and the parts that may import them.
CONFINED = {
    "aiohttp": {
        "server",
        "gallery",
        "resumption",
        "notices",
        "inquiries",
        "app",
        "serving",
        "channels",
        "simulator",
        "testing",
    },
    "httptools": {"channels", "serving"},
    "yaml": {"config"},
    "jsonschema": {"config"},
    # The simulator is the other end of the channel: it verifies what we sign and signs what we verify, and must not do
    # so with the code under test.
    "jwt": {"simulator"},
    "cryptography": {"channels", "simulator"},
    "wcwidth": {"cutting"},
    "click": {"cli", "simulator"},
    "uvloop": {"cli"},
    "prometheus_client": {"monitoring"},
    "pytest": {"testing"},
    "pytest_asyncio": {"testing"},
    "attrs": set(ORDER),
    # Declared for what comes next.
    "asyncpg": {"stores"},
    "numpy": {"language"},
    "re2": {"matching"},
    "watchfiles": {"reload"},
}
#: Where the name to install is not the name to import.
IMPORTED_AS = {
    "PyJWT": "jwt",
    "PyYAML": "yaml",
    "google-re2": "re2",
    "prometheus-client": "prometheus_client",
    # It brings pytest-asyncio along, whose fixture ours is.
    "pytest-aiohttp": "pytest_asyncio",
}
#: Read by the standard library, imported by nobody.
DATA_ONLY = {"tzdata"}

BOTKIT = Layout(root=ROOT / "botkit", order=ORDER, values=VALUES, edges=EDGES, confined=CONFINED)
MODULES = BOTKIT.modules()
SOURCES = sorted(
    path for folder in ("botkit", "examples", "tests", "benchmarks", "chaos") for path in (ROOT / folder).rglob("*.py")
)

of_each_module = pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
of_each_source = pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))


@of_each_module
def test_every_part_has_its_place(path: Path) -> None:
    """A new part of botkit is put into a layer, here, before it is written."""
    assert BOTKIT.is_placed(path)


@of_each_module
def test_imports_point_backwards(path: Path) -> None:
    """Values know nothing, logic knows values, edges know values only, running joins them, doors see everything."""
    assert BOTKIT.backward(path) == set()


@of_each_module
def test_third_party_packages_are_confined(path: Path) -> None:
    """Each library is known to the few modules that are about it."""
    assert BOTKIT.strangers(path) == set()


def test_there_are_no_import_cycles() -> None:
    """No two modules need each other, not even inside one part."""
    assert BOTKIT.cycles() == set()


@of_each_source
def test_files_and_functions_are_short(path: Path) -> None:
    """A file fits a reader's head, a function a screen, and its parameters a hand and a half."""
    assert (layers.is_long(path), layers.long_functions(path), layers.greedy_functions(path)) == (False, [], [])


@of_each_source
def test_names_are_the_fields_own(path: Path) -> None:
    """Nothing is called a manager, a util, a helper or a base, and nothing is called process."""
    assert layers.misnamed(path) == []


def declared() -> set[str]:
    """What users of the package install along with it, by the names that are imported."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    wanted = [*project["dependencies"], *(one for extra in project["optional-dependencies"].values() for one in extra)]
    names = {Requirement(one).name for one in wanted} - DATA_ONLY
    return {IMPORTED_AS.get(name, name) for name in names}


def test_every_library_is_declared_and_has_its_place() -> None:
    """Nothing is imported that is not installed, and nothing is installed that no part is about."""
    assert declared() == set(CONFINED)


LIBRARIES = {
    "aiohttp", "asyncpg", "click", "cryptography", "httptools", "jsonschema", "jwt", "numpy", "prometheus_client",
    "pytest", "pytest_asyncio", "re2", "uvloop", "watchfiles", "wcwidth", "yaml",
}  # fmt: skip


def test_importing_botkit_loads_no_library_but_attrs() -> None:
    """A bot's own module does not wait for a web server, a YAML parser or a database."""
    code = "import sys, botkit; print(*sorted({name.partition('.')[0] for name in sys.modules}))"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()

    assert (set(loaded) & LIBRARIES, set(CONFINED) - {"attrs"} - LIBRARIES) == (set(), set())


def test_botkit_run_loads_no_library_that_it_may_not_need() -> None:
    """Vonage's first webhook after a deploy waits for no model, no complaint about a file, and no simulator."""
    code = "import sys, botkit.cli.run; print(*sorted({name.partition('.')[0] for name in sys.modules}))"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()

    assert set(loaded) & LIBRARIES == {"aiohttp", "click", "cryptography", "httptools", "prometheus_client", "yaml"}


def test_the_page_waits_for_no_library_that_signs() -> None:
    """Whoever types `botkit run --dev` has the page before its first webhook needs a token."""
    code = "import sys, botkit.cli.dev; print(*sorted(sys.modules))"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()

    assert {"jwt", "cryptography.x509"}.isdisjoint(loaded)
