"""Who runs workers on a file: an advisory lock beside it, which the kernel frees when its process dies."""

import os
from pathlib import Path

from botkit.errors import StoreError, StoreLocked

try:
    import fcntl
except ImportError:  # Windows has no flock; there the exclusive creation below serves.
    fcntl = None  # type: ignore[assignment]  # a module or nothing


class Ownership:
    """The lock on ``<path>.lock``, held from construction to `release`; raises StoreLocked where another holds it."""

    def __init__(self, path: Path) -> None:
        file = path.resolve()  # One file has one lock, by whatever link it is named.
        self._path = file.with_name(file.name + ".lock")
        try:
            self._file = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise StoreError(
                f"Cannot write {self._path}: {error.strerror}. Name another place with --store."
            ) from error
        try:
            if fcntl is not None:
                fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            holder = os.read(self._file, 20).decode("ascii", "replace").strip() or "unknown"
            os.close(self._file)
            raise StoreLocked(
                f"Another botkit, process {holder}, runs on {path}. Stop it, or give this one another --store."
            ) from None
        os.ftruncate(self._file, 0)
        os.pwrite(self._file, str(os.getpid()).encode(), 0)

    def release(self) -> None:
        """Let another process have the file."""
        os.close(self._file)
