"""Where transcripts are, and which bots they are about."""

import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from botkit.errors import ConfigError
from botkit.testing.modules import Modules
from botkit.testing.transcripts.reader import read_transcript
from botkit.testing.transcripts.steps import Transcript

#: What the name of a transcript ends with.
SUFFIX: Final = ".chat.txt"
BOTS: Final = "bots.yaml"

_FOREIGN: Final = frozenset({"node_modules", "venv", "site-packages", "__pycache__"})


def find_transcripts(paths: Iterable[Path]) -> list[Path]:
    """The transcripts among *paths* and below them, in order; hidden folders and installed packages are left out."""
    found = dict.fromkeys(file for path in paths for file in ([path] if path.is_file() else sorted(_below(path))))
    return list(found)


def _below(folder: Path) -> Iterator[Path]:
    for here, folders, files in os.walk(folder):
        folders[:] = [name for name in folders if not name.startswith(".") and name not in _FOREIGN]
        yield from (Path(here) / name for name in files if name.endswith(SUFFIX))


def read_transcripts(files: Iterable[Path]) -> list[Transcript]:
    """Read *files*; one that cannot be read holds no test, and its mistakes."""
    return [_read(file) for file in files]


def _read(file: Path) -> Transcript:
    try:
        return read_transcript(_text(file), file=str(file))
    except ConfigError as error:
        return Transcript(file=str(file), mistakes=tuple(error.problems))


def _text(file: Path) -> str:
    try:
        return file.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise ConfigError(f"{file}: cannot be read ({error.strerror})") from error
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise ConfigError(f"{file}:{line}: this is not UTF-8; save the file as UTF-8") from error


def modules_for(transcript: Transcript, config: str | None) -> Modules:
    """The bots that *transcript* is about: *config*, or what its head names, or the nearest bots.yaml above it.

    Raises ConfigError where there is none.
    """
    if config is not None:
        return Modules(config)
    named = _named(transcript)
    if named is None:
        raise ConfigError(
            f"{transcript.file}: there is no {BOTS} here or above; name one with --config, "
            f"or write ! config {BOTS}, or ! config module:bot, in the first line"
        )
    return Modules(named, Path(transcript.file).resolve().parent)


def transcripts_of(config: str) -> list[Transcript]:
    """The transcripts in the folder of the file *config*, and below, that are about its bots."""
    file = Path(config)
    if not file.is_file():
        return []
    found = read_transcripts(find_transcripts([file.parent]))
    return [one for one in found if _is_about(one, file)]


def _is_about(transcript: Transcript, file: Path) -> bool:
    named = _named(transcript)
    return isinstance(named, Path) and named.resolve() == file.resolve()


def _named(transcript: Transcript) -> Path | str | None:
    """The bots.yaml or ``module:bot`` that the head of *transcript* names, or the nearest bots.yaml; None: neither."""
    folder = Path(transcript.file).resolve().parent
    if transcript.config is not None:
        named = folder / transcript.config
        return _short(named) if named.exists() else transcript.config
    return next((_short(above / BOTS) for above in (folder, *folder.parents) if (above / BOTS).is_file()), None)


def head_for(file: Path, config: str, bot: str | None) -> str:
    """The first lines of a new transcript in *file*, which say that it is about *config*, and about *bot*."""
    lines = []
    if Path(config).exists():
        if not _is_about(Transcript(file=str(file)), Path(config)):
            lines.append(f"! config {os.path.relpath(config, file.resolve().parent)}")
    else:
        lines.append(f"! config {config}")
    if bot is not None:
        lines.append(f"! bot {bot}")
    return "".join(f"{line}\n" for line in (*lines, "")) if lines else ""


def _short(path: Path) -> Path:
    """*path* as it is seen from here, where it is here."""
    here = Path.cwd()
    return path.relative_to(here) if path.is_relative_to(here) else path
