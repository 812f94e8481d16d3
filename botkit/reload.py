"""Reloading: bots whose files have changed are built anew and take the place of the old ones, or the old ones stay."""

import asyncio
import importlib
import importlib.util
import sys
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import aclosing, asynccontextmanager, contextmanager, suppress
from datetime import datetime
from pathlib import Path
from types import ModuleType
from typing import Final

from attrs import fields, frozen

from botkit.config import Configuration
from botkit.errors import BotkitError, ConfigError
from botkit.loading import BOTS_FOLDER
from botkit.observe import SystemClock
from botkit.places import raised_in
from botkit.settings import Settings

#: An editor writes a file in several steps: what changes within so many milliseconds is one change.
_DEBOUNCE_MS: Final = 80
_STEP_MS: Final = 20
#: A file with mistakes that changes again within so long was still being written.
_WRITING_SECONDS: Final = 0.25
#: The clock by which files are dated goes in steps, and may lag behind by one.
_CLOCK_STEP_SECONDS: Final = 0.02
_TEXTS: Final = (".yaml", ".yml")
_PICTURES: Final = (".jpg", ".jpeg", ".png", ".gif")
_MODULES: Final = (".py",)
#: What a setting is called in bots.yaml, where that is not its own name.
_KEYS: Final = {"accounts": "vonage"}
#: What is used at once, as bots are.
_AT_ONCE: Final = frozenset({"lookups"})


@frozen(kw_only=True)
class Reloaded:
    """How a reload went: the new *configuration*, or the *problems* for which the old bots stay.

    *restart* are the keys of bots.yaml that have changed since the start and are used only after another one.
    """

    configuration: Configuration | None = None
    problems: Sequence[str] = ()
    restart: Sequence[str] = ()


@frozen
class Sources:
    """The files that bots are made of: texts and pictures in the folder of *file*, and with *python* modules below it.

    Without *python* the modules stay as they were imported: in production only bots.yaml is read again. Where *file* is
    a link, what stands beside the link counts, and what it leads to.
    """

    file: Path
    python: bool = False

    @property
    def folder(self) -> Path:
        """Where *file* is; the author's modules are here and below."""
        return self.file.parent.resolve()

    @property
    def bots(self) -> Path:
        """Where bots are that have files of their own; it need not be there."""
        return self.folder / BOTS_FOLDER

    def folders(self) -> frozenset[Path]:
        """The folders to watch."""
        modules = {Path(str(module.__file__)).resolve().parent for module in self._modules().values()}
        bots = {self.bots} if self.bots.is_dir() else set()
        return frozenset({self.folder, self.file.resolve().parent, *bots, *(modules if self.python else ())})

    def concerns(self, change: object, path: str) -> bool:
        """Whether a change of the file at *path* may change a bot."""
        endings = (*_TEXTS, *_PICTURES, *(_MODULES if self.python else ()))
        return path == str(self.bots) or path.lower().endswith(endings)

    def changed_since(self, moment: datetime) -> bool:
        """Whether a file that may change a bot was written, or put in its place, after *moment*."""
        since = moment.timestamp() - _CLOCK_STEP_SECONDS
        return any(_written_at(file) >= since for file in self._files())

    def stamps(self) -> frozenset[tuple[Path, float]]:
        """What tells one state of the files from another: each with when it was written."""
        with suppress(OSError):
            return frozenset((file, _written_at(file)) for file in self._files())
        return frozenset()

    def _files(self) -> Iterator[Path]:
        """The files that may change a bot; raises OSError where a folder is gone."""
        for folder in self.folders():
            yield from (file for file in folder.iterdir() if self.concerns(None, str(file)))

    @contextmanager
    def imported_anew(self) -> Iterator[None]:
        """Let imports inside read the modules again; what was imported comes back where they raise."""
        taken = self._modules() if self.python else {}
        for name, module in taken.items():
            del sys.modules[name]
            _forget_bytecode(module)
        importlib.invalidate_caches()
        try:
            yield
        except BaseException:
            for name in self._modules() if self.python else ():
                del sys.modules[name]
            sys.modules.update(taken)
            raise

    def _modules(self) -> dict[str, ModuleType]:
        """The author's own modules: below the folder, and no part of botkit, of Python, or of what is installed."""
        return {name: module for name, module in tuple(sys.modules.items()) if self._is_own(name, module)}

    def _is_own(self, name: str, module: ModuleType) -> bool:
        file = getattr(module, "__file__", None)
        if not file or name.partition(".")[0] in ("botkit", "__main__"):
            return False
        path = Path(file).resolve()
        installed = "site-packages" in path.parts or path.is_relative_to(sys.prefix)
        return path.is_relative_to(self.folder) and not installed


def _written_at(file: Path) -> float:
    """When a file was written or, which leaves its own time as it was, moved here; 0 where it is gone meanwhile."""
    try:
        found = file.stat()
    except OSError:
        return 0
    return max(found.st_mtime, found.st_ctime)


def _forget_bytecode(module: ModuleType) -> None:
    """Python knows a changed source by its second and size: an edit within the second would not be seen."""
    with suppress(OSError, NotImplementedError):
        Path(importlib.util.cache_from_source(str(module.__file__))).unlink()


Replace = Callable[[Configuration], Awaitable[None]]


class Reloader:
    """Loads the bots again when their *sources* change, or when it is asked to, and *replace*s those that run.

    *loaded* is the configuration that runs, read after *read_at* (None: it is as the files are), and *told* hears
    how each reload went. Nothing that is wrong with the new bots touches the old ones.
    """

    def __init__(
        self,
        load: Callable[[], Configuration],
        *,
        loaded: Configuration,
        sources: Sources,
        replace: Replace,
        told: Callable[[Reloaded], None],
        read_at: datetime | None = None,
    ) -> None:
        self._load = load
        self._settings = loaded.settings
        self._sources = sources
        self._replace = replace
        self._told = told
        self._read_at = read_at
        self._lock = asyncio.Lock()
        self._asked = asyncio.Event()

    def ask(self) -> None:
        """Reload soon; several wishes are one."""
        self._asked.set()

    async def reload(self) -> None:
        """Load the bots, put them in place of those that run, and tell how it went."""
        async with self._lock:
            self._told(await self._reloaded())

    async def _reload_written(self) -> None:
        """Reload, but tell of no mistake in what is still being written: it is reloaded when it changes again."""
        async with self._lock:
            before = self._sources.stamps()
            reloaded = await self._reloaded()
            if reloaded.configuration is None:
                await asyncio.sleep(_WRITING_SECONDS)
                if self._sources.stamps() != before:
                    return
            self._told(reloaded)

    async def _reloaded(self) -> Reloaded:
        # Files are dated by the machine's clock.
        self._read_at = SystemClock().now()
        try:
            with self._sources.imported_anew():
                # Building a bot may take a second: turns go on meanwhile.
                fresh = await asyncio.to_thread(self._load)
                await self._replace(fresh)
        except ConfigError as error:
            return Reloaded(problems=error.problems)
        except BotkitError as error:
            return Reloaded(problems=str(error).splitlines())
        except Exception as error:  # noqa: BLE001 - an author's module may raise anything, and must stop nothing
            return Reloaded(problems=(raised_in(error),))
        return Reloaded(configuration=fresh, restart=_changed(self._settings, fresh.settings))

    @asynccontextmanager
    async def running(self, *, watch: bool) -> AsyncIterator[None]:
        """Reload when asked, and with *watch* when the sources change, until the end of the block."""
        tasks = [asyncio.create_task(self._when_asked())]
        if watch:
            tasks.append(asyncio.create_task(self._when_changed()))
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _when_asked(self) -> None:
        while True:
            await self._asked.wait()
            self._asked.clear()
            await self.reload()

    async def _when_changed(self) -> None:
        try:
            while True:
                await self._watch(self._sources.folders())
        except (OSError, RuntimeError) as error:
            why = f"Changes of files are not noticed any more ({error}); start again to see them."
            self._told(Reloaded(problems=(why,)))

    async def _watch(self, folders: frozenset[Path]) -> None:
        """Reload at each change in *folders*, until a reload has brought others."""
        # Production needs it only with --reload.
        from watchfiles import awatch  # noqa: PLC0415 - see above

        changes = awatch(
            *folders, watch_filter=self._sources.concerns, debounce=_DEBOUNCE_MS, step=_STEP_MS, recursive=False
        )
        async with aclosing(changes):
            # It is called when the first change is waited for: from then on nothing is missed.
            asyncio.get_running_loop().call_soon(self._catch_up)
            async for _ in changes:
                await self._reload_written()
                if self._sources.folders() != folders:
                    return

    def _catch_up(self) -> None:
        """Ask for a reload where files have changed since they were read, and nobody was watching."""
        # A folder that is gone will be told of by what watches it.
        with suppress(OSError):
            if self._read_at is not None and self._sources.changed_since(self._read_at):
                self.ask()


def _changed(old: Settings, new: Settings) -> tuple[str, ...]:
    names = [one.name for one in fields(Settings) if getattr(old, one.name) != getattr(new, one.name)]
    return tuple(_KEYS.get(name, name) for name in names if name not in _AT_ONCE)
