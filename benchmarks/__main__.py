"""``python -m benchmarks [NAME …]``: run all benchmarks, or those named, and print their tables."""

import importlib
import pkgutil
import sys

import benchmarks


def main() -> None:
    """Run every module here that has a ``main`` of its own."""
    names = sys.argv[1:] or [
        module.name
        for module in pkgutil.iter_modules(benchmarks.__path__)
        if module.name not in ("__main__", "database", "processes", "subject", "table")
    ]
    for name in names:
        importlib.import_module(f"benchmarks.{name}").main()


if __name__ == "__main__":
    main()
