"""``python -m benchmarks [NAME …]``: run all benchmarks, or those named, and print their tables.

``python -m benchmarks understanding DATA_FOLDER …``: what follows is that benchmark's own, as with ``flows``.
"""

import importlib
import pkgutil
import sys

import benchmarks
from benchmarks import flows, understanding

#: Those that take arguments of their own.
WITH_ARGUMENTS = {"flows": flows.main, "understanding": understanding.main}


def main() -> None:
    """Run every module here that has a ``main`` of its own."""
    if sys.argv[1:] and sys.argv[1] in WITH_ARGUMENTS:
        WITH_ARGUMENTS[sys.argv[1]](sys.argv[2:])
        return
    names = sys.argv[1:] or [
        module.name
        for module in pkgutil.iter_modules(benchmarks.__path__)
        if module.name not in ("__main__", "database", "learner", "processes", "subject", "table")
    ]
    for name in names:
        importlib.import_module(f"benchmarks.{name}").main()


if __name__ == "__main__":
    main()
