"""The project as a whole: what is locked, and what stands ready for a fresh clone."""

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).parent.parent


def locked() -> str:
    """The text of the lock."""
    return (ROOT / "requirements.lock").read_text("utf-8")


def test_the_lock_holds_hashes_and_no_address() -> None:
    """The lock can be installed from anywhere, and nothing but what it names can be."""
    lines = [line for line in locked().splitlines() if re.match(r"[a-z]", line)]

    assert "://" not in locked()
    assert "--index" not in locked()
    assert all("==" in line for line in lines)
    assert locked().count("--hash=sha256:") >= len(lines)


def test_everything_the_project_needs_is_locked() -> None:
    """Nothing that pyproject.toml names is missing from the lock."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    groups = [one for group in project["dependency-groups"].values() for one in group if isinstance(one, str)]
    extras = [one for extra in project["project"]["optional-dependencies"].values() for one in extra]
    wanted = [*project["project"]["dependencies"], *groups, *extras, *project["build-system"]["requires"]]
    names = {_canonical(re.split(r"[><=;\[ ]", one)[0]) for one in wanted}

    assert names - {_canonical(line.split("==")[0]) for line in locked().splitlines() if "==" in line} == set()


def _canonical(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()
