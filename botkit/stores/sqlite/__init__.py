"""The SQLite engine: one file, one process that runs workers on it, and any number that look."""

from botkit.stores.sqlite.engine import SQLite

__all__ = ["SQLite"]
