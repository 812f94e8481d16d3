"""Writes the pages of docs/reference: ``python -m tools.reference``. With ``--check`` it names those that are stale."""

import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Final

from tools.reference.commands import commands_page
from tools.reference.environment import environment_page
from tools.reference.errors import errors_page
from tools.reference.keys import yaml_page
from tools.reference.metrics import metrics_page

FOLDER: Final = Path(__file__).parent.parent.parent / "docs" / "reference"
PAGES: Final[Mapping[str, Callable[[], str]]] = {
    "yaml.md": yaml_page,
    "commands.md": commands_page,
    "environment.md": environment_page,
    "metrics.md": metrics_page,
    "errors.md": errors_page,
}


def text(name: str) -> str:
    """What the page *name* is to hold."""
    return f"<!-- Written by `python -m tools.reference`; change the code instead. -->\n\n{PAGES[name]().strip()}\n"


def main(arguments: list[str], folder: Path = FOLDER) -> int:
    """Write the pages in *folder* that are stale; or, with ``--check``, name them and return 1."""
    stale = [name for name in PAGES if not (folder / name).exists() or (folder / name).read_text("utf-8") != text(name)]
    if arguments == ["--check"]:
        sys.stderr.writelines(f"docs/reference/{name} is stale; run: python -m tools.reference\n" for name in stale)
        return 1 if stale else 0
    for name in stale:
        (folder / name).write_text(text(name), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
