"""The project as a whole: what is locked, what is shipped, and what stands ready for a fresh clone."""

import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Mapping
from pathlib import Path
from zipfile import ZipFile

import pytest
from packaging.requirements import Requirement

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
LOCK = (ROOT / "requirements.lock").read_text("utf-8")


def entries(lock: str) -> list[str]:
    """What is locked, each with the lines that belong to it."""
    return [one for one in re.split(r"\n(?=\S)", lock.strip()) if not one.startswith("#")]


def versions(lock: str) -> dict[str, set[str]]:
    """The versions that are locked of each package; several where they differ by Python's version."""
    found: dict[str, set[str]] = {}
    for name, version in re.findall(r"^([\w.-]+)==([\w.!+]+)", lock, re.MULTILINE):
        found.setdefault(canonical(name), set()).add(version)
    return found


def canonical(name: str) -> str:
    """The name of a package, as all its spellings are compared."""
    return re.sub(r"[-_.]+", "-", name).lower()


def wanted() -> list[Requirement]:
    """Everything that pyproject.toml asks for, whoever needs it."""
    groups = [one for group in PROJECT["dependency-groups"].values() for one in group if isinstance(one, str)]
    extras = [one for extra in PROJECT["project"]["optional-dependencies"].values() for one in extra]
    everything = [*PROJECT["project"]["dependencies"], *groups, *extras, *PROJECT["build-system"]["requires"]]
    return [Requirement(one) for one in everything]


def unmet(requirements: list[Requirement], lock: Mapping[str, set[str]]) -> set[str]:
    """The requirements that *lock* has no version for, or one out of bounds."""
    return {
        str(one)
        for one in requirements
        if not all(one.specifier.contains(version) for version in lock.get(canonical(one.name), {"0"}))
    }


def test_everything_that_is_locked_has_its_hashes() -> None:
    """Each package is one version and what its files must hash to; nothing else stands in the lock."""
    odd = [one for one in entries(LOCK) if not re.match(r"[a-z0-9][\w.-]*==\S+( ; [^\\\n]+)? \\\n", one)]
    bare = [one for one in entries(LOCK) if not re.search(r"--hash=sha256:[0-9a-f]{64}(\s|$)", one)]

    assert (odd, bare) == ([], [])


def test_the_lock_holds_no_address() -> None:
    """It can be installed from wherever the machine installs from."""
    assert re.findall(r"://|--(?:extra-)?index|--find-links|--trusted-host|@ ", LOCK) == []


def test_the_lock_meets_what_the_project_asks_for() -> None:
    """Nothing that pyproject.toml names is missing, and nothing is older than it says."""
    assert unmet(wanted(), versions(LOCK)) == set()


def test_a_lock_that_does_not_would_be_found() -> None:
    """One that lacks a package, holds one that is too old, or does for one Python."""
    asked = [Requirement(one) for one in ("Missing>=1", "too_old>=2.0", "one.python>=3", "fine>=1.5")]
    lock = "too-old==1.9 \\\none-python==2.1 ; python_version < '3.12' \\\none-python==3.1 \\\nfine==1.10 \\\n"

    assert unmet(asked, versions(lock)) == {"Missing>=1", "too_old>=2.0", "one.python>=3"}


@pytest.fixture(scope="module")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """What the wheel holds."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    built = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert built.returncode == 0, built.stderr
    (wheel,) = folder.glob("*.whl")
    with ZipFile(wheel) as files:
        return set(files.namelist())


def test_the_wheel_holds_the_package_and_nothing_else(shipped: set[str]) -> None:
    """Every module, statement and schema is there; no test, no example, and nothing that a tool left behind."""
    kept = (path.relative_to(ROOT).as_posix() for path in (ROOT / "botkit").rglob("*") if path.is_file())
    package = {path for path in kept if "__pycache__" not in path}
    named = f"botkit-{PROJECT['project']['version']}.dist-info/"

    assert {one for one in shipped if not one.startswith(named)} == package


def test_the_wheel_holds_types_statements_schema_and_licence(shipped: set[str]) -> None:
    """What is easily forgotten, by name."""
    licence = f"botkit-{PROJECT['project']['version']}.dist-info/licenses/LICENSE"

    assert {"botkit/py.typed", "botkit/config/schema.json", "botkit/language/words/en.table", licence} <= shipped
    assert [one for one in shipped if re.fullmatch(r"botkit/stores/sql/\S+\.sql", one)] != []


LITTERING = """
import ast
import gc


def test_one():
    # As a destructor does whose warning is shown with its traceback.
    gc.callbacks.append(lambda phase, info: ast.parse("f(a)[b] + c"))
    gc.set_threshold(50)
    assert 1 == 2
"""
SKIPPING = (
    "import pytest\n\n\ndef test_one():\n    pytest.skip('no database here')\n\n\ndef test_two():\n    assert True\n"
)
SKIPPED_WHOLE = "import pytest\n\npytest.skip('not on this machine', allow_module_level=True)\n"
EXPECTED = "import pytest\n\n\n@pytest.mark.xfail(reason='known')\ndef test_one():\n    assert False\n"


@pytest.mark.parametrize(
    ("source", "ci", "code", "told"),
    [
        (SKIPPING, "true", 1, "SKIPPED: test_it.py::test_one: Skipped: no database here"),
        (SKIPPING, "", 0, "SKIPPED: test_it.py::test_one: Skipped: no database here"),
        (SKIPPED_WHOLE, "true", 1, "SKIPPED: test_it.py: Skipped: not on this machine"),
        (EXPECTED, "true", 0, "1 xfailed"),
    ],
    ids=["a test", "a test, elsewhere", "a whole file", "an expected failure"],
)
def test_where_everything_counts_a_skipped_test_has_failed(
    tmp_path: Path, source: str, ci: str, code: int, told: str
) -> None:
    """With CI=true nothing is skipped in silence; anywhere else it is said aloud."""
    ran = pytest_on(source, tmp_path, ci)

    assert (ran.returncode, told in ran.stdout, "has failed" in ran.stdout) == (code, True, ci == "true" and code == 1)


def pytest_on(source: str, folder: Path, ci: str = "") -> subprocess.CompletedProcess[str]:
    """Run pytest on a file of *source* and this project's conftest.py, which finds beside the tests what it imports."""
    (folder / "conftest.py").write_text((ROOT / "tests" / "conftest.py").read_text("utf-8"))
    (folder / "test_it.py").write_text(source)
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-p", "no:randomly", "--rootdir", "."]
    env = {**os.environ, "CI": ci, "PYTHONPATH": str(ROOT / "tests")}
    return subprocess.run(command, cwd=folder, env=env, capture_output=True, text=True, check=False)


def test_a_failing_test_that_leaves_garbage_is_reported(tmp_path: Path) -> None:
    """It is one failure, and not the end of the run."""
    ran = pytest_on(LITTERING, tmp_path)

    assert (ran.returncode, "assert 1 == 2" in ran.stdout, "INTERNALERROR" in ran.stdout) == (1, True, False)
