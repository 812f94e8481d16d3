"""Reading bots.yaml from disk: the files, names and variables that `botkit.config` is given."""

import importlib
import os
import sys
from functools import partial
from pathlib import Path
from typing import Final

from botkit.bot import Bot
from botkit.config import Configuration, read
from botkit.errors import BotkitError, ConfigError, DefinitionError
from botkit.observe import Clock
from botkit.places import raised_in
from botkit.settings import Settings
from botkit.shelf import Shelf, user_shelf
from botkit.stores import Engine, open_store

#: Where bots with files of their own are, beside bots.yaml.
BOTS_FOLDER: Final = "bots"

_YAML: Final = (".yaml", ".yml")


def load_named(name: str | Path, *, secrets: bool, folder: Path | None = None) -> Configuration:
    """Read what *name* names: the path of a bots.yaml, or ``module:bot`` in *folder*; raises ConfigError."""
    if Path(name).suffix in _YAML or Path(name).exists():
        return load(name, secrets=secrets)
    if ":" in str(name):
        return load_bot(str(name), folder)
    raise ConfigError(f"There is no {name} here. Name a bots.yaml, or module:bot for a bot in Python.")


def load(path: str | Path, *, secrets: bool = True) -> Configuration:
    """Read the bots.yaml at *path*, and the bots in ``bots/NAME.yaml`` beside it.

    Names under ``python:`` are imported with its folder first on the path. With *secrets* the variables under
    ``vonage:`` are resolved. Raises ConfigError with every problem at once.
    """
    file = Path(path)
    folder = file.parent.resolve()
    if str(folder) not in sys.path:
        sys.path.insert(0, str(folder))
    return read(
        _content(file, "name another file with --config, or make a bot with botkit new NAME"),
        file=str(path),
        environment=os.environ,
        read_file=lambda name: (folder / name).read_bytes(),
        read_picture=partial(_picture, folder),
        import_name=import_name,
        secrets=secrets,
        beside={str(one): _content(one, "let it be read, or move it elsewhere") for one in bot_files(file)},
    )


def _picture(folder: Path, name: str) -> bytes:
    """The content of the file called *name*, which is in *folder* or below it, also where links lead."""
    file = (folder / name).resolve()
    if not file.is_relative_to(folder):
        told = "leads out of the folder of bots.yaml, and pictures are served to everybody; put a copy into it"
        raise DefinitionError(f"{name:.80} {told}")
    return file.read_bytes()


def bot_files(path: str | Path) -> list[Path]:
    """The files beside the bots.yaml at *path* that are one bot each: ``bots/NAME.yaml``, in the order of their names.

    Hidden files are none: editors keep what is not saved yet in such.
    """
    folder = Path(path).parent / BOTS_FOLDER
    found = [one for one in folder.iterdir() if one.suffix in _YAML] if folder.is_dir() else []
    return sorted(one for one in found if not one.name.startswith("."))


def _content(file: Path, otherwise: str) -> bytes:
    try:
        return file.read_bytes()
    except OSError as error:
        raise ConfigError(f"{file}: cannot be read ({error.strerror}); {otherwise}.") from error


def import_name(name: str) -> object:
    """Import ``module:attribute``; raises ConfigError in words for what is not there, or whatever the module raises.

    What a definition in the module is refused with passes as it is.
    """
    module_name, _, attribute = name.partition(":")
    if not module_name or not attribute:
        raise ConfigError(f"{name!r} is not of the form module:bot, such as examples.shop:bot.")
    try:
        found: object = importlib.import_module(module_name)
    except BotkitError:
        raise
    except (Exception, SystemExit) as error:  # a module of the author's may raise anything
        if isinstance(error, ModuleNotFoundError) and error.name and module_name.startswith(error.name):
            raise ConfigError(f"there is no module {error.name!r} to import {name!r} from") from error
        raise ConfigError(f"importing {name} failed: {raised_in(error)}") from error
    for part in attribute.split("."):
        if not hasattr(found, part):
            raise ConfigError(f"module {module_name!r} has no {part!r}, which {name!r} names")
        found = getattr(found, part)
    return found


def load_bot(name: str, folder: Path | None = None) -> Configuration:
    """The bot that ``module:bot`` names, with the default settings; *folder* (default: here) is first on the path."""
    first = str(folder or Path.cwd())
    if first not in sys.path:
        sys.path.insert(0, first)
    found = import_name(name)
    if not isinstance(found, Bot):
        raise ConfigError(f"{name} is a {type(found).__name__}, not a Bot.")
    return Configuration(settings=Settings(), bots=(found,), warnings=tuple(map(str, found.router.warnings)))


def store_of(settings: Settings, clock: Clock, *, owner: bool = True) -> Engine:
    """The store that *settings* name, still to be opened; *owner* False: beside the process that runs the bots."""
    return open_store(
        settings.store,
        clock=clock,
        lease_seconds=settings.lease_seconds,
        doubt_seconds=settings.doubt_seconds,
        keep_days=settings.keep_days,
        owner=owner,
    )


def models() -> Shelf:
    """Where this user's commands keep what bots have learned."""
    return user_shelf(os.environ, Path.home())
