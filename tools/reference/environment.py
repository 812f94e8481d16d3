"""The environment variables."""

import ast
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

import botkit

#: Whatever is called so is one of ours, wherever it is looked up.
_OWN: Final = re.compile("BOTKIT_[A-Z_]+")
#: What each environment variable that the package itself reads is for.
ENVIRONMENT: Final[Mapping[str, str]] = {
    "BOTKIT_PUBLIC_URL": "What `botkit run` takes for `--public-url` where that is not given.",
    "BOTKIT_STALL_SECONDS": (
        "For how many seconds a handler may hold up the event loop before the process starts again in its place.\n"
        "Default 60; 0: for ever."
    ),
    "LOCALAPPDATA": "On Windows, where what was learned from phrases is kept: in the folder `botkit` below it.",
    "NO_COLOR": "Whatever its value, the terminal is not coloured; see [no-color.org](https://no-color.org).",
    "XDG_CACHE_HOME": (
        "Where what was learned from phrases is kept: in the folder `botkit` below it. Without it that is `~/.cache`,\n"
        "on macOS `~/Library/Caches`."
    ),
}


def environment_page() -> str:
    """The environment variables that the package reads."""
    text = [
        "# Environment variables",
        "A bots.yaml may name variables as `${NAME}` in `store:`, `server:`, `vonage:`, `handover:` and `lookups:`.",
        "Those below mean something to botkit itself.",
    ]
    return "\n\n".join([*text, *(f"## {name}\n\n{ENVIRONMENT[name]}" for name in sorted(variables()))])


def variables() -> set[str]:
    """The names that the package's code looks up in the environment."""
    return {
        name
        for file in Path(botkit.__file__).parent.rglob("*.py")
        for name in _read_in(ast.parse(file.read_text("utf-8")))
    }


def _read_in(module: ast.Module) -> Iterator[str]:
    for node in ast.walk(module):
        match node:
            case ast.Call(func=ast.Attribute(value=place, attr="get"), args=[ast.Constant(value=str() as name), *_]):
                pass
            case ast.Subscript(value=place, slice=ast.Constant(value=str() as name)):
                pass
            case ast.keyword(arg="envvar", value=ast.Constant(value=str() as name)):
                yield name
                continue
            case ast.Constant(value=str() as name) if _OWN.fullmatch(name):
                yield name
                continue
            case _:
                continue
        # A function that takes the environment calls it so.
        if ast.unparse(place) in ("os.environ", "environment"):
            yield name
