"""The modules that a bot under test is imported from: each process imports them anew, and none meets another's."""

import importlib
import sys
import sysconfig
from pathlib import Path
from typing import Final

from botkit.config import Configuration
from botkit.loading import load_named

_INSTALLED: Final = tuple(Path(sysconfig.get_path(name)).resolve() for name in ("stdlib", "purelib", "platlib"))
_BOTKIT: Final = Path(__file__).resolve().parent.parent


class Modules:
    """Reads *bots*, the path of a bots.yaml or ``module:bot``, as often as processes start.

    Modules in the folder of a bots.yaml, and below it, are a bot's own; those of ``module:bot`` are in *folder*, by
    default the working folder. Installed packages are everybody's.
    """

    def __init__(self, bots: str | Path, folder: Path | None = None) -> None:
        self._bots = bots
        self._folder = Path(bots).resolve().parent if Path(bots).exists() else (folder or Path.cwd()).resolve()
        self._path = list(sys.path)
        self._read: Configuration | None = None
        self._own: list[str] = []

    def configuration(self) -> Configuration:
        """The bots and settings as a new process sees them; raises ConfigError."""
        if self._read is not None and not self._own:
            return self._read
        self.forget()
        before = set(sys.modules)
        self._path = list(sys.path)
        if str(self._folder) not in sys.path:
            sys.path.insert(0, str(self._folder))
        importlib.invalidate_caches()
        try:
            self._read = load_named(self._bots, secrets=False, folder=self._folder)
        finally:
            self._own = [name for name in set(sys.modules) - before if self._is_own(name)]
        return self._read

    def forget(self) -> None:
        """Let the next import begin anew, and the path be as it was."""
        for name in self._own:
            sys.modules.pop(name, None)
        self._own = []
        sys.path[:] = self._path

    def _is_own(self, name: str) -> bool:
        found = getattr(sys.modules.get(name), "__file__", None)
        if not isinstance(found, str):
            return False
        file = Path(found).resolve()
        return file.is_relative_to(self._folder) and not any(
            file.is_relative_to(other) for other in (*_INSTALLED, _BOTKIT)
        )
