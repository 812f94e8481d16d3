"""`botkit new`."""

from collections.abc import Mapping
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path
from string import Template
from typing import Final

import click

from botkit.errors import ConfigError

#: Each file of a new bot, and the template it is made from.
FILES: Final[Mapping[str, str]] = {
    "bots.yaml": "bots.yaml.txt",
    "handlers.py": "handlers.py.txt",
    "$name.chat.txt": "transcript.txt",
    "pyproject.toml": "pyproject.toml.txt",
    "README.md": "README.md.txt",
    ".gitignore": "gitignore.txt",
}
_LONGEST: Final = 60


@click.command(name="new")
@click.argument("name")
def command(name: str) -> None:
    r"""Make a bot called NAME in a folder of that name: one that runs, with a transcript that passes.

    \b
        botkit new shop
        cd shop
        botkit chat

    NAME has letters, digits, - and _, and begins with a letter. Nothing that is there is changed.
    """
    if not (name.isascii() and name[:1].isalpha() and name[-1:].isalnum() and _is_plain(name)) or len(name) > _LONGEST:
        raise ConfigError(
            f"{name[:_LONGEST]!r} cannot be a bot's name: write letters, digits, - and _, such as my-shop."
        )
    folder = Path(name)
    try:
        folder.mkdir()
    except FileExistsError:
        raise ConfigError(f"There is a {name} here already; choose another name, or move it away.") from None
    except OSError as error:
        raise ConfigError(f"The folder {name} cannot be made ({error.strerror}).") from error
    known = {"name": name, "version": version("botkit")}
    for file, template in FILES.items():
        text = (files("botkit.cli") / "template" / template).read_text("utf-8")
        path = folder / Template(file).substitute(known)
        path.write_text(Template(text).substitute(known), "utf-8")
        click.echo(f"  {path}")
    click.echo(f"Next: cd {name}, then botkit chat")


def _is_plain(name: str) -> bool:
    return all(letter.isalnum() or letter in "-_" for letter in name)
