"""The shelf: learned models in files, so that they are not learned again at the next start."""

import os
import sys
import tempfile
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Final

from attrs import frozen

#: So many models are kept; of more, those go that were saved longest ago.
KEPT_LIMIT: Final = 50
_SUFFIX: Final = ".likeness"


@frozen
class Shelf:
    """Models in the *folder*, one a file, under keys of letters and digits.

    Several processes may share a folder: a file appears whole or not at all. What cannot be read or written is left
    out, because it can be learned again.

    >>> shelf = Shelf(Path(tempfile.mkdtemp()))
    >>> shelf.save("abc", b"a model")
    >>> shelf.load("abc"), shelf.load("xyz")
    (b'a model', None)
    """

    folder: Path

    def load(self, key: str) -> bytes | None:
        """What is kept under *key*, None if nothing can be read."""
        try:
            return self._file(key).read_bytes()
        except OSError:
            return None

    def save(self, key: str, content: bytes) -> None:
        """Keep *content* under *key* in the place of what was there."""
        with suppress(OSError):
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._write(self._file(key), content)
            self._clear()

    def _file(self, key: str) -> Path:
        return self.folder / f"{key}{_SUFFIX}"

    def _write(self, file: Path, content: bytes) -> None:
        number, name = tempfile.mkstemp(suffix=".new", dir=self.folder)
        fresh = Path(name)
        try:
            with os.fdopen(number, "wb") as opened:
                opened.write(content)
            fresh.replace(file)
        except OSError:
            fresh.unlink(missing_ok=True)
            raise

    def _clear(self) -> None:
        """Drop what was saved longest ago; another process may do so at the same time."""
        saved: list[tuple[float, Path]] = []
        for file in self.folder.glob(f"*{_SUFFIX}"):
            with suppress(FileNotFoundError):
                saved.append((file.stat().st_mtime, file))
        for _, file in sorted(saved)[:-KEPT_LIMIT]:
            file.unlink(missing_ok=True)


def user_shelf(environment: Mapping[str, str], home: Path) -> Shelf:
    """The shelf among a user's caches, where this system has them.

    >>> str(user_shelf({"XDG_CACHE_HOME": "/var/cache/ann"}, Path("/home/ann")).folder)
    '/var/cache/ann/botkit'
    """
    if named := environment.get("XDG_CACHE_HOME"):
        return Shelf(Path(named) / "botkit")
    if sys.platform == "win32":
        return Shelf(Path(environment.get("LOCALAPPDATA", home)) / "botkit")
    return Shelf(home / ("Library/Caches" if sys.platform == "darwin" else ".cache") / "botkit")
