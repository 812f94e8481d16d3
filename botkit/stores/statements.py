"""Named SQL statements, read from the `.sql` files beside this module.

Both engines share the text. Where their dialects differ it has a token in braces, which an engine fills in:
``{greatest}`` (the larger of two values), ``{lock}`` and ``{skip_locked}`` (row locks, empty where there is one
writer), and in the schema ``{without_rowid}`` (rows are kept in the index of their key, as PostgreSQL cannot).
"""

import re
from collections.abc import Mapping
from importlib.resources import files
from typing import Final

_NAME: Final = re.compile(r"^-- name: (\w+)\n", re.MULTILINE)
_COMMENT: Final = re.compile(r"^--.*\n", re.MULTILINE)


class Statements:
    """The statements of one ``.sql`` file, as attributes by name.

    >>> statements = Statements("inbox", greatest="MAX", lock="", skip_locked="")
    >>> statements.anything_ready
    'SELECT 1 FROM conversations WHERE ready_at <= :now LIMIT 1'
    """

    def __init__(self, file: str, **tokens: str) -> None:
        text = (files("botkit.stores") / "sql" / f"{file}.sql").read_text("utf-8")
        names_and_bodies = _NAME.split(text)[1:]
        self._named: Mapping[str, str] = {
            name: _COMMENT.sub("", body).format(**tokens).strip().rstrip(";")
            for name, body in zip(names_and_bodies[::2], names_and_bodies[1::2], strict=True)
        }

    def __getattr__(self, name: str) -> str:
        try:
            return self._named[name]
        except KeyError:
            raise AttributeError(f"There is no statement {name!r}.") from None


def schema_steps(*, without_rowid: str = "") -> tuple[str, ...]:
    """The steps that make the schema, in order; a store has done as many of them as its version says."""
    folder = files("botkit.stores") / "sql" / "schema"
    names = sorted(file.name for file in folder.iterdir() if file.name.endswith(".sql"))
    return tuple((folder / name).read_text("utf-8").format(without_rowid=without_rowid) for name in names)
