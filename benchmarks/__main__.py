"""``python -m benchmarks [NAME …]``: run all benchmarks, or those named, and print their tables.

``python -m benchmarks understanding DATA_FOLDER …``: what follows is that benchmark's own.
"""

import importlib
import pkgutil
import sys

import benchmarks
from benchmarks import understanding


def main() -> None:
    """Run every module here that has a ``main`` of its own."""
    if sys.argv[1:2] == ["understanding"]:
        understanding.main(sys.argv[2:])
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
